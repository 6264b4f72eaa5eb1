import type { Confidence } from './check.ts';
import type { FunctionExecution, Order } from './evidence.ts';
import { classifyAnswer, classifyReason, type ProvisionFailure } from './provision-failure.ts';

/** A failure of provisioning that the logs tell of, and how surely it is this order's. */
export interface LoggedFailure {
  readonly failure: ProvisionFailure;
  readonly at: Date;
  readonly executionId: string;
  /** `confirmed`: the run named this very order. `likely`: only its time fits. */
  readonly confidence: Confidence;
  /** The line as it was logged; foreign text. */
  readonly line: string;
}

/** A run belongs to an order only when it began while the order could have been provisioned. */
const slackMs = 10 * 60_000;
/** How far a run of `servers-provision` without an order id may lie from the order's last change. */
const nearMs = 15_000;

/**
 * The latest failure of this order in the logs; `null` when they tell of none. A line of `stripe-webhook` counts as
 * this order's when the same run announced exactly this order id and no other, and answered 200 as it does then.
 */
export function lastFailureOf(order: Order, executions: readonly FunctionExecution[]): LoggedFailure | null {
  const failures = executions.flatMap((run) => [...provenFailures(order, run), ...supposedFailures(order, run)]);
  const latestOf = (confidence: Confidence): LoggedFailure | undefined =>
    failures
      .filter((logged) => logged.confidence === confidence)
      .toSorted((a, b) => a.at.getTime() - b.at.getTime())
      .at(-1);
  return latestOf('confirmed') ?? latestOf('likely') ?? null;
}

/**
 * Whether the logs hold any run of this order. Without one they are silent about it (not kept that long, or never
 * run), and silence must not be read as "nothing went wrong".
 */
export function leavesTrace(order: Order, executions: readonly FunctionExecution[]): boolean {
  return executions.some((run) => announces(order, run) || isNearRun(order, run));
}

function announces(order: Order, run: FunctionExecution): boolean {
  if (run.slug !== 'stripe-webhook' || !fitsInTime(order, run)) return false;
  if (run.status !== null && run.status !== 200) return false;
  const announced = run.lines.flatMap((line) => {
    const match = /^Triggering server provisioning for order: (\S+)$/.exec(line.text.trim());
    return match?.[1] === undefined ? [] : [match[1]];
  });
  return announced.length === 1 && announced[0] === order.id;
}

/** Whether a run of `servers-provision`, which names no order when it fails, fits this order's last change in time. */
export function isNearRun(order: Order, run: FunctionExecution): boolean {
  if (run.slug !== 'servers-provision' || !fitsInTime(order, run)) return false;
  return Math.abs(run.startedAt.getTime() - order.updatedAt.getTime()) <= nearMs;
}

function provenFailures(order: Order, run: FunctionExecution): readonly LoggedFailure[] {
  if (!announces(order, run)) return [];
  return run.lines.flatMap((line) => {
    const match = /^Provisioning failed: (\d{3}) - ([\s\S]*)$/.exec(line.text.trim());
    if (!match) return [];
    const failure = classifyAnswer(Number(match[1]), match[2] ?? '');
    return loggedAs('confirmed', failure, run, line);
  });
}

function supposedFailures(order: Order, run: FunctionExecution): readonly LoggedFailure[] {
  // It answers 500 after a throw; any other status was not a failure of its own.
  if (!isNearRun(order, run) || (run.status !== null && run.status < 500)) return [];
  return run.lines.flatMap((line) => {
    const match = /^Server provisioning error: ([\s\S]*)$/.exec(line.text.trim());
    if (!match) return [];
    const firstLine = (match[1] ?? '').split('\n')[0] ?? '';
    return loggedAs('likely', classifyReason(firstLine), run, line);
  });
}

function loggedAs(
  confidence: Confidence,
  failure: ProvisionFailure,
  run: FunctionExecution,
  line: { readonly at: Date; readonly text: string },
): readonly LoggedFailure[] {
  if (failure.kind === 'order-not-paid') return [];
  return [{ failure, at: line.at, executionId: run.executionId, confidence, line: line.text }];
}

function fitsInTime(order: Order, run: FunctionExecution): boolean {
  const startedAt = run.startedAt.getTime();
  return startedAt >= order.createdAt.getTime() - slackMs && startedAt <= order.updatedAt.getTime() + slackMs;
}
