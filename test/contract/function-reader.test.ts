import { createHash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFunctionReader } from '../../src/adapters/supabase/index.ts';
import type { FailureKind, UpstreamFailure } from '../../src/core/failure.ts';
import { merchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import type { ExecutionQuery, FunctionReader } from '../../src/core/ports.ts';
import { probeUserAgent } from '../../src/core/probe.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { createFaultBoard, type Fault } from '../../src/sandbox/faults.ts';
import { listen, type LocalServer } from '../../src/sandbox/listen.ts';
import { json } from '../../src/sandbox/supabase/edge-function.ts';
import { createFunctionHost, type FunctionRuntime } from '../../src/sandbox/supabase/function-host.ts';
import { makeProjectKeys } from '../../src/sandbox/supabase/keys.ts';
import { createLogStore, type LogStore } from '../../src/sandbox/supabase/logs.ts';
import { createManagementApi } from '../../src/sandbox/supabase/management.ts';

const TIMEOUT_MS = 600;
const MINUTE_MS = 60_000;
const keys = makeProjectKeys('function-reader');
const clock = createWorldClock();

let logs: LogStore;
let host: FunctionRuntime;
let server: LocalServer;
let reader: FunctionReader;

function readerWith(over: Partial<Parameters<typeof createFunctionReader>[0]> = {}): FunctionReader {
  return createFunctionReader({
    managementUrl: server.url,
    accessToken: keys.accessToken,
    projectRef: keys.projectRef,
    webhookSecret: null,
    panelKey: null,
    schema: referenceSchema,
    ...over,
  });
}

const never = (): AbortSignal => new AbortController().signal;

function lookingFor(over: Partial<ExecutionQuery> = {}): ExecutionQuery {
  const now = Date.now();
  return {
    orderIds: [],
    failedRuns: false,
    from: new Date(now - 60 * MINUTE_MS),
    to: new Date(now + MINUTE_MS),
    ...over,
  };
}

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

/** Lines `METHOD /path` of the requests that arrive from now on, with the moment each arrived. */
function watch(): { readonly line: string; readonly atMs: number }[] {
  const seen: { line: string; atMs: number }[] = [];
  const notice = Object.assign(/./, {
    test(line: string) {
      seen.push({ line: decodeURIComponent(line.replaceAll('+', ' ')), atMs: performance.now() });
      return false;
    },
  });
  server.faults.inject(notice, { kind: 'hang' });
  return seen;
}

const logQueries = (seen: readonly { readonly line: string }[]): number =>
  seen.filter(({ line }) => line.includes('/analytics/')).length;

function call(slug: string, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`http://project.test/functions/v1/${slug}`, { method: 'POST', headers, body: '{}' });
  return host.serve(slug, request);
}

beforeEach(async () => {
  logs = createLogStore(clock);
  host = createFunctionHost({ clock, keys, logs, projectUrl: () => 'http://project.test' });
  host.deploy('stripe-webhook', { verifyJwt: false });
  host.deploy('servers-provision', { verifyJwt: false });
  const api = createManagementApi({
    clock,
    keys,
    functions: host,
    logs,
    logDelayMs: 0,
    allowances: { callsPerMinute: 120, logQueriesPerMinute: 30 },
  });
  server = await listen((request) => api.fetch(request), createFaultBoard());
  reader = readerWith();
});
afterEach(() => server.stop());

describe('executions', () => {
  test('are found by the order they mention, with everything they wrote and how they ended', async () => {
    const orderId = randomUUID();
    host.deploy('stripe-webhook', {
      verifyJwt: false,
      code: async (_, { console }) => {
        console.log('Triggering server provisioning for order:', orderId);
        console.error('Provisioning failed: 500 - {"error":"No available nodes in region: eu"}');
        return json(200, { received: true });
      },
    });
    await call('stripe-webhook');
    await call('servers-provision');
    const [run, ...others] = await valueOf(reader.executions(lookingFor({ orderIds: [orderId] }), never()));
    expect(others).toEqual([]);
    expect(run).toMatchObject({ slug: 'stripe-webhook', status: 200 });
    expect(run?.lines.map((line) => line.text)).toEqual([
      `Triggering server provisioning for order: ${orderId}`,
      'Provisioning failed: 500 - {"error":"No available nodes in region: eu"}',
      'shutdown',
    ]);
    expect(Math.abs((run?.startedAt.getTime() ?? 0) - Date.now())).toBeLessThan(2000);
    expect(run?.durationMs).toBeGreaterThanOrEqual(0);
  });

  test('are found by their failure, when that is asked for', async () => {
    for (const slug of ['stripe-webhook', 'servers-provision', 'other']) {
      host.deploy(slug, {
        verifyJwt: false,
        code: async (_, { console }) => {
          console.error(`Server provisioning error: ${slug}`);
          return json(500, {});
        },
      });
      await call(slug);
    }
    const failed = await valueOf(reader.executions(lookingFor({ failedRuns: true }), never()));
    expect(failed.map((run) => [run.slug, run.status, run.lines[0]?.level])).toEqual([
      ['stripe-webhook', 500, 'error'],
      ['servers-provision', 500, 'error'],
    ]);
    expect(await valueOf(reader.executions(lookingFor({ orderIds: [randomUUID()] }), never()))).toEqual([]);
  });

  test('count where the gateway refused and nothing was run', async () => {
    host.deploy('stripe-webhook', { verifyJwt: true });
    await call('stripe-webhook');
    host.undeploy('servers-provision');
    await call('servers-provision');
    const refused = await valueOf(reader.executions(lookingFor({ failedRuns: true }), never()));
    // Both may have been asked within the same millisecond.
    const bySlug = refused.map((run) => [run.slug, run.status, run.lines]).toSorted();
    expect(bySlug).toEqual([
      ['servers-provision', 404, []],
      ['stripe-webhook', 401, []],
    ]);
    expect(new Set(refused.map((run) => run.executionId)).size).toBe(2);
  });

  test('that have not ended have no status', async () => {
    const orderId = randomUUID();
    const attributes = { level: 'log', event_type: 'Log', execution_id: randomUUID(), function_id: 'unknown' };
    logs.append({ source: 'function_logs', eventMessage: `Order not found or not paid: ${orderId}`, attributes });
    const [run] = await valueOf(reader.executions(lookingFor({ orderIds: [orderId] }), never()));
    expect(run).toMatchObject({ slug: null, status: null, durationMs: null, executionId: attributes.execution_id });
  });

  test('that share a worker with others have no status either', async () => {
    const orderId = randomUUID();
    const executionId = randomUUID();
    logs.append({
      source: 'function_logs',
      eventMessage: `Order not found or not paid: ${orderId}`,
      attributes: { level: 'error', execution_id: executionId },
    });
    for (const status of ['200', '500']) {
      logs.append({
        source: 'function_edge_logs',
        eventMessage: `POST | ${status}`,
        attributes: {
          'request.pathname': '/servers-provision',
          'response.status_code': status,
          execution_id: executionId,
          execution_time_ms: '2000',
        },
      });
    }
    const [run] = await valueOf(reader.executions(lookingFor({ orderIds: [orderId] }), never()));
    expect(run).toMatchObject({ slug: 'servers-provision', status: null, durationMs: null });
    expect(run?.startedAt.getTime()).toBeLessThan(Date.now() - 1500);
  });

  test('of the bot itself do not count', async () => {
    host.deploy('stripe-webhook', {
      verifyJwt: false,
      code: async (_, { console }) => {
        console.error('Error: no such event evt_pterodoc_probe');
        return json(400, {});
      },
    });
    await call('stripe-webhook');
    host.deploy('servers-provision', { verifyJwt: false, code: async () => json(500, {}) });
    await call('servers-provision', { 'user-agent': `${probeUserAgent}/1.0` });
    expect(await valueOf(reader.executions(lookingFor({ failedRuns: true }), never()))).toEqual([]);
  });

  test('carry the reference names, whatever the merchant calls the functions', async () => {
    const schema = merchantSchema.parse({ functions: { 'stripe-webhook': 'pay_hook' } });
    for (const slug of ['pay_hook', 'payXhook']) {
      host.deploy(slug, { verifyJwt: false, code: async () => json(400, {}) });
      await call(slug);
    }
    const own = readerWith({ schema });
    const failed = await valueOf(own.executions(lookingFor({ failedRuns: true }), never()));
    expect(failed.map((run) => run.slug)).toEqual(['stripe-webhook']);
    expect((await valueOf(own.functions(never()))).map((found) => found.slug)).toContain('stripe-webhook');
  });

  test('announcing an order are not crowded out by those that merely mention it', async () => {
    const orderId = randomUUID();
    const announcing = randomUUID();
    const line = (text: string, executionId: string): void => {
      logs.append({ source: 'function_logs', eventMessage: text, attributes: { execution_id: executionId } });
    };
    line(`Triggering server provisioning for order: ${orderId}`, announcing);
    for (let at = 0; at < 60; at += 1) line(`Order not found or not paid: ${orderId}`, randomUUID());
    const runs = await valueOf(reader.executions(lookingFor({ orderIds: [orderId] }), never()));
    expect(runs).toHaveLength(40);
    expect(runs.map((run) => run.executionId)).toContain(announcing);
  });

  test('are not asked for when there is nothing to look for, nor for what is no order id', async () => {
    const seen = watch();
    const orderIds = ["x' or '1' = '1", '%', '42'];
    expect(await valueOf(reader.executions(lookingFor({ orderIds }), never()))).toEqual([]);
    expect(seen).toEqual([]);
  });

  test('of a window longer than a day are those of its last day', async () => {
    const seen = watch();
    const from = new Date(Date.now() - 72 * 60 * MINUTE_MS);
    expect(await valueOf(reader.executions(lookingFor({ failedRuns: true, from }), never()))).toEqual([]);
    expect(logQueries(seen)).toBe(1);
  });
});

describe('functions and settings', () => {
  test('are read, and kept for a while', async () => {
    const seen = watch();
    const functions = await valueOf(reader.functions(never()));
    expect(functions.map((found) => [found.slug, found.status, found.verifyJwt])).toEqual([
      ['stripe-webhook', 'ACTIVE', false],
      ['servers-provision', 'ACTIVE', false],
    ]);
    expect(Math.abs((functions[0]?.updatedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    await Promise.all([reader.functions(never()), reader.functions(never())]);
    expect(seen).toHaveLength(1);
  });

  test('compare digests of secrets with the own copies', async () => {
    host.setSecret('STRIPE_WEBHOOK_SECRET', 'whsec_theirs');
    host.setSecret('PTERO_APP_KEY', 'ptla_same');
    const compared = async (webhookSecret: string | null, panelKey: string | null): Promise<unknown> =>
      (await valueOf(readerWith({ webhookSecret, panelKey }).settings(never()))).comparison;
    expect(await compared('whsec_ours', 'ptla_same')).toEqual({
      webhookSecretAgrees: false,
      panelKeyIsTheFunctions: true,
    });
    expect(await compared(null, null)).toEqual({ webhookSecretAgrees: null, panelKeyIsTheFunctions: null });
    host.setSecret('PTERO_APP_KEY', null);
    expect(await compared('whsec_theirs', 'ptla_same')).toEqual({
      webhookSecretAgrees: true,
      panelKeyIsTheFunctions: null,
    });
    const { secrets } = await valueOf(reader.settings(never()));
    expect(secrets.map(({ name, digest }) => [name, digest])).toEqual([
      ['STRIPE_WEBHOOK_SECRET', createHash('sha256').update('whsec_theirs').digest('hex')],
    ]);
    expect(secrets[0]?.updatedAt).toBeInstanceOf(Date);
  });
});

describe('the allowance', () => {
  test('is spent one request at a time', async () => {
    server.faults.inject(/./, { kind: 'delay', ms: 120 });
    const seen = watch();
    await Promise.all([
      reader.functions(never()),
      reader.settings(never()),
      reader.executions(lookingFor({ failedRuns: true }), never()),
    ]);
    // Watching matches nothing, so every request still met the delay.
    expect(seen).toHaveLength(3);
    const gapsMs = seen.slice(1).map(({ atMs }, at) => atMs - (seen[at]?.atMs ?? 0));
    for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThan(100);
  });

  test('is not waited for by a caller who has left the queue', async () => {
    server.faults.inject(/functions/, { kind: 'delay', ms: 400 });
    const first = reader.functions(never());
    const startedAt = performance.now();
    const second = await failureOf(reader.settings(AbortSignal.timeout(50)));
    expect(second.kind).toBe('timed-out');
    expect(performance.now() - startedAt).toBeLessThan(300);
    const third = reader.settings(never());
    expect((await first).ok).toBe(true);
    expect((await third).ok).toBe(true);
  });

  test('is closed from this side after a 429, until it is over', async () => {
    const stop = server.faults.inject(/analytics/, { kind: 'status', status: 429, headers: { 'retry-after': '9' } });
    const seen = watch();
    const query = lookingFor({ failedRuns: true });
    expect(await failureOf(reader.executions(query, never()))).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 9000,
    });
    stop();
    const second = await failureOf(reader.executions(query, never()));
    expect(second.kind === 'rate-limited' && (second.retryAfterMs ?? 0) > 8000).toBe(true);
    expect(logQueries(seen)).toBe(1);
    const before = performance.now();
    const later = vi.spyOn(performance, 'now').mockImplementation(() => before + 10_000);
    expect((await reader.executions(query, never())).ok).toBe(true);
    later.mockRestore();
  });

  test('is closed when the answer says that nothing is left of it', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' };
    server.faults.inject(/analytics/, { kind: 'status', status: 200, headers, body: { result: [] } });
    const other = (minutes: number): ExecutionQuery =>
      lookingFor({ failedRuns: true, from: new Date(Date.now() - minutes * MINUTE_MS) });
    expect(await valueOf(reader.executions(other(10), never()))).toEqual([]);
    expect(await failureOf(reader.executions(other(20), never()))).toMatchObject({ kind: 'rate-limited' });
    expect((await reader.functions(never())).ok).toBe(true);
  });

  test('holds 25 log queries a minute by own count; the same one twice is asked once', async () => {
    const seen = watch();
    const ask = (minutes: number): ReturnType<FunctionReader['executions']> =>
      reader.executions(lookingFor({ failedRuns: true, from: new Date(Date.now() - minutes * MINUTE_MS) }), never());
    for (let minutes = 1; minutes <= 25; minutes += 1) {
      await valueOf(ask(minutes));
      await valueOf(ask(minutes));
    }
    expect((await failureOf(ask(26))).kind).toBe('rate-limited');
    expect(logQueries(seen)).toBe(25);
  });
});

describe('trouble of the Management API', () => {
  const body = { message: 'secret words' };
  const faults: readonly (readonly [string, Fault, FailureKind])[] = [
    ['hang', { kind: 'hang' }, 'timed-out'],
    ['reset', { kind: 'reset' }, 'unreachable'],
    ['500', { kind: 'status', status: 500, body }, 'upstream-broken'],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '7' }, body }, 'rate-limited'],
    ['401', { kind: 'status', status: 401, body }, 'credentials-rejected'],
    ['403', { kind: 'status', status: 403, body }, 'not-permitted'],
    ['404', { kind: 'status', status: 404, body }, 'endpoint-missing'],
    ['410', { kind: 'status', status: 410, body }, 'endpoint-missing'],
    ['html-200', { kind: 'html-200' }, 'unexpected-shape'],
    ['truncated-json', { kind: 'truncated-json' }, 'unexpected-shape'],
    ['slow-drip', { kind: 'slow-drip' }, 'timed-out'],
    ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'unexpected-shape'],
  ];

  test.each(faults)('is named in time: %s', async (_, fault, kind) => {
    server.faults.inject(/./, fault);
    const quick = readerWith({ timeoutMs: TIMEOUT_MS });
    for (const ask of [
      () => quick.executions(lookingFor({ failedRuns: true }), never()),
      () => quick.functions(never()),
      () => quick.settings(never()),
    ]) {
      const startedAt = performance.now();
      const failure = await failureOf(ask());
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 500);
      expect(failure).toMatchObject({ source: 'logs', kind });
      expect(JSON.stringify(failure)).not.toContain('secret words');
    }
  });

  test.each([
    ['an error in words', { error: 'Table "function_logs" does not exist.' }, 'request-refused'],
    ['an error as an object', { error: { code: 400 } }, 'request-refused'],
    ['an error beside an empty result', { result: [], error: 'too much was scanned' }, 'request-refused'],
    ['a message only', { message: 'Unauthorized' }, 'unexpected-shape'],
    ['no result', { result: null, error: null }, 'unexpected-shape'],
    ['another shape of rows', { result: [['a']] }, 'unexpected-shape'],
  ] as const)('inside HTTP 200 is a failure, never "no runs": %s', async (_, answer, kind) => {
    server.faults.inject(/analytics/, { kind: 'status', status: 200, body: answer });
    expect((await failureOf(reader.executions(lookingFor({ failedRuns: true }), never()))).kind).toBe(kind);
  });

  test('is told apart from the wrong project and the wrong token', async () => {
    expect((await failureOf(readerWith({ accessToken: 'sbp_no' }).functions(never()))).kind).toBe(
      'credentials-rejected',
    );
    expect((await failureOf(readerWith({ projectRef: 'elsewhere' }).functions(never()))).kind).toBe('not-permitted');
  });

  test('with the list of functions leaves the runs readable by their address', async () => {
    host.deploy('stripe-webhook', { verifyJwt: false, code: async () => json(400, {}) });
    await call('stripe-webhook');
    server.faults.inject(/\/functions$/, { kind: 'status', status: 403, body });
    const [run] = await valueOf(reader.executions(lookingFor({ failedRuns: true }), never()));
    expect(run).toMatchObject({ slug: 'stripe-webhook', status: 400 });
  });
});
