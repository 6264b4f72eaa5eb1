import { awaitsServer } from '../entry.ts';
import type {
  AllocationView,
  EggView,
  MerchantNode,
  Order,
  PanelNode,
  PanelServer,
  PanelUser,
  PlacementView,
  WingsView,
} from '../evidence.ts';
import { candidateNodes, choosePlacement } from '../placement.ts';
import type { Sources } from '../ports.ts';
import { known, mapReading, type Reading, unknown } from '../reading.ts';
import { comparableServerName } from '../server-name.ts';
import type { Asker } from './ask.ts';

/** Where a plan's egg is written down by the administrator (`PLAN_EGGS`), by plan id or game. */
export type PlanEggs = ReadonlyMap<string, { readonly nestId: number; readonly eggId: number }>;

/** Other candidates are only counted for a hint; a large fleet must not eat the panel's rate limit. */
const mostOtherNodes = 3;
/** A server made by hand for an order may be a little older than its row. */
const madeBeforeMs = 5 * 60_000;

/** What `servers-provision` would decide for the order, and what the panel says of that node. */
export async function readPlacement(
  order: Order,
  nodes: Reading<readonly MerchantNode[]>,
  panelNodes: Reading<readonly PanelNode[]>,
  sources: Sources,
  asker: Asker,
): Promise<Reading<PlacementView>> {
  if (nodes.kind === 'unknown') return nodes;
  if (order.plan === null) return unknown({ source: 'supabase', kind: 'not-provided', what: 'the plan of this order' });
  const { plan } = order;
  const region = order.lacks.has('region') ? null : order.region;
  if (order.lacks.has('region') && nodes.value.some((node) => node.region !== null)) {
    return unknown({ source: 'supabase', kind: 'not-provided', what: 'the region of this order' });
  }
  if (region !== null && nodes.value.length > 0 && nodes.value.every((node) => node.region === null)) {
    return unknown({ source: 'supabase', kind: 'not-provided', what: 'the regions of the nodes' });
  }
  const decision = choosePlacement({ plan, region, nodes: nodes.value });
  const candidates = candidateNodes(nodes.value, region);
  const chosen = decision.kind === 'placed' ? decision.node.panelNodeId : null;
  const nearest = decision.kind === 'no-capacity' ? decision.emptiest.panelNodeId : chosen;
  const others = candidates
    .filter((node) => node.panelNodeId !== chosen)
    .slice(0, chosen === null ? 0 : mostOtherNodes);
  const [allocations, ...elsewhere] = await Promise.all([
    chosen === null ? known(null) : readAllocations(chosen, sources, asker),
    ...others.map((node) => readAllocations(node.panelNodeId, sources, asker)),
  ]);
  return known({
    region,
    plan,
    decision,
    candidates,
    nodes: nodes.value,
    panelNode: mapReading(panelNodes, (all) => all.find((node) => node.id === nearest) ?? null),
    allocations,
    freeElsewhere: elsewhere.flatMap((view, index) => {
      const node = others[index];
      if (view.kind === 'unknown' || view.value === null || node === undefined) return [];
      const name =
        panelNodes.kind === 'known' ? panelNodes.value.find(({ id }) => id === node.panelNodeId)?.name : undefined;
      return [
        { nodeName: name ?? `node ${node.panelNodeId}`, free: view.value.freeInAll ?? view.value.freeOnFirstPage },
      ];
    }),
  });
}

function readAllocations(nodeId: number, sources: Sources, asker: Asker): Promise<Reading<AllocationView | null>> {
  return asker.ask<NonNullable<Sources['panel']>, AllocationView | null>('pterodactyl', sources.panel, (port, signal) =>
    port.allocationsOf(nodeId, signal),
  );
}

/** The egg of the order's plan: as configured, else what the plan's servers use. */
export async function readEgg(
  order: Order,
  planEggs: PlanEggs,
  sources: Sources,
  asker: Asker,
): Promise<Reading<EggView | null>> {
  const { planId } = order;
  const configured = planEggs.get(planId ?? '') ?? planEggs.get(order.plan?.game ?? '');
  if (configured !== undefined) {
    const { nestId, eggId } = configured;
    const egg = await asker.ask('pterodactyl', sources.panel, (port, signal) => port.egg(nestId, eggId, signal));
    return mapReading(egg, (value) => ({ nestId, eggId, knownFrom: 'configuration' as const, egg: value }));
  }
  if (planId === null) return known(null);
  const servers = await asker.ask('supabase', sources.orders, (port, signal) => port.serversOfPlan(planId, signal));
  if (servers.kind === 'unknown') return servers;
  const sample = servers.value[0];
  if (sample === undefined) return known(null);
  const server = await asker.ask('pterodactyl', sources.panel, (port, signal) => port.server(sample, signal));
  if (server.kind === 'unknown') return server;
  if (server.value === null || server.value.nestId === null || server.value.eggId === null) return known(null);
  const { nestId, eggId } = server.value;
  const egg = await asker.ask('pterodactyl', sources.panel, (port, signal) => port.egg(nestId, eggId, signal));
  return mapReading(egg, (value) => ({ nestId, eggId, knownFrom: 'servers-of-the-plan' as const, egg: value }));
}

/** The server the row names, from the person's own list where it stands there. */
export async function readNamedServer(
  order: Order,
  personsServers: Reading<readonly PanelServer[]>,
  sources: Sources,
  asker: Asker,
): Promise<Reading<PanelServer | null>> {
  const { serverId } = order;
  if (serverId === null) return known(null);
  const listed = personsServers.kind === 'known' ? personsServers.value.find(({ id }) => id === serverId) : undefined;
  if (listed !== undefined) return known(listed);
  return asker.ask('pterodactyl', sources.panel, (port, signal) => port.server(serverId, signal));
}

/** Servers that are this order's: by external id, or by owner and name where no other order has them. */
export async function readOwnServers(
  order: Order,
  siblings: readonly Order[],
  personsServers: Reading<readonly PanelServer[]>,
  namedServer: Reading<PanelServer | null>,
  sources: Sources,
  asker: Asker,
): Promise<Reading<readonly PanelServer[]>> {
  const isNameUntold = order.lacks.has('serverName');
  const alike = (personsServers.kind === 'known' ? personsServers.value : []).filter(
    (server) =>
      server.id !== order.serverId &&
      server.externalId === null &&
      // A running order has its server: without a name to go by, others of the person are not held against it.
      (isNameUntold
        ? awaitsServer(order)
        : comparableServerName(server.name) === comparableServerName(order.serverName ?? '')) &&
      server.createdAt.getTime() >= order.createdAt.getTime() - madeBeforeMs &&
      !siblings.some((sibling) => sibling.id !== order.id && sibling.serverId === server.id),
  );
  const [byExternalId, ...claims] = await Promise.all([
    asker.ask('pterodactyl', sources.panel, (port, signal) => port.serverByExternalId(order.id, signal)),
    ...alike.map((server) => asker.ask('supabase', sources.orders, (port, signal) => port.byServer(server.id, signal))),
  ]);
  if (byExternalId.kind === 'unknown') return byExternalId;
  if (personsServers.kind === 'unknown') return personsServers;
  const found = new Map<number, PanelServer>();
  if (byExternalId.value !== null) found.set(byExternalId.value.id, byExternalId.value);
  if (namedServer.kind === 'known' && namedServer.value !== null) found.set(namedServer.value.id, namedServer.value);
  for (const [index, server] of alike.entries()) {
    const rows = claims[index];
    if (rows === undefined || rows.kind === 'unknown') return rows ?? personsServers;
    // A row of somebody else that names it was forged, or is that person's to explain: it takes nothing away.
    if (rows.value.some((row) => row.id !== order.id && row.userId === order.userId)) continue;
    if (isNameUntold) return unknown({ source: 'supabase', kind: 'not-provided', what: 'orders.server_name' });
    found.set(server.id, server);
  }
  return known([...found.values()]);
}

/** Wings of the node that carries the order's server, or would carry it. */
export function readWings(
  order: Order,
  server: Reading<PanelServer | null>,
  placement: Reading<PlacementView>,
  panelNodes: Reading<readonly PanelNode[]>,
  owner: Reading<PanelUser | null>,
  sources: Sources,
  asker: Asker,
): Promise<Reading<WingsView | null>> {
  if (panelNodes.kind === 'unknown') return Promise.resolve(panelNodes);
  if (server.kind === 'unknown') return Promise.resolve(server);
  const own = server.value;
  if (own !== null && owner.kind === 'known' && owner.value?.id !== own.ownerId) return Promise.resolve(known(null));
  const nodeId = own?.nodeId ?? (awaitsServer(order) ? chosenNode(placement) : null);
  const node = panelNodes.value.find(({ id }) => id === nodeId);
  if (node === undefined) return Promise.resolve(known(null));
  return asker.ask('pterodactyl', sources.panel, (port, signal) => port.wings(node, own, signal));
}

function chosenNode(placement: Reading<PlacementView>): number | null {
  if (placement.kind === 'unknown') return null;
  const { decision } = placement.value;
  return decision.kind === 'placed' ? decision.node.panelNodeId : null;
}
