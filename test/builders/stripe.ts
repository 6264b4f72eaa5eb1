import type {
  Charge,
  CheckoutSession,
  Invoice,
  Payment,
  StripeEvent,
  Subscription,
  WebhookEndpoint,
  WebhookSetup,
} from '../../src/core/evidence.ts';
import { EMAIL, USER_ID } from './merchant.ts';
import { ago, DAY, HOUR, MINUTE } from './time.ts';

/** A paid checkout of an hour ago, with everything the webhook function needs. */
export function aSession(over: Partial<CheckoutSession> = {}): CheckoutSession {
  return {
    id: 'cs_test_ann',
    mode: 'subscription',
    status: 'complete',
    paymentStatus: 'paid',
    livemode: false,
    createdAt: ago(HOUR + 3 * MINUTE),
    expiresAt: ago(HOUR - DAY),
    amountCents: 1499,
    currency: 'eur',
    email: EMAIL,
    customerId: 'cus_ann',
    subscriptionId: 'sub_ann',
    invoiceId: 'in_ann',
    paymentIntentId: null,
    clientReferenceId: null,
    metadata: {
      user_id: USER_ID,
      plan_id: 'mc-8',
      item_type: 'game',
      term: 'monthly',
      region: 'eu',
      server_name: "Ann's world",
    },
    ...over,
  };
}

export function aSubscription(over: Partial<Subscription> = {}): Subscription {
  return {
    id: 'sub_ann',
    status: 'active',
    customerId: 'cus_ann',
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endedAt: null,
    currentPeriodEndAt: ago(-29 * DAY),
    createdAt: ago(HOUR + 2 * MINUTE),
    livemode: false,
    metadata: { user_id: USER_ID },
    ...over,
  };
}

export function anInvoice(over: Partial<Invoice> = {}): Invoice {
  return {
    id: 'in_ann',
    status: 'paid',
    subscriptionId: 'sub_ann',
    billingReason: 'subscription_create',
    attemptCount: 1,
    amountDueCents: 1499,
    currency: 'eur',
    createdAt: ago(HOUR + 2 * MINUTE),
    paymentIntentIds: ['pi_ann'],
    ...over,
  };
}

export function aCharge(over: Partial<Charge> = {}): Charge {
  return {
    id: 'ch_ann',
    paymentIntentId: 'pi_ann',
    status: 'succeeded',
    amountCents: 1499,
    amountRefundedCents: 0,
    refunded: false,
    disputed: false,
    disputeStatus: null,
    currency: 'eur',
    createdAt: ago(HOUR + 2 * MINUTE),
    ...over,
  };
}

export function aPayment(over: Partial<Payment> = {}): Payment {
  return {
    backing: 'own',
    session: aSession(),
    subscription: aSubscription(),
    invoices: [anInvoice()],
    charges: [aCharge()],
    ...over,
  };
}

export function anEvent(over: Partial<StripeEvent> = {}): StripeEvent {
  return {
    id: 'evt_ann',
    type: 'checkout.session.completed',
    createdAt: ago(HOUR + 2 * MINUTE),
    livemode: false,
    apiVersion: '2026-10-28.endive',
    pendingWebhooks: 0,
    objectId: 'cs_test_ann',
    ...over,
  };
}

export function anEndpoint(over: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: 'we_shop',
    url: 'https://ref.supabase.co/functions/v1/stripe-webhook',
    status: 'enabled',
    enabledEvents: ['checkout.session.completed', 'customer.subscription.updated', 'customer.subscription.deleted'],
    apiVersion: null,
    livemode: false,
    ...over,
  };
}

export function theWebhooks(over: Partial<WebhookSetup> = {}): WebhookSetup {
  return { mode: 'test', ours: [anEndpoint()], others: [], ...over };
}
