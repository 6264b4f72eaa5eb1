import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck, notApplicable } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { PlacementView } from '../evidence.ts';
import { known, type Reading, unknown } from '../reading.ts';

interface Facts {
  readonly problem: 'unknown-to-panel' | 'maintenance';
  /** The panel's number of the node; `null` when only the log line is known. */
  readonly nodeId: number | null;
}

export const nodeNotAvailable = defineCheck({
  id: 'node-not-available',
  code: 'CAP-004',
  stage: 'capacity',
  role: 'cause',
  severity: 'critical',
  title: 'The chosen node is not available',
  on: ['order'],
  needs: [],
  uses: ['placement', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ placement, executions }, { order }, moment) {
    const outcome = judgeCause<Facts, 'node-unknown-to-panel'>({
      order,
      moment,
      executions,
      kinds: ['node-unknown-to-panel'],
      live: liveCondition(placement),
      factsOf: () => ({ problem: 'unknown-to-panel', nodeId: null }),
    });
    // Where no node would be chosen there is none to ask the panel about.
    const isPlaced = placement.kind === 'unknown' || placement.value.decision.kind === 'placed';
    return isPlaced || outcome.kind === 'found' ? outcome : notApplicable;
  },
  explain: ({ problem, nodeId }) =>
    problem === 'maintenance'
      ? {
          what: `Node ${nodeId}, chosen for this order, is in maintenance.`,
          why: 'A server is still put on such a node, but its owner cannot start it while maintenance lasts.',
          next: 'End the maintenance, or disable the node in ptero_nodes so that another one is chosen; then retry the order.',
        }
      : {
          what:
            nodeId === null
              ? 'The panel did not know the node that was chosen for the order.'
              : `The panel does not know node ${nodeId}, which is chosen for this order.`,
          why: 'ptero_nodes names a node that the panel does not have: no server can be put there.',
          next: 'Correct or disable the node in ptero_nodes, then retry the order.',
        },
  tellCustomer: () => 'The machine for your server is being looked after. You do not need to do anything.',
  remediation: 'retry-provisioning',
});

function liveCondition(placement: Reading<PlacementView>): Reading<LiveCondition<Facts>> {
  if (placement.kind === 'unknown') return placement;
  const { decision, panelNode } = placement.value;
  if (decision.kind !== 'placed') {
    return unknown({ source: 'pterodactyl', kind: 'not-provided', what: 'a node to look at, as none is chosen' });
  }
  if (panelNode.kind === 'unknown') return panelNode;
  const nodeId = decision.node.panelNodeId;
  const isUnknown = panelNode.value === null;
  const isInMaintenance = panelNode.value?.maintenance === true;
  return known({
    present: isUnknown || isInMaintenance,
    facts: { problem: isInMaintenance ? 'maintenance' : 'unknown-to-panel', nodeId },
    evidence: [
      {
        source: 'pterodactyl',
        at: null,
        text: isUnknown
          ? `The panel has no node ${nodeId}`
          : `The panel has node ${nodeId}, ${isInMaintenance ? 'in maintenance' : 'not in maintenance'}`,
        ref: { kind: 'panel-node', id: nodeId },
      },
    ],
  });
}
