import { expect, test } from 'vitest';
import { checkoutNotPaid } from '../../../../src/core/checks/checkout-not-paid.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkPerson, findingOf, outage } from '../../../builders/readings.ts';
import { aPayment, aSession } from '../../../builders/stripe.ts';
import { ago, DAY, HOUR } from '../../../builders/time.ts';

const open = aSession({ id: 'cs_open', status: 'open', paymentStatus: 'unpaid', expiresAt: ago(-23 * HOUR) });
const expired = aSession({
  id: 'cs_expired',
  status: 'expired',
  paymentStatus: 'unpaid',
  createdAt: ago(26 * HOUR),
  expiresAt: ago(2 * HOUR),
});
const delayed = aSession({ id: 'cs_sepa', paymentStatus: 'unpaid', createdAt: ago(2 * DAY) });

test('is found for an open checkout, with the time that is left to finish it', () => {
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [open] }));
  expect(finding).toMatchObject({ code: 'PAY-002', role: 'cause', confidence: 'confirmed', severity: 'warning' });
  expect(finding.explanation.what).toBe(
    'The checkout of 14.99 EUR is still open and not paid; it can be finished for another 23 h.',
  );
});

test('is found for an expired checkout, with the time since it expired', () => {
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [expired] }));
  expect(finding.explanation.what).toBe('The checkout of 14.99 EUR expired 2 h ago without being paid.');
});

test('tells of a delayed method without alarm, and asks the customer not to pay again', () => {
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [delayed] }));
  expect(finding.severity).toBe('notice');
  expect(finding.explanation.what).toBe(
    'The checkout of 14.99 EUR was begun 2 days ago with a delayed payment method, and the money has not arrived.',
  );
  expect(finding.customerWords).toContain('Please do not pay again');
});

test('speaks of the newest checkout', () => {
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [expired, open] }));
  expect(finding.evidence[0]?.ref).toEqual({ kind: 'session', id: 'cs_open' });
});

test('speaks of money on its way rather than of a newer attempt, so that nobody is sent to pay twice', () => {
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [expired, delayed] }));
  expect(finding.evidence[0]?.ref).toEqual({ kind: 'session', id: 'cs_sepa' });
});

test('lets a delayed payment that never came not hide what was tried after it', () => {
  const failed = aSession({ paymentStatus: 'unpaid', createdAt: ago(40 * DAY) });
  const finding = findingOf(checkPerson(checkoutNotPaid, { checkouts: [expired, failed] }));
  expect(finding.evidence[0]?.ref).toEqual({ kind: 'session', id: 'cs_expired' });
});

test.each(['paid', 'no_payment_required'])('passes when a checkout is %s', (paymentStatus) => {
  expect(checkPerson(checkoutNotPaid, { checkouts: [open, aSession({ paymentStatus })] }).kind).toBe('passed');
});

test('is inconclusive when Stripe uses a payment status this version does not know', () => {
  const odd = aSession({ paymentStatus: 'partially_paid' });
  expect(checkPerson(checkoutNotPaid, { checkouts: [odd] })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe', kind: 'unexpected-shape', path: 'checkout.session.payment_status' },
  });
});

test('is inconclusive when the checkouts cannot be read', () => {
  expect(checkPerson(checkoutNotPaid, { checkouts: outage('stripe') }).kind).toBe('inconclusive');
});

test('is found on an order that was written before its delayed payment arrived', () => {
  const payment = aPayment({ session: delayed });
  expect(findingOf(checkOrder(checkoutNotPaid, aFailedOrder(), { payment }))).toMatchObject({ role: 'cause' });
});

test('is a mere notice once such an order has its server', () => {
  const payment = aPayment({ session: delayed });
  expect(findingOf(checkOrder(checkoutNotPaid, anOrder(), { payment })).role).toBe('notice');
});

test('passes for an order whose checkout is paid', () => {
  expect(checkOrder(checkoutNotPaid, anOrder()).kind).toBe('passed');
});

test('is inconclusive for an order whose payment cannot be read', () => {
  expect(checkOrder(checkoutNotPaid, aFailedOrder(), { payment: outage('stripe') }).kind).toBe('inconclusive');
});

test('does not take an abandoned checkout for that of an order with a subscription', () => {
  expect(checkOrder(checkoutNotPaid, anOrder(), { payment: aPayment({ session: open }) }).kind).toBe('not-applicable');
});

test("never speaks of somebody else's checkout", () => {
  const payment = aPayment({ backing: 'foreign', session: delayed });
  expect(checkOrder(checkoutNotPaid, anOrder(), { payment }).kind).toBe('not-applicable');
});

test('is inconclusive for a person whose orders cannot be read: one may lead to a paid checkout', () => {
  const open = aSession({ status: 'open', paymentStatus: 'unpaid' });
  expect(checkPerson(checkoutNotPaid, { checkouts: [open], siblings: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});
