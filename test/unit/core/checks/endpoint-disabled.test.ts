import { expect, test } from 'vitest';
import { endpointDisabled } from '../../../../src/core/checks/endpoint-disabled.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkSession, findingOf, refusedKey } from '../../../builders/readings.ts';
import { anEndpoint, aSession, theWebhooks } from '../../../builders/stripe.ts';

const off = anEndpoint({ status: 'disabled' });

test('is found, confirmed and standing, when the endpoint is disabled', () => {
  const finding = findingOf(checkSession(endpointDisabled, aSession(), { webhooks: theWebhooks({ ours: [off] }) }));
  expect(finding).toMatchObject({
    code: 'HOOK-002',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: 'enable-endpoint',
  });
  expect(finding.explanation.what).toBe(
    'Stripe has switched off the endpoint that leads to the webhook function (we_shop).',
  );
  expect(finding.evidence[0]?.ref).toEqual({ kind: 'endpoint', id: 'we_shop' });
});

test('names every endpoint when all are disabled', () => {
  const webhooks = theWebhooks({ ours: [off, anEndpoint({ id: 'we_old', status: 'disabled' })] });
  expect(findingOf(checkSession(endpointDisabled, aSession(), { webhooks })).explanation.what).toBe(
    'Stripe has switched off every endpoint that leads to the webhook function (we_shop, we_old).',
  );
});

test('passes when one of two endpoints is enabled', () => {
  const webhooks = theWebhooks({ ours: [off, anEndpoint({ id: 'we_new' })] });
  expect(checkSession(endpointDisabled, aSession(), { webhooks }).kind).toBe('passed');
});

test("does not mind a disabled endpoint that is somebody else's", () => {
  const webhooks = theWebhooks({ others: [anEndpoint({ id: 'we_books', status: 'disabled' })] });
  expect(checkSession(endpointDisabled, aSession(), { webhooks }).kind).toBe('passed');
});

test('leaves a missing endpoint to the check for that', () => {
  expect(checkSession(endpointDisabled, aSession(), { webhooks: theWebhooks({ ours: [] }) }).kind).toBe(
    'not-applicable',
  );
});

test('does not apply to an order: its row shows that the webhook arrived', () => {
  expect(checkOrder(endpointDisabled, anOrder(), { webhooks: theWebhooks({ ours: [off] }) }).kind).toBe(
    'not-applicable',
  );
});

test('is inconclusive, not passed, when Stripe refuses the key', () => {
  expect(checkSession(endpointDisabled, aSession(), { webhooks: refusedKey('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe', kind: 'credentials-rejected' },
  });
});
