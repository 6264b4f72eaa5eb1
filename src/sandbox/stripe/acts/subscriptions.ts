import { monthFrom } from '../objects/billing.ts';
import type { Invoice, Subscription } from '../shapes.ts';
import { makeInvoice } from './billing.ts';
import { type ActOptions, mustFind, secondsNow, type Stage } from './stage.ts';

/** Stripe's first automatic retry of a failed renewal comes some days later. */
const NEXT_ATTEMPT_S = 3 * 24 * 3600;

/** What may be changed of a subscription. */
export interface SubscriptionChanges {
  readonly status?: Subscription['status'];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cancelAtPeriodEnd?: boolean;
}

/** What happens to a subscription after its checkout. */
export interface Subscriptions {
  /** The next month is paid: `invoice.paid`. */
  renew(subscriptionId: string, options?: ActOptions): Promise<Invoice>;
  /** The card is declined for the next month: `invoice.payment_failed`, the subscription is past due. */
  failRenewal(subscriptionId: string, options?: ActOptions): Promise<Invoice>;
  updateSubscription(subscriptionId: string, changes: SubscriptionChanges, options?: ActOptions): Promise<Subscription>;
  /** Ends it now (`customer.subscription.deleted`), or at the end of the paid month (`…updated`). */
  cancelSubscription(
    subscriptionId: string,
    options?: ActOptions & { readonly atPeriodEnd?: boolean },
  ): Promise<Subscription>;
}

/** The subscriptions of one account. */
export function createSubscriptions(stage: Stage): Subscriptions {
  const { state, outbox } = stage;

  async function update(
    subscriptionId: string,
    changes: SubscriptionChanges,
    options: ActOptions = {},
  ): Promise<Subscription> {
    const subscription = mustFind(state.subscriptions, subscriptionId);
    const previous = {
      ...(changes.status === undefined ? {} : { status: subscription.status }),
      ...(changes.metadata === undefined ? {} : { metadata: subscription.metadata }),
      ...(changes.cancelAtPeriodEnd === undefined
        ? {}
        : { cancel_at_period_end: subscription.cancel_at_period_end, cancel_at: subscription.cancel_at }),
    };
    if (changes.status !== undefined) subscription.status = changes.status;
    if (changes.metadata !== undefined) subscription.metadata = { ...subscription.metadata, ...changes.metadata };
    if (changes.cancelAtPeriodEnd !== undefined) markCancelAtPeriodEnd(subscription, changes.cancelAtPeriodEnd);
    await outbox.publish('customer.subscription.updated', subscription, { deliver: options.deliver, previous });
    return subscription;
  }

  function markCancelAtPeriodEnd(subscription: Subscription, isCanceled: boolean): void {
    subscription.cancel_at_period_end = isCanceled;
    subscription.cancel_at = isCanceled ? (subscription.items.data[0]?.current_period_end ?? null) : null;
    subscription.canceled_at = isCanceled ? secondsNow(stage) : null;
  }

  return {
    async renew(subscriptionId, options = {}) {
      const subscription = mustFind(state.subscriptions, subscriptionId);
      const invoice = billNextMonth(stage, subscription, 'succeeded');
      subscription.status = 'active';
      await outbox.publish('invoice.paid', invoice, { deliver: options.deliver });
      return invoice;
    },
    async failRenewal(subscriptionId, options = {}) {
      const subscription = mustFind(state.subscriptions, subscriptionId);
      const invoice = billNextMonth(stage, subscription, 'failed');
      invoice.next_payment_attempt = secondsNow(stage) + NEXT_ATTEMPT_S;
      subscription.status = 'past_due';
      mustFind(state.customers, subscription.customer).delinquent = true;
      await outbox.publish('invoice.payment_failed', invoice, { deliver: options.deliver });
      return invoice;
    },
    updateSubscription: update,
    async cancelSubscription(subscriptionId, options = {}) {
      if (options.atPeriodEnd === true) return update(subscriptionId, { cancelAtPeriodEnd: true }, options);
      const subscription = mustFind(state.subscriptions, subscriptionId);
      const at = secondsNow(stage);
      subscription.status = 'canceled';
      subscription.canceled_at ??= at;
      subscription.ended_at = at;
      subscription.cancellation_details = {
        comment: null,
        feedback: null,
        feedback_option: null,
        reason: 'cancellation_requested',
      };
      await outbox.publish('customer.subscription.deleted', subscription, { deliver: options.deliver });
      return subscription;
    },
  };
}

/** Moves the subscription into the month that begins now and bills it. */
function billNextMonth(stage: Stage, subscription: Subscription, outcome: 'succeeded' | 'failed'): Invoice {
  const [item] = subscription.items.data;
  if (item === undefined) throw new Error(`${subscription.id} has no item`);
  const period = monthFrom(secondsNow(stage));
  item.current_period_start = period.start;
  item.current_period_end = period.end;
  return makeInvoice(stage, subscription, {
    reason: 'subscription_cycle',
    period,
    amountCents: item.price.unit_amount ?? 0,
    outcome,
  });
}
