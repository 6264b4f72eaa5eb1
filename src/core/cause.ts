import { type Confidence, type Found, found, inconclusive, notApplicable, type Outcome, passed } from './check.ts';
import { hasFailed, type Moment } from './entry.ts';
import type { FunctionExecution, Order } from './evidence.ts';
import type { UpstreamFailure } from './failure.ts';
import { cleanForeignText } from './foreign-text.ts';
import { maskSecretsIn } from './mask.ts';
import { lastFailureOf, leavesTrace, type LoggedFailure } from './order-log.ts';
import type { ProvisionFailure } from './provision-failure.ts';
import { type EvidenceItem, known, type Reading, unknown } from './reading.ts';

/** What could be seen of a condition right now. */
export interface LiveCondition<F> {
  /** Whether it blocks this order now. */
  readonly present: boolean;
  readonly facts: F;
  readonly evidence: readonly EvidenceItem[];
  /** `likely` where the look was taken from elsewhere; a proven log line of the same makes it confirmed. */
  readonly confidence?: Confidence;
}

/** Evidence holds this much of a log line at most. */
const logLineLength = 500;

/**
 * Judges a condition that stops provisioning by what is seen live and by what this order's log lines say.
 * Seen now: confirmed and standing. Logged and now seen gone: cleared. Logged, and nobody can look: unseen.
 * Neither, with one of the two unreadable on an order that failed: inconclusive. A source that was never set up judges
 * no order that has not failed, and none whose own log proves another reason.
 */
export function judgeCause<F, K extends ProvisionFailure['kind']>(input: {
  readonly order: Order;
  readonly moment: Moment;
  readonly live: Reading<LiveCondition<F>>;
  readonly executions: Reading<readonly FunctionExecution[]>;
  readonly kinds: readonly K[];
  /** Facts where only the log line is known. */
  factsOf(failure: Extract<ProvisionFailure, { kind: K }>): F;
  /** When what the cause lies in was changed last (the function, its secret): a failure before that is cleared. */
  readonly changedAt?: Date | null;
  /** False where the live look covers only a part of what a log line may tell of, and so clears none. */
  readonly liveClears?: boolean;
}): Outcome<F> {
  const { order, moment, live, kinds } = input;
  const executions = audible(order, moment, input.executions);
  const last = executions.kind === 'known' ? lastFailureOf(order, executions.value) : null;
  const failure = last === null ? null : ofKinds(last.failure, kinds);
  const logged = failure === null ? [] : [logEvidence(last as LoggedFailure)];
  if (live.kind === 'known' && live.value.present) {
    return found({
      facts: live.value.facts,
      confidence:
        failure !== null && last?.confidence === 'confirmed' ? 'confirmed' : (live.value.confidence ?? 'confirmed'),
      evidence: [...live.value.evidence, ...logged],
    });
  }
  if (last !== null && failure !== null) {
    const seenGone = live.kind === 'known' && input.liveClears !== false;
    const finding: Omit<Found<F>, 'kind'> = {
      facts: input.factsOf(failure),
      confidence: last.confidence,
      standing: seenGone || isAfter(input.changedAt, last.at) ? 'cleared' : 'unseen',
      evidence: [...logged, ...(live.kind === 'known' ? live.value.evidence : [])],
    };
    return found(finding);
  }
  if (live.kind === 'unknown') {
    if (!wasNeverSetUp(live.failure)) return inconclusive(live.failure);
    if (!hasFailed(order, moment)) return notApplicable;
    // The order's own log was read and names another reason.
    return last?.confidence === 'confirmed' ? notApplicable : inconclusive(live.failure);
  }
  if (executions.kind === 'unknown' && hasFailed(order, moment)) return inconclusive(executions.failure);
  return passed;
}

/** For causes that leave nothing to look at afterwards: only this order's log lines can tell. */
export function judgeLogged<F, K extends ProvisionFailure['kind']>(input: {
  readonly order: Order;
  readonly moment: Moment;
  readonly executions: Reading<readonly FunctionExecution[]>;
  readonly kinds: readonly K[];
  factsOf(failure: Extract<ProvisionFailure, { kind: K }>): F;
  readonly changedAt?: Date | null;
}): Outcome<F> {
  const { order, moment, kinds } = input;
  const executions = audible(order, moment, input.executions);
  if (executions.kind === 'unknown') {
    return hasFailed(order, moment) ? inconclusive(executions.failure) : notApplicable;
  }
  const last = lastFailureOf(order, executions.value);
  const failure = last === null ? null : ofKinds(last.failure, kinds);
  if (last === null || failure === null) return passed;
  return found({
    facts: input.factsOf(failure),
    confidence: last.confidence,
    standing: isAfter(input.changedAt, last.at) ? 'cleared' : 'unseen',
    evidence: [logEvidence(last)],
  });
}

/** Logs that hold no run of an order that failed cannot say why: they count as unread. */
function audible(
  order: Order,
  moment: Moment,
  executions: Reading<readonly FunctionExecution[]>,
): Reading<readonly FunctionExecution[]> {
  if (executions.kind === 'unknown' || !hasFailed(order, moment)) return executions;
  if (leavesTrace(order, executions.value)) return known(executions.value);
  return unknown({ source: 'logs', kind: 'not-provided', what: 'any run of this order' });
}

function isAfter(changedAt: Date | null | undefined, failedAt: Date): boolean {
  return changedAt !== undefined && changedAt !== null && changedAt > failedAt;
}

function wasNeverSetUp(failure: UpstreamFailure): boolean {
  return failure.kind === 'not-configured' || failure.kind === 'not-provided';
}

/** The log line as evidence. Its text is foreign. */
export function logEvidence(logged: LoggedFailure): EvidenceItem {
  return {
    source: 'logs',
    at: logged.at,
    text: maskSecretsIn(cleanForeignText(logged.line, logLineLength)),
    ref: { kind: 'function-logs' },
  };
}

function ofKinds<K extends ProvisionFailure['kind']>(
  failure: ProvisionFailure,
  kinds: readonly K[],
): Extract<ProvisionFailure, { kind: K }> | null {
  return (kinds as readonly string[]).includes(failure.kind)
    ? (failure as Extract<ProvisionFailure, { kind: K }>)
    : null;
}
