import type { WorldClock } from '../clock.ts';
import { createFaultBoard } from '../faults.ts';
import { listen, type LocalServer } from '../listen.ts';
import { type Checkouts, createCheckouts } from './acts/checkouts.ts';
import { createEndpoints, type EndpointChanges, type EndpointInput } from './acts/endpoints.ts';
import { createReversals, type Reversals } from './acts/reversals.ts';
import { createSubscriptions, type Subscriptions } from './acts/subscriptions.ts';
import { createApp } from './app.ts';
import { createOutbox, type DeliverySettings } from './delivery.ts';
import { createIds } from './ids.ts';
import { createKeyRing, type KeyPermissions } from './keys.ts';
import { createState, type DeliveryRecord, type StripeState } from './state.ts';

/** The strict local Stripe: its API on a socket, and the acts of the people outside as methods. */
export interface StripeWorld extends LocalServer, Checkouts, Subscriptions, Reversals {
  /** A test-mode key that may do everything. */
  readonly secretKey: string;
  readonly state: StripeState;
  readonly deliveries: DeliverySettings;
  createEndpoint(input: EndpointInput): Promise<{ id: string; secret: string }>;
  updateEndpoint(endpointId: string, changes: EndpointChanges): Promise<void>;
  removeEndpoint(endpointId: string): Promise<void>;
  /** Tries again what no endpoint has confirmed yet. */
  redeliverPending(): Promise<void>;
  /** Sends an event once more to every enabled endpoint that listens to it, as "Resend" in the Dashboard does. */
  resend(eventId: string): Promise<void>;
  /** The latest delivery attempt, of one event when it is named. */
  lastDelivery(eventId?: string): DeliveryRecord | null;
  /** Accepts a key: `sk_…` or `rk_…`, whose `_test_` or `_live_` decides what it sees. */
  setKey(key: string, permissions: KeyPermissions): void;
  removeKey(key: string): void;
}

/** How the account is set up. */
export interface StripeOptions {
  readonly clock: WorldClock;
  readonly port?: number;
  /** The same seed gives the same ids. */
  readonly idSeed?: string;
  /** The account's default API version. */
  readonly apiVersion?: string;
  readonly deliveryTimeoutMs?: number;
}

/** Starts an empty account on loopback. */
export async function startStripe(options: StripeOptions): Promise<StripeWorld> {
  const { clock } = options;
  const ids = createIds(options.idSeed ?? 'sandbox');
  const state = createState(ids('acct'), options.apiVersion ?? '2026-10-28.endive');
  const keys = createKeyRing(state.accountId);
  const secretKey = ids('sk_test');
  keys.set(secretKey, 'all');
  const deliveries: DeliverySettings = { timeoutMs: options.deliveryTimeoutMs ?? 10_000 };
  const outbox = createOutbox({ state, clock, ids, settings: deliveries });
  const stage = { state, clock, ids, outbox };
  const endpoints = createEndpoints(state, clock, ids);
  const app = createApp({ state, clock, ids, keys, endpoints });
  const server = await listen((request) => app.fetch(request), createFaultBoard(), options.port);
  return {
    ...server,
    ...createCheckouts(stage),
    ...createSubscriptions(stage),
    ...createReversals(stage),
    secretKey,
    state,
    deliveries,
    createEndpoint: async (input) => endpoints.create(input),
    updateEndpoint: async (endpointId, changes) => endpoints.update(endpointId, changes),
    removeEndpoint: async (endpointId) => endpoints.remove(endpointId),
    redeliverPending: () => outbox.redeliverPending(),
    resend: (eventId) => outbox.resend(eventId),
    lastDelivery: (eventId) =>
      state.deliveries.findLast((delivery) => eventId === undefined || delivery.eventId === eventId) ?? null,
    setKey: (key, permissions) => keys.set(key, permissions),
    removeKey: (key) => keys.remove(key),
  };
}
