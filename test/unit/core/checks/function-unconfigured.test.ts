import { expect, test } from 'vitest';
import { functionUnconfigured } from '../../../../src/core/checks/function-unconfigured.ts';
import { aFailedOrder, anOrder, aWebhookRun, theSettings, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, DAY, MINUTE } from '../../../builders/time.ts';

const without = (...names: readonly string[]) =>
  theSettings({ secrets: theSettings().secrets.filter((secret) => !names.includes(secret.name)) });
const sayingSo = aWebhookRun({ failed: threw('Pterodactyl configuration missing') });

test('is found, confirmed and standing, and names the secret that is missing', () => {
  const finding = findingOf(checkOrder(functionUnconfigured, aFailedOrder(), { settings: without('PTERO_APP_KEY') }));
  expect(finding).toMatchObject({ code: 'PRV-002', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The functions lack the secret PTERO_APP_KEY.');
  expect(finding.explanation.next).toBe('Set PTERO_APP_KEY in the secrets of the functions, then retry the order.');
});

test('names both secrets when neither is set', () => {
  const readings = { settings: without('PTERO_APP_KEY', 'PANEL_URL') };
  const finding = findingOf(checkOrder(functionUnconfigured, aFailedOrder(), readings));
  expect(finding.explanation.what).toBe('The functions lack the secrets PANEL_URL and PTERO_APP_KEY.');
});

test('is cleared when the log says so and both secrets are set now', () => {
  const finding = findingOf(checkOrder(functionUnconfigured, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
  expect(finding.evidence.map((item) => item.text)).toContain('PTERO_APP_KEY is set');
});

test('takes a request to an address that is not there for the same', () => {
  const run = aWebhookRun({ failed: threw("Invalid URL: 'undefined/api/application/nodes/1/allocations'") });
  const readings = { executions: [run], settings: outage('logs') };
  const finding = findingOf(checkOrder(functionUnconfigured, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe(
    'The provisioning function said that it was given no panel address or no panel key.',
  );
});

test('passes when both secrets are set and the log names another reason', () => {
  const run = aWebhookRun({ failed: threw('No available ports on selected node') });
  expect(checkOrder(functionUnconfigured, aFailedOrder(), { executions: [run] }).kind).toBe('passed');
});

test('does not mind that some other secret is missing', () => {
  const readings = { settings: without('STRIPE_WEBHOOK_SECRET') };
  expect(checkOrder(functionUnconfigured, aFailedOrder(), readings).kind).toBe('passed');
});

test('counts a secret that has no time of change as set', () => {
  const secrets = theSettings().secrets.map((secret) => ({ ...secret, updatedAt: null }));
  const readings = { settings: theSettings({ secrets }) };
  expect(checkOrder(functionUnconfigured, aFailedOrder(), readings).kind).toBe('passed');
});

test('is inconclusive, not passed, when the secrets cannot be listed', () => {
  expect(checkOrder(functionUnconfigured, aFailedOrder(), { settings: outage('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs' },
  });
});

test('does not apply to an order that names a server or is canceled', () => {
  const readings = { settings: without('PANEL_URL') };
  expect(checkOrder(functionUnconfigured, anOrder(), readings).kind).toBe('not-applicable');
  const canceled = aFailedOrder({ status: 'canceled', updatedAt: ago(DAY + MINUTE) });
  expect(checkOrder(functionUnconfigured, canceled, readings).kind).toBe('not-applicable');
});
