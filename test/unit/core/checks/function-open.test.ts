import { expect, test } from 'vitest';
import { functionOpen } from '../../../../src/core/checks/function-open.ts';
import { aFailedOrder, aFunction, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';

const open = { functions: [aFunction({ verifyJwt: false })] };

test('is found as a notice for the details, on a running order too', () => {
  const finding = findingOf(checkOrder(functionOpen, anOrder(), open));
  expect(finding).toMatchObject({
    code: 'PRV-008',
    role: 'notice',
    severity: 'notice',
    confidence: 'confirmed',
    shown: 'details',
    remediation: null,
  });
  expect(finding.explanation.what).toBe(
    'The function servers-provision does not ask for a key: anyone can invoke it. This is not about this order.',
  );
});

test('passes when the gateway asks for a key', () => {
  expect(checkOrder(functionOpen, anOrder()).kind).toBe('passed');
});

test('does not mind that the webhook function is open: Stripe has no key', () => {
  const readings = {
    functions: [aFunction(), aFunction({ id: 'fn-webhook', slug: 'stripe-webhook', verifyJwt: false })],
  };
  expect(checkOrder(functionOpen, anOrder(), readings).kind).toBe('passed');
});

test('is inconclusive for a failed order when the functions cannot be listed', () => {
  expect(checkOrder(functionOpen, aFailedOrder(), { functions: outage('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs' },
  });
});

test('does not put a running order in doubt when the functions cannot be listed', () => {
  expect(checkOrder(functionOpen, anOrder(), { functions: notConfigured('logs') }).kind).toBe('not-applicable');
  expect(checkOrder(functionOpen, anOrder(), { functions: outage('logs') }).kind).toBe('not-applicable');
});

test('does not speak of a function that is not there', () => {
  expect(checkOrder(functionOpen, aFailedOrder(), { functions: [] }).kind).toBe('not-applicable');
  const removed = { functions: [aFunction({ status: 'REMOVED', verifyJwt: false })] };
  expect(checkOrder(functionOpen, aFailedOrder(), removed).kind).toBe('not-applicable');
});

test('does not apply to a canceled order or one that is fulfilled by hand', () => {
  expect(checkOrder(functionOpen, anOrder({ status: 'canceled' }), open).kind).toBe('not-applicable');
  expect(checkOrder(functionOpen, anOrder({ itemType: 'vps' }), open).kind).toBe('not-applicable');
});
