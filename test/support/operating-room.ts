import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import {
  type ActionEngine,
  type ActionSubject,
  performAction,
  type Performed,
  type Refusal,
  watchAbandoned,
} from '../../src/core/act.ts';
import type { ActionId } from '../../src/core/check.ts';
import type { ClaimRecord } from '../../src/core/claim.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { openClinic } from './clinic.ts';
import { makeDataDir } from './data-dir.ts';
import { type EngineOptions, openEngine, operator } from './engine.ts';
import { createWorldTime, type WorldTime } from './world-time.ts';

/** A purchase whose server is yet to be made. */
export interface FailedOrder {
  readonly orderId: string;
  readonly email: string;
  readonly serverName: string;
  readonly subscriptionId: string;
}

export interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly serverId: number | null;
}

/** A request that changes something outside, as it arrived. */
export interface OutsideWrite {
  readonly line: string;
  readonly atMs: number;
  /** Whether pterodoc sent it, and not the shop or somebody else. */
  readonly isOurs: boolean;
}

/** A shop on loopback, a store, and engines that act on the shop; the time of all of them can be skipped. */
export interface OperatingRoom {
  readonly sandbox: Sandbox;
  readonly store: OpenStore;
  readonly time: WorldTime;
  /** Everything that was asked of the shop's systems that is no question. */
  readonly writes: readonly OutsideWrite[];
  /** Another process, as far as the store can tell. */
  engine(options?: Partial<EngineOptions>): ActionEngine;
  openStore(): Promise<OpenStore>;
  /** Buys while no node is enabled, and enables them again. */
  failedOrder(serverName?: string, email?: string): Promise<FailedOrder>;
  rowOf(orderId: string): Promise<OrderRow>;
  rowsOf(subscriptionId: string): Promise<readonly OrderRow[]>;
  /** Calls the provisioning function as the shop does, behind pterodoc's back; answers with its status. */
  callFunction(orderId: string, userAgent?: string): Promise<number>;
  /** The numbers of the panel's servers of this name. */
  serversNamed(serverName: string): readonly number[];
  skip(ms: number): void;
  /** Watches while time passes, until no claim is live any more. */
  settle(engine: ActionEngine): Promise<void>;
  close(): Promise<void>;
}

/** Longer than anything is watched. */
export const wholeWatchMs = 15 * 60_000;

export async function openOperatingRoom({ databaseUrl = null }: { readonly databaseUrl?: string | null } = {}) {
  const clinic = await openClinic({ customers: false });
  const { sandbox } = clinic;
  const dataDir = await makeDataDir();
  const stores: OpenStore[] = [];
  const open = async (): Promise<OpenStore> => {
    const opened = await openStore({ databaseUrl, dataDir });
    if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
    stores.push(opened.value);
    return opened.value;
  };
  const store = await open();
  const time = createWorldTime();
  const writes = watchWrites(sandbox);
  let count = 0;
  await makeRoom(sandbox);

  const rows = (column: 'id' | 'stripe_sub_id', value: string): Promise<readonly OrderRow[]> =>
    sandbox.supabase.sql<OrderRow>(
      `select id, status, pterodactyl_server_id as "serverId" from public.orders where ${column} = $1 order by created_at`,
      [value],
    );

  const room: OperatingRoom = {
    sandbox,
    store,
    time,
    writes,
    engine: (options = {}) => openEngine({ environment: sandbox.environment, store, time, ...options }),
    openStore: open,
    async failedOrder(serverName, email) {
      count += 1;
      const buyer = email ?? `buyer-${count}@example.com`;
      const name = serverName ?? `Camp ${count}`;
      freePorts(sandbox);
      await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
      const { orderId, sessionId } = await sandbox.purchase({ email: buyer, serverName: name });
      await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
      const subscriptionId = sandbox.stripe.state.sessions.get(sessionId)?.subscription;
      if (orderId === null || typeof subscriptionId !== 'string') throw new Error('the shop wrote no order');
      return { orderId, email: buyer, serverName: name, subscriptionId };
    },
    async rowOf(orderId) {
      const [row] = await rows('id', orderId);
      if (row === undefined) throw new Error(`there is no order ${orderId}`);
      return row;
    },
    rowsOf: (subscriptionId) => rows('stripe_sub_id', subscriptionId),
    async callFunction(orderId, userAgent = 'shop') {
      const { functionsUrl, serviceRoleKey } = sandbox.supabase;
      const answer = await fetch(`${functionsUrl}/servers-provision`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${serviceRoleKey}`,
          'content-type': 'application/json',
          'user-agent': userAgent,
        },
        body: JSON.stringify({ order_id: orderId }),
      });
      await answer.body?.cancel();
      return answer.status;
    },
    serversNamed: (serverName) =>
      sandbox.panel.state.servers.where(({ name }) => name === serverName).map(({ id }) => id),
    skip(ms) {
      time.skip(ms);
      sandbox.clock.travelTo(sandbox.clock.now() + ms);
    },
    async settle(engine) {
      await sandbox.supabase.functions.idle();
      for (let look = 0; look < 50; look += 1) {
        await watchAbandoned(engine);
        if ((await liveClaims(engine)).length === 0) return;
        room.skip(wholeWatchMs / 3);
        // A hold runs out by the machine's time.
        await sleep(50);
      }
      throw new Error('a claim is live for ever');
    },
    async close() {
      for (const one of stores) await one.close();
      await clinic.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return room;

  async function liveClaims(engine: ActionEngine): Promise<readonly ClaimRecord[]> {
    const subjects = await engine.store.audit.list({ limit: 1000 });
    if (!subjects.ok) throw new Error('the audit log could not be read');
    const live = await Promise.all(
      [...new Set(subjects.value.map(({ subject }) => subject))].map((subject) => engine.store.claims.liveOf(subject)),
    );
    return live.flatMap((one) => (one.ok && one.value !== null ? [one.value] : []));
  }
}

/** Presses the button of an action on an order, or on a paid checkout. */
export function press(
  engine: ActionEngine,
  action: ActionId,
  subject: string | ActionSubject,
): Promise<Performed | Refusal> {
  return performAction(
    {
      action,
      subject: typeof subject === 'string' ? { kind: 'order', id: subject } : subject,
      actor: operator,
      reason: null,
    },
    engine,
  );
}

/** Memory and allocations are not what is examined here. */
async function makeRoom({ supabase, panel }: Sandbox): Promise<void> {
  await supabase.sql('update public.ptero_nodes set max_ram_gb = 1000000');
  for (const node of panel.state.nodes.all()) node.memoryMib = 1_000_000 * 1024;
}

/** The function looks at the first page of ports only. */
function freePorts({ panel }: Sandbox): void {
  for (const allocation of panel.state.allocations.all()) allocation.serverId = null;
}

function watchWrites({ supabase, panel, stripe }: Sandbox): readonly OutsideWrite[] {
  const writes: OutsideWrite[] = [];
  for (const { faults } of [supabase, panel, stripe]) {
    const { match } = faults;
    faults.match = (request: IncomingMessage) => {
      const { method = 'GET', url = '/' } = request;
      const isQuestion = method === 'GET' || method === 'HEAD' || url.startsWith('/rest/v1/rpc/');
      if (!isQuestion) {
        const isOurs = request.headers['user-agent']?.startsWith('pterodoc') === true;
        writes.push({ line: `${method} ${url}`, atMs: Date.now(), isOurs });
      }
      return match(request);
    };
  }
  return writes;
}
