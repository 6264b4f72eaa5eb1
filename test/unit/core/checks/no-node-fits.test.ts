import { expect, test } from 'vitest';
import { noNodeFits } from '../../../../src/core/checks/no-node-fits.ts';
import type { PlacementView } from '../../../../src/core/evidence.ts';
import { known, unknown } from '../../../../src/core/reading.ts';
import { aFailedOrder, aNode, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { aPanelNode, aPlacement } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const fullNode = aNode({ usedGb: 58 });
const sayingSo = aWebhookRun({ failed: threw('No available capacity for plan mc-8 in region eu') });

test('is found, confirmed and standing, when every open node of the region is too full now', () => {
  const finding = findingOf(checkOrder(noNodeFits, aFailedOrder(), { placement: aPlacement({ nodes: [fullNode] }) }));
  expect(finding).toMatchObject({ code: 'CAP-002', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The plan needs 8 GB; the emptiest open node in eu, node 1, has 2 GB.');
});

test("adds the panel's own figures of the emptiest node, where they could be read", () => {
  const evidenceWith = (panelNode: PlacementView['panelNode']) =>
    findingOf(
      checkOrder(noNodeFits, aFailedOrder(), { placement: aPlacement({ nodes: [fullNode], panelNode }) }),
    ).evidence.map(({ source, text }) => `${source}: ${text}`);
  const sold = 'supabase: Node 1: 2 GB free (64 GB, 4 GB kept back, 58 GB sold)';
  expect(evidenceWith(known(aPanelNode()))).toEqual([
    sold,
    'pterodactyl: Node 1 by the panel: 24 of 64 GB given to servers',
  ]);
  expect(evidenceWith(known(null))).toEqual([sold]);
  expect(evidenceWith(unknown({ source: 'pterodactyl', kind: 'unreachable' }))).toEqual([sold]);
});

test('shows the emptiest nodes of a large fleet and not all of it', () => {
  const nodes = Array.from({ length: 40 }, (_, at) =>
    aNode({ id: `n${at}`, panelNodeId: at + 1, usedGb: 53 + (at % 7) }),
  );
  const finding = findingOf(checkOrder(noNodeFits, aFailedOrder(), { placement: aPlacement({ nodes }) }));
  const shown = finding.evidence.filter(({ source }) => source === 'supabase');
  expect(shown).toHaveLength(5);
  expect(shown.every(({ text }) => text.includes('7 GB free'))).toBe(true);
});

test('is found but cleared when the log says so and there is room again', () => {
  const finding = findingOf(checkOrder(noNodeFits, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
});

test('is found from the log alone, unseen, when the nodes cannot be read', () => {
  const readings = { executions: [sayingSo], placement: outage('supabase') };
  expect(findingOf(checkOrder(noNodeFits, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('passes when a node has exactly the memory the plan needs', () => {
  const exact = aNode({ maxRamGb: 64, reservedHeadroomGb: 4, usedGb: 52 });
  expect(checkOrder(noNodeFits, aFailedOrder(), { placement: aPlacement({ nodes: [exact] }) }).kind).toBe('passed');
});

test('leaves a region without any open node to the check for that', () => {
  const readings = { placement: aPlacement({ nodes: [aNode({ enabled: false, usedGb: 60 })] }) };
  expect(checkOrder(noNodeFits, aFailedOrder(), readings).kind).toBe('passed');
});

test('is inconclusive, not passed, when the nodes cannot be read', () => {
  const result = checkOrder(noNodeFits, aFailedOrder(), { placement: outage('supabase') });
  expect(result).toMatchObject({ kind: 'inconclusive', failure: { source: 'supabase' } });
});

test('is inconclusive for a failed order whose log holds no run of it', () => {
  expect(checkOrder(noNodeFits, aFailedOrder(), { executions: [] })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs', kind: 'not-provided' },
  });
});

test('does not apply once the order names a server, whatever the nodes look like', () => {
  const readings = { placement: aPlacement({ nodes: [fullNode] }) };
  expect(checkOrder(noNodeFits, anOrder(), readings).kind).toBe('not-applicable');
});
