import { judgeCause } from '../cause.ts';
import { defineCheck } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { PlacementView } from '../evidence.ts';
import { freeMemoryGb } from '../placement.ts';
import { type EvidenceItem, mapReading } from '../reading.ts';

interface Facts {
  readonly region: string;
  /** `null` when only the log line is known. */
  readonly neededGb: number | null;
  readonly emptiestNodeId: number | null;
  readonly freeGb: number | null;
}

const maxNodesShown = 5;

export const noNodeFits = defineCheck({
  id: 'no-node-fits',
  code: 'CAP-002',
  stage: 'capacity',
  role: 'cause',
  severity: 'critical',
  title: 'No node has room for this order',
  on: ['order'],
  needs: [],
  uses: ['placement', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ placement, executions }, { order }, moment) {
    return judgeCause<Facts, 'no-capacity'>({
      order,
      moment,
      executions,
      kinds: ['no-capacity'],
      live: mapReading(placement, (view) => ({
        present: view.decision.kind === 'no-capacity',
        facts: factsOf(view),
        evidence: [...emptiestOf(view).map(memoryEvidence), ...panelEvidence(view)],
      })),
      factsOf: ({ region }) => ({ region, neededGb: null, emptiestNodeId: null, freeGb: null }),
    });
  },
  explain: ({ region, neededGb, emptiestNodeId, freeGb }) => ({
    what:
      neededGb === null || freeGb === null
        ? `No node in region ${region} had enough free memory for the plan.`
        : `The plan needs ${neededGb} GB; the emptiest open node in ${region}, node ${emptiestNodeId}, has ${freeGb} GB.`,
    why: 'The provisioning function finds no node for this order and stops.',
    next: 'Add a node or free memory, then retry the order.',
  }),
  tellCustomer: () => 'We are adding capacity for your server. You do not need to do anything.',
  remediation: 'retry-provisioning',
});

function factsOf(view: PlacementView): Facts {
  const full = view.decision.kind === 'no-capacity' ? view.decision : null;
  return {
    region: view.region ?? 'none',
    neededGb: view.plan.memoryGb,
    emptiestNodeId: full?.emptiest.panelNodeId ?? null,
    freeGb: full?.freeGb ?? null,
  };
}

function emptiestOf({ candidates }: PlacementView): PlacementView['candidates'] {
  return candidates.toSorted((a, b) => freeMemoryGb(b) - freeMemoryGb(a)).slice(0, maxNodesShown);
}

/** The function goes by what was sold; servers made by hand or left over show in the panel alone. */
function panelEvidence({ decision, panelNode }: PlacementView): readonly EvidenceItem[] {
  if (decision.kind !== 'no-capacity' || panelNode.kind === 'unknown' || panelNode.value === null) return [];
  const { id, memoryMib, memoryAllocatedMib } = panelNode.value;
  return [
    {
      source: 'pterodactyl',
      at: null,
      text: `Node ${id} by the panel: ${inGb(memoryAllocatedMib)} of ${inGb(memoryMib)} GB given to servers`,
      ref: { kind: 'panel-node', id },
    },
  ];
}

function inGb(mib: number): number {
  return Math.round(mib / 102.4) / 10;
}

function memoryEvidence(node: PlacementView['candidates'][number]): EvidenceItem {
  return {
    source: 'supabase',
    at: null,
    text:
      `Node ${node.panelNodeId}: ${freeMemoryGb(node)} GB free ` +
      `(${node.maxRamGb} GB, ${node.reservedHeadroomGb} GB kept back, ${node.usedGb} GB sold)`,
    ref: { kind: 'panel-node', id: node.panelNodeId },
  };
}
