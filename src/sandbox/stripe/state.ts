import type {
  Charge,
  CheckoutSession,
  Customer,
  Dispute,
  Invoice,
  InvoicePayment,
  LineItem,
  PaymentIntent,
  Price,
  Product,
  Refund,
  StripeEvent,
  Subscription,
  WebhookEndpoint,
} from './shapes.ts';

/** One attempt to deliver an event, as the Dashboard would show it. */
export interface DeliveryRecord {
  readonly eventId: string;
  readonly endpointId: string;
  readonly url: string;
  readonly attemptedAtMs: number;
  /** Null when there was no answer: then `failure` says why. */
  readonly status: number | null;
  readonly body: string;
  readonly failure: string | null;
}

/** The kinds of object the account holds. */
export interface Records {
  sessions: CheckoutSession;
  events: StripeEvent;
  customers: Customer;
  subscriptions: Subscription;
  invoices: Invoice;
  invoicePayments: InvoicePayment;
  paymentIntents: PaymentIntent;
  charges: Charge;
  refunds: Refund;
  disputes: Dispute;
  prices: Price;
  products: Product;
  endpoints: WebhookEndpoint;
}

type Collections = { readonly [Name in keyof Records]: Map<string, Records[Name]> };

/** Everything this Stripe account holds, by id in the order of creation. */
export interface StripeState extends Collections {
  readonly accountId: string;
  /** The account's default API version: events are rendered in it. */
  readonly apiVersion: string;
  /** By endpoint id; the API tells a secret only once, when the endpoint is made. */
  readonly endpointSecrets: Map<string, string>;
  /** By session id. */
  readonly lineItems: Map<string, LineItem[]>;
  /** By event id: the endpoints that have not answered 2xx yet. */
  readonly undelivered: Map<string, Set<string>>;
  readonly deliveries: DeliveryRecord[];
}

/** An account without anything in it. */
export function createState(accountId: string, apiVersion: string): StripeState {
  return {
    accountId,
    apiVersion,
    sessions: new Map(),
    events: new Map(),
    customers: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoicePayments: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    prices: new Map(),
    products: new Map(),
    endpoints: new Map(),
    endpointSecrets: new Map(),
    lineItems: new Map(),
    undelivered: new Map(),
    deliveries: [],
  };
}
