import { type Check, type CheckResult, type Finding, inconclusive } from './check.ts';
import {
  type EntrySubject,
  installationAgeMs,
  isGameServer,
  type Moment,
  statusAgeMs,
  statusGraceMs,
} from './entry.ts';
import type { EntryReadings } from './evidence.ts';
import type { UpstreamFailure } from './failure.ts';
import { isBefore, type Stage, type StageState, stages } from './stage.ts';

export type EntryState = 'healthy' | 'in_progress' | 'broken' | 'unknown';

/** A question that could not be answered, and what was missing. */
export interface OpenQuestion {
  readonly code: string;
  readonly checkId: string;
  readonly stage: Stage;
  readonly failure: UpstreamFailure;
}

/** What is known, wrong and unknown about one purchase. */
export interface EntryDiagnosis {
  readonly subject: EntrySubject;
  readonly state: EntryState;
  /** The one thing to look at first; `null` unless the entry is broken. */
  readonly verdict: Finding | null;
  readonly stages: Readonly<Record<Stage, StageState>>;
  /** Verdict first, then the other causes, symptoms and notices. */
  readonly findings: readonly Finding[];
  readonly open: readonly OpenQuestion[];
  /** How far the purchase has demonstrably come. */
  readonly step: Stage;
  /** Canceled or reversed: it counts at the top only when there is nothing else. */
  readonly ended: boolean;
  /** What it was judged on. */
  readonly readings: EntryReadings;
}

/** Codes of entries that have ended rather than broken. */
const endingCodes: ReadonlySet<string> = new Set(['ORD-006', 'PAY-004']);

/** Within a stage the specific comes before the general. Codes that are not listed keep their place after these. */
const specificFirst: readonly string[] = [
  'PAY-005',
  'PAY-003',
  'PAY-004',
  'PAY-002',
  'PAY-001',
  'HOOK-002',
  'HOOK-003',
  'HOOK-005',
  'HOOK-006',
  'HOOK-008',
  'HOOK-004',
  'HOOK-001',
  'HOOK-007',
  'ACC-004',
  'ACC-002',
  'ACC-003',
  'ACC-001',
  'CAP-004',
  'CAP-001',
  'CAP-002',
  'CAP-003',
  'PRV-001',
  'PRV-002',
  'PRV-003',
  'PRV-004',
  'PRV-007',
  'PRV-005',
  'PRV-006',
  'PRV-009',
  'INS-001',
  'INS-003',
  'INS-002',
  'SRV-006',
  'SRV-003',
  'SRV-002',
  'SRV-001',
  'SRV-004',
];

const roleRank = { cause: 0, symptom: 1, notice: 2 } as const;
const confidenceRank = { confirmed: 0, likely: 1 } as const;
const standingRank = { standing: 0, unseen: 1, cleared: 2 } as const;

/**
 * The rank of a finding in the verdict rule: confirmed causes in stage order, then likely causes in stage order,
 * then symptoms, then notices. Within a stage the confirmed comes before the likely, what stands now before what is
 * only past, then the specific before the general.
 */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    roleRank[a.role] - roleRank[b.role] ||
    (a.role === 'cause' ? confidenceRank[a.confidence] - confidenceRank[b.confidence] : 0) ||
    stages.indexOf(a.stage) - stages.indexOf(b.stage) ||
    confidenceRank[a.confidence] - confidenceRank[b.confidence] ||
    standingRank[a.standing] - standingRank[b.standing] ||
    specificity(a) - specificity(b) ||
    (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)
  );
}

function specificity(finding: Finding): number {
  const at = specificFirst.indexOf(finding.code);
  return at === -1 ? specificFirst.length : at;
}

/** Judges one entry by every check of the list. Pure: the same readings and moment give the same diagnosis. */
export function diagnoseEntry(
  checks: readonly Check[],
  subject: EntrySubject,
  readings: EntryReadings,
  moment: Moment,
): EntryDiagnosis {
  const doubt = doubtOfLoss(subject, readings);
  const results = checks.map((check) => {
    const result = check.run(readings, subject, moment);
    const isDoubtful = doubt !== null && check.stage === 'webhook' && result.kind !== 'not-applicable';
    return { check, result: isDoubtful ? inconclusive(doubt) : result };
  });
  const inGrace = isInGrace(subject, readings, moment);
  const findings = weigh(
    results.flatMap(({ result }) => (result.kind === 'found' ? [result.finding] : [])),
    inGrace,
  );
  const first = findings[0];
  const verdict = first !== undefined && first.role !== 'notice' ? first : null;
  const step = heldUpAt(stepOf(subject, readings), verdict);
  const open = results.flatMap(({ check, result }) =>
    result.kind === 'inconclusive'
      ? [{ code: check.code, checkId: check.id, stage: check.stage, failure: result.failure }]
      : [],
  );
  const stageStates = Object.fromEntries(
    stages.map((stage) => [
      stage,
      stageState(
        stage,
        findings,
        results.filter(({ check }) => check.stage === stage).map(({ result }) => result),
        step,
      ),
    ]),
  ) as Record<Stage, StageState>;
  return {
    subject,
    state: stateOf(subject, verdict, stageStates, step, inGrace),
    verdict,
    stages: stageStates,
    findings,
    open,
    step,
    ended: verdict !== null && endingCodes.has(verdict.code),
    readings,
  };
}

/**
 * Why nobody can say that a paid checkout has no order: nothing on the way of its event is to blame then, since the
 * event may well have arrived. A table without a column for subscriptions leaves the person's own rows to judge by.
 */
function doubtOfLoss(subject: EntrySubject, { siblings, sameSubscription }: EntryReadings): UpstreamFailure | null {
  if (subject.kind !== 'session') return null;
  if (siblings.kind === 'unknown') return siblings.failure;
  if (sameSubscription.kind === 'known' || sameSubscription.failure.kind === 'not-provided') return null;
  return sameSubscription.failure;
}

/** Drops what grace time excuses and what was only a last resort, and sorts the rest by the verdict rule. */
function weigh(findings: readonly Finding[], inGrace: boolean): readonly Finding[] {
  const anyCause = findings.some((finding) => finding.role === 'cause');
  return findings
    .filter((finding) => finding.shown !== 'last-resort' || !anyCause)
    .filter((finding) => !inGrace || finding.role === 'notice' || finding.confidence === 'confirmed')
    .toSorted(compareFindings);
}

function stageState(
  stage: Stage,
  findings: readonly Finding[],
  results: readonly CheckResult[],
  step: Stage,
): StageState {
  if (findings.some((finding) => finding.stage === stage && finding.role !== 'notice')) return 'broken';
  if (results.some((result) => result.kind === 'inconclusive')) return 'unknown';
  if (isBefore(step, stage)) return 'pending';
  if (results.every((result) => result.kind === 'not-applicable')) return 'skipped';
  return 'passed';
}

/** The stages whose being unread leaves an entry undecided. */
const decidingStages: Readonly<Record<EntrySubject['kind'], readonly Stage[]>> = {
  order: ['order', 'provisioning', 'install', 'server'],
  session: ['payment', 'webhook'],
  person: ['payment', 'order'],
};

function stateOf(
  subject: EntrySubject,
  verdict: Finding | null,
  stageStates: Readonly<Record<Stage, StageState>>,
  step: Stage,
  inGrace: boolean,
): EntryState {
  if (verdict !== null) return 'broken';
  if (decidingStages[subject.kind].some((stage) => stageStates[stage] === 'unknown')) return 'unknown';
  if (inGrace) return 'in_progress';
  // Nothing is wrong that anyone could name, yet it has not arrived: that is not health.
  return step === 'server' ? 'healthy' : 'unknown';
}

/** A server in one of these is not there to be used yet. */
const unfinishedStatuses: ReadonlySet<string> = new Set(['installing', 'install_failed', 'reinstall_failed']);

/** How far the entry has demonstrably come: the stage it is in now. */
function stepOf(subject: EntrySubject, readings: EntryReadings): Stage {
  if (subject.kind === 'person') return 'order';
  if (subject.kind === 'session') return 'webhook';
  const { order } = subject;
  if (order.status === 'canceled' || !isGameServer(order)) return 'server';
  if (order.serverId === null) return 'provisioning';
  const server = readings.namedServer.kind === 'known' ? readings.namedServer.value : null;
  return server !== null && unfinishedStatuses.has(server.status ?? '') ? 'install' : 'server';
}

/** An order that waits for its server comes no further than what stops it there: the rest lies ahead of it. */
function heldUpAt(step: Stage, verdict: Finding | null): Stage {
  const isStopped = step === 'provisioning' && verdict?.role === 'cause';
  return isStopped && (verdict.stage === 'account' || verdict.stage === 'capacity') ? verdict.stage : step;
}

/** Whether the entry is still young enough that slowness is no fault. */
function isInGrace(subject: EntrySubject, readings: EntryReadings, moment: Moment): boolean {
  switch (subject.kind) {
    case 'person':
      return false;
    case 'session': {
      const event = readings.completedEvent.kind === 'known' ? readings.completedEvent.value : null;
      const since = event?.createdAt ?? subject.session.createdAt;
      return moment.now.getTime() - since.getTime() < moment.grace.paidMs;
    }
    case 'order': {
      const { order } = subject;
      const server = readings.namedServer.kind === 'known' ? readings.namedServer.value : null;
      if (server?.status === 'installing') {
        return installationAgeMs(order, server, moment) <= moment.grace.installingMs;
      }
      const graceMs = statusGraceMs(order.status, moment.grace);
      return order.serverId === null && graceMs > 0 && statusAgeMs(order, moment) <= graceMs;
    }
  }
}
