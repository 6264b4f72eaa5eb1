import type { CheckoutSession } from '../shapes.ts';
import type { Money } from './catalogue.ts';

const OPEN_FOR_S = 24 * 3600;

/** A session whose customer has the payment page open. */
export function newCheckoutSession(input: {
  readonly id: string;
  readonly at: number;
  readonly livemode: boolean;
  readonly email: string;
  readonly mode: 'subscription' | 'payment';
  readonly metadata: Record<string, string>;
  readonly clientReferenceId: string | null;
  readonly customer: string | null;
  readonly money: Money;
}): CheckoutSession {
  const { amountCents, currency } = input.money;
  return {
    id: input.id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: amountCents,
    amount_total: amountCents,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: 'https://shop.example/cancel',
    client_reference_id: input.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: input.at,
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: input.customer,
    customer_account: null,
    customer_creation: input.mode === 'subscription' ? 'always' : 'if_required',
    customer_details: customerDetails(input.email),
    customer_email: input.customer === null ? input.email : null,
    discounts: [],
    expires_at: input.at + OPEN_FOR_S,
    integration_identifier: null,
    invoice: null,
    invoice_creation:
      input.mode === 'payment'
        ? {
            enabled: false,
            invoice_data: {
              account_tax_ids: null,
              custom_fields: null,
              description: null,
              footer: null,
              issuer: null,
              metadata: {},
              rendering_options: null,
            },
          }
        : null,
    livemode: input.livemode,
    locale: null,
    managed_payments: { enabled: false },
    metadata: { ...input.metadata },
    mode: input.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: input.mode === 'subscription' ? 'always' : 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: 'https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}',
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `https://checkout.stripe.com/c/pay/${input.id}`,
    wallet_options: null,
  };
}

/** What the customer wrote on the payment page. */
export function customerDetails(email: string): NonNullable<CheckoutSession['customer_details']> {
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: null,
  };
}
