import type { Clock } from '../../core/clock.ts';
import { mostRemembered, rememberedMs } from './limits.ts';

/** Remembers what has been taken on: Slack sends an event again when its acknowledgement was lost. */
export type SeenBefore = (id: string) => boolean;

/** Answers whether an id came before, and remembers it. */
export function createSeenBefore(clock: Clock): SeenBefore {
  const seen = new Map<string, number>();
  return (id) => {
    const now = clock.now().getTime();
    for (const [oldest, untilMs] of seen) {
      if (untilMs > now && seen.size < mostRemembered) break;
      seen.delete(oldest);
    }
    const isKnown = seen.has(id);
    if (!isKnown) seen.set(id, now + rememberedMs);
    return isKnown;
  };
}
