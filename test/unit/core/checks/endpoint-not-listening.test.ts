import { expect, test } from 'vitest';
import { endpointNotListening } from '../../../../src/core/checks/endpoint-not-listening.ts';
import { checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { anEndpoint, aSession, theWebhooks } from '../../../builders/stripe.ts';

const deaf = anEndpoint({ enabledEvents: ['customer.subscription.updated', 'invoice.paid'] });

test('is found, confirmed, when the endpoint is not subscribed to completed checkouts', () => {
  const finding = findingOf(
    checkSession(endpointNotListening, aSession(), { webhooks: theWebhooks({ ours: [deaf] }) }),
  );
  expect(finding).toMatchObject({ code: 'HOOK-003', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe(
    'The endpoint that leads to the webhook function (we_shop) is not subscribed to checkout.session.completed.',
  );
  expect(finding.evidence[0]?.text).toBe('Endpoint we_shop listens to customer.subscription.updated, invoice.paid');
});

test('is found when only a disabled endpoint would listen', () => {
  const webhooks = theWebhooks({ ours: [deaf, anEndpoint({ id: 'we_off', status: 'disabled' })] });
  expect(checkSession(endpointNotListening, aSession(), { webhooks }).kind).toBe('found');
});

test('is found beside a disabled endpoint that would not listen either once enabled', () => {
  const webhooks = theWebhooks({ ours: [{ ...deaf, status: 'disabled' }] });
  expect(checkSession(endpointNotListening, aSession(), { webhooks }).kind).toBe('found');
});

test('is found when the endpoint listens to asynchronous payments of checkouts only', () => {
  const near = anEndpoint({ enabledEvents: ['checkout.session.async_payment_succeeded'] });
  expect(checkSession(endpointNotListening, aSession(), { webhooks: theWebhooks({ ours: [near] }) }).kind).toBe(
    'found',
  );
});

test.each([['*'], ['checkout.session.completed']])('passes when the endpoint listens to %s', (type) => {
  const webhooks = theWebhooks({ ours: [anEndpoint({ enabledEvents: [type] })] });
  expect(checkSession(endpointNotListening, aSession(), { webhooks }).kind).toBe('passed');
});

test('leaves a missing endpoint to the check for that', () => {
  expect(checkSession(endpointNotListening, aSession(), { webhooks: theWebhooks({ ours: [] }) }).kind).toBe(
    'not-applicable',
  );
});

test('is inconclusive, not passed, when the endpoints cannot be read', () => {
  expect(checkSession(endpointNotListening, aSession(), { webhooks: outage('stripe') }).kind).toBe('inconclusive');
});
