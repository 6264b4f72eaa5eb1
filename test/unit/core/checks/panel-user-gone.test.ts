import { expect, test } from 'vitest';
import { panelUserGone } from '../../../../src/core/checks/panel-user-gone.ts';
import { aFailedOrder, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const ownerUnknown = aWebhookRun({
  failed: threw(
    'Failed to create server: 422 ' +
      '{"errors":[{"code":"ValidationException","status":"422","detail":"The selected user is invalid.","meta":{"source_field":"user","rule":"exists"}}]}',
  ),
});

test('is a standing cause when the panel does not have the linked user', () => {
  const finding = findingOf(checkOrder(panelUserGone, aFailedOrder(), { linkedPanelUser: null }));
  expect(finding).toMatchObject({
    code: 'ACC-002',
    role: 'cause',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: 'create-panel-account',
  });
  expect(finding.explanation.what).toBe('The customer is linked to panel user 11, whom the panel does not have.');
});

test('is cleared when the log says so and the user is there again', () => {
  const finding = findingOf(checkOrder(panelUserGone, aFailedOrder(), { executions: [ownerUnknown] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
});

test('is unseen when only the log can tell', () => {
  const readings = { executions: [ownerUnknown], linkedPanelUser: outage('pterodactyl') };
  expect(findingOf(checkOrder(panelUserGone, aFailedOrder(), readings)).standing).toBe('unseen');
});

test('passes when the linked user exists', () => {
  expect(checkOrder(panelUserGone, aFailedOrder()).kind).toBe('passed');
});

test('has nothing to say of a customer without an entry', () => {
  const readings = { externalAccount: null, linkedPanelUser: null };
  expect(checkOrder(panelUserGone, aFailedOrder(), readings).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the panel does not answer', () => {
  expect(checkOrder(panelUserGone, aFailedOrder(), { linkedPanelUser: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('is inconclusive when the entries cannot be read', () => {
  const result = checkOrder(panelUserGone, aFailedOrder(), { externalAccount: outage('supabase') });
  expect(result).toMatchObject({ kind: 'inconclusive', failure: { source: 'supabase' } });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(panelUserGone, anOrder(), { linkedPanelUser: null }).kind).toBe('not-applicable');
});
