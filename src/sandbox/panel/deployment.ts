import type { PanelCore } from './core.ts';
import { refusal } from './errors.ts';
import { allocatedOn } from './shapes.ts';
import type { PanelAllocation, PanelNode } from './state.ts';

/** What a new server asks of the panel's automatic placement. */
export interface Demand {
  readonly memoryMib: number;
  readonly diskMib: number;
  /** Empty means all. */
  readonly locationIds: readonly number[];
}

/** Nodes a server could be placed on; neither maintenance nor free ports nor Wings count. */
export function findViableNodes(core: PanelCore, { memoryMib, diskMib, locationIds }: Demand): PanelNode[] {
  const viable = core.state.nodes.where((node) => {
    if (!node.isPublic) return false;
    if (locationIds.length > 0 && !locationIds.includes(node.locationId)) return false;
    const allocated = allocatedOn(node.id, core);
    return (
      allocated.memoryMib + memoryMib <= node.memoryMib * (1 + node.memoryOverallocate / 100) &&
      allocated.diskMib + diskMib <= node.diskMib * (1 + node.diskOverallocate / 100)
    );
  });
  if (viable.length > 0) return viable;
  throw refusal(
    'NoViableNodeException',
    'No nodes satisfying the requirements specified for automatic deployment could be found.',
  );
}

/** Any free allocation on any of the nodes; the panel picks at random. */
export function pickAllocation(
  core: PanelCore,
  nodes: readonly PanelNode[],
  wishes: { readonly dedicatedIp: boolean; readonly portRange: readonly string[] },
): PanelAllocation {
  const ranges = wishes.portRange.map(parseRange);
  const nodeIds = new Set(nodes.map((node) => node.id));
  const here = core.state.allocations.where((allocation) => nodeIds.has(allocation.nodeId));
  const usedIps = new Set(here.filter(({ serverId }) => serverId !== null).map(({ nodeId, ip }) => `${nodeId}-${ip}`));
  const free = here.filter(
    ({ serverId, nodeId, ip, port }) =>
      serverId === null &&
      (!wishes.dedicatedIp || !usedIps.has(`${nodeId}-${ip}`)) &&
      (ranges.length === 0 || ranges.some(({ first, last }) => port >= first && port <= last)),
  );
  const picked = core.identity.pick(free);
  if (picked !== undefined) return picked;
  throw refusal(
    'NoViableAllocationException',
    'No allocations satisfying the requirements for automatic deployment were found.',
  );
}

const MOST_PORTS = 1000;

function parseRange(text: string): { first: number; last: number } {
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (range?.[1] === undefined) {
    throw refusal('DisplayException', `The mapping provided for ${text} was invalid and could not be processed.`);
  }
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (last - first + 1 > MOST_PORTS) {
    throw refusal(
      'DisplayException',
      `Adding more than ${MOST_PORTS} ports in a single range at once is not supported.`,
    );
  }
  return { first, last };
}
