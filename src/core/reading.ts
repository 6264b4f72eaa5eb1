import type { SourceId, UpstreamFailure } from './failure.ts';
import type { Result } from './result.ts';

/** One thing that was seen, as staff may read it. `text` may hold foreign words: renderers escape it. */
export interface EvidenceItem {
  readonly source: SourceId;
  /** When what it tells happened; `null` when it is simply so now. */
  readonly at: Date | null;
  readonly text: string;
  /** What it speaks of, so that a link can lead a person there; `null` when there is no such page. */
  readonly ref: EvidenceRef | null;
}

/** A thing in an outside system that has a page of its own. */
export type EvidenceRef =
  | {
      readonly kind:
        | 'session'
        | 'subscription'
        | 'invoice'
        | 'payment-intent'
        | 'charge'
        | 'event'
        | 'endpoint'
        | 'customer';
      readonly id: string;
    }
  | { readonly kind: 'order' | 'person'; readonly id: string }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'function'; readonly slug: string }
  | { readonly kind: 'function-logs' | 'function-secrets' }
  | { readonly kind: 'panel-server' | 'panel-user' | 'panel-node' | 'panel-nest' | 'panel-egg'; readonly id: number };

/**
 * One piece of evidence. A known value may be `null`: looked, and absent. Unknown means that nobody could look;
 * it is never read as "absent" nor as "fine".
 */
export type Reading<T> =
  | { readonly kind: 'known'; readonly value: T }
  | { readonly kind: 'unknown'; readonly failure: UpstreamFailure };

/** The value type of a reading. */
export type Known<R> = Extract<R, { readonly kind: 'known' }> extends { readonly value: infer T } ? T : never;

export function known<T>(value: T): Reading<T> {
  return { kind: 'known', value };
}

export function unknown(failure: UpstreamFailure): { readonly kind: 'unknown'; readonly failure: UpstreamFailure } {
  return { kind: 'unknown', failure };
}

export function readingOf<T>(result: Result<T, UpstreamFailure>): Reading<T> {
  return result.ok ? known(result.value) : unknown(result.failure);
}

/** Turns a known value into another; stays unknown otherwise. */
export function mapReading<T, U>(reading: Reading<T>, map: (value: T) => U): Reading<U> {
  return reading.kind === 'known' ? known(map(reading.value)) : reading;
}

/** The value when it is known, else `null`; only for what merely enriches a sentence. */
export function valueOrNull<T>(reading: Reading<T>): T | null {
  return reading.kind === 'known' ? reading.value : null;
}
