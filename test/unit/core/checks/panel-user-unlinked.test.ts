import { expect, test } from 'vitest';
import { panelUserUnlinked } from '../../../../src/core/checks/panel-user-unlinked.ts';
import { aFailedOrder, anOrder, aWebhookRun, EMAIL, threw } from '../../../builders/merchant.ts';
import { aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const unlinked = { externalAccount: null, linkedPanelUser: null, emailPanelUser: aPanelUser({ id: 12 }) };
const emailTaken = aWebhookRun({
  failed: threw(
    'Failed to create Pterodactyl user: ' +
      '{"errors":[{"code":"ValidationException","status":"422","detail":"The email has already been taken.","meta":{"source_field":"email","rule":"unique"}}]}',
  ),
});

test('is a standing cause when the panel has the address and nothing links the two', () => {
  const finding = findingOf(checkOrder(panelUserUnlinked, aFailedOrder(), unlinked));
  expect(finding).toMatchObject({
    code: 'ACC-003',
    role: 'cause',
    standing: 'standing',
    remediation: 'create-panel-account',
  });
  expect(finding.explanation.what).toBe(`Panel user 12 has the customer's e-mail address, but nothing links the two.`);
});

test('is only likely while nothing shows that the function failed at it', () => {
  expect(findingOf(checkOrder(panelUserUnlinked, aFailedOrder(), unlinked)).confidence).toBe('likely');
});

test("is confirmed by this order's refusal of a second account with the address", () => {
  const finding = findingOf(checkOrder(panelUserUnlinked, aFailedOrder(), { ...unlinked, executions: [emailTaken] }));
  expect(finding.confidence).toBe('confirmed');
  expect(finding.explanation.why).toContain('the panel refused it');
});

test('repeats no e-mail address outside the log line', () => {
  expect(JSON.stringify(findingOf(checkOrder(panelUserUnlinked, aFailedOrder(), unlinked)))).not.toContain(EMAIL);
});

test('compares the whole address, whatever its case', () => {
  const upper = { ...unlinked, emailPanelUser: aPanelUser({ email: 'Ann@Example.com' }) };
  expect(checkOrder(panelUserUnlinked, aFailedOrder(), upper).kind).toBe('found');
  const longer = { ...unlinked, emailPanelUser: aPanelUser({ email: 'joann@example.com' }) };
  expect(checkOrder(panelUserUnlinked, aFailedOrder(), longer).kind).toBe('passed');
});

test('passes when the customer is linked, or the panel has no such user', () => {
  expect(checkOrder(panelUserUnlinked, aFailedOrder()).kind).toBe('passed');
  expect(checkOrder(panelUserUnlinked, aFailedOrder(), { ...unlinked, emailPanelUser: null }).kind).toBe('passed');
});

test('is inconclusive when the panel does not answer', () => {
  const readings = { ...unlinked, emailPanelUser: outage('pterodactyl') };
  expect(checkOrder(panelUserUnlinked, aFailedOrder(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('does not apply to an order whose owner cannot sign in any more, nor to one with a server', () => {
  expect(checkOrder(panelUserUnlinked, aFailedOrder(), { ...unlinked, person: null }).kind).toBe('not-applicable');
  expect(checkOrder(panelUserUnlinked, anOrder(), unlinked).kind).toBe('not-applicable');
});
