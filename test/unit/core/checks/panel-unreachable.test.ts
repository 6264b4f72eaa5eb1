import { expect, test } from 'vitest';
import { panelUnreachable } from '../../../../src/core/checks/panel-unreachable.ts';
import type { UpstreamFailure } from '../../../../src/core/failure.ts';
import { aFailedOrder, anOrder, aWebhookRun, theSettings, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage, refusedKey } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const noAnswer = aWebhookRun({ failed: threw('error sending request for url (https://panel.example.com/api)') });
const badGateway = aWebhookRun({ failed: threw('Failed to fetch allocations: 502 <html>Bad gateway</html>') });
const webPage = aWebhookRun({ failed: threw('Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON') });

test('is only likely, though standing, when the bot cannot reach the panel: it is elsewhere on the network', () => {
  const readings = { panelAccess: outage('pterodactyl') };
  const finding = findingOf(checkOrder(panelUnreachable, aFailedOrder(), readings));
  expect(finding).toMatchObject({ code: 'PRV-005', confidence: 'likely', standing: 'standing' });
  expect(finding.explanation.what).toBe('From where the bot runs: The panel did not answer within 4.0 s.');
});

test.each<UpstreamFailure>([
  { source: 'pterodactyl', kind: 'unreachable' },
  { source: 'pterodactyl', kind: 'upstream-broken', status: 503 },
  { source: 'pterodactyl', kind: 'unexpected-shape', path: '/users' },
])('takes $kind of the bot for a panel that does not answer', (failure) => {
  const result = checkOrder(panelUnreachable, aFailedOrder(), { panelAccess: { outage: failure } });
  expect(findingOf(result)).toMatchObject({ confidence: 'likely', standing: 'standing' });
});

test("is confirmed and standing when the bot cannot reach it and this order's log says the same", () => {
  const readings = { panelAccess: outage('pterodactyl'), executions: [noAnswer] };
  const finding = findingOf(checkOrder(panelUnreachable, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    'The provisioning function could not reach the panel. From where the bot runs: The panel did not answer within 4.0 s.',
  );
});

test('is cleared when the log says so and the panel answers the bot now', () => {
  const finding = findingOf(checkOrder(panelUnreachable, aFailedOrder(), { executions: [badGateway] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
  expect(finding.explanation.what).toBe('The provisioning function got 502 instead of an answer of the panel.');
});

test("is cleared when the panel refuses the bot's key now: it was reached", () => {
  const readings = { executions: [noAnswer], panelAccess: refusedKey('pterodactyl') };
  expect(findingOf(checkOrder(panelUnreachable, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test('tells a web page at the address of the panel apart', () => {
  const finding = findingOf(checkOrder(panelUnreachable, aFailedOrder(), { executions: [webPage] }));
  expect(finding.explanation.what).toBe(
    'What answered the provisioning function at PANEL_URL is not the API of a panel.',
  );
});

test('is unseen when the log says so and the bot has no access of its own', () => {
  const readings = { executions: [noAnswer], panelAccess: notConfigured('pterodactyl') };
  expect(findingOf(checkOrder(panelUnreachable, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('is cleared without any look when PANEL_URL was changed after the failure', () => {
  const secrets = theSettings().secrets.map((secret) => ({ ...secret, updatedAt: ago(MINUTE) }));
  const readings = {
    executions: [noAnswer],
    panelAccess: notConfigured('pterodactyl'),
    settings: theSettings({ secrets }),
  };
  expect(findingOf(checkOrder(panelUnreachable, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test("passes when the panel was reached, if only to refuse the bot's key, and the log names another reason", () => {
  const readings = { panelAccess: refusedKey('pterodactyl') };
  expect(checkOrder(panelUnreachable, aFailedOrder(), readings).kind).toBe('passed');
});

test('is inconclusive while the panel limits the rate of the bot', () => {
  const failure: UpstreamFailure = { source: 'pterodactyl', kind: 'rate-limited', retryAfterMs: 20_000 };
  expect(checkOrder(panelUnreachable, aFailedOrder(), { panelAccess: { outage: failure } })).toMatchObject({
    kind: 'inconclusive',
    failure,
  });
});

test('blames nothing on an order that has not failed yet', () => {
  const young = aFailedOrder({ status: 'provisioning', updatedAt: ago(MINUTE) });
  expect(checkOrder(panelUnreachable, young, { panelAccess: outage('pterodactyl') }).kind).toBe('inconclusive');
});

test('does not apply once the order names a server', () => {
  const readings = { panelAccess: outage('pterodactyl') };
  expect(checkOrder(panelUnreachable, anOrder(), readings).kind).toBe('not-applicable');
});
