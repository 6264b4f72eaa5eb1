import type { EntrySubject, Moment } from './entry.ts';
import type { EntryReadings, ReadingKey } from './evidence.ts';
import type { UpstreamFailure } from './failure.ts';
import type { EvidenceItem, Known } from './reading.ts';
import type { Stage } from './stage.ts';

export type Severity = 'critical' | 'warning' | 'notice';
export type Role = 'cause' | 'symptom' | 'notice';
export type Confidence = 'confirmed' | 'likely';

/** Whether a cause is seen live now, was seen live to be gone, or only its past is known. */
export type Standing = 'standing' | 'unseen' | 'cleared';

/** What cures a finding. Actions arrive with their own files; a check only names one. */
export type ActionId =
  | 'retry-provisioning'
  | 'create-panel-account'
  | 'redeliver-webhook'
  | 'enable-endpoint'
  | 'link-server'
  | 'restore-status'
  | 'reinstall-server'
  | 'vouch';

/** What a check found: facts, never words. */
export interface Found<F> {
  readonly kind: 'found';
  readonly facts: F;
  readonly confidence: Confidence;
  readonly standing: Standing;
  readonly evidence: readonly EvidenceItem[];
  /** Given where this instance weighs other than the check usually does. */
  readonly role?: Role;
  readonly severity?: Severity;
}

/** How a check ends. Missing evidence is `inconclusive`, never `passed`; `passed` means it was examined. */
export type Outcome<F = unknown> =
  | { readonly kind: 'passed' }
  | Found<F>
  | { readonly kind: 'inconclusive'; readonly failure: UpstreamFailure }
  | { readonly kind: 'not-applicable' };

export const passed = { kind: 'passed' } as const;
export const notApplicable = { kind: 'not-applicable' } as const;

/** A finding. A cause is `standing` unless said otherwise: most are seen live. */
export function found<F>(finding: Omit<Found<F>, 'kind' | 'standing'> & { readonly standing?: Standing }): Found<F> {
  return { kind: 'found', standing: 'standing', ...finding };
}

/** For a reading that a check looks at by itself (`uses`) and cannot do without after all. */
export function inconclusive(failure: UpstreamFailure): {
  readonly kind: 'inconclusive';
  readonly failure: UpstreamFailure;
} {
  return { kind: 'inconclusive', failure };
}

/** The three parts of every explanation for staff: what is wrong, why that matters, what to do next. */
export interface Explanation {
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

interface CheckWords<F> {
  /** File name, test name and page name. */
  readonly id: string;
  /** Public and stable: on every card, in every log and link. Never reused. */
  readonly code: string;
  readonly stage: Stage;
  readonly role: Role;
  readonly severity: Severity;
  readonly title: string;
  explain(facts: F): Explanation;
  /** For the customer: names no internal system, blames nobody, promises no time. */
  tellCustomer(facts: F): string;
  readonly remediation: ActionId | null;
  /** `details`: not in the first view of a card. `last-resort`: dropped where any cause was found. */
  readonly shown?: 'details' | 'last-resort';
}

/** What a check file gives to {@link defineCheck}. */
export interface CheckSpec<
  S extends EntrySubject['kind'],
  N extends ReadingKey,
  U extends ReadingKey,
  F,
> extends CheckWords<F> {
  /** The kinds of entry it speaks of; for others it does not apply. */
  readonly on: readonly S[];
  /** Readings that must be known: any unknown one makes the check inconclusive. Asking for others does not compile. */
  readonly needs: readonly N[];
  /** Readings it looks at whether known or not. */
  readonly uses?: readonly U[];
  /** Asked before the readings: where it says false the check does not apply, whatever could not be read. */
  appliesTo?(subject: Extract<EntrySubject, { kind: S }>, moment: Moment): boolean;
  /** Pure. Gets what it needs unwrapped, what it uses as readings. */
  evaluate(
    readings: { readonly [K in N]: Known<EntryReadings[K]> } & { readonly [K in U]: EntryReadings[K] },
    subject: Extract<EntrySubject, { kind: S }>,
    moment: Moment,
  ): Outcome<F>;
}

/** A finding with its words, as every part after the checks knows it. */
export interface Finding {
  readonly code: string;
  readonly checkId: string;
  readonly stage: Stage;
  readonly role: Role;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly standing: Standing;
  readonly title: string;
  readonly explanation: Explanation;
  readonly customerWords: string;
  readonly evidence: readonly EvidenceItem[];
  readonly remediation: ActionId | null;
  readonly shown: 'always' | 'details' | 'last-resort';
}

/** A check's outcome in the form the diagnosis works with. */
export type CheckResult =
  | { readonly kind: 'passed' | 'not-applicable' }
  | { readonly kind: 'found'; readonly finding: Finding }
  | { readonly kind: 'inconclusive'; readonly failure: UpstreamFailure };

/** A check as the list holds it: its facts are its own affair. */
export interface Check {
  readonly id: string;
  readonly code: string;
  readonly stage: Stage;
  readonly role: Role;
  readonly severity: Severity;
  readonly title: string;
  readonly remediation: ActionId | null;
  readonly needs: readonly ReadingKey[];
  readonly uses: readonly ReadingKey[];
  run(readings: EntryReadings, subject: EntrySubject, moment: Moment): CheckResult;
}

/** Makes a check: asks whether it applies, whether what it needs is known, and only then lets it judge. */
export function defineCheck<
  S extends EntrySubject['kind'],
  const N extends ReadingKey,
  F,
  const U extends ReadingKey = never,
>(spec: CheckSpec<S, N, U, F>): Check {
  const { id, code, stage, role, severity, title, remediation } = spec;
  const uses: readonly ReadingKey[] = spec.uses ?? [];
  return {
    id,
    code,
    stage,
    role,
    severity,
    title,
    remediation,
    needs: spec.needs,
    uses,
    run(readings, subject, moment) {
      if (!isOn(spec.on, subject)) return notApplicable;
      if (spec.appliesTo !== undefined && !spec.appliesTo(subject, moment)) return notApplicable;
      const given: Partial<Record<ReadingKey, unknown>> = {};
      for (const key of spec.needs) {
        const reading = readings[key];
        if (reading.kind === 'unknown') return inconclusive(reading.failure);
        given[key] = reading.value;
      }
      for (const key of uses) given[key] = readings[key];
      // The loop above filled in exactly the keys of N and U, which the compiler cannot follow.
      const outcome = spec.evaluate(given as Parameters<typeof spec.evaluate>[0], subject, moment);
      return outcome.kind === 'found' ? { kind: 'found', finding: word(spec, outcome) } : outcome;
    },
  };
}

function isOn<S extends EntrySubject['kind']>(
  on: readonly S[],
  subject: EntrySubject,
): subject is Extract<EntrySubject, { kind: S }> {
  return (on as readonly string[]).includes(subject.kind);
}

function word<F>(spec: CheckWords<F>, outcome: Found<F>): Finding {
  return {
    code: spec.code,
    checkId: spec.id,
    stage: spec.stage,
    role: outcome.role ?? spec.role,
    severity: outcome.severity ?? spec.severity,
    confidence: outcome.confidence,
    standing: outcome.standing,
    title: spec.title,
    explanation: spec.explain(outcome.facts),
    customerWords: spec.tellCustomer(outcome.facts),
    evidence: outcome.evidence,
    remediation: spec.remediation,
    shown: spec.shown ?? 'always',
  };
}
