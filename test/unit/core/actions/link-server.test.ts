import { describe, expect, test } from 'vitest';
import { linkServer } from '../../../../src/core/actions/link-server.ts';
import type { Order } from '../../../../src/core/evidence.ts';
import {
  aHandle,
  aSituation,
  aStep,
  allowanceOf,
  answers,
  aWatch,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { aFailedOrder, aNode, anOrder, NODE_ID, ORDER_ID } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser, aPlacement } from '../../../builders/panel.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import { aPayment, aSession } from '../../../builders/stripe.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const failed = aFailedOrder();
const OTHER_ID = '11111111-2222-4333-8444-555555555555';
const target = {
  orderId: ORDER_ID,
  seen: { status: 'error', updatedAt: failed.updatedAt },
  serverId: 501,
  identifier: 'aaaa1111',
  ownerId: 11,
  nodeId: NODE_ID,
};

function guard(over: Overrides = {}, order: Order = failed) {
  return linkServer.guard(aSituation(anOrderEntry(order, { ownServers: [aPanelServer()], ...over })));
}

describe('the guard', () => {
  test("allows the one server that is this customer's, and asks for a look where only owner and name say so", () => {
    expect(guard()).toEqual({
      kind: 'allowed',
      target,
      warnings: ["Server 501 is this order's by owner and name only: look at it in the panel first."],
    });
  });

  test('needs no warning where the server carries the id of the order', () => {
    expect(allowanceOf(guard({ ownServers: [aPanelServer({ externalId: ORDER_ID })] })).warnings).toEqual([]);
  });

  test.each<[string, Overrides]>([
    ["the merchant's nodes do not have", { placement: aPlacement({ nodes: [aNode({ panelNodeId: 9 })] }) }],
    ['cannot be looked up', { placement: outage('supabase') }],
  ])('leaves a node out that %s', (_name, over) => {
    expect(allowanceOf(guard(over)).target).toMatchObject({ nodeId: null });
  });

  test.each<[string, Overrides, Order, string]>([
    ['the order names a server', {}, anOrder({ status: 'error' }), 'This order already names server 501.'],
    ['the order is canceled', {}, aFailedOrder({ status: 'canceled' }), 'This order does not wait for a game server.'],
    [
      'the order is no game server',
      {},
      aFailedOrder({ itemType: 'vps' }),
      'This order does not wait for a game server.',
    ],
    ['the panel has none', { ownServers: [] }, failed, 'The panel has no server of this order that could be linked.'],
    [
      'the panel has two',
      { ownServers: [aPanelServer(), aPanelServer({ id: 502 })] },
      failed,
      "The panel has servers 501, 502 of this order: look which one is the customer's, and put it right by hand.",
    ],
    [
      'the server is by its external id but of another owner',
      { ownServers: [aPanelServer({ externalId: ORDER_ID, ownerId: 99 })] },
      failed,
      "Server 501 belongs to a panel account that is not provably this customer's.",
    ],
    [
      'nobody can tell the owner',
      { ownServers: [aPanelServer({ externalId: ORDER_ID, ownerId: 99 })], linkedPanelUser: outage('pterodactyl') },
      failed,
      'Whose server 501 is could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      'the servers cannot be read',
      { ownServers: outage('pterodactyl') },
      failed,
      "The panel's servers could not be checked: The panel did not answer within 4.0 s.",
    ],
    [
      'the row is forged (PAY-005)',
      { payment: aPayment({ backing: 'none', session: null, subscription: null }) },
      failed,
      'The order says "error", but Stripe has no subscription sub_ann of this customer.',
    ],
    [
      'a run may still be at work on it',
      {},
      aFailedOrder({ status: 'provisioning', updatedAt: ago(6 * MINUTE) }),
      'A run of the provisioning function may still be at work on this order. Wait until 12:01:30 UTC (1 min), then look again.',
    ],
  ])('refuses where %s', (_name, over, order, reason) => {
    expect(reasonOf(guard(over, order))).toBe(reason);
  });

  test('refuses while another order of the same name may be getting this very server', () => {
    const twin = (over: Partial<Order>) =>
      guard({
        siblings: [failed, aFailedOrder({ id: OTHER_ID, status: 'provisioning', updatedAt: ago(MINUTE), ...over })],
      });
    expect(reasonOf(twin({}))).toBe(
      `Order ${OTHER_ID} of the same name may be about to get this very server. Wait until 12:06:30 UTC (6 min), then look again.`,
    );
    for (const over of [
      { serverName: 'Another world' },
      { status: 'canceled' },
      { serverId: 777 },
      { updatedAt: ago(8 * MINUTE) },
    ]) {
      expect(twin(over).kind, JSON.stringify(over)).toBe('allowed');
    }
    const marked = { ownServers: [aPanelServer({ externalId: ORDER_ID })] };
    expect(guard({ ...marked, siblings: outage('supabase') }).kind).toBe('allowed');
    expect(reasonOf(guard({ siblings: outage('supabase') }))).toContain('The orders of this customer could not be');
  });

  test('refuses a server that was found by a link which proves nothing', () => {
    const eves = { linkedPanelUser: aPanelUser({ id: 99, email: 'eve@example.com' }) };
    expect(reasonOf(guard({ ...eves, ownServers: [aPanelServer({ ownerId: 99 })] }))).toBe(
      'The panel has no server of this order that could be linked.',
    );
  });

  test('refuses what is no order', () => {
    expect(reasonOf(linkServer.guard(aSituation(aSessionEntry(aSession()))))).toContain('This acts on an order');
  });
});

describe('the last look', () => {
  const look = (rows: readonly Order[], server: ReturnType<typeof aPanelServer> | null) =>
    linkServer.look(
      ports({ orders: { byServer: answers(rows) }, panel: { server: answers(server) } }),
      target,
      aSituation(anOrderEntry(failed)),
      NEVER,
    );

  test('lets it go on where no other order names the server', async () => {
    expect(await look([], aPanelServer())).toEqual({ kind: 'allowed', target, warnings: [] });
    expect((await look([failed], aPanelServer())).kind).toBe('allowed');
  });

  test.each([
    [
      'another order names it',
      [anOrder({ id: OTHER_ID })],
      aPanelServer(),
      `Order ${OTHER_ID} names server 501 already.`,
    ],
    ['it is gone', [], null, 'Server 501 is gone, or has another owner now.'],
    ['it has another owner now', [], aPanelServer({ ownerId: 12 }), 'Server 501 is gone, or has another owner now.'],
  ])('refuses where %s', async (_name, rows, server, reason) => {
    expect(reasonOf(await look(rows, server))).toBe(reason);
  });

  test.each([
    [
      'orders',
      { orders: { byServer: isSilent('supabase') }, panel: { server: answers(aPanelServer()) } },
      'Whether another order names server 501 could not be checked',
    ],
    [
      'the server',
      { orders: { byServer: answers([]) }, panel: { server: isSilent('pterodactyl') } },
      'Server 501 could not be checked',
    ],
  ])('refuses where %s cannot be read', async (_name, known, reason) => {
    expect(reasonOf(await linkServer.look(ports(known), target, aSituation(anOrderEntry(failed)), NEVER))).toContain(
      reason,
    );
  });
});

test('the plan says what changes, from what to what', () => {
  expect(linkServer.plan(target)).toEqual({
    what: `Link server 501 to order ${ORDER_ID}.`,
    changes: [
      { thing: 'Server of the order', before: 'none', after: '501 (aaaa1111)' },
      { thing: 'Status of the order', before: 'error', after: 'provisioned' },
    ],
    steps: [{ name: 'link', label: 'Write the server into the order, only if it is still "error" without one' }],
  });
});

test.each([
  ['is as it was seen', answers(true), 'done', 'Server 501 was written into the order.'],
  ['has changed', answers(false), 'refused', 'The order has changed meanwhile, so nothing was written.'],
  [
    'does not answer',
    isSilent('supabase'),
    'unclear',
    'Supabase did not answer within 4.0 s. It may have been written all the same.',
  ],
] as const)(
  'writes once, onto exactly the row that was seen, and tells where it %s',
  async (_name, answer, kind, words) => {
    const written: unknown[] = [];
    const handle = aHandle();
    const orderWriter = {
      linkServerIf(...[seen, server]: [object, object, AbortSignal]) {
        written.push([seen, server]);
        return answer();
      },
    };
    await linkServer.effect(ports({ orderWriter }), target, handle, NEVER);
    expect(written).toEqual([
      [
        { id: ORDER_ID, status: 'error', updatedAt: failed.updatedAt, serverId: null },
        { id: 501, identifier: 'aaaa1111', nodeId: NODE_ID },
      ],
    ]);
    expect(handle.steps).toEqual([{ name: 'link', end: { kind, words } }]);
  },
);

describe('verification', () => {
  const verify = (order: Order | null, steps = [aStep('link')]) =>
    linkServer.verify(ports({ orders: { byId: answers(order) } }), target, aWatch(steps), NEVER);

  test('is applied once the order names the server', async () => {
    expect(await verify(anOrder())).toEqual({
      kind: 'applied',
      words: 'The order names server 501 now, with status "provisioned".',
    });
  });

  test.each<[string, Order | null]>([
    ['names none', failed],
    ['names another one', anOrder({ serverId: 502 })],
    ['is gone', null],
  ])('is not applied where the order %s', async (_name, order) => {
    expect(await verify(order)).toEqual({ kind: 'not-applied', words: 'It ended: done.' });
  });

  test('says what it sees where nothing was recorded', async () => {
    expect((await verify(failed, [])).words).toBe('The order does not name the server.');
  });

  test('is unknown where the order cannot be read', async () => {
    const sight = await linkServer.verify(ports({ orders: { byId: isSilent('supabase') } }), target, aWatch(), NEVER);
    expect(sight).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: 'The order could not be read: Supabase did not answer within 4.0 s.',
    });
  });
});
