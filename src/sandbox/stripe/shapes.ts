import type { Stripe } from 'stripe';

/** An object as it is stored and sent: the named fields hold ids, and are objects only in an expanded answer. */
type Stored<Shape, Reference extends keyof Shape> = Omit<Shape, Reference> & {
  [Field in Reference]: Extract<Shape[Field], string | null>;
};

/** Decimals are strings on the wire; only the client library makes numbers of them. */
type WithDecimal<Shape, Field extends keyof Shape> = Omit<Shape, Field> & { [Name in Field]: string | null };

export type Price = WithDecimal<Stored<Stripe.Price, 'product'>, 'unit_amount_decimal'>;
export type Plan = WithDecimal<Stored<Stripe.Plan, 'product'>, 'amount_decimal'>;
export type Product = Stored<Stripe.Product, never>;
export type LineItem = Omit<Stripe.LineItem, 'price'> & { price: Price };
export type InvoiceLine = Omit<Stripe.InvoiceLineItem, 'quantity_decimal' | 'pricing'> & {
  quantity_decimal: string | null;
  pricing: { type: 'price_details'; price_details: { price: string; product: string }; unit_amount_decimal: string };
};
export type SubscriptionItem = Omit<Stripe.SubscriptionItem, 'price' | 'plan'> & { price: Price; plan: Plan };

export type Customer = Stored<Stripe.Customer, never>;
export type CheckoutSession = Stored<
  Stripe.Checkout.Session,
  'customer' | 'invoice' | 'payment_intent' | 'payment_link' | 'setup_intent' | 'subscription'
>;
export type Subscription = Omit<Stored<Stripe.Subscription, 'customer' | 'latest_invoice'>, 'items'> & {
  items: StripeList<SubscriptionItem>;
};
export type Invoice = Omit<Stored<Stripe.Invoice, 'customer'>, 'lines' | 'payments'> & {
  lines: StripeList<InvoiceLine>;
};
export type InvoicePayment = Stored<Stripe.InvoicePayment, 'invoice'>;
export type PaymentIntent = Stored<Stripe.PaymentIntent, 'customer' | 'latest_charge'>;
export type Charge = Stored<Stripe.Charge, 'customer' | 'payment_intent'>;
export type Refund = Stored<Stripe.Refund, 'charge' | 'customer' | 'payment_intent'> & { livemode?: never };
export type Dispute = Stored<Stripe.Dispute, 'charge' | 'payment_intent'>;
export type WebhookEndpoint = Omit<Stripe.WebhookEndpoint, 'secret'>;

/** An event, with the object as it was at that moment. */
export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string | null;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: boolean;
  /** Endpoints that have not answered 2xx yet. */
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

/** A page of objects, newest first. */
export interface StripeList<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

/** A list that holds everything there is. */
export function wholeList<Item>(url: string, data: Item[]): StripeList<Item> {
  return { object: 'list', data, has_more: false, url };
}
