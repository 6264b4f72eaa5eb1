import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createWorldClock, type WorldClock } from '../../src/sandbox/clock.ts';
import { type PanelWorld, startPanel } from '../../src/sandbox/panel/index.ts';

const itemShape = z.object({ object: z.string(), attributes: z.record(z.string(), z.unknown()) });
const listShape = z.object({
  object: z.literal('list'),
  data: z.array(itemShape),
  meta: z
    .object({
      pagination: z.object({
        total: z.number(),
        count: z.number(),
        per_page: z.number(),
        current_page: z.number(),
        total_pages: z.number(),
        links: z.object({ previous: z.string().optional(), next: z.string().optional() }),
      }),
    })
    .optional(),
});
const errorsShape = z.object({
  errors: z.array(
    z.object({
      code: z.string(),
      status: z.string(),
      detail: z.string(),
      meta: z.object({ source_field: z.string(), rule: z.string() }).optional(),
    }),
  ),
});

const INSTALL_MS = 250;

let clock: WorldClock;
let panel: PanelWorld;
let nodeId: number;
let eggId: number;
let nestId: number;
let locationId: number;
let customerId: number;

beforeEach(async () => {
  clock = createWorldClock();
  panel = await startPanel({ clock, installMs: INSTALL_MS });
  locationId = panel.addLocation({ short: 'eu' }).id;
  nodeId = panel.addNode({ name: 'Frankfurt 1', locationId, memoryMib: 16_384, diskMib: 100_000 }).id;
  panel.addAllocations(nodeId, { ports: { from: 25565, to: 25570 } });
  nestId = panel.addNest({ name: 'Minecraft' }).id;
  eggId = panel.addEgg({
    nestId,
    name: 'Paper',
    variables: [
      {
        name: 'Server Jar File',
        envVariable: 'SERVER_JARFILE',
        rules: 'required|string|max:20',
        defaultValue: 'server.jar',
      },
      { name: 'Build', envVariable: 'BUILD_NUMBER', rules: 'nullable|string' },
    ],
  }).id;
  customerId = panel.addUser({ email: 'bob@x.com', username: 'bob' }).id;
});

afterEach(() => panel.stop());

interface Ask {
  readonly token?: string | null;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function ask(path: string, { token = panel.applicationKey, method = 'GET', body, headers = {} }: Ask = {}) {
  return fetch(`${panel.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

const api = (path: string, options?: Ask) => ask(`/api/application${path}`, options);
const client = (path: string, options: Ask = {}) => ask(`/api/client${path}`, { token: panel.clientKey, ...options });
const item = async (response: Response) => itemShape.parse(await response.json()).attributes;
const list = async (response: Response) => listShape.parse(await response.json());

async function errors(response: Response) {
  const parsed = errorsShape.parse(await response.json()).errors;
  for (const { status } of parsed) expect(status).toBe(String(response.status));
  return parsed;
}

async function error(response: Response) {
  const [first] = await errors(response);
  return { status: response.status, code: first?.code, detail: first?.detail };
}

async function failedRules(response: Response) {
  expect(response.status).toBe(422);
  return (await errors(response)).map(({ meta }) => `${meta?.source_field}/${meta?.rule}`);
}

const aServer = (over: Record<string, unknown> = {}) => ({
  name: 'My server',
  user: customerId,
  egg: eggId,
  docker_image: 'ghcr.io/pterodactyl/yolks:java_21',
  startup: 'java -jar {{SERVER_JARFILE}}',
  environment: { SERVER_JARFILE: 'server.jar' },
  limits: { memory: 4096, swap: 0, disk: 10_000, io: 500, cpu: 100 },
  feature_limits: { databases: 0, backups: 0 },
  deploy: { locations: [], dedicated_ip: false, port_range: [] },
  ...over,
});

const create = (over?: Record<string, unknown>) => api('/servers', { method: 'POST', body: aServer(over) });
const settle = () => new Promise((resolve) => setTimeout(resolve, INSTALL_MS * 1.5));
const serverAt = async (path: string) => item(await api(path));

describe('the sequence of checks', () => {
  it('answers an unknown API path before it looks at the key', async () => {
    expect(await error(await api('/nothing', { token: null }))).toEqual({
      status: 404,
      code: 'NotFoundHttpException',
      detail: 'The route api/application/nothing could not be found.',
    });
  });

  it('answers a wrong method before it looks at the key', async () => {
    const answer = await api('/users', { token: null, method: 'DELETE' });
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await error(answer)).toMatchObject({ status: 405, code: 'MethodNotAllowedHttpException' });
  });

  it('refuses missing, unknown and revoked keys with 401 and without rate-limit headers', async () => {
    panel.revokeKey(panel.clientKey);
    for (const token of [null, 'ptla_unknown', panel.clientKey]) {
      const answer = await api('/users', { token });
      expect(answer.headers.has('x-ratelimit-limit')).toBe(false);
      expect(await error(answer)).toEqual({
        status: 401,
        code: 'AuthenticationException',
        detail: 'Unauthenticated.',
      });
    }
  });

  it('refuses malformed JSON after the key and before the rate limit', async () => {
    expect((await api('/users', { token: null, method: 'POST', body: '{' })).status).toBe(401);
    const answer = await api('/users', { method: 'POST', body: '{' });
    expect(answer.headers.has('x-ratelimit-limit')).toBe(false);
    expect(await error(answer)).toMatchObject({ status: 400, code: 'BadRequestHttpException' });
  });

  it('demands two-factor authentication of the key owner when the panel does', async () => {
    panel.settings.requiresTwoFactor = true;
    expect(await error(await api('/users'))).toMatchObject({ status: 400, code: 'TwoFactorAuthRequiredException' });
    panel.admin.hasTwoFactor = true;
    expect((await api('/users')).status).toBe(200);
  });

  it('refuses an address that is not on the list of the key', async () => {
    panel.setKeyAddresses(panel.applicationKey, ['198.51.100.1']);
    const refused = await error(await api('/users'));
    expect(refused).toMatchObject({ status: 403, code: 'AccessDeniedHttpException' });
    expect(refused.detail).toContain('This IP address (127.0.0.1)');
  });

  it('answers 404 for an unknown id to a key that may not read the resource', async () => {
    panel.setKeyPermissions(panel.applicationKey, { users: 0 });
    expect((await api('/users/999')).status).toBe(404);
    expect(await error(await api(`/users/${customerId}`))).toEqual({
      status: 403,
      code: 'AccessDeniedHttpException',
      detail: 'This action is unauthorized.',
    });
  });

  it('tells write permission from its lack by an empty create', async () => {
    expect((await api('/servers', { method: 'POST', body: {} })).status).toBe(422);
    panel.setKeyPermissions(panel.applicationKey, { servers: 1 });
    expect((await api('/servers', { method: 'POST', body: {} })).status).toBe(403);
    expect((await api('/servers')).status).toBe(200);
    panel.setKeyPermissions(panel.applicationKey, { servers: 2 });
    expect((await api('/servers')).status).toBe(403);
  });

  it('refuses a key whose owner is no longer root admin', async () => {
    panel.admin.rootAdmin = false;
    expect(await error(await api('/users'))).toMatchObject({
      status: 403,
      detail: 'This account does not have permission to access the API.',
    });
  });

  it('lets an account key of a root admin use the Application API, and no application key the Client API', async () => {
    expect((await api('/users', { token: panel.clientKey })).status).toBe(200);
    expect(await error(await client('', { token: panel.applicationKey }))).toMatchObject({
      status: 403,
      code: 'AccessDeniedHttpException',
    });
  });

  it('fails every call with 500 once the stored keys cannot be decrypted', async () => {
    panel.settings.hasLostAppKey = true;
    expect(await error(await api('/users'))).toMatchObject({ status: 500, code: 'DecryptException' });
  });

  it('answers 503 to everything while in maintenance', async () => {
    panel.settings.inMaintenance = true;
    expect(await error(await api('/users', { token: null }))).toEqual({
      status: 503,
      code: 'HttpException',
      detail: 'Service Unavailable',
    });
  });
});

describe('callers that do not ask for JSON first', () => {
  it('are sent to the login page instead of a 401', async () => {
    const answer = await api('/users', { token: null, headers: { accept: '*/*, application/json' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `${panel.url}/auth/login`]);
  });

  it('see 200 HTML when they follow the redirect', async () => {
    const answer = await fetch(`${panel.url}/api/application/users`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
  });

  it('are sent back on 422, and get a page on 404', async () => {
    const headers = { accept: '*/*' };
    expect((await api('/users', { method: 'POST', body: {}, headers })).status).toBe(302);
    const missing = await api('/users/999', { headers });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
  });

  it('still get successes as JSON', async () => {
    expect(await list(await api('/users', { headers: { accept: '*/*' } }))).toMatchObject({ object: 'list' });
  });

  it('get JSON errors with the vendor type', async () => {
    const headers = { accept: 'application/vnd.pterodactyl.v1+json' };
    expect((await error(await api('/users/999', { headers }))).status).toBe(404);
  });

  it('get the web app at any path that is no API', async () => {
    for (const path of ['/', '/application/users', '/v1/api/application/users']) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
    }
  });
});

describe('the rate limit', () => {
  it('counts per user over all keys and shows what is left', async () => {
    expect((await api('/users')).headers.get('x-ratelimit-remaining')).toBe('239');
    const second = await api('/users', { token: panel.clientKey });
    expect(second.headers.get('x-ratelimit-limit')).toBe('240');
    expect(second.headers.get('x-ratelimit-remaining')).toBe('238');
    expect((await client('')).headers.get('x-ratelimit-limit')).toBe('720');
  });

  it('carries its headers on refusals too', async () => {
    panel.setKeyPermissions(panel.applicationKey, { users: 0 });
    for (const path of ['/users', '/users/999']) {
      expect((await api(path)).headers.has('x-ratelimit-remaining')).toBe(true);
    }
    expect((await api('/servers', { method: 'POST', body: {} })).headers.has('x-ratelimit-remaining')).toBe(true);
  });

  it('answers 429 with the time to wait, before it looks at ids', async () => {
    panel.setRateLimit(1);
    await api('/users');
    const answer = await api('/users/999');
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    expect(await error(answer)).toEqual({
      status: 429,
      code: 'ThrottleRequestsException',
      detail: 'Too Many Attempts.',
    });
  });

  it('opens a new window after a minute and after travelling back', async () => {
    panel.setRateLimit(1);
    await api('/users');
    clock.travelTo(Date.now() + 61_000);
    expect((await api('/users')).status).toBe(200);
    clock.travelTo(Date.now() - 86_400_000);
    expect((await api('/users')).status).toBe(200);
    expect((await api('/users')).status).toBe(429);
  });
});

describe('lists', () => {
  const emails = async (query: string) =>
    (await list(await api(`/users?${query}`))).data.map((row) => row.attributes['email']);

  beforeEach(() => {
    for (const email of ['jimbob@x.com', 'a_b@y.com', 'acb@y.com', 'plus+tag@y.com']) panel.addUser({ email });
  });

  it('filter by substring, case-blind, with comma as OR', async () => {
    expect(await emails('filter[email]=BOB@x.com')).toEqual(['bob@x.com', 'jimbob@x.com']);
    expect(await emails('filter[email]=jimbob,acb')).toEqual(['jimbob@x.com', 'acb@y.com']);
  });

  it('treat _ and % as wildcards, and a raw plus as a space', async () => {
    expect(await emails('filter[email]=a_b@')).toEqual(['a_b@y.com', 'acb@y.com']);
    expect(await emails('filter[email]=j%25com')).toEqual(['jimbob@x.com']);
    expect(await emails('filter[email]=plus+tag')).toEqual([]);
    expect(await emails('filter[email]=plus%2Btag')).toEqual(['plus+tag@y.com']);
  });

  it('take a backslash for what makes the next character plain', async () => {
    expect(await emails(`filter[email]=${encodeURIComponent('a\\_b@')}`)).toEqual(['a_b@y.com']);
    expect(await emails(`filter[email]=${encodeURIComponent('jim\\bob')}`)).toEqual(['jimbob@x.com']);
  });

  it('take an empty filter for no filter', async () => {
    expect(await emails('filter[email]=')).toHaveLength(6);
  });

  it('refuse unknown filters and sorts', async () => {
    expect(await error(await api('/users?filter[name]=x'))).toMatchObject({ status: 400, code: 'InvalidFilterQuery' });
    expect(await error(await api('/users?sort=email'))).toMatchObject({ status: 400, code: 'InvalidSortQuery' });
  });

  it('sort in both directions', async () => {
    const ids = async (sort: string) =>
      (await list(await api(`/users?sort=${sort}`))).data.map((row) => row.attributes['id']);
    expect(await ids('id')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ids('-id')).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('lose everything but the page number in their links', async () => {
    const page = await list(await api('/users?per_page=2&page=2&sort=id'));
    expect(page.meta?.pagination).toEqual({
      total: 6,
      count: 2,
      per_page: 2,
      current_page: 2,
      total_pages: 3,
      links: {
        previous: `${panel.url}/api/application/users?page=1`,
        next: `${panel.url}/api/application/users?page=3`,
      },
    });
  });

  it('have 50 rows by default, no maximum, 15 for zero, and 500 for nonsense', async () => {
    panel.addAllocations(nodeId, { ports: { from: 30_000, to: 30_299 } });
    const page = async (query: string) =>
      (await list(await api(`/nodes/${nodeId}/allocations${query}`))).meta?.pagination;
    expect(await page('')).toMatchObject({ count: 50, total: 306, total_pages: 7 });
    expect(await page('?per_page=1000')).toMatchObject({ count: 306, total_pages: 1, links: {} });
    expect(await page('?per_page=0')).toMatchObject({ count: 15 });
    expect(await page('?page=99')).toMatchObject({ count: 0, current_page: 99 });
    expect((await api('/users?per_page=many')).status).toBe(500);
  });
});

describe('users', () => {
  const post = (body: object) => api('/users', { method: 'POST', body });
  const carol = { email: 'carol@x.com', username: 'Carol', first_name: 'Carol', last_name: 'C' };

  it('are created with a lower-cased name and found by external id', async () => {
    const answer = await post({ ...carol, external_id: 'u-7' });
    expect(answer.status).toBe(201);
    const created = z.object({ attributes: z.looseObject({}), meta: z.object({ resource: z.string() }) });
    const { attributes, meta } = created.parse(await answer.json());
    expect(attributes).toMatchObject({ username: 'carol', external_id: 'u-7', root_admin: false, '2fa': false });
    expect(meta.resource).toBe(`${panel.url}/api/application/users/${String(attributes['id'])}`);
    expect(attributes['created_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(await item(await api('/users/external/u-7'))).toEqual(attributes);
    expect((await api('/users/external/u-8')).status).toBe(404);
  });

  it('must be complete, unique and well named', async () => {
    expect(await failedRules(await post({}))).toEqual([
      'email/required',
      'username/required',
      'first_name/required',
      'last_name/required',
    ]);
    expect(await failedRules(await post({ ...carol, email: 'BOB@x.com', username: 'BOB' }))).toEqual([
      'email/unique',
      'username/unique',
    ]);
    expect(await failedRules(await post({ ...carol, username: 'ab' }))).toEqual(['username/p_username']);
    expect(await failedRules(await post({ ...carol, first_name: '  ' }))).toEqual(['first_name/required']);
  });

  it('are stored before their mail is queued, so that a dead queue fails what is done', async () => {
    panel.settings.hasDeadMailQueue = true;
    expect(await error(await post(carol))).toMatchObject({ status: 500, code: 'RedisException' });
    expect(await failedRules(await post(carol))).toEqual(['email/unique', 'username/unique']);
    expect(panel.state.users.where(({ email }) => email === carol.email)).toHaveLength(1);
  });

  it('lose every field when the body is not declared as JSON', async () => {
    const answer = await api('/users', { method: 'POST', body: carol, headers: { 'content-type': 'text/plain' } });
    expect(await failedRules(answer)).toHaveLength(4);
  });

  it('can be changed and keep their own address', async () => {
    const body = { email: 'bob@x.com', username: 'bob', first_name: 'Robert', last_name: 'B' };
    const changed = await item(await api(`/users/${customerId}`, { method: 'PATCH', body }));
    expect(changed).toMatchObject({ id: customerId, first_name: 'Robert' });
  });

  it('show their servers, or a null resource to a key that may not read servers', async () => {
    panel.addServer({ ownerId: customerId, nodeId, eggId });
    const relation = async () =>
      z
        .object({ servers: z.looseObject({ object: z.string() }) })
        .parse((await item(await api(`/users/${customerId}?include=servers,nonsense`)))['relationships']).servers;
    expect(await relation()).toMatchObject({ object: 'list', data: [{ object: 'server' }] });
    panel.setKeyPermissions(panel.applicationKey, { servers: 0 });
    expect(await relation()).toEqual({ object: 'null_resource', attributes: null });
  });

  it('cannot be deleted while they own servers', async () => {
    panel.addServer({ ownerId: customerId, nodeId, eggId });
    const answer = await api(`/users/${customerId}`, { method: 'DELETE' });
    expect(await error(answer)).toMatchObject({ status: 400, code: 'DisplayException' });
  });
});

describe('nodes, allocations, nests, eggs and locations', () => {
  it('show what the servers of a node have been promised', async () => {
    panel.addServer({ ownerId: customerId, nodeId, eggId, memoryMib: 2048, diskMib: 5000 });
    expect(await item(await api(`/nodes/${nodeId}`))).toMatchObject({
      name: 'Frankfurt 1',
      public: true,
      maintenance_mode: false,
      allocated_resources: { memory: 2048, disk: 5000 },
    });
  });

  it('never give away the configuration of a node', async () => {
    expect((await api(`/nodes/${nodeId}/configuration`)).status).toBe(404);
  });

  it('tell free allocations by filter[server_id]=0', async () => {
    const server = panel.addServer({ ownerId: customerId, nodeId, eggId });
    const total = async (query: string) =>
      (await list(await api(`/nodes/${nodeId}/allocations?${query}`))).meta?.pagination.total;
    expect(await total('filter[server_id]=0&per_page=1')).toBe(5);
    expect(await total(`filter[server_id]=${server.id}`)).toBe(1);
    expect(await total('filter[server_id]=')).toBe(6);
    expect(await total('filter[port]=25566,25567')).toBe(2);
    expect(await total('filter[port]=2556')).toBe(0);
  });

  it('say which nodes could take a server', async () => {
    const deployable = await list(await api('/nodes/deployable?memory=16384&disk=10'));
    expect(deployable.meta).toBeUndefined();
    expect(deployable.data[0]?.attributes).toMatchObject({ id: nodeId, sum_memory: 0, sum_disk: 0 });
    expect(await error(await api('/nodes/deployable?memory=16385&disk=10'))).toEqual({
      status: 400,
      code: 'NoViableNodeException',
      detail: 'No nodes satisfying the requirements specified for automatic deployment could be found.',
    });
    expect(await failedRules(await api('/nodes/deployable'))).toEqual(['memory/required', 'disk/required']);
    expect(await failedRules(await api('/nodes/deployable?memory=1&disk=1&location_ids=1'))).toEqual([
      'location_ids/array',
    ]);
    expect((await api('/nodes/deployable?memory=1&disk=1&location_ids[]=99')).status).toBe(400);
  });

  it('count overallocation of -1 as minus one percent, and ignore maintenance', async () => {
    const node = panel.state.nodes.get(nodeId);
    if (node === undefined) throw new Error('The node is missing.');
    panel.setMaintenance(nodeId, true);
    expect((await api('/nodes/deployable?memory=16384&disk=1')).status).toBe(200);
    node.memoryOverallocate = -1;
    expect((await api('/nodes/deployable?memory=16384&disk=1')).status).toBe(400);
    expect((await api('/nodes/deployable?memory=16220&disk=1')).status).toBe(200);
  });

  it('find an egg below its own nest only', async () => {
    const otherNest = panel.addNest({}).id;
    const egg = await item(await api(`/nests/${nestId}/eggs/${eggId}?include=variables`));
    expect(egg['docker_images']).toEqual({ 'Java 21': 'ghcr.io/pterodactyl/yolks:java_21' });
    expect(egg['relationships']).toMatchObject({
      variables: { data: [{ attributes: { env_variable: 'SERVER_JARFILE', rules: 'required|string|max:20' } }, {}] },
    });
    expect((await api(`/nests/${otherNest}/eggs/${eggId}`)).status).toBe(404);
    expect((await list(await api(`/nests/${nestId}/eggs`))).meta).toBeUndefined();
  });

  it('list locations', async () => {
    expect((await list(await api('/locations?filter[short]=EU'))).data).toHaveLength(1);
    expect(await item(await api(`/locations/${locationId}`))).toMatchObject({ short: 'eu' });
    expect((await api('/locations/99')).status).toBe(404);
  });
});

describe('creating a server', () => {
  it('answers 201 with a server that is being installed, and is normal a little later', async () => {
    const answer = await create({ external_id: 'order-1' });
    expect(answer.status).toBe(201);
    const server = await item(answer);
    expect(server).toMatchObject({
      external_id: 'order-1',
      status: 'installing',
      suspended: false,
      user: customerId,
      nest: nestId,
      limits: { memory: 4096, threads: null, oom_disabled: true },
      container: { installed: 0 },
    });
    expect(String(server['uuid']).startsWith(String(server['identifier']))).toBe(true);
    await expect
      .poll(() => serverAt('/servers/external/order-1'))
      .toMatchObject({ status: null, container: { installed: 1 } });
  });

  it('names every missing field', async () => {
    expect(await failedRules(await api('/servers', { method: 'POST', body: {} }))).toEqual([
      'name/required',
      'user/required',
      'egg/required',
      'docker_image/required',
      'startup/required',
      'environment/present',
      'limits/required',
      'limits.memory/required',
      'limits.swap/required',
      'limits.disk/required',
      'limits.io/required',
      'limits.cpu/required',
      'feature_limits/required',
      'feature_limits.databases/present',
      'feature_limits.backups/present',
      'allocation.default/required',
    ]);
  });

  it('refuses unknown users and eggs, a used external id and limits out of range', async () => {
    await create({ external_id: 'order-1' });
    const limits = { memory: -1, swap: -2, disk: 0, io: 5, cpu: 0 };
    expect(await failedRules(await create({ external_id: 'order-1', user: 99, egg: 99, limits }))).toEqual([
      'external_id/unique',
      'user/exists',
      'egg/exists',
      'limits.memory/min',
      'limits.swap/min',
      'limits.io/between',
    ]);
  });

  it('wants all three keys of deploy', async () => {
    expect((await failedRules(await create({ deploy: { locations: [1] } }))).toSorted()).toEqual([
      'deploy.dedicated_ip/required_with',
      'deploy.port_range/present',
    ]);
    const deploy = { locations: ['x'], dedicated_ip: false, port_range: [25565] };
    expect((await failedRules(await create({ deploy }))).toSorted()).toEqual([
      'deploy.locations.0/integer',
      'deploy.port_range.0/string',
    ]);
  });

  it('does not fill in egg variables, and takes an empty text for a missing one', async () => {
    const answer = await create({ environment: { SERVER_JARFILE: ' ' } });
    expect(await errors(answer.clone())).toMatchObject([
      { detail: 'The Server Jar File variable field is required.', meta: { rule: 'required' } },
    ]);
    expect(await failedRules(answer)).toEqual(['environment.SERVER_JARFILE/required']);
    expect(await failedRules(await create({ environment: { SERVER_JARFILE: 7 } }))).toEqual([
      'environment.SERVER_JARFILE/string',
    ]);
    expect(await failedRules(await create({ environment: { SERVER_JARFILE: 'x'.repeat(21) } }))).toEqual([
      'environment.SERVER_JARFILE/max',
    ]);
  });

  it('looks for a node, then for a port, and only then at the variables', async () => {
    const environment = {};
    const tooBig = { memory: 99_999, swap: 0, disk: 1, io: 500, cpu: 0 };
    expect(await error(await create({ environment, limits: tooBig }))).toMatchObject({ code: 'NoViableNodeException' });
    const deploy = { locations: [], dedicated_ip: false, port_range: ['40000-40010'] };
    expect(await error(await create({ environment, deploy }))).toMatchObject({
      status: 400,
      code: 'NoViableAllocationException',
    });
    expect((await create({ environment })).status).toBe(422);
  });

  it('refuses a port range over 1000', async () => {
    const deploy = { locations: [], dedicated_ip: false, port_range: ['25000-26001'] };
    expect(await error(await create({ deploy }))).toMatchObject({ status: 400, code: 'DisplayException' });
  });

  it('takes a named allocation without looking at capacity, but only a free one', async () => {
    const limits = { memory: 99_999, swap: 0, disk: 1, io: 500, cpu: 0 };
    const { deploy: _, ...named } = { ...aServer({ limits }), allocation: { default: 1 } };
    expect((await api('/servers', { method: 'POST', body: named })).status).toBe(201);
    expect(await failedRules(await api('/servers', { method: 'POST', body: named }))).toEqual([
      'allocation.default/exists',
    ]);
  });

  it('gives no address that already has a server to one that wants its own', async () => {
    panel.addServer({ ownerId: customerId, nodeId, eggId });
    const deploy = { locations: [], dedicated_ip: true, port_range: [] };
    expect(await error(await create({ deploy }))).toMatchObject({ code: 'NoViableAllocationException' });
  });

  it('removes the row again when Wings does not answer', async () => {
    await panel.wings.setMode(nodeId, 'down');
    panel.wings.setLatencyMs(nodeId, 400);
    const pending = create({ external_id: 'order-1' });
    await expect.poll(async () => (await api('/servers/external/order-1')).status, { interval: 20 }).toBe(200);
    expect(await serverAt('/servers/external/order-1')).toMatchObject({ status: 'installing' });
    expect(await error(await pending)).toEqual({
      status: 504,
      code: 'DaemonConnectionException',
      detail: 'Could not establish a connection to the machine running this server. Please try again.',
    });
    expect((await api('/servers/external/order-1')).status).toBe(404);
    expect(panel.state.allocations.where(({ serverId }) => serverId !== null)).toEqual([]);
  });

  it('passes on the status of Wings, which is not about the caller', async () => {
    await panel.wings.setMode(nodeId, 'token-mismatch');
    const mismatch = await error(await create());
    expect(mismatch).toMatchObject({ status: 403, code: 'DaemonConnectionException' });
    expect(mismatch.detail).toContain('An error occurred on the remote host: You are not authorized');
    await panel.wings.setMode(nodeId, 'refuses');
    const broken = await error(await create());
    expect(broken).toMatchObject({ status: 500, code: 'DaemonConnectionException' });
    expect(broken.detail).toContain('(code: 500) (request_id: ');
    expect(panel.state.servers.all()).toEqual([]);
  });

  it('ends in install_failed when the script fails, and once only', async () => {
    panel.installs.failNext(nodeId);
    const first = await item(await create());
    await expect
      .poll(() => serverAt(`/servers/${String(first['id'])}`))
      .toMatchObject({ status: 'install_failed', container: { installed: 0 } });
    const second = await item(await create());
    await expect.poll(() => serverAt(`/servers/${String(second['id'])}`)).toMatchObject({ status: null });
  });

  it('stays installing when Wings goes away, and turns normal without proof when Wings restarts', async () => {
    const { id } = await item(await create());
    await panel.wings.setMode(nodeId, 'down');
    await settle();
    expect(await serverAt(`/servers/${String(id)}`)).toMatchObject({ status: 'installing' });
    await panel.wings.setMode(nodeId, 'up');
    expect(await serverAt(`/servers/${String(id)}`)).toMatchObject({ status: null });
  });
});

describe('acting on a server', () => {
  let path: string;
  const act = (action: string) => api(`${path}/${action}`, { method: 'POST' });
  const status = async () => (await item(await api(path)))['status'];

  beforeEach(() => {
    path = `/servers/${panel.addServer({ ownerId: customerId, nodeId, eggId, externalId: 'order-1' }).id}`;
  });

  it('reinstalls, whatever the status, and names a failure its own way', async () => {
    panel.installs.failNext(nodeId);
    expect((await act('reinstall')).status).toBe(204);
    expect(await status()).toBe('installing');
    expect(await error(await act('reinstall'))).toMatchObject({ status: 409, code: 'DaemonConnectionException' });
    await expect.poll(status).toBe('reinstall_failed');
    expect((await act('reinstall')).status).toBe(204);
    await expect.poll(status).toBe(null);
  });

  it('leaves the status alone when Wings does not take the reinstall', async () => {
    await panel.wings.setMode(nodeId, 'down');
    expect((await act('reinstall')).status).toBe(504);
    expect(await status()).toBe(null);
  });

  it('suspends and unsuspends, which erases a failed install', async () => {
    panel.setServerStatus(1, 'install_failed');
    expect((await act('unsuspend')).status).toBe(204);
    expect(await status()).toBe('install_failed');
    expect((await act('suspend')).status).toBe(204);
    expect(await item(await api(path))).toMatchObject({ status: 'suspended', suspended: true });
    expect((await act('unsuspend')).status).toBe(204);
    expect(await status()).toBe(null);
  });

  it('writes the opposite state when Wings fails at it', async () => {
    panel.setServerStatus(1, 'installing');
    await panel.wings.setMode(nodeId, 'down');
    expect((await act('suspend')).status).toBe(504);
    expect(await status()).toBe(null);
  });

  it('keeps the row of a delete that Wings did not confirm', async () => {
    await panel.wings.setMode(nodeId, 'down');
    expect((await api(path, { method: 'DELETE' })).status).toBe(504);
    expect((await api(path)).status).toBe(200);
    expect((await api(`${path}/force`, { method: 'DELETE' })).status).toBe(204);
    expect((await api(path)).status).toBe(404);
  });

  it('deletes a server that Wings does not know', async () => {
    const server = panel.state.servers.get(1);
    if (server === undefined) throw new Error('The server is missing.');
    panel.wings.setKnown(server, false);
    expect((await api(path, { method: 'DELETE' })).status).toBe(204);
    expect(panel.state.allocations.where(({ serverId }) => serverId !== null)).toEqual([]);
  });

  it('clears what a change of details leaves out', async () => {
    const details = (body: object) => api(`${path}/details`, { method: 'PATCH', body });
    expect(await failedRules(await details({}))).toEqual(['name/required', 'user/required']);
    const kept = await item(await details({ name: 'New', user: customerId, external_id: 'order-1', description: 'd' }));
    expect(kept).toMatchObject({ name: 'New', external_id: 'order-1', description: 'd' });
    const cleared = await item(await details({ name: 'New', user: customerId }));
    expect(cleared).toMatchObject({ external_id: null, description: '' });
  });

  it('crashes on include=transfer and shows every other relation', async () => {
    expect((await api(`${path}?include=transfer`)).status).toBe(500);
    const names = ['allocations', 'user', 'subusers', 'nest', 'egg', 'variables', 'location', 'node', 'databases'];
    const { relationships } = await item(await api(`${path}?include=${names.join(',')}`));
    expect(Object.keys(z.looseObject({}).parse(relationships))).toEqual(names);
    expect(relationships).toMatchObject({ variables: { data: [{ attributes: { server_value: 'server.jar' } }, {}] } });
  });
});

describe('the Client API', () => {
  let short: string;

  beforeEach(() => {
    short = panel.addServer({ ownerId: customerId, nodeId, eggId }).identifier;
  });

  it('shows a server in every state, by short and by full id', async () => {
    panel.setServerStatus(1, 'suspended');
    panel.setMaintenance(nodeId, true);
    const server = await item(await client(`/servers/${short}`));
    expect(server).toMatchObject({ is_suspended: true, is_node_under_maintenance: true, node: 'Frankfurt 1' });
    expect((await client(`/servers/${String(server['uuid'])}`)).status).toBe(200);
    expect((await client('/servers/00000000')).status).toBe(404);
  });

  it('lists all servers to an admin with type=admin-all, at most 100 a page', async () => {
    expect((await list(await client('?per_page=500'))).meta?.pagination).toMatchObject({ total: 0, per_page: 100 });
    expect((await list(await client('?type=admin-all'))).data).toHaveLength(1);
  });

  it('hides the servers of others from an ordinary account', async () => {
    const stranger = panel.addKey(panel.addUser({ email: 'eve@x.com' }).id, 'account').token;
    expect((await client(`/servers/${short}`, { token: stranger })).status).toBe(404);
    expect(await error(await api('/users', { token: stranger }))).toMatchObject({ status: 403 });
  });

  it('reports what the process does, from a cache of 20 seconds', async () => {
    const state = async () => (await item(await client(`/servers/${short}/resources`)))['current_state'];
    expect(await state()).toBe('running');
    panel.setPower(1, 'offline');
    expect(await state()).toBe('running');
    clock.travelTo(Date.now() + 21_000);
    expect(await state()).toBe('offline');
  });

  it('refuses resources of a server that is not in its normal state', async () => {
    for (const status of [
      'installing',
      'install_failed',
      'suspended',
      'restoring_backup',
      'reinstall_failed',
    ] as const) {
      panel.setServerStatus(1, status);
      expect(await error(await client(`/servers/${short}/resources`))).toMatchObject({
        status: 409,
        code: 'ServerStateConflictException',
      });
    }
    panel.setServerStatus(1, null);
    panel.setMaintenance(nodeId, true);
    expect((await client(`/servers/${short}/resources`)).status).toBe(409);
  });

  it('tells by the words of a 504 what is wrong with Wings', async () => {
    const detail = async () => {
      const answer = await error(await client(`/servers/${short}/resources`));
      expect(answer).toMatchObject({ status: 504, code: 'DaemonConnectionException' });
      return answer.detail;
    };
    const server = panel.state.servers.get(1);
    if (server === undefined) throw new Error('The server is missing.');
    panel.wings.setKnown(server, false);
    expect(await detail()).toContain('(code: 404)');
    await panel.wings.setMode(nodeId, 'token-mismatch');
    expect(await detail()).toContain('(code: 403)');
    await panel.wings.setMode(nodeId, 'down');
    expect(await detail()).toContain('Could not establish');
  });
});

describe('Wings as seen from the network', () => {
  it('proves that it is alive by refusing a caller without a token', async () => {
    const { url } = await panel.wings.expose(nodeId);
    const node = await item(await api(`/nodes/${nodeId}`));
    expect(`${String(node['scheme'])}://${String(node['fqdn'])}:${String(node['daemon_listen'])}`).toBe(url);
    const answer = await fetch(`${url}/api/system`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toEqual({ error: expect.any(String) });
  });

  it('refuses connections while it is down and comes back at the same address', async () => {
    const { url } = await panel.wings.expose(nodeId);
    await panel.wings.setMode(nodeId, 'down');
    await expect(fetch(`${url}/api/system`)).rejects.toThrow('fetch failed');
    await panel.wings.setMode(nodeId, 'up');
    expect((await fetch(`${url}/api/system`)).status).toBe(401);
  });
});

describe('the furnished panel', () => {
  it('has keys of the right form and the same ids for the same seed', async () => {
    expect(panel.applicationKey).toMatch(/^ptla_[A-Za-z0-9]{43}$/);
    expect(panel.clientKey).toMatch(/^ptlc_[A-Za-z0-9]{43}$/);
    const twin = await startPanel({ clock });
    expect([twin.applicationKey, twin.admin.uuid]).toEqual([panel.applicationKey, panel.admin.uuid]);
    await twin.stop();
  });

  it('meets injected faults before anything else', async () => {
    const lift = panel.faults.inject(/GET \/api\/application\/users/, { kind: 'html-200' });
    expect((await api('/users')).headers.get('content-type')).toContain('text/html');
    lift();
    expect((await api('/users')).headers.get('content-type')).toBe('application/json');
  });

  describe('whose answer is lost after the work', () => {
    const names = () => panel.state.servers.all().map(({ name }) => name);
    const creations = /POST \/api\/application\/servers$/;

    it('has made the server when the connection is cut', async () => {
      panel.faults.inject(creations, { kind: 'reset-after' });
      await expect(create({ name: 'Cut off' })).rejects.toThrow('fetch failed');
      expect(names()).toEqual(['Cut off']);
    });

    it('has made the server when a proxy answers for it', async () => {
      const headers = { 'content-type': 'text/html' };
      panel.faults.inject(creations, { kind: 'status-after', status: 504, headers, body: '<h1>504</h1>' });
      const answer = await create({ name: 'Hidden' });
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        504,
        'text/html',
        '<h1>504</h1>',
      ]);
      expect(names()).toEqual(['Hidden']);
    });

    it('has made the server long before it says so', async () => {
      panel.faults.inject(creations, { kind: 'delay-after', ms: 150 });
      const startedAt = performance.now();
      const pending = create({ name: 'Slow' });
      await expect.poll(names, { interval: 5, timeout: 100 }).toEqual(['Slow']);
      expect((await item(await pending))['name']).toBe('Slow');
      expect(performance.now() - startedAt).toBeGreaterThan(140);
    });

    it('tells the truth about an empty answer, late', async () => {
      const { id } = panel.addServer({ ownerId: customerId, nodeId, eggId });
      panel.faults.inject(/reinstall/, { kind: 'delay-after', ms: 20 });
      expect((await api(`/servers/${id}/reinstall`, { method: 'POST' })).status).toBe(204);
    });
  });
});
