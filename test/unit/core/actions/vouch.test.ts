import { describe, expect, test } from 'vitest';
import { vouch } from '../../../../src/core/actions/vouch.ts';
import type { Order } from '../../../../src/core/evidence.ts';
import { fail } from '../../../../src/core/result.ts';
import type { VouchStore } from '../../../../src/core/store-ports.ts';
import {
  aHandle,
  anActor,
  aSituation,
  allowanceOf,
  answers,
  aWatch,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { aFailedOrder, ORDER_ID } from '../../../builders/merchant.ts';
import { notConfigured, outage, type Overrides } from '../../../builders/readings.ts';
import { aPayment, aSession } from '../../../builders/stripe.ts';
import { NOW } from '../../../builders/time.ts';

const unbacked = { payment: aPayment({ backing: 'none', session: null, subscription: null }) };
const target = { orderId: ORDER_ID, reason: 'A gift.' };

function guard(over: Overrides = unbacked, reason: string | null = 'A gift.', order: Order = aFailedOrder()) {
  return vouch.guard(aSituation(anOrderEntry(order, over), { reason }));
}

describe('the guard', () => {
  test('allows for an order that nothing in Stripe backs', () => {
    expect(guard()).toEqual({ kind: 'allowed', target, warnings: [] });
  });

  test('allows where there is no Stripe at all', () => {
    expect(guard({ payment: notConfigured('stripe') }).kind).toBe('allowed');
  });

  test.each<[string, Overrides, Order, string]>([
    [
      'it is no game server',
      unbacked,
      aFailedOrder({ itemType: 'vps' }),
      'This order is not for a game server: it is fulfilled by hand.',
    ],
    ['it is canceled', unbacked, aFailedOrder({ status: 'canceled' }), 'This order is canceled.'],
    ['Stripe backs it', {}, aFailedOrder(), 'Stripe backs this order: nobody needs to vouch for it.'],
    [
      'somebody has vouched',
      { payment: aPayment({ backing: 'vouched' }) },
      aFailedOrder(),
      'Somebody has vouched for this order already.',
    ],
    [
      "it names a stranger's subscription",
      { payment: aPayment({ backing: 'foreign' }) },
      aFailedOrder(),
      "The order names somebody else's subscription (PAY-005), which no word can make good.",
    ],
    [
      'Stripe does not answer',
      { payment: outage('stripe') },
      aFailedOrder(),
      'What Stripe says of this order could not be checked: Stripe did not answer within 4.0 s.',
    ],
  ])('refuses where %s', (_name, over, order, reason) => {
    expect(reasonOf(guard(over, 'A gift.', order))).toBe(reason);
  });

  test.each([null, '', '   ', '\u200b\n'])('asks for a reason where it is %j', (reason) => {
    expect(reasonOf(guard(unbacked, reason))).toBe('Say why the order is good although Stripe does not back it.');
  });

  test('takes a reason of 500 characters and no longer one', () => {
    expect(allowanceOf(guard(unbacked, 'x'.repeat(500))).target).toEqual({ ...target, reason: 'x'.repeat(500) });
    expect(reasonOf(guard(unbacked, 'x'.repeat(501)))).toBe('The reason is too long: at most 500 characters.');
  });

  test('keeps no address that the reason holds', () => {
    expect(allowanceOf(guard(unbacked, 'Bank transfer of ann@exam\u200bple.com\nin May')).target).toEqual({
      ...target,
      reason: 'Bank transfer of a•••@example.com in May',
    });
  });

  test('refuses what is no order', () => {
    expect(reasonOf(vouch.guard(aSituation(aSessionEntry(aSession()))))).toContain('This acts on an order');
  });
});

test('is for admins, who must say why', () => {
  expect(vouch).toMatchObject({ permission: 'act.vouch', asksForReason: true });
});

test('the plan says that nothing is provisioned by it', () => {
  expect(vouch.plan(target)).toEqual({
    what: `Vouch for order ${ORDER_ID}.`,
    changes: [{ thing: 'Payment of the order', before: 'nothing in Stripe backs it', after: 'vouched for: A gift.' }],
    steps: [{ name: 'vouch', label: "Write it down in pterodoc's own records" }],
    note: 'Nothing is provisioned by this; the order can be retried afterwards.',
  });
});

const lost = async () => fail({ kind: 'lost' } as const);

test.each([
  ['is written', answers(true), 'done', 'It is written down.'],
  ['was written before', answers(false), 'refused', 'Somebody has vouched for this order already.'],
  ['may be written or not', lost, 'unclear', "The bot's own database did not answer in time."],
] as const)('writes once, in the name of whoever asked, and tells where it %s', async (_name, answer, kind, words) => {
  const written: unknown[] = [];
  const handle = aHandle();
  const vouches = {
    add(row: Parameters<VouchStore['add']>[0]) {
      written.push(row);
      return answer();
    },
  };
  await vouch.effect(ports({ vouches }), target, handle, NEVER);
  expect(written).toEqual([{ ...target, actor: anActor() }]);
  expect(handle.steps).toEqual([{ name: 'vouch', end: { kind, words } }]);
});

test.each([
  [
    'it is there',
    answers({ ...target, actor: anActor(), at: NOW }),
    { kind: 'applied', words: "The order counts as paid by an admin's word." },
  ],
  ['it is not', answers(null), { kind: 'not-applied', words: 'Nobody has vouched for this order.' }],
  [
    'nobody can tell',
    lost,
    { kind: 'undecided', as: 'unknown', words: "The bot's own database did not answer in time." },
  ],
] as const)('verification says that %s', async (_name, of, sight) => {
  expect(await vouch.verify(ports({ vouches: { of } }), target, aWatch(), NEVER)).toEqual(sight);
});
