import { expect, test } from 'vitest';
import { checkoutIncomplete } from '../../../../src/core/checks/checkout-incomplete.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';

const { metadata } = aSession();

test('is found, confirmed, when the metadata lacks what an order is made of', () => {
  const finding = findingOf(checkSession(checkoutIncomplete, aSession({ metadata: { ...metadata, plan_id: ' ' } })));
  expect(finding).toMatchObject({ code: 'HOOK-008', role: 'cause', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe('Checkout cs_test_ann lacks plan_id in its metadata.');
});

test('says of a checkout without any metadata that it was made elsewhere', () => {
  expect(findingOf(checkSession(checkoutIncomplete, aSession({ metadata: {} }))).explanation.what).toBe(
    'Checkout cs_test_ann has no metadata: it was made elsewhere (a Payment Link, the Dashboard or old code).',
  );
});

test('is found when the checkout was made for one payment instead of a subscription', () => {
  const finding = findingOf(checkSession(checkoutIncomplete, aSession({ mode: 'payment', subscriptionId: null })));
  expect(finding.explanation.what).toBe('Checkout cs_test_ann is in mode "payment" instead of "subscription".');
  expect(finding.evidence[0]?.text).toBe('Checkout cs_test_ann: mode payment, no subscription, metadata complete');
});

test('names all that is missing at once', () => {
  const session = aSession({ mode: 'payment', subscriptionId: null, metadata: { item_type: 'game', term: 'monthly' } });
  expect(findingOf(checkSession(checkoutIncomplete, session)).explanation.what).toBe(
    'Checkout cs_test_ann is in mode "payment" instead of "subscription" and lacks user_id, plan_id, region in its metadata.',
  );
});

test('passes for a complete checkout', () => {
  expect(checkSession(checkoutIncomplete, aSession()).kind).toBe('passed');
});

test('passes when a value is there and merely wrong: what the function says to it is found by its deliveries', () => {
  const session = aSession({ metadata: { ...metadata, plan_id: 'no-such-plan', term: 'fortnightly' } });
  expect(checkSession(checkoutIncomplete, session).kind).toBe('passed');
});

test('does not ask a machine that is set up by hand for a region', () => {
  const { region: _region, ...rest } = metadata;
  expect(checkSession(checkoutIncomplete, aSession({ metadata: { ...rest, item_type: 'vps' } })).kind).toBe('passed');
});

test('needs nothing but the checkout itself, so that no outage makes it inconclusive', () => {
  const readings = { webhooks: outage('stripe'), completedEvent: outage('stripe'), executions: outage('logs') };
  expect(checkSession(checkoutIncomplete, aSession(), readings).kind).toBe('passed');
});

test('does not apply to an order', () => {
  expect(checkOrder(checkoutIncomplete, anOrder()).kind).toBe('not-applicable');
});
