import { expect, test } from 'vitest';
import { paymentReversed } from '../../../../src/core/checks/payment-reversed.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { aCharge, aPayment, aSession, aSubscription } from '../../../builders/stripe.ts';
import { ago, DAY } from '../../../builders/time.ts';

const refunded = aCharge({ refunded: true, amountRefundedCents: 1499 });

test('is found, confirmed and for no action to cure, when the payment was refunded in full', () => {
  const finding = findingOf(
    checkOrder(paymentReversed, aFailedOrder(), { payment: aPayment({ charges: [refunded] }) }),
  );
  expect(finding).toMatchObject({ code: 'PAY-004', role: 'cause', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe('The payment of 14.99 EUR was refunded in full; the order does not know it.');
});

test('is found on a paid checkout without an order too', () => {
  const payment = aPayment({ charges: [refunded] });
  expect(findingOf(checkSession(paymentReversed, aSession(), { payment })).code).toBe('PAY-004');
});

test.each([null, 'needs_response', 'under_review', 'warning_needs_response', 'a_new_word', 'lost'])(
  'is found for a dispute whose status is %s',
  (disputeStatus) => {
    const payment = aPayment({ charges: [aCharge({ disputed: true, disputeStatus })] });
    expect(findingOf(checkOrder(paymentReversed, anOrder(), { payment })).role).toBe('cause');
  },
);

test('names how an open dispute stands', () => {
  const payment = aPayment({ charges: [aCharge({ disputed: true, disputeStatus: 'needs_response' })] });
  const { explanation } = findingOf(checkOrder(paymentReversed, anOrder(), { payment }));
  expect(explanation.what).toBe('The payment of 14.99 EUR is disputed (needs_response).');
});

test.each(['won', 'warning_closed', 'prevented'])('passes for a dispute that is %s', (disputeStatus) => {
  const payment = aPayment({ charges: [aCharge({ disputed: true, disputeStatus })] });
  expect(checkOrder(paymentReversed, anOrder(), { payment }).kind).toBe('passed');
});

test.each(['canceled', 'incomplete_expired'])('is found when the subscription is %s', (status) => {
  const payment = aPayment({ subscription: aSubscription({ status, endedAt: ago(DAY) }) });
  expect(findingOf(checkOrder(paymentReversed, anOrder(), { payment })).explanation.what).toBe(
    `Subscription sub_ann is ${status} since 2026-11-23; the order does not know it.`,
  );
});

test('is a notice that ends nothing when only a part was refunded', () => {
  const payment = aPayment({ charges: [aCharge({ amountRefundedCents: 500 })] });
  const finding = findingOf(checkOrder(paymentReversed, anOrder(), { payment }));
  expect(finding).toMatchObject({ role: 'notice', severity: 'notice' });
  expect(finding.explanation.what).toBe('5.00 EUR of 14.99 EUR was refunded.');
});

test('is a notice when the subscription is set to end with its period', () => {
  const payment = aPayment({ subscription: aSubscription({ cancelAtPeriodEnd: true }) });
  const finding = findingOf(checkOrder(paymentReversed, anOrder(), { payment }));
  expect(finding).toMatchObject({ role: 'notice', severity: 'notice' });
  expect(finding.explanation.what).toBe('Subscription sub_ann is set to end on 2026-12-23.');
});

test('passes when an earlier period was refunded and the present one is paid', () => {
  const charges = [aCharge({ id: 'ch_now' }), aCharge({ id: 'ch_then', refunded: true, createdAt: ago(40 * DAY) })];
  expect(checkOrder(paymentReversed, anOrder(), { payment: aPayment({ charges }) }).kind).toBe('passed');
});

test('looks past a failed attempt at the charge that was collected', () => {
  const charges = [aCharge({ id: 'ch_failed', status: 'failed', createdAt: ago(0) }), refunded];
  expect(checkOrder(paymentReversed, anOrder(), { payment: aPayment({ charges }) }).kind).toBe('found');
});

test('passes when the payment is good', () => {
  expect(checkOrder(paymentReversed, anOrder()).kind).toBe('passed');
});

test('does not apply to an order that knows it is canceled', () => {
  const payment = aPayment({ charges: [refunded] });
  expect(checkOrder(paymentReversed, anOrder({ status: 'canceled' }), { payment }).kind).toBe('not-applicable');
});

test("never speaks of somebody else's money", () => {
  const payment = aPayment({ backing: 'foreign', charges: [refunded] });
  expect(checkOrder(paymentReversed, anOrder(), { payment }).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when Stripe does not answer', () => {
  expect(checkOrder(paymentReversed, anOrder(), { payment: outage('stripe') }).kind).toBe('inconclusive');
});
