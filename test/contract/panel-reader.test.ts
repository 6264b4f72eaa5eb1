import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPanelReader } from '../../src/adapters/pterodactyl/index.ts';
import type { PanelNode } from '../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { PanelReader } from '../../src/core/ports.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock, type WorldClock } from '../../src/sandbox/clock.ts';
import { createFaultBoard, type Fault } from '../../src/sandbox/faults.ts';
import { listen } from '../../src/sandbox/listen.ts';
import { type PanelWorld, startPanel } from '../../src/sandbox/panel/index.ts';

const calm = new AbortController().signal;

let clock: WorldClock;
let panel: PanelWorld;
let reader: PanelReader;
let userId: number;
let nodeId: number;
let nestId: number;
let eggId: number;
let serverId: number;

beforeEach(async () => {
  clock = createWorldClock();
  panel = await startPanel({ clock });
  userId = panel.addUser({ email: 'Ann@Example.com', username: 'ann' }).id;
  nodeId = panel.addNode({ locationId: panel.addLocation({}).id, name: 'eu-1', memoryMib: 32_768 }).id;
  panel.addAllocations(nodeId, { ports: { from: 25_565, to: 25_624 } });
  nestId = panel.addNest({}).id;
  eggId = panel.addEgg({
    nestId,
    name: 'Paper',
    variables: [{ envVariable: 'VERSION', name: 'Version', rules: 'required|string|max:20', defaultValue: 'latest' }],
  }).id;
  serverId = panel.addServer({ ownerId: userId, nodeId, eggId, name: 'Ann', externalId: 'order-1' }).id;
  reader = readerWith({ clientKey: null });
});

afterEach(() => panel.stop());

function readerWith(over: Partial<Parameters<typeof createPanelReader>[0]> = {}): PanelReader {
  const { url, applicationKey, clientKey } = panel;
  return createPanelReader({ url, applicationKey, clientKey, timeoutMs: 1500, ...over });
}

async function valueOf<T>(answer: Promise<Result<T, UpstreamFailure>>): Promise<T> {
  const outcome = await answer;
  if (!outcome.ok) throw new Error(`failed: ${JSON.stringify(outcome.failure)}`);
  return outcome.value;
}

async function failureOf(answer: Promise<Result<unknown, UpstreamFailure>>): Promise<UpstreamFailure> {
  const outcome = await answer;
  if (outcome.ok) throw new Error(`did not fail: ${JSON.stringify(outcome.value)}`);
  return outcome.failure;
}

async function theNode(): Promise<PanelNode> {
  const node = (await valueOf(readerWith().nodes(calm))).find(({ id }) => id === nodeId);
  if (node === undefined) throw new Error('The node is not listed');
  return node;
}

const theServer = () => ({ identifier: panel.state.servers.get(serverId)?.identifier ?? '' });

describe('a user by e-mail', () => {
  it('is found without regard to case', async () => {
    expect(await valueOf(reader.userByEmail('ann@example.com', calm))).toMatchObject({
      id: userId,
      email: 'Ann@Example.com',
      username: 'ann',
      rootAdmin: false,
      createdAt: expect.any(Date),
    });
  });

  it('is not somebody whose address only contains it', async () => {
    panel.addUser({ email: 'jimbob@x.example' });
    expect(await valueOf(reader.userByEmail('bob@x.example', calm))).toBeNull();
  });

  it.each(['a_b@x.example', '100%@x.example', 'one,two@x.example', 'ann+games@x.example', 'o&o=o@x.example'])(
    'is found as %s, beside addresses the filter confuses with it',
    async (email) => {
      for (const other of ['axb@x.example', '100x@x.example', 'two@x.example', 'ann games@x.example']) {
        panel.addUser({ email: other });
      }
      const { id } = panel.addUser({ email });
      expect(await valueOf(reader.userByEmail(email, calm))).toMatchObject({ id });
    },
  );

  it('is found on a later page of those the filter lets through', async () => {
    for (let count = 0; count < 230; count += 1) panel.addUser({ email: `n${count}ann@shop.example` });
    const { id } = panel.addUser({ email: 'ann@shop.example' });
    expect(await valueOf(reader.userByEmail('ann@shop.example', calm))).toMatchObject({ id });
  });

  it('is never everybody: an empty address is not asked for', async () => {
    panel.faults.inject(/./, { kind: 'reset' });
    expect(await valueOf(reader.userByEmail(' ', calm))).toBeNull();
    expect(await valueOf(reader.userByEmail(',', calm))).toBeNull();
  });

  it('is unknown, not absent, when there are more pages than are read', async () => {
    for (let count = 0; count < 2010; count += 1) panel.addUser({ email: `n${count}x@crowd.example` });
    expect(await failureOf(reader.userByEmail('x@crowd.example', calm))).toMatchObject({ kind: 'not-provided' });
  });
});

describe('a user by id', () => {
  it('is given, or absent', async () => {
    expect(await valueOf(reader.user(userId, calm))).toMatchObject({ id: userId });
    expect(await valueOf(reader.user(999, calm))).toBeNull();
  });

  it('comes with the servers it owns', async () => {
    panel.addServer({ ownerId: panel.admin.id, nodeId, eggId });
    expect((await valueOf(reader.serversOf(userId, calm))).map(({ id }) => id)).toEqual([serverId]);
    expect(await valueOf(reader.serversOf(999, calm))).toEqual([]);
  });

  it('has no list of servers, rather than an empty one, for a key that may not read them', async () => {
    panel.setKeyPermissions(panel.applicationKey, { servers: 0 });
    expect(await failureOf(reader.serversOf(userId, calm))).toEqual({
      source: 'pterodactyl',
      kind: 'not-permitted',
      scope: 'servers: read',
    });
  });
});

describe('a server', () => {
  it('is read by id', async () => {
    expect(await valueOf(reader.server(serverId, calm))).toMatchObject({
      id: serverId,
      externalId: 'order-1',
      name: 'Ann',
      status: null,
      suspended: false,
      ownerId: userId,
      nodeId,
      nestId,
      eggId,
      memoryMib: 4096,
    });
    expect(await valueOf(reader.server(999, calm))).toBeNull();
  });

  it('is suspended by its status', async () => {
    panel.setServerStatus(serverId, 'suspended');
    expect(await valueOf(reader.server(serverId, calm))).toMatchObject({ status: 'suspended', suspended: true });
  });

  it('is read by external id', async () => {
    expect(await valueOf(reader.serverByExternalId('order-1', calm))).toMatchObject({ id: serverId });
    expect(await valueOf(reader.serverByExternalId('order-2', calm))).toBeNull();
  });

  it.each(['', '.', '..', 'a/b', '../../client'])('is not asked for by the external id “%s”', async (externalId) => {
    panel.faults.inject(/./, { kind: 'reset' });
    expect(await valueOf(reader.serverByExternalId(externalId, calm))).toBeNull();
  });

  it('is read by short id and by uuid', async () => {
    const uuid = panel.state.servers.get(serverId)?.uuid ?? '';
    expect(await valueOf(reader.serverByIdentifier(uuid.slice(0, 8), calm))).toMatchObject({ id: serverId });
    expect(await valueOf(reader.serverByIdentifier(uuid.toUpperCase(), calm))).toMatchObject({ id: serverId });
    expect(await valueOf(reader.serverByIdentifier(uuid.slice(9, 13).padEnd(8, '0'), calm))).toBeNull();
    expect(await valueOf(reader.serverByIdentifier('', calm))).toBeNull();
  });
});

describe('nodes', () => {
  it('are read with what was promised to their servers', async () => {
    expect(await valueOf(reader.nodes(calm))).toEqual([
      {
        id: nodeId,
        name: 'eu-1',
        fqdn: `node-${nodeId}.invalid`,
        scheme: 'https',
        daemonPort: 8080,
        maintenance: false,
        public: true,
        memoryMib: 32_768,
        memoryAllocatedMib: 4096,
      },
    ]);
  });

  it('are remembered for a while, and failures are not', async () => {
    const stopFailing = panel.faults.inject(/nodes/, { kind: 'reset' });
    expect(await failureOf(reader.nodes(calm))).toMatchObject({ kind: 'unreachable' });
    stopFailing();
    expect(await valueOf(reader.nodes(calm))).toHaveLength(1);
    panel.faults.inject(/nodes/, { kind: 'reset' });
    expect(await valueOf(reader.nodes(calm))).toHaveLength(1);
  });
});

describe('allocations', () => {
  it('are counted on the first page and in all', async () => {
    expect(await valueOf(reader.allocationsOf(nodeId, calm))).toEqual({ nodeId, freeOnFirstPage: 49, freeInAll: 59 });
  });

  it('may be free beyond the first page only', async () => {
    for (const allocation of panel.state.allocations.all().slice(0, 50)) allocation.serverId = serverId;
    expect(await valueOf(reader.allocationsOf(nodeId, calm))).toEqual({ nodeId, freeOnFirstPage: 0, freeInAll: 10 });
  });

  it('cannot be told in all when the panel ignores the filter', async () => {
    panel.faults.inject(/server_id/, {
      kind: 'status',
      status: 200,
      body: {
        object: 'list',
        data: [{ object: 'allocation', attributes: { id: 1, assigned: true } }],
        meta: { pagination: { total: 60, total_pages: 60 } },
      },
    });
    expect(await valueOf(reader.allocationsOf(nodeId, calm))).toMatchObject({ freeOnFirstPage: 49, freeInAll: null });
  });

  it('need a key that may read them', async () => {
    panel.setKeyPermissions(panel.applicationKey, { allocations: 0 });
    expect(await failureOf(reader.allocationsOf(nodeId, calm))).toMatchObject({ scope: 'allocations: read' });
  });
});

describe('an egg', () => {
  it('is read with the rules of its variables', async () => {
    expect(await valueOf(reader.egg(nestId, eggId, calm))).toEqual({
      name: 'Paper',
      variables: [{ envVariable: 'VERSION', name: 'Version', rules: 'required|string|max:20', defaultValue: 'latest' }],
    });
  });

  it('is absent below another nest', async () => {
    const { id } = panel.addNest({});
    expect(await valueOf(reader.egg(id, eggId, calm))).toBeNull();
  });

  it('is looked for again when it was absent', async () => {
    expect(await valueOf(reader.egg(nestId, eggId + 1, calm))).toBeNull();
    panel.addEgg({ nestId, name: 'New' });
    expect(await valueOf(reader.egg(nestId, eggId + 1, calm))).toMatchObject({ name: 'New' });
  });
});

describe('the key', () => {
  it('is rejected when it is revoked', async () => {
    panel.revokeKey(panel.applicationKey);
    expect(await failureOf(reader.user(userId, calm))).toEqual({ source: 'pterodactyl', kind: 'credentials-rejected' });
  });

  it('is rejected when an old panel says so with 403 and no words', async () => {
    const errors = [{ code: 'AccessDeniedHttpException', status: '403', detail: '' }];
    panel.faults.inject(/./, { kind: 'status', status: 403, body: { errors } });
    expect((await failureOf(reader.user(userId, calm))).kind).toBe('credentials-rejected');
  });

  it.each<
    [
      Parameters<PanelWorld['setKeyPermissions']>[1],
      string,
      (reader: PanelReader) => Promise<Result<unknown, UpstreamFailure>>,
    ]
  >([
    [{ users: 2 }, 'users: read', (reader) => reader.userByEmail('ann@example.com', calm)],
    [{ servers: 0 }, 'servers: read', (reader) => reader.server(serverId, calm)],
    [{ nodes: 0 }, 'nodes: read', (reader) => reader.nodes(calm)],
    [{ eggs: 0 }, 'eggs: read', (reader) => reader.egg(nestId, eggId, calm)],
  ])('lacks a permission by name: %o', async (levels, scope, ask) => {
    panel.setKeyPermissions(panel.applicationKey, levels);
    expect(await failureOf(ask(reader))).toEqual({ source: 'pterodactyl', kind: 'not-permitted', scope });
  });

  it('lacks nothing by name when its owner or address is refused', async () => {
    panel.setKeyAddresses(panel.applicationKey, ['192.0.2.1']);
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({ kind: 'not-permitted', scope: null });
    panel.setKeyAddresses(panel.applicationKey, []);
    panel.admin.rootAdmin = false;
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({ kind: 'not-permitted', scope: null });
  });

  it('is not the trouble when the panel demands two factors of its owner', async () => {
    panel.settings.requiresTwoFactor = true;
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({
      kind: 'request-refused',
      status: 400,
      code: 'TwoFactorAuthRequiredException',
    });
  });

  it('is not the trouble when Wings refuses the panel', async () => {
    const errors = [{ code: 'DaemonConnectionException', status: '403', detail: 'You are not authorized' }];
    panel.faults.inject(/./, { kind: 'status', status: 403, body: { errors } });
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({ kind: 'request-refused', status: 403 });
  });
});

describe('the panel', () => {
  it('limits the rate of requests', async () => {
    panel.setRateLimit(1);
    await reader.user(userId, calm);
    const failure = await failureOf(reader.user(userId, calm));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: expect.any(Number) });
  });

  it('may be in maintenance', async () => {
    panel.settings.inMaintenance = true;
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({ kind: 'upstream-broken', status: 503 });
  });

  it('may stand at another address', async () => {
    const elsewhere = readerWith({ url: `${panel.url}/shop/` });
    expect(await failureOf(elsewhere.user(userId, calm))).toMatchObject({ kind: 'unexpected-shape' });
  });

  it('may lack the route', async () => {
    const errors = [{ code: 'NotFoundHttpException', status: '404', detail: 'The route x could not be found.' }];
    panel.faults.inject(/./, { kind: 'status', status: 404, body: { errors } });
    expect(await failureOf(reader.user(userId, calm))).toMatchObject({
      kind: 'endpoint-missing',
      path: `/api/application/users/${userId}`,
    });
  });

  it('has not said that something is missing when a proxy has', async () => {
    panel.faults.inject(/./, { kind: 'status', status: 404, body: 'not found' });
    expect(await failureOf(reader.server(serverId, calm))).toMatchObject({ kind: 'unexpected-shape' });
  });

  it('has not refused the key when a firewall’s page has', async () => {
    panel.faults.inject(/./, { kind: 'status', status: 403, headers: { 'content-type': 'text/html' }, body: '<html>' });
    expect(await failureOf(reader.server(serverId, calm))).toMatchObject({ kind: 'unexpected-shape' });
  });

  it('is not one that never tells a server’s status', async () => {
    const attributes = { id: serverId, external_id: null, uuid: 'u', identifier: 'i', name: 'n', suspended: false };
    panel.faults.inject(/./, { kind: 'status', status: 200, body: { object: 'server', attributes } });
    expect(await failureOf(reader.server(serverId, calm))).toMatchObject({ kind: 'unexpected-shape' });
  });
});

const refusal = (status: number, code: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status,
  headers,
  body: { errors: [{ code, status: String(status), detail: 'Words that must not be shown.' }] },
});

const faults: readonly [string, Fault, object][] = [
  ['hang', { kind: 'hang' }, { kind: 'timed-out' }],
  ['slow-drip', { kind: 'slow-drip' }, { kind: 'timed-out' }],
  ['reset', { kind: 'reset' }, { kind: 'unreachable' }],
  ['500', refusal(500, 'QueryException'), { kind: 'upstream-broken', status: 500 }],
  [
    '429',
    refusal(429, 'ThrottleRequestsException', { 'retry-after': '30' }),
    { kind: 'rate-limited', retryAfterMs: 30_000 },
  ],
  ['401', refusal(401, 'AuthenticationException'), { kind: 'credentials-rejected' }],
  ['403', refusal(403, 'AccessDeniedHttpException'), { kind: 'not-permitted' }],
  ['422', refusal(422, 'ValidationException'), { kind: 'request-refused', status: 422, code: 'ValidationException' }],
  ['html-200', { kind: 'html-200' }, { kind: 'unexpected-shape' }],
  ['truncated-json', { kind: 'truncated-json' }, { kind: 'unexpected-shape' }],
  ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, { kind: 'unexpected-shape' }],
  ['another API', { kind: 'status', status: 200, body: { hello: 'world' } }, { kind: 'unexpected-shape' }],
];

const methods: readonly [
  string,
  (reader: PanelReader, signal: AbortSignal) => Promise<Result<unknown, UpstreamFailure>>,
][] = [
  ['userByEmail', (reader, signal) => reader.userByEmail('ann@example.com', signal)],
  ['serversOf', (reader, signal) => reader.serversOf(userId, signal)],
  ['serverByExternalId', (reader, signal) => reader.serverByExternalId('order-1', signal)],
  ['nodes', (reader, signal) => reader.nodes(signal)],
  ['allocationsOf', (reader, signal) => reader.allocationsOf(nodeId, signal)],
  ['egg', (reader, signal) => reader.egg(nestId, eggId, signal)],
];

describe.each(methods)('trouble in %s is named in time', (_method, ask) => {
  it.each(faults)('%s', async (_name, fault, expected) => {
    panel.faults.inject(/./, fault);
    const startedAt = performance.now();
    const failure = await failureOf(ask(readerWith({ timeoutMs: 400 }), calm));
    expect(failure).toMatchObject({ source: 'pterodactyl', ...expected });
    expect(performance.now() - startedAt).toBeLessThan(800);
    expect(JSON.stringify(failure)).not.toMatch(/ptl[ac]_|Words/);
  });

  it('ends with the diagnosis', async () => {
    panel.faults.inject(/./, { kind: 'hang' });
    const startedAt = performance.now();
    expect((await failureOf(ask(reader, AbortSignal.timeout(60)))).kind).toBe('timed-out');
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('Wings through the panel', () => {
  const ask = async () => readerWith().wings(await theNode(), theServer(), calm);

  it('is up, and tells the power of the server', async () => {
    expect(await valueOf(ask())).toEqual({
      nodeId,
      nodeName: 'eu-1',
      state: 'up',
      askedThrough: 'panel',
      power: 'running',
    });
  });

  it('is unreachable for the panel', async () => {
    await panel.wings.setMode(nodeId, 'down');
    expect(await valueOf(ask())).toMatchObject({ state: 'unreachable', askedThrough: 'panel', power: null });
  });

  it('does not know the server', async () => {
    const server = panel.state.servers.get(serverId);
    if (server !== undefined) panel.wings.setKnown(server, false);
    expect(await valueOf(ask())).toMatchObject({ state: 'server-unknown' });
  });

  it('refuses the panel’s token', async () => {
    await panel.wings.setMode(nodeId, 'token-mismatch');
    expect(await valueOf(ask())).toMatchObject({ state: 'token-mismatch' });
  });

  it('fails on its own', async () => {
    await panel.wings.setMode(nodeId, 'refuses');
    expect(await valueOf(ask())).toMatchObject({ state: 'failing' });
  });

  it('cannot be judged when the panel itself is broken', async () => {
    const node = await theNode();
    panel.faults.inject(/client/, { kind: 'status', status: 500, body: { errors: [] } });
    expect(await failureOf(readerWith().wings(node, theServer(), calm))).toMatchObject({ kind: 'upstream-broken' });
  });

  it.each<[string, () => void]>([
    ['is not in its normal state', () => panel.setServerStatus(serverId, 'installing')],
    ['is gone', () => panel.state.servers.remove(serverId)],
    ['may not be seen with this key', () => panel.revokeKey(panel.clientKey)],
  ])('is knocked at when the server %s', async (_name, arrange) => {
    await panel.wings.expose(nodeId);
    const node = await theNode();
    const server = theServer();
    arrange();
    expect(await valueOf(readerWith().wings(node, server, calm))).toMatchObject({ state: 'up', askedThrough: 'bot' });
  });

  it('is knocked at when the panel waits for it longer than may be waited', async () => {
    await panel.wings.expose(nodeId);
    const node = await theNode();
    panel.wings.setLatencyMs(nodeId, 2000);
    const view = await valueOf(readerWith({ timeoutMs: 200 }).wings(node, theServer(), calm));
    expect(view).toMatchObject({ state: 'up', askedThrough: 'bot' });
  });
});

describe('Wings by knocking', () => {
  const knockAt = async (over: Partial<PanelNode> = {}, signal = calm) =>
    reader.wings({ ...(await theNode()), ...over }, null, signal);

  it('is up when it refuses a stranger in its own way, whom it is told no key', async () => {
    const { faults } = await panel.wings.expose(nodeId);
    expect(await valueOf(knockAt())).toEqual({
      nodeId,
      nodeName: 'eu-1',
      state: 'up',
      askedThrough: 'bot',
      power: null,
    });
    faults.inject(/./, { kind: 'reset' });
    expect(await valueOf(knockAt())).toMatchObject({ state: 'unreachable' });
  });

  it('sends no key and follows no redirect', async () => {
    const asked: { readonly path: string; readonly authorization: string | null }[] = [];
    const daemon = await listen((request) => {
      asked.push({ path: new URL(request.url).pathname, authorization: request.headers.get('authorization') });
      return Response.redirect(new URL('/elsewhere', request.url), 302);
    }, createFaultBoard());
    const { port } = new URL(daemon.url);
    const view = await valueOf(knockAt({ scheme: 'http', fqdn: '127.0.0.1', daemonPort: Number(port) }));
    await daemon.stop();
    expect(view).toMatchObject({ state: 'failing' });
    expect(asked).toEqual([{ path: '/api/system', authorization: null }]);
  });

  it('is unreachable when nobody listens', async () => {
    await panel.wings.expose(nodeId);
    await panel.wings.setMode(nodeId, 'down');
    expect(await valueOf(knockAt())).toMatchObject({ state: 'unreachable' });
  });

  it('is unreachable when it never answers', async () => {
    const { faults } = await panel.wings.expose(nodeId);
    faults.inject(/./, { kind: 'hang' });
    const startedAt = performance.now();
    expect(await valueOf(knockAt())).toMatchObject({ state: 'unreachable' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  it('fails when something else answers', async () => {
    const { faults } = await panel.wings.expose(nodeId);
    faults.inject(/./, { kind: 'html-200' });
    expect(await valueOf(knockAt())).toMatchObject({ state: 'failing' });
  });

  it('fails when its TLS does', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const view = await valueOf(knockAt({ scheme: 'https', fqdn: '127.0.0.1', daemonPort: port }));
    plain.close();
    expect(view).toMatchObject({ state: 'failing' });
  });

  it.each<Partial<PanelNode>>([
    { scheme: 'file' },
    { fqdn: 'user@127.0.0.1' },
    { fqdn: '127.0.0.1/path' },
    { fqdn: '' },
    { daemonPort: 0 },
  ])('is impossible at %o', async (over) => {
    expect(await valueOf(knockAt(over))).toBeNull();
  });

  it('ends with the diagnosis', async () => {
    const { faults } = await panel.wings.expose(nodeId);
    faults.inject(/./, { kind: 'hang' });
    expect(await failureOf(knockAt({}, AbortSignal.timeout(200)))).toMatchObject({ kind: 'timed-out' });
  });
});
