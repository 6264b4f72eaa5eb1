/** A node as `servers-provision` sees it: one row of `ptero_nodes` with the memory already sold on it. */
export interface PlacementNode {
  readonly id: string;
  readonly panelNodeId: number;
  readonly region: string | null;
  readonly enabled: boolean;
  readonly maxRamGb: number;
  readonly reservedHeadroomGb: number;
  /** Memory of the orders on this node whose status counts as occupying (see {@link occupyingStatuses}). */
  readonly usedGb: number;
}

/** What `servers-provision` would decide for one order, before it looks for a free allocation. */
export type Placement<N extends PlacementNode = PlacementNode> =
  | { readonly kind: 'placed'; readonly node: N; readonly freeGb: number }
  | { readonly kind: 'no-enabled-node'; readonly nodesInRegion: number }
  | { readonly kind: 'no-capacity'; readonly emptiest: N; readonly freeGb: number };

/** Orders in these statuses with a node take up its memory; parallel orders without a node yet do not. */
export const occupyingStatuses: readonly string[] = ['paid', 'provisioning', 'installing', 'provisioned', 'active'];

/** Gigabytes `servers-provision` would still sell on the node; negative when it is oversold. */
export function freeMemoryGb(node: PlacementNode): number {
  return node.maxRamGb - node.reservedHeadroomGb - node.usedGb;
}

/** The enabled nodes of the region, in the order they were read. Only an equal region matches, `null` included. */
export function candidateNodes<N extends PlacementNode>(nodes: readonly N[], region: string | null): readonly N[] {
  return nodes.filter((node) => node.enabled && node.region === region);
}

/**
 * Best fit, as `servers-provision` computes it: of the enabled nodes in the region that have room, the one with the
 * least memory left. It looks at one node only; no second one is tried when that node has no free allocation.
 */
export function choosePlacement<N extends PlacementNode>(input: {
  readonly plan: { readonly memoryGb: number };
  readonly region: string | null;
  readonly nodes: readonly N[];
}): Placement<N> {
  const candidates = candidateNodes(input.nodes, input.region);
  const byFreeMemory = candidates.toSorted((a, b) => freeMemoryGb(a) - freeMemoryGb(b));
  const emptiest = byFreeMemory.at(-1);
  if (emptiest === undefined) {
    return { kind: 'no-enabled-node', nodesInRegion: input.nodes.filter((n) => n.region === input.region).length };
  }
  const node = byFreeMemory.find((candidate) => freeMemoryGb(candidate) >= input.plan.memoryGb);
  if (node === undefined) return { kind: 'no-capacity', emptiest, freeGb: freeMemoryGb(emptiest) };
  return { kind: 'placed', node, freeGb: freeMemoryGb(node) };
}
