import type { ClaimRecord } from '../../src/core/claim.ts';
import type { Clock } from '../../src/core/clock.ts';
import { succeed } from '../../src/core/result.ts';
import type { Store, StoreAnswer } from '../../src/core/store-ports.ts';

/** From a moment of the machine on, the world is this far ahead of it. */
export interface Skip {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** The machine's time, plus what a test has skipped so far. Another process is told by the list of skips. */
export interface WorldTime extends Clock {
  readonly skips: readonly Skip[];
  skip(ms: number): void;
  /** When that moment of the machine was in the world. */
  worldOf(machineAt: Date): Date;
}

export function createWorldTime(known: readonly Skip[] = []): WorldTime {
  const skips: Skip[] = [...known];
  const worldOf = (machineAt: Date): Date => {
    const offsetMs = skips.findLast(({ fromMs }) => fromMs <= machineAt.getTime())?.offsetMs ?? 0;
    return new Date(machineAt.getTime() + offsetMs);
  };
  return {
    skips,
    worldOf,
    now: () => worldOf(new Date()),
    skip(ms) {
      skips.push({ fromMs: Date.now(), offsetMs: (skips.at(-1)?.offsetMs ?? 0) + ms });
    },
  };
}

/** The store's database stamps its rows with the machine's time: tells them in the world's. */
export function inWorldTime(store: Store, time: WorldTime): Store {
  const inWorld = (claim: ClaimRecord): ClaimRecord => ({
    ...claim,
    takenAt: time.worldOf(claim.takenAt),
    closedAt: claim.closedAt === null ? null : time.worldOf(claim.closedAt),
    steps: claim.steps.map((step) => ({
      ...step,
      begunAt: time.worldOf(step.begunAt),
      endedAt: step.endedAt === null ? null : time.worldOf(step.endedAt),
    })),
  });
  const one = async (asked: StoreAnswer<ClaimRecord | null>): StoreAnswer<ClaimRecord | null> => {
    const answer = await asked;
    return answer.ok && answer.value !== null ? succeed(inWorld(answer.value)) : answer;
  };
  const many = async (asked: StoreAnswer<readonly ClaimRecord[]>): StoreAnswer<readonly ClaimRecord[]> => {
    const answer = await asked;
    return answer.ok ? succeed(answer.value.map(inWorld)) : answer;
  };
  const { claims } = store;
  return {
    ...store,
    claims: {
      ...claims,
      async take(request) {
        const taken = await claims.take(request);
        return taken.ok ? succeed({ ...taken.value, claim: inWorld(taken.value.claim) }) : taken;
      },
      takeOver: (claimId, holder, holdMs) => one(claims.takeOver(claimId, holder, holdMs)),
      byId: (claimId) => one(claims.byId(claimId)),
      liveOf: (subject) => one(claims.liveOf(subject)),
      abandoned: () => many(claims.abandoned()),
      async recentOf(subject, since) {
        // The world is never behind the machine, so whatever the world calls recent is asked for.
        const skippedMs = time.skips.at(-1)?.offsetMs ?? 0;
        const recent = await many(claims.recentOf(subject, new Date(since.getTime() - skippedMs)));
        return recent.ok ? succeed(recent.value.filter(({ takenAt }) => takenAt >= since)) : recent;
      },
    },
  };
}
