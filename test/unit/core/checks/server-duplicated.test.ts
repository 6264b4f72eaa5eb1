import { expect, test } from 'vitest';
import { serverDuplicated } from '../../../../src/core/checks/server-duplicated.ts';
import { aFailedOrder, anOrder, ORDER_ID } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const named = aPanelServer();
const second = aPanelServer({ id: 502, identifier: 'bbbb2222' });

test('is confirmed when a server with the id of the order stands beside the one it names', () => {
  const readings = { ownServers: [named, { ...second, externalId: ORDER_ID }] };
  const finding = findingOf(checkOrder(serverDuplicated, anOrder(), readings));
  expect(finding).toMatchObject({ code: 'SRV-003', role: 'cause', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe('The panel has 2 servers of this order (501, 502); the order names 501.');
});

test('is likely when the second one fits by owner and name only', () => {
  const finding = findingOf(checkOrder(serverDuplicated, anOrder(), { ownServers: [named, second] }));
  expect(finding).toMatchObject({ confidence: 'likely' });
});

test('is likely for an order that names none of the two', () => {
  const finding = findingOf(checkOrder(serverDuplicated, aFailedOrder(), { ownServers: [named, second] }));
  expect(finding).toMatchObject({ confidence: 'likely' });
  expect(finding.explanation.what).toBe(
    'The panel has 2 servers of this order (501, 502); the order names none of them.',
  );
});

test('passes for one server, found twice', () => {
  expect(checkOrder(serverDuplicated, anOrder(), { ownServers: [named] }).kind).toBe('passed');
  expect(checkOrder(serverDuplicated, aFailedOrder(), { ownServers: [second] }).kind).toBe('passed');
});

test("does not count servers that are somebody else's", () => {
  const stranger = aPanelServer({ id: 503, ownerId: 77 });
  expect(checkOrder(serverDuplicated, anOrder(), { ownServers: [named, stranger] }).kind).toBe('passed');
  const readings = { namedServer: stranger, ownServers: [second] };
  expect(checkOrder(serverDuplicated, anOrder({ serverId: 503 }), readings).kind).toBe('passed');
});

test.each(['ownServers', 'namedServer'] as const)('is inconclusive, not passed, when %s cannot be read', (key) => {
  expect(checkOrder(serverDuplicated, anOrder(), { [key]: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('does not apply to a canceled order', () => {
  const readings = { ownServers: [named, second] };
  expect(checkOrder(serverDuplicated, anOrder({ status: 'canceled' }), readings).kind).toBe('not-applicable');
});
