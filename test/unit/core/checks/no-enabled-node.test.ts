import { expect, test } from 'vitest';
import { diagnoseEntry } from '../../../../src/core/diagnose.ts';
import { noEnabledNode } from '../../../../src/core/checks/no-enabled-node.ts';
import { panelKeyRefused } from '../../../../src/core/checks/panel-key-refused.ts';
import { aFailedOrder, aNode, anOrder, aWebhookRun, theSettings, threw } from '../../../builders/merchant.ts';
import { aPlacement } from '../../../builders/panel.ts';
import { checkOrder, findingOf, forbidden, outage, readingsOf, refusedKey } from '../../../builders/readings.ts';
import { ago, MINUTE, MOMENT } from '../../../builders/time.ts';

const openInUs = aNode({ id: 'us', panelNodeId: 9, region: 'us' });
const closed = aNode({ enabled: false });
const closedInEu = aPlacement({ nodes: [closed, openInUs] });
const allClosed = aPlacement({ nodes: [closed, { ...openInUs, enabled: false }] });
const sayingSo = aWebhookRun({ failed: threw('No available nodes in region: eu') });
const renewedKey = theSettings({
  secrets: theSettings().secrets.map((secret) => ({ ...secret, updatedAt: ago(MINUTE) })),
});
const sameKey = theSettings({ comparison: { webhookSecretAgrees: true, panelKeyIsTheFunctions: true } });

test('is a standing cause when the only node of the region is disabled', () => {
  const finding = findingOf(checkOrder(noEnabledNode, aFailedOrder(), { placement: closedInEu }));
  expect(finding).toMatchObject({ code: 'CAP-001', role: 'cause', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The only node in region eu is disabled.');
  expect(finding.evidence[0]?.text).toBe('Node 1 is disabled');
});

test('counts the disabled nodes of the region', () => {
  const placement = aPlacement({ nodes: [closed, { ...closed, id: 'eu-2', panelNodeId: 2 }, openInUs] });
  const finding = findingOf(checkOrder(noEnabledNode, aFailedOrder(), { placement }));
  expect(finding.explanation.what).toBe('All 2 nodes in region eu are disabled.');
});

test('tells a region without any node from one whose nodes are disabled', () => {
  const finding = findingOf(
    checkOrder(noEnabledNode, aFailedOrder(), { placement: aPlacement({ nodes: [openInUs] }) }),
  );
  expect(finding.explanation.what).toBe('There is no node in region eu.');
  expect(finding.evidence[0]?.text).toBe("No row of ptero_nodes (1 in all) has the order's region");
});

test('reads well for an order without a region', () => {
  const order = aFailedOrder({ region: null });
  const live = checkOrder(noEnabledNode, order, { placement: aPlacement({ region: null }) });
  expect(findingOf(live).explanation.what).toBe('The order has no region, and no enabled node goes without one.');
  const logged = { executions: [aWebhookRun({ failed: threw('No available nodes in region: null') })] };
  const past = checkOrder(noEnabledNode, order, { ...logged, placement: outage('supabase') });
  expect(findingOf(past).explanation.what).toBe('The order has no region, and no enabled node goes without one.');
});

test('is cleared when the log says so and a node is enabled by now', () => {
  const finding = findingOf(checkOrder(noEnabledNode, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ role: 'cause', confidence: 'confirmed', standing: 'cleared' });
  expect(finding.explanation.what).toBe('No node in region eu was enabled when the order was to be provisioned.');
});

test('is unseen when only the log can tell', () => {
  const readings = { executions: [sayingSo], placement: outage('supabase') };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).standing).toBe('unseen');
});

test('is a symptom when all nodes are disabled and the panel does not answer', () => {
  const readings = { placement: allClosed, panelAccess: outage('pterodactyl') };
  const finding = findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings));
  expect(finding).toMatchObject({ role: 'symptom', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe('All 2 nodes are disabled.');
  expect(finding.explanation.why).toContain('A scheduled job switches every node off');
  expect(finding.evidence.at(-1)?.text).toBe('The panel did not answer within 4.0 s.');
});

test("is a symptom when the panel refuses the bot's key and the function holds the same one", () => {
  const readings = { placement: allClosed, panelAccess: refusedKey('pterodactyl'), settings: sameKey };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).role).toBe('symptom');
});

test('is a symptom when the panel refuses the shared key everything, and a cause when it only lacks one right', () => {
  const roleOf = (scope: string | null) =>
    findingOf(
      checkOrder(noEnabledNode, aFailedOrder(), {
        placement: allClosed,
        panelAccess: forbidden(scope),
        settings: sameKey,
      }),
    ).role;
  expect([roleOf(null), roleOf('nodes: read')]).toEqual(['symptom', 'cause']);
});

test.each([
  ['the panel answers again', 'Failed to create server: 502 Bad Gateway', {}],
  ['the key has been changed since', 'Failed to fetch allocations: 401', { settings: renewedKey }],
  ['the same key is accepted now', 'Failed to fetch allocations: 401', { settings: sameKey }],
])('stays a cause when %s: the trouble that the log tells of is over', (_name, reason, over) => {
  const readings = { placement: allClosed, executions: [aWebhookRun({ failed: threw(reason) })], ...over };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).role).toBe('cause');
});

test("stays a cause when only the bot's own key is refused", () => {
  const readings = { placement: allClosed, panelAccess: refusedKey('pterodactyl') };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).role).toBe('cause');
});

test("is a symptom when the order's log shows that the panel refused the function", () => {
  const refused = aWebhookRun({ failed: threw('Failed to fetch allocations: 401') });
  const readings = { placement: allClosed, executions: [refused] };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).role).toBe('symptom');
});

test('stays a cause when a node of another region is enabled, whatever the panel does', () => {
  const readings = { placement: closedInEu, panelAccess: outage('pterodactyl') };
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), readings)).role).toBe('cause');
});

test('stays a cause when all nodes are disabled and the panel answers', () => {
  expect(findingOf(checkOrder(noEnabledNode, aFailedOrder(), { placement: allClosed })).role).toBe('cause');
});

test('leaves the verdict to the refused key when both are found', () => {
  const order = aFailedOrder();
  const readings = readingsOf({
    order,
    placement: allClosed,
    panelAccess: refusedKey('pterodactyl'),
    settings: sameKey,
    namedServer: null,
    ownServers: [],
  });
  const diagnosis = diagnoseEntry([noEnabledNode, panelKeyRefused], { kind: 'order', order }, readings, MOMENT);
  expect(diagnosis.findings.map((finding) => finding.code)).toEqual(['PRV-003', 'CAP-001']);
});

test('cuts a region that a customer wrote at length', () => {
  const region = 'x'.repeat(500);
  const finding = findingOf(
    checkOrder(noEnabledNode, aFailedOrder({ region }), { placement: aPlacement({ region, nodes: [aNode()] }) }),
  );
  expect(finding.explanation.what).toBe(`There is no node in region ${'x'.repeat(39)}….`);
});

test('passes when a node of the region is enabled, however full', () => {
  const placement = aPlacement({ nodes: [aNode({ usedGb: 60 })] });
  expect(checkOrder(noEnabledNode, aFailedOrder(), { placement }).kind).toBe('passed');
});

test('is inconclusive, not passed, when the nodes cannot be read', () => {
  const result = checkOrder(noEnabledNode, aFailedOrder(), { placement: outage('supabase') });
  expect(result).toMatchObject({ kind: 'inconclusive', failure: { source: 'supabase' } });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(noEnabledNode, anOrder(), { placement: allClosed }).kind).toBe('not-applicable');
});
