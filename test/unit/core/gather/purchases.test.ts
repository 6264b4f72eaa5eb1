import { expect, test } from 'vitest';
import type { OptionalOrderColumn } from '../../../../src/core/evidence.ts';
import { lostSessions, pairWithSessions } from '../../../../src/core/gather/purchases.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { aSession } from '../../../builders/stripe.ts';

const session = aSession();
const order = anOrder({ stripeSubscriptionId: session.subscriptionId, createdAt: session.createdAt });

test('a paid session with a row of the person is not lost', () => {
  expect(lostSessions([session], [order], [], order.userId)).toEqual([]);
  expect(lostSessions([session], [], [order], order.userId)).toEqual([]);
});

test('a row of somebody else takes no session away', () => {
  expect(lostSessions([session], [], [{ ...order, userId: 'somebody-else' }], order.userId)).toEqual([session]);
});

test('storing a payment method is no purchase, so nothing of it is lost', () => {
  const setup = aSession({ mode: 'setup', subscriptionId: null, paymentStatus: 'no_payment_required', metadata: {} });
  expect(lostSessions([setup], [], [], order.userId)).toEqual([]);
});

test.each([
  ['the plan', ['stripeSubscriptionId'], 'another-plan', 1],
  ['the time alone where rows name no plan', ['stripeSubscriptionId', 'plan'], null, 0],
  ['the plan where only its table is missing', ['stripeSubscriptionId', 'plan'], 'another-plan', 1],
] as const)('a row without a subscription is told by %s', (_what, lacks, planId, lost) => {
  const row = anOrder({ ...order, stripeSubscriptionId: null, planId, lacks: new Set<OptionalOrderColumn>(lacks) });
  expect(lostSessions([session], [row], [], order.userId)).toHaveLength(lost);
});

test('one checkout stands behind one row only, the earliest', () => {
  const lacks = new Set<OptionalOrderColumn>(['stripeSubscriptionId']);
  const row = anOrder({ ...order, stripeSubscriptionId: null, lacks });
  const added = anOrder({ ...row, id: 'added-by-hand', createdAt: new Date(row.createdAt.getTime() + 60_000) });
  expect([...pairWithSessions([added, row], [session])]).toEqual([[row.id, session]]);
  expect(lostSessions([session, aSession({ id: 'cs_second' })], [row], [], order.userId)).toHaveLength(1);
});

test('a checkout that was never completed stands behind no row', () => {
  const row = anOrder({
    ...order,
    stripeSubscriptionId: null,
    lacks: new Set<OptionalOrderColumn>(['stripeSubscriptionId']),
  });
  expect(pairWithSessions([row], [aSession({ status: 'open', paymentStatus: 'unpaid' })]).size).toBe(0);
});
