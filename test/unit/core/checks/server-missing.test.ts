import { expect, test } from 'vitest';
import { serverMissing } from '../../../../src/core/checks/server-missing.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const nameless = aFailedOrder({ status: 'provisioned' });

test('is found, confirmed, when the panel does not have the server that the order names', () => {
  const finding = findingOf(checkOrder(serverMissing, anOrder(), { namedServer: null }));
  expect(finding).toMatchObject({ code: 'SRV-001', role: 'cause', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe('The order names panel server 501, which the panel does not have.');
});

test.each(['provisioned', 'active'])(
  'is found when the order says %s, names no server and the panel has none',
  (status) => {
    const finding = findingOf(checkOrder(serverMissing, aFailedOrder({ status })));
    expect(finding).toMatchObject({ confidence: 'confirmed' });
    expect(finding.explanation.what).toBe(
      `The order says "${status}", but it names no server and the panel has none of it.`,
    );
  },
);

test('passes when the panel has the server', () => {
  expect(checkOrder(serverMissing, anOrder()).kind).toBe('passed');
});

test('leaves a server that the order does not know to the check for that', () => {
  const readings = { ownServers: [aPanelServer()] };
  expect(checkOrder(serverMissing, nameless, readings).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the panel cannot be asked for the server', () => {
  expect(checkOrder(serverMissing, anOrder(), { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
  expect(checkOrder(serverMissing, nameless, { ownServers: outage('pterodactyl') }).kind).toBe('inconclusive');
});

test('does not need a search of the panel where the order names its server', () => {
  expect(checkOrder(serverMissing, anOrder(), { ownServers: outage('pterodactyl') }).kind).toBe('passed');
});

test('does not apply to an order that claims no server, is still young, or is canceled', () => {
  expect(checkOrder(serverMissing, aFailedOrder()).kind).toBe('not-applicable');
  const young = aFailedOrder({ status: 'installing', updatedAt: ago(MINUTE) });
  expect(checkOrder(serverMissing, young).kind).toBe('not-applicable');
  expect(checkOrder(serverMissing, anOrder({ status: 'canceled' }), { namedServer: null }).kind).toBe('not-applicable');
});
