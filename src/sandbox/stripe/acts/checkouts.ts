import { newLineItem, newPrice, newProduct } from '../objects/catalogue.ts';
import { customerDetails, newCheckoutSession } from '../objects/checkout-session.ts';
import { monthFrom, newCustomer, newSubscription } from '../objects/billing.ts';
import { markPayment } from '../objects/payments.ts';
import type { CheckoutSession, Customer, Price } from '../shapes.ts';
import { chargeOf, makeInvoice, makePayment, markInvoicePaid } from './billing.ts';
import { type ActOptions, mustFind, secondsNow, type Stage } from './stage.ts';

/** What the shop opens a payment page with. */
export interface CheckoutInput {
  /** What the shop fills in. */
  readonly email: string;
  /** What the customer writes instead, if anything. */
  readonly customerDetailsEmail?: string;
  readonly mode?: 'subscription' | 'payment';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly subscriptionMetadata?: Readonly<Record<string, string>>;
  readonly clientReferenceId?: string;
  /** A customer who has bought before; otherwise a subscription makes a new one. */
  readonly customerId?: string;
  readonly amountCents?: number;
  readonly currency?: string;
  readonly priceId?: string;
  readonly productName?: string;
  readonly livemode?: boolean;
}

/** How the customer pays. */
export interface CompletionOptions extends ActOptions {
  readonly paymentStatus?: 'paid' | 'unpaid' | 'no_payment_required';
}

/** What customers do on the payment page. */
export interface Checkouts {
  createCheckout(input: CheckoutInput): CheckoutSession;
  completeCheckout(sessionId: string, options?: CompletionOptions): Promise<CheckoutSession>;
  expireCheckout(sessionId: string, options?: ActOptions): Promise<CheckoutSession>;
  /** A delayed payment method comes to its end. */
  settleCheckout(sessionId: string, outcome: 'succeeded' | 'failed', options?: ActOptions): Promise<CheckoutSession>;
}

/** The payment pages of one account. */
export function createCheckouts(stage: Stage): Checkouts {
  const { state, ids, outbox } = stage;
  /** What the session was made with and does not show itself. */
  const subscriptionMetadata = new Map<string, Record<string, string>>();
  const writtenEmails = new Map<string, string>();

  return {
    createCheckout(input) {
      const { email, mode = 'subscription', amountCents = 1200, currency = 'usd', livemode = false } = input;
      const session = newCheckoutSession({
        id: ids(livemode ? 'cs_live' : 'cs_test'),
        at: secondsNow(stage),
        livemode,
        email,
        mode,
        metadata: { ...input.metadata },
        clientReferenceId: input.clientReferenceId ?? null,
        customer: input.customerId === undefined ? null : mustFind(state.customers, input.customerId).id,
        money: { amountCents, currency },
      });
      const productName = input.productName ?? 'Game server';
      const price = priceFor(stage, input.priceId, session, productName);
      state.lineItems.set(session.id, [newLineItem(ids('li'), price, productName, amountCents)]);
      state.sessions.set(session.id, session);
      subscriptionMetadata.set(session.id, { ...input.subscriptionMetadata });
      writtenEmails.set(session.id, input.customerDetailsEmail ?? email);
      return session;
    },

    async completeCheckout(sessionId, options = {}) {
      const session = mustFind(state.sessions, sessionId);
      if (session.status !== 'open') throw new Error(`${sessionId} is ${session.status ?? 'without status'}, not open`);
      const email = writtenEmails.get(sessionId) ?? '';
      const paymentStatus = options.paymentStatus ?? 'paid';
      session.status = 'complete';
      session.payment_status = paymentStatus;
      session.customer_details = customerDetails(email);
      session.url = null;
      if (session.mode === 'subscription') subscribe(stage, session, email, subscriptionMetadata.get(sessionId) ?? {});
      else payOnce(stage, session, email);
      await outbox.publish('checkout.session.completed', session, { deliver: options.deliver });
      return session;
    },

    async expireCheckout(sessionId, options = {}) {
      const session = mustFind(state.sessions, sessionId);
      session.status = 'expired';
      session.url = null;
      await outbox.publish('checkout.session.expired', session, { deliver: options.deliver });
      return session;
    },

    async settleCheckout(sessionId, outcome, options = {}) {
      const session = mustFind(state.sessions, sessionId);
      const charge = chargeOf(stage, sessionId);
      const intent = mustFind(state.paymentIntents, charge.payment_intent ?? '');
      markPayment(intent, charge, outcome);
      if (outcome === 'succeeded') {
        session.payment_status = 'paid';
        if (session.invoice !== null) markInvoicePaid(stage, mustFind(state.invoices, session.invoice));
      }
      await outbox.publish(`checkout.session.async_payment_${outcome}`, session, { deliver: options.deliver });
      return session;
    },
  };
}

function subscribe(
  stage: Stage,
  session: CheckoutSession,
  email: string,
  metadata: Readonly<Record<string, string>>,
): void {
  const { state, ids } = stage;
  const at = secondsNow(stage);
  const customer = customerOf(stage, session, email);
  const price = mustFind(state.lineItems, session.id)[0]?.price;
  if (price === undefined) throw new Error(`${session.id} has no line item`);
  const period = monthFrom(at);
  const subscription = newSubscription({
    id: ids('sub'),
    itemId: ids('si'),
    at,
    customer,
    price,
    metadata: { ...metadata },
    period,
  });
  state.subscriptions.set(subscription.id, subscription);
  const isFree = session.payment_status === 'no_payment_required';
  const invoice = makeInvoice(stage, subscription, {
    reason: 'subscription_create',
    period,
    amountCents: isFree ? 0 : (session.amount_total ?? 0),
    outcome: session.payment_status === 'unpaid' ? 'processing' : 'succeeded',
  });
  session.customer = customer.id;
  session.subscription = subscription.id;
  session.invoice = invoice.id;
  if (isFree) makeFree(session);
}

/** One payment, by a guest unless the shop named the customer: no customer, subscription or invoice is made. */
function payOnce(stage: Stage, session: CheckoutSession, email: string): void {
  if (session.payment_status === 'no_payment_required') {
    makeFree(session);
    return;
  }
  const payer = { customer: session.customer, email, livemode: session.livemode };
  const money = { amountCents: session.amount_total ?? 0, currency: session.currency ?? 'usd' };
  const outcome = session.payment_status === 'unpaid' ? 'processing' : 'succeeded';
  session.payment_intent = makePayment(stage, payer, money, outcome).id;
}

function makeFree(session: CheckoutSession): void {
  session.total_details = { amount_discount: session.amount_subtotal ?? 0, amount_shipping: 0, amount_tax: 0 };
  session.amount_total = 0;
}

function customerOf(stage: Stage, session: CheckoutSession, email: string): Customer {
  if (session.customer !== null) return mustFind(stage.state.customers, session.customer);
  const customer = newCustomer(stage.ids('cus'), email, secondsNow(stage), session.livemode);
  stage.state.customers.set(customer.id, customer);
  return customer;
}

/** The price of that id, made at the session's amount when it is new. */
function priceFor(stage: Stage, priceId: string | undefined, session: CheckoutSession, productName: string): Price {
  const { state, ids } = stage;
  const known = priceId === undefined ? undefined : state.prices.get(priceId);
  if (known !== undefined) return known;
  const product = newProduct(ids('prod'), productName, session.created, session.livemode);
  const price = newPrice({
    id: priceId ?? ids('price'),
    product: product.id,
    money: { amountCents: session.amount_total ?? 0, currency: session.currency ?? 'usd' },
    isRecurring: session.mode === 'subscription',
    at: session.created,
    livemode: session.livemode,
  });
  state.products.set(product.id, product);
  state.prices.set(price.id, price);
  return price;
}
