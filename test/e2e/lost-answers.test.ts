import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import type { ActionEngine } from '../../src/core/act.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { parseQuery } from '../../src/core/query.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type FailedOrder, openOperatingRoom, type OperatingRoom, press } from '../support/operating-room.ts';

const createServer = /^POST \/api\/application\/servers$/;
const minute = 60_000;

let room: OperatingRoom;
let engine: ActionEngine;
/** Its store knows nothing of what the others did. */
let forgetful: ActionEngine;
let forgetfulDir: string;
let forgetfulStore: OpenStore;

beforeAll(async () => {
  room = await openOperatingRoom();
  engine = room.engine();
  forgetfulDir = await makeDataDir();
  const opened = await openStore({ databaseUrl: null, dataDir: forgetfulDir });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  forgetfulStore = opened.value;
  forgetful = room.engine({ store: forgetfulStore });
});
afterEach(async () => {
  const { supabase, panel, stripe } = room.sandbox;
  for (const { faults } of [supabase, panel, stripe]) faults.clear();
  for (const slug of ['servers-provision', 'stripe-webhook']) supabase.functions.setFault(slug, null);
  await supabase.functions.idle();
});
afterAll(async () => {
  await forgetfulStore?.close();
  await rm(forgetfulDir, { recursive: true, force: true });
  await room?.close();
});

const retry = (order: Pick<FailedOrder, 'orderId'>, by = engine) => press(by, 'retry-provisioning', order.orderId);

async function codesOf(order: FailedOrder): Promise<readonly string[]> {
  const query = parseQuery(order.orderId);
  if (!query.ok) throw new Error(query.failure);
  const { entries } = await diagnose(query.value, engine.openDoctor());
  return entries.flatMap(({ findings }) => findings.map(({ code }) => code));
}

/** What the claim of the newest attempt ended with. */
async function endOf({ orderId }: FailedOrder) {
  const claims = await engine.store.claims.recentOf(`order:${orderId}`, new Date(0));
  return claims.ok ? (claims.value[0]?.outcome ?? null) : null;
}

/** Pressed again, at once and later, nothing more is made; the one server ends up in the order. */
async function expectOneServer(order: FailedOrder): Promise<void> {
  expect(await retry(order), 'pressed after it settled').toMatchObject({ kind: 'refused' });
  const servers = room.serversNamed(order.serverName);
  expect(servers).toHaveLength(1);
  expect(await room.rowOf(order.orderId)).toMatchObject({ serverId: servers[0], status: 'provisioned' });
}

/** Where the panel made it and the order does not know. */
async function expectOrphanThatLinkCures(order: FailedOrder): Promise<void> {
  expect(await retry(order), 'pressed at once').toMatchObject({ kind: 'refused', by: 'claim' });
  await room.settle(engine);
  const [serverId] = room.serversNamed(order.serverName);
  expect(await endOf(order)).toEqual({
    kind: 'not-applied',
    words: `The panel has server ${serverId} of this order, but the order does not know it (SRV-002): link it to the order. Do not retry.`,
  });
  const again = await retry(order);
  expect(again).toMatchObject({ kind: 'refused', by: 'guard' });
  expect(again.kind === 'refused' && again.reason).toContain('SRV-002');
  expect(await press(engine, 'link-server', order.orderId)).toMatchObject({
    kind: 'performed',
    outcome: { kind: 'applied' },
  });
  await expectOneServer(order);
}

test('the panel makes the server and its connection dies: it is told as made, and linked instead of made again', async () => {
  const order = await room.failedOrder();
  room.sandbox.panel.faults.inject(createServer, { kind: 'reset-after' });
  const end = await retry(order);
  const [serverId] = room.serversNamed(order.serverName);
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'pending' } });
  expect(end.kind === 'performed' && end.outcome.words).toContain(
    `The panel has server ${serverId} of this order; the order does not name it yet. Watching until`,
  );
  await expectOrphanThatLinkCures(order);
});

test('the customer renames the server that the order does not know: it is not made again', async () => {
  const order = await room.failedOrder();
  const heal = room.sandbox.panel.faults.inject(createServer, { kind: 'reset-after' });
  await retry(order);
  heal();
  await room.settle(engine);
  for (const server of room.sandbox.panel.state.servers.where(({ name }) => name === order.serverName)) {
    server.name = `Mine, once ${order.serverName}`;
  }
  const again = await retry(order);
  expect(again).toMatchObject({ kind: 'refused', by: 'guard' });
  expect(again.kind === 'refused' && again.reason).toContain('under another name');
  expect(room.serversNamed(order.serverName)).toEqual([]);
});

test('a proxy answers 504 after the panel made the server: it is linked instead of made again', async () => {
  const order = await room.failedOrder();
  room.sandbox.panel.faults.inject(createServer, {
    kind: 'status-after',
    status: 504,
    headers: { 'content-type': 'text/html' },
    body: '<html><body>504 Gateway Time-out</body></html>',
  });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'pending' } });
  await expectOrphanThatLinkCures(order);
});

test('the panel fails before it made anything: nothing is claimed, and the next retry makes the server', async () => {
  const order = await room.failedOrder();
  const heal = room.sandbox.panel.faults.inject(createServer, { kind: 'reset' });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'pending' } });
  heal();
  expect(await retry(order), 'pressed at once').toMatchObject({ kind: 'refused', by: 'claim' });
  await room.settle(engine);
  expect(await endOf(order)).toMatchObject({
    kind: 'not-applied',
    words: expect.stringContaining('The panel has no server of this order.'),
  });
  expect(await room.rowOf(order.orderId)).toMatchObject({ status: 'error', serverId: null });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
  await expectOneServer(order);
});

test.each([
  [
    'before it began to work',
    () => room.sandbox.supabase.functions.setFault('servers-provision', { kind: 'slow', ms: 1500 }),
  ],
  [
    'while the panel made the server',
    () => room.sandbox.panel.faults.inject(createServer, { kind: 'delay-after', ms: 1500 }),
  ],
  ['while the panel was slow', () => room.sandbox.panel.faults.inject(createServer, { kind: 'delay', ms: 1500 })],
])('the call times out %s, and the function finishes later: it is watched until it has', async (_when, slowDown) => {
  const order = await room.failedOrder();
  slowDown();
  const end = await retry(order, room.engine({ callTimeoutMs: 400 }));
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  expect(end.kind === 'performed' && end.outcome.words).toMatch(
    /^The provisioning function did not answer in time\. It may still be at work\. .* Watching until \d\d:\d\d:\d\d UTC; nobody should retry before\.$/,
  );
  expect(end.kind === 'performed' && end.watchedUntil).toBeInstanceOf(Date);
  expect(await retry(order), 'pressed at once').toMatchObject({ kind: 'refused', by: 'claim' });
  const elsewhere = await retry(order, forgetful);
  expect(elsewhere, 'pressed where nothing is remembered').toMatchObject({ kind: 'refused', by: 'guard' });
  await room.settle(engine);
  expect(await endOf(order)).toMatchObject({ kind: 'applied' });
  await expectOneServer(order);
});

test('the gateway gives up on a run that works on: it is watched until the run has ended', async () => {
  const order = await room.failedOrder();
  room.sandbox.supabase.functions.setFault('servers-provision', { kind: 'idle-timeout', afterMs: 200, worksOn: true });
  room.sandbox.panel.faults.inject(createServer, { kind: 'delay', ms: 1500 });
  const end = await retry(order);
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  expect(end.kind === 'performed' && end.outcome.words).toContain('(504)');
  expect(await retry(order), 'pressed at once').toMatchObject({ kind: 'refused', by: 'claim' });
  await room.settle(engine);
  expect(await endOf(order)).toMatchObject({ kind: 'applied' });
  await expectOneServer(order);
});

test('the gateway gives up on a run that comes to nothing: after its time the next retry makes the server', async () => {
  const order = await room.failedOrder();
  room.sandbox.supabase.functions.setFault('servers-provision', { kind: 'idle-timeout', afterMs: 100 });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  room.sandbox.supabase.functions.setFault('servers-provision', null);
  room.skip(7 * minute);
  expect(await retry(order), 'pressed within its time').toMatchObject({ kind: 'refused', by: 'claim' });
  room.skip(2 * minute);
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
  await expectOneServer(order);
});

/** In the middle of a run whose caller has left. */
async function leftInTheMiddle(): Promise<FailedOrder> {
  const order = await room.failedOrder();
  room.skip(30 * minute);
  room.sandbox.panel.faults.inject(createServer, { kind: 'delay', ms: 2500 });
  const end = await retry(order, room.engine({ callTimeoutMs: 400 }));
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  expect(await room.rowOf(order.orderId)).toMatchObject({ status: 'provisioning' });
  return order;
}

test.each([
  ['error', 'an invoice fails', (order: FailedOrder) => room.sandbox.stripe.failRenewal(order.subscriptionId)],
  [
    'error',
    'something writes over the status',
    (order: FailedOrder) =>
      room.sandbox.supabase.sql("update public.orders set status = 'error' where id = $1", [order.orderId]),
  ],
  [
    'paid',
    'the subscription changes',
    (order: FailedOrder) => room.sandbox.stripe.updateSubscription(order.subscriptionId, { metadata: { seen: 'yes' } }),
  ],
])(
  'the order turns "%s" in the middle of a run because %s: nobody starts another run',
  async (status, _why, happen) => {
    const order = await leftInTheMiddle();
    await happen(order);
    // The fields the reference function reads are gone from today's events: the merchant may still be used to them.
    await room.sandbox.supabase.sql('update public.orders set status = $2 where id = $1', [order.orderId, status]);
    expect(await room.rowOf(order.orderId)).toMatchObject({ status, serverId: null });
    expect(await retry(order), 'pressed at once').toMatchObject({ kind: 'refused', by: 'claim' });
    expect(await retry(order, forgetful), 'pressed where nothing is remembered').toMatchObject({
      kind: 'refused',
      by: 'guard',
    });
    expect(room.serversNamed(order.serverName)).toEqual([]);
    await room.settle(engine);
    expect(await endOf(order)).toMatchObject({ kind: 'applied' });
    await expectOneServer(order);
  },
);

test('the status goes backwards after the server was made: it is restored, and nothing is made again', async () => {
  const order = await room.failedOrder();
  await retry(order);
  await room.sandbox.stripe.updateSubscription(order.subscriptionId, { metadata: { seen: 'yes' } });
  expect(await room.rowOf(order.orderId)).toMatchObject({ status: 'paid' });
  const again = await retry(order);
  expect(again).toMatchObject({ kind: 'refused', by: 'guard' });
  expect(again.kind === 'refused' && again.reason).toContain('ORD-005');
  expect(await press(engine, 'restore-status', order.orderId)).toMatchObject({
    kind: 'performed',
    outcome: { kind: 'applied' },
  });
  await expectOneServer(order);
});

/** A paid checkout whose event Stripe kept to itself. */
async function lostPurchase(serverName: string) {
  const { stripe, purchase } = { stripe: room.sandbox.stripe, purchase: room.sandbox.purchase };
  const [endpointId = ''] = stripe.state.endpoints.keys();
  const { sessionId } = await purchase({ email: `${serverName}@example.com`, serverName, deliver: false });
  await stripe.updateEndpoint(endpointId, { disabled: true });
  onTestFinished(() => stripe.updateEndpoint(endpointId, { disabled: false }));
  room.skip(minute);
  return {
    subject: { kind: 'session', id: sessionId } as const,
    rows: () => room.rowsOf(String(stripe.state.sessions.get(sessionId)?.subscription)),
    async deliverLate() {
      await stripe.updateEndpoint(endpointId, { disabled: false });
      await stripe.redeliverPending();
      await stripe.updateEndpoint(endpointId, { disabled: true });
    },
  };
}

test('Stripe delivers late, after a redelivery: the second order is named as one too many, and gets nothing more', async () => {
  const { subject, rows, deliverLate } = await lostPurchase('late');
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({
    kind: 'performed',
    outcome: { kind: 'applied' },
  });
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({ kind: 'refused' });
  await deliverLate();
  const both = await rows();
  expect(both).toHaveLength(2);
  for (const { id } of both) {
    expect(await codesOf({ orderId: id } as FailedOrder)).toContain('HOOK-009');
    expect(await retry({ orderId: id })).toMatchObject({ kind: 'refused', by: 'guard' });
  }
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({ kind: 'refused' });
  expect(await rows()).toHaveLength(2);
});

test('Stripe delivers while the answer to a redelivery is awaited: the outcome tells of both orders', async () => {
  const { subject, rows, deliverLate } = await lostPurchase('meanwhile');
  room.sandbox.supabase.functions.setFault('stripe-webhook', { kind: 'slow', ms: 600 });
  const end = await press(room.engine({ callTimeoutMs: 200 }), 'redeliver-webhook', subject);
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({ kind: 'refused', by: 'claim' });
  await deliverLate();
  await room.settle(engine);
  expect(await rows()).toHaveLength(2);
  const claims = await engine.store.claims.recentOf(`session:${subject.id}`, new Date(0));
  expect(claims.ok && claims.value[0]?.outcome?.words).toContain('Careful: 2 orders were written for it (HOOK-009)');
});

test('the webhook answers nothing and writes its order later: the redelivery is watched, and not repeated', async () => {
  const { subject, rows } = await lostPurchase('slow');
  room.sandbox.supabase.functions.setFault('stripe-webhook', { kind: 'slow', ms: 1500 });
  const end = await press(room.engine({ callTimeoutMs: 200 }), 'redeliver-webhook', subject);
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'unknown' } });
  room.skip(minute);
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({ kind: 'refused', by: 'claim' });
  await room.settle(engine);
  expect(await press(engine, 'redeliver-webhook', subject)).toMatchObject({ kind: 'refused' });
  expect((await rows()).map(({ status }) => status)).toEqual(['provisioned']);
  expect(room.serversNamed('slow')).toHaveLength(1);
});

test('somebody else calls the function at the same moment: the second server is detected and told', async () => {
  const order = await room.failedOrder();
  // Neither run has written "provisioning" when the other one asks whether the order is paid.
  room.sandbox.supabase.faults.inject(new RegExp(`^PATCH /rest/v1/orders\\?id=eq\\.${order.orderId}$`), {
    kind: 'delay',
    ms: 500,
  });
  const ours = retry(order, room.engine({ followMs: 3000 }));
  while ((await room.rowOf(order.orderId)).status !== 'paid') await sleep(5);
  expect(await room.callFunction(order.orderId)).toBe(200);
  const end = await ours;
  expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
  expect(room.serversNamed(order.serverName)).toHaveLength(2);
  expect(end.kind === 'performed' && end.outcome.words).toContain('(SRV-003)');
  for (const id of room.serversNamed(order.serverName)) room.sandbox.panel.setServerStatus(id, null);
  expect(await codesOf(order)).toContain('SRV-003');
  expect(await retry(order)).toMatchObject({ kind: 'refused', by: 'guard' });
});

test('somebody else starts a run right after ours has failed: nobody starts another one meanwhile', async () => {
  const order = await room.failedOrder();
  const heal = room.sandbox.panel.faults.inject(createServer, {
    kind: 'status',
    status: 422,
    body: { errors: [{ code: 'ValidationException', status: '422', detail: '', meta: { source_field: 'egg' } }] },
  });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'not-applied' } });
  heal();
  expect(await room.rowOf(order.orderId)).toMatchObject({ status: 'error' });
  await room.sandbox.stripe.updateSubscription(order.subscriptionId, { metadata: { seen: 'yes' } });
  room.sandbox.panel.faults.inject(createServer, { kind: 'delay', ms: 2500 });
  const theirs = room.callFunction(order.orderId);
  while ((await room.rowOf(order.orderId)).status !== 'provisioning') await sleep(5);
  expect(await retry(order)).toMatchObject({ kind: 'refused', by: 'guard' });
  expect(await theirs).toBe(200);
  await expectOneServer(order);
});

test('somebody else takes the order between the reset and the call: their run is left alone, and nobody starts another one', async () => {
  const order = await room.failedOrder();
  const heal = room.sandbox.panel.faults.inject(/^GET .*\/allocations/, { kind: 'delay', ms: 1500 });
  const { claims } = engine.store;
  let theirs: Promise<number> | null = null;
  const overtaken = {
    ...engine,
    store: {
      ...engine.store,
      claims: {
        ...claims,
        beginStep: async (...[claimId, holder, name, holdMs]: Parameters<typeof claims.beginStep>) => {
          const begun = await claims.beginStep(claimId, holder, name, holdMs);
          if (name !== 'invoke') return begun;
          theirs = room.callFunction(order.orderId);
          while ((await room.rowOf(order.orderId)).status !== 'provisioning') await sleep(5);
          return begun;
        },
      },
    },
  };
  const end = await retry(order, overtaken);
  heal();
  expect(end).toMatchObject({
    kind: 'performed',
    outcome: { kind: 'not-applied', words: expect.stringContaining('something else had begun to work on it') },
  });
  expect(await room.rowOf(order.orderId)).toMatchObject({ status: 'provisioning' });
  expect(await retry(order)).toMatchObject({ kind: 'refused', by: 'guard' });
  expect(await theirs).toBe(200);
  await expectOneServer(order);
});

test('the function crashes after its work is done: the server is seen, and not made again', async () => {
  const order = await room.failedOrder();
  room.sandbox.supabase.functions.setFault('servers-provision', { kind: 'crash', afterWork: true });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
  room.sandbox.supabase.functions.setFault('servers-provision', null);
  await expectOneServer(order);
});

test("the function's last write is lost: the server is seen, and linked instead of made again", async () => {
  const order = await room.failedOrder();
  let seen = 0;
  const second = Object.assign(/./, {
    test: (line: string) => line === `PATCH /rest/v1/orders?id=eq.${order.orderId}` && (seen += 1) === 2,
  });
  room.sandbox.supabase.faults.inject(second, { kind: 'reset' });
  expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'pending' } });
  await expectOrphanThatLinkCures(order);
});

test.each(['reset-after', 'reset'] as const)(
  'the answer to the first write meets %s: the function is not called',
  async (kind) => {
    const order = await room.failedOrder();
    const heal = room.sandbox.supabase.faults.inject(/^PATCH \/rest\/v1\/orders\?.*status=eq\.error/, { kind });
    const end = await retry(order);
    heal();
    expect(end).toMatchObject({ kind: 'performed', outcome: { kind: 'not-applied' } });
    expect(end.kind === 'performed' && end.outcome.words).toContain('It may have been written all the same.');
    expect(await room.rowOf(order.orderId)).toMatchObject({ status: kind === 'reset' ? 'error' : 'paid' });
    expect(await retry(order)).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
    await expectOneServer(order);
  },
);

test('the webhook loses its own call of a run that works on: nobody starts another run meanwhile', async () => {
  const { supabase, panel, purchase } = room.sandbox;
  panel.faults.inject(createServer, { kind: 'delay', ms: 3000 });
  const { faults } = supabase;
  const { match } = faults;
  faults.match = (request) => {
    if (request.url === '/functions/v1/servers-provision') setTimeout(() => request.socket.resetAndDestroy(), 300);
    return match(request);
  };
  const { orderId } = await purchase({ email: 'cut@example.com', serverName: 'Cut' });
  faults.match = match;
  if (orderId === null) throw new Error('the shop wrote no order');
  expect(await room.rowOf(orderId)).toMatchObject({ status: 'error', serverId: null });
  room.skip(minute);
  expect(await retry({ orderId })).toMatchObject({ kind: 'refused', by: 'guard' });
  await supabase.functions.idle();
  expect(room.serversNamed('Cut')).toHaveLength(1);
});
