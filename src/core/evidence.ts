import type { Placement, PlacementNode } from './placement.ts';
import type { Reading } from './reading.ts';

/** A person who can sign in (`auth.users`). The e-mail is lower-case, as Supabase Auth stores it. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly emailConfirmed: boolean;
  readonly createdAt: Date;
}

/** The customer's `profiles` row. Its owner can write it: a convenience for the function, never a proof of identity. */
export interface Profile {
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/** The row of `external_accounts` that ties a person to a panel user. Its owner can write it. */
export interface ExternalAccount {
  readonly panelUserId: number;
  readonly lastSyncedAt: Date | null;
}

export interface Plan {
  readonly id: string;
  readonly game: string | null;
  readonly memoryGb: number;
}

/** Optional columns of `orders`: a merchant's table may lack them. */
export type OptionalOrderColumn =
  | 'itemType'
  | 'plan'
  | 'region'
  | 'stripeSubscriptionId'
  | 'nodeId'
  | 'serverIdentifier'
  | 'serverName'
  | 'term';

/** A row of `orders`. The customer can insert one: a row proves nothing by itself. */
export interface Order {
  readonly id: string;
  readonly userId: string;
  /** `game`, `vps`, or a word this version does not know; `null` when the merchant has no such column. */
  readonly itemType: string | null;
  readonly planId: string | null;
  /** `null` when the plan is not in `plans` or there is no such table. */
  readonly plan: Plan | null;
  readonly term: string | null;
  readonly region: string | null;
  readonly serverName: string | null;
  readonly stripeSubscriptionId: string | null;
  readonly status: string;
  readonly nodeId: string | null;
  /** The panel's numeric server id. */
  readonly serverId: number | null;
  /** The panel's short server id (8 characters). */
  readonly serverIdentifier: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Which optional columns the merchant's table lacks; their values above are then meaningless. */
  readonly lacks: ReadonlySet<OptionalOrderColumn>;
}

/** Statuses of the reference system, and what each claims. */
export const orderStatuses = [
  'pending',
  'paid',
  'provisioning',
  'installing',
  'provisioned',
  'active',
  'error',
  'canceled',
] as const;

/** A node of `ptero_nodes`. */
export interface MerchantNode extends PlacementNode {
  readonly lastSeenAt: Date | null;
}

export type StripeMode = 'test' | 'live';

/** A Checkout Session. Statuses are open enumerations at Stripe: a word not listed here is kept as it came. */
export interface CheckoutSession {
  readonly id: string;
  readonly mode: string;
  readonly status: string | null;
  readonly paymentStatus: string;
  readonly livemode: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly amountCents: number | null;
  readonly currency: string | null;
  /** What was typed at checkout, lower-cased. */
  readonly email: string | null;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId: string | null;
  readonly paymentIntentId: string | null;
  readonly clientReferenceId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Subscription {
  readonly id: string;
  readonly status: string;
  readonly customerId: string | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly currentPeriodEndAt: Date | null;
  readonly createdAt: Date;
  readonly livemode: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Invoice {
  readonly id: string;
  readonly status: string | null;
  readonly subscriptionId: string | null;
  /** `subscription_create` for the first, `subscription_cycle` for a renewal. */
  readonly billingReason: string | null;
  readonly attemptCount: number;
  readonly amountDueCents: number;
  readonly currency: string | null;
  readonly createdAt: Date;
  readonly paymentIntentIds: readonly string[];
}

export interface Charge {
  readonly id: string;
  readonly paymentIntentId: string | null;
  readonly status: string;
  readonly amountCents: number;
  readonly amountRefundedCents: number;
  /** Fully refunded. */
  readonly refunded: boolean;
  /** A dispute exists; `disputeStatus` tells whether it is still open, where that could be read. */
  readonly disputed: boolean;
  readonly disputeStatus: string | null;
  readonly currency: string | null;
  readonly createdAt: Date;
}

/** What Stripe knows of one purchase. */
export interface Payment {
  /**
   * Who Stripe says stands behind the order: this person (`own`), another person (`foreign`: the row names a
   * subscription that is tied to somebody else), nobody (`none`), or an operator's word (`vouched`).
   */
  readonly backing: 'own' | 'foreign' | 'none' | 'vouched';
  readonly session: CheckoutSession | null;
  readonly subscription: Subscription | null;
  /** Of this subscription, newest first. */
  readonly invoices: readonly Invoice[];
  /** Of this purchase, newest first. */
  readonly charges: readonly Charge[];
}

export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  readonly livemode: boolean;
  readonly apiVersion: string | null;
  /** Deliveries that are not yet answered with 2xx, over all endpoints of the account. */
  readonly pendingWebhooks: number;
  /** The id of the object it speaks of. */
  readonly objectId: string | null;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly status: string;
  readonly enabledEvents: readonly string[];
  readonly apiVersion: string | null;
  readonly livemode: boolean;
}

/** The endpoints of this Stripe account and mode, split by where they point. */
export interface WebhookSetup {
  /** The mode of the bot's Stripe key. */
  readonly mode: StripeMode;
  /** Those that point to the merchant's `stripe-webhook`, in any of its address forms. */
  readonly ours: readonly WebhookEndpoint[];
  /** All others of the account; they share the counters `pending_webhooks` speaks of. */
  readonly others: readonly WebhookEndpoint[];
}

export interface PanelUser {
  readonly id: number;
  readonly email: string;
  readonly username: string;
  readonly rootAdmin: boolean;
  readonly createdAt: Date;
}

/** A server of the panel. `status` null is the normal state. */
export interface PanelServer {
  readonly id: number;
  readonly uuid: string;
  readonly identifier: string;
  readonly externalId: string | null;
  readonly name: string;
  readonly status: string | null;
  readonly suspended: boolean;
  readonly ownerId: number;
  readonly nodeId: number;
  readonly nestId: number | null;
  readonly eggId: number | null;
  readonly memoryMib: number;
  readonly createdAt: Date;
}

export interface PanelNode {
  readonly id: number;
  readonly name: string;
  readonly fqdn: string;
  readonly scheme: string;
  readonly daemonPort: number;
  readonly maintenance: boolean;
  readonly public: boolean;
  readonly memoryMib: number;
  readonly memoryAllocatedMib: number;
}

/** Free allocations of one node, as `servers-provision` sees them and in truth. */
export interface AllocationView {
  readonly nodeId: number;
  /** Unassigned ones on the first page of 50, the only page `servers-provision` reads. */
  readonly freeOnFirstPage: number;
  /** Unassigned ones on the whole node; `null` when the panel could not tell. */
  readonly freeInAll: number | null;
}

export interface EggVariable {
  readonly envVariable: string;
  readonly name: string;
  /** Laravel validation rules, for example `required|string|max:20`. */
  readonly rules: string;
  readonly defaultValue: string | null;
}

/** The egg a plan uses and where that is known from. */
export interface EggView {
  readonly nestId: number;
  readonly eggId: number;
  readonly knownFrom: 'configuration' | 'servers-of-the-plan';
  /** `null`: the panel does not have it. */
  readonly egg: { readonly name: string; readonly variables: readonly EggVariable[] } | null;
}

/** Whether a node's Wings answers, as asked through the panel or from where the bot runs. */
export interface WingsView {
  readonly nodeId: number;
  readonly nodeName: string;
  readonly state: 'up' | 'unreachable' | 'token-mismatch' | 'server-unknown' | 'failing';
  readonly askedThrough: 'panel' | 'bot';
  /** Of the order's own server, where it was asked about: `running`, `offline`, `starting`, `stopping`. */
  readonly power: string | null;
}

/** The shared model's answer for this order, with the panel's own figures beside it. */
export interface PlacementView {
  readonly region: string | null;
  readonly plan: Plan;
  readonly decision: Placement<MerchantNode>;
  readonly candidates: readonly MerchantNode[];
  /** All nodes of the merchant, in every region. */
  readonly nodes: readonly MerchantNode[];
  /** The chosen node, or the emptiest where none has room, as the panel knows it (`null`: the panel does not). */
  readonly panelNode: Reading<PanelNode | null>;
  /** The chosen node's allocations. `null` when no node was chosen. */
  readonly allocations: Reading<AllocationView | null>;
  /** Free allocations on the candidates that were not chosen, as far as they were read. */
  readonly freeElsewhere: readonly { readonly nodeName: string; readonly free: number }[];
}

export interface EdgeFunction {
  readonly id: string;
  readonly slug: string;
  readonly status: string;
  readonly verifyJwt: boolean;
  readonly updatedAt: Date;
}

/** A function's secret: its name and the SHA-256 digest of its value, hexadecimal. */
export interface FunctionSecret {
  readonly name: string;
  readonly digest: string;
  readonly updatedAt: Date | null;
}

/** One run of an edge function with what it wrote. */
export interface FunctionExecution {
  readonly executionId: string;
  /** `null` when the function's id could not be mapped to a name. */
  readonly slug: string | null;
  readonly startedAt: Date;
  /** HTTP status of the run; `null` when it has not ended, or its end is not in the logs. */
  readonly status: number | null;
  readonly durationMs: number | null;
  readonly lines: readonly { readonly at: Date; readonly level: string; readonly text: string }[];
}

/** Whether digests of the bot's own copies equal those of the function's secrets. `null`: nothing to compare. */
export interface SecretComparison {
  /** The bot's copy of the endpoint's signing secret and the function's `STRIPE_WEBHOOK_SECRET`. */
  readonly webhookSecretAgrees: boolean | null;
  /** The bot's panel key and the function's `PTERO_APP_KEY`. */
  readonly panelKeyIsTheFunctions: boolean | null;
}

/** The function's settings, as far as the Management API tells. */
export interface FunctionSettings {
  readonly secrets: readonly FunctionSecret[];
  readonly comparison: SecretComparison;
}

/**
 * Everything one entry is judged on. A reading that does not apply to the entry is known with an empty value
 * (`null` or `[]`); checks ask the entry's kind before they read.
 */
export interface EntryReadings {
  /** Who the purchase belongs to; `null`: nobody with this e-mail or id can sign in. */
  readonly person: Reading<Person | null>;
  readonly profile: Reading<Profile | null>;
  readonly externalAccount: Reading<ExternalAccount | null>;
  /** The panel user that `external_accounts` names; `null`: there is no entry, or that user is gone. */
  readonly linkedPanelUser: Reading<PanelUser | null>;
  /** The panel user with exactly the person's sign-in e-mail. */
  readonly emailPanelUser: Reading<PanelUser | null>;

  readonly order: Reading<Order>;
  /** All orders of the person that were read, this one included. */
  readonly siblings: Reading<readonly Order[]>;
  /** Whatever rows name the same subscription or checkout, whoever they belong to. */
  readonly sameSubscription: Reading<readonly Order[]>;

  readonly payment: Reading<Payment>;
  /** The person's Checkout Sessions, newest first. */
  readonly checkouts: Reading<readonly CheckoutSession[]>;
  /** The session's `checkout.session.completed`; `null`: Stripe has none (older than 30 days, or not completed). */
  readonly completedEvent: Reading<StripeEvent | null>;
  readonly webhooks: Reading<WebhookSetup>;

  readonly placement: Reading<PlacementView>;
  readonly egg: Reading<EggView | null>;

  readonly functions: Reading<readonly EdgeFunction[]>;
  readonly settings: Reading<FunctionSettings>;
  /** Runs of the two functions that may concern this entry, oldest first. */
  readonly executions: Reading<readonly FunctionExecution[]>;
  /** Whether the panel answers the bot as its API should. */
  readonly panelAccess: Reading<'answers'>;

  /** The server the order names; `null`: the order names none, or the panel does not have it. */
  readonly namedServer: Reading<PanelServer | null>;
  /** Servers of the panel that are this order's by external id, or by owner and name and no other order's. */
  readonly ownServers: Reading<readonly PanelServer[]>;
  /** Of the node that carries the server, or that the order would be placed on; `null`: there is no such node. */
  readonly wings: Reading<WingsView | null>;
}

export type ReadingKey = keyof EntryReadings;
