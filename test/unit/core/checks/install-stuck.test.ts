import { expect, test } from 'vitest';
import { installStuck } from '../../../../src/core/checks/install-stuck.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

const installing = { namedServer: aPanelServer({ status: 'installing', createdAt: ago(HOUR + 12 * MINUTE) }) };

test('is found as a symptom when the server has been installing for longer than is usual', () => {
  const finding = findingOf(checkOrder(installStuck, anOrder(), installing));
  expect(finding).toMatchObject({ code: 'INS-002', role: 'symptom', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe('Panel server 501 has been installing for 1 h; 15 min is usual.');
});

test('counts from the making of the server when the order was changed before', () => {
  const readings = { namedServer: aPanelServer({ status: 'installing', createdAt: ago(20 * MINUTE) }) };
  const finding = findingOf(checkOrder(installStuck, anOrder(), readings));
  expect(finding.explanation.what).toContain('for 20 min');
});

test('counts from the last change of the order when the server was made before', () => {
  const justChanged = anOrder({ updatedAt: ago(10 * MINUTE) });
  expect(checkOrder(installStuck, justChanged, installing).kind).toBe('passed');
});

test('passes at exactly the time that is usual', () => {
  const readings = { namedServer: aPanelServer({ status: 'installing', createdAt: ago(15 * MINUTE) }) };
  expect(checkOrder(installStuck, anOrder(), readings).kind).toBe('passed');
});

test.each([null, 'install_failed'])('passes for a server that is no longer installing (%s)', (status) => {
  expect(checkOrder(installStuck, anOrder(), { namedServer: aPanelServer({ status }) }).kind).toBe('passed');
});

test("says nothing of a server that is somebody else's", () => {
  const readings = { namedServer: aPanelServer({ status: 'installing', ownerId: 77 }) };
  expect(checkOrder(installStuck, anOrder(), readings).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(installStuck, anOrder(), { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('does not apply to an order without a server', () => {
  expect(checkOrder(installStuck, aFailedOrder()).kind).toBe('not-applicable');
});
