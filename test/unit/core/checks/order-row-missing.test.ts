import { expect, test } from 'vitest';
import { orderRowMissing } from '../../../../src/core/checks/order-row-missing.ts';
import { anOrder, STRANGER_ID } from '../../../builders/merchant.ts';
import { checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { anEvent, aSession } from '../../../builders/stripe.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

test('is found, a confirmed symptom, when a paid checkout has no order', () => {
  const finding = findingOf(checkSession(orderRowMissing, aSession()));
  expect(finding).toMatchObject({
    code: 'HOOK-007',
    role: 'symptom',
    confidence: 'confirmed',
    remediation: 'redeliver-webhook',
  });
  expect(finding.explanation.what).toBe(
    'Checkout cs_test_ann of 14.99 EUR was paid 1 h 2 min ago, and there is no order for it.',
  );
});

test('counts from the checkout where Stripe has no event any more', () => {
  const finding = findingOf(
    checkSession(orderRowMissing, aSession({ createdAt: ago(3 * HOUR) }), { completedEvent: null }),
  );
  expect(finding.explanation.what).toContain('was paid 3 h ago');
});

test('is found for a free checkout too, which is fulfilled like a paid one', () => {
  const free = aSession({ paymentStatus: 'no_payment_required', amountCents: 0 });
  expect(findingOf(checkSession(orderRowMissing, free)).explanation.what).toContain('of 0.00 EUR');
});

test('is not fooled by a row that somebody else wrote with this subscription', () => {
  const forged = anOrder({ userId: STRANGER_ID });
  const finding = findingOf(checkSession(orderRowMissing, aSession(), { sameSubscription: [forged] }));
  expect(JSON.stringify(finding)).not.toContain(STRANGER_ID);
});

test("passes when the buyer's order names the subscription", () => {
  expect(checkSession(orderRowMissing, aSession(), { sameSubscription: [anOrder()] }).kind).toBe('passed');
});

test('passes within the grace time, counted from the completed event and not from the opening of the checkout', () => {
  const completedEvent = anEvent({ createdAt: ago(MINUTE) });
  expect(checkSession(orderRowMissing, aSession({ createdAt: ago(HOUR) }), { completedEvent }).kind).toBe('passed');
});

test('is only likely for a checkout of which nobody could read when it was paid, while that may be just now', () => {
  const lost = (age: number) =>
    findingOf(checkSession(orderRowMissing, aSession({ createdAt: ago(age) }), { completedEvent: outage('stripe') }));
  expect(lost(10 * MINUTE)).toMatchObject({ role: 'symptom', confidence: 'likely' });
  expect(lost(10 * MINUTE).explanation.what).toBe(
    'Checkout cs_test_ann of 14.99 EUR, begun 10 min ago, is paid, and there is no order for it.',
  );
  expect(lost(25 * HOUR).confidence).toBe('confirmed');
});

test('does not apply to a checkout whose money has not arrived', () => {
  expect(checkSession(orderRowMissing, aSession({ paymentStatus: 'unpaid' })).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the orders cannot be read', () => {
  expect(checkSession(orderRowMissing, aSession(), { sameSubscription: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});
