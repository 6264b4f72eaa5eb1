import { z } from 'zod';
import { type Decision, defineAction, refuse, type Sight, type Situation, type Watch } from '../action.ts';
import type { ActionPorts, Invocation } from '../action-ports.ts';
import { missingMetadata, progressOf } from '../checkout.ts';
import type { StepEnd, StepRecord } from '../claim.ts';
import { endOfFailure } from '../effect-step.ts';
import type { CheckoutSession, Order, StripeEvent, WebhookSetup } from '../evidence.ts';
import { reasonIn } from '../execution.ts';
import { describeFailure } from '../failure.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { personIn } from '../gather/identity.ts';
import type { Answer } from '../ports.ts';
import { succeed } from '../result.ts';
import {
  clockTime,
  couldNotLook,
  findingOf,
  firstOf,
  refusalOfPaymentFindings,
  refusalOfSubscription,
  waitFor,
} from './refusals.ts';

const target = z.object({
  sessionId: z.string(),
  subscriptionId: z.string().nullable(),
  eventId: z.string(),
  userId: z.string(),
  /** The person's orders before, where orders do not name their subscription. */
  orderIds: z.array(z.string()),
  /** Whether Stripe may still deliver the event itself. */
  stripeMayDeliver: z.boolean(),
});

type Target = z.output<typeof target>;

/** Stripe tries for up to three days. https://docs.stripe.com/webhooks#retries */
const stripeTriesMs = 3 * 24 * 60 * 60_000;
/** Stripe's count of pending deliveries is trusted only this long after the event was made. */
const deliveryLastsMs = 30_000;
/** From this version on events have another shape than the function reads. https://docs.stripe.com/changelog/basil */
const basil = '2025-03-31';
/** Causes that would spoil this delivery as they spoiled the first. */
const spoiling: readonly string[] = ['HOOK-004', 'HOOK-005', 'HOOK-006', 'HOOK-008'];
/** Between Stripe and the database. */
const clocksDifferMs = 5 * 60_000;
/** Rows are read back a moment after the function answered. */
const rowsSettleMs = 10_000;
const reasonLength = 300;

/** Delivers Stripe's stored event of a lost purchase to the webhook function once more. */
export const redeliverWebhook = defineAction({
  id: 'redeliver-webhook',
  label: 'Redeliver webhook',
  permission: 'act.webhook',
  style: 'primary',
  on: ['session'],
  needs: ['orders', 'caller', 'payments', 'events', 'subscriptionIndex'],
  target,
  guard(situation): Decision<Target> {
    const { entry, moment } = situation;
    const session = sessionOf(situation);
    const { completedEvent, siblings, webhooks } = entry.readings;
    const refusal = firstOf(
      () => refusalOfSession(session),
      () => refusalOfReversal(situation),
      () => refusalOfRows(situation, session),
      () => refusalOfSpoiling(situation),
    );
    if (refusal !== null) return refuse(refusal);
    if (completedEvent.kind === 'unknown') return refuse(couldNotLook("Stripe's event", completedEvent.failure));
    const event = completedEvent.value;
    if (event === null)
      return refuse('Stripe does not keep the event of this purchase any more (30 days): write the order by hand.');
    const lasting = new Date(event.createdAt.getTime() + deliveryLastsMs);
    if (moment.now < lasting) {
      return refuse(waitFor({ why: "Stripe's own delivery may still be at work.", until: lasting }, moment.now));
    }
    const versions = webhooks.kind === 'known' ? refusalOfVersions(event, webhooks.value) : null;
    if (versions !== null) return refuse(versions);
    const userId = personIn(session);
    if (userId === null) return refuse('The checkout does not say whose it is (HOOK-008).');
    return {
      kind: 'allowed',
      target: {
        sessionId: session.id,
        subscriptionId: session.subscriptionId,
        eventId: event.id,
        userId,
        orderIds: siblings.kind === 'known' ? siblings.value.map(({ id }) => id) : [],
        stripeMayDeliver: mayStripeDeliver(event, webhooks, moment.now),
      },
      warnings: [],
    };
  },
  async look(ports, given, _situation, signal) {
    if (ports.caller.deliver === null) {
      return refuse(
        "The endpoint's signing secret is not configured (STRIPE_WEBHOOK_SECRET), so nothing can be signed.",
      );
    }
    const rows = await newRows(ports, given, signal);
    if (!rows.ok) return refuse(couldNotLook('Whether an order was written meanwhile', rows.failure));
    const [row] = rows.value;
    if (row !== undefined) return refuse(`Order ${row.id} was written for this purchase already.`);
    if (!given.stripeMayDeliver) return { kind: 'allowed', target: given, warnings: [] };
    const unique = await ports.subscriptionIndex.isUnique(signal);
    if (unique.ok && unique.value === true) {
      return {
        kind: 'allowed',
        target: given,
        warnings: ['Stripe may deliver it too; the database refuses a second order for the subscription.'],
      };
    }
    return refuse(
      'Stripe may still deliver this event itself, and a second delivery would write a second order. ' +
        'Wait for Stripe, or give the database a unique index on orders.stripe_sub_id.',
    );
  },
  plan: ({ sessionId, eventId }) => ({
    what: `Deliver Stripe's event of checkout ${sessionId} to the webhook function again.`,
    changes: [
      { thing: 'Order of the purchase', before: 'none', after: 'one, written by the webhook function' },
      { thing: 'Server of the purchase', before: 'none', after: 'one, as the webhook function has it provisioned' },
    ],
    steps: [{ name: 'deliver', label: `Sign event ${eventId} anew and post it once` }],
  }),
  async effect({ events, caller }, { eventId }, claim, signal) {
    const { deliver } = caller;
    if (deliver === null) return;
    const payload = await events.payloadOf(eventId, signal);
    await claim.step('deliver', async (): Promise<StepEnd> => {
      if (!payload.ok) return { kind: 'refused', words: endOfFailure(payload.failure).words };
      if (payload.value === null) return { kind: 'refused', words: 'Stripe does not have the event any more.' };
      return endOfDelivery(await deliver(payload.value, signal));
    });
  },
  async verify(ports, given, watch, signal) {
    const rows = await newRows(ports, given, signal);
    if (!rows.ok) {
      return {
        kind: 'undecided',
        as: 'unknown',
        words: `The orders could not be read: ${describeFailure(rows.failure)}`,
      };
    }
    return judge(rows.value, watch);
  },
});

function sessionOf({ entry }: Situation): CheckoutSession {
  if (entry.subject.kind !== 'session') throw new Error('the guard of a checkout was asked about something else');
  return entry.subject.session;
}

function refusalOfSession(session: CheckoutSession): string | null {
  if (progressOf(session).kind !== 'paid') return 'The checkout is not paid.';
  if (session.mode !== 'subscription' || session.subscriptionId === null) {
    return 'The checkout is not a subscription, and the webhook function refuses others (HOOK-008).';
  }
  const missing = missingMetadata(session);
  return missing.length === 0
    ? null
    : `The checkout lacks ${missing.join(', ')}, without which the webhook function refuses it (HOOK-008).`;
}

function refusalOfReversal(situation: Situation): string | null {
  const { payment } = situation.entry.readings;
  const refusal = refusalOfPaymentFindings(situation);
  if (refusal !== null || payment.kind === 'unknown') return refusal;
  const status = payment.value.subscription?.status;
  if (status === undefined) return 'The subscription of this checkout was not found in Stripe.';
  return refusalOfSubscription(status);
}

/** Only rows of the buyer count: a forged one could name anybody's subscription. */
function refusalOfRows({ entry }: Situation, session: CheckoutSession): string | null {
  const { siblings, sameSubscription } = entry.readings;
  if (siblings.kind === 'unknown') return couldNotLook('The orders of this customer', siblings.failure);
  if (sameSubscription.kind === 'unknown') {
    return sameSubscription.failure.kind === 'not-provided'
      ? refusalOfRowsSince(siblings.value, session)
      : couldNotLook('Whether an order was written already', sameSubscription.failure);
  }
  const buyer = personIn(session);
  const row = sameSubscription.value.find(({ userId }) => userId === buyer);
  return row === undefined ? null : `Order ${row.id} was written for this purchase already.`;
}

/** Where orders do not name their subscription, any that was written since the checkout may be its own. */
function refusalOfRowsSince(orders: readonly Order[], session: CheckoutSession): string | null {
  const since = session.createdAt.getTime() - clocksDifferMs;
  const row = orders.find(({ createdAt }) => createdAt.getTime() >= since);
  return row === undefined
    ? null
    : `Order ${row.id} of this customer was written since this checkout, and orders do not name their subscription here: it may be this purchase's. If it is not, write the order by hand.`;
}

function refusalOfSpoiling({ entry }: Situation): string | null {
  for (const code of spoiling) {
    const finding = findingOf(entry, code);
    if (finding?.standing === 'standing' && finding.confidence === 'confirmed') {
      return `${code} still stands: ${finding.explanation.what} ${finding.explanation.next}`;
    }
  }
  return null;
}

/** An event keeps the shape of the version it was made in; the function is used to that of its endpoint. */
function refusalOfVersions(event: StripeEvent, { ours }: WebhookSetup): string | null {
  const expected = ours.map(({ apiVersion }) => apiVersion).find((version) => version !== null);
  if (expected === undefined || expected === null || event.apiVersion === null) return null;
  if (isSinceBasil(event.apiVersion) === isSinceBasil(expected)) return null;
  return `Stripe keeps this event in API version ${event.apiVersion}, and the function is used to ${expected}: its shape differs.`;
}

function isSinceBasil(version: string): boolean {
  return version.slice(0, basil.length) >= basil;
}

function mayStripeDeliver(
  event: StripeEvent,
  webhooks: Situation['entry']['readings']['webhooks'],
  now: Date,
): boolean {
  if (event.pendingWebhooks === 0 || now.getTime() - event.createdAt.getTime() > stripeTriesMs) return false;
  return webhooks.kind === 'unknown' || webhooks.value.ours.some(({ status }) => status !== 'disabled');
}

/** Orders of the buyer that the delivery may have written. */
async function newRows(
  { orders }: { readonly orders: ActionPorts['orders'] },
  { subscriptionId, userId, orderIds }: Target,
  signal: AbortSignal,
): Answer<readonly Order[]> {
  const bySubscription = await orders.bySubscriptions(subscriptionId === null ? [] : [subscriptionId], signal);
  if (bySubscription.ok) return succeed(bySubscription.value.filter((row) => row.userId === userId));
  if (bySubscription.failure.kind !== 'not-provided') return bySubscription;
  const all = await orders.ofPerson(userId, signal);
  return all.ok ? succeed(all.value.filter(({ id }) => !orderIds.includes(id))) : all;
}

function endOfDelivery({ kind, status, body, executionId }: Invocation): StepEnd {
  const reason = cleanForeignText(reasonIn(body) ?? body, reasonLength);
  const data = { status, executionId };
  switch (kind) {
    case 'succeeded':
      return { kind: 'done', words: `The webhook function accepted the event (${status}).`, data };
    case 'failed':
      return { kind: 'failed', words: `The webhook function refused the event (${status}): ${reason}`, data };
    case 'not-run':
      return {
        kind: 'refused',
        words: `The webhook function was not run (${status ?? 'no connection'}): ${reason}`,
        data,
      };
    case 'died':
      return { kind: 'failed', words: `The webhook function crashed or hit a limit (${status}).`, data };
    case 'unanswered':
      return {
        kind: 'unclear',
        words:
          status === null
            ? 'The webhook function did not answer in time.'
            : `Something in between answered for the webhook function (${status}).`,
        data,
      };
  }
}

function judge(rows: readonly Order[], { claim, now, executionMaxMs }: Watch): Sight {
  const [row, ...others] = rows;
  if (row !== undefined) {
    const twice =
      others.length === 0
        ? ''
        : ` Careful: ${rows.length} orders were written for it (HOOK-009); somebody else delivered it too.`;
    const server = row.serverId === null ? 'no server yet' : `server ${row.serverId}`;
    return {
      kind: 'applied',
      words: `Order ${row.id} was written: status "${cleanForeignText(row.status, 40)}", ${server}.${twice}`,
    };
  }
  const step = claim.steps.find(({ name }) => name === 'deliver');
  if (step === undefined) return { kind: 'not-applied', words: 'The event was not delivered.' };
  const until = settlesAt(step, executionMaxMs);
  if (now < until) {
    const as = step.end === null || step.end.kind === 'unclear' ? 'unknown' : 'pending';
    return {
      kind: 'undecided',
      as,
      words: `${step.end?.words ?? 'The delivery was cut off.'} No order is there yet. Watching until ${clockTime(until)}; nobody should redeliver before.`,
    };
  }
  return { kind: 'not-applied', words: `${step.end?.words ?? 'The delivery was cut off.'} No order was written.` };
}

function settlesAt({ begunAt, endedAt, end }: StepRecord, executionMaxMs: number): Date {
  if (end === null || endedAt === null || end.kind === 'unclear') return new Date(begunAt.getTime() + executionMaxMs);
  return end.kind === 'refused' ? endedAt : new Date(endedAt.getTime() + rowsSettleMs);
}
