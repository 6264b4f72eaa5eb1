import type { Moment } from '../../src/core/entry.ts';

/** The moment every unit test stands at. */
export const NOW = new Date('2026-11-24T12:00:00.000Z');

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A moment the given milliseconds before {@link NOW}. */
export function ago(ms: number): Date {
  return new Date(NOW.getTime() - ms);
}

export const MOMENT: Moment = {
  now: NOW,
  grace: { paidMs: 2 * MINUTE, provisioningMs: 5 * MINUTE, installingMs: 15 * MINUTE },
};
