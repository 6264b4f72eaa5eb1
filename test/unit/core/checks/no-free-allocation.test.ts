import { expect, test } from 'vitest';
import { noFreeAllocation } from '../../../../src/core/checks/no-free-allocation.ts';
import type { AllocationView } from '../../../../src/core/evidence.ts';
import { known, unknown } from '../../../../src/core/reading.ts';
import { aFailedOrder, aNode, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { aPlacement } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

const sayingSo = aWebhookRun({ failed: threw('No available ports on selected node') });
const noNode = aPlacement({ nodes: [aNode({ enabled: false })] });
const unread = aPlacement({
  allocations: unknown({ source: 'pterodactyl', kind: 'timed-out', afterMs: 4000 }),
});

function withFree(over: Partial<AllocationView>) {
  return aPlacement({ allocations: known({ nodeId: 1, freeOnFirstPage: 0, freeInAll: 0, ...over }) });
}

test('is a standing cause when the chosen node has no free allocation', () => {
  const finding = findingOf(checkOrder(noFreeAllocation, aFailedOrder(), { placement: withFree({}) }));
  expect(finding).toMatchObject({ code: 'CAP-003', role: 'cause', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('Node 1, chosen for this order, has no free allocation.');
});

test('says that free ones lie beyond the first page', () => {
  const finding = findingOf(checkOrder(noFreeAllocation, aFailedOrder(), { placement: withFree({ freeInAll: 12 }) }));
  expect(finding.explanation.what).toBe(
    'Node 1, chosen for this order, has no free allocation among its first 50; 12 further on are not looked at.',
  );
});

test('claims nothing of the rest of the node when that is not known', () => {
  const finding = findingOf(checkOrder(noFreeAllocation, aFailedOrder(), { placement: withFree({ freeInAll: null }) }));
  expect(finding.explanation.what).toBe('Node 1, chosen for this order, has no free allocation among its first 50.');
});

test('says that free ones are on nodes that are not chosen, and how to have one chosen', () => {
  const freeElsewhere = [
    { nodeName: 'eu-2', free: 7 },
    { nodeName: 'eu-3', free: 0 },
  ];
  const finding = findingOf(
    checkOrder(noFreeAllocation, aFailedOrder(), { placement: { ...withFree({}), freeElsewhere } }),
  );
  expect(finding.explanation.why).toContain('Free ones elsewhere do not help: 7 on eu-2.');
  expect(finding.explanation.next).toContain('Disable node 1 in ptero_nodes');
});

test('is cleared when the log says so and one is free again', () => {
  const finding = findingOf(checkOrder(noFreeAllocation, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'cleared' });
});

test('is unseen from the log alone, when the panel does not answer or no node would be chosen now', () => {
  const unseen = { confidence: 'confirmed', standing: 'unseen' };
  const silent = checkOrder(noFreeAllocation, aFailedOrder(), { executions: [sayingSo], placement: unread });
  expect(findingOf(silent)).toMatchObject(unseen);
  const nowhere = checkOrder(noFreeAllocation, aFailedOrder(), { executions: [sayingSo], placement: noNode });
  expect(findingOf(nowhere)).toMatchObject(unseen);
});

test('passes when the first page has one free', () => {
  expect(checkOrder(noFreeAllocation, aFailedOrder(), { placement: withFree({ freeOnFirstPage: 1 }) }).kind).toBe(
    'passed',
  );
});

test('has nothing to count where no node would be chosen', () => {
  expect(checkOrder(noFreeAllocation, aFailedOrder(), { placement: noNode }).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(noFreeAllocation, aFailedOrder(), { placement: unread })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('is inconclusive when the nodes cannot be read', () => {
  expect(checkOrder(noFreeAllocation, aFailedOrder(), { placement: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(noFreeAllocation, anOrder(), { placement: withFree({}) }).kind).toBe('not-applicable');
});
