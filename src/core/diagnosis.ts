import type { Check } from './check.ts';
import type { Clock } from './clock.ts';
import { diagnoseEntry, type EntryDiagnosis, type EntryState } from './diagnose.ts';
import type { Grace } from './entry.ts';
import type { Person } from './evidence.ts';
import type { SourceReport } from './gather/ask.ts';
import { gather, type GatherSettings } from './gather.ts';
import type { Sources } from './ports.ts';
import type { Query } from './query.ts';
import type { Reading } from './reading.ts';

/** The answer to `/server-status <who>`: everything about one person's purchases, as far as it could be read. */
export interface Diagnosis {
  readonly query: Query;
  /** The person the query led to; `null`: nobody. */
  readonly person: Reading<Person | null>;
  /** `null` when nobody was found or it could not be found out. */
  readonly userId: string | null;
  readonly state: EntryState;
  /** The broken entry whose verdict stands at the top, if any. */
  readonly top: EntryDiagnosis | null;
  /** Newest first; an entry for the person alone where there is nothing else. Never empty. */
  readonly entries: readonly EntryDiagnosis[];
  readonly sources: readonly SourceReport[];
  readonly madeAt: Date;
  readonly durationMs: number;
}

/** What a diagnosis is made with. */
export interface Doctor {
  readonly checks: readonly Check[];
  readonly sources: Sources;
  readonly settings: GatherSettings;
  readonly grace: Grace;
  readonly clock: Clock;
}

/** Diagnoses everything about the person behind a query; answers within the deadline, whatever is broken outside. */
export async function diagnose(query: Query, doctor: Doctor): Promise<Diagnosis> {
  const startedAt = performance.now();
  const moment = { now: doctor.clock.now(), grace: doctor.grace };
  const gathered = await gather(query, doctor.sources, doctor.settings, moment);
  const entries = gathered.entries.map(({ subject, readings }) =>
    diagnoseEntry(doctor.checks, subject, readings, moment),
  );
  return {
    query,
    person: gathered.person,
    userId: gathered.userId,
    ...summarize(entries),
    entries,
    sources: gathered.sources,
    madeAt: moment.now,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

const stateRank: Readonly<Record<EntryState, number>> = { broken: 0, unknown: 1, in_progress: 2, healthy: 3 };

/**
 * The state and the verdict at the top: the worst of the entries, and the verdict of the newest broken one. Entries
 * that have ended count only when there is no other.
 */
export function summarize(entries: readonly EntryDiagnosis[]): {
  readonly state: EntryState;
  readonly top: EntryDiagnosis | null;
} {
  const living = entries.filter((entry) => !entry.ended);
  const counted = living.length > 0 ? living : entries;
  const state = counted
    .map((entry) => entry.state)
    .reduce<EntryState>((worst, next) => (stateRank[next] < stateRank[worst] ? next : worst), 'healthy');
  return { state, top: counted.find((entry) => entry.state === 'broken') ?? null };
}

/** When the entry came to be, for sorting and showing; `null` for the person alone. */
export function startedAtOf(entry: EntryDiagnosis): Date | null {
  switch (entry.subject.kind) {
    case 'order':
      return entry.subject.order.createdAt;
    case 'session':
      return entry.subject.session.createdAt;
    case 'person':
      return null;
  }
}
