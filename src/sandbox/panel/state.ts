/** What every stored thing of the panel has; times are milliseconds since the epoch. */
export interface Row {
  readonly id: number;
  createdAt: number;
  updatedAt: number;
}

export interface PanelUser extends Row {
  externalId: string | null;
  readonly uuid: string;
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  language: string;
  rootAdmin: boolean;
  hasTwoFactor: boolean;
}

export interface PanelLocation extends Row {
  short: string;
  long: string;
}

export interface PanelNode extends Row {
  readonly uuid: string;
  name: string;
  description: string | null;
  locationId: number;
  isPublic: boolean;
  fqdn: string;
  scheme: 'http' | 'https';
  isBehindProxy: boolean;
  inMaintenance: boolean;
  memoryMib: number;
  /** Percent; -1 is taken literally as minus one percent. */
  memoryOverallocate: number;
  diskMib: number;
  diskOverallocate: number;
  daemonListen: number;
  readonly daemonToken: string;
}

export interface PanelAllocation extends Row {
  readonly nodeId: number;
  readonly ip: string;
  alias: string | null;
  readonly port: number;
  notes: string | null;
  /** `null` means free. */
  serverId: number | null;
}

export interface PanelNest extends Row {
  readonly uuid: string;
  name: string;
  author: string;
  description: string | null;
}

export interface PanelEggVariable extends Row {
  readonly eggId: number;
  name: string;
  description: string;
  envVariable: string;
  defaultValue: string;
  isUserViewable: boolean;
  isUserEditable: boolean;
  /** For example `required|string|max:20`. */
  rules: string;
}

export interface PanelEgg extends Row {
  readonly uuid: string;
  readonly nestId: number;
  name: string;
  author: string;
  description: string | null;
  /** Label to image. */
  dockerImages: Readonly<Record<string, string>>;
  startup: string;
  readonly variables: PanelEggVariable[];
}

/** `null` is the panel's word for a server in its normal state. */
export type ServerStatus =
  | 'installing'
  | 'install_failed'
  | 'reinstall_failed'
  | 'suspended'
  | 'restoring_backup'
  | null;

export interface PanelServer extends Row {
  externalId: string | null;
  readonly uuid: string;
  /** The first eight characters of the uuid. */
  readonly identifier: string;
  name: string;
  description: string;
  status: ServerStatus;
  ownerId: number;
  readonly nodeId: number;
  allocationId: number;
  readonly eggId: number;
  image: string;
  startup: string;
  environment: Record<string, string>;
  memoryMib: number;
  swapMib: number;
  diskMib: number;
  io: number;
  cpuPercent: number;
  threads: string | null;
  isOomDisabled: boolean;
  databaseLimit: number | null;
  allocationLimit: number | null;
  backupLimit: number | null;
  startsOnCompletion: boolean;
}

/** The resources an application key has a level for. */
export const ACL_RESOURCES = [
  'servers',
  'nodes',
  'allocations',
  'users',
  'locations',
  'nests',
  'eggs',
  'database_hosts',
  'server_databases',
] as const;
export type AclResource = (typeof ACL_RESOURCES)[number];

/** The panel's own bits: 0 none, 1 read, 2 write, 3 both. Write alone does not read. */
export type AclLevel = 0 | 1 | 2 | 3;

export interface ApiKey {
  readonly token: string;
  readonly kind: 'application' | 'account';
  readonly userId: number;
  readonly permissions: Record<AclResource, AclLevel>;
  /** Empty means from anywhere. */
  allowedIps: readonly string[];
}

/** Rows with ids counted from 1, never used twice. */
export interface Table<T extends Row> {
  insert(make: (id: number) => T): T;
  get(id: number): T | undefined;
  all(): T[];
  where(test: (row: T) => boolean): T[];
  remove(id: number): void;
  /** Puts a removed row back at its place. */
  restore(row: T): void;
}

/** Everything the panel has stored. */
export interface PanelState {
  readonly users: Table<PanelUser>;
  readonly locations: Table<PanelLocation>;
  readonly nodes: Table<PanelNode>;
  readonly allocations: Table<PanelAllocation>;
  readonly nests: Table<PanelNest>;
  readonly eggs: Table<PanelEgg>;
  readonly servers: Table<PanelServer>;
  readonly keys: Map<string, ApiKey>;
}

/** Creates an empty panel database. */
export function createState(): PanelState {
  return {
    users: createTable(),
    locations: createTable(),
    nodes: createTable(),
    allocations: createTable(),
    nests: createTable(),
    eggs: createTable(),
    servers: createTable(),
    keys: new Map(),
  };
}

function createTable<T extends Row>(): Table<T> {
  let rows = new Map<number, T>();
  let lastId = 0;
  return {
    insert(make) {
      lastId += 1;
      const row = make(lastId);
      rows.set(lastId, row);
      return row;
    },
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    where: (test) => [...rows.values()].filter(test),
    remove: (id) => void rows.delete(id),
    restore(row) {
      rows = new Map([...rows.set(row.id, row)].sort(([one], [other]) => one - other));
    },
  };
}
