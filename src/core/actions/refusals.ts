import type { Sight, Situation, Watch } from '../action.ts';
import type { Finding } from '../check.ts';
import type { EntryDiagnosis } from '../diagnose.ts';
import { inWords } from '../duration.ts';
import type { Order } from '../evidence.ts';
import { runningExecution, type Unrest, unsettledPanel } from '../execution.ts';
import { describeFailure, type UpstreamFailure } from '../failure.ts';
import { awaitsServer } from '../entry.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { unknown } from '../reading.ts';
import { comparableServerName } from '../server-name.ts';

/** The order of an entry that has one. */
export function orderOf(entry: EntryDiagnosis): Order {
  if (entry.subject.kind !== 'order') throw new Error('the guard of an order was asked about something else');
  return entry.subject.order;
}

export function findingOf(entry: EntryDiagnosis, code: string): Finding | null {
  return entry.findings.find((finding) => finding.code === code) ?? null;
}

/** Why something could not be looked at, as the end of a sentence of a refusal. */
export function couldNotLook(what: string, failure: UpstreamFailure): string {
  return `${what} could not be checked: ${describeFailure(failure)}`;
}

/** Whether the payment is known, and free of everything that speaks against it. */
export function refusalOfPaymentFindings({ entry }: Situation): string | null {
  const { payment } = entry.readings;
  const problem = entry.findings.find(({ stage, role }) => stage === 'payment' && role !== 'notice');
  if (problem !== undefined) return `The payment is not good (${problem.code}): ${problem.explanation.what}`;
  if (payment.kind === 'unknown') return couldNotLook('The payment', payment.failure);
  const open = entry.open.find(({ stage }) => stage === 'payment');
  return open === undefined ? null : couldNotLook('The payment', open.failure);
}

/** Stripe's word for a subscription that is paid for, or tried out. */
export function refusalOfSubscription(status: string): string | null {
  return status === 'active' || status === 'trialing'
    ? null
    : `The subscription is not in good standing: Stripe says "${cleanForeignText(status, 40)}".`;
}

/** Nothing is given for an order whose payment is not good, or not known to be. */
export function refusalOfPayment(situation: Situation): string | null {
  const { payment } = situation.entry.readings;
  const refusal = refusalOfPaymentFindings(situation);
  if (refusal !== null || payment.kind === 'unknown') return refusal;
  const { backing, subscription, session } = payment.value;
  if (backing === 'vouched') return null;
  if (backing !== 'own') return 'Nothing in Stripe backs this order, so nothing is given for it.';
  if (subscription !== null) return refusalOfSubscription(subscription.status);
  return session === null ? 'No payment of this order was found in Stripe.' : null;
}

/** A cause that is seen to stand would stop it again; which one is said. */
export function refusalOfStanding({ entry }: Situation): string | null {
  const blocking = entry.findings.find(
    ({ role, standing, confidence, stage }) =>
      role === 'cause' && standing === 'standing' && confidence === 'confirmed' && stage !== 'webhook',
  );
  if (blocking === undefined) return null;
  return `${blocking.code} still stands: ${blocking.explanation.what} ${blocking.explanation.next}`;
}

/** What is not known to be gone, and what cleared that which is. */
export function warningsOf({ entry }: Situation): readonly string[] {
  return entry.findings.flatMap(({ role, standing, code, explanation, evidence }) => {
    if (role !== 'cause') return [];
    switch (standing) {
      case 'cleared':
        return [`${code} is cleared: ${(evidence.at(-1)?.text ?? 'it is no longer seen').replace(/\.$/, '')}.`];
      case 'unseen':
        return [`${code} is not known to be gone: ${explanation.what}`];
      case 'standing':
        return [`${code} may still stand: ${explanation.what}`];
    }
  });
}

/** While a run may still be at work on the order, nobody starts another. */
export function refusalOfRunning(situation: Situation): string | null {
  const { entry, moment, history, executionMaxMs } = situation;
  const order = orderOf(entry);
  const { executions } = entry.readings;
  const running = runningExecution({ order, executions, history, moment, executionMaxMs });
  if (running !== null) return waitFor(running, moment.now);
  const unsettled = unsettledPanel({ order, executions, history, moment });
  return unsettled === null ? null : waitFor(unsettled, moment.now);
}

/** While another order of the same name is worked on, nobody can tell whose a new server of that name is. */
export function refusalOfTwinRunning({ entry, moment, executionMaxMs }: Situation): string | null {
  const order = orderOf(entry);
  const { siblings } = entry.readings;
  if (siblings.kind === 'unknown') return couldNotLook('The orders of this customer', siblings.failure);
  const name = comparableServerName(order.serverName ?? '');
  for (const twin of siblings.value) {
    if (twin.id === order.id || !awaitsServer(twin) || comparableServerName(twin.serverName ?? '') !== name) continue;
    const running = runningExecution({ order: twin, executions: noLogs, history: [], moment, executionMaxMs });
    if (running !== null) {
      return waitFor(
        { ...running, why: `Order ${twin.id} of the same name may be about to get this very server.` },
        moment.now,
      );
    }
  }
  return null;
}

/** The logs that were read are those of the entry itself. */
const noLogs = unknown({ source: 'logs', kind: 'not-provided', what: 'the runs of another order' });

export function waitFor({ why, until }: Unrest, now: Date): string {
  const waitMs = Math.max(1000, until.getTime() - now.getTime());
  return `${why} Wait until ${clockTime(until)} (${inWords(waitMs)}), then look again.`;
}

/** The time of day, to the second. */
export function clockTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}

/** A server of this order may exist already: it must have been looked for, and not been found. */
export function refusalOfServer({ entry }: Situation): string | null {
  const order = orderOf(entry);
  if (order.serverId !== null) {
    const goneBack = findingOf(entry, 'ORD-005');
    return goneBack === null
      ? `This order already names server ${order.serverId}.`
      : `This order already has server ${order.serverId} (ORD-005). ${goneBack.explanation.next}`;
  }
  const { ownServers, panelAccess } = entry.readings;
  if (panelAccess.kind === 'unknown')
    return couldNotLook('Whether the panel has a server of this order already', panelAccess.failure);
  if (ownServers.kind === 'unknown')
    return couldNotLook('Whether the panel has a server of this order already', ownServers.failure);
  if (ownServers.value.length > 0) {
    const ids = ownServers.value.map(({ id }) => id).join(', ');
    return `The panel has server ${ids}, which may be this order's (SRV-002). Look at it there, and link it to the order instead.`;
  }
  const open = entry.open.find(({ code }) => code === 'SRV-002' || code === 'ORD-005');
  return open === undefined ? null : couldNotLook('Whether the panel has a server of this order already', open.failure);
}

/** One purchase gets one server: a second row for it gets none. */
export function refusalOfDuplicate({ entry }: Situation): string | null {
  const order = orderOf(entry);
  const duplicate = findingOf(entry, 'HOOK-009');
  if (duplicate !== null) return `${duplicate.explanation.what} ${duplicate.explanation.next}`;
  const { sameSubscription } = entry.readings;
  if (order.lacks.has('stripeSubscriptionId') || order.stripeSubscriptionId === null) return null;
  return sameSubscription.kind === 'unknown'
    ? couldNotLook('Whether another order was written for the same purchase', sameSubscription.failure)
    : null;
}

/** The panel users an order's server may belong to, as far as they are known. */
export function ownerIdsIn({ entry }: Situation): readonly number[] {
  const { emailPanelUser, linkedPanelUser, externalAccount } = entry.readings;
  const ids = [
    emailPanelUser.kind === 'known' ? emailPanelUser.value?.id : undefined,
    linkedPanelUser.kind === 'known' ? linkedPanelUser.value?.id : undefined,
    externalAccount.kind === 'known' ? externalAccount.value?.panelUserId : undefined,
  ];
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** A write whose answer was lost may still land for so long. */
const writeLandsMs = 20_000;

/**
 * What verification has to say while the claim's last write, whose end nobody knows, may still land; `null`: what is
 * seen now is final.
 */
export function stillLanding({ claim, now }: Watch, landsMs: number = writeLandsMs): Sight | null {
  const last = claim.steps.at(-1);
  if (last === undefined || (last.end !== null && last.end.kind !== 'unclear')) return null;
  const until = new Date(last.begunAt.getTime() + landsMs);
  if (now >= until) return null;
  const told = last.end?.words ?? 'The write was cut off.';
  return { kind: 'undecided', as: 'unknown', words: `${told} Watching until ${clockTime(until)}.` };
}

/** The first refusal that applies. */
export function firstOf(...refusals: readonly (() => string | null)[]): string | null {
  for (const refusal of refusals) {
    const reason = refusal();
    if (reason !== null) return reason;
  }
  return null;
}
