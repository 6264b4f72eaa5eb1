import type { ClaimRecord, StepRecord } from './claim.ts';
import type { Moment } from './entry.ts';
import type { FunctionExecution, Order } from './evidence.ts';
import { classifyAnswer, type ProvisionFailure } from './provision-failure.ts';
import type { Reading } from './reading.ts';

/** The gateway lets go of a run after 150 s; an answer well before that was the run's own. */
export const gatewayPatienceMs = 140_000;
/** The webhook hands an order over right after it has written it. */
const handoverMs = 120_000;
/**
 * How long the panel may work on after nobody waits for its answer: it asks Wings for up to 15 s to create and for
 * another 15 s to take it back. https://github.com/pterodactyl/panel/blob/1.0-develop/config/pterodactyl.php
 */
export const panelSettlesMs = 40_000;
/** A row is written right after the answer that made somebody write it, by clocks that agree this well. */
const writtenWithinMs = 15_000;
const ownWriteWithinMs = 5_000;
/** A write of ours whose end nobody recorded. */
const writeLastsMs = 15_000;

/** Until when something may still be going on, and what. */
export interface Unrest {
  readonly until: Date;
  /** A whole sentence without the time. */
  readonly why: string;
}

/**
 * Whether a run of `servers-provision` may still be at work on the order. The row alone tells when it was written
 * last, so a run that began just before may last the whole of `executionMaxMs`, unless the logs or the bot's own
 * records prove that the one which led to this status is over.
 */
export function runningExecution(input: {
  readonly order: Order;
  readonly executions: Reading<readonly FunctionExecution[]>;
  readonly history: readonly ClaimRecord[];
  readonly moment: Moment;
  readonly executionMaxMs: number;
}): Unrest | null {
  const { order, moment } = input;
  const writtenAt = order.updatedAt.getTime();
  const lastsUntil = writtenAt + input.executionMaxMs;
  if (moment.now.getTime() >= lastsUntil) return null;
  if (wasLastWrittenByUs(order, input.history)) return null;
  const until = new Date(lastsUntil);
  switch (order.status) {
    case 'pending':
    case 'paid': {
      // Both times come with the row itself; a change of the subscription may follow within the same second.
      if (writtenAt !== order.createdAt.getTime()) {
        return {
          until,
          why: 'A change of the subscription may have written over a run that still works on this order.',
        };
      }
      const handedOverBy = writtenAt + Math.min(handoverMs, input.executionMaxMs);
      if (moment.now.getTime() >= handedOverBy) return null;
      return { until: new Date(handedOverBy), why: 'The webhook may be about to provision this order itself.' };
    }
    case 'provisioning':
      return { until, why: 'A run of the provisioning function may still be at work on this order.' };
    case 'error': {
      if (provesEnd(order, input.executions)) return null;
      const isEarly = writtenAt - order.createdAt.getTime() < gatewayPatienceMs;
      // Even an early error may be of a call that was cut off, and only the logs tell.
      const isReadable = input.executions.kind === 'known';
      if (isEarly && isReadable && !toldOfGivingUp(order, input.executions)) return null;
      return { until, why: 'The gateway may have given up on a run that still works on this order.' };
    }
    default:
      return null;
  }
}

/**
 * Whether the panel may still be making a server for the order: the run is over, but it did not hear what became of
 * its last question. `null`: the failure is known to have left nothing behind, or was long enough ago.
 */
export function unsettledPanel(input: {
  readonly order: Order;
  readonly executions: Reading<readonly FunctionExecution[]>;
  readonly history: readonly ClaimRecord[];
  readonly moment: Moment;
}): Unrest | null {
  const { order, history, moment } = input;
  const own = lastInvocation(history);
  const isOwn = own !== null && wasLastWrittenByUs(order, history);
  const endedAt = isOwn ? (own.endedAt ?? own.begunAt) : order.updatedAt;
  const isClean = isOwn ? own.end?.data?.['clean'] === true : leftNothing(order, input.executions);
  const until = new Date(endedAt.getTime() + panelSettlesMs);
  if (order.status !== 'error' && order.status !== 'provisioning' && !isOwn) return null;
  if (isClean || until <= moment.now) return null;
  return { until, why: 'The last run ended without a clear answer of the panel, which may still be making a server.' };
}

/** Whether a failure is known to have left no server behind, nor one on its way. */
export function isCleanFailure(failure: ProvisionFailure): boolean {
  switch (failure.kind) {
    case 'panel-unreachable':
    case 'panel-not-api':
    case 'crashed':
    case 'other':
      return false;
    default:
      return true;
  }
}

/** The call of the provisioning function in the newest claim that made one. */
export function lastInvocation(history: readonly ClaimRecord[]): StepRecord | null {
  for (const claim of history) {
    const invoked =
      claim.action === 'retry-provisioning' ? claim.steps.find(({ name }) => name === 'invoke') : undefined;
    if (invoked !== undefined) return invoked;
  }
  return null;
}

/**
 * Whether the row was last written by an attempt of ours that is over: nothing was at work on it before, as the guard
 * of that attempt had seen, and what it called itself has ended.
 */
function wasLastWrittenByUs(order: Order, history: readonly ClaimRecord[]): boolean {
  const claim = history.find(({ action, steps }) => action === 'retry-provisioning' && steps.length > 0);
  if (claim === undefined) return false;
  // A compare-and-set of ours that was refused tells that somebody else wrote the row.
  if (claim.steps.some(({ name, end }) => name !== 'invoke' && end?.kind === 'refused')) return false;
  const invoked = claim.steps.find(({ name }) => name === 'invoke');
  // Without a call nothing of ours can have written more than "paid".
  if (invoked === undefined ? order.status !== 'paid' : isUnended(invoked)) return false;
  // The function found the order taken: whatever the row says now, the one who took it wrote.
  if (invoked?.end?.data?.['taken'] === true) return false;
  const recorded = claim.steps.find(({ name }) => name === 'record-failure')?.end?.data?.['status'];
  const left = recorded ?? (invoked?.end?.kind === 'refused' ? 'paid' : null);
  // Somebody else has moved the order on from what we left it in.
  if (left !== null && left !== order.status) return false;
  const lastAt = Math.max(
    ...claim.steps.map(({ begunAt, endedAt }) => endedAt?.getTime() ?? begunAt.getTime() + writeLastsMs),
  );
  return order.updatedAt.getTime() <= lastAt + ownWriteWithinMs;
}

function isUnended({ end }: StepRecord): boolean {
  return end === null || end.kind === 'unclear';
}

/** What the webhook logged of its own call for this very order, and when. `status` null: it got no answer at all. */
interface Report {
  readonly at: Date;
  readonly status: number | null;
  readonly body: string;
}

function reportsOf(order: Order, executions: Reading<readonly FunctionExecution[]>): readonly Report[] {
  if (executions.kind === 'unknown') return [];
  return executions.value.flatMap((run) => {
    if (run.slug !== 'stripe-webhook') return [];
    const announced = run.lines.filter(({ text }) => text.startsWith('Triggering server provisioning for order:'));
    if (
      announced.length !== 1 ||
      announced[0]?.text.trim() !== `Triggering server provisioning for order: ${order.id}`
    ) {
      return [];
    }
    return run.lines.flatMap(({ at, text }): readonly Report[] => {
      if (text.startsWith('Failed to trigger server provisioning:')) return [{ at, status: null, body: '' }];
      const match = /^Provisioning failed: (\d{3}) - ([\s\S]*)$/.exec(text.trim());
      return match === null ? [] : [{ at, status: Number(match[1]), body: match[2] ?? '' }];
    });
  });
}

/** The webhook logged that the function answered, and wrote the status right after: that run is over. */
function provesEnd(order: Order, executions: Reading<readonly FunctionExecution[]>): boolean {
  return reportsOf(order, executions).some(
    ({ at, status, body }) =>
      Math.abs(order.updatedAt.getTime() - at.getTime()) <= writtenWithinMs && !isGivingUp(status, body),
  );
}

function toldOfGivingUp(order: Order, executions: Reading<readonly FunctionExecution[]>): boolean {
  return reportsOf(order, executions).some(({ status, body }) => isGivingUp(status, body));
}

/** The answer came from something in between, which did not wait for the run, or there was none. */
function isGivingUp(status: number | null, body: string): boolean {
  if (status === null) return true;
  if (status < 500) return false;
  const failure = classifyAnswer(status, body);
  if (failure.kind === 'crashed') return failure.limit === 'time';
  return failure.kind === 'other' && !body.trimStart().startsWith('{');
}

function leftNothing(order: Order, executions: Reading<readonly FunctionExecution[]>): boolean {
  const near = reportsOf(order, executions).filter(
    ({ at }) => Math.abs(order.updatedAt.getTime() - at.getTime()) <= writtenWithinMs,
  );
  return near.length > 0 && near.every(({ status, body }) => isCleanAnswer(status, body));
}

/** Whether what the function answered to a call leaves nothing behind. `body` is foreign text. */
export function isCleanAnswer(status: number | null, body: string): boolean {
  return status !== null && isCleanFailure(classifyAnswer(status, body));
}

/** Whether the function answered that the order is not paid, which it asks before it does anything. `body` is foreign. */
export function saysNotPaid(status: number | null, body: string): boolean {
  return status !== null && classifyAnswer(status, body).kind === 'order-not-paid';
}

/** The function's own reason, for staff; `null` when its answer holds none. */
export function reasonIn(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('error' in value)) return null;
    return typeof value.error === 'string' ? value.error : null;
  } catch {
    return null;
  }
}
