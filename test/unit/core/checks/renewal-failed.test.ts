import { expect, test } from 'vitest';
import { renewalFailed } from '../../../../src/core/checks/renewal-failed.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { anInvoice, aPayment, aSubscription } from '../../../builders/stripe.ts';
import { ago, DAY, HOUR } from '../../../builders/time.ts';

const live = anOrder({ status: 'error', updatedAt: ago(HOUR) });
const first = anInvoice({ id: 'in_first', createdAt: ago(31 * DAY) });
const renewal = anInvoice({
  id: 'in_renewal',
  status: 'open',
  billingReason: 'subscription_cycle',
  attemptCount: 2,
  createdAt: ago(DAY),
});
const failed = aPayment({ subscription: aSubscription({ status: 'past_due' }), invoices: [renewal, first] });

test('is found, confirmed and beyond repair by a retry, when the renewal of a live order failed', () => {
  const finding = findingOf(checkOrder(renewalFailed, live, { payment: failed }));
  expect(finding).toMatchObject({ code: 'PAY-003', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe(
    'The order is in "error" because a renewal of 14.99 EUR failed (2 attempts); the subscription is past_due.',
  );
  expect(finding.explanation.next).toContain('never retry provisioning');
});

test('is found from the invoice alone while Stripe still calls the subscription active', () => {
  const finding = findingOf(checkOrder(renewalFailed, live, { payment: aPayment({ invoices: [renewal, first] }) }));
  expect(finding.evidence[0]).toMatchObject({ ref: { kind: 'invoice', id: 'in_renewal' }, at: ago(DAY) });
});

test('is found from the subscription alone, without inventing an amount', () => {
  const payment = aPayment({ subscription: aSubscription({ status: 'unpaid' }), invoices: [first] });
  expect(findingOf(checkOrder(renewalFailed, live, { payment })).explanation.what).toBe(
    'The order is in "error" because a renewal failed; the subscription is unpaid.',
  );
});

test('passes when all renewals are paid: the error then has another reason', () => {
  const payment = aPayment({ invoices: [{ ...renewal, status: 'paid' }, first] });
  expect(checkOrder(renewalFailed, live, { payment }).kind).toBe('passed');
});

test('passes when a renewal is due but was not attempted yet', () => {
  const payment = aPayment({ invoices: [{ ...renewal, status: 'draft', attemptCount: 0 }, first] });
  expect(checkOrder(renewalFailed, live, { payment }).kind).toBe('passed');
});

test('passes for an order in error without a server: that is a failed provisioning', () => {
  expect(checkOrder(renewalFailed, aFailedOrder(), { payment: failed }).kind).toBe('passed');
});

test('does not apply to an order that is not in error', () => {
  expect(checkOrder(renewalFailed, anOrder(), { payment: failed }).kind).toBe('not-applicable');
});

test("never speaks of somebody else's renewal", () => {
  const payment = { ...failed, backing: 'foreign' as const };
  expect(checkOrder(renewalFailed, live, { payment }).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when Stripe does not answer', () => {
  expect(checkOrder(renewalFailed, live, { payment: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});
