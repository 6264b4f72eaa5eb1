import { expect, test } from 'vitest';
import { wingsSilent } from '../../../../src/core/checks/wings-silent.ts';
import { aFailedOrder, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { aPanelServer, aWings } from '../../../builders/panel.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const silent = { wings: aWings({ state: 'unreachable', power: null }) };
const installing = aPanelServer({ status: 'installing' });
const body = '{"errors":[{"code":"DaemonConnectionException","status":"504","detail":"Could not establish"}]}';
const sayingSo = aWebhookRun({ failed: threw(`Failed to create server: 504 ${body}`) });

test("is confirmed for the order's own server when the panel cannot reach Wings", () => {
  const finding = findingOf(checkOrder(wingsSilent, anOrder(), silent));
  expect(finding).toMatchObject({
    code: 'INS-003',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: null,
  });
  expect(finding.explanation.what).toBe('Wings on node eu-1 cannot be reached by the panel.');
});

test('is only likely when it is the bot that cannot reach Wings: it is elsewhere on the network', () => {
  const readings = { wings: aWings({ state: 'unreachable', askedThrough: 'bot', power: null }) };
  const finding = findingOf(checkOrder(wingsSilent, anOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'standing' });
  expect(finding.explanation.what).toBe('Wings on node eu-1 cannot be reached by the bot.');
});

test.each([
  ['token-mismatch', 'Wings on node eu-1 refuses the panel: the tokens on both sides differ.'],
  ['failing', 'Wings on node eu-1 answers the panel with errors only.'],
] as const)('is found when Wings is %s', (state, what) => {
  const finding = findingOf(checkOrder(wingsSilent, anOrder(), { wings: aWings({ state, power: null }) }));
  expect(finding).toMatchObject({ confidence: 'confirmed' });
  expect(finding.explanation.what).toBe(what);
});

test('is likely when Wings does not know a server that should be installed', () => {
  const readings = { wings: aWings({ state: 'server-unknown', power: null }) };
  const finding = findingOf(checkOrder(wingsSilent, anOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'likely' });
  expect(finding.explanation.what).toBe('Wings on node eu-1 answers, but does not know this server.');
});

test('passes when Wings does not know a server yet that is still installing', () => {
  const readings = { namedServer: installing, wings: aWings({ state: 'server-unknown', power: null }) };
  expect(checkOrder(wingsSilent, anOrder(), readings).kind).toBe('passed');
});

test('passes when Wings answers', () => {
  expect(checkOrder(wingsSilent, anOrder()).kind).toBe('passed');
});

test('is inconclusive for a server that is installing when nobody can ask Wings', () => {
  const readings = { namedServer: installing, wings: outage('pterodactyl') };
  expect(checkOrder(wingsSilent, anOrder(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test.each([outage('pterodactyl'), notConfigured('pterodactyl'), null])(
  'does not put an installed server in doubt when nobody can ask Wings',
  (wings) => {
    expect(checkOrder(wingsSilent, anOrder(), { wings }).kind).toBe('not-applicable');
  },
);

test('leaves a failed installation and a suspended server to the checks for those', () => {
  for (const namedServer of [aPanelServer({ status: 'install_failed' }), aPanelServer({ suspended: true })]) {
    expect(checkOrder(wingsSilent, anOrder(), { ...silent, namedServer }).kind).toBe('not-applicable');
  }
});

test("says nothing of the node of a server that is somebody else's", () => {
  const readings = { ...silent, namedServer: aPanelServer({ ownerId: 77 }) };
  expect(checkOrder(wingsSilent, anOrder(), readings).kind).toBe('not-applicable');
});

test('is confirmed for an order that waits for a server on that node', () => {
  const finding = findingOf(checkOrder(wingsSilent, aFailedOrder(), silent));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'standing' });
});

test('is cleared when the log says so and Wings answers now', () => {
  const finding = findingOf(checkOrder(wingsSilent, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
  expect(finding.explanation.what).toBe("The panel could not hand this order's server over to Wings on its node.");
});

test.each([outage('pterodactyl'), null])('is unseen when the log says so and nobody can ask Wings now', (wings) => {
  const readings = { executions: [sayingSo], wings };
  expect(findingOf(checkOrder(wingsSilent, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('is inconclusive for a failed order when nobody can ask Wings and the log names another reason', () => {
  expect(checkOrder(wingsSilent, aFailedOrder(), { wings: outage('pterodactyl') }).kind).toBe('inconclusive');
});

test('does not put a young order in doubt when nobody can ask Wings', () => {
  const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
  const readings = { wings: outage('pterodactyl'), executions: notConfigured('logs') };
  expect(checkOrder(wingsSilent, young, readings).kind).toBe('not-applicable');
});

test('does not apply to a canceled order', () => {
  expect(checkOrder(wingsSilent, anOrder({ status: 'canceled' }), silent).kind).toBe('not-applicable');
});
