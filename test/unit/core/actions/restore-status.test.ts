import { describe, expect, test } from 'vitest';
import { restoreStatus } from '../../../../src/core/actions/restore-status.ts';
import type { Order } from '../../../../src/core/evidence.ts';
import {
  aHandle,
  aSituation,
  aStep,
  answers,
  aWatch,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { aFailedOrder, anOrder, ORDER_ID } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import { anInvoice, aPayment, aSession, aSubscription } from '../../../builders/stripe.ts';

const backwards = anOrder({ status: 'error' });
const target = { orderId: ORDER_ID, seen: { status: 'error', updatedAt: backwards.updatedAt }, serverId: 501 };

function guard(over: Overrides = {}, order: Order = backwards) {
  return restoreStatus.guard(aSituation(anOrderEntry(order, over)));
}

describe('the guard', () => {
  test.each(['error', 'paid', 'provisioning', 'pending'])(
    'allows an order that says %s though its server exists',
    (status) => {
      const order = anOrder({ status });
      expect(guard({}, order)).toEqual({
        kind: 'allowed',
        target: { ...target, seen: { status, updatedAt: order.updatedAt } },
        warnings: [],
      });
    },
  );

  const renewal = aPayment({
    subscription: aSubscription({ status: 'past_due' }),
    invoices: [anInvoice({ id: 'in_2', status: 'open', billingReason: 'subscription_cycle', attemptCount: 2 })],
  });

  test.each<[string, Overrides, Order, string]>([
    [
      'the order names no server',
      {},
      aFailedOrder(),
      'This order names no server, so there is nothing to take its status from.',
    ],
    ['the panel does not have the server', { namedServer: null }, backwards, 'The panel does not have server 501.'],
    ['the status is as it belongs', {}, anOrder(), 'The status "provisioned" is not one that went backwards.'],
    [
      "the server is somebody else's",
      { namedServer: aPanelServer({ ownerId: 99 }) },
      backwards,
      'The status "error" is not one that went backwards.',
    ],
    [
      'the server cannot be looked at',
      { namedServer: outage('pterodactyl') },
      backwards,
      'Server 501 could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      'the payment behind an error is not known',
      { payment: outage('stripe') },
      backwards,
      'Whether the status went backwards could not be checked: Stripe did not answer within 4.0 s.',
    ],
  ])('refuses where %s', (_name, over, order, reason) => {
    expect(reasonOf(guard(over, order))).toBe(reason);
  });

  test('refuses an error that a failed renewal wrote (PAY-003)', () => {
    expect(reasonOf(guard({ payment: renewal }))).toMatch(
      /^The order is in "error" because a renewal was not paid \(PAY-003\): /,
    );
  });

  test('refuses what is no order', () => {
    expect(reasonOf(restoreStatus.guard(aSituation(aSessionEntry(aSession()))))).toContain('This acts on an order');
  });
});

test('needs no further look, but a panel', async () => {
  const situation = aSituation(anOrderEntry(backwards));
  expect(await restoreStatus.look(ports(), JSON.parse(JSON.stringify(target)), situation, NEVER)).toEqual({
    kind: 'allowed',
    target,
    warnings: [],
  });
  expect(reasonOf(await restoreStatus.look(ports({ panel: null }), target, situation, NEVER))).toBe(
    'The panel is not configured, and this needs it.',
  );
});

test('the plan says what changes, from what to what', () => {
  expect(restoreStatus.plan(target)).toEqual({
    what: `Restore the status of order ${ORDER_ID}, whose server 501 exists.`,
    changes: [{ thing: 'Status of the order', before: 'error', after: 'provisioned' }],
    steps: [{ name: 'restore', label: 'Set the status to "provisioned", only if it is still "error"' }],
  });
});

test.each([
  ['is as it was seen', answers(true), 'done', 'The status was set from "error" to "provisioned".'],
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
      setStatusIf(...[seen, status]: [object, string, AbortSignal]) {
        written.push([seen, status]);
        return answer();
      },
    };
    await restoreStatus.effect(ports({ orderWriter }), target, handle, NEVER);
    expect(written).toEqual([
      [{ id: ORDER_ID, status: 'error', updatedAt: backwards.updatedAt, serverId: 501 }, 'provisioned'],
    ]);
    expect(handle.steps).toEqual([{ name: 'restore', end: { kind, words } }]);
  },
);

describe('verification', () => {
  const verify = (order: Order | null, server: ReturnType<typeof aPanelServer> | null, steps = [aStep('restore')]) =>
    restoreStatus.verify(
      ports({ orders: { byId: answers(order) }, panel: { server: answers(server) } }),
      target,
      aWatch(steps),
      NEVER,
    );

  test('is applied once the order says what the panel shows', async () => {
    expect(await verify(anOrder(), aPanelServer())).toEqual({
      kind: 'applied',
      words: 'The order says "provisioned" now, and the panel has its server 501.',
    });
  });

  test.each<[string, Order | null, ReturnType<typeof aPanelServer> | null]>([
    ['the status is as before', backwards, aPanelServer()],
    ['the server is gone', anOrder(), null],
    ['the order is gone', null, aPanelServer()],
  ])('is not applied where %s', async (_name, order, server) => {
    expect(await verify(order, server)).toEqual({ kind: 'not-applied', words: 'It ended: done.' });
    expect((await verify(order, server, [])).words).toBe('The status was not changed.');
  });

  test.each([
    [
      'the order',
      isSilent('supabase'),
      answers(aPanelServer()),
      'The order could not be read: Supabase did not answer within 4.0 s.',
    ],
    [
      'the server',
      answers(anOrder()),
      isSilent('pterodactyl'),
      'Server 501 could not be looked at: The panel did not answer within 4.0 s.',
    ],
  ] as const)('is unknown where %s cannot be read', async (_name, byId, server, words) => {
    const sight = await restoreStatus.verify(ports({ orders: { byId }, panel: { server } }), target, aWatch(), NEVER);
    expect(sight).toEqual({ kind: 'undecided', as: 'unknown', words });
  });
});
