import { expect, test } from 'vitest';
import { functionNotDeployed } from '../../../../src/core/checks/function-not-deployed.ts';
import { aFailedOrder, aFunction, anOrder, aWebhookRun } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const webhookOnly = [aFunction({ id: 'fn-webhook', slug: 'stripe-webhook' })];
const notFound = aWebhookRun({ failed: '404 - {"code":"NOT_FOUND","message":"Requested function was not found"}' });

test('is found, confirmed and standing, when the project does not list the function', () => {
  const finding = findingOf(checkOrder(functionNotDeployed, aFailedOrder(), { functions: webhookOnly }));
  expect(finding).toMatchObject({ code: 'PRV-001', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The function servers-provision is not among the functions of this project.');
});

test('is found when the function is listed as removed', () => {
  const readings = { functions: [aFunction({ status: 'REMOVED' })] };
  const finding = findingOf(checkOrder(functionNotDeployed, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The function servers-provision has been removed from this project.');
});

test('passes for a throttled function: it is there', () => {
  const readings = { functions: [aFunction({ status: 'THROTTLED' })] };
  expect(checkOrder(functionNotDeployed, aFailedOrder(), readings).kind).toBe('passed');
});

test('is cleared when the log says so and the function is there now', () => {
  const finding = findingOf(checkOrder(functionNotDeployed, aFailedOrder(), { executions: [notFound] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
});

test('says with which status a throttled function stands there, beside the log line', () => {
  const readings = { executions: [notFound], functions: [aFunction({ status: 'THROTTLED', updatedAt: ago(MINUTE) })] };
  const finding = findingOf(checkOrder(functionNotDeployed, aFailedOrder(), readings));
  expect(finding.evidence.map((item) => item.text)).toContain(
    'servers-provision has status THROTTLED; it was deployed last then',
  );
});

test('is unseen when the log says so and the functions cannot be listed', () => {
  const readings = { executions: [notFound], functions: outage('logs') };
  const finding = findingOf(checkOrder(functionNotDeployed, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toContain('the answer was that servers-provision is not deployed');
});

test('is inconclusive, not passed, when the functions cannot be listed and the log names another reason', () => {
  expect(checkOrder(functionNotDeployed, aFailedOrder(), { functions: outage('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs', kind: 'timed-out' },
  });
});

test('is inconclusive for a failed order without access to the Management API', () => {
  const readings = { functions: notConfigured('logs'), executions: notConfigured('logs') };
  expect(checkOrder(functionNotDeployed, aFailedOrder(), readings)).toMatchObject({ kind: 'inconclusive' });
});

test('does not put a young order in doubt because the Management API was never set up', () => {
  const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
  const readings = { functions: notConfigured('logs'), executions: notConfigured('logs') };
  expect(checkOrder(functionNotDeployed, young, readings).kind).toBe('not-applicable');
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(functionNotDeployed, anOrder(), { functions: webhookOnly }).kind).toBe('not-applicable');
});
