import { type SourceId, sourceIds, type UpstreamFailure } from '../failure.ts';
import type { Answer } from '../ports.ts';
import { type Reading, readingOf, unknown } from '../reading.ts';

/** How a source behaved during one diagnosis. */
export interface SourceReport {
  readonly source: SourceId;
  readonly status: 'ok' | 'failed' | 'not_configured';
  /** The first failure; `null` unless failed. */
  readonly failure: UpstreamFailure | null;
  /** From the first question to the last answer, in milliseconds; `null` when it was not asked. */
  readonly ms: number | null;
}

/** Asks the sources under one deadline and keeps account of how each behaved. */
export interface Asker {
  /** One question; unknown when the source fails or the deadline passes first. `null` port: not configured. */
  ask<P, T>(
    source: SourceId,
    port: P | null,
    question: (port: P, signal: AbortSignal) => Answer<T>,
  ): Promise<Reading<T>>;
  reports(): readonly SourceReport[];
  /** Ends every question still open. */
  close(): void;
}

/** Failures that say something about one question, not about the source. */
function isPartial(failure: UpstreamFailure): boolean {
  return failure.kind === 'not-provided';
}

/** An asker whose questions all end at the latest `deadlineMs` from now. */
export function createAsker(deadlineMs: number): Asker {
  const startedAt = performance.now();
  const controller = new AbortController();
  const seen = new Map<SourceId, { first: number; last: number; failure: UpstreamFailure | null }>();
  const unconfigured = new Set<SourceId>();
  const deadline = Promise.withResolvers<'deadline'>();
  const timer = setTimeout(() => {
    deadline.resolve('deadline');
    controller.abort();
  }, deadlineMs);

  function note(source: SourceId, from: number, failure: UpstreamFailure | null): void {
    const now = performance.now();
    const entry = seen.get(source) ?? { first: from, last: now, failure: null };
    entry.last = Math.max(entry.last, now);
    if (failure !== null && !isPartial(failure)) entry.failure ??= failure;
    seen.set(source, entry);
  }

  return {
    async ask(source, port, question) {
      if (port === null) {
        unconfigured.add(source);
        return unknown({ source, kind: 'not-configured' });
      }
      const from = performance.now();
      // What could no longer be asked is not that source's fault: another one used up the time.
      if (controller.signal.aborted)
        return unknown({ source, kind: 'not-provided', what: 'an answer: no time was left' });
      const answer = await Promise.race([question(port, controller.signal), deadline.promise]);
      if (answer === 'deadline') {
        const failure: UpstreamFailure = { source, kind: 'timed-out', afterMs: Math.round(performance.now() - from) };
        note(source, from, failure);
        return unknown(failure);
      }
      note(source, from, answer.ok ? null : answer.failure);
      return readingOf(answer);
    },
    reports: () =>
      sourceIds.map((source) => {
        const entry = seen.get(source);
        if (entry === undefined) {
          return { source, status: unconfigured.has(source) ? 'not_configured' : 'ok', failure: null, ms: null };
        }
        return {
          source,
          status: entry.failure === null ? 'ok' : 'failed',
          failure: entry.failure,
          ms: Math.round(entry.last - Math.max(entry.first, startedAt)),
        };
      }),
    close() {
      clearTimeout(timer);
      deadline.resolve('deadline');
      controller.abort();
    },
  };
}
