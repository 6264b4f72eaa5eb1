import { expect, test } from 'vitest';
import { duplicateOrder } from '../../../../src/core/checks/duplicate-order.ts';
import { aFailedOrder, anOrder, STRANGER_ID } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { aPayment } from '../../../builders/stripe.ts';

const order = anOrder();
const twin = aFailedOrder({ id: 'aaaaaaaa-0000-4000-8000-000000000002' });

test('is found, a confirmed symptom, when one subscription has two orders of the same customer', () => {
  const finding = findingOf(checkOrder(duplicateOrder, order, { sameSubscription: [order, twin] }));
  expect(finding).toMatchObject({ code: 'HOOK-009', role: 'symptom', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe(
    'Subscription sub_ann has 2 orders of the same customer, 1 of them with a server.',
  );
  expect(finding.evidence.map(({ text }) => text)).toEqual([
    `Order ${order.id}: provisioned, server 501`,
    `Order ${twin.id}: error, no server`,
  ]);
});

test('is found on each of the orders', () => {
  expect(checkOrder(duplicateOrder, twin, { sameSubscription: [order, twin] }).kind).toBe('found');
});

test('asks which server is in use when both orders have one', () => {
  const second = anOrder({ id: twin.id, serverId: 502 });
  const finding = findingOf(checkOrder(duplicateOrder, order, { sameSubscription: [order, second] }));
  expect(finding.explanation.next).toContain('Ask the customer which server is in use');
});

test('passes when the other row belongs to somebody else: a forged row must not taint its victim', () => {
  const forged = anOrder({ id: twin.id, userId: STRANGER_ID });
  expect(checkOrder(duplicateOrder, order, { sameSubscription: [order, forged] }).kind).toBe('passed');
});

test('passes when the other order was canceled: somebody has dealt with it', () => {
  const canceled = { ...twin, status: 'canceled' };
  expect(checkOrder(duplicateOrder, order, { sameSubscription: [order, canceled] }).kind).toBe('passed');
});

test('passes for the only order of its subscription', () => {
  expect(checkOrder(duplicateOrder, order).kind).toBe('passed');
});

test.each(['none', 'foreign'] as const)('does not apply to an order whose backing is %s', (backing) => {
  const readings = { payment: aPayment({ backing }), sameSubscription: [order, twin] };
  expect(checkOrder(duplicateOrder, order, readings).kind).toBe('not-applicable');
});

test('does not apply to an order that names no subscription', () => {
  const gift = anOrder({ stripeSubscriptionId: null });
  expect(checkOrder(duplicateOrder, gift, { payment: aPayment({ backing: 'vouched' }) }).kind).toBe('not-applicable');
});

test('is inconclusive where the table has no column for the subscription', () => {
  const blind = anOrder({ lacks: new Set(['stripeSubscriptionId'] as const), stripeSubscriptionId: null });
  expect(checkOrder(duplicateOrder, blind)).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase', kind: 'not-provided' },
  });
});

test.each([
  ['supabase', { sameSubscription: outage('supabase') }],
  ['stripe', { payment: outage('stripe') }],
])('is inconclusive, not passed, when %s does not answer', (source, readings) => {
  expect(checkOrder(duplicateOrder, order, readings)).toMatchObject({ kind: 'inconclusive', failure: { source } });
});
