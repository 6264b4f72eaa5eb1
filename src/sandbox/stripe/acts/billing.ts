import type { Money } from '../objects/catalogue.ts';
import { newInvoice, newInvoicePayment, type Period } from '../objects/billing.ts';
import { markPayment, newCharge, newPaymentIntent, type PaymentState } from '../objects/payments.ts';
import type { Charge, Invoice, PaymentIntent, Subscription } from '../shapes.ts';
import { mustFind, secondsNow, type Stage } from './stage.ts';

/** A payment attempt: the intent and its first charge, stored. */
export function makePayment(
  stage: Stage,
  payer: { readonly customer: string | null; readonly email: string; readonly livemode: boolean },
  money: Money,
  outcome: PaymentState,
): PaymentIntent {
  const at = secondsNow(stage);
  const intent = newPaymentIntent({
    id: stage.ids('pi'),
    at,
    livemode: payer.livemode,
    customer: payer.customer,
    money,
  });
  const charge = newCharge(stage.ids('ch'), intent, payer.email, at);
  markPayment(intent, charge, outcome);
  stage.state.paymentIntents.set(intent.id, intent);
  stage.state.charges.set(charge.id, charge);
  return intent;
}

/** Bills a month of a subscription and stores invoice and payment; nothing is charged for an amount of 0. */
export function makeInvoice(
  stage: Stage,
  subscription: Subscription,
  bill: {
    readonly reason: 'subscription_create' | 'subscription_cycle';
    readonly period: Period;
    readonly amountCents: number;
    readonly outcome: PaymentState;
  },
): Invoice {
  const { state, ids } = stage;
  const customer = mustFind(state.customers, subscription.customer);
  const price = subscription.items.data[0]?.price;
  if (price === undefined) throw new Error(`Subscription ${subscription.id} has no item`);
  const invoice = newInvoice({
    id: ids('in'),
    lineId: ids('il'),
    at: secondsNow(stage),
    customer,
    subscription,
    price,
    amountCents: bill.amountCents,
    reason: bill.reason,
    period: bill.period,
  });
  customer.next_invoice_sequence = (customer.next_invoice_sequence ?? 1) + 1;
  customer.currency = price.currency;
  state.invoices.set(invoice.id, invoice);
  subscription.latest_invoice = invoice.id;
  if (bill.amountCents > 0) {
    const payer = { customer: customer.id, email: customer.email ?? '', livemode: customer.livemode };
    const money = { amountCents: bill.amountCents, currency: price.currency };
    const intent = makePayment(stage, payer, money, bill.outcome);
    const payment = newInvoicePayment(ids('inpay'), invoice, intent.id);
    state.invoicePayments.set(payment.id, payment);
    invoice.attempted = true;
    invoice.attempt_count = 1;
  }
  if (bill.outcome === 'succeeded') markInvoicePaid(stage, invoice);
  return invoice;
}

/** Closes an invoice and its payments as paid now. */
export function markInvoicePaid(stage: Stage, invoice: Invoice): void {
  const at = secondsNow(stage);
  invoice.status = 'paid';
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.attempted = true;
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = at;
  for (const payment of paymentsOf(stage, invoice)) {
    payment.status = 'paid';
    payment.amount_paid = payment.amount_requested;
    payment.status_transitions.paid_at = at;
  }
}

/** The payment intent of an invoice, or null when there was nothing to charge. */
function intentOf(stage: Stage, invoice: Invoice): PaymentIntent | null {
  const id = paymentsOf(stage, invoice)[0]?.payment.payment_intent;
  return typeof id === 'string' ? mustFind(stage.state.paymentIntents, id) : null;
}

/** The charge behind `id`, which may name the charge, its intent, or the session that was paid with it. */
export function chargeOf(stage: Stage, id: string): Charge {
  const { state } = stage;
  const charge = state.charges.get(id);
  if (charge !== undefined) return charge;
  const session = state.sessions.get(id);
  const invoice = session?.invoice === null || session === undefined ? null : mustFind(state.invoices, session.invoice);
  const intent =
    invoice === null ? mustFind(state.paymentIntents, session?.payment_intent ?? id) : intentOf(stage, invoice);
  if (intent?.latest_charge === null || intent === null) throw new Error(`Nothing was charged for ${id}`);
  return mustFind(state.charges, intent.latest_charge);
}

function paymentsOf(stage: Stage, invoice: Invoice) {
  return [...stage.state.invoicePayments.values()].filter((payment) => payment.invoice === invoice.id);
}
