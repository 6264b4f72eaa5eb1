import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSupabaseReaders, createSupabaseWriters } from '../../src/adapters/supabase/index.ts';
import type { ObservedOrder, OrderWriter } from '../../src/core/action-ports.ts';
import { merchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { startSupabase, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';
import { cacheDir } from '../support/clinic.ts';
import { failureOf, insertOrder, never, valueOf, watchRequests, writeTroubles } from '../support/supabase.ts';

const SERVER = { id: 41, identifier: 'abcd1234', nodeId: null };
let world: SupabaseWorld;
let writer: OrderWriter;

function writerOf(over: Partial<Parameters<typeof createSupabaseWriters>[0]> = {}): OrderWriter {
  return createSupabaseWriters({ url: world.url, secretKey: world.secretKey, schema: referenceSchema, ...over })
    .orderWriter;
}

async function seen(id: string, schema = referenceSchema): Promise<ObservedOrder> {
  const readers = createSupabaseReaders({ url: world.url, secretKey: world.secretKey, schema });
  const order = await valueOf(readers.orders.byId(id, never()));
  if (order === null) throw new Error('There is no such order.');
  return order;
}

async function rowOf(id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [row] = await world.sql(
    'select status, pterodactyl_server_id, pterodactyl_server_identifier, node_id from orders where id = $1',
    [id],
  );
  return row;
}

beforeAll(async () => {
  world = await startSupabase({ clock: createWorldClock(), cacheDir });
  await world.sql("insert into plans (id, game, ram_gb) values ('mc-4', 'minecraft', 4)");
});
beforeEach(() => {
  writer = writerOf();
});
afterEach(() => world.faults.clear());
afterAll(() => world.stop());

describe('the status', () => {
  test('is written into the row as it was seen, and nothing else of it', async () => {
    const id = await insertOrder(world);
    expect(await valueOf(writer.setStatusIf(await seen(id), 'paid', never()))).toBe(true);
    expect(await rowOf(id)).toEqual({
      status: 'paid',
      pterodactyl_server_id: null,
      pterodactyl_server_identifier: null,
      node_id: null,
    });
  });

  test('is written with the older key too', async () => {
    const id = await insertOrder(world);
    const legacy = writerOf({ secretKey: world.serviceRoleKey });
    expect(await valueOf(legacy.setStatusIf(await seen(id), 'paid', never()))).toBe(true);
  });

  test('is not written once the row has another one', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    expect(await valueOf(writer.setStatusIf({ ...order, status: 'provisioning' }, 'paid', never()))).toBe(false);
    expect((await rowOf(id))?.['status']).toBe('error');
  });

  test('is not written once the row was touched since, even a millisecond before or after', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    for (const byMs of [-1, 1]) {
      const stale = { ...order, updatedAt: new Date(order.updatedAt.getTime() + byMs) };
      expect(await valueOf(writer.setStatusIf(stale, 'paid', never()))).toBe(false);
    }
    expect((await rowOf(id))?.['status']).toBe('error');
  });

  test('is not written once the row names a server, which it did not before', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    // As a foreign write within the same millisecond would leave it.
    await world.sql('alter table orders disable trigger orders_set_updated_at');
    await world.sql('update orders set pterodactyl_server_id = 7 where id = $1', [id]);
    await world.sql('alter table orders enable trigger orders_set_updated_at');
    expect(await valueOf(writer.setStatusIf(order, 'paid', never()))).toBe(false);
    expect(await rowOf(id)).toMatchObject({ status: 'error', pterodactyl_server_id: 7 });
  });

  test('is written where the row names the server that was seen, and no other', async () => {
    const id = await insertOrder(world, { status: 'paid', pterodactyl_server_id: 7 });
    const order = await seen(id);
    expect(await valueOf(writer.setStatusIf({ ...order, serverId: 8 }, 'provisioned', never()))).toBe(false);
    expect(await valueOf(writer.setStatusIf({ ...order, serverId: null }, 'provisioned', never()))).toBe(false);
    expect(await valueOf(writer.setStatusIf(order, 'provisioned', never()))).toBe(true);
  });

  test.each(['.000001', '.000999', '.123456', '.999999', ''])(
    'is written where the database keeps a finer moment than was read: %s',
    async (fraction) => {
      const moment = `2026-11-20T12:00:00${fraction}+00:00`;
      const id = await insertOrder(world, { updated_at: moment });
      expect(await valueOf(writer.setStatusIf(await seen(id), 'paid', never()))).toBe(true);
    },
  );

  test('is written by exactly one of twenty at once', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    const writers = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? writer : writerOf()));
    const hits = await Promise.all(writers.map((one) => valueOf(one.setStatusIf(order, 'paid', never()))));
    expect(hits.filter(Boolean)).toHaveLength(1);
  });

  test('is written into no other row, whatever the id says', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    for (const strange of [randomUUID(), `${id},id.neq.x`, 'x', '', '12345']) {
      const answer = await writer.setStatusIf({ ...order, id: strange }, 'paid', never());
      expect(answer).not.toEqual({ ok: true, value: true });
    }
    expect((await rowOf(id))?.['status']).toBe('error');
  });

  test('that the database does not allow is refused by its code', async () => {
    const order = await seen(await insertOrder(world));
    expect(await failureOf(writer.setStatusIf(order, 'nonsense', never()))).toEqual({
      source: 'supabase',
      kind: 'request-refused',
      status: 400,
      code: '23514',
    });
  });
});

describe('a server', () => {
  test('is written with its ids, its node and the status', async () => {
    const [node] = await world.sql<{ id: string }>(
      "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb) values (1, 'eu', 64) returning id",
    );
    const nodeId = node?.id ?? '';
    const id = await insertOrder(world, { status: 'provisioning' });
    expect(await valueOf(writer.linkServerIf(await seen(id), { ...SERVER, nodeId }, never()))).toBe(true);
    expect(await rowOf(id)).toEqual({
      status: 'provisioned',
      pterodactyl_server_id: 41,
      pterodactyl_server_identifier: 'abcd1234',
      node_id: nodeId,
    });
  });

  test('without a known node leaves the one that the row names', async () => {
    const [node] = await world.sql<{ id: string }>(
      "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb) values (2, 'eu', 64) returning id",
    );
    const id = await insertOrder(world, { node_id: node?.id });
    expect(await valueOf(writer.linkServerIf(await seen(id), SERVER, never()))).toBe(true);
    expect((await rowOf(id))?.['node_id']).toBe(node?.id);
  });

  test('is not written over another one, not even the one that was seen', async () => {
    const id = await insertOrder(world, { pterodactyl_server_id: 7 });
    expect(await valueOf(writer.linkServerIf(await seen(id), SERVER, never()))).toBe(false);
    expect(await rowOf(id)).toMatchObject({ status: 'error', pterodactyl_server_id: 7 });
  });

  test('is not written into a row that changed', async () => {
    const id = await insertOrder(world);
    const order = await seen(id);
    await valueOf(writer.setStatusIf(order, 'paid', never()));
    expect(await valueOf(writer.linkServerIf(order, SERVER, never()))).toBe(false);
    expect((await rowOf(id))?.['pterodactyl_server_id']).toBeNull();
  });
});

describe('trouble', () => {
  /** Long enough for a second try, which there must not be. */
  const TIMEOUT_MS = 600;

  test.each(writeTroubles)('is named in time and met once: %s', async (_, fault, kind) => {
    const order = await seen(await insertOrder(world));
    const quick = writerOf({ timeoutMs: TIMEOUT_MS });
    world.faults.inject(/^PATCH/, fault);
    const requests = watchRequests(world.faults);
    const startedAt = performance.now();
    const failures = await Promise.all([
      failureOf(quick.setStatusIf(order, 'paid', never())),
      failureOf(quick.linkServerIf(order, SERVER, never())),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 1000);
    expect(failures.map((failure) => failure.kind)).toEqual([kind, kind]);
    expect(JSON.stringify(failures)).not.toMatch(/secret words|ann@example/);
    expect(requests.filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  test('of a caller who has left already writes nothing', async () => {
    const order = await seen(await insertOrder(world));
    const requests = watchRequests(world.faults);
    expect((await failureOf(writer.setStatusIf(order, 'paid', AbortSignal.abort()))).kind).toBe('timed-out');
    expect((await failureOf(writer.linkServerIf(order, SERVER, AbortSignal.abort()))).kind).toBe('timed-out');
    expect(requests).toEqual([]);
  });

  test('of a project that is not there is named', async () => {
    const order = await seen(await insertOrder(world));
    const nowhere = writerOf({ url: 'http://127.0.0.1:1' });
    expect((await failureOf(nowhere.setStatusIf(order, 'paid', never()))).kind).toBe('unreachable');
  });
});

describe('a merchant with other names', () => {
  const schema = merchantSchema.parse({
    tables: { orders: 'shop_orders' },
    columns: {
      orders: {
        id: 'order_no',
        status: 'state',
        updated_at: 'changed_at',
        pterodactyl_server_id: 'server_no',
        pterodactyl_server_identifier: 'server_code',
        node_id: null,
      },
    },
  });

  test('gets the writes under these names, without the columns it has not', async () => {
    const merchant = await startSupabase({ clock: createWorldClock(), cacheDir, without: ['orders.region'] });
    try {
      await merchant.sql("insert into plans (id, game, ram_gb) values ('mc-4', 'minecraft', 4)");
      const id = await insertOrder(merchant, { region: undefined });
      for (const [from, to] of [
        ['id', 'order_no'],
        ['status', 'state'],
        ['pterodactyl_server_id', 'server_no'],
        ['pterodactyl_server_identifier', 'server_code'],
      ]) {
        await merchant.sql(`alter table orders rename column ${from} to ${to}`);
      }
      await merchant.sql('drop trigger orders_set_updated_at on orders');
      await merchant.sql('alter table orders rename column updated_at to changed_at');
      await merchant.sql('alter table orders rename to shop_orders');

      const access = { url: merchant.url, secretKey: merchant.secretKey, schema };
      const { orderWriter } = createSupabaseWriters(access);
      const readers = createSupabaseReaders(access);
      const order = await valueOf(readers.orders.byId(id, never()));
      if (order === null) throw new Error('There is no such order.');
      expect(await valueOf(orderWriter.setStatusIf(order, 'paid', never()))).toBe(true);
      const paid = { ...order, status: 'paid' };
      expect(await valueOf(orderWriter.linkServerIf(paid, { ...SERVER, nodeId: randomUUID() }, never()))).toBe(true);
      expect(await merchant.sql('select state, server_no, server_code, node_id from shop_orders')).toEqual([
        { state: 'provisioned', server_no: 41, server_code: 'abcd1234', node_id: null },
      ]);

      await merchant.sql('alter table shop_orders drop column server_code');
      await merchant.sql('update shop_orders set server_no = null');
      const linked = { ...order, status: 'provisioned' };
      expect(await valueOf(createSupabaseWriters(access).orderWriter.linkServerIf(linked, SERVER, never()))).toBe(true);
      expect(await merchant.sql('select server_no from shop_orders')).toEqual([{ server_no: 41 }]);

      await merchant.sql('alter table shop_orders rename column server_no to number');
      expect(await failureOf(orderWriter.setStatusIf(linked, 'paid', never()))).toMatchObject({
        kind: 'endpoint-missing',
      });
    } finally {
      await merchant.stop();
    }
  });
});
