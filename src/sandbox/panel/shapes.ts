import type { PanelCore } from './core.ts';
import { crashed } from './errors.ts';
import type { JsonObject } from './json.ts';
import type {
  AclResource,
  PanelAllocation,
  PanelEgg,
  PanelEggVariable,
  PanelLocation,
  PanelNest,
  PanelNode,
  PanelServer,
  PanelUser,
  Row,
} from './state.ts';

/** Something with an `object` and `attributes`, or a list of such. */
export type Resource = JsonObject;

/** How rows of one kind look in the Application API. */
export interface Shape<T> {
  readonly object: string;
  attributes(row: T, core: PanelCore): JsonObject;
  readonly includes: Readonly<Record<string, Include<T>>>;
}

interface Include<T> {
  /** The resource a key must be able to read, or the relation comes as a null resource. */
  readonly needs: AclResource;
  related(row: T, core: PanelCore): Resource;
}

/** What decides how much of a row the caller gets to see. */
export interface View {
  readonly core: PanelCore;
  /** Names of the wanted relations; unknown ones are ignored. */
  readonly include: readonly string[];
  mayRead(resource: AclResource): boolean;
}

const NULL_RESOURCE: Resource = { object: 'null_resource', attributes: null };

/** One row as the API shows it, with the relations the caller asked for. */
export function toItem<T>(shape: Shape<T>, row: T, view: View): Resource {
  const wanted = view.include.filter((name) => Object.hasOwn(shape.includes, name));
  const attributes = shape.attributes(row, view.core);
  if (wanted.length === 0) return { object: shape.object, attributes };
  const relationships = Object.fromEntries(
    wanted.map((name) => {
      const include = shape.includes[name];
      const isVisible = include !== undefined && view.mayRead(include.needs);
      return [name, isVisible ? include.related(row, view.core) : NULL_RESOURCE];
    }),
  );
  return { object: shape.object, attributes: { ...attributes, relationships } };
}

const item = <T>(shape: Shape<T>, row: T | undefined, core: PanelCore): Resource =>
  row === undefined ? NULL_RESOURCE : { object: shape.object, attributes: shape.attributes(row, core) };

const list = <T>(shape: Shape<T>, rows: readonly T[], core: PanelCore): Resource => ({
  object: 'list',
  data: rows.map((row) => item(shape, row, core)),
});

const EMPTY_LIST: Resource = { object: 'list', data: [] };

/** `2024-01-01T00:00:00+00:00` */
export const timestamp = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, '+00:00');

const times = (row: Row): JsonObject => ({
  created_at: timestamp(row.createdAt),
  updated_at: timestamp(row.updatedAt),
});

export const userShape: Shape<PanelUser> = {
  object: 'user',
  attributes: (user) => ({
    id: user.id,
    external_id: user.externalId,
    uuid: user.uuid,
    username: user.username,
    email: user.email,
    first_name: user.firstName,
    last_name: user.lastName,
    language: user.language,
    root_admin: user.rootAdmin,
    '2fa': user.hasTwoFactor,
    ...times(user),
  }),
  includes: {
    servers: {
      needs: 'servers',
      related: (user, core) =>
        list(
          serverShape,
          core.state.servers.where((server) => server.ownerId === user.id),
          core,
        ),
    },
  },
};

export const locationShape: Shape<PanelLocation> = {
  object: 'location',
  attributes: (location) => ({ id: location.id, short: location.short, long: location.long, ...times(location) }),
  includes: {
    nodes: {
      needs: 'nodes',
      related: (location, core) =>
        list(
          nodeShape,
          core.state.nodes.where((node) => node.locationId === location.id),
          core,
        ),
    },
    servers: {
      needs: 'servers',
      related: (location, core) =>
        list(
          serverShape,
          core.state.servers.where((server) => core.state.nodes.get(server.nodeId)?.locationId === location.id),
          core,
        ),
    },
  },
};

/** Memory and disk promised to the servers of a node. */
export function allocatedOn(nodeId: number, core: PanelCore): { readonly memoryMib: number; readonly diskMib: number } {
  const servers = core.state.servers.where((server) => server.nodeId === nodeId);
  return {
    memoryMib: servers.reduce((sum, server) => sum + server.memoryMib, 0),
    diskMib: servers.reduce((sum, server) => sum + server.diskMib, 0),
  };
}

export const nodeShape: Shape<PanelNode> = {
  object: 'node',
  attributes(node, core) {
    const allocated = allocatedOn(node.id, core);
    return {
      id: node.id,
      uuid: node.uuid,
      public: node.isPublic,
      name: node.name,
      description: node.description,
      location_id: node.locationId,
      fqdn: node.fqdn,
      scheme: node.scheme,
      behind_proxy: node.isBehindProxy,
      maintenance_mode: node.inMaintenance,
      memory: node.memoryMib,
      memory_overallocate: node.memoryOverallocate,
      disk: node.diskMib,
      disk_overallocate: node.diskOverallocate,
      upload_size: 100,
      daemon_listen: node.daemonListen,
      daemon_sftp: 2022,
      daemon_base: '/var/lib/pterodactyl/volumes',
      ...times(node),
      allocated_resources: { memory: allocated.memoryMib, disk: allocated.diskMib },
    };
  },
  includes: {
    allocations: {
      needs: 'allocations',
      related: (node, core) =>
        list(
          allocationShape,
          core.state.allocations.where((allocation) => allocation.nodeId === node.id),
          core,
        ),
    },
    location: {
      needs: 'locations',
      related: (node, core) => item(locationShape, core.state.locations.get(node.locationId), core),
    },
    servers: {
      needs: 'servers',
      related: (node, core) =>
        list(
          serverShape,
          core.state.servers.where((server) => server.nodeId === node.id),
          core,
        ),
    },
  },
};

/** A node in the answer of `nodes/deployable`, with the sums of its query. */
export const deployableNodeShape: Shape<PanelNode> = {
  ...nodeShape,
  attributes(node, core) {
    const allocated = allocatedOn(node.id, core);
    return { ...nodeShape.attributes(node, core), sum_memory: allocated.memoryMib, sum_disk: allocated.diskMib };
  },
};

export const allocationShape: Shape<PanelAllocation> = {
  object: 'allocation',
  attributes: (allocation) => ({
    id: allocation.id,
    ip: allocation.ip,
    alias: allocation.alias,
    port: allocation.port,
    notes: allocation.notes,
    assigned: allocation.serverId !== null,
  }),
  includes: {
    node: {
      needs: 'nodes',
      related: (allocation, core) => item(nodeShape, core.state.nodes.get(allocation.nodeId), core),
    },
    server: {
      needs: 'servers',
      related: (allocation, core) => item(serverShape, core.state.servers.get(allocation.serverId ?? 0), core),
    },
  },
};

export const nestShape: Shape<PanelNest> = {
  object: 'nest',
  attributes: (nest) => ({
    id: nest.id,
    uuid: nest.uuid,
    author: nest.author,
    name: nest.name,
    description: nest.description,
    ...times(nest),
  }),
  includes: {
    eggs: {
      needs: 'eggs',
      related: (nest, core) =>
        list(
          eggShape,
          core.state.eggs.where((egg) => egg.nestId === nest.id),
          core,
        ),
    },
    servers: {
      needs: 'servers',
      related: (nest, core) =>
        list(
          serverShape,
          core.state.servers.where((server) => core.state.eggs.get(server.eggId)?.nestId === nest.id),
          core,
        ),
    },
  },
};

export const eggShape: Shape<PanelEgg> = {
  object: 'egg',
  attributes: (egg) => ({
    id: egg.id,
    uuid: egg.uuid,
    name: egg.name,
    nest: egg.nestId,
    author: egg.author,
    description: egg.description,
    docker_image: Object.values(egg.dockerImages)[0] ?? '',
    docker_images: egg.dockerImages,
    config: {
      files: [],
      startup: { done: ')! For help, type ' },
      stop: 'stop',
      logs: [],
      file_denylist: [],
      extends: null,
    },
    startup: egg.startup,
    script: { privileged: true, install: '', entry: 'bash', container: 'debian:bookworm-slim', extends: null },
    ...times(egg),
  }),
  includes: {
    nest: { needs: 'nests', related: (egg, core) => item(nestShape, core.state.nests.get(egg.nestId), core) },
    servers: {
      needs: 'servers',
      related: (egg, core) =>
        list(
          serverShape,
          core.state.servers.where((server) => server.eggId === egg.id),
          core,
        ),
    },
    variables: { needs: 'eggs', related: (egg, core) => list(eggVariableShape, egg.variables, core) },
  },
};

const eggVariableShape: Shape<PanelEggVariable> = {
  object: 'egg_variable',
  attributes: (variable) => ({
    id: variable.id,
    egg_id: variable.eggId,
    name: variable.name,
    description: variable.description,
    env_variable: variable.envVariable,
    default_value: variable.defaultValue,
    user_viewable: variable.isUserViewable,
    user_editable: variable.isUserEditable,
    rules: variable.rules,
    ...times(variable),
  }),
  includes: {},
};

/** The status fields that both APIs derive from `status`. */
export const isInstalled = (server: PanelServer): boolean =>
  server.status !== 'installing' && server.status !== 'install_failed';

/** Limits as both APIs show them. */
export const limitsOf = (server: PanelServer): JsonObject => ({
  memory: server.memoryMib,
  swap: server.swapMib,
  disk: server.diskMib,
  io: server.io,
  cpu: server.cpuPercent,
  threads: server.threads,
  oom_disabled: server.isOomDisabled,
});

/** Feature limits as both APIs show them. */
export const featureLimitsOf = (server: PanelServer): JsonObject => ({
  databases: server.databaseLimit,
  allocations: server.allocationLimit,
  backups: server.backupLimit,
});

export const serverShape: Shape<PanelServer> = {
  object: 'server',
  attributes(server, core) {
    const node = core.state.nodes.get(server.nodeId);
    return {
      id: server.id,
      external_id: server.externalId,
      uuid: server.uuid,
      identifier: server.identifier,
      name: server.name,
      description: server.description,
      status: server.status,
      suspended: server.status === 'suspended',
      limits: limitsOf(server),
      feature_limits: featureLimitsOf(server),
      user: server.ownerId,
      node: server.nodeId,
      allocation: server.allocationId,
      nest: core.state.eggs.get(server.eggId)?.nestId ?? 0,
      egg: server.eggId,
      container: {
        startup_command: server.startup,
        image: server.image,
        installed: isInstalled(server) ? 1 : 0,
        environment: {
          ...server.environment,
          STARTUP: server.startup,
          P_SERVER_LOCATION: core.state.locations.get(node?.locationId ?? 0)?.short ?? '',
          P_SERVER_UUID: server.uuid,
          P_SERVER_ALLOCATION_LIMIT: server.allocationLimit ?? 0,
        },
      },
      updated_at: timestamp(server.updatedAt),
      created_at: timestamp(server.createdAt),
    };
  },
  includes: {
    allocations: {
      needs: 'allocations',
      related: (server, core) =>
        list(
          allocationShape,
          core.state.allocations.where((allocation) => allocation.serverId === server.id),
          core,
        ),
    },
    user: { needs: 'users', related: (server, core) => item(userShape, core.state.users.get(server.ownerId), core) },
    subusers: { needs: 'users', related: () => EMPTY_LIST },
    nest: {
      needs: 'nests',
      related: (server, core) =>
        item(nestShape, core.state.nests.get(core.state.eggs.get(server.eggId)?.nestId ?? 0), core),
    },
    egg: { needs: 'eggs', related: (server, core) => item(eggShape, core.state.eggs.get(server.eggId), core) },
    variables: { needs: 'servers', related: serverVariables },
    location: {
      needs: 'locations',
      related: (server, core) =>
        item(locationShape, core.state.locations.get(core.state.nodes.get(server.nodeId)?.locationId ?? 0), core),
    },
    node: { needs: 'nodes', related: (server, core) => item(nodeShape, core.state.nodes.get(server.nodeId), core) },
    databases: { needs: 'server_databases', related: () => EMPTY_LIST },
    transfer: {
      needs: 'servers',
      // The panel advertises this relation without implementing it.
      related: () => {
        throw crashed('BadMethodCallException');
      },
    },
  },
};

function serverVariables(server: PanelServer, core: PanelCore): Resource {
  const variables = core.state.eggs.get(server.eggId)?.variables ?? [];
  return {
    object: 'list',
    data: variables.map((variable) => ({
      object: 'server_variable',
      attributes: {
        ...eggVariableShape.attributes(variable, core),
        server_value: server.environment[variable.envVariable] ?? variable.defaultValue,
      },
    })),
  };
}
