import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateNodes, choosePlacement, freeMemoryGb, type PlacementNode } from '../../../src/core/placement.ts';
import { aNode, aPlan } from '../../builders/merchant.ts';

/** The function's own steps, written down as it takes them: one pass over the nodes in the order they were read. */
function simulate(nodes: readonly PlacementNode[], region: string | null, neededGb: number): string {
  let enabledInRegion = 0;
  let best: PlacementNode | null = null;
  let bestFreeGb = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    if (!node.enabled || node.region !== region) continue;
    enabledInRegion += 1;
    const freeGb = node.maxRamGb - node.reservedHeadroomGb - node.usedGb;
    if (freeGb < neededGb) continue;
    // Strictly less: of two nodes with equally much left, the one that was read first stays.
    if (freeGb < bestFreeGb) {
      best = node;
      bestFreeGb = freeGb;
    }
  }
  if (enabledInRegion === 0) return 'no-enabled-node';
  return best === null ? 'no-capacity' : `placed on ${best.id}`;
}

function said(placement: ReturnType<typeof choosePlacement>): string {
  return placement.kind === 'placed' ? `placed on ${placement.node.id}` : placement.kind;
}

const regions = fc.constantFrom('eu', 'us', null);
/** Few figures, so that ties, exact fits and oversold nodes are common. */
const someNodes = fc
  .array(
    fc.record({
      region: regions,
      enabled: fc.boolean(),
      maxRamGb: fc.constantFrom(8, 16, 32),
      reservedHeadroomGb: fc.constantFrom(0, 2, 4),
      usedGb: fc.constantFrom(0, 6, 8, 12, 14, 40),
    }),
    { maxLength: 8 },
  )
  .map((rows) => rows.map((row, index) => aNode({ ...row, id: `node-${index}`, panelNodeId: index + 1 })));
const somePlan = fc.constantFrom(2, 4, 8, 16).map((memoryGb) => aPlan({ memoryGb }));

describe('choosePlacement', () => {
  test('decides as the function does, for any nodes, region and plan', () => {
    fc.assert(
      fc.property(someNodes, regions, somePlan, (nodes, region, plan) => {
        expect(said(choosePlacement({ nodes, region, plan }))).toBe(simulate(nodes, region, plan.memoryGb));
      }),
      { numRuns: 500 },
    );
  });

  test('reports as emptiest a candidate that no other one exceeds', () => {
    fc.assert(
      fc.property(someNodes, regions, somePlan, (nodes, region, plan) => {
        const placement = choosePlacement({ nodes, region, plan });
        fc.pre(placement.kind === 'no-capacity');
        const most = Math.max(...candidateNodes(nodes, region).map(freeMemoryGb));
        expect(placement.freeGb).toBe(most);
        expect(freeMemoryGb(placement.emptiest)).toBe(most);
      }),
    );
  });

  test('leaves the nodes it was given in their order', () => {
    fc.assert(
      fc.property(someNodes, regions, somePlan, (nodes, region, plan) => {
        const before = nodes.map((node) => node.id);
        choosePlacement({ nodes, region, plan });
        expect(nodes.map((node) => node.id)).toEqual(before);
      }),
    );
  });

  test('places on a node that has exactly what the plan needs', () => {
    const exact = aNode({ maxRamGb: 16, reservedHeadroomGb: 2, usedGb: 6 });
    expect(choosePlacement({ nodes: [exact], region: 'eu', plan: aPlan({ memoryGb: 8 }) })).toEqual({
      kind: 'placed',
      node: exact,
      freeGb: 8,
    });
  });

  test('finds no capacity when one gigabyte is missing', () => {
    const tight = aNode({ maxRamGb: 16, reservedHeadroomGb: 2, usedGb: 7 });
    expect(choosePlacement({ nodes: [tight], region: 'eu', plan: aPlan({ memoryGb: 8 }) })).toMatchObject({
      kind: 'no-capacity',
      freeGb: 7,
    });
  });

  test('reports an oversold node with less than nothing free', () => {
    const oversold = aNode({ maxRamGb: 16, reservedHeadroomGb: 2, usedGb: 40 });
    expect(choosePlacement({ nodes: [oversold], region: 'eu', plan: aPlan() })).toMatchObject({
      kind: 'no-capacity',
      freeGb: -26,
    });
  });

  test('prefers the fullest node that still fits', () => {
    const roomy = aNode({ id: 'roomy', usedGb: 0 });
    const full = aNode({ id: 'full', usedGb: 50 });
    expect(said(choosePlacement({ nodes: [roomy, full], region: 'eu', plan: aPlan() }))).toBe('placed on full');
  });

  test('takes the node that was read first when two have equally much left', () => {
    const nodes = [aNode({ id: 'first' }), aNode({ id: 'second' })];
    expect(said(choosePlacement({ nodes, region: 'eu', plan: aPlan() }))).toBe('placed on first');
  });

  test('matches an order without a region only with nodes without one', () => {
    const nowhere = aNode({ id: 'nowhere', region: null });
    const nodes = [aNode({ id: 'eu' }), nowhere];
    expect(said(choosePlacement({ nodes, region: null, plan: aPlan() }))).toBe('placed on nowhere');
    expect(choosePlacement({ nodes: [aNode()], region: null, plan: aPlan() })).toEqual({
      kind: 'no-enabled-node',
      nodesInRegion: 0,
    });
  });

  test('counts the disabled nodes of the region, and only those of the region', () => {
    const nodes = [aNode({ enabled: false }), aNode({ id: 'b', enabled: false }), aNode({ id: 'us', region: 'us' })];
    expect(choosePlacement({ nodes, region: 'eu', plan: aPlan() })).toEqual({
      kind: 'no-enabled-node',
      nodesInRegion: 2,
    });
  });

  test('takes regions that differ in case for different ones', () => {
    expect(choosePlacement({ nodes: [aNode()], region: 'EU', plan: aPlan() }).kind).toBe('no-enabled-node');
  });
});
