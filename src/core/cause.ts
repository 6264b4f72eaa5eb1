import { type Found, found, inconclusive, notApplicable, type Outcome, passed } from './check.ts';
import { hasFailed, type Moment } from './entry.ts';
import type { FunctionExecution, Order } from './evidence.ts';
import { lastFailureOf, leavesTrace, type LoggedFailure } from './order-log.ts';
import type { ProvisionFailure } from './provision-failure.ts';
import { type EvidenceItem, known, type Reading, unknown } from './reading.ts';

/** What could be seen of a condition right now. */
export interface LiveCondition<F> {
  /** Whether it blocks this order now. */
  readonly present: boolean;
  readonly facts: F;
  readonly evidence: readonly EvidenceItem[];
}

/**
 * Judges a condition that stops provisioning by what is seen live and by what this order's log lines say.
 * Seen now: confirmed and standing. Logged and now seen gone: cleared. Logged, and nobody can look: unseen.
 * Neither, with one of the two unreadable on an order that failed: inconclusive.
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
}): Outcome<F> {
  const { order, moment, live, kinds } = input;
  const executions = audible(order, moment, input.executions);
  const last = executions.kind === 'known' ? lastFailureOf(order, executions.value) : null;
  const failure = last === null ? null : ofKinds(last.failure, kinds);
  const logged = failure === null ? [] : [logEvidence(last as LoggedFailure)];
  if (live.kind === 'known' && live.value.present) {
    return found({
      facts: live.value.facts,
      confidence: 'confirmed',
      evidence: [...live.value.evidence, ...logged],
    });
  }
  if (last !== null && failure !== null) {
    const changed = input.changedAt !== undefined && input.changedAt !== null && input.changedAt > last.at;
    const finding: Omit<Found<F>, 'kind'> = {
      facts: input.factsOf(failure),
      confidence: last.confidence,
      standing: live.kind === 'known' || changed ? 'cleared' : 'unseen',
      evidence: [...logged, ...(live.kind === 'known' ? live.value.evidence : [])],
    };
    return found(finding);
  }
  if (live.kind === 'unknown') return inconclusive(live.failure);
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
  const changed = input.changedAt !== undefined && input.changedAt !== null && input.changedAt > last.at;
  return found({
    facts: input.factsOf(failure),
    confidence: last.confidence,
    standing: changed ? 'cleared' : 'unseen',
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

/** The log line as evidence. Its text is foreign. */
export function logEvidence(logged: LoggedFailure): EvidenceItem {
  return { source: 'logs', at: logged.at, text: logged.line, ref: { kind: 'function-logs' } };
}

function ofKinds<K extends ProvisionFailure['kind']>(
  failure: ProvisionFailure,
  kinds: readonly K[],
): Extract<ProvisionFailure, { kind: K }> | null {
  return (kinds as readonly string[]).includes(failure.kind)
    ? (failure as Extract<ProvisionFailure, { kind: K }>)
    : null;
}
