import { setTimeout as sleep } from 'node:timers/promises';
import { updateEveryMs, updatesAtOnce } from './limits.ts';

/** Keeps all changes of all messages together within what Slack takes. */
export interface UpdatePace {
  /** Waits until there is room for a change that another may follow. */
  room(): Promise<void>;
  /** Waits until changes are possible at all: what is final needs no room. */
  unblocked(): Promise<void>;
  /** A change is made. */
  count(): void;
  /** Nothing may be changed for so long. */
  block(ms: number): void;
}

export function createUpdatePace(): UpdatePace {
  let left = updatesAtOnce;
  let filledAt = performance.now();
  let blockedUntil = 0;
  const refill = (): void => {
    const now = performance.now();
    left = Math.min(updatesAtOnce, left + (now - filledAt) / updateEveryMs);
    filledAt = now;
  };
  const unblocked = async (): Promise<void> => {
    for (let ms = blockedUntil - performance.now(); ms > 0; ms = blockedUntil - performance.now()) {
      await sleep(ms, undefined, { ref: false });
    }
  };
  return {
    unblocked,
    async room() {
      for (;;) {
        await unblocked();
        refill();
        if (left >= 1) return;
        await sleep((1 - left) * updateEveryMs, undefined, { ref: false });
      }
    },
    count() {
      refill();
      left -= 1;
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, performance.now() + ms);
    },
  };
}
