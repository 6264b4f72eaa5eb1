import type { PanelCore } from './core.ts';
import type {
  AclLevel,
  AclResource,
  ApiKey,
  PanelAllocation,
  PanelEgg,
  PanelEggVariable,
  PanelLocation,
  PanelNest,
  PanelNode,
  PanelServer,
  PanelUser,
} from './state.ts';
import { ACL_RESOURCES } from './state.ts';
import type { PowerState } from './wings.ts';

type Furnished<T> = Partial<Omit<T, 'id' | 'uuid' | 'createdAt' | 'updatedAt'>>;

/** What a node is made of; without an address it gets one that leads nowhere. */
export type NewNode = Furnished<PanelNode> & { readonly locationId: number };

/** Ports on one node; `ports` may be a list or a first and last port. */
export interface NewAllocations {
  readonly ip?: string;
  readonly alias?: string;
  readonly ports: readonly number[] | { readonly from: number; readonly to: number };
}

/** A variable of an egg, optional unless its rules say `required`. */
export type NewVariable = Partial<Omit<PanelEggVariable, 'id' | 'eggId' | 'createdAt' | 'updatedAt'>> & {
  readonly envVariable: string;
};

export type NewEgg = Omit<Furnished<PanelEgg>, 'variables'> & {
  readonly nestId: number;
  readonly variables?: readonly NewVariable[];
};

/** A server that was made in the past: normal, running and known to its Wings unless told otherwise. */
export type NewServer = Omit<Furnished<PanelServer>, 'identifier' | 'nodeId'> & {
  readonly ownerId: number;
  readonly nodeId: number;
  readonly eggId: number;
  readonly power?: PowerState;
};

export type NewUser = Furnished<PanelUser> & { readonly email: string };

/** Puts things into the panel behind its API's back, at the world's present time. */
export interface Furnish {
  addUser(user: NewUser): PanelUser;
  addLocation(location: Furnished<PanelLocation>): PanelLocation;
  addNode(node: NewNode): PanelNode;
  addAllocations(nodeId: number, allocations: NewAllocations): PanelAllocation[];
  addNest(nest: Furnished<PanelNest>): PanelNest;
  addEgg(egg: NewEgg): PanelEgg;
  /** Takes the first free allocation of the node unless one is named. */
  addServer(server: NewServer): PanelServer;
  /** A further key; application keys start with all permissions. */
  addKey(userId: number, kind: ApiKey['kind']): ApiKey;
}

export function createFurnish(core: PanelCore): Furnish {
  const { state, identity, clock, wings } = core;
  let variableId = 0;
  let keyId = 0;
  const stamp = (): { createdAt: number; updatedAt: number } => ({ createdAt: clock.now(), updatedAt: clock.now() });

  function takeAllocation(nodeId: number, allocationId: number | undefined): PanelAllocation {
    const allocation =
      allocationId === undefined
        ? state.allocations.where((row) => row.nodeId === nodeId && row.serverId === null)[0]
        : state.allocations.get(allocationId);
    if (allocation === undefined) throw new Error(`Node ${nodeId} has no free allocation for the server.`);
    return allocation;
  }

  return {
    addUser: (user) =>
      state.users.insert((id) => ({
        id,
        uuid: identity.uuid('user', id),
        externalId: null,
        username: user.email.split('@')[0]?.toLowerCase() ?? `user${id}`,
        firstName: 'First',
        lastName: 'Last',
        language: 'en',
        rootAdmin: false,
        hasTwoFactor: false,
        ...stamp(),
        ...user,
      })),
    addLocation: (location) =>
      state.locations.insert((id) => ({ id, short: `loc${id}`, long: `Location ${id}`, ...stamp(), ...location })),
    addNode: (node) =>
      state.nodes.insert((id) => ({
        id,
        uuid: identity.uuid('node', id),
        name: `node-${id}`,
        description: null,
        isPublic: true,
        fqdn: `node-${id}.invalid`,
        scheme: 'https',
        isBehindProxy: false,
        inMaintenance: false,
        memoryMib: 65_536,
        memoryOverallocate: 0,
        diskMib: 1_048_576,
        diskOverallocate: 0,
        daemonListen: 8080,
        daemonToken: identity.uuid('daemon-token', id),
        ...stamp(),
        ...node,
      })),
    addAllocations: (nodeId, { ip = '203.0.113.10', alias = null, ports }) =>
      listPorts(ports).map((port) =>
        state.allocations.insert((id) => ({ id, nodeId, ip, alias, port, notes: null, serverId: null, ...stamp() })),
      ),
    addNest: (nest) =>
      state.nests.insert((id) => ({
        id,
        uuid: identity.uuid('nest', id),
        name: `Nest ${id}`,
        author: 'support@pterodactyl.io',
        description: null,
        ...stamp(),
        ...nest,
      })),
    addEgg({ variables = [], ...egg }) {
      return state.eggs.insert((id) => ({
        id,
        uuid: identity.uuid('egg', id),
        name: `Egg ${id}`,
        author: 'support@pterodactyl.io',
        description: null,
        dockerImages: { 'Java 21': 'ghcr.io/pterodactyl/yolks:java_21' },
        startup: 'java -Xms128M -Xmx{{SERVER_MEMORY}}M -jar {{SERVER_JARFILE}}',
        variables: variables.map((variable) => {
          variableId += 1;
          return {
            id: variableId,
            eggId: id,
            name: variable.envVariable,
            description: '',
            defaultValue: '',
            isUserViewable: true,
            isUserEditable: true,
            rules: 'nullable|string',
            ...stamp(),
            ...variable,
          };
        }),
        ...stamp(),
        ...egg,
      }));
    },
    addServer({ power = 'running', ...server }) {
      const allocation = takeAllocation(server.nodeId, server.allocationId);
      const egg = state.eggs.get(server.eggId);
      const added = state.servers.insert((id) => {
        const uuid = identity.uuid('server', id);
        return {
          id,
          uuid,
          identifier: uuid.slice(0, 8),
          externalId: null,
          name: `Server ${id}`,
          description: '',
          status: null,
          image: Object.values(egg?.dockerImages ?? {})[0] ?? '',
          startup: egg?.startup ?? '',
          environment: Object.fromEntries(egg?.variables.map((row) => [row.envVariable, row.defaultValue]) ?? []),
          memoryMib: 4096,
          swapMib: 0,
          diskMib: 10_240,
          io: 500,
          cpuPercent: 200,
          threads: null,
          isOomDisabled: true,
          databaseLimit: 0,
          allocationLimit: 0,
          backupLimit: 0,
          startsOnCompletion: true,
          ...stamp(),
          ...server,
          allocationId: allocation.id,
        };
      });
      allocation.serverId = added.id;
      if (added.status === null) wings.setPower(added, power);
      return added;
    },
    addKey(userId, kind) {
      keyId += 1;
      const token = identity.key(kind === 'application' ? 'ptla_' : 'ptlc_', keyId);
      const permissions = Object.fromEntries(
        ACL_RESOURCES.map((resource): [AclResource, AclLevel] => [resource, kind === 'application' ? 3 : 0]),
      ) as Record<AclResource, AclLevel>;
      const key: ApiKey = { token, kind, userId, permissions, allowedIps: [] };
      state.keys.set(token, key);
      return key;
    },
  };
}

function listPorts(ports: NewAllocations['ports']): readonly number[] {
  if (!('from' in ports)) return ports;
  return Array.from({ length: ports.to - ports.from + 1 }, (_, index) => ports.from + index);
}
