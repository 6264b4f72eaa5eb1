import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionEngine } from './act.ts';
import type { ClaimRecord } from './claim.ts';

/**
 * Looks on while somebody else acts, in this process or another, from the store alone: `show` gets the claim whenever
 * more is known. Answers with the claim as it ended, or as it stood when it had been followed for long enough; `null`:
 * it is gone.
 */
export async function lookOn(
  claim: ClaimRecord,
  engine: ActionEngine,
  show: (claim: ClaimRecord) => void,
): Promise<ClaimRecord | null> {
  const { settings, store, stopping } = engine;
  const giveUpAt = performance.now() + settings.followMs;
  let shown = '';
  for (let seen = claim; ;) {
    if (seen.closedAt !== null || stopping?.aborted === true || performance.now() >= giveUpAt) return seen;
    const known = JSON.stringify([seen.steps, seen.outcome]);
    if (known !== shown) show(seen);
    shown = known;
    await sleep(settings.pollMs, undefined, stopping === undefined ? {} : { signal: stopping }).catch(() => undefined);
    const read = await store.claims.byId(claim.id);
    if (read.ok && read.value === null) return null;
    if (read.ok && read.value !== null) seen = read.value;
  }
}
