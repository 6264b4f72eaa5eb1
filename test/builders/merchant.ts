import type {
  EdgeFunction,
  ExternalAccount,
  FunctionExecution,
  FunctionSettings,
  MerchantNode,
  Order,
  Person,
  Plan,
  Profile,
} from '../../src/core/evidence.ts';
import { ago, DAY, HOUR, MINUTE } from './time.ts';

export const ORDER_ID = '6f0f2f4e-2a51-4c0e-9a63-0d9f4a1c2b3d';
export const USER_ID = 'b1a7c0de-1111-4222-8333-444455556666';
export const STRANGER_ID = 'dead0000-9999-4888-8777-666655554444';
export const EMAIL = 'ann@example.com';
export const NODE_ID = '0a0a0a0a-0000-4000-8000-00000000000a';

export function aPerson(over: Partial<Person> = {}): Person {
  return { userId: USER_ID, email: EMAIL, emailConfirmed: true, createdAt: ago(30 * DAY), ...over };
}

export function aProfile(over: Partial<Profile> = {}): Profile {
  return { email: EMAIL, firstName: 'Ann', lastName: 'Example', ...over };
}

export function anAccount(over: Partial<ExternalAccount> = {}): ExternalAccount {
  return { panelUserId: 11, lastSyncedAt: ago(DAY), ...over };
}

export function aPlan(over: Partial<Plan> = {}): Plan {
  return { id: 'mc-8', game: 'minecraft', memoryGb: 8, ...over };
}

/** A healthy order: provisioned an hour ago on node 1. */
export function anOrder(over: Partial<Order> = {}): Order {
  return {
    id: ORDER_ID,
    userId: USER_ID,
    itemType: 'game',
    planId: 'mc-8',
    plan: aPlan(),
    term: 'monthly',
    region: 'eu',
    serverName: "Ann's world",
    stripeSubscriptionId: 'sub_ann',
    status: 'provisioned',
    nodeId: NODE_ID,
    serverId: 501,
    serverIdentifier: 'aaaa1111',
    createdAt: ago(HOUR + MINUTE),
    updatedAt: ago(HOUR),
    lacks: new Set(),
    ...over,
  };
}

/** An order whose provisioning failed an hour ago: `error`, no server, no node. */
export function aFailedOrder(over: Partial<Order> = {}): Order {
  return anOrder({ status: 'error', serverId: null, serverIdentifier: null, nodeId: null, ...over });
}

export function aNode(over: Partial<MerchantNode> = {}): MerchantNode {
  return {
    id: NODE_ID,
    panelNodeId: 1,
    region: 'eu',
    enabled: true,
    maxRamGb: 64,
    reservedHeadroomGb: 4,
    usedGb: 24,
    lastSeenAt: ago(MINUTE),
    ...over,
  };
}

export function aFunction(over: Partial<EdgeFunction> = {}): EdgeFunction {
  return {
    id: 'fn-provision',
    slug: 'servers-provision',
    status: 'ACTIVE',
    verifyJwt: true,
    updatedAt: ago(10 * DAY),
    ...over,
  };
}

export function theSettings(over: Partial<FunctionSettings> = {}): FunctionSettings {
  return {
    secrets: ['PANEL_URL', 'PTERO_APP_KEY', 'STRIPE_WEBHOOK_SECRET'].map((name) => ({
      name,
      digest: '0'.repeat(64),
      updatedAt: ago(10 * DAY),
    })),
    comparison: { webhookSecretAgrees: true, panelKeyIsTheFunctions: null },
    ...over,
  };
}

/** The run of `stripe-webhook` that announced the order; with `failed`, the line it then wrote. */
export function aWebhookRun(
  input: { readonly orderId?: string; readonly at?: Date; readonly failed?: string } = {},
): FunctionExecution {
  const at = input.at ?? ago(HOUR);
  const announced = `Triggering server provisioning for order: ${input.orderId ?? ORDER_ID}`;
  return {
    executionId: 'exec-webhook',
    slug: 'stripe-webhook',
    startedAt: at,
    status: 200,
    durationMs: 900,
    lines: [
      { at, level: 'log', text: announced },
      ...(input.failed === undefined ? [] : [{ at, level: 'error', text: `Provisioning failed: ${input.failed}` }]),
    ],
  };
}

/** What `servers-provision` answers when it throws, as the webhook logs it. */
export function threw(message: string): string {
  return `500 - ${JSON.stringify({ error: message })}`;
}
