import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck, notApplicable } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { AllocationView, PlacementView } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import { type EvidenceItem, known, type Reading, unknown } from '../reading.ts';

interface Facts {
  /** `null` when only the log line is known. */
  readonly nodeId: number | null;
  /** Free ones on the whole node; `null` when not known. */
  readonly freeInAll: number | null;
  /** Nodes with free allocations that would not be picked. */
  readonly elsewhere: readonly { readonly nodeName: string; readonly free: number }[];
}

const maxNodesShown = 3;

export const noFreeAllocation = defineCheck({
  id: 'no-free-allocation',
  code: 'CAP-003',
  stage: 'capacity',
  role: 'cause',
  severity: 'critical',
  title: 'No free allocation where one is looked for',
  on: ['order'],
  needs: [],
  uses: ['placement', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ placement, executions }, { order }, moment) {
    const outcome = judgeCause<Facts, 'no-free-allocation'>({
      order,
      moment,
      executions,
      kinds: ['no-free-allocation'],
      live: liveCondition(placement),
      factsOf: () => ({ nodeId: null, freeInAll: null, elsewhere: [] }),
    });
    // Where no node would be chosen there is none whose allocations could be counted.
    const isPlaced = placement.kind === 'unknown' || placement.value.decision.kind === 'placed';
    return isPlaced || outcome.kind === 'found' ? outcome : notApplicable;
  },
  explain: ({ nodeId, freeInAll, elsewhere }) => ({
    what: whatOf(nodeId, freeInAll),
    why: whyOf(elsewhere),
    next: nextOf(nodeId, freeInAll, elsewhere.length > 0),
  }),
  tellCustomer: () => 'We are making room for your server. You do not need to do anything.',
  remediation: 'retry-provisioning',
});

function liveCondition(placement: Reading<PlacementView>): Reading<LiveCondition<Facts>> {
  if (placement.kind === 'unknown') return placement;
  const { allocations, freeElsewhere } = placement.value;
  if (allocations.kind === 'unknown') return allocations;
  if (allocations.value === null) {
    return unknown({ source: 'pterodactyl', kind: 'not-provided', what: 'allocations of a node, as none is chosen' });
  }
  const { nodeId, freeOnFirstPage, freeInAll } = allocations.value;
  const elsewhere = freeElsewhere
    .filter(({ free }) => free > 0)
    .slice(0, maxNodesShown)
    .map(({ nodeName, free }) => ({ nodeName: cutForeign(nodeName), free }));
  return known({
    present: freeOnFirstPage === 0,
    facts: { nodeId, freeInAll, elsewhere },
    evidence: [allocationEvidence(allocations.value)],
  });
}

function allocationEvidence({ nodeId, freeOnFirstPage, freeInAll }: AllocationView): EvidenceItem {
  const inAll = freeInAll === null ? 'in all not known' : `${freeInAll} in all`;
  return {
    source: 'pterodactyl',
    at: null,
    text: `Node ${nodeId}: ${freeOnFirstPage} free allocations on the first page, ${inAll}`,
    ref: { kind: 'panel-node', id: nodeId },
  };
}

function whatOf(nodeId: number | null, freeInAll: number | null): string {
  if (nodeId === null) return 'The node chosen for the order had no free allocation among its first 50.';
  if (freeInAll === null) return `Node ${nodeId}, chosen for this order, has no free allocation among its first 50.`;
  if (freeInAll === 0) return `Node ${nodeId}, chosen for this order, has no free allocation.`;
  return `Node ${nodeId}, chosen for this order, has no free allocation among its first 50; ${freeInAll} further on are not looked at.`;
}

function whyOf(elsewhere: Facts['elsewhere']): string {
  const alone = 'The provisioning function tries one node only, and only the first 50 of its allocations.';
  if (elsewhere.length === 0) return alone;
  const counts = elsewhere.map(({ nodeName, free }) => `${free} on ${nodeName}`).join(', ');
  return `${alone} Free ones elsewhere do not help: ${counts}.`;
}

function nextOf(nodeId: number | null, freeInAll: number | null, isFreeElsewhere: boolean): string {
  if (isFreeElsewhere && nodeId !== null) {
    return `Disable node ${nodeId} in ptero_nodes, so that another one is chosen, or free allocations on it; then retry the order.`;
  }
  if (freeInAll !== null && freeInAll > 0) {
    return 'Free or delete allocations among the first 50 of the node, then retry the order.';
  }
  return 'Add allocations to the node, or another node where it already has 50; then retry the order.';
}
