import { expect, test } from 'vitest';
import { modeMixedUp } from '../../../../src/core/checks/mode-mixed-up.ts';
import { checkSession, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { anEndpoint, anEvent, aSession, theWebhooks } from '../../../builders/stripe.ts';
import { ago, MINUTE } from '../../../builders/time.ts';
import { aDelivery, aModeClash } from '../../../builders/webhook-runs.ts';

test('is found, confirmed, when the endpoint is of the other mode', () => {
  const webhooks = theWebhooks({ ours: [anEndpoint({ livemode: true })] });
  const finding = findingOf(checkSession(modeMixedUp, aSession(), { webhooks }));
  expect(finding).toMatchObject({ code: 'HOOK-006', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    'The checkout was paid in test mode, but endpoint we_shop belongs to live mode.',
  );
});

test("is found when the bot's own key is of the other mode", () => {
  const finding = findingOf(checkSession(modeMixedUp, aSession({ livemode: true }), { completedEvent: null }));
  expect(finding.explanation.what).toBe(
    "The checkout was paid in live mode, but the bot's Stripe key and endpoint we_shop belong to test mode.",
  );
});

test('is found when the event is of the other mode', () => {
  const completedEvent = anEvent({ livemode: true });
  expect(findingOf(checkSession(modeMixedUp, aSession(), { completedEvent })).evidence[0]).toMatchObject({
    at: completedEvent.createdAt,
    ref: { kind: 'event', id: 'evt_ann' },
  });
});

test('is likely and unseen when the function met an object of the other mode', () => {
  const finding = findingOf(checkSession(modeMixedUp, aSession(), { executions: [aModeClash()] }));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'unseen' });
});

test('passes when everything is of one mode and the function refused nothing', () => {
  expect(checkSession(modeMixedUp, aSession(), { executions: [aDelivery()] }).kind).toBe('passed');
});

test("does not mind an endpoint of somebody else in the account's other mode", () => {
  const webhooks = theWebhooks({ others: [anEndpoint({ livemode: true })] });
  expect(checkSession(modeMixedUp, aSession(), { webhooks, executions: [aDelivery()] }).kind).toBe('passed');
});

test.each([
  ['endpoints', { webhooks: outage('stripe') }],
  ['event', { completedEvent: outage('stripe') }],
])('is inconclusive when the %s cannot be read', (_word, readings) => {
  expect(checkSession(modeMixedUp, aSession(), { executions: [aDelivery()], ...readings })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});

test("is inconclusive without logs: nothing else tells the mode of the function's key", () => {
  expect(checkSession(modeMixedUp, aSession(), { executions: notConfigured('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs' },
  });
});

test('asks nothing of a purchase so young that its delivery cannot be logged yet', () => {
  const completedEvent = anEvent({ createdAt: ago(MINUTE) });
  expect(checkSession(modeMixedUp, aSession(), { completedEvent, executions: [] }).kind).toBe('not-applicable');
});
