import type { WorldClock } from '../../../src/sandbox/clock.ts';

/** How many requests one bucket takes in a window that its first request opens. */
export interface RateRule {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateAnswer {
  /** Headers every answer of the route carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set when the request is one too many. */
  readonly tooMany: { readonly retryAfterMs: number; readonly scope: 'user' | 'global' } | null;
}

export interface RateLimits {
  /** Overrides the rule of a route, written like `POST /channels/:channel/messages`; `global` is the whole bot's. */
  set(route: string, rule: RateRule): void;
  /** Counts a request. `major` is the id the bucket belongs to; `null` exempts from the global limit. */
  count(route: string, major: string, isGlobal: boolean): RateAnswer;
}

// Discord publishes no figures of routes, only the global one; these are those its headers have shown for long:
// https://docs.discord.com/developers/topics/rate-limits
const usual: Readonly<Record<string, RateRule>> = {
  global: { limit: 50, windowMs: 1000 },
  'POST /channels/:channel/messages': { limit: 5, windowMs: 5000 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, windowMs: 5000 },
  'POST /webhooks/:application/:token': { limit: 5, windowMs: 2000 },
  'PATCH /webhooks/:application/:token/messages/:message': { limit: 5, windowMs: 2000 },
};
const otherwise: RateRule = { limit: 30, windowMs: 5000 };

export function createRateLimits(clock: WorldClock): RateLimits {
  const rules = new Map(Object.entries(usual));
  const windows = new Map<string, { endsAt: number; used: number }>();

  const take = (key: string, { limit, windowMs }: RateRule): { readonly left: number; readonly endsAt: number } => {
    const now = clock.now();
    let window = windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + windowMs, used: 0 };
      windows.set(key, window);
    }
    if (window.used > limit) return { left: -1, endsAt: window.endsAt };
    window.used += 1;
    return { left: limit - window.used, endsAt: window.endsAt };
  };

  return {
    set(route, rule) {
      rules.set(route, rule);
      windows.clear();
    },
    count(route, major, isGlobal) {
      const now = clock.now();
      if (isGlobal) {
        const { left, endsAt } = take('global', rules.get('global') ?? otherwise);
        if (left < 0) {
          return {
            headers: { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' },
            tooMany: { retryAfterMs: endsAt - now, scope: 'global' },
          };
        }
      }
      const rule = rules.get(route) ?? otherwise;
      const { left, endsAt } = take(`${route} ${major}`, rule);
      const headers = {
        'x-ratelimit-limit': String(rule.limit),
        'x-ratelimit-remaining': String(Math.max(0, left)),
        'x-ratelimit-reset': (endsAt / 1000).toFixed(3),
        'x-ratelimit-reset-after': ((endsAt - now) / 1000).toFixed(3),
        'x-ratelimit-bucket': Buffer.from(route).toString('hex').slice(0, 32),
      };
      if (left >= 0) return { headers, tooMany: null };
      return {
        headers: { ...headers, 'x-ratelimit-scope': 'user' },
        tooMany: { retryAfterMs: endsAt - now, scope: 'user' },
      };
    },
  };
}
