import type { Clock } from '../../core/clock.ts';
import { responseUrlLastsMs, responseUrlUses } from './limits.ts';

/** A `response_url` and what is left of it. It is a secret: it lives in memory only. */
export interface ReplyUrl {
  readonly url: string;
  /** Takes one use, as long as `keep` are left for what comes later; false: there is none. */
  take(keep?: number): boolean;
}

export function createReplyUrl(url: string, clock: Clock): ReplyUrl {
  const untilMs = clock.now().getTime() + responseUrlLastsMs;
  let usesLeft = responseUrlUses;
  return {
    url,
    take(keep = 0) {
      if (usesLeft <= keep || clock.now().getTime() >= untilMs) return false;
      usesLeft -= 1;
      return true;
    },
  };
}
