import { describe, expect, test } from 'vitest';
import type { ActionEngine } from '../../../src/core/act.ts';
import type { ClaimRecord } from '../../../src/core/claim.ts';
import { lookOn } from '../../../src/core/look-on.ts';
import type { ClaimStore } from '../../../src/core/store-ports.ts';
import { aClaim, anActor, aPort, aStep, EXECUTION_MAX } from '../../builders/actions.ts';
import { NOW } from '../../builders/time.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

/** An engine whose store tells one state of the claim after the other, and then the last one again and again. */
function anEngine(
  states: readonly (ClaimRecord | null)[],
  over: { readonly followMs?: number; readonly stopping?: AbortSignal } = {},
): ActionEngine {
  const { followMs = 10_000, ...rest } = over;
  let looks = -1;
  return {
    ...aPort<ActionEngine>('the engine'),
    store: {
      ...createMemoryStore(),
      claims: aPort<ClaimStore>('claims', {
        byId: async () => {
          looks = Math.min(looks + 1, states.length - 1);
          return { ok: true, value: states[looks] ?? null };
        },
      }),
    },
    settings: { executionMaxMs: EXECUTION_MAX, holdMs: 1000, pollMs: 1, followMs },
    ...rest,
  };
}

const claim = aClaim({ actor: anActor({ name: 'Sam' }) });
const begun = { ...claim, steps: [aStep('invoke', null)] };
const applied = { kind: 'applied', words: 'It is there.' } as const;
const closed = { ...claim, steps: [aStep('invoke')], outcome: applied, closedAt: NOW };

describe('looking on while somebody else acts', () => {
  test('shows every change once, and ends with the claim as it ended', async () => {
    const shown: ClaimRecord[] = [];
    const ended = await lookOn(claim, anEngine([claim, begun, begun, closed]), (one) => shown.push(one));
    expect(shown).toEqual([claim, begun]);
    expect(ended).toBe(closed);
  });

  test('ends with the claim as it stands once it has been followed for long enough', async () => {
    expect(await lookOn(claim, anEngine([begun], { followMs: 20 }), () => undefined)).toMatchObject({ closedAt: null });
  });

  test('ends at once when the program stops', async () => {
    const stopping = AbortSignal.abort();
    expect(await lookOn(begun, anEngine([begun], { stopping }), () => undefined)).toBe(begun);
  });

  test('ends with nothing when the claim is gone', async () => {
    expect(await lookOn(claim, anEngine([null]), () => undefined)).toBeNull();
  });
});
