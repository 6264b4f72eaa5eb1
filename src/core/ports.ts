import type {
  AllocationView,
  Charge,
  CheckoutSession,
  EdgeFunction,
  EggVariable,
  ExternalAccount,
  FunctionExecution,
  FunctionSettings,
  Invoice,
  MerchantNode,
  Order,
  PanelNode,
  PanelServer,
  PanelUser,
  Person,
  Profile,
  StripeEvent,
  StripeMode,
  Subscription,
  WebhookEndpoint,
  WingsView,
} from './evidence.ts';
import type { UpstreamFailure } from './failure.ts';
import type { Result } from './result.ts';

/**
 * What core asks of the world. Every method only reads, ends when `signal` aborts, never throws for trouble outside,
 * and answers "not there" with `null` or `[]`, which is a value and no failure.
 */
export type Answer<T> = Promise<Result<T, UpstreamFailure>>;

/** Rows of the merchant's `orders`. */
export interface OrderReader {
  byId(orderId: string, signal: AbortSignal): Answer<Order | null>;
  /** The ten newest of the person, and older ones whose status alone says trouble; newest first. */
  ofPerson(userId: string, signal: AbortSignal): Answer<readonly Order[]>;
  /** Rows that name one of these subscriptions, whoever they belong to. */
  bySubscriptions(subscriptionIds: readonly string[], signal: AbortSignal): Answer<readonly Order[]>;
  /** Rows that name this panel server, whoever they belong to. */
  byServer(serverId: number, signal: AbortSignal): Answer<readonly Order[]>;
  /** Panel server ids of a few recently provisioned orders of the plan, newest first. */
  serversOfPlan(planId: string, signal: AbortSignal): Answer<readonly number[]>;
}

/** People who can sign in, and what hangs on them. */
export interface PeopleReader {
  /** The sign-in e-mail, compared exactly after lower-casing. */
  idByEmail(email: string, signal: AbortSignal): Answer<string | null>;
  byId(userId: string, signal: AbortSignal): Answer<Person | null>;
  profileOf(userId: string, signal: AbortSignal): Answer<Profile | null>;
  externalAccountOf(userId: string, signal: AbortSignal): Answer<ExternalAccount | null>;
}

/** The merchant's nodes with the memory already sold on each. */
export interface NodeReader {
  all(signal: AbortSignal): Answer<readonly MerchantNode[]>;
}

export interface StripeCustomer {
  readonly id: string;
  readonly email: string | null;
}

/** All that Stripe holds about one customer's payments. */
export interface Billing {
  readonly subscriptions: readonly Subscription[];
  readonly invoices: readonly Invoice[];
  readonly charges: readonly Charge[];
}

export interface PaymentReader {
  /** The mode of the key: a test key never sees live objects. */
  readonly mode: StripeMode;
  /** Checkout Sessions whose checkout e-mail is this one, asked for as typed and lower-cased; newest first. */
  sessionsByEmail(email: string, signal: AbortSignal): Answer<readonly CheckoutSession[]>;
  sessionsByCustomer(customerId: string, signal: AbortSignal): Answer<readonly CheckoutSession[]>;
  sessionsBySubscription(subscriptionId: string, signal: AbortSignal): Answer<readonly CheckoutSession[]>;
  sessionsByPaymentIntent(paymentIntentId: string, signal: AbortSignal): Answer<readonly CheckoutSession[]>;
  /** Who paid, or tried to; `null` when nobody is named or nothing was tried. */
  customerOfPaymentIntent(paymentIntentId: string, signal: AbortSignal): Answer<string | null>;
  session(sessionId: string, signal: AbortSignal): Answer<CheckoutSession | null>;
  customersByEmail(email: string, signal: AbortSignal): Answer<readonly StripeCustomer[]>;
  customer(customerId: string, signal: AbortSignal): Answer<StripeCustomer | null>;
  subscription(subscriptionId: string, signal: AbortSignal): Answer<Subscription | null>;
  /** Subscriptions whose metadata name this person (`user_id`); a search index, up to a minute behind. */
  subscriptionsOfPerson(userId: string, signal: AbortSignal): Answer<readonly Subscription[]>;
  billingOf(customerId: string, signal: AbortSignal): Answer<Billing>;
  /** The `checkout.session.completed` of this session; `null` when Stripe has none (older than 30 days). */
  completedEventOf(session: CheckoutSession, signal: AbortSignal): Answer<StripeEvent | null>;
  endpoints(signal: AbortSignal): Answer<readonly WebhookEndpoint[]>;
}

export interface PanelReader {
  /** The user with exactly this e-mail. */
  userByEmail(email: string, signal: AbortSignal): Answer<PanelUser | null>;
  user(userId: number, signal: AbortSignal): Answer<PanelUser | null>;
  serversOf(userId: number, signal: AbortSignal): Answer<readonly PanelServer[]>;
  server(serverId: number, signal: AbortSignal): Answer<PanelServer | null>;
  serverByExternalId(externalId: string, signal: AbortSignal): Answer<PanelServer | null>;
  /** By the short id (8 characters) or the whole uuid. */
  serverByIdentifier(identifier: string, signal: AbortSignal): Answer<PanelServer | null>;
  nodes(signal: AbortSignal): Answer<readonly PanelNode[]>;
  /** Free allocations on the first page and, where it can be told, in all. */
  allocationsOf(nodeId: number, signal: AbortSignal): Answer<AllocationView>;
  egg(
    nestId: number,
    eggId: number,
    signal: AbortSignal,
  ): Answer<{ readonly name: string; readonly variables: readonly EggVariable[] } | null>;
  /**
   * Whether the node's Wings answers: through the panel with the order's own server where a client key is given,
   * else by knocking at Wings itself. `null`: neither is possible.
   */
  wings(node: PanelNode, server: Pick<PanelServer, 'identifier'> | null, signal: AbortSignal): Answer<WingsView | null>;
}

/** Which runs to look for. The window may not be longer than a day. */
export interface ExecutionQuery {
  /** Whole order ids that a line of the run mentions. */
  readonly orderIds: readonly string[];
  /** Also runs of `stripe-webhook` and `servers-provision` that answered 4xx or 5xx. */
  readonly failedRuns: boolean;
  readonly from: Date;
  readonly to: Date;
}

/** What the Management API tells of the edge functions. Slugs are the reference system's, whatever the merchant's are. */
export interface FunctionReader {
  functions(signal: AbortSignal): Answer<readonly EdgeFunction[]>;
  settings(signal: AbortSignal): Answer<FunctionSettings>;
  executions(query: ExecutionQuery, signal: AbortSignal): Answer<readonly FunctionExecution[]>;
}

/** Part of the bot's own store. */
export interface VouchReader {
  of(orderId: string): Promise<Result<object | null, unknown>>;
}

/** All sources of a diagnosis. `null`: not configured. */
export interface Sources {
  readonly orders: OrderReader;
  readonly people: PeopleReader;
  readonly nodes: NodeReader;
  readonly payments: PaymentReader | null;
  readonly panel: PanelReader | null;
  readonly functions: FunctionReader | null;
  /** Admins' words for orders that Stripe does not back. */
  readonly vouches: VouchReader | null;
}
