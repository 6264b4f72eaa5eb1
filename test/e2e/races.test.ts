import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Performed, type Refusal, watchAbandoned } from '../../src/core/act.ts';
import { fail } from '../../src/core/result.ts';
import { type FailedOrder, openOperatingRoom, type OperatingRoom, press } from '../support/operating-room.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';
import { startPressingProcess } from '../support/processes.ts';

let postgres: PrivatePostgres;
let databaseUrl: string;
let room: OperatingRoom;

beforeAll(async () => {
  postgres = await startPostgres();
  databaseUrl = await postgres.createDatabase();
  room = await openOperatingRoom({ databaseUrl });
});
afterAll(async () => {
  await room?.close();
  await postgres?.stop();
});

/** One of them did it, and saw it done; every other one was told why not. */
function expectOneWinner(ends: readonly (Performed | Refusal)[]): void {
  const winners = ends.flatMap((end) => (end.kind === 'performed' ? [end] : []));
  expect(winners.map(({ outcome }) => outcome.kind)).toEqual(['applied']);
  for (const end of ends) {
    if (end.kind === 'performed') continue;
    expect(end.by, end.reason).toMatch(/^(?:claim|guard)$/);
    expect(end.reason).toMatch(
      /is at work on this since \d\d:\d\d:\d\d UTC|has just acted on this|already has|was written for this purchase already/,
    );
  }
}

test('of two presses at once in one process, one makes the server and the other is told who is at work', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const engine = room.engine();
  const ends = await Promise.all([1, 2].map(() => press(engine, 'retry-provisioning', orderId)));
  expectOneWinner(ends);
  expect(room.serversNamed(serverName)).toHaveLength(1);
});

test('ten presses at once, over two processes with a store of their own each, make one server', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const engines = [room.engine({ store: await room.openStore() }), room.engine({ store: await room.openStore() })];
  const ends = await Promise.all(
    Array.from({ length: 5 }, () => engines.map((engine) => press(engine, 'retry-provisioning', orderId))).flat(),
  );
  expectOneWinner(ends);
  expect(room.serversNamed(serverName)).toHaveLength(1);
});

test('three processes of the machine that press at once make one server', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const processes = await Promise.all([1, 2, 3].map(() => startPressingProcess()));
  const ends = await Promise.all(
    processes.map((one) =>
      one.press({
        environment: room.sandbox.environment,
        databaseUrl,
        skips: room.time.skips,
        requests: [1, 2].map(() => ({ action: 'retry-provisioning', subject: { kind: 'order', id: orderId } })),
      }),
    ),
  );
  expectOneWinner(ends.flatMap((some) => some ?? []));
  await Promise.all(processes.map((one) => one.close()));
  expect(ends).not.toContain(null);
  expect(room.serversNamed(serverName)).toHaveLength(1);
});

test('an event that is redelivered twice at once writes one order, which gets one server', async () => {
  const { sandbox } = room;
  const [endpointId = ''] = sandbox.stripe.state.endpoints.keys();
  await sandbox.stripe.updateEndpoint(endpointId, { disabled: true });
  const { sessionId } = await sandbox.purchase({ email: 'unheard@example.com', serverName: 'Unheard' });
  await sandbox.stripe.updateEndpoint(endpointId, { disabled: false });
  room.skip(60_000);
  const engines = [room.engine(), room.engine({ store: await room.openStore() })];
  const ends = await Promise.all(
    engines.map((engine) => press(engine, 'redeliver-webhook', { kind: 'session', id: sessionId })),
  );
  expectOneWinner(ends);
  const subscriptionId = sandbox.stripe.state.sessions.get(sessionId)?.subscription ?? '';
  expect((await room.rowsOf(String(subscriptionId))).map(({ status }) => status)).toEqual(['provisioned']);
  expect(room.serversNamed('Unheard')).toHaveLength(1);
});

test('a retry and a link that are pressed at once end with the server that was there, linked', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const [one, other] = [room.engine(), room.engine({ store: await room.openStore() })];
  const heal = room.sandbox.panel.faults.inject(/^POST \/api\/application\/servers$/, { kind: 'reset-after' });
  const lost = await press(one, 'retry-provisioning', orderId);
  heal();
  expect(lost).toMatchObject({ kind: 'performed', outcome: { kind: 'pending' } });
  await room.settle(one);
  const ends = await Promise.all([
    press(one, 'retry-provisioning', orderId),
    press(other, 'link-server', orderId),
    press(other, 'retry-provisioning', orderId),
    press(one, 'link-server', orderId),
  ]);
  expect(ends.filter(({ kind }) => kind === 'performed')).toMatchObject([{ claim: { action: 'link-server' } }]);
  expect(room.serversNamed(serverName)).toEqual([(await room.rowOf(orderId)).serverId]);
});

test('a link that is pressed together with a retry is refused where there is nothing to link', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const engine = room.engine();
  const [retried, linked] = await Promise.all([
    press(engine, 'retry-provisioning', orderId),
    press(engine, 'link-server', orderId),
  ]);
  expect(retried).toMatchObject({ kind: 'performed', outcome: { kind: 'applied' } });
  expect(linked).toMatchObject({ kind: 'refused' });
  expect(room.serversNamed(serverName)).toHaveLength(1);
});

test.each([
  ['names of their own', ['North', 'East', 'South']],
  ['one name for all', ['Home', 'Home', 'Home']],
])('orders of one person that are retried at once get one server each, with %s', async (_what, names) => {
  const email = `${names.join('-')}@example.com`;
  const orders: FailedOrder[] = [];
  for (const name of names) orders.push(await room.failedOrder(name, email));
  const engine = room.engine();
  const pressAll = () => Promise.all(orders.map(({ orderId }) => press(engine, 'retry-provisioning', orderId)));
  // The function locks nothing: two of its runs may choose the same port, and the panel refuses one of them.
  for (let round = 0; round < orders.length; round += 1) {
    await pressAll();
    await room.settle(engine);
  }
  const rows = await Promise.all(orders.map(({ orderId }) => room.rowOf(orderId)));
  const servers = [...new Set(names)].flatMap((name) => room.serversNamed(name));
  expect(rows.map(({ status }) => status)).toEqual(['provisioned', 'provisioned', 'provisioned']);
  expect(rows.map(({ serverId }) => serverId).toSorted()).toEqual(servers.toSorted());
});

test('a process that fell silent in the middle of a write goes no further when its own watcher has taken over', async () => {
  const { orderId, serverName } = await room.failedOrder();
  const engine = room.engine({ holdMs: 1000 });
  const { claims } = engine.store;
  const renew = async () => fail({ kind: 'lost' } as const);
  const silent = { ...engine, store: { ...engine.store, claims: { ...claims, renew } } };
  const { supabase, panel } = room.sandbox;
  supabase.faults.inject(/^PATCH \/rest\/v1\/orders\?.*updated_at=/, { kind: 'delay-after', ms: 1600 });
  panel.faults.inject(/^GET \/api\/application\/servers/, { kind: 'delay', ms: 1000 });
  const sinceWrite = room.writes.length;
  const pressed = press({ ...silent, settings: { ...engine.settings, followMs: 2000 } }, 'retry-provisioning', orderId);
  while (!room.writes.slice(sinceWrite).some(({ isOurs }) => isOurs)) await sleep(10);
  await sleep(1100);
  const watched = await watchAbandoned(engine);
  for (const { faults } of [supabase, panel]) faults.clear();
  expect(watched).toMatchObject([{ kind: 'not-applied' }]);
  expect(await pressed).toMatchObject({ kind: 'performed', outcome: { kind: 'not-applied' } });
  const asked = room.writes.slice(sinceWrite).filter(({ isOurs }) => isOurs);
  expect(asked.map(({ line }) => line.split('?')[0])).toEqual(['PATCH /rest/v1/orders']);
  expect(await press(engine, 'retry-provisioning', orderId)).toMatchObject({ outcome: { kind: 'applied' } });
  expect(room.serversNamed(serverName)).toHaveLength(1);
});
