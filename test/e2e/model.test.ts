import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ActionEngine, watchAbandoned } from '../../src/core/act.ts';
import type { ActionId } from '../../src/core/check.ts';
import { serversProvision } from '../../src/sandbox/supabase/functions/servers-provision.ts';
import { unclaimedWrites } from '../support/claimed-writes.ts';
import { type Death, mortalEngine } from '../support/mortal.ts';
import { openOperatingRoom, type OperatingRoom, press, wholeWatchMs } from '../support/operating-room.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';

/** The same runs every time; another seed, or more runs, by `MODEL_SEED=… MODEL_RUNS=…`. */
const seed = Number(process.env['MODEL_SEED'] ?? 1);
const numRuns = Number(process.env['MODEL_RUNS'] ?? 12);

const foreigner = 'foreigner';
/** A run that is at work now can have begun this long ago at most. */
const mostSkippedInARunMs = 400_000;

/** Longer than an answer of a function is waited for, and than it takes to press again. */
const slowMs = 1200;

const youngMs = 160_000;

const createServer = /^POST \/api\/application\/servers$/;
const troubles = {
  'the panel answers nothing': ({ sandbox }) => sandbox.panel.faults.inject(createServer, { kind: 'reset-after' }),
  'a proxy answers for the panel': ({ sandbox }) =>
    sandbox.panel.faults.inject(createServer, { kind: 'status-after', status: 504, body: '<html></html>' }),
  'the panel is slow': ({ sandbox }) => sandbox.panel.faults.inject(createServer, { kind: 'delay', ms: slowMs }),
  'the panel answers late': ({ sandbox }) =>
    sandbox.panel.faults.inject(createServer, { kind: 'delay-after', ms: slowMs }),
  'the panel is down': ({ sandbox }) => sandbox.panel.faults.inject(/./, { kind: 'reset' }),
  'the gateway gives up': ({ sandbox }) =>
    sandbox.supabase.functions.setFault('servers-provision', { kind: 'idle-timeout', afterMs: 20, worksOn: true }),
  'the function crashes after its work': ({ sandbox }) =>
    sandbox.supabase.functions.setFault('servers-provision', { kind: 'crash', afterWork: true }),
  'the function is slow': ({ sandbox }) =>
    sandbox.supabase.functions.setFault('servers-provision', { kind: 'slow', ms: slowMs }),
  'the webhook is slow': ({ sandbox }) =>
    sandbox.supabase.functions.setFault('stripe-webhook', { kind: 'slow', ms: slowMs }),
  'the first write is not answered': ({ sandbox }) =>
    sandbox.supabase.faults.inject(/^PATCH \/rest\/v1\/orders\?.*updated_at=/, { kind: 'reset-after' }),
} satisfies Readonly<Record<string, (room: OperatingRoom) => unknown>>;
type Trouble = keyof typeof troubles;

type Event =
  | {
      readonly kind: 'press';
      readonly by: 0 | 1;
      readonly action: ActionId;
      readonly death: Death | null;
      readonly waits: boolean;
    }
  | { readonly kind: 'trouble'; readonly what: Trouble }
  | { readonly kind: 'heal' | 'subscription-updated' | 'renewal-failed' | 'foreign-call' | 'watch' }
  | { readonly kind: 'time'; readonly ms: number };

const pressing = fc.record({
  kind: fc.constant('press' as const),
  by: fc.constantFrom(0 as const, 1 as const),
  action: fc.oneof(
    { weight: 4, arbitrary: fc.constant('retry-provisioning' as const) },
    { weight: 1, arbitrary: fc.constantFrom('link-server' as const, 'restore-status' as const) },
  ),
  death: fc.option(fc.record({ atCall: fc.integer({ min: 4, max: 30 }), afterIt: fc.boolean() }), { freq: 2 }),
  waits: fc.boolean(),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: pressing },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trouble' as const),
      what: fc.constantFrom(...(Object.keys(troubles) as Trouble[])),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('heal', 'subscription-updated', 'renewal-failed', 'foreign-call', 'foreign-call', 'watch'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      ms: fc.constantFrom(5_000, 45_000, 200_000, wholeWatchMs),
    }),
  },
);
const story = fc.record({
  purchase: fc.constantFrom('failed', 'failed', 'failed', 'unheard'),
  events: fc.array(fc.record({ event, gapMs: fc.constantFrom(0, 0, 10, 100) }), { minLength: 5, maxLength: 12 }),
});

let postgres: PrivatePostgres;
let database: Client;
let room: OperatingRoom;
let engines: readonly [ActionEngine, ActionEngine];
let foreignKey: string;

beforeAll(async () => {
  postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  room = await openOperatingRoom({ databaseUrl });
  database = new Client({ connectionString: databaseUrl });
  await database.connect();
  const options = { holdMs: 300, followMs: 100, callTimeoutMs: 250 };
  engines = [room.engine(options), room.engine({ ...options, store: await room.openStore() })];
  const { panel, supabase } = room.sandbox;
  foreignKey = panel.addKey(panel.admin.id, 'application').token;
  // Whoever called the function is told to the panel by the key that it is asked with.
  supabase.functions.deploy('servers-provision', {
    code: (request, context) => {
      const isForeign = request.headers.get('user-agent') === foreigner;
      const env = (name: string) => (isForeign && name === 'PTERO_APP_KEY' ? foreignKey : context.env(name));
      return serversProvision(request, { ...context, env });
    },
  });
});
afterAll(async () => {
  await database?.end();
  await room?.close();
  await postgres?.stop();
});

interface Purchase {
  readonly serverName: string;
  readonly subscriptionId: string;
  readonly sessionId: string;
}

let count = 0;

async function buy(kind: string): Promise<Purchase> {
  count += 1;
  const serverName = `Story ${count}`;
  const { stripe, purchase } = room.sandbox;
  if (kind === 'failed') {
    const { subscriptionId } = await room.failedOrder(serverName, `story-${count}@example.com`);
    return { serverName, subscriptionId, sessionId: '' };
  }
  const [endpointId = ''] = stripe.state.endpoints.keys();
  await stripe.updateEndpoint(endpointId, { disabled: true });
  const { sessionId } = await purchase({ email: `story-${count}@example.com`, serverName });
  await stripe.updateEndpoint(endpointId, { disabled: false });
  room.skip(60_000);
  return { serverName, sessionId, subscriptionId: String(stripe.state.sessions.get(sessionId)?.subscription) };
}

function heal(): void {
  const { supabase, panel } = room.sandbox;
  for (const { faults } of [supabase, panel]) faults.clear();
  for (const slug of ['servers-provision', 'stripe-webhook']) supabase.functions.setFault(slug, null);
}

test(
  'whatever happens in whatever order, no purchase gets a second server through pterodoc',
  { timeout: 600_000 },
  async () => {
    await fc.assert(fc.asyncProperty(story, tell), { seed, numRuns, endOnFailure: true });
  },
);

async function tell({ purchase: kind, events }: typeof story extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const purchase = await buy(kind);
  const { sandbox } = room;
  const atWork = new Set<Promise<unknown>>();
  const violations: string[] = [];
  const sinceWrite = room.writes.length;
  let foreignCalls = 0;
  let foreignRuns = 0;
  let skippedMs = 0;
  const boughtAt = room.time.now().getTime();

  const { match } = sandbox.panel.faults;
  sandbox.panel.faults.match = (request) => {
    if (createServer.test(`${request.method} ${request.url}`)) {
      const isOurs = request.headers.authorization !== `Bearer ${foreignKey}`;
      const there = room.serversNamed(purchase.serverName);
      if (isOurs && there.length > 0) violations.push(`made again beside server ${there.join(', ')}`);
      if (isOurs && foreignRuns > 0) violations.push('made beside a run of somebody else');
      // So that there is time to press beside it.
      if (!isOurs) return { kind: 'delay', ms: slowMs };
    }
    return match(request);
  };

  const idle = async (): Promise<void> => {
    await Promise.all(atWork);
    await sandbox.supabase.functions.idle();
    skippedMs = 0;
  };

  async function pressOn({ by, action, death, waits }: Extract<Event, { kind: 'press' }>): Promise<void> {
    const [row] = await room.rowsOf(purchase.subscriptionId);
    const [subject, wanted] =
      row === undefined
        ? [{ kind: 'session', id: purchase.sessionId } as const, 'redeliver-webhook' as const]
        : [{ kind: 'order', id: row.id } as const, action];
    const mortal = death === null ? null : mortalEngine(engines[by], death);
    const pressed: Promise<unknown> = press(mortal?.engine ?? engines[by], wanted, subject);
    const ended = mortal === null ? pressed : Promise.race([pressed, mortal.died]);
    atWork.add(ended);
    void ended.finally(() => atWork.delete(ended));
    if (waits) await ended;
  }

  async function foreignCall(): Promise<void> {
    if (atWork.size > 0 || (await liveClaims()) > 0) return;
    // Whatever of ours is still running has been watched until it ended.
    await idle();
    await sandbox.stripe.updateSubscription(purchase.subscriptionId, { metadata: { seen: 'yes' } });
    const [row] = await room.rowsOf(purchase.subscriptionId);
    if (row?.status !== 'paid') return;
    foreignCalls += 1;
    foreignRuns += 1;
    const call = room.callFunction(row.id, foreigner);
    const over = call.then(() => sandbox.supabase.functions.idle()).finally(() => (foreignRuns -= 1));
    atWork.add(over);
    void over.finally(() => atWork.delete(over));
    // From here on everybody can see that it has begun, or that it has ended.
    const hasEnded = over.then(() => true);
    const isPaid = async (): Promise<boolean> => (await room.rowOf(row.id)).status === 'paid';
    while ((await isPaid()) && !(await Promise.race([hasEnded, sleep(5, false)])));
  }

  /** It has what was paid for, and nothing is under way that could change that. */
  async function isServed(): Promise<boolean> {
    const [row] = await room.rowsOf(purchase.subscriptionId);
    return row?.serverId !== undefined && row.serverId !== null && row.status === 'provisioned' && atWork.size === 0;
  }

  async function happen(event: Event): Promise<void> {
    switch (event.kind) {
      case 'press':
        return pressOn(event);
      case 'trouble':
        return void troubles[event.what](room);
      case 'heal':
        return heal();
      case 'subscription-updated':
        return void (await sandbox.stripe.updateSubscription(purchase.subscriptionId, { metadata: { seen: 'yes' } }));
      case 'renewal-failed':
        // Right after the purchase "error" is taken for the webhook's own word: a run of somebody else is not seen then.
        if (foreignRuns > 0 && room.time.now().getTime() - boughtAt < youngMs) return;
        return void (await sandbox.supabase.sql(
          "update public.orders set status = 'error' where stripe_sub_id = $1 and pterodactyl_server_id is null",
          [purchase.subscriptionId],
        ));
      case 'foreign-call':
        return foreignCall();
      case 'watch':
        return void (await watchAbandoned(engines[0]));
      case 'time':
        if (skippedMs + event.ms > mostSkippedInARunMs) await idle();
        skippedMs += event.ms;
        return room.skip(event.ms);
    }
  }

  try {
    for (const { event, gapMs } of events) {
      if (await isServed()) break;
      await happen(event);
      await sleep(gapMs);
      expect(violations).toEqual([]);
    }
    heal();
    await idle();
    // The holds of the dead run out.
    await sleep(350);
    await room.settle(engines[0]);
    expect(violations).toEqual([]);
    if (foreignCalls === 0) expect(room.serversNamed(purchase.serverName).length).toBeLessThanOrEqual(1);
    expect(await liveClaims(), 'claims that live for ever').toBe(0);
    expect(await unclaimedWrites(room.writes.slice(sinceWrite), database)).toEqual([]);
    await expectSense(purchase);
  } finally {
    heal();
    await idle();
    sandbox.panel.faults.match = match;
  }
}

async function liveClaims(): Promise<number> {
  const { rows } = await database.query<{ live: number }>(
    'select count(*)::int as live from pterodoc.claims where closed_at is null',
  );
  return rows[0]?.live ?? 0;
}

/** The order names a server that is there, or waits for one. */
async function expectSense({ subscriptionId, serverName }: Purchase): Promise<void> {
  const rows = await room.rowsOf(subscriptionId);
  expect(rows.length).toBeLessThanOrEqual(1);
  const [row] = rows;
  if (row === undefined) return;
  if (row.serverId === null) expect(row.status).toMatch(/^(?:paid|provisioning|error)$/);
  else expect(room.serversNamed(serverName)).toContain(row.serverId);
}
