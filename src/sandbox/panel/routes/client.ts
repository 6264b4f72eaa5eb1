import type { PanelCore } from '../core.ts';
import { notFound, refusal } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type ListOptions, pageOf } from '../list-query.ts';
import { type Call, type Route, toList } from '../route.ts';
import { featureLimitsOf, isInstalled, limitsOf } from '../shapes.ts';
import type { PanelServer, PanelUser } from '../state.ts';
import { asGatewayTimeout } from '../wings.ts';

const STATS_CACHE_MS = 20_000;

const listOptions: ListOptions<PanelServer> = {
  filters: {
    uuid: { kind: 'contains', text: (server) => server.uuid },
    name: { kind: 'contains', text: (server) => server.name },
    external_id: { kind: 'contains', text: (server) => server.externalId },
    '*': { kind: 'contains', text: (server) => `${server.name} ${server.uuid} ${server.externalId ?? ''}` },
  },
  sorts: { id: (server) => server.id, uuid: (server) => server.uuid, name: (server) => server.name },
  perPageMax: 100,
};

/** `/api/client`, as far as it serves as a health probe. */
export function createClientRoutes(): readonly Route[] {
  const cache = new Map<number, { at: number; stats: JsonObject }>();

  async function statsOf(core: PanelCore, server: PanelServer): Promise<JsonObject> {
    const now = core.clock.now();
    const cached = cache.get(server.id);
    if (cached !== undefined && now >= cached.at && now - cached.at < STATS_CACHE_MS) return cached.stats;
    try {
      await core.wings.callAbout(server);
    } catch (problem) {
      throw asGatewayTimeout(problem);
    }
    const stats = readStats(core, server);
    cache.set(server.id, { at: now, stats });
    return stats;
  }

  return [
    { method: 'GET', path: '', needs: null, open: () => answerServers },
    {
      method: 'GET',
      path: '/account',
      needs: null,
      open: (_core, _parameter, caller) => () => Response.json(toAccount(caller)),
    },
    {
      method: 'GET',
      path: '/servers/:server',
      needs: null,
      open(core, parameter, caller) {
        const server = findServer(core, parameter('server'), caller);
        return () =>
          Response.json({
            ...toClientServer(core, server, caller),
            meta: { is_server_owner: server.ownerId === caller.id, user_permissions: ['*'] },
          });
      },
    },
    {
      method: 'GET',
      path: '/servers/:server/resources',
      needs: null,
      open(core, parameter, caller) {
        const server = findServer(core, parameter('server'), caller);
        return async () => {
          refuseUnlessNormal(core, server);
          return Response.json({ object: 'stats', attributes: await statsOf(core, server) });
        };
      },
    },
  ];
}

function findServer({ state }: PanelCore, identifier: string, caller: PanelUser): PanelServer {
  const server = state.servers.where(({ uuid, identifier: short }) => [uuid, short].includes(identifier))[0];
  if (server === undefined || !(caller.rootAdmin || server.ownerId === caller.id)) throw notFound();
  return server;
}

function answerServers(call: Call): Response {
  const { core, caller, query } = call;
  const page = pageOf(core.state.servers.where(visibleTo(caller, query.get('type'))), query, listOptions);
  return Response.json(toList(page, call.url, (server) => toClientServer(core, server, caller), true));
}

function visibleTo(caller: PanelUser, type: string | null): (server: PanelServer) => boolean {
  switch (type) {
    case 'admin-all':
      return () => caller.rootAdmin;
    case 'admin':
      return ({ ownerId }) => caller.rootAdmin && ownerId !== caller.id;
    default:
      return ({ ownerId }) => ownerId === caller.id;
  }
}

function toAccount(user: PanelUser): JsonObject {
  return {
    object: 'user',
    attributes: {
      id: user.id,
      admin: user.rootAdmin,
      username: user.username,
      email: user.email,
      first_name: user.firstName,
      last_name: user.lastName,
      language: user.language,
    },
  };
}

function toClientServer(core: PanelCore, server: PanelServer, caller: PanelUser): JsonObject {
  const node = core.state.nodes.get(server.nodeId);
  return {
    object: 'server',
    attributes: {
      server_owner: server.ownerId === caller.id,
      identifier: server.identifier,
      internal_id: server.id,
      uuid: server.uuid,
      name: server.name,
      node: node?.name ?? '',
      is_node_under_maintenance: node?.inMaintenance ?? false,
      sftp_details: { ip: node?.fqdn ?? '', port: 2022 },
      description: server.description,
      limits: limitsOf(server),
      invocation: server.startup,
      docker_image: server.image,
      egg_features: [],
      feature_limits: featureLimitsOf(server),
      status: server.status,
      is_suspended: server.status === 'suspended',
      is_installing: !isInstalled(server),
      is_transferring: false,
      relationships: { allocations: toClientAllocations(core, server), variables: { object: 'list', data: [] } },
    },
  };
}

function toClientAllocations(core: PanelCore, server: PanelServer): JsonObject {
  const allocations = core.state.allocations.where(({ serverId }) => serverId === server.id);
  return {
    object: 'list',
    data: allocations.map(({ id, ip, alias, port, notes }) => ({
      object: 'allocation',
      attributes: { id, ip, ip_alias: alias, port, notes, is_default: id === server.allocationId },
    })),
  };
}

/** The Client API refuses what needs a server in its normal state, to admins too. */
function refuseUnlessNormal(core: PanelCore, server: PanelServer): void {
  const reason = conflictOf(core, server);
  if (reason !== null) throw refusal('ServerStateConflictException', reason, 409);
}

function conflictOf(core: PanelCore, server: PanelServer): string | null {
  if (server.status === 'suspended') {
    return 'This server is currently suspended and the functionality requested is unavailable.';
  }
  if (core.state.nodes.get(server.nodeId)?.inMaintenance === true) {
    return 'The node of this server is currently under maintenance and the functionality requested is unavailable.';
  }
  if (!isInstalled(server)) {
    return 'This server has not yet completed its installation process, please try again later.';
  }
  if (server.status === 'restoring_backup') {
    return 'This server is currently restoring from a backup, please try again later.';
  }
  return server.status === null ? null : 'This server is currently in an unsupported state, please try again later.';
}

function readStats({ wings, clock }: PanelCore, server: PanelServer): JsonObject {
  const power = wings.powerOf(server);
  const isRunning = power === 'running';
  return {
    current_state: power,
    is_suspended: server.status === 'suspended',
    resources: {
      memory_bytes: isRunning ? Math.round(server.memoryMib * 0.6) * 1024 * 1024 : 0,
      cpu_absolute: isRunning ? 12.5 : 0,
      disk_bytes: 734_003_200,
      network_rx_bytes: isRunning ? 48_211 : 0,
      network_tx_bytes: isRunning ? 51_904 : 0,
      uptime: isRunning ? Math.max(clock.now() - server.updatedAt, 0) : 0,
    },
  };
}
