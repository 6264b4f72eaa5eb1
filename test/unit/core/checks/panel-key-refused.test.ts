import { expect, test } from 'vitest';
import { panelKeyRefused } from '../../../../src/core/checks/panel-key-refused.ts';
import { aFailedOrder, anOrder, aWebhookRun, theSettings, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, forbidden, outage, refusedKey } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const refused = aWebhookRun({ failed: threw('Failed to fetch allocations: 401') });
const comparedAs = (panelKeyIsTheFunctions: boolean | null) =>
  theSettings({ comparison: { webhookSecretAgrees: true, panelKeyIsTheFunctions } });

test("is found, confirmed, when this order's log says that the panel refused the key", () => {
  const finding = findingOf(checkOrder(panelKeyRefused, aFailedOrder(), { executions: [refused] }));
  expect(finding).toMatchObject({ code: 'PRV-003', confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe(
    "The panel answered the provisioning function with 401: it refuses the function's key.",
  );
});

test("is found, standing, when the panel refuses the bot's key and that is the function's", () => {
  const readings = { panelAccess: refusedKey('pterodactyl'), settings: comparedAs(true) };
  const finding = findingOf(checkOrder(panelKeyRefused, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    'The panel refuses the key that the provisioning function uses (the bot holds the same one).',
  );
});

test('is likely when the panel refuses the shared key everything, which may be for where the bot runs', () => {
  const finding = findingOf(
    checkOrder(panelKeyRefused, aFailedOrder(), { panelAccess: forbidden(null), settings: comparedAs(true) }),
  );
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'standing' });
  expect(finding.evidence[0]?.text).toContain('refuses this key everything now');
});

test('is inconclusive when the shared key only lacks the right to what the bot asked', () => {
  const readings = { panelAccess: forbidden('nodes: read'), settings: comparedAs(true) };
  expect(checkOrder(panelKeyRefused, aFailedOrder(), readings).kind).toBe('inconclusive');
});

test.each([false, null])(
  "never makes a finding of the bot's own refused key when it is not known to be the function's (%s)",
  (same) => {
    const readings = { panelAccess: refusedKey('pterodactyl'), settings: comparedAs(same) };
    expect(checkOrder(panelKeyRefused, aFailedOrder(), readings).kind).toBe('inconclusive');
  },
);

test("stays unseen when another key of the bot's works now: that says nothing of the function's", () => {
  const readings = { executions: [refused], settings: comparedAs(false) };
  expect(findingOf(checkOrder(panelKeyRefused, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('is cleared when the same key works now', () => {
  const readings = { executions: [refused], settings: comparedAs(true) };
  expect(findingOf(checkOrder(panelKeyRefused, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test('is cleared when the secret was changed after the failure', () => {
  const secrets = theSettings().secrets.map((secret) => ({ ...secret, updatedAt: ago(MINUTE) }));
  const readings = { executions: [refused], settings: theSettings({ secrets }) };
  expect(findingOf(checkOrder(panelKeyRefused, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test('is not cleared by a change of another secret', () => {
  const secrets = theSettings().secrets.map((secret) =>
    secret.name === 'PTERO_APP_KEY' ? secret : { ...secret, updatedAt: ago(MINUTE) },
  );
  const readings = { executions: [refused], settings: theSettings({ secrets }) };
  expect(findingOf(checkOrder(panelKeyRefused, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test("passes when the function's key works now and the log names another reason", () => {
  expect(checkOrder(panelKeyRefused, aFailedOrder(), { settings: comparedAs(true) }).kind).toBe('passed');
});

test("leaves a node's refused token to the check for Wings, though the panel answers 403", () => {
  const body = '{"errors":[{"code":"DaemonConnectionException","status":"403","detail":"An error occurred"}]}';
  const run = aWebhookRun({ failed: threw(`Failed to create server: 403 ${body}`) });
  const readings = { executions: [run], settings: comparedAs(true) };
  expect(checkOrder(panelKeyRefused, aFailedOrder(), readings).kind).toBe('passed');
});

test('is inconclusive, not passed, when the secrets cannot be compared', () => {
  expect(checkOrder(panelKeyRefused, aFailedOrder(), { settings: outage('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs' },
  });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(panelKeyRefused, anOrder(), { executions: [refused] }).kind).toBe('not-applicable');
});
