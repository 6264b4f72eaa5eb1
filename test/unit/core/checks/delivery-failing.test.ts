import { expect, test } from 'vitest';
import { deliveryFailing } from '../../../../src/core/checks/delivery-failing.ts';
import { checkSession, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { anEndpoint, anEvent, aSession, theWebhooks } from '../../../builders/stripe.ts';
import { ago, MINUTE } from '../../../builders/time.ts';
import { aDelivery, aModeClash, aRefusedSignature } from '../../../builders/webhook-runs.ts';

const pending = anEvent({ pendingWebhooks: 1 });
const unknownPlan = aDelivery({
  status: 500,
  line: `Error creating order: {
  code: "23503",
  details: 'Key (plan_id)=(mc-99) is not present in table "plans".',
  message: 'insert or update on table "orders" violates foreign key constraint "orders_plan_id_fkey"'
}`,
});

test('is found, confirmed and standing, while Stripe still owes the delivery, with the answer of the function', () => {
  const readings = { completedEvent: pending, executions: [unknownPlan] };
  const finding = findingOf(checkSession(deliveryFailing, aSession(), readings));
  expect(finding).toMatchObject({
    code: 'HOOK-004',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: 'redeliver-webhook',
  });
  expect(finding.explanation.what).toBe('Stripe still owes 1 delivery of this purchase: stripe-webhook answered 500.');
});

test("shows the function's own reason as evidence, without the row it printed", () => {
  const readings = { completedEvent: pending, executions: [unknownPlan] };
  const texts = findingOf(checkSession(deliveryFailing, aSession(), readings)).evidence.map(({ text }) => text);
  expect(texts).toEqual([
    'Event evt_ann: 1 delivery outstanding',
    'stripe-webhook answered 500: Error creating order: insert or update on table "orders" violates foreign key constraint "orders_plan_id_fkey"',
  ]);
});

test('is only likely where the outstanding delivery may be owed to an endpoint of somebody else', () => {
  const webhooks = theWebhooks({ others: [anEndpoint({ id: 'we_books', enabledEvents: ['*'] })] });
  const finding = findingOf(checkSession(deliveryFailing, aSession(), { completedEvent: pending, webhooks }));
  expect(finding.confidence).toBe('likely');
  expect(finding.explanation.what).toBe(
    'Stripe still owes 1 delivery of this purchase, a count shared with 1 other endpoint.',
  );
});

test('is found without a reason when the logs are not configured', () => {
  const readings = { completedEvent: pending, executions: notConfigured('logs') };
  const finding = findingOf(checkSession(deliveryFailing, aSession(), readings));
  expect(finding.confidence).toBe('confirmed');
  expect(finding.explanation.what).toBe('Stripe still owes 1 delivery of this purchase.');
});

test('tells a gateway that asks for a key how to open it', () => {
  const readings = { completedEvent: pending, executions: [aDelivery({ status: 401 })] };
  const { explanation } = findingOf(checkSession(deliveryFailing, aSession(), readings));
  expect(explanation.what).toBe(
    'Stripe still owes 1 delivery of this purchase: stripe-webhook was shut by the gateway with 401.',
  );
  expect(explanation.next).toContain('verify_jwt off');
});

test('is likely and unseen when only the logs tell of it', () => {
  const finding = findingOf(checkSession(deliveryFailing, aSession(), { executions: [unknownPlan] }));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'unseen' });
  expect(finding.explanation.what).toBe('Around this purchase 1 delivery failed: stripe-webhook answered 500.');
});

test('passes when Stripe owes nothing and nothing was refused', () => {
  expect(checkSession(deliveryFailing, aSession(), { executions: [aDelivery()] }).kind).toBe('passed');
});

test.each([
  ['signature', aRefusedSignature()],
  ['mode', aModeClash()],
])('leaves deliveries that were all refused for their %s to the check for that', (_kind, run) => {
  const readings = { completedEvent: pending, executions: [run] };
  expect(checkSession(deliveryFailing, aSession(), readings).kind).toBe('passed');
});

test('leaves a checkout that the function cannot digest to the check for that', () => {
  const bare = aSession({ metadata: {} });
  expect(checkSession(deliveryFailing, bare, { completedEvent: pending }).kind).toBe('passed');
});

test.each([
  ['missing', []],
  ['disabled', [anEndpoint({ status: 'disabled' })]],
  ['deaf', [anEndpoint({ enabledEvents: ['invoice.paid'] })]],
])('leaves an endpoint that is %s to the check for that', (_word, ours) => {
  const readings = { completedEvent: pending, webhooks: theWebhooks({ ours }) };
  expect(checkSession(deliveryFailing, aSession(), readings).kind).toBe('not-applicable');
});

test('does not take a delivery of a minute ago for a failing one', () => {
  const young = anEvent({ pendingWebhooks: 1, createdAt: ago(MINUTE) });
  expect(checkSession(deliveryFailing, aSession(), { completedEvent: young }).kind).toBe('not-applicable');
});

test('is inconclusive when Stripe has no event any more and the logs are silent', () => {
  const readings = { completedEvent: null, executions: [] };
  expect(checkSession(deliveryFailing, aSession(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs', kind: 'not-provided' },
  });
});

test('is inconclusive, not passed, when the event cannot be read', () => {
  expect(checkSession(deliveryFailing, aSession(), { completedEvent: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});
