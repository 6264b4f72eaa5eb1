import type { Charge, Dispute, PaymentIntent, Refund } from '../shapes.ts';
import type { Money } from './catalogue.ts';

/** How far a payment has come: delayed methods stay `processing` for days. */
export type PaymentState = 'succeeded' | 'processing' | 'failed';

const intentStatus = {
  succeeded: 'succeeded',
  processing: 'processing',
  failed: 'requires_payment_method',
} as const satisfies Record<PaymentState, string>;

const chargeStatus = {
  succeeded: 'succeeded',
  processing: 'pending',
  failed: 'failed',
} as const satisfies Record<PaymentState, string>;

/** An intent that nothing has been paid for. */
export function newPaymentIntent(input: {
  readonly id: string;
  readonly at: number;
  readonly livemode: boolean;
  readonly customer: string | null;
  readonly money: Money;
}): PaymentIntent {
  const { amountCents, currency } = input.money;
  return {
    id: input.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: amountCents,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: null,
    confirmation_method: 'automatic',
    created: input.at,
    currency,
    customer: input.customer,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: input.livemode,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
}

/** The attempt to charge an intent, not decided yet. */
export function newCharge(id: string, intent: PaymentIntent, email: string, at: number): Charge {
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: false,
    created: at,
    currency: intent.currency,
    customer: intent.customer,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: intent.livemode,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: null,
    payment_method_details: null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'pending',
    transfer_data: null,
    transfer_group: null,
  };
}

/** Writes how the payment went into the intent and its charge. */
export function markPayment(intent: PaymentIntent, charge: Charge, outcome: PaymentState): void {
  const isPaid = outcome === 'succeeded';
  intent.latest_charge = charge.id;
  intent.status = intentStatus[outcome];
  intent.amount_received = isPaid ? intent.amount : 0;
  charge.status = chargeStatus[outcome];
  charge.paid = isPaid;
  charge.captured = isPaid;
  charge.amount_captured = isPaid ? charge.amount : 0;
  charge.failure_code = outcome === 'failed' ? 'card_declined' : null;
  charge.failure_message = outcome === 'failed' ? 'Your card was declined.' : null;
}

/** Money given back of a charge. */
export function newRefund(id: string, charge: Charge, amountCents: number, at: number): Refund {
  return {
    id,
    object: 'refund',
    amount: amountCents,
    balance_transaction: null,
    charge: charge.id,
    created: at,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method: null,
    reason: 'requested_by_customer',
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}

/** A dispute that the shop has not answered. */
export function newDispute(id: string, charge: Charge, reason: string, at: number): Dispute {
  return {
    id,
    object: 'dispute',
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: at,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: at + 7 * 24 * 3600,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'manual',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: charge.livemode,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  };
}

function noEvidence(): Dispute['evidence'] {
  return {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  };
}
