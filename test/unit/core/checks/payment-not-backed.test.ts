import { expect, test } from 'vitest';
import { paymentNotBacked } from '../../../../src/core/checks/payment-not-backed.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { aPayment, aSubscription } from '../../../builders/stripe.ts';

const nothing = aPayment({ backing: 'none', session: null, subscription: null, invoices: [], charges: [] });
const forged = anOrder({ status: 'paid', serverId: null, stripeSubscriptionId: null });

test('is found, confirmed and critical, when a row says paid and Stripe knows nothing of it', () => {
  const finding = findingOf(checkOrder(paymentNotBacked, forged, { payment: nothing }));
  expect(finding).toMatchObject({ code: 'PAY-005', confidence: 'confirmed', severity: 'critical', remediation: null });
  expect(finding.explanation.what).toBe(
    'The order says "paid", but it names no subscription, and no paid checkout of this customer in Stripe fits it.',
  );
});

test('names the subscription that Stripe does not have', () => {
  const invented = anOrder({ status: 'paid', stripeSubscriptionId: 'sub_invented' });
  expect(findingOf(checkOrder(paymentNotBacked, invented, { payment: nothing })).explanation.what).toBe(
    'The order says "paid", but Stripe has no subscription sub_invented of this customer.',
  );
});

test('says that the subscription is somebody else’s without telling whose', () => {
  const payment = aPayment({
    backing: 'foreign',
    subscription: aSubscription({ customerId: 'cus_victim', metadata: { user_id: 'victim' } }),
  });
  const finding = findingOf(checkOrder(paymentNotBacked, anOrder({ status: 'paid' }), { payment }));
  expect(finding.explanation.what).toBe(
    'The order says "paid", but the subscription it names (sub_ann) is somebody else\'s.',
  );
  expect(JSON.stringify(finding)).not.toContain('victim');
});

test('accuses nobody towards the customer', () => {
  const { customerWords } = findingOf(checkOrder(paymentNotBacked, forged, { payment: nothing }));
  expect(customerWords).toBe(
    'We are checking the payment for this order by hand. If you have a receipt for it, please send it to us.',
  );
});

test('is only likely where the table has no column for the subscription', () => {
  const order = anOrder({ status: 'paid', lacks: new Set(['stripeSubscriptionId'] as const) });
  expect(findingOf(checkOrder(paymentNotBacked, order, { payment: nothing })).confidence).toBe('likely');
});

test.each(['paid', 'provisioning', 'installing', 'provisioned', 'active', 'error', 'gifted'])(
  'is found in status %s, which claims a payment',
  (status) => {
    expect(checkOrder(paymentNotBacked, anOrder({ status }), { payment: nothing }).kind).toBe('found');
  },
);

test.each(['pending', 'canceled'])('does not apply in status %s, which claims none', (status) => {
  expect(checkOrder(paymentNotBacked, anOrder({ status }), { payment: nothing }).kind).toBe('not-applicable');
});

test.each(['own', 'vouched'] as const)('passes when the order stands on a payment that is %s', (backing) => {
  expect(checkOrder(paymentNotBacked, anOrder(), { payment: { ...nothing, backing } }).kind).toBe('passed');
});

test('is inconclusive, not found, when Stripe does not answer', () => {
  expect(checkOrder(paymentNotBacked, forged, { payment: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});
