import { expect, test } from 'vitest';
import { serverOrphaned } from '../../../../src/core/checks/server-orphaned.ts';
import { aFailedOrder, anOrder, ORDER_ID } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const byExternalId = { ownServers: [aPanelServer({ externalId: ORDER_ID })] };
const byName = { ownServers: [aPanelServer()] };

test.each(['error', 'paid', 'provisioning', 'provisioned'])(
  'is confirmed for an order in %s when the panel has a server with its id',
  (status) => {
    const finding = findingOf(checkOrder(serverOrphaned, aFailedOrder({ status }), byExternalId));
    expect(finding).toMatchObject({
      code: 'SRV-002',
      role: 'cause',
      confidence: 'confirmed',
      remediation: 'link-server',
    });
    expect(finding.explanation.what).toBe(
      'The panel has server 501 of this order (by its external id), but the order names none.',
    );
  },
);

test('is likely when only owner and name fit', () => {
  const finding = findingOf(checkOrder(serverOrphaned, aFailedOrder(), byName));
  expect(finding).toMatchObject({ confidence: 'likely' });
  expect(finding.explanation.what).toBe(
    'The panel has server 501 of this order (by owner and name), but the order names none.',
  );
});

test("leaves out a server whose owner is not provably this order's person: anybody can link and name anything", () => {
  const readings = {
    ownServers: [aPanelServer({ ownerId: 77 })],
    linkedPanelUser: aPanelUser({ id: 77, email: 'somebody@example.com' }),
  };
  expect(checkOrder(serverOrphaned, aFailedOrder(), readings).kind).toBe('passed');
});

test('names nothing of the server but its number', () => {
  const finding = findingOf(checkOrder(serverOrphaned, aFailedOrder(), byExternalId));
  expect(JSON.stringify(finding)).not.toContain("Ann's world");
});

test('is only likely while the order is young: the server may just be being made', () => {
  const young = aFailedOrder({ status: 'provisioning', updatedAt: ago(MINUTE) });
  expect(findingOf(checkOrder(serverOrphaned, young, byExternalId))).toMatchObject({ confidence: 'likely' });
});

test('passes when the panel has no server of this order', () => {
  expect(checkOrder(serverOrphaned, aFailedOrder()).kind).toBe('passed');
});

test('is inconclusive, not passed, when the panel cannot be searched', () => {
  expect(checkOrder(serverOrphaned, aFailedOrder(), { ownServers: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('is inconclusive when the owner of the server cannot be told', () => {
  const readings = { ...byName, emailPanelUser: outage('pterodactyl'), linkedPanelUser: null };
  expect(checkOrder(serverOrphaned, aFailedOrder(), readings).kind).toBe('inconclusive');
});

test('does not apply to an order that names its server', () => {
  expect(checkOrder(serverOrphaned, anOrder(), byExternalId).kind).toBe('not-applicable');
});
