import { createHash, randomUUID } from 'node:crypto';
import { createClient, FunctionsFetchError, type SupabaseClient } from '@supabase/supabase-js';
import { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { createFaultBoard } from '../../src/sandbox/faults.ts';
import { listen, type LocalServer } from '../../src/sandbox/listen.ts';
import { startSupabase, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';

const CACHE_DIR = 'node_modules/.cache/pterodoc';
const clock = createWorldClock();
const WEBHOOK_SECRET = 'whsec_sandbox';
let world: SupabaseWorld;
let service: SupabaseClient;
let customer: { readonly id: string };

const clientWith = (key: string, headers: Record<string, string> = {}): SupabaseClient =>
  createClient(world.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    db: { retry: false },
    global: { headers },
  });

const asCustomer = (userId: string): SupabaseClient =>
  clientWith(world.publishableKey, { authorization: `Bearer ${world.userToken(userId)}` });

const anOrder = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  user_id: customer.id,
  item_type: 'game',
  plan_id: 'mc-4',
  term: 'monthly',
  region: 'eu',
  server_name: 'Creeper Camp',
  status: 'paid',
  ...over,
});

async function insertOrder(over: Record<string, unknown> = {}): Promise<string> {
  const { data, error } = await service.from('orders').insert(anOrder(over)).select('id').single();
  expect(error).toBeNull();
  return data?.id as string;
}

const statusOf = async (orderId: string): Promise<string | undefined> =>
  (await world.sql<{ status: string }>('select status from orders where id = $1', [orderId]))[0]?.status;

const printed: unknown[] = [];
const originalError = globalThis.console.error;

beforeAll(async () => {
  globalThis.console.error = (...parts: unknown[]) => {
    printed.push(parts);
    originalError(...parts);
  };
  world = await startSupabase({ clock, cacheDir: CACHE_DIR });
  service = clientWith(world.secretKey);
  customer = await world.addUser({ email: 'Ada@Example.com', firstName: 'Ada', lastName: 'Byron' });
  await world.sql("insert into plans (id, game, ram_gb, vcores, ssd_gb) values ('mc-4', 'minecraft', 4, 2, 20)");
  await world.sql(
    "insert into ptero_nodes (pterodactyl_node_id, region, max_ram_gb, reserved_headroom_gb) values (1, 'eu', 16, 2)",
  );
});
afterAll(() => world.stop());

describe('the Data API', () => {
  test('writes times as ISO text with an offset', async () => {
    const id = await insertOrder();
    const { data } = await service
      .from('orders')
      .select('created_at, updated_at, node_id, addons')
      .eq('id', id)
      .single();
    expect(data?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
    expect(data?.addons).toEqual([]);
  });

  test('embeds the plan of an order', async () => {
    const id = await insertOrder();
    const { data } = await service.from('orders').select('id, plans (id, ram_gb)').eq('id', id).single();
    expect(data).toEqual({ id, plans: { id: 'mc-4', ram_gb: 4 } });
  });

  test('keeps updated_at by itself, in the world of the clock', async () => {
    clock.travelTo(Date.parse('2026-10-01T12:00:00Z'));
    const id = await insertOrder();
    clock.travelTo(Date.parse('2026-10-02T12:00:00Z'));
    const { data } = await service.from('orders').update({ status: 'error' }).eq('id', id).select().single();
    clock.release();
    expect(data?.created_at).toMatch(/^2026-10-01T12:00:0/);
    expect(data?.updated_at).toMatch(/^2026-10-02T12:00:0/);
  });

  test('compares and sets: the second of two identical updates changes no row', async () => {
    const id = await insertOrder({ status: 'error' });
    const reset = () =>
      service.from('orders').update({ status: 'paid' }, { count: 'exact' }).eq('id', id).eq('status', 'error');
    expect((await reset()).count).toBe(1);
    expect((await reset()).count).toBe(0);
  });

  test('has written what it does not answer for', async () => {
    const id = await insertOrder({ status: 'error' });
    world.faults.inject(/PATCH \/rest\/v1\/orders/, { kind: 'reset-after' });
    const { error } = await service.from('orders').update({ status: 'paid' }).eq('id', id);
    world.faults.clear();
    expect([error !== null, await statusOf(id)]).toEqual([true, 'paid']);
  });

  test('filters by equal timestamps as it wrote them', async () => {
    const id = await insertOrder();
    const { data: order } = await service.from('orders').select('updated_at').eq('id', id).single();
    const { data } = await service.from('orders').select('id').eq('id', id).eq('updated_at', order?.updated_at);
    expect(data).toEqual([{ id }]);
  });

  const refusals: readonly [
    string,
    () => PromiseLike<{ status: number; error: { code: string } | null }>,
    number,
    string,
  ][] = [
    [
      'a status the check forbids',
      () => service.from('orders').insert(anOrder({ status: 'installing' })),
      400,
      '23514',
    ],
    ['a missing value', () => service.from('orders').insert(anOrder({ region: null })), 400, '23502'],
    ['an unknown plan', () => service.from('orders').insert(anOrder({ plan_id: 'no-such' })), 409, '23503'],
    [
      'a second row for one person',
      () => service.from('profiles').insert({ user_id: customer.id, email: 'x' }),
      409,
      '23505',
    ],
    [
      'no row where one is wanted',
      () => service.from('orders').select().eq('id', randomUUID()).single(),
      406,
      'PGRST116',
    ],
    ['an unknown table', () => service.from('nope').select(), 404, 'PGRST205'],
    ['an unknown column read', () => service.from('orders').select('nope'), 400, '42703'],
    ['an unknown column written', () => service.from('orders').update({ nope: 1 }).eq('plan_id', 'x'), 400, 'PGRST204'],
    ['an unknown relationship', () => service.from('orders').select('profiles (email)'), 400, 'PGRST200'],
    ['an unknown function', () => service.rpc('nope'), 404, 'PGRST202'],
    ['a schema that is not exposed', () => service.schema('auth').from('users').select(), 406, 'PGRST106'],
    ['a bad uuid', () => service.from('orders').select().eq('id', 'abc'), 400, '22P02'],
  ];
  test.each(refusals)('answers %s as the hosted one does', async (_case, ask, status, code) => {
    const answer = await ask();
    expect({ status: answer.status, code: answer.error?.code }).toEqual({ status, code });
  });

  test('prints nothing when it refuses', async () => {
    printed.length = 0;
    await service.from('nope').select();
    await service.from('orders').insert(anOrder({ status: 'installing' }));
    expect(printed).toEqual([]);
  });

  test("lets a customer insert an own paid order, but nobody else's", async () => {
    const other = await world.addUser({ email: 'eve@example.com' });
    const own = await asCustomer(customer.id).from('orders').insert(anOrder());
    const foreign = await asCustomer(other.id).from('orders').insert(anOrder());
    expect(own.status).toBe(201);
    expect({ status: foreign.status, code: foreign.error?.code }).toEqual({ status: 403, code: '42501' });
  });

  test('shows a customer the own orders only', async () => {
    const stranger = await world.addUser({ email: 'mallory@example.com' });
    const { data } = await asCustomer(stranger.id).from('orders').select();
    expect(data).toEqual([]);
  });

  test("lets a customer claim any panel account and change the profile's address", async () => {
    const bob = await world.addUser({ email: 'bob@example.com' });
    const claimed = await asCustomer(bob.id)
      .from('external_accounts')
      .insert({ user_id: bob.id, pterodactyl_user_id: 1 });
    await asCustomer(bob.id).from('profiles').update({ email: 'ada@example.com' }).eq('user_id', bob.id);
    const [profile] = await world.sql('select email from profiles where user_id = $1', [bob.id]);
    expect(claimed.error).toBeNull();
    expect(profile).toEqual({ email: 'ada@example.com' });
  });

  test('keeps simultaneous callers apart', async () => {
    const publishable = clientWith(world.publishableKey);
    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? publishable : service).from('orders').select('id'),
    );
    const answers = await Promise.all(asked);
    const seesRows = answers.map(({ data }) => (data?.length ?? 0) > 0);
    expect(seesRows).toEqual(asked.map((_, index) => index % 2 === 1));
  });

  test('gives a new table to nobody until it is granted', async () => {
    await world.sql('create table public.fresh (id int)');
    const { status, error } = await service.from('fresh').select();
    expect([status, error?.code]).toEqual([403, '42501']);
  });
});

describe('the gateway', () => {
  const ask = async (headers: Record<string, string>): Promise<{ status: number; message: string }> => {
    const response = await fetch(`${world.url}/rest/v1/plans?select=id`, { headers });
    const body = (await response.json()) as { message?: string };
    return { status: response.status, message: body.message ?? '' };
  };

  test('refuses a request without a key, with a wrong key, and a secret key from a browser', async () => {
    expect(await ask({})).toEqual({ status: 401, message: 'No API key found in request' });
    expect(await ask({ apikey: 'sb_secret_wrong' })).toEqual({ status: 401, message: 'Invalid API key' });
    expect(await ask({ apikey: world.secretKey, 'user-agent': 'Mozilla/5.0 (X11)' })).toMatchObject({ status: 401 });
  });

  test('takes the older signed service_role key as well', async () => {
    const { count, error } = await clientWith(world.serviceRoleKey)
      .from('orders')
      .select('id', { count: 'exact', head: true });
    expect(error).toBeNull();
    expect(count).toBeGreaterThan(0);
  });

  test('refuses an opaque key as bearer when it is not the apikey', async () => {
    const answer = await ask({ apikey: world.publishableKey, authorization: 'Bearer sb_secret_other' });
    expect(answer.status).toBe(401);
  });
});

describe('the look-up function', () => {
  test('finds a person by address in any case, for the secret key', async () => {
    const { data } = await service.rpc('pterodoc_user_id_by_email', { p_email: 'ADA@example.com' });
    expect(data).toBe(customer.id);
  });

  test('is closed to everybody else', async () => {
    const { status, error } = await clientWith(world.publishableKey).rpc('pterodoc_user_id_by_email', {
      p_email: 'ada@example.com',
    });
    expect([status, error?.code]).toEqual([401, '42501']);
  });
});

describe('the sign-in service', () => {
  test('lists people newest first, with counts and links', async () => {
    const response = await fetch(`${world.url}/auth/v1/admin/users?page=1&per_page=1`, {
      headers: { apikey: world.secretKey },
    });
    const body = (await response.json()) as { users: { email: string }[]; aud: string };
    expect(body.users).toHaveLength(1);
    expect(body.aud).toBe('authenticated');
    expect(Number(response.headers.get('x-total-count'))).toBeGreaterThan(1);
    expect(response.headers.get('link')).toMatch(/page=2.*rel="next".*rel="last"/);
    const { data } = await service.auth.admin.listUsers({ page: 1, perPage: 2 });
    expect(data.users).toHaveLength(2);
  });

  test('filters by a part of the address, not by the whole', async () => {
    await world.addUser({ email: 'not-ada@example.com' });
    const response = await fetch(`${world.url}/auth/v1/admin/users?filter=ada@example.com`, {
      headers: { apikey: world.secretKey },
    });
    const { users } = (await response.json()) as { users: { email: string }[] };
    expect(users.map(({ email }) => email).sort()).toEqual(['ada@example.com', 'not-ada@example.com']);
  });

  test('answers by id, and names what is wrong with an id', async () => {
    const found = await service.auth.admin.getUserById(customer.id);
    expect(found.data.user?.email).toBe('ada@example.com');
    const missing = await service.auth.admin.getUserById(randomUUID());
    expect([missing.error?.status, missing.error?.code]).toEqual([404, 'user_not_found']);
    const malformed = await fetch(`${world.url}/auth/v1/admin/users/abc`, { headers: { apikey: world.secretKey } });
    expect([malformed.status, ((await malformed.json()) as { error_code: string }).error_code]).toEqual([
      404,
      'validation_failed',
    ]);
  });

  test('refuses the administration to anybody but service_role', async () => {
    const { error } = await clientWith(world.publishableKey).auth.admin.getUserById(customer.id);
    expect([error?.status, error?.code]).toEqual([403, 'not_admin']);
  });

  test('mails a code and signs in with it', async () => {
    const client = clientWith(world.publishableKey);
    const sent = await client.auth.signInWithOtp({ email: 'ada@example.com', options: { shouldCreateUser: false } });
    expect(sent.error).toBeNull();
    const mail = world.mails.at(-1);
    const token = /\b\d{6}\b/.exec(mail?.text ?? '')?.[0] ?? '';
    const verified = await client.auth.verifyOtp({ email: 'ada@example.com', token, type: 'email' });
    expect(mail?.to).toBe('ada@example.com');
    expect(verified.data.user?.id).toBe(customer.id);
  });

  test('mails a code to somebody who has not confirmed the address', async () => {
    const fred = await world.addUser({ email: 'fred@example.com', confirmed: false });
    const client = clientWith(world.publishableKey);
    await client.auth.signInWithOtp({ email: 'fred@example.com', options: { shouldCreateUser: false } });
    const token = /\b\d{6}\b/.exec(world.mails.at(-1)?.text ?? '')?.[0] ?? '';
    const verified = await client.auth.verifyOtp({ email: 'fred@example.com', token, type: 'email' });
    expect(verified.error).toBeNull();
    expect(verified.data.user?.id).toBe(fred.id);
  });

  test('refuses a wrong code', async () => {
    const client = clientWith(world.publishableKey);
    await client.auth.signInWithOtp({ email: 'ada@example.com', options: { shouldCreateUser: false } });
    const { error } = await client.auth.verifyOtp({ email: 'ada@example.com', token: '000000', type: 'email' });
    expect([error?.status, error?.code]).toEqual([403, 'otp_expired']);
  });

  test('tells an unknown address apart', async () => {
    const { error } = await clientWith(world.publishableKey).auth.signInWithOtp({
      email: 'nobody@example.com',
      options: { shouldCreateUser: false },
    });
    expect([error?.status, error?.code]).toEqual([422, 'otp_disabled']);
  });
});

/** A panel with one node that answers only what the functions ask. */
interface StubPanel extends LocalServer {
  readonly created: { readonly path: string; readonly body: Record<string, unknown> }[];
  allocations: { id: number; port: number; assigned: boolean }[];
  fails: Response | null;
}

async function startPanel(): Promise<StubPanel> {
  const created: { path: string; body: Record<string, unknown> }[] = [];
  const state = { allocations: [{ id: 7, port: 25565, assigned: false }], fails: null as Response | null };
  const server = await listen(async (request) => {
    const { pathname } = new URL(request.url);
    if (state.fails !== null) return state.fails.clone();
    if (request.headers.get('authorization') !== 'Bearer ptla_good') {
      return Response.json({ errors: [{ code: 'AuthenticationException', status: '401' }] }, { status: 401 });
    }
    if (request.method === 'POST') {
      const body = (await request.json()) as Record<string, unknown>;
      created.push({ path: pathname, body });
      const attributes = { id: 500 + created.length, identifier: 'abcd1234', username: body['username'] };
      return Response.json({ object: 'x', attributes }, { status: 201 });
    }
    if (pathname.endsWith('/allocations')) {
      return Response.json({ object: 'list', data: state.allocations.map((attributes) => ({ attributes })) });
    }
    return Response.json({ object: 'list', data: [] });
  }, createFaultBoard());
  return Object.assign(state, server, { created });
}

describe('the functions', () => {
  let panel: StubPanel;
  beforeAll(async () => {
    panel = await startPanel();
    world.functions.setSecret('STRIPE_WEBHOOK_SECRET', WEBHOOK_SECRET);
  });
  afterAll(() => panel.stop());
  const furnish = () => {
    world.functions.setSecret('PANEL_URL', panel.url);
    world.functions.setSecret('PTERO_APP_KEY', 'ptla_good');
    panel.allocations = [{ id: 7, port: 25565, assigned: false }];
    panel.fails = null;
  };
  beforeAll(async () => {
    furnish();
    await world.sql('delete from orders');
  });
  afterEach(async () => {
    furnish();
    for (const { slug } of world.functions.deployed()) world.functions.setFault(slug, null);
    await world.sql('delete from orders');
    await world.sql('update ptero_nodes set enabled = true');
  });

  const invoke = async (slug: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const { data, error, response } = await service.functions.invoke(slug, { body });
    const answer: unknown = error === null ? data : await (error.context as Response).json();
    return { status: response?.status ?? 0, body: answer as Record<string, unknown> };
  };
  const provision = (orderId: string) => invoke('servers-provision', { order_id: orderId });

  const deliver = async (event: object, secret = WEBHOOK_SECRET): Promise<Response> => {
    const payload = JSON.stringify(event);
    return fetch(`${world.functionsUrl}/stripe-webhook`, {
      method: 'POST',
      headers: { 'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret }) },
      body: payload,
    });
  };
  const aCheckout = (metadata: Record<string, string> = {}, session: object = {}): object => ({
    id: `evt_${randomUUID()}`,
    object: 'event',
    type: 'checkout.session.completed',
    data: {
      object: {
        id: 'cs_test_1',
        object: 'checkout.session',
        mode: 'subscription',
        subscription: 'sub_1',
        metadata: {
          user_id: customer.id,
          plan_id: 'mc-4',
          item_type: 'game',
          term: 'monthly',
          region: 'eu',
          server_name: 'Creeper Camp',
          ...metadata,
        },
        ...session,
      },
    },
  });
  const linesOf = (executionId: string): string[] =>
    world.logs
      .rows()
      .filter((row) => row.source === 'function_logs' && row.attributes['execution_id'] === executionId)
      .map((row) => row.eventMessage);

  test('make a server from a paid checkout, and an account on the way', async () => {
    const answer = await deliver(aCheckout());
    expect(answer.status).toBe(200);
    const [order] = await world.sql('select status, pterodactyl_server_identifier, stripe_sub_id from orders');
    expect(order).toEqual({
      status: 'provisioned',
      pterodactyl_server_identifier: 'abcd1234',
      stripe_sub_id: 'sub_1',
    });
    const made = panel.created.at(-1);
    expect(made?.path).toBe('/api/application/servers');
    expect(made?.body).toMatchObject({
      name: 'Creeper Camp',
      egg: 39,
      allocation: { default: 7 },
      limits: { memory: 4096, disk: 20480, cpu: 200 },
    });
    expect(made?.body).not.toHaveProperty('external_id');
  });

  test('make a second order of the same event', async () => {
    const event = aCheckout();
    await deliver(event);
    await deliver(event);
    expect(await world.sql('select id from orders')).toHaveLength(2);
  });

  test('leave a virtual machine to a person', async () => {
    await deliver(aCheckout({ item_type: 'vps' }));
    expect(await world.sql('select status from orders')).toEqual([{ status: 'paid' }]);
  });

  test('set the order to error when provisioning fails, and log it with the order id', async () => {
    await world.sql('update ptero_nodes set enabled = false');
    const answer = await deliver(aCheckout());
    const [order] = await world.sql<{ id: string; status: string }>('select id, status from orders');
    expect([answer.status, order?.status]).toEqual([200, 'error']);
    const lines = linesOf(answer.headers.get('x-deno-execution-id') ?? '');
    expect(lines).toContain(`Triggering server provisioning for order: ${order?.id}`);
    expect(lines).toContain('Provisioning failed: 500 - {"error":"No available nodes in region: eu"}');
  });

  test('refuse a wrong signature and a missing one', async () => {
    const wrong = await deliver(aCheckout(), 'whsec_other');
    expect([wrong.status, await wrong.json()]).toEqual([400, { error: 'Invalid signature' }]);
    expect(linesOf(wrong.headers.get('x-deno-execution-id') ?? '').join('\n')).toContain(
      'Webhook signature verification failed',
    );
    const none = await fetch(`${world.functionsUrl}/stripe-webhook`, { method: 'POST', body: '{}' });
    expect(none.status).toBe(400);
  });

  test('refuse a session without a person or in payment mode, and fail on an unknown plan', async () => {
    expect((await deliver(aCheckout({ user_id: '' }))).status).toBe(400);
    expect((await deliver(aCheckout({}, { mode: 'payment', subscription: null }))).status).toBe(400);
    expect((await deliver(aCheckout({ plan_id: 'no-such' }))).status).toBe(500);
    expect(await world.sql('select id from orders')).toHaveLength(0);
  });

  test('write paid on every subscription update, and error on a failed renewal', async () => {
    const id = await insertOrder({ status: 'provisioned', stripe_sub_id: 'sub_9' });
    await deliver({ object: 'event', type: 'customer.subscription.updated', data: { object: { id: 'sub_9' } } });
    expect(await statusOf(id)).toBe('paid');
    await deliver({ object: 'event', type: 'invoice.payment_failed', data: { object: { subscription: 'sub_9' } } });
    expect(await statusOf(id)).toBe('error');
    await deliver({ object: 'event', type: 'customer.subscription.deleted', data: { object: { id: 'sub_9' } } });
    expect(await statusOf(id)).toBe('canceled');
  });

  test('refuse an order that is not paid', async () => {
    const id = await insertOrder({ status: 'error' });
    expect(await provision(id)).toEqual({ status: 500, body: { error: `Order not found or not paid: ${id}` } });
  });

  test('leave the order in provisioning for good when something fails', async () => {
    panel.allocations = [{ id: 7, port: 25565, assigned: true }];
    const id = await insertOrder();
    expect((await provision(id)).body).toEqual({ error: 'No available ports on selected node' });
    expect(await statusOf(id)).toBe('provisioning');
  });

  test('count the memory of live orders on the node', async () => {
    const [node] = await world.sql<{ id: string }>('select id from ptero_nodes');
    for (let sold = 0; sold < 3; sold += 1) await insertOrder({ status: 'provisioned', node_id: node?.id });
    const id = await insertOrder();
    expect((await provision(id)).body).toEqual({ error: 'No available capacity for plan mc-4 in region eu' });
  });

  test('say what the panel said', async () => {
    world.functions.setSecret('PTERO_APP_KEY', 'ptla_bad');
    expect((await provision(await insertOrder())).body).toEqual({ error: 'Failed to fetch allocations: 401' });
    world.functions.setSecret('PANEL_URL', null);
    const answer = await provision(await insertOrder());
    expect(answer.body['error']).toContain('undefined/api/');
  });

  test('cannot make an account without an address or without a panel', async () => {
    const lost = await world.addUser({ email: 'lost@example.com', withProfile: false });
    const first = await provision(await insertOrder({ user_id: lost.id }));
    expect(first.body).toEqual({ error: 'User email not found. Cannot create Pterodactyl account.' });
    const carl = await world.addUser({ email: 'carl@example.com' });
    world.functions.setSecret('PTERO_APP_KEY', null);
    const second = await provision(await insertOrder({ user_id: carl.id }));
    expect(second.body).toEqual({ error: 'Pterodactyl configuration missing' });
  });

  test('can be invoked by anybody without a header, and by nobody with a bad token', async () => {
    const call = async (headers: Record<string, string>): Promise<number> =>
      (
        await fetch(`${world.functionsUrl}/servers-provision`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ order_id: await insertOrder() }),
        })
      ).status;
    expect(await call({})).toBe(200);
    expect(await call({ authorization: `Bearer ${world.serviceRoleKey}` })).toBe(200);
    expect(await call({ authorization: 'Bearer nonsense' })).toBe(401);
  });

  test('make the own panel account for a signed-in customer only', async () => {
    const dora = await world.addUser({ email: 'dora@example.com', firstName: 'Dora', lastName: 'Diaz' });
    const call = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${world.functionsUrl}/create-pterodactyl-user`, { method: 'POST', headers });
    const none = await call({});
    expect([none.status, none.headers.get('sb-error-code')]).toEqual([401, 'UNAUTHORIZED_NO_AUTH_HEADER']);
    const opaque = await call({ authorization: `Bearer ${world.secretKey}` });
    expect(((await opaque.json()) as { code: string }).code).toBe('UNAUTHORIZED_INVALID_JWT_FORMAT');
    const key = await call({ authorization: `Bearer ${world.serviceRoleKey}` });
    expect([key.status, await key.json()]).toEqual([401, { error: 'Invalid authentication' }]);
    const own = await call({ authorization: `Bearer ${world.userToken(dora.id)}` });
    expect(own.status).toBe(200);
    expect(await world.sql('select panel_username from external_accounts where user_id = $1', [dora.id])).toEqual([
      { panel_username: 'Dora' },
    ]);
  });

  test('close every node when the panel refuses the key', async () => {
    world.functions.setSecret('PTERO_APP_KEY', 'ptla_bad');
    await invoke('scheduler-reconcile', {});
    expect(await world.sql('select enabled from ptero_nodes')).toEqual([{ enabled: false }]);
  });

  test("answer with the platform's codes when they cannot run", async () => {
    const codes: unknown[] = [];
    for (const kind of ['boot-error', 'crash', 'idle-timeout', 'resource-limit'] as const) {
      world.functions.setFault('servers-provision', { kind });
      const answer = await provision(await insertOrder());
      codes.push([answer.status, answer.body['code']]);
    }
    world.functions.undeploy('servers-provision');
    const gone = await provision(randomUUID());
    world.functions.deploy('servers-provision');
    codes.push([gone.status, gone.body['code']]);
    expect(codes).toEqual([
      [503, 'BOOT_ERROR'],
      [500, 'WORKER_ERROR'],
      [504, 'IDLE_TIMEOUT'],
      [546, 'WORKER_RESOURCE_LIMIT'],
      [404, 'NOT_FOUND'],
    ]);
  });

  test('have done their work when their answer is cut off, replaced or late', async () => {
    const calls = /functions\/v1\/servers-provision/;
    const ids = await Promise.all([insertOrder(), insertOrder(), insertOrder()]);
    world.faults.inject(calls, { kind: 'reset-after' });
    const cut = await service.functions.invoke('servers-provision', { body: { order_id: ids[0] } });
    expect(cut.error).toBeInstanceOf(FunctionsFetchError);
    world.faults.inject(calls, { kind: 'status-after', status: 504, body: { message: 'The upstream is slow' } });
    expect(await provision(ids[1])).toMatchObject({ status: 504, body: { message: 'The upstream is slow' } });
    world.faults.inject(calls, { kind: 'delay-after', ms: 30 });
    expect((await provision(ids[2])).status).toBe(200);
    world.faults.clear();
    expect(await Promise.all(ids.map(statusOf))).toEqual(['provisioned', 'provisioned', 'provisioned']);
  });

  test('go on after the platform gave up on them, when told so', async () => {
    world.functions.setFault('servers-provision', { kind: 'idle-timeout', worksOn: true });
    const id = await insertOrder();
    expect((await provision(id)).status).toBe(504);
    await world.functions.idle();
    expect(await statusOf(id)).toBe('provisioned');
  });
});

describe('the Management API', () => {
  const ask = (path: string, token = world.accessToken): Promise<Response> =>
    fetch(`${world.management.url}/v1/projects/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const logsOf = async (
    sql: string,
    window: { start?: number; end?: number } = {},
  ): Promise<Record<string, unknown>> => {
    const query = new URLSearchParams({ sql });
    if (window.start !== undefined) query.set('iso_timestamp_start', new Date(window.start).toISOString());
    if (window.end !== undefined) query.set('iso_timestamp_end', new Date(window.end).toISOString());
    const response = await ask(`${world.projectRef}/analytics/endpoints/logs?${query.toString()}`);
    return (await response.json()) as Record<string, unknown>;
  };

  test('asks for the right token and the right project', async () => {
    expect((await ask(world.projectRef, 'sbp_wrong')).status).toBe(401);
    expect((await ask('abcdefghijklmnopqrst')).status).toBe(403);
    expect(await (await ask(world.projectRef)).json()).toMatchObject({ status: 'ACTIVE_HEALTHY' });
  });

  test('lists functions, and secrets by their digests', async () => {
    const functions = (await (await ask(`${world.projectRef}/functions`)).json()) as {
      slug: string;
      verify_jwt: boolean;
    }[];
    expect(functions.find(({ slug }) => slug === 'servers-provision')?.verify_jwt).toBe(false);
    const secrets = (await (await ask(`${world.projectRef}/secrets`)).json()) as { name: string; value: string }[];
    expect(secrets.find(({ name }) => name === 'STRIPE_WEBHOOK_SECRET')?.value).toBe(
      createHash('sha256').update(WEBHOOK_SECRET).digest('hex'),
    );
  });

  test('wants to know which services', async () => {
    expect((await ask(`${world.projectRef}/health`)).status).toBe(400);
    expect(await (await ask(`${world.projectRef}/health?services=db&services=rest`)).json()).toHaveLength(2);
  });

  test('finds the execution of an order and its lines', async () => {
    const orderId = randomUUID();
    const executionId = randomUUID();
    const line = (eventMessage: string): void => {
      world.logs.append({
        source: 'function_logs',
        eventMessage,
        attributes: { level: 'error', execution_id: executionId },
      });
    };
    line(`Triggering server provisioning for order: ${orderId}`);
    line('Provisioning failed: 500 - {"error":"x"}');
    const found = await logsOf(
      `select timestamp, event_message, log_attributes['level'] as level, log_attributes['execution_id'] as execution_id
       from logs where source = 'function_logs' and event_message like '%${orderId}%' order by timestamp desc limit 50`,
    );
    expect(found['result']).toMatchObject([{ level: 'error', execution_id: executionId }]);
    const lines = await logsOf(
      `select timestamp, event_message, log_attributes['level'] as level from logs
       where source = 'function_logs' and log_attributes['execution_id'] = '${executionId}' order by timestamp limit 100`,
    );
    expect(lines['result']).toHaveLength(2);
  });

  test('filters function calls by status', async () => {
    const found = await logsOf(
      `select timestamp, toInt32OrZero(log_attributes['response.status_code']) as status,
         log_attributes['execution_id'] as execution_id, log_attributes['execution_time_ms'] as ms
       from logs where source = 'function_edge_logs' and log_attributes['request.pathname'] like '%/servers-provision'
         and toInt32OrZero(log_attributes['response.status_code']) >= 400 order by timestamp desc limit 50`,
      { start: Date.now() - 3_600_000, end: Date.now() },
    );
    const [newest] = found['result'] as { timestamp: string; status: number }[];
    expect(newest?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(newest?.status).toBeGreaterThanOrEqual(400);
  });

  test.each([
    ["select event_message from function_logs where id = ''", 'Table "function_logs" does not exist.'],
    ['select * from logs', 'Wildcard'],
    ['select nope from logs', 'Unknown expression identifier'],
    ["select id from logs where log_attributes['a'] >= 400", 'supertype'],
    ['select id from logs cross join unnest(metadata)', 'Syntax error'],
  ])('refuses %s inside a 200', async (sql, message) => {
    expect((await logsOf(sql))['error']).toContain(message);
  });

  test('looks back a minute at most when not told where, and a day when told', async () => {
    world.logs.append({ source: 'auth_logs', eventMessage: 'old', atMs: Date.now() - 600_000 });
    const sql = "select event_message from logs where source in ('auth_logs', 'x') and not (event_message = 'new')";
    expect((await logsOf(sql))['result']).toEqual([]);
    expect((await logsOf(sql, { start: Date.now() - 3_600_000, end: Date.now() }))['result']).toEqual([
      { event_message: 'old' },
    ]);
    expect(await logsOf(sql, { start: Date.now() - 90_000_000, end: Date.now() })).not.toHaveProperty('result');
  });

  test('has no old log endpoint any more', async () => {
    expect((await ask(`${world.projectRef}/analytics/endpoints/logs.all?sql=select`)).status).toBe(410);
  });

  test('slows down who asks for logs too often', async () => {
    const answers: Response[] = [];
    for (let asked = 0; asked < 31; asked += 1) {
      answers.push(await ask(`${world.projectRef}/analytics/endpoints/logs`));
    }
    const last = answers.at(-1);
    expect([last?.status, await last?.json()]).toEqual([429, { message: 'ThrottlerException: Too Many Requests' }]);
    expect(last?.headers.get('x-ratelimit-remaining')).toBe('0');
  });
});

describe('a merchant that differs', () => {
  test('has other statuses and lacks what was taken away', async () => {
    const other = await startSupabase({
      clock,
      cacheDir: CACHE_DIR,
      schema: 'extended',
      without: ['orders.region', 'profiles'],
    });
    const columns = await other.sql<{ column_name: string }>(
      "select column_name from information_schema.columns where table_schema = 'public' and table_name = 'orders'",
    );
    await other.sql("insert into plans (id, ram_gb) values ('p', 1)");
    const { id } = await other.addUser({ email: 'x@example.com', withProfile: false });
    await other.sql(
      `insert into orders (user_id, item_type, plan_id, term, server_name, status)
       values ($1, 'game', 'p', 'monthly', 's', 'installing')`,
      [id],
    );
    await other.stop();
    expect(columns.map(({ column_name }) => column_name)).not.toContain('region');
  });
});
