import { setTimeout as sleep } from 'node:timers/promises';
import { updateEveryMs, updatesAtOnce } from './limits.ts';

/** Keeps all changes of all messages together within what Slack takes. */
export interface UpdatePace {
  /** Waits for the turn of a change that another may follow. */
  turn(): Promise<void>;
  /** A last change does not wait for its turn, but counts. */
  count(): void;
  /** Nothing may be changed for so long. */
  block(ms: number): void;
  /** Waits until changes are possible at all. */
  unblocked(): Promise<void>;
}

export function createUpdatePace(): UpdatePace {
  let tokens = updatesAtOnce;
  let filledAt = performance.now();
  let blockedUntil = 0;
  const refill = (): void => {
    const now = performance.now();
    tokens = Math.min(updatesAtOnce, tokens + (now - filledAt) / updateEveryMs);
    filledAt = now;
  };
  const unblocked = async (): Promise<void> => {
    while (blockedUntil > performance.now()) await sleep(blockedUntil - performance.now(), undefined, { ref: false });
  };
  return {
    async turn() {
      await unblocked();
      refill();
      tokens -= 1;
      if (tokens < 0) await sleep(-tokens * updateEveryMs, undefined, { ref: false });
    },
    count() {
      refill();
      tokens -= 1;
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, performance.now() + ms);
    },
    unblocked,
  };
}
