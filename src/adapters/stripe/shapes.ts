import { z } from 'zod';
import type {
  Charge,
  CheckoutSession,
  Invoice,
  StripeEvent,
  Subscription,
  WebhookEndpoint,
} from '../../core/evidence.ts';
import type { StripeCustomer } from '../../core/ports.ts';

/** Unix seconds. */
const moment = z.number().transform((seconds) => new Date(seconds * 1000));
const momentOrNull = moment.nullish().transform((at) => at ?? null);
const textOrNull = z.string().nullish().transform(orNull);
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((entries) => entries ?? {});

/** Another object: its id, or the object itself where Stripe expanded it. */
const reference = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform(orNull);

function orNull<T>(value: T | null | undefined): T | null {
  return value ?? null;
}

/** A page of a list or of search results. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  /** Names the next page of search results. */
  readonly next_page: string | null;
}

export function pageOf<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_page: textOrNull });
}

export const sessionShape: z.ZodType<CheckoutSession> = z
  .object({
    id: z.string(),
    mode: z.string(),
    status: textOrNull,
    payment_status: z.string(),
    livemode: z.boolean(),
    created: moment,
    expires_at: momentOrNull,
    amount_total: z.number().nullish().transform(orNull),
    currency: textOrNull,
    customer_details: z.object({ email: textOrNull }).nullish(),
    customer: reference,
    subscription: reference,
    invoice: reference,
    payment_intent: reference,
    client_reference_id: textOrNull,
    metadata,
  })
  .transform((session) => ({
    id: session.id,
    mode: session.mode,
    status: session.status,
    paymentStatus: session.payment_status,
    livemode: session.livemode,
    createdAt: session.created,
    expiresAt: session.expires_at,
    amountCents: session.amount_total,
    currency: session.currency,
    email: session.customer_details?.email?.toLowerCase() ?? null,
    customerId: session.customer,
    subscriptionId: session.subscription,
    invoiceId: session.invoice,
    paymentIntentId: session.payment_intent,
    clientReferenceId: session.client_reference_id,
    metadata: session.metadata,
  }));

/** A deleted customer keeps its id and nothing else. */
export const customerShape: z.ZodType<StripeCustomer & { readonly isDeleted: boolean }> = z
  .object({ id: z.string(), email: textOrNull, deleted: z.boolean().optional() })
  .transform(({ id, email, deleted }) => ({ id, email, isDeleted: deleted === true }));

export const subscriptionShape: z.ZodType<Subscription> = z
  .object({
    id: z.string(),
    status: z.string(),
    customer: reference,
    cancel_at_period_end: z.boolean(),
    canceled_at: momentOrNull,
    ended_at: momentOrNull,
    // Since API version 2025-03-31.basil the period stands on the items:
    // https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end
    current_period_end: z.number().nullish(),
    items: z.object({ data: z.array(z.object({ current_period_end: z.number().nullish() })) }).nullish(),
    created: moment,
    livemode: z.boolean(),
    metadata,
  })
  .transform((subscription) => ({
    id: subscription.id,
    status: subscription.status,
    customerId: subscription.customer,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    canceledAt: subscription.canceled_at,
    endedAt: subscription.ended_at,
    currentPeriodEndAt: latest([
      ...(subscription.items?.data.map((item) => item.current_period_end) ?? []),
      subscription.current_period_end,
    ]),
    createdAt: subscription.created,
    livemode: subscription.livemode,
    metadata: subscription.metadata,
  }));

function latest(moments: readonly (number | null | undefined)[]): Date | null {
  const known = moments.filter((seconds) => typeof seconds === 'number');
  return known.length === 0 ? null : new Date(Math.max(...known) * 1000);
}

export const invoiceShape: z.ZodType<Invoice> = z
  .object({
    id: z.string(),
    status: textOrNull,
    // Until API version 2025-03-31.basil both stood on the invoice itself.
    subscription: reference,
    payment_intent: reference,
    parent: z.object({ subscription_details: z.object({ subscription: reference }).nullish() }).nullish(),
    payments: z
      .object({ data: z.array(z.object({ payment: z.object({ payment_intent: reference }).nullish() })) })
      .nullish(),
    billing_reason: textOrNull,
    attempt_count: z.number(),
    amount_due: z.number(),
    currency: textOrNull,
    created: moment,
  })
  .transform((invoice) => ({
    id: invoice.id,
    status: invoice.status,
    subscriptionId: invoice.parent?.subscription_details?.subscription ?? invoice.subscription,
    billingReason: invoice.billing_reason,
    attemptCount: invoice.attempt_count,
    amountDueCents: invoice.amount_due,
    currency: invoice.currency,
    createdAt: invoice.created,
    paymentIntentIds: distinct([
      ...(invoice.payments?.data.map(({ payment }) => payment?.payment_intent) ?? []),
      invoice.payment_intent,
    ]),
  }));

function distinct(ids: readonly (string | null | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

/** A charge before its disputes were looked up. */
export const chargeShape: z.ZodType<Charge> = z
  .object({
    id: z.string(),
    payment_intent: reference,
    status: z.string(),
    amount: z.number(),
    amount_refunded: z.number(),
    refunded: z.boolean(),
    disputed: z.boolean(),
    currency: textOrNull,
    created: moment,
  })
  .transform((charge) => ({
    id: charge.id,
    paymentIntentId: charge.payment_intent,
    status: charge.status,
    amountCents: charge.amount,
    amountRefundedCents: charge.amount_refunded,
    refunded: charge.refunded,
    disputed: charge.disputed,
    disputeStatus: null,
    currency: charge.currency,
    createdAt: charge.created,
  }));

/** Of a charge only who paid. */
export const payerShape = z.object({ id: z.string(), customer: reference });

export const disputeShape = z.object({ id: z.string(), status: z.string() });

export const eventShape: z.ZodType<StripeEvent> = z
  .object({
    id: z.string(),
    type: z.string(),
    created: moment,
    livemode: z.boolean(),
    api_version: textOrNull,
    pending_webhooks: z.number(),
    data: z.object({ object: z.object({ id: textOrNull }) }),
  })
  .transform((event) => ({
    id: event.id,
    type: event.type,
    createdAt: event.created,
    livemode: event.livemode,
    apiVersion: event.api_version,
    pendingWebhooks: event.pending_webhooks,
    objectId: event.data.object.id,
  }));

export const endpointShape: z.ZodType<WebhookEndpoint> = z
  .object({
    id: z.string(),
    url: z.string(),
    status: z.string(),
    enabled_events: z.array(z.string()),
    api_version: textOrNull,
    livemode: z.boolean(),
  })
  .transform((endpoint) => ({
    id: endpoint.id,
    url: endpoint.url,
    status: endpoint.status,
    enabledEvents: endpoint.enabled_events,
    apiVersion: endpoint.api_version,
    livemode: endpoint.livemode,
  }));
