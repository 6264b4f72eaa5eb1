import type { WorldClock } from '../clock.ts';
import { createFaultBoard } from '../faults.ts';
import { listen, type LocalServer } from '../listen.ts';
import type { PanelCore, PanelSettings } from './core.ts';
import { createFurnish, type Furnish } from './furnish.ts';
import { createIdentity } from './identity.ts';
import { createInstalls, type Installs } from './installs.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createRouter } from './router.ts';
import {
  type AclLevel,
  type AclResource,
  type ApiKey,
  createState,
  type PanelNode,
  type PanelServer,
  type PanelState,
  type PanelUser,
  type ServerStatus,
} from './state.ts';
import { createWings, type PowerState, type Wings } from './wings.ts';

/** A Pterodactyl panel of the sandbox: strict like the real one over HTTP, and open to its director in process. */
export interface PanelWorld extends LocalServer, Furnish {
  /** `ptla_`, all permissions. */
  readonly applicationKey: string;
  /** `ptlc_`, of the root admin. */
  readonly clientKey: string;
  /** The root admin who owns both keys: user 1. */
  readonly admin: PanelUser;
  readonly state: PanelState;
  readonly settings: PanelSettings;
  readonly wings: Wings;
  readonly installs: Installs;
  /** Changes the levels that are named and leaves the others. */
  setKeyPermissions(token: string, levels: Readonly<Partial<Record<AclResource, AclLevel>>>): void;
  /** Addresses the key may be used from; none means any. */
  setKeyAddresses(token: string, addresses: readonly string[]): void;
  revokeKey(token: string): void;
  /** Calls per minute of the Application API; windows start anew. */
  setRateLimit(perMinute: number): void;
  setServerStatus(serverId: number, status: ServerStatus): void;
  setPower(serverId: number, power: PowerState): void;
  setMaintenance(nodeId: number, inMaintenance: boolean): void;
}

export interface PanelOptions {
  readonly clock: WorldClock;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** The same seed gives the same uuids and keys. */
  readonly seed?: string;
  /** Real milliseconds an installation takes. */
  readonly installMs?: number;
}

/** Starts an empty panel with one root admin and that admin's two keys. */
export async function startPanel({
  clock,
  port = 0,
  seed = 'pterodoc',
  installMs = 1500,
}: PanelOptions): Promise<PanelWorld> {
  const core = createCore(clock, seed, installMs);
  const { state, settings, wings, installs } = core;
  const furnish = createFurnish(core);
  const admin = furnish.addUser({ email: 'admin@panel.example', username: 'admin', rootAdmin: true });
  const applicationKey = furnish.addKey(admin.id, 'application').token;
  const clientKey = furnish.addKey(admin.id, 'account').token;
  const server = await listen(createRouter(core), createFaultBoard(), port);
  return {
    ...furnish,
    url: server.url,
    faults: server.faults,
    applicationKey,
    clientKey,
    admin,
    state,
    settings,
    wings,
    installs,
    setKeyPermissions(token, levels) {
      Object.assign(keyOf(state, token).permissions, levels);
    },
    setKeyAddresses(token, addresses) {
      keyOf(state, token).allowedIps = addresses;
    },
    revokeKey: (token) => void state.keys.delete(token),
    setRateLimit(perMinute) {
      settings.applicationPerMinute = perMinute;
      core.rateLimiter.clear();
    },
    setServerStatus(serverId, status) {
      const row = serverOf(state, serverId);
      row.status = status;
      row.updatedAt = clock.now();
    },
    setPower: (serverId, power) => wings.setPower(serverOf(state, serverId), power),
    setMaintenance(nodeId, inMaintenance) {
      nodeOf(state, nodeId).inMaintenance = inMaintenance;
    },
    async stop() {
      installs.stop();
      await Promise.all([server.stop(), wings.stop()]);
    },
  };
}

function createCore(clock: WorldClock, seed: string, installMs: number): PanelCore {
  const state = createState();
  const identity = createIdentity(seed);
  const wings = createWings(state, identity, forgetUnfinished);
  const installs = createInstalls(state, wings, clock, installMs);
  return {
    state,
    identity,
    wings,
    installs,
    clock,
    rateLimiter: createRateLimiter(clock),
    settings: {
      inMaintenance: false,
      requiresTwoFactor: false,
      hasLostAppKey: false,
      hasDeadMailQueue: false,
      applicationPerMinute: 240,
      clientPerMinute: 720,
    },
  };

  /** A restarted Wings reports in, and the panel sets whatever was under way on its node to normal. */
  function forgetUnfinished(nodeId: number): void {
    const isUnfinished = ({ status }: PanelServer): boolean => status === 'installing' || status === 'restoring_backup';
    for (const server of state.servers.where((row) => row.nodeId === nodeId && isUnfinished(row))) {
      installs.cancel(server);
      server.status = null;
      server.updatedAt = clock.now();
    }
  }
}

function keyOf(state: PanelState, token: string): ApiKey {
  const key = state.keys.get(token);
  if (key === undefined) throw new Error('The panel has no such key.');
  return key;
}

function serverOf(state: PanelState, serverId: number): PanelServer {
  const server = state.servers.get(serverId);
  if (server === undefined) throw new Error(`The panel has no server ${serverId}.`);
  return server;
}

function nodeOf(state: PanelState, nodeId: number): PanelNode {
  const node = state.nodes.get(nodeId);
  if (node === undefined) throw new Error(`The panel has no node ${nodeId}.`);
  return node;
}
