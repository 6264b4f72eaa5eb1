import { expect, test } from 'vitest';
import { installFailed } from '../../../../src/core/checks/install-failed.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const failed = { namedServer: aPanelServer({ status: 'install_failed' }) };

test('is found, confirmed, when the panel says that the installation failed', () => {
  const finding = findingOf(checkOrder(installFailed, anOrder(), failed));
  expect(finding).toMatchObject({
    code: 'INS-001',
    role: 'cause',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: 'reinstall-server',
  });
  expect(finding.explanation.what).toBe('The installation of panel server 501 failed (install_failed).');
});

test('tells a failed reinstallation apart', () => {
  const readings = { namedServer: aPanelServer({ status: 'reinstall_failed' }) };
  const finding = findingOf(checkOrder(installFailed, anOrder(), readings));
  expect(finding.explanation.what).toBe('The reinstallation of panel server 501 failed (reinstall_failed).');
});

test.each([null, 'installing', 'restoring_backup', 'suspended'])('passes for a server in state %s', (status) => {
  const readings = { namedServer: aPanelServer({ status }) };
  expect(checkOrder(installFailed, anOrder(), readings).kind).toBe('passed');
});

test("says nothing of a server that is somebody else's", () => {
  const readings = { namedServer: aPanelServer({ status: 'install_failed', ownerId: 77 }) };
  expect(checkOrder(installFailed, anOrder(), readings).kind).toBe('not-applicable');
});

test('does not take the link alone for proof of the owner', () => {
  const readings = {
    namedServer: aPanelServer({ status: 'install_failed', ownerId: 77 }),
    linkedPanelUser: aPanelUser({ id: 77, email: 'somebody@example.com' }),
  };
  expect(checkOrder(installFailed, anOrder(), readings).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(installFailed, anOrder(), { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('is inconclusive when the owner cannot be told', () => {
  const readings = { ...failed, emailPanelUser: outage('pterodactyl'), linkedPanelUser: outage('pterodactyl') };
  expect(checkOrder(installFailed, anOrder(), readings).kind).toBe('inconclusive');
});

test('leaves a missing server, an order without one and a canceled order to other checks', () => {
  expect(checkOrder(installFailed, anOrder(), { namedServer: null }).kind).toBe('not-applicable');
  expect(checkOrder(installFailed, aFailedOrder()).kind).toBe('not-applicable');
  expect(checkOrder(installFailed, anOrder({ status: 'canceled' }), failed).kind).toBe('not-applicable');
});

test('is inconclusive when the panel uses a word this version does not know', () => {
  expect(checkOrder(installFailed, anOrder(), { namedServer: aPanelServer({ status: 'hibernating' }) })).toMatchObject({
    kind: 'inconclusive',
    failure: { kind: 'unexpected-shape', path: 'server.status' },
  });
});
