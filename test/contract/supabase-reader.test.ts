import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSupabaseReaders, type SupabaseReaders } from '../../src/adapters/supabase/index.ts';
import type { FailureKind, UpstreamFailure } from '../../src/core/failure.ts';
import { merchantSchema, parseMerchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { startSupabase, type SupabaseOptions, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';
import { cacheDir } from '../support/clinic.ts';

const clock = createWorldClock();
const TIMEOUT_MS = 700;
const worlds: SupabaseWorld[] = [];
let world: SupabaseWorld;
let readers: SupabaseReaders;

async function start(options: Partial<SupabaseOptions> = {}): Promise<SupabaseWorld> {
  const started = await startSupabase({ clock, cacheDir, ...options });
  worlds.push(started);
  return started;
}

function readersOf(
  of: SupabaseWorld,
  over: Partial<Parameters<typeof createSupabaseReaders>[0]> = {},
): SupabaseReaders {
  return createSupabaseReaders({ url: of.url, secretKey: of.secretKey, schema: referenceSchema, ...over });
}

const never = (): AbortSignal => new AbortController().signal;

async function valueOf<T>(answer: Promise<Result<T, UpstreamFailure>>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.failure)}`);
  return result.value;
}

async function failureOf(answer: Promise<Result<unknown, UpstreamFailure>>): Promise<UpstreamFailure> {
  const result = await answer;
  if (result.ok) throw new Error(`did not fail: ${JSON.stringify(result.value)}`);
  return result.failure;
}

const defaults: Readonly<Record<string, unknown>> = {
  item_type: 'game',
  plan_id: 'mc-4',
  term: 'monthly',
  region: 'eu',
  server_name: 'Creeper Camp',
  stripe_sub_id: null,
  status: 'provisioned',
};

async function insertOrder(of: SupabaseWorld, row: Readonly<Record<string, unknown>>): Promise<string> {
  const wanted = Object.entries({ ...defaults, ...row }).filter(([, value]) => value !== undefined);
  const columns = wanted.map(([name]) => name).join(', ');
  const places = wanted.map((_, at) => `$${at + 1}`).join(', ');
  const rows = await of.sql<{ id: string }>(
    `insert into orders (${columns}) values (${places}) returning id`,
    wanted.map(([, value]) => value),
  );
  return rows[0]?.id ?? '';
}

/** Lines `METHOD /path` of the requests that arrive from now on. */
function watch(of: { faults: SupabaseWorld['faults'] }): string[] {
  const seen: string[] = [];
  const notice = Object.assign(/./, {
    test(line: string) {
      seen.push(line);
      return false;
    },
  });
  of.faults.inject(notice, { kind: 'hang' });
  return seen;
}

async function furnish(of: SupabaseWorld): Promise<void> {
  await of.sql("insert into plans (id, game, ram_gb) values ('mc-4', 'minecraft', 4), ('mc-8', 'minecraft', 8)");
}

beforeAll(async () => {
  world = await start();
  await furnish(world);
  readers = readersOf(world);
});
afterEach(() => world.faults.clear());
afterAll(() => Promise.all(worlds.map((started) => started.stop())));

describe('orders of a person', () => {
  test('are the ten newest and older ones whose status says trouble, newest first', async () => {
    const { id } = await world.addUser({ email: 'many@example.com' });
    const at = (day: number): string => `2026-10-${String(day).padStart(2, '0')}T12:00:00+00:00`;
    const oldTrouble = await insertOrder(world, { user_id: id, status: 'error', created_at: at(1) });
    const oldCalm = await insertOrder(world, { user_id: id, created_at: at(2) });
    for (let day = 3; day <= 12; day += 1) await insertOrder(world, { user_id: id, created_at: at(day) });

    const orders = await valueOf(readers.orders.ofPerson(id, never()));
    expect(orders).toHaveLength(11);
    expect(orders.at(-1)?.id).toBe(oldTrouble);
    expect(orders.map((order) => order.id)).not.toContain(oldCalm);
    expect(orders.map((order) => order.createdAt.getTime())).toEqual(
      orders.map((order) => order.createdAt.getTime()).toSorted((a, b) => b - a),
    );
  });

  test('carry their plan and lack nothing in the reference schema', async () => {
    const { id } = await world.addUser({ email: 'plan@example.com' });
    const orderId = await insertOrder(world, { user_id: id, stripe_sub_id: 'sub_plan', pterodactyl_server_id: 41 });
    const [order] = await valueOf(readers.orders.ofPerson(id, never()));
    expect(order).toMatchObject({
      id: orderId,
      userId: id,
      itemType: 'game',
      planId: 'mc-4',
      plan: { id: 'mc-4', game: 'minecraft', memoryGb: 4 },
      stripeSubscriptionId: 'sub_plan',
      serverId: 41,
      serverIdentifier: null,
    });
    expect(order?.lacks).toEqual(new Set());
    expect(order?.createdAt).toBeInstanceOf(Date);
  });

  test('keep a status nobody knows', async () => {
    const { id } = await world.addUser({ email: 'word@example.com' });
    await world.sql('alter table orders drop constraint orders_status_check');
    await insertOrder(world, { user_id: id, status: 'on_hold' });
    const [order] = await valueOf(readers.orders.ofPerson(id, never()));
    expect(order?.status).toBe('on_hold');
  });

  test('are none for an id that is none', async () => {
    expect(await valueOf(readers.orders.ofPerson("x' or 1=1", never()))).toEqual([]);
  });
});

describe('single orders', () => {
  test('are null for an unknown id, and for one that is no id at all', async () => {
    expect(await valueOf(readers.orders.byId(randomUUID(), never()))).toBeNull();
    expect(await valueOf(readers.orders.byId('12345', never()))).toBeNull();
    expect(await valueOf(readers.orders.byId('id=eq.1,or', never()))).toBeNull();
  });

  test('are found by subscription, whoever they belong to, over several queries', async () => {
    const { id } = await world.addUser({ email: 'subs@example.com' });
    await insertOrder(world, { user_id: id, stripe_sub_id: 'sub_first' });
    await insertOrder(world, { user_id: id, stripe_sub_id: 'sub_last' });
    const many = ['sub_first', ...Array.from({ length: 150 }, (_, at) => `sub_none_${at}`), 'sub_last', 'a,b)'];
    const found = await valueOf(readers.orders.bySubscriptions(many, never()));
    expect(found.map((order) => order.stripeSubscriptionId).toSorted()).toEqual(['sub_first', 'sub_last']);
  });

  test('ask nothing for no subscription', async () => {
    const seen = watch(world);
    expect(await valueOf(readers.orders.bySubscriptions([], never()))).toEqual([]);
    expect(seen).toEqual([]);
  });

  test('are found by panel server, and the recent servers of a plan newest first', async () => {
    const { id } = await world.addUser({ email: 'servers@example.com' });
    await insertOrder(world, { user_id: id, plan_id: 'mc-8', pterodactyl_server_id: 801, created_at: '2026-01-01' });
    await insertOrder(world, { user_id: id, plan_id: 'mc-8', pterodactyl_server_id: 802, created_at: '2026-02-01' });
    await insertOrder(world, { user_id: id, plan_id: 'mc-8', pterodactyl_server_id: 803, status: 'error' });
    await insertOrder(world, { user_id: id, plan_id: 'mc-8' });
    expect(await valueOf(readers.orders.byServer(801, never()))).toHaveLength(1);
    expect(await valueOf(readers.orders.byServer(-5, never()))).toEqual([]);
    expect(await valueOf(readers.orders.serversOfPlan('mc-8', never()))).toEqual([802, 801]);
  });
});

describe('people', () => {
  const addresses = ['pl+us@example.com', 'under_score@example.com', 'per%cent@example.com', 'Capital@Example.COM'];
  const lookAlikes = [
    'xpl+us@example.com',
    'underxscore@example.com',
    'perxxcent@example.com',
    'capital@example.com.evil.test',
  ];
  let plain: SupabaseWorld;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    plain = await start({ migrations: false });
    for (const email of [...addresses, ...lookAlikes]) {
      const { id } = await plain.addUser({ email });
      await world.addUser({ email, id });
      ids.set(email, id);
    }
  });

  test.each(addresses)('%s is found exactly, with the database function and without', async (email) => {
    for (const reader of [readers, readersOf(plain)]) {
      expect(await valueOf(reader.people.idByEmail(`  ${email.toUpperCase()} `, never()))).toBe(ids.get(email));
    }
  });

  test.each(['us@example.com', 'under%score@example.com', 'capital@example.co', '_@example.com', 'nonsense', 'a@b@c'])(
    '%s is nobody, however much it resembles somebody',
    async (email) => {
      for (const reader of [readers, readersOf(plain)]) {
        expect(await valueOf(reader.people.idByEmail(email, never()))).toBeNull();
      }
    },
  );

  test('are looked for in the list of accounts page by page, beyond the tenth page too', async () => {
    const pages = 12;
    const oldest = { id: randomUUID(), email: 'last@example.com', created_at: '2026-01-01T00:00:00Z' };
    const filler = { id: randomUUID(), email: 'notlast@example.com', created_at: '2026-01-01T00:00:00Z' };
    for (let page = 1; page <= pages; page += 1) {
      const users = Array.from({ length: page === pages ? 3 : 200 }, () => filler);
      if (page === pages) users.push(oldest);
      plain.faults.inject(new RegExp(`admin/users\\?page=${page}&`), { kind: 'status', status: 200, body: { users } });
    }
    const found = await valueOf(readersOf(plain).people.idByEmail('last@example.com', never()));
    plain.faults.clear();
    expect(found).toBe(oldest.id);
  });

  test('are asked for in the database function only once while it is missing', async () => {
    const reader = readersOf(plain);
    const seen = watch(plain);
    await valueOf(reader.people.idByEmail('nobody@example.com', never()));
    await valueOf(reader.people.idByEmail('nobody@example.com', never()));
    plain.faults.clear();
    expect(seen.filter((line) => line.includes('/rpc/'))).toHaveLength(1);
    expect(seen.filter((line) => line.includes('/admin/users'))).toHaveLength(2);
  });

  test('tell whether their lookup is installed', async () => {
    expect(await valueOf(readers.lookupInstalled(never()))).toBe(true);
    expect(await valueOf(readersOf(plain).lookupInstalled(never()))).toBe(false);
    await plain.sql(`create function public.pterodoc_user_id_by_email(p_email text) returns uuid language sql as 'select null::uuid';
      `);
    await plain.sql('revoke all on function public.pterodoc_user_id_by_email(text) from public');
    expect(await valueOf(readersOf(plain).lookupInstalled(never()))).toBe(false);
    await plain.sql('drop function public.pterodoc_user_id_by_email(text)');
  });

  test('are read by id; an unknown or deleted one is null', async () => {
    const { id } = await world.addUser({ email: 'Fresh@example.com', confirmed: false });
    expect(await valueOf(readers.people.byId(id, never()))).toMatchObject({
      userId: id,
      email: 'fresh@example.com',
      emailConfirmed: false,
    });
    expect(await valueOf(readers.people.byId(randomUUID(), never()))).toBeNull();
    expect(await valueOf(readers.people.byId('not-an-id', never()))).toBeNull();
    const deleted = { id, email: 'fresh@example.com', created_at: '2026-01-01T00:00:00Z', deleted_at: '2026-02-01' };
    world.faults.inject(/admin\/users\//, { kind: 'status', status: 200, body: deleted });
    expect(await valueOf(readers.people.byId(id, never()))).toBeNull();
  });

  test('are not declared absent by a gateway that knows no such address', async () => {
    world.faults.inject(/admin\/users\//, { kind: 'status', status: 404, body: { message: 'no Route matched' } });
    expect((await failureOf(readers.people.byId(randomUUID(), never()))).kind).toBe('endpoint-missing');
  });

  test('have a profile and an external account, or none', async () => {
    const { id } = await world.addUser({ email: 'linked@example.com', firstName: 'Lin' });
    await world.sql('insert into external_accounts (user_id, pterodactyl_user_id) values ($1, 77)', [id]);
    expect(await valueOf(readers.people.profileOf(id, never()))).toEqual({
      email: 'linked@example.com',
      firstName: 'Lin',
      lastName: null,
    });
    expect(await valueOf(readers.people.externalAccountOf(id, never()))).toEqual({
      panelUserId: 77,
      lastSyncedAt: null,
    });
    expect(await valueOf(readers.people.externalAccountOf(randomUUID(), never()))).toBeNull();
    expect(await valueOf(readers.people.profileOf(randomUUID(), never()))).toBeNull();
  });
});

describe('nodes', () => {
  test('carry the memory sold, the same with the database function and without', async () => {
    const plain = await start({ migrations: false, schema: 'extended' });
    const full = await start({ schema: 'extended' });
    for (const of of [plain, full]) {
      await furnish(of);
      const { id } = await of.addUser({ email: 'owner@example.com' });
      const [node] = await of.sql<{ id: string }>(
        "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb) values (1, 'eu', 64) returning id",
      );
      await of.sql(
        "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb, enabled) values (2, 'us', 32, false)",
      );
      for (const status of ['paid', 'provisioning', 'installing', 'provisioned', 'active', 'error', 'canceled']) {
        await insertOrder(of, {
          user_id: id,
          status,
          node_id: node?.id,
          plan_id: status === 'active' ? 'mc-8' : 'mc-4',
        });
      }
      await insertOrder(of, { user_id: id, status: 'paid' });
      const nodes = await valueOf(readersOf(of).nodes.all(never()));
      expect(nodes.toSorted((a, b) => a.panelNodeId - b.panelNodeId)).toMatchObject([
        { id: node?.id, panelNodeId: 1, region: 'eu', enabled: true, maxRamGb: 64, reservedHeadroomGb: 2, usedGb: 24 },
        { panelNodeId: 2, enabled: false, usedGb: 0 },
      ]);
    }
  });

  test('do not let anybody but the secret key read the sums', async () => {
    const readersOfAnon = readersOf(world, { secretKey: world.publishableKey });
    expect(await valueOf(readersOfAnon.missingIndexes(never()))).toBeNull();
  });
});

describe('indexes', () => {
  test('that are not there are named; null says that nobody can tell', async () => {
    expect(await valueOf(readers.missingIndexes(never()))).toEqual([]);
    await world.sql('drop index pterodoc_orders_user_idx');
    expect(await valueOf(readers.missingIndexes(never()))).toEqual(['pterodoc_orders_user_idx']);
  });
});

describe('a merchant without some columns and tables', () => {
  let poor: SupabaseWorld;
  let poorReaders: SupabaseReaders;
  let personId: string;

  beforeAll(async () => {
    poor = await start({
      migrations: false,
      without: ['orders.region', 'orders.stripe_sub_id', 'plans', 'external_accounts', 'profiles.last_name'],
    });
    poorReaders = readersOf(poor);
    personId = randomUUID();
    await poor.addUser({ email: 'poor@example.com', id: personId, withProfile: false });
    await insertOrder(poor, { user_id: personId, region: undefined, stripe_sub_id: undefined });
  });
  afterEach(() => poor.faults.clear());

  test('gets orders that say what they lack', async () => {
    const [order] = await valueOf(poorReaders.orders.ofPerson(personId, never()));
    expect(order).toMatchObject({ planId: 'mc-4', plan: null, region: null, serverName: 'Creeper Camp' });
    expect(order?.lacks).toEqual(new Set(['region', 'stripeSubscriptionId', 'plan']));
  });

  test('is asked in vain only once in ten minutes', async () => {
    await valueOf(poorReaders.orders.ofPerson(personId, never()));
    const refused = async (): Promise<boolean> => {
      const seen = watch(poor);
      await valueOf(poorReaders.orders.ofPerson(personId, never()));
      poor.faults.clear();
      return seen.some((line) => line.includes('region'));
    };
    expect(await refused()).toBe(false);
    const before = performance.now();
    const later = vi.spyOn(performance, 'now').mockImplementation(() => before + 11 * 60_000);
    expect(await refused()).toBe(true);
    later.mockRestore();
  });

  test('is named for what cannot be answered without them', async () => {
    expect(await failureOf(poorReaders.orders.bySubscriptions(['sub_1'], never()))).toMatchObject({
      kind: 'not-provided',
      what: 'orders.stripe_sub_id',
    });
    expect(await failureOf(poorReaders.people.externalAccountOf(personId, never()))).toMatchObject({
      kind: 'not-provided',
      what: 'external_accounts',
    });
    const [node] = await poor.sql<{ id: string }>(
      "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb) values (1, 'eu', 64) returning id",
    );
    await insertOrder(poor, { user_id: personId, region: undefined, stripe_sub_id: undefined, node_id: node?.id });
    expect(await failureOf(poorReaders.nodes.all(never()))).toMatchObject({
      kind: 'not-provided',
      what: 'plans.ram_gb',
    });
  });

  test('still has profiles', async () => {
    await poor.sql("insert into profiles (user_id, email, first_name) values ($1, 'p@example.com', 'Po')", [personId]);
    expect(await valueOf(poorReaders.people.profileOf(personId, never()))).toEqual({
      email: 'p@example.com',
      firstName: 'Po',
      lastName: null,
    });
  });

  test('is told which required column is missing', async () => {
    await poor.sql('alter table orders rename column pterodactyl_server_id to server_no');
    expect(await failureOf(readersOf(poor).orders.ofPerson(personId, never()))).toMatchObject({
      kind: 'endpoint-missing',
      path: 'orders.pterodactyl_server_id',
    });
    const schema = merchantSchema.parse({ columns: { orders: { pterodactyl_server_id: 'server_no', region: null } } });
    const [order] = await valueOf(readersOf(poor, { schema }).orders.ofPerson(personId, never()));
    expect(order?.serverId).toBeNull();
  });

  test('may tie plans to orders without a foreign key', async () => {
    await world.sql('alter table orders drop constraint orders_plan_id_fkey');
    const { id } = await world.addUser({ email: 'loose@example.com' });
    await insertOrder(world, { user_id: id });
    await insertOrder(world, { user_id: id, plan_id: 'a","b' });
    const orders = await valueOf(readersOf(world).orders.ofPerson(id, never()));
    expect(orders.map((order) => order.plan?.memoryGb ?? null).toSorted()).toEqual([4, null]);
    expect(orders[0]?.lacks).toEqual(new Set());
    await world.sql('delete from orders where user_id = $1', [id]);
    await world.sql(
      'alter table orders add constraint orders_plan_id_fkey foreign key (plan_id) references plans (id)',
    );
  });
});

describe('names of the merchant', () => {
  test('are given as JSON, and everything unknown in it is named', () => {
    expect(parseMerchantSchema('{"tables":{"orders":"shop_orders"}}')).toMatchObject({
      ok: true,
      value: { tables: { orders: 'shop_orders', plans: 'plans' } },
    });
    for (const [text, words] of [
      ['{"colums":{}}', 'does not know colums; it knows tables, columns, functions'],
      ['{"columns":{"orders":{"sub":"x"}}}', 'MERCHANT_SCHEMA.columns.orders does not know sub'],
      ['{"columns":{"orders":{"id":null}}}', 'every merchant has this one'],
      ['{"tables":{"plans":"a b"}}', 'MERCHANT_SCHEMA.tables.plans must be a plain name'],
      ['[', 'not valid JSON'],
    ] as const) {
      const parsed = parseMerchantSchema(text);
      expect(parsed.ok ? '' : parsed.failure).toContain(words);
    }
  });
});

describe('trouble of Supabase', () => {
  const body = { message: 'secret words', details: 'Failing row contains (ann@example.com)' };
  const faults: readonly (readonly [string, Fault, FailureKind])[] = [
    ['hang', { kind: 'hang' }, 'timed-out'],
    ['reset', { kind: 'reset' }, 'unreachable'],
    ['500', { kind: 'status', status: 500, body }, 'upstream-broken'],
    ['503 cache loading', { kind: 'status', status: 503, body: { ...body, code: 'PGRST002' } }, 'upstream-broken'],
    ['540 paused', { kind: 'status', status: 540, body: 'Project paused' }, 'upstream-broken'],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '7' }, body }, 'rate-limited'],
    ['401', { kind: 'status', status: 401, body }, 'credentials-rejected'],
    ['403', { kind: 'status', status: 403, body }, 'not-permitted'],
    ['402', { kind: 'status', status: 402, body }, 'request-refused'],
    ['empty 404', { kind: 'status', status: 404 }, 'endpoint-missing'],
    ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'unexpected-shape'],
    ['html-200', { kind: 'html-200' }, 'unexpected-shape'],
    ['truncated-json', { kind: 'truncated-json' }, 'unexpected-shape'],
    ['slow-drip', { kind: 'slow-drip' }, 'timed-out'],
  ];

  test.each(faults)('is named in time: %s', async (_, fault, kind) => {
    const quick = readersOf(world, { timeoutMs: TIMEOUT_MS });
    world.faults.inject(/./, fault);
    const startedAt = performance.now();
    const failures = await Promise.all([
      failureOf(quick.orders.ofPerson(randomUUID(), never())),
      failureOf(quick.orders.byId(randomUUID(), never())),
      failureOf(quick.people.idByEmail('ann@example.com', never())),
      failureOf(quick.people.profileOf(randomUUID(), never())),
      failureOf(quick.nodes.all(never())),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 800);
    expect(failures.map((failure) => failure.kind)).toEqual(failures.map(() => kind));
    expect(JSON.stringify(failures)).not.toMatch(/secret words|ann@example/);
    for (const failure of failures) if (failure.kind === 'rate-limited') expect(failure.retryAfterMs).toBe(7000);
  });

  test.each(faults)('is named for the sign-in service too: %s', async (_, fault, kind) => {
    const quick = readersOf(world, { timeoutMs: TIMEOUT_MS });
    world.faults.inject(/admin\/users/, fault);
    world.faults.inject(/rpc\//, { kind: 'status', status: 404, body: { code: 'PGRST202' } });
    const failures = await Promise.all([
      failureOf(quick.people.byId(randomUUID(), never())),
      failureOf(quick.people.idByEmail('ann@example.com', never())),
    ]);
    expect(failures.map((failure) => failure.kind)).toEqual([kind, kind]);
  });

  test('ends when the caller has waited enough', async () => {
    world.faults.inject(/./, { kind: 'slow-drip' });
    const startedAt = performance.now();
    const failure = await failureOf(readers.orders.ofPerson(randomUUID(), AbortSignal.timeout(200)));
    expect(failure.kind).toBe('timed-out');
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  test('asks nothing when the caller has left already', async () => {
    const seen = watch(world);
    const failure = await failureOf(readers.orders.byId(randomUUID(), AbortSignal.abort()));
    expect([failure.kind, seen.length]).toEqual(['timed-out', 0]);
  });

  test.each([
    ['a broken answer', { kind: 'status', status: 503 }],
    ['a cut connection', { kind: 'reset' }],
    ['a token from the future', { kind: 'status', status: 401, body: { code: 'PGRST303' } }],
  ] as const)('is met once more after %s', async (_, fault) => {
    const { id } = await world.addUser({ email: `again-${randomUUID()}@example.com` });
    const orderId = await insertOrder(world, { user_id: id });
    const stop = world.faults.inject(/orders/, fault);
    setTimeout(stop, 80);
    expect((await valueOf(readers.orders.byId(orderId, never())))?.id).toBe(orderId);
  });

  test('shows no row that does not fit, only where it does not', async () => {
    const row = { id: randomUUID(), user_id: randomUUID(), status: 'paid', pterodactyl_server_id: null };
    const times = { created_at: '2026-11-23T22:24:14.716+00:00', updated_at: '2026-11-24 00:08:53.035+00' };
    world.faults.inject(/orders/, { kind: 'status', status: 200, body: [{ ...row, ...times }] });
    const order = await valueOf(readers.orders.byId(row.id, never()));
    expect(order?.createdAt.toISOString()).toBe('2026-11-23T22:24:14.716Z');
    expect(order?.updatedAt.toISOString()).toBe('2026-11-24T00:08:53.035Z');
    world.faults.inject(/orders/, { kind: 'status', status: 200, body: [{ ...row, ...times, updated_at: 'soon' }] });
    expect(await failureOf(readers.orders.byId(row.id, never()))).toMatchObject({
      kind: 'unexpected-shape',
      path: 'orders.0.updated_at',
    });
  });
});
