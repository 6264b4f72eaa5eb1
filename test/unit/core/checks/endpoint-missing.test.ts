import { expect, test } from 'vitest';
import { endpointMissing } from '../../../../src/core/checks/endpoint-missing.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { anEndpoint, aSession, theWebhooks } from '../../../builders/stripe.ts';

const books = anEndpoint({ id: 'we_books', url: 'https://books.example.com/hook?token=hush' });

test('is found, confirmed, when the account has no endpoint at all', () => {
  const finding = findingOf(checkSession(endpointMissing, aSession(), { webhooks: theWebhooks({ ours: [] }) }));
  expect(finding).toMatchObject({ code: 'HOOK-001', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe(
    'Stripe has no webhook endpoint in test mode, so nothing leads to stripe-webhook.',
  );
});

test('is found when all endpoints lead elsewhere, and shows of them the hosts alone', () => {
  const webhooks = theWebhooks({ mode: 'live', ours: [], others: [books] });
  const finding = findingOf(checkSession(endpointMissing, aSession({ livemode: true }), { webhooks }));
  expect(finding.explanation.what).toBe(
    'None of the webhook endpoints (1) that Stripe has in live mode leads to stripe-webhook.',
  );
  expect(finding.evidence[0]?.text).toBe('Endpoints of the account in live mode: 1, leading to books.example.com');
});

test('passes when an endpoint leads to the function, even a disabled one', () => {
  const webhooks = theWebhooks({ ours: [anEndpoint({ status: 'disabled' })], others: [books] });
  expect(checkSession(endpointMissing, aSession(), { webhooks }).kind).toBe('passed');
});

test('does not apply to an order: its row shows that the webhook arrived', () => {
  expect(checkOrder(endpointMissing, anOrder(), { webhooks: theWebhooks({ ours: [] }) }).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the endpoints cannot be read', () => {
  expect(checkSession(endpointMissing, aSession(), { webhooks: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});
