import type { Order, PanelServer, PanelUser } from './evidence.ts';
import type { Answer, OrderReader, PanelReader, PaymentReader, PeopleReader } from './ports.ts';
import type { VouchStore } from './store-ports.ts';

/** A row as it was seen: what a compare-and-set compares. `updatedAt` is cut to milliseconds. */
export type ObservedOrder = Pick<Order, 'id' | 'status' | 'updatedAt' | 'serverId'>;

/**
 * Writes to `orders`, each a compare-and-set on the row as it was seen. `false`: the row is no longer so, and nothing
 * was written. After a failure it may have been written or not.
 */
export interface OrderWriter {
  setStatusIf(seen: ObservedOrder, status: string, signal: AbortSignal): Answer<boolean>;
  /** Writes the server's ids and the status `provisioned` into a row that names no server. */
  linkServerIf(
    seen: ObservedOrder,
    server: { readonly id: number; readonly identifier: string; readonly nodeId: string | null },
    signal: AbortSignal,
  ): Answer<boolean>;
}

/** Writes the row of `external_accounts` of one person. */
export interface AccountWriter {
  /** `seenPanelUserId` is what the row named when it was seen; `null`: there was none. `false`: it is no longer so. */
  linkIf(
    link: { readonly userId: string; readonly panelUserId: number; readonly username: string },
    seenPanelUserId: number | null,
    signal: AbortSignal,
  ): Answer<boolean>;
}

/**
 * What came of calling an edge function. `succeeded`: it answered 2xx. `failed`: the function itself answered that it
 * failed, so its run is over. `not-run`: the gateway says that it never started. `died`: its run is over, half done
 * perhaps. `unanswered`: nobody knows; it may still run.
 */
export interface Invocation {
  readonly kind: 'succeeded' | 'failed' | 'not-run' | 'died' | 'unanswered';
  /** `null`: no answer. */
  readonly status: number | null;
  /** The answer's body, cut; foreign text. */
  readonly body: string;
  /** `x-deno-execution-id`, where the answer carried it. */
  readonly executionId: string | null;
}

/** Calls the merchant's own functions. Never repeated, never under the name of a probe. */
export interface FunctionCaller {
  /** `servers-provision` with `{order_id}`. Waits at least 35 s for its answer. */
  provision(orderId: string, signal: AbortSignal): Promise<Invocation>;
  /** The signed event to the webhook function at the configured address. `null`: no signing secret is configured. */
  readonly deliver: ((payload: string, signal: AbortSignal) => Promise<Invocation>) | null;
}

/** Stripe's stored event, byte for byte what is to be delivered. */
export interface EventReader {
  /** The event as JSON text; `null`: Stripe does not have it (any more). */
  payloadOf(eventId: string, signal: AbortSignal): Answer<string | null>;
}

export interface EndpointWriter {
  enable(endpointId: string, signal: AbortSignal): Answer<void>;
}

/** What the panel made of a request for a new account. */
export type MadeUser =
  | { readonly kind: 'made'; readonly user: PanelUser }
  /** The panel has a user with this e-mail or name already. */
  | { readonly kind: 'taken'; readonly field: 'email' | 'username' | null };

export interface PanelWriter {
  /** Makes an account without a password: the panel mails a link to set one. */
  createUser(
    user: { readonly email: string; readonly username: string; readonly firstName: string; readonly lastName: string },
    signal: AbortSignal,
  ): Answer<MadeUser>;
  /** Runs the install script again, over whatever files there are. */
  reinstall(serverId: number, signal: AbortSignal): Answer<void>;
}

/** Further looks that only actions take. Nothing is remembered from one question to the next. */
export interface PanelSearch {
  /** Servers of exactly this name, whoever owns them. */
  serversNamed(name: string, signal: AbortSignal): Answer<readonly PanelServer[]>;
}

/** Whether the merchant's database itself refuses a second order for one subscription. */
export interface SubscriptionIndexReader {
  /** `null`: the function that tells is not installed. */
  isUnique(signal: AbortSignal): Answer<boolean | null>;
}

/** Everything an action may touch. `null`: not configured. Readers are fresh: they remember nothing. */
export interface ActionPorts {
  readonly orders: OrderReader;
  readonly people: PeopleReader;
  readonly orderWriter: OrderWriter;
  readonly accounts: AccountWriter;
  readonly subscriptionIndex: SubscriptionIndexReader;
  readonly caller: FunctionCaller;
  readonly payments: PaymentReader | null;
  readonly events: EventReader | null;
  readonly endpoints: EndpointWriter | null;
  readonly panel: (PanelReader & PanelSearch) | null;
  readonly panelWriter: PanelWriter | null;
  readonly vouches: VouchStore;
}
