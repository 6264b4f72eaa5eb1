import { expect, test } from 'vitest';
import { noCompletedCheckout } from '../../../../src/core/checks/no-completed-checkout.ts';
import { checkPerson, findingOf, outage } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';

test('is found, confirmed, when Stripe knows no checkout of a person who can sign in', () => {
  const finding = findingOf(checkPerson(noCompletedCheckout));
  expect(finding).toMatchObject({ code: 'PAY-001', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe(
    'ann@example.com has an account, and Stripe knows no checkout of it: nothing was bought with it.',
  );
});

test('is found when the only checkout stored a payment method and bought nothing', () => {
  const setup = aSession({ mode: 'setup', paymentStatus: 'no_payment_required' });
  expect(checkPerson(noCompletedCheckout, { checkouts: [setup] }).kind).toBe('found');
});

test('passes when a checkout is paid', () => {
  expect(checkPerson(noCompletedCheckout, { checkouts: [aSession()] }).kind).toBe('passed');
});

test.each(['open', 'expired'])('leaves a checkout that is %s to the check for that', (status) => {
  const unpaid = aSession({ status, paymentStatus: 'unpaid' });
  expect(checkPerson(noCompletedCheckout, { checkouts: [unpaid] }).kind).toBe('passed');
});

test('does not apply to somebody who cannot sign in', () => {
  expect(checkPerson(noCompletedCheckout, { person: null }).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the checkouts cannot be read', () => {
  expect(checkPerson(noCompletedCheckout, { checkouts: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe', kind: 'timed-out' },
  });
});

test('is inconclusive when the only checkout is in a state this version does not know', () => {
  const odd = aSession({ status: 'thinking' });
  expect(checkPerson(noCompletedCheckout, { checkouts: [odd] })).toMatchObject({
    kind: 'inconclusive',
    failure: { kind: 'unexpected-shape', path: 'checkout.session.status' },
  });
});

test('is inconclusive when the orders cannot be read: one may lead to a purchase with another address', () => {
  expect(checkPerson(noCompletedCheckout, { siblings: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});
