import { expect, test } from 'vitest';
import { nodeNotAvailable } from '../../../../src/core/checks/node-not-available.ts';
import { known, unknown } from '../../../../src/core/reading.ts';
import { aFailedOrder, aNode, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { aPanelNode, aPlacement } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const inMaintenance = aPlacement({ panelNode: known(aPanelNode({ maintenance: true })) });
const notInPanel = aPlacement({ panelNode: known(null) });
const unread = aPlacement({ panelNode: unknown({ source: 'pterodactyl', kind: 'unreachable' }) });
const noNode = aPlacement({ nodes: [aNode({ enabled: false })] });
const sayingSo = aWebhookRun({ failed: threw('Failed to fetch allocations: 404') });

test('is a standing cause when the chosen node is in maintenance', () => {
  const finding = findingOf(checkOrder(nodeNotAvailable, aFailedOrder(), { placement: inMaintenance }));
  expect(finding).toMatchObject({ code: 'CAP-004', role: 'cause', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('Node 1, chosen for this order, is in maintenance.');
});

test('is a standing cause when the panel does not have the chosen node', () => {
  const finding = findingOf(checkOrder(nodeNotAvailable, aFailedOrder(), { placement: notInPanel }));
  expect(finding.standing).toBe('standing');
  expect(finding.explanation.what).toBe('The panel does not know node 1, which is chosen for this order.');
});

test('is cleared when the log says so and the panel has the node now', () => {
  const finding = findingOf(checkOrder(nodeNotAvailable, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
  expect(finding.evidence.at(-1)?.text).toBe('The panel has node 1, not in maintenance');
});

test('is unseen from the log alone', () => {
  const finding = findingOf(
    checkOrder(nodeNotAvailable, aFailedOrder(), { executions: [sayingSo], placement: unread }),
  );
  expect(finding.standing).toBe('unseen');
  expect(finding.explanation.what).toBe('The panel did not know the node that was chosen for the order.');
});

test('passes when the panel has the node and it is not in maintenance, private or not', () => {
  const placement = aPlacement({ panelNode: known(aPanelNode({ public: false })) });
  expect(checkOrder(nodeNotAvailable, aFailedOrder(), { placement }).kind).toBe('passed');
});

test('takes a refused key for no missing node', () => {
  const refused = aWebhookRun({ failed: threw('Failed to fetch allocations: 403') });
  expect(checkOrder(nodeNotAvailable, aFailedOrder(), { executions: [refused] }).kind).toBe('passed');
});

test('has no node to ask about where none would be chosen', () => {
  expect(checkOrder(nodeNotAvailable, aFailedOrder(), { placement: noNode }).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel cannot be reached', () => {
  expect(checkOrder(nodeNotAvailable, aFailedOrder(), { placement: unread })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl', kind: 'unreachable' },
  });
});

test('is inconclusive when the nodes cannot be read', () => {
  const result = checkOrder(nodeNotAvailable, aFailedOrder(), { placement: outage('supabase') });
  expect(result).toMatchObject({ kind: 'inconclusive', failure: { source: 'supabase' } });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(nodeNotAvailable, anOrder(), { placement: notInPanel }).kind).toBe('not-applicable');
});
