import { expect, test } from 'vitest';
import { serverOfSomebodyElse } from '../../../../src/core/checks/server-of-somebody-else.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const stranger = { namedServer: aPanelServer({ ownerId: 77, name: 'Secret base', nodeId: 9 }) };

test('is found, confirmed and critical, when the owner is not provably the person', () => {
  const finding = findingOf(checkOrder(serverOfSomebodyElse, anOrder(), stranger));
  expect(finding).toMatchObject({
    code: 'SRV-006',
    role: 'cause',
    severity: 'critical',
    confidence: 'confirmed',
    remediation: null,
  });
  expect(finding.explanation.what).toBe("The order names panel server 501, which is not provably this customer's.");
});

test('tells nothing of that server but its number', () => {
  const finding = findingOf(checkOrder(serverOfSomebodyElse, anOrder(), stranger));
  expect(JSON.stringify(finding)).not.toMatch(/Secret base|77|"id":9|aaaa1111/);
});

test('is found when the link names the owner but that account has another e-mail: anybody can write the link', () => {
  const readings = { ...stranger, linkedPanelUser: aPanelUser({ id: 77, email: 'somebody@example.com' }) };
  expect(checkOrder(serverOfSomebodyElse, anOrder(), readings).kind).toBe('found');
});

test('is found when the person has no panel user at all', () => {
  const readings = { linkedPanelUser: null, emailPanelUser: null };
  expect(checkOrder(serverOfSomebodyElse, anOrder(), readings).kind).toBe('found');
});

test("passes when the owner has exactly the person's e-mail", () => {
  const readings = { linkedPanelUser: null };
  expect(checkOrder(serverOfSomebodyElse, anOrder(), readings).kind).toBe('passed');
});

test("passes when the linked account is the owner and has the person's e-mail, whatever its case", () => {
  const readings = { emailPanelUser: null, linkedPanelUser: aPanelUser({ email: 'Ann@Example.com' }) };
  expect(checkOrder(serverOfSomebodyElse, anOrder(), readings).kind).toBe('passed');
});

test('passes without the link when the e-mail proves the owner', () => {
  const readings = { linkedPanelUser: outage('supabase'), person: outage('supabase') };
  expect(checkOrder(serverOfSomebodyElse, anOrder(), readings).kind).toBe('passed');
});

test.each(['namedServer', 'emailPanelUser', 'linkedPanelUser'] as const)(
  'is inconclusive, neither found nor passed, when %s cannot be read',
  (key) => {
    const readings = { ...stranger, [key]: outage('pterodactyl') };
    expect(checkOrder(serverOfSomebodyElse, anOrder(), readings)).toMatchObject({
      kind: 'inconclusive',
      failure: { source: 'pterodactyl' },
    });
  },
);

test('leaves a missing server, an order without one and a canceled order alone', () => {
  expect(checkOrder(serverOfSomebodyElse, anOrder(), { namedServer: null }).kind).toBe('not-applicable');
  expect(checkOrder(serverOfSomebodyElse, aFailedOrder()).kind).toBe('not-applicable');
  expect(checkOrder(serverOfSomebodyElse, anOrder({ status: 'canceled' }), stranger).kind).toBe('not-applicable');
});
