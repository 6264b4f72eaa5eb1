import { expect, test } from 'vitest';
import { linkedToSomebodyElse } from '../../../../src/core/checks/linked-to-somebody-else.ts';
import { aFailedOrder, anAccount, anOrder, EMAIL } from '../../../builders/merchant.ts';
import { aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, checkPerson, checkSession, findingOf, outage } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';

const foreign = {
  externalAccount: anAccount({ panelUserId: 77 }),
  linkedPanelUser: aPanelUser({ id: 77, email: 'bob@secret.example', username: 'bobby' }),
};

test('is a critical cause when the linked account has another address', () => {
  const finding = findingOf(checkOrder(linkedToSomebodyElse, anOrder(), foreign));
  expect(finding).toMatchObject({
    code: 'ACC-004',
    role: 'cause',
    severity: 'critical',
    confidence: 'confirmed',
    remediation: null,
  });
  expect(finding.explanation.what).toBe(
    'The customer is linked to panel user 77, whose e-mail address is another one.',
  );
});

test('shows nothing of the other account but its number', () => {
  const told = JSON.stringify(findingOf(checkOrder(linkedToSomebodyElse, anOrder(), foreign)));
  expect(told).not.toContain('secret');
  expect(told).not.toContain('bob');
  expect(told).not.toContain(EMAIL);
});

test('speaks of purchases without a row and of the person alone, too', () => {
  expect(checkSession(linkedToSomebodyElse, aSession(), foreign).kind).toBe('found');
  expect(checkPerson(linkedToSomebodyElse, foreign).kind).toBe('found');
});

test('passes the same address in another case', () => {
  const readings = { linkedPanelUser: aPanelUser({ email: 'Ann@Example.COM' }) };
  expect(checkOrder(linkedToSomebodyElse, aFailedOrder(), readings).kind).toBe('passed');
});

test('finds an address that merely contains the own one', () => {
  const readings = { linkedPanelUser: aPanelUser({ email: `jo${EMAIL}` }) };
  expect(checkOrder(linkedToSomebodyElse, anOrder(), readings).kind).toBe('found');
});

test('has nothing to compare without an entry, or when the linked user is gone', () => {
  const none = { externalAccount: null, linkedPanelUser: null };
  expect(checkOrder(linkedToSomebodyElse, anOrder(), none).kind).toBe('not-applicable');
  expect(checkOrder(linkedToSomebodyElse, anOrder(), { linkedPanelUser: null }).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  const result = checkOrder(linkedToSomebodyElse, anOrder(), { linkedPanelUser: outage('pterodactyl') });
  expect(result).toMatchObject({ kind: 'inconclusive', failure: { source: 'pterodactyl' } });
});

test('does not apply to an order that is canceled', () => {
  expect(checkOrder(linkedToSomebodyElse, anOrder({ status: 'canceled' }), foreign).kind).toBe('not-applicable');
});
