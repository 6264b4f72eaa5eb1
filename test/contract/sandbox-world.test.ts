import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { plans } from '../../src/sandbox/catalog.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';

const cacheDir = 'node_modules/.cache/pterodoc';

/** What identifies everything in a world: it must not differ from one start to the next. */
async function idsOf(world: Sandbox): Promise<object> {
  const { supabase, stripe, panel } = world;
  return {
    users: await supabase.sql('select id, email from auth.users order by email'),
    orders: await supabase.sql(
      `select id, user_id, stripe_sub_id, node_id, pterodactyl_server_identifier, status
       from public.orders order by created_at, id`,
    ),
    sessions: [...stripe.state.sessions.keys()],
    events: [...stripe.state.events.keys()],
    servers: panel.state.servers.all().map(({ id, uuid, name, ownerId }) => ({ id, uuid, name, ownerId })),
    keys: Object.entries(world.environment).filter(([name]) => !name.endsWith('_URL')),
  };
}

async function rowOf(world: Sandbox, orderId: string | null): Promise<Record<string, unknown> | undefined> {
  return (await world.supabase.sql('select * from public.orders where id = $1', [orderId]))[0];
}

function refusesConnections(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

describe('a sandbox with customers', () => {
  const startedAt = new Date('2026-11-01T12:00:00Z');
  let world: Sandbox;
  let ids: object;
  beforeAll(async () => {
    world = await startSandbox({ cacheDir, startedAt });
    ids = await idsOf(world);
  });
  afterAll(() => world.stop());

  test('is in the time it was started at', () => {
    expect(Math.abs(world.clock.now() - startedAt.getTime())).toBeLessThan(20_000);
  });

  test('has more than thirty customers with a story each, and everybody but one can sign in', async () => {
    const { customers } = world;
    const users = await world.supabase.sql<{ email: string }>('select email from auth.users');
    const known = new Set(users.map(({ email }) => email));
    expect(customers.length).toBeGreaterThan(32);
    expect(new Set(customers.map(({ email }) => email)).size).toBe(customers.length);
    expect(customers.filter(({ email }) => !known.has(email)).map(({ code }) => code)).toEqual(['ORD-001']);
    for (const { story } of customers) expect(story).toMatch(/^[A-Z].*\.$/);
  });

  test('has nobody whose address is a part of another one, which the panel would take for the same', () => {
    const emails = world.customers.map(({ email }) => email);
    const taken = emails.filter((email) => emails.some((other) => other !== email && other.includes(email)));
    expect(taken).toEqual([]);
  });

  test('has everybody who is healthy on a running server, but for what notices say', async () => {
    const emails = world.customers.filter(({ state }) => state === 'healthy').map(({ email }) => email);
    const rows = await world.supabase.sql<{ email: string; status: string; server: number | null }>(
      `select email, status, pterodactyl_server_id as server from public.orders join auth.users on users.id = user_id
       where email = any (string_to_array($1, ','))`,
      [emails.join(',')],
    );
    const servers = rows.filter(({ server }) => server !== null);
    expect(new Set(rows.map(({ email }) => email))).toEqual(new Set(emails));
    expect(rows.filter(({ server }) => server === null).map(({ email }) => email)).toEqual(['xena@example.com']);
    for (const { server } of servers) expect(world.panel.state.servers.get(server ?? 0)?.status).toBeNull();
  });

  test('leaves the platforms mended: the next purchase in region eu succeeds, whatever the plan', async () => {
    for (const { id, game } of plans.filter((plan) => plan.game !== 'factorio')) {
      const { orderId } = await world.purchase({ email: `buyer-of-${id}@example.com`, planId: id });
      expect(await rowOf(world, orderId)).toMatchObject({ status: game === null ? 'paid' : 'provisioned' });
    }
  });

  test('keeps the trouble of each region', async () => {
    const outcomes = [];
    for (const region of ['us', 'asia', 'ca', 'br']) {
      const { orderId } = await world.purchase({ email: `in-${region}@example.com`, region });
      outcomes.push([region, (await rowOf(world, orderId))?.['status']]);
    }
    expect(outcomes).toEqual(['us', 'asia', 'ca', 'br'].map((region) => [region, 'error']));
  });

  describe('and its like', () => {
    let like: Sandbox;
    beforeAll(async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      like = await startSandbox({ cacheDir, startedAt });
    });
    afterAll(async () => {
      vi.useRealTimers();
      await like.stop();
    });

    test('have the same ids', async () => {
      expect(await idsOf(like)).toEqual(ids);
    });

    test('leave those young who are on their way, as time goes by', async () => {
      const readAges = () =>
        like.supabase.sql<{ email: string; at: string }>(
          `select users.email, orders.updated_at as at from public.orders join auth.users on users.id = user_id
           where users.email in ('emil@example.com', 'fay@example.com', 'sam@example.com') order by users.email`,
        );
      const before = await readAges();
      vi.advanceTimersByTime(30_000);
      const after = await vi.waitFor(async () => {
        const ages = await readAges();
        expect(ages[0]?.at).not.toBe(before[0]?.at);
        return ages;
      });
      expect(after.map(({ at }, index) => at > (before[index]?.at ?? ''))).toEqual([true, true, false]);
    });
  });
});

describe('an empty shop', () => {
  let world: Sandbox;
  beforeAll(async () => {
    world = await startSandbox({ cacheDir, customers: false, installMs: 50 });
  });
  afterAll(() => world.stop());

  test('has a catalog and nobody in it', async () => {
    expect(world.customers).toEqual([]);
    expect(await world.supabase.sql('select id from public.orders')).toEqual([]);
    expect((await world.supabase.sql('select id from public.plans')).length).toBe(plans.length);
  });

  test('sells a server the real way: checkout, webhook, order, panel, installation', async () => {
    const { sessionId, orderId } = await world.purchase({ email: 'New@Example.com', serverName: 'Creeper Camp' });
    const row = await rowOf(world, orderId);
    expect(world.stripe.state.sessions.get(sessionId)).toMatchObject({ status: 'complete', payment_status: 'paid' });
    expect(row).toMatchObject({ status: 'provisioned', plan_id: 'mc-4', region: 'eu' });
    const server = world.panel.state.servers.get(Number(row?.['pterodactyl_server_id']));
    expect(server).toMatchObject({ name: 'Creeper Camp', memoryMib: 4096 });
    await vi.waitFor(() => expect(server?.status).toBeNull());
  });

  test('sells a second server to the same person', async () => {
    const first = await world.purchase({ email: 'twice@example.com' });
    const second = await world.purchase({ email: 'twice@example.com', planId: 'terraria-4' });
    expect(second.orderId).not.toBe(first.orderId);
    expect((await rowOf(world, second.orderId))?.['user_id']).toBe((await rowOf(world, first.orderId))?.['user_id']);
  });

  test('makes no order while the event is not delivered', async () => {
    const { orderId } = await world.purchase({ email: 'early@example.com', deliver: false });
    expect(orderId).toBeNull();
  });

  test.each([
    { kind: 'reset-after' },
    { kind: 'status-after', status: 504, headers: { 'content-type': 'text/html' }, body: '<h1>504</h1>' },
  ] as const)('makes a server that its order does not know when the panel’s answer is lost: $kind', async (fault) => {
    const { panel } = world;
    const stop = panel.faults.inject(/POST \/api\/application\/servers$/, fault);
    const serverName = `Lost by ${fault.kind}`;
    const { orderId } = await world.purchase({ email: 'lost@example.com', serverName });
    stop();
    expect(await rowOf(world, orderId)).toMatchObject({ status: 'error', pterodactyl_server_id: null });
    expect(panel.state.servers.where(({ name }) => name === serverName)).toHaveLength(1);
  });

  test('knows every egg its plans use, but the one that is gone', () => {
    const eggs = JSON.parse(world.environment['PLAN_EGGS'] ?? '{}') as Record<string, { nest: number; egg: number }>;
    const missing = Object.entries(eggs).filter(
      ([, { nest, egg }]) => world.panel.state.eggs.get(egg)?.nestId !== nest,
    );
    expect(missing.map(([planId]) => planId)).toEqual(['factorio-4']);
  });

  test('hands out keys that open the doors', async () => {
    const { environment } = world;
    const bearer = (name: string) => ({ authorization: `Bearer ${environment[name] ?? ''}` });
    const answers = await Promise.all([
      fetch(`${environment['SUPABASE_URL']}/rest/v1/plans`, {
        headers: { apikey: environment['SUPABASE_SECRET_KEY'] ?? '' },
      }),
      fetch(`${environment['SUPABASE_MANAGEMENT_URL']}/v1/projects/${environment['SUPABASE_PROJECT_REF']}/functions`, {
        headers: bearer('SUPABASE_ACCESS_TOKEN'),
      }),
      fetch(`${environment['STRIPE_API_URL']}/v1/webhook_endpoints`, { headers: bearer('STRIPE_SECRET_KEY') }),
      fetch(`${environment['PTERODACTYL_URL']}/api/application/nodes`, { headers: bearer('PTERODACTYL_API_KEY') }),
      fetch(`${environment['PTERODACTYL_URL']}/api/client`, { headers: bearer('PTERODACTYL_CLIENT_KEY') }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test('hands out a Stripe key that may enable a disabled endpoint', async () => {
    const { environment, stripe } = world;
    const [endpointId = ''] = stripe.state.endpoints.keys();
    const post = (path: string, body: string) =>
      fetch(`${environment['STRIPE_API_URL']}/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${environment['STRIPE_SECRET_KEY']}` },
        body,
      });
    await stripe.updateEndpoint(endpointId, { disabled: true });
    expect((await post(`webhook_endpoints/${endpointId}`, 'disabled=false')).status).toBe(200);
    expect(stripe.state.endpoints.get(endpointId)?.status).toBe('enabled');
  });
});

test.each([[['plans']], [['ptero_nodes', 'external_accounts']], [['orders.region', 'ptero_nodes.region']]])(
  'starts for a merchant without %j',
  async (without) => {
    const world = await startSandbox({ cacheDir, customers: false, without, schema: 'extended' });
    expect((await fetch(`${world.supabase.url}/rest/v1/orders`)).status).toBe(401);
    await world.stop();
  },
);

test('stops what has started when a port is taken', async () => {
  const world = await startSandbox({ cacheDir, customers: false });
  const taken = Number(new URL(world.panel.url).port);
  await expect(startSandbox({ cacheDir, customers: false, ports: { panel: taken } })).rejects.toThrow(/EADDRINUSE/);
  await world.stop();
});

test('leaves nothing open when it is stopped', async () => {
  const world = await startSandbox({ cacheDir, customers: false });
  const urls = ['SUPABASE_URL', 'SUPABASE_MANAGEMENT_URL', 'STRIPE_API_URL', 'PTERODACTYL_URL'].map(
    (name) => world.environment[name] ?? '',
  );
  await world.purchase({ email: 'last@example.com' });
  await world.stop();
  const wings = world.panel.state.nodes.all().map(({ daemonListen }) => `http://127.0.0.1:${daemonListen}`);
  expect(await Promise.all([...urls, ...wings].map(refusesConnections))).not.toContain(false);
});
