import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPanelWriter } from '../../src/adapters/pterodactyl/index.ts';
import type { PanelWriter } from '../../src/core/action-ports.ts';
import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type PanelWorld, startPanel } from '../../src/sandbox/panel/index.ts';
import type { PanelServer } from '../../src/sandbox/panel/state.ts';

const calm = new AbortController().signal;
const cara = { email: 'Cara@Example.com', username: 'cara', firstName: 'Cara', lastName: 'Example' };

let panel: PanelWorld;
let writer: PanelWriter;
let nodeId: number;
let server: PanelServer;

beforeEach(async () => {
  panel = await startPanel({ clock: createWorldClock() });
  const ownerId = panel.addUser({ email: 'ann@example.com', username: 'ann' }).id;
  nodeId = panel.addNode({ locationId: panel.addLocation({}).id }).id;
  panel.addAllocations(nodeId, { ports: { from: 25_565, to: 25_569 } });
  server = panel.addServer({ ownerId, nodeId, eggId: panel.addEgg({ nestId: panel.addNest({}).id }).id });
  panel.setServerStatus(server.id, 'install_failed');
  writer = writerWith();
});

afterEach(() => panel.stop());

function writerWith(timeoutMs = 2000): PanelWriter {
  const { url, applicationKey } = panel;
  return createPanelWriter({ url, applicationKey, timeoutMs });
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

const accountsOf = (email: string) =>
  panel.state.users.where((user) => user.email.toLowerCase() === email.toLowerCase()).length;

/** Every request the panel gets from now on, as `METHOD /path`. */
function watch(): string[] {
  const seen: string[] = [];
  panel.faults.inject(Object.assign(/./, { test: (line: string) => (seen.push(line), false) }), { kind: 'hang' });
  return seen;
}

describe('a new account', () => {
  it('is made with what was given, an ordinary user who sets the password', async () => {
    const made = await valueOf(writer.createUser(cara, calm));
    expect(made).toEqual({
      kind: 'made',
      user: {
        id: expect.any(Number),
        email: 'Cara@Example.com',
        username: 'cara',
        rootAdmin: false,
        createdAt: expect.any(Date),
      },
    });
    expect(panel.state.users.where(({ email }) => email === cara.email)).toMatchObject([
      { firstName: 'Cara', lastName: 'Example', externalId: null },
    ]);
  });

  it.each([
    ['the e-mail, whatever its case', { email: 'ANN@example.com' }, 'email'],
    ['the name', { username: 'Ann' }, 'username'],
    ['both', { email: 'ann@example.com', username: 'ann' }, null],
    ['the e-mail, with a name that breaks the rules', { email: 'ann@example.com', username: 'a' }, 'email'],
  ] as const)('is not made when somebody has %s', async (_what, over, field) => {
    const before = panel.state.users.all().length;
    expect(await valueOf(writer.createUser({ ...cara, ...over }, calm))).toEqual({ kind: 'taken', field });
    expect(panel.state.users.all()).toHaveLength(before);
  });

  it('is not called taken when a field breaks another rule, or the panel does not say which', async () => {
    const refused = { kind: 'request-refused', status: 422, code: 'ValidationException' };
    expect(await failureOf(writer.createUser({ ...cara, username: 'a' }, calm))).toMatchObject(refused);
    const errors = [{ code: 'ValidationException', status: '422', detail: 'The email has already been taken.' }];
    panel.faults.inject(/users/, { kind: 'status', status: 422, body: { errors } });
    expect(await failureOf(writer.createUser(cara, calm))).toMatchObject(refused);
  });

  it('is there after a 500 of the mail queue: who looks again finds it, who asks again is told', async () => {
    panel.settings.hasDeadMailQueue = true;
    expect(await failureOf(writer.createUser(cara, calm))).toMatchObject({ kind: 'upstream-broken', status: 500 });
    expect(accountsOf(cara.email)).toBe(1);
    expect(await valueOf(writer.createUser(cara, calm))).toEqual({ kind: 'taken', field: null });
  });

  it('is there when the answer is cut off or replaced by a proxy', async () => {
    panel.faults.inject(/users/, { kind: 'reset-after' });
    expect(await failureOf(writer.createUser(cara, calm))).toMatchObject({ kind: 'unreachable' });
    panel.faults.inject(/users/, { kind: 'status-after', status: 504, body: '<h1>504</h1>' });
    const dora = { ...cara, email: 'dora@example.com', username: 'dora' };
    expect(await failureOf(writer.createUser(dora, calm))).toMatchObject({ kind: 'upstream-broken', status: 504 });
    expect([accountsOf(cara.email), accountsOf(dora.email)]).toEqual([1, 1]);
  });

  it('is not made by a key that may only read', async () => {
    panel.setKeyPermissions(panel.applicationKey, { users: 1 });
    expect(await failureOf(writer.createUser(cara, calm))).toEqual({
      source: 'pterodactyl',
      kind: 'not-permitted',
      scope: 'users: write',
    });
  });
});

describe('a reinstall', () => {
  it('runs the installation again', async () => {
    expect(await valueOf(writer.reinstall(server.id, calm))).toBeUndefined();
    expect([server.status, panel.installs.isRunning(server)]).toEqual(['installing', true]);
  });

  it.each([
    ['down', { kind: 'upstream-broken', status: 504 }],
    ['refuses', { kind: 'upstream-broken', status: 500 }],
    ['token-mismatch', { kind: 'request-refused', status: 403, code: 'DaemonConnectionException' }],
  ] as const)('leaves the server as it was when Wings is %s', async (mode, expected) => {
    await panel.wings.setMode(nodeId, mode);
    expect(await failureOf(writer.reinstall(server.id, calm))).toEqual({ source: 'pterodactyl', ...expected });
    expect(server.status).toBe('install_failed');
  });

  it('is refused while one runs', async () => {
    await valueOf(writer.reinstall(server.id, calm));
    expect(await failureOf(writer.reinstall(server.id, calm))).toEqual({
      source: 'pterodactyl',
      kind: 'request-refused',
      status: 409,
      code: 'DaemonConnectionException',
    });
  });

  it('tells a server that Wings does not know from one that the panel does not have', async () => {
    panel.wings.setKnown(server, false);
    const refused = { source: 'pterodactyl', kind: 'request-refused', status: 404 };
    expect(await failureOf(writer.reinstall(server.id, calm))).toEqual({
      ...refused,
      code: 'DaemonConnectionException',
    });
    expect(await failureOf(writer.reinstall(999, calm))).toEqual({ ...refused, code: 'NotFoundHttpException' });
  });

  it('is not run by a key that may only read', async () => {
    panel.setKeyPermissions(panel.applicationKey, { servers: 1 });
    expect(await failureOf(writer.reinstall(server.id, calm))).toMatchObject({
      kind: 'not-permitted',
      scope: 'servers: write',
    });
    expect(server.status).toBe('install_failed');
  });

  it('is not believed to run on the word of something else', async () => {
    panel.faults.inject(/reinstall/, { kind: 'status', status: 200, body: { hello: 'world' } });
    expect(await failureOf(writer.reinstall(server.id, calm))).toMatchObject({ kind: 'unexpected-shape' });
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
  ['502 of a proxy', { kind: 'status', status: 502, body: '<html>' }, { kind: 'upstream-broken', status: 502 }],
  [
    '429',
    refusal(429, 'ThrottleRequestsException', { 'retry-after': '1' }),
    { kind: 'rate-limited', retryAfterMs: 1000 },
  ],
  ['401', refusal(401, 'AuthenticationException'), { kind: 'credentials-rejected' }],
  ['403', refusal(403, 'AccessDeniedHttpException'), { kind: 'not-permitted' }],
  ['422', refusal(422, 'ValidationException'), { kind: 'request-refused', status: 422, code: 'ValidationException' }],
  ['html-200', { kind: 'html-200' }, { kind: 'unexpected-shape' }],
  ['truncated-json', { kind: 'truncated-json' }, { kind: 'unexpected-shape' }],
  ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, { kind: 'unexpected-shape' }],
  ['another API', { kind: 'status', status: 200, body: { hello: 'world' } }, { kind: 'unexpected-shape' }],
  ['unknown route', { kind: 'status', status: 404, body: routeMissing() }, { kind: 'endpoint-missing' }],
];

function routeMissing(): object {
  return { errors: [{ code: 'NotFoundHttpException', status: '404', detail: 'The route x could not be found.' }] };
}

const methods: readonly [
  string,
  (writer: PanelWriter, signal: AbortSignal) => Promise<Result<unknown, UpstreamFailure>>,
][] = [
  ['createUser', (by, signal) => by.createUser(cara, signal)],
  ['reinstall', (by, signal) => by.reinstall(server.id, signal)],
];

describe.each(methods)('trouble in %s is named, and the request sent once', (_method, ask) => {
  it.each(faults)('%s', async (_name, fault, expected) => {
    panel.faults.inject(/./, fault);
    const seen = watch();
    const failure = await failureOf(ask(writerWith(250), calm));
    expect(failure).toMatchObject({ source: 'pterodactyl', ...expected });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatch(/^POST /);
    expect(JSON.stringify(failure)).not.toMatch(/ptl[ac]_|Words/);
  });

  it('ends with whoever asked', async () => {
    panel.faults.inject(/./, { kind: 'hang' });
    expect((await failureOf(ask(writer, AbortSignal.timeout(50)))).kind).toBe('timed-out');
  });
});
