import type { Customer, Invoice, InvoicePayment, Price, Subscription } from '../shapes.ts';
import { wholeList } from '../shapes.ts';
import { planOf } from './catalogue.ts';

/** A span of service, in Unix seconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** The month of service that begins at `start`. */
export function monthFrom(start: number): Period {
  const end = new Date(start * 1000);
  end.setUTCMonth(end.getUTCMonth() + 1);
  return { start, end: Math.floor(end.getTime() / 1000) };
}

/** A customer known by an e-mail address alone. */
export function newCustomer(id: string, email: string, at: number, livemode: boolean): Customer {
  return {
    id,
    object: 'customer',
    address: null,
    balance: 0,
    created: at,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** An active subscription to one price. */
export function newSubscription(input: {
  readonly id: string;
  readonly itemId: string;
  readonly at: number;
  readonly customer: Customer;
  readonly price: Price;
  readonly metadata: Record<string, string>;
  readonly period: Period;
}): Subscription {
  const { id, at, price, period } = input;
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: at,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: null, type: 'classic' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: at,
    currency: price.currency,
    customer: input.customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    // Periods live on the items since API 2025-03-31.basil.
    items: wholeList(`/v1/subscription_items?subscription=${id}`, [
      {
        id: input.itemId,
        object: 'subscription_item',
        billing_thresholds: null,
        created: at,
        current_period_end: period.end,
        current_period_start: period.start,
        current_trial: null,
        discounts: [],
        metadata: {},
        plan: planOf(price),
        price,
        quantity: 1,
        subscription: id,
        tax_rates: [],
      },
    ]),
    latest_invoice: null,
    livemode: input.customer.livemode,
    managed_payments: null,
    metadata: { ...input.metadata },
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: ['card'],
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: at,
    status: 'active',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
  };
}

/** An invoice of one month of a subscription: open, until somebody pays it. */
export function newInvoice(input: {
  readonly id: string;
  readonly lineId: string;
  readonly at: number;
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly price: Price;
  readonly amountCents: number;
  readonly reason: 'subscription_create' | 'subscription_cycle';
  readonly period: Period;
}): Invoice {
  const { id, at, customer, subscription, price, amountCents } = input;
  const sequence = customer.next_invoice_sequence ?? 1;
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox shop',
    account_tax_ids: null,
    amount_due: amountCents,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: amountCents,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: input.reason,
    collection_method: 'charge_automatically',
    created: at,
    currency: price.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: at,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: wholeList(`/v1/invoices/${id}/lines`, [
      {
        id: input.lineId,
        object: 'line_item',
        amount: amountCents,
        currency: price.currency,
        description: '1 × game server',
        discount_amounts: [],
        discountable: true,
        discounts: [],
        invoice: id,
        livemode: customer.livemode,
        metadata: { ...subscription.metadata },
        parent: {
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: null,
            proration: false,
            proration_details: { credited_items: null },
            subscription: subscription.id,
            subscription_item: subscription.items.data[0]?.id ?? '',
          },
          type: 'subscription_item_details',
        },
        period: { end: input.period.end, start: input.period.start },
        pretax_credit_amounts: [],
        pricing: {
          type: 'price_details',
          price_details: { price: price.id, product: price.product },
          unit_amount_decimal: String(amountCents),
        },
        quantity: 1,
        quantity_decimal: '1',
        subscription: subscription.id,
        subtotal: amountCents,
        taxes: [],
      },
    ]),
    livemode: customer.livemode,
    metadata: {},
    next_payment_attempt: null,
    number: `${customer.invoice_prefix ?? 'INV'}-${String(sequence).padStart(4, '0')}`,
    on_behalf_of: null,
    // The subscription moved here in API 2025-03-31.basil.
    parent: {
      quote_details: null,
      subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: input.period.end,
    period_start: input.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'open',
    status_transitions: { finalized_at: at, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: amountCents,
    subtotal_excluding_tax: amountCents,
    test_clock: null,
    total: amountCents,
    total_discount_amounts: [],
    total_excluding_tax: amountCents,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: at,
  };
}

/** Ties an invoice to the payment intent that pays it. */
export function newInvoicePayment(id: string, invoice: Invoice, paymentIntentId: string): InvoicePayment {
  return {
    id,
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: invoice.created,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: invoice.livemode,
    payment: { payment_intent: paymentIntentId, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
}
