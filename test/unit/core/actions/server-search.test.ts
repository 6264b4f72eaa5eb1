import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchRenamed, searchServers } from '../../../../src/core/actions/server-search.ts';
import type { Order, PanelServer } from '../../../../src/core/evidence.ts';
import { succeed } from '../../../../src/core/result.ts';
import { answers, aPort, isSilent, NEVER } from '../../../builders/actions.ts';
import { aFailedOrder, anAccount, anOrder, ORDER_ID, STRANGER_ID, USER_ID } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

type Ports = Parameters<typeof searchServers>[1];

const order = aFailedOrder();
const OTHER_ID = '11111111-2222-4333-8444-555555555555';

interface World {
  readonly servers?: readonly PanelServer[];
  readonly rows?: readonly Order[];
  /** What `external_accounts` says now. */
  readonly linked?: number | null;
  readonly sought?: Partial<Order>;
  readonly ownerIds?: readonly number[];
}

/** The panel answers by exact name and external id, the table by server, as the adapters do. */
function portsOf({ servers = [], rows = [], linked = 11 }: World): Ports {
  return {
    panel: aPort<Ports['panel']>('panel', {
      serverByExternalId: async (id) => succeed(servers.find(({ externalId }) => externalId === id) ?? null),
      serversNamed: async (name) => succeed(servers.filter((server) => server.name === name)),
      serversOf: async (userId) => succeed(servers.filter(({ ownerId }) => ownerId === userId)),
    }),
    orders: aPort<Ports['orders']>('orders', {
      byServer: async (id) => succeed(rows.filter(({ serverId }) => serverId === id)),
      byId: async (id) => succeed(id === OTHER_ID ? anOrder({ id }) : null),
      ofPerson: async (userId) => succeed(rows.filter((row) => row.userId === userId)),
    }),
    people: aPort<Ports['people']>('people', {
      externalAccountOf: answers(linked === null ? null : anAccount({ panelUserId: linked })),
    }),
  };
}

async function idsFound(world: World): Promise<readonly number[]> {
  const sought = { order: { ...order, ...world.sought }, ownerIds: world.ownerIds ?? [11] };
  const found = await searchServers(sought, portsOf(world), NEVER);
  if (!found.ok) throw new Error(JSON.stringify(found.failure));
  return found.value.map(({ id }) => id);
}

test('a namesake that no order accounts for is found, whoever owns it', async () => {
  expect(await idsFound({ servers: [aPanelServer({ id: 700, ownerId: 99 })] })).toEqual([700]);
});

test("a server with the order's id as external id is found under any name, however old", async () => {
  const marked = aPanelServer({ id: 700, externalId: ORDER_ID, name: 'else', createdAt: ago(9 * HOUR) });
  expect(await idsFound({ servers: [marked] })).toEqual([700]);
});

test("a server with an external id of the shop's own is nobody's yet", async () => {
  expect(await idsFound({ servers: [aPanelServer({ externalId: 'shop-1234' })] })).toEqual([501]);
});

test('a server is told once, by whatever it is found', async () => {
  expect(await idsFound({ servers: [aPanelServer({ externalId: ORDER_ID })] })).toEqual([501]);
});

test.each<[string, World]>([
  ['has another name', { servers: [aPanelServer({ name: "Ann's other world" })] }],
  ['is named by the order itself', { servers: [aPanelServer()], sought: { serverId: 501 } }],
  [
    'is named by the order and carries its id',
    { servers: [aPanelServer({ externalId: ORDER_ID })], sought: { serverId: 501 } },
  ],
  ['carries the id of another order', { servers: [aPanelServer({ externalId: OTHER_ID })] }],
  ["is another order's of the same person", { servers: [aPanelServer()], rows: [anOrder({ id: OTHER_ID })] }],
  [
    "is a stranger's, by the stranger's order",
    { servers: [aPanelServer({ ownerId: 99 })], rows: [anOrder({ id: OTHER_ID, userId: STRANGER_ID })] },
  ],
])('a server is passed over that %s', async (_name, world) => {
  expect(await idsFound(world)).toEqual([]);
});

test('what was made up to five minutes before the row counts, and what is older does not', async () => {
  const made = (ms: number) => aPanelServer({ createdAt: new Date(order.createdAt.getTime() - ms) });
  expect(await idsFound({ servers: [made(5 * MINUTE)] })).toEqual([501]);
  expect(await idsFound({ servers: [made(5 * MINUTE + 1)] })).toEqual([]);
});

test.each<[string, World]>([
  ['by the accounts the guard knew', { ownerIds: [11], linked: null }],
  ['by what external_accounts says now', { ownerIds: [], linked: 11 }],
])("a forged row of somebody else takes nothing from the person's own servers: %s", async (_name, world) => {
  const forged = anOrder({ id: OTHER_ID, userId: STRANGER_ID });
  expect(await idsFound({ servers: [aPanelServer()], rows: [forged], ...world })).toEqual([501]);
});

describe('of a name that very many servers share', () => {
  const many = (ownerId: number, count: number) =>
    Array.from({ length: count }, (_, index) => aPanelServer({ id: 1000 + index, ownerId }));

  test('all are looked at up to forty', async () => {
    expect(await idsFound({ servers: many(99, 40) })).toHaveLength(40);
  });

  test("only the person's are looked at beyond that", async () => {
    expect(await idsFound({ servers: [...many(99, 40), aPanelServer({ id: 700 })] })).toEqual([700]);
  });
});

test.each(['', '  ', null])('an order of the name %j cannot be searched for', async (serverName) => {
  const found = await searchServers({ order: { ...order, serverName }, ownerIds: [] }, portsOf({}), NEVER);
  expect(found).toMatchObject({ ok: false, failure: { kind: 'not-provided' } });
});

test.each<[string, Partial<Ports>]>([
  [
    'external id',
    {
      panel: aPort<Ports['panel']>('panel', { serverByExternalId: isSilent('pterodactyl'), serversNamed: answers([]) }),
    },
  ],
  [
    'name',
    {
      panel: aPort<Ports['panel']>('panel', {
        serverByExternalId: answers(null),
        serversNamed: isSilent('pterodactyl'),
      }),
    },
  ],
  ['account', { people: aPort<Ports['people']>('people', { externalAccountOf: isSilent('supabase') }) }],
  ['row', { orders: aPort<Ports['orders']>('orders', { byServer: isSilent('supabase') }) }],
])('a question about the %s that is not answered is a failure, not "none"', async (_name, silent) => {
  const ports = { ...portsOf({ servers: [aPanelServer()] }), ...silent };
  expect(await searchServers({ order, ownerIds: [] }, ports, NEVER)).toMatchObject({
    ok: false,
    failure: { kind: 'timed-out' },
  });
});

describe('under whatever name, since customers can rename', () => {
  async function idsRenamed(world: World): Promise<readonly number[]> {
    const found = await searchRenamed({ order, ownerIds: world.ownerIds ?? [11] }, portsOf(world), NEVER);
    if (!found.ok) throw new Error(JSON.stringify(found.failure));
    return found.value.map(({ id }) => id);
  }
  const renamed = aPanelServer({ name: 'My world' });

  test('a server of the person that no order accounts for is found', async () => {
    expect(await idsRenamed({ servers: [renamed] })).toEqual([501]);
    expect(await idsRenamed({ servers: [renamed], ownerIds: [], linked: 11 })).toEqual([501]);
    const waiting = anOrder({ id: OTHER_ID, status: 'error', serverId: null, serverName: 'Somewhere else' });
    expect(await idsRenamed({ servers: [renamed], rows: [waiting] })).toEqual([501]);
  });

  test.each<[string, World]>([
    ['belongs to somebody else', { servers: [aPanelServer({ name: 'My world', ownerId: 99 })] }],
    ["is another order's", { servers: [renamed], rows: [anOrder({ id: OTHER_ID })] }],
    [
      'bears the name of another order that waits',
      {
        servers: [renamed],
        rows: [anOrder({ id: OTHER_ID, status: 'error', serverId: null, serverName: 'My world' })],
      },
    ],
    ['an administrator has marked', { servers: [aPanelServer({ name: 'My world', externalId: 'gift' })] }],
    [
      'is older than the order',
      { servers: [aPanelServer({ name: 'My world', createdAt: new Date(order.createdAt.getTime() - HOUR) })] },
    ],
  ])('one is passed over that %s', async (_name, world) => {
    expect(await idsRenamed(world)).toEqual([]);
  });

  test.each<[string, Partial<Ports>]>([
    ['servers', { panel: aPort<Ports['panel']>('panel', { serversOf: isSilent('pterodactyl') }) }],
    ['account', { people: aPort<Ports['people']>('people', { externalAccountOf: isSilent('supabase') }) }],
    ['orders', { orders: aPort<Ports['orders']>('orders', { ofPerson: isSilent('supabase') }) }],
  ])('a question about the %s that is not answered is a failure, not "none"', async (_name, silent) => {
    const ports = { ...portsOf({ servers: [renamed] }), ...silent };
    expect(await searchRenamed({ order, ownerIds: [] }, ports, NEVER)).toMatchObject({
      ok: false,
      failure: { kind: 'timed-out' },
    });
  });
});

describe('as a property', () => {
  const server = fc.record({
    id: fc.integer({ min: 1, max: 12 }),
    ownerId: fc.constantFrom(11, 12, 99),
    name: fc.constantFrom("Ann's world", "ann's world", 'other'),
    externalId: fc.constantFrom(null, null, null, ORDER_ID, OTHER_ID),
    madeMs: fc.integer({ min: -HOUR, max: HOUR }),
  });
  const row = fc.record({
    id: fc.constantFrom(ORDER_ID, OTHER_ID, 'another'),
    userId: fc.constantFrom(USER_ID, STRANGER_ID),
    serverId: fc.integer({ min: 1, max: 12 }),
  });
  const world = fc.record({
    servers: fc
      .uniqueArray(server, { selector: ({ id }) => id, maxLength: 8 })
      .map((all) =>
        all.map(({ madeMs, ...rest }) =>
          aPanelServer({ ...rest, createdAt: new Date(order.createdAt.getTime() + madeMs) }),
        ),
      ),
    rows: fc.array(row, { maxLength: 8 }).map((all) => all.map((over) => anOrder(over))),
    linked: fc.constantFrom(null, 11, 12),
    ownerIds: fc.subarray([11, 12]),
  });

  test('no namesake made since the order is missed that no other order accounts for', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const found = await idsFound(given);
        const since = given.servers.filter(
          (one) => one.name === order.serverName && one.externalId === null && one.createdAt >= order.createdAt,
        );
        const accounted = new Set(given.rows.filter(({ id }) => id !== ORDER_ID).map(({ serverId }) => serverId));
        for (const { id } of since) if (!accounted.has(id)) expect(found).toContain(id);
      }),
      { numRuns: 500 },
    );
  });

  test('rows of strangers, however many, take none of the servers of the person away', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(row, { maxLength: 8 }), async (given, more) => {
        const forged = more.map((over, index) => anOrder({ ...over, id: `forged-${index}`, userId: STRANGER_ID }));
        const own = new Set([...given.ownerIds, given.linked]);
        const isOwn = (id: number): boolean => own.has(given.servers.find((one) => one.id === id)?.ownerId ?? -1);
        const before = (await idsFound(given)).filter(isOwn);
        const after = (await idsFound({ ...given, rows: [...given.rows, ...forged] })).filter(isOwn);
        expect(after).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test('nothing is found that is not in the panel, or that the order names itself', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.integer({ min: 1, max: 12 }), async (given, serverId) => {
        const found = await idsFound({ ...given, sought: { serverId } });
        expect(found).not.toContain(serverId);
        const ids = given.servers.map(({ id }) => id);
        expect(found.every((id) => ids.includes(id))).toBe(true);
      }),
    );
  });
});
