import { expect, test } from 'vitest';
import { serverOffline } from '../../../../src/core/checks/server-offline.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer, aWings } from '../../../builders/panel.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';

test.each(['offline', 'stopped'])('is found as a notice when the installed server is %s', (power) => {
  const finding = findingOf(checkOrder(serverOffline, anOrder(), { wings: aWings({ power }) }));
  expect(finding).toMatchObject({ code: 'SRV-005', role: 'notice', severity: 'notice', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe('Panel server 501 is installed and switched off.');
});

test.each(['running', 'starting', 'stopping'])('passes for a server that is %s', (power) => {
  expect(checkOrder(serverOffline, anOrder(), { wings: aWings({ power }) }).kind).toBe('passed');
});

test.each([outage('pterodactyl'), notConfigured('pterodactyl'), null, aWings({ power: null })])(
  'neither passes nor puts a running server in doubt when nobody could look',
  (wings) => {
    expect(checkOrder(serverOffline, anOrder(), { wings }).kind).toBe('not-applicable');
  },
);

test('does not speak of the power of a server that is installing, suspended or somebody else’s', () => {
  const wings = aWings({ power: 'offline' });
  for (const over of [{ status: 'installing' }, { suspended: true }, { ownerId: 77 }]) {
    const readings = { wings, namedServer: aPanelServer(over) };
    expect(checkOrder(serverOffline, anOrder(), readings).kind).toBe('not-applicable');
  }
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(serverOffline, anOrder(), { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('does not apply to an order without a server', () => {
  expect(checkOrder(serverOffline, aFailedOrder()).kind).toBe('not-applicable');
});
