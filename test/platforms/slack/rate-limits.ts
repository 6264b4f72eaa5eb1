import type { WorldClock } from '../../../src/sandbox/clock.ts';

/** The tier of a Web API method; `post` is the limit per channel of chat.postMessage. */
export type Tier = 'tier2' | 'tier3' | 'tier4' | 'post' | 'none';

/** Calls per minute and method, and messages per channel: https://docs.slack.dev/apis/web-api/rate-limits */
export interface RateLimits {
  readonly tier2: number;
  readonly tier3: number;
  readonly tier4: number;
  /** Messages a channel takes at once; one more each second. */
  readonly postBurst: number;
}

export const SLACK_RATE_LIMITS: RateLimits = { tier2: 20, tier3: 50, tier4: 100, postBurst: 5 };

const MINUTE_MS = 60_000;
const POST_REFILL_MS = 1000;

/** Counts calls. Answers null when a call is within its limit, else the seconds to wait. */
export interface RateCounter {
  take(method: string, tier: Tier, channel: string): number | null;
}

export function createRateCounter(clock: WorldClock, limits: RateLimits | null): RateCounter {
  const calls = new Map<string, number[]>();
  return {
    take(method, tier, channel) {
      if (limits === null || tier === 'none') return null;
      const now = clock.now();
      const isPost = tier === 'post';
      const allowed = isPost ? limits.postBurst : limits[tier];
      const windowMs = isPost ? limits.postBurst * POST_REFILL_MS : MINUTE_MS;
      const key = isPost ? `${method} ${channel}` : method;
      const recent = (calls.get(key) ?? []).filter((at) => at > now - windowMs);
      calls.set(key, recent);
      const [oldest = now] = recent;
      if (recent.length >= allowed) return Math.max(1, Math.ceil((oldest + windowMs - now) / 1000));
      recent.push(now);
      return null;
    },
  };
}
