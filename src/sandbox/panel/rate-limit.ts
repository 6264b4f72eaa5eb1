import type { WorldClock } from '../clock.ts';

const WINDOW_MS = 60_000;

/** What one call may know about its window. */
export interface Quota {
  readonly isExceeded: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Fixed windows of a minute, each starting at its first call. */
export interface RateLimiter {
  take(name: string, perMinute: number): Quota;
  /** Forgets every window, as if a minute had passed. */
  clear(): void;
}

export function createRateLimiter(clock: WorldClock): RateLimiter {
  const windows = new Map<string, { startedAt: number; calls: number }>();
  return {
    take(name, perMinute) {
      const now = clock.now();
      let window = windows.get(name);
      // A window that lies in the future was opened before the clock travelled back.
      if (window === undefined || now < window.startedAt || now >= window.startedAt + WINDOW_MS) {
        window = { startedAt: now, calls: 0 };
        windows.set(name, window);
      }
      const isExceeded = window.calls >= perMinute;
      if (!isExceeded) window.calls += 1;
      const headers: Record<string, string> = {
        'X-RateLimit-Limit': String(perMinute),
        'X-RateLimit-Remaining': String(Math.max(perMinute - window.calls, 0)),
      };
      if (isExceeded) {
        const endsAt = window.startedAt + WINDOW_MS;
        headers['Retry-After'] = String(Math.ceil((endsAt - now) / 1000));
        headers['X-RateLimit-Reset'] = String(Math.ceil(endsAt / 1000));
      }
      return { isExceeded, headers };
    },
    clear: () => windows.clear(),
  };
}
