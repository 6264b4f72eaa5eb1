import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFunctionCaller } from '../../src/adapters/supabase/index.ts';
import type { FunctionCaller, Invocation } from '../../src/core/action-ports.ts';
import { merchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import { probeUserAgent } from '../../src/core/probe.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { startSupabase, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';
import { cacheDir } from '../support/clinic.ts';
import { insertOrder, never, watchRequests } from '../support/supabase.ts';

const PROVISION = 'servers-provision';
const WEBHOOK = 'stripe-webhook';
const ORDER = '00000000-0000-4000-8000-000000000001';
const SECRET = 'whsec_test_only';

interface Arrival {
  readonly headers: Headers;
  readonly body: string;
}

let world: SupabaseWorld;
let arrivals: Arrival[];

function callerOf(over: Partial<Parameters<typeof createFunctionCaller>[0]> = {}): FunctionCaller {
  return createFunctionCaller({
    functionsUrl: world.functionsUrl,
    secretKey: world.secretKey,
    schema: referenceSchema,
    sign: null,
    ...over,
  });
}

function deployAnswering(slug: string, answer: () => Response, verifyJwt = false): void {
  const code = async (request: Request): Promise<Response> => {
    arrivals.push({ headers: request.headers, body: await request.text() });
    return answer();
  };
  world.functions.deploy(slug, { code, verifyJwt });
}

function sign(payload: string): string {
  const at = Math.floor(Date.now() / 1000);
  return `t=${at},v1=${createHmac('sha256', SECRET).update(`${at}.${payload}`).digest('hex')}`;
}

/** What came of the call, and how often it was made. */
async function callUnder(fault: Fault): Promise<readonly [Invocation['kind'], number]> {
  world.faults.inject(/functions/, fault);
  const requests = watchRequests(world.faults);
  const { kind } = await callerOf({ timeoutMs: 200 }).provision(ORDER, never());
  return [kind, requests.length];
}

beforeAll(async () => {
  world = await startSupabase({ clock: createWorldClock(), cacheDir });
  await world.sql("insert into plans (id, game, ram_gb) values ('mc-4', 'minecraft', 4)");
});
beforeEach(() => {
  arrivals = [];
});
afterEach(async () => {
  world.faults.clear();
  world.functions.setFault(PROVISION, null);
  await world.functions.idle();
  world.functions.deploy(PROVISION, { verifyJwt: false });
  world.functions.deploy(WEBHOOK, { verifyJwt: false });
});
afterAll(() => world.stop());

describe('provisioning', () => {
  test('is asked for by the order id, and what it answered comes back', async () => {
    deployAnswering(PROVISION, () => Response.json({ success: true }));
    const invocation = await callerOf().provision(ORDER, never());
    expect(invocation).toEqual({
      kind: 'succeeded',
      status: 200,
      body: '{"success":true}',
      executionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const [arrival] = arrivals;
    expect(JSON.parse(arrival?.body ?? '')).toEqual({ order_id: ORDER });
    expect(arrival?.headers.get('content-type')).toBe('application/json');
    expect(arrival?.headers.get('user-agent')).not.toBe(probeUserAgent);
  });

  test('shows a secret key as it is and never as a bearer, the older key as both', async () => {
    deployAnswering(PROVISION, () => Response.json({}));
    await callerOf().provision(ORDER, never());
    await callerOf({ secretKey: world.serviceRoleKey }).provision(ORDER, never());
    expect(arrivals.map(({ headers }) => [headers.get('apikey'), headers.get('authorization')])).toEqual([
      [world.secretKey, null],
      [world.serviceRoleKey, `Bearer ${world.serviceRoleKey}`],
    ]);
  });

  test('that asks for a token takes the older key, and does not run with a secret key', async () => {
    deployAnswering(PROVISION, () => Response.json({}), true);
    expect((await callerOf({ secretKey: world.serviceRoleKey }).provision(ORDER, never())).kind).toBe('succeeded');
    expect(await callerOf().provision(ORDER, never())).toMatchObject({ kind: 'not-run', status: 401 });
    const foreign = `${world.serviceRoleKey.slice(0, -2)}xx`;
    expect(await callerOf({ secretKey: foreign }).provision(ORDER, never())).toMatchObject({ kind: 'not-run' });
    expect(arrivals).toHaveLength(1);
  });

  test('that says itself why it failed has failed, in its own words', async () => {
    const orderId = await insertOrder(world, { status: 'error' });
    expect(await callerOf().provision(orderId, never())).toEqual({
      kind: 'failed',
      status: 500,
      body: `{"error":"Order not found or not paid: ${orderId}"}`,
      executionId: expect.any(String),
    });
  });

  test("is found under the merchant's own name and address", async () => {
    deployAnswering('make-server', () => Response.json({}));
    const schema = merchantSchema.parse({ functions: { 'servers-provision': 'make-server' } });
    const caller = callerOf({ schema, functionsUrl: `${world.functionsUrl}/` });
    expect((await caller.provision(ORDER, never())).kind).toBe('succeeded');
    world.functions.undeploy('make-server');
  });

  test('keeps no more of an answer than two thousand characters, and no half one', async () => {
    deployAnswering(PROVISION, () => Response.json({ error: `${'x'.repeat(1989)}🦖🦖` }, { status: 500 }));
    const { body, kind } = await callerOf().provision(ORDER, never());
    expect(kind).toBe('failed');
    expect(body).toHaveLength(2000);
    expect(body.isWellFormed()).toBe(true);
  });
});

describe('what the platform does to a call', () => {
  test.each([
    ['boot-error', { kind: 'boot-error' }, 'not-run', 503],
    ['crash', { kind: 'crash' }, 'died', 500],
    ['crash after the work', { kind: 'crash', afterWork: true }, 'died', 500],
    ['resource-limit', { kind: 'resource-limit' }, 'died', 546],
    ['idle-timeout', { kind: 'idle-timeout', afterMs: 20 }, 'unanswered', 504],
  ] as const)('%s', async (_, fault, kind, status) => {
    deployAnswering(PROVISION, () => Response.json({}));
    world.functions.setFault(PROVISION, fault);
    const invocation = await callerOf().provision(ORDER, never());
    expect(invocation).toMatchObject({ kind, status, executionId: expect.any(String) });
  });

  test('a function that is not deployed does not run', async () => {
    world.functions.undeploy(PROVISION);
    expect(await callerOf().provision(ORDER, never())).toMatchObject({
      kind: 'not-run',
      status: 404,
      executionId: null,
    });
  });

  test('a run that works on after the gateway gave up is unanswered, not over', async () => {
    let isDone = false;
    world.functions.deploy(PROVISION, {
      code: async () => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        isDone = true;
        return Response.json({});
      },
    });
    world.functions.setFault(PROVISION, { kind: 'idle-timeout', afterMs: 20, worksOn: true });
    expect((await callerOf().provision(ORDER, never())).kind).toBe('unanswered');
    expect(isDone).toBe(false);
    await world.functions.idle();
    expect(isDone).toBe(true);
  });
});

describe('what an answer proves', () => {
  const gateway = (status: number, code: string, headers = {}): Fault => ({
    kind: 'status',
    status,
    headers,
    body: { code, message: 'words of the gateway' },
  });
  const ran = { 'x-deno-execution-id': randomUUID() };

  test.each([
    ['WORKER_LIMIT of old', gateway(546, 'WORKER_LIMIT'), 'died'],
    ['a bundle that is not there', gateway(404, 'NOT_FOUND_FUNCTION_BLOB'), 'not-run'],
    ['a function that cannot be loaded', gateway(500, 'LOAD_FUNCTION_METADATA_ERROR'), 'not-run'],
    ['a revoked older key', gateway(401, 'UNAUTHORIZED_LEGACY_JWT'), 'not-run'],
    ['a status that is none', gateway(500, 'INVALID_RESPONSE_STATUS_CODE'), 'died'],
    ['a code nobody knows', gateway(500, 'SOMETHING_NEW'), 'unanswered'],
    ['"not found" in the name of an execution', gateway(404, 'NOT_FOUND', ran), 'unanswered'],
    [
      'a code in the header alone',
      { kind: 'status', status: 503, headers: { 'sb-error-code': 'BOOT_ERROR' } },
      'not-run',
    ],
    [
      'an own failure that the gateway marked as one',
      { kind: 'status', status: 500, headers: { 'sb-error-code': 'EDGE_FUNCTION_ERROR' }, body: { error: 'No node' } },
      'failed',
    ],
    [
      'a throw that the gateway marked as one',
      {
        kind: 'status',
        status: 500,
        headers: { 'sb-error-code': 'EDGE_FUNCTION_ERROR' },
        body: 'Internal Server Error',
      },
      'died',
    ],
    ['an own refusal', { kind: 'status', status: 400, body: { error: 'Invalid plan', received: false } }, 'failed'],
    [
      'an own failure beside a code',
      { kind: 'status', status: 500, body: { error: 'x', code: 'NOT_FOUND' } },
      'unanswered',
    ],
    ['words of a gateway', { kind: 'status', status: 500, body: { error: 'x', message: 'y' } }, 'unanswered'],
    ['words of a proxy', { kind: 'status', status: 502, body: { error: 'Bad Gateway' } }, 'unanswered'],
    ['an own 502', { kind: 'status', status: 502, headers: ran, body: { error: 'panel' } }, 'failed'],
    ['an own 504', { kind: 'status', status: 504, headers: ran, body: { error: 'panel' } }, 'unanswered'],
    ['a bare 504', { kind: 'status', status: 504 }, 'unanswered'],
    ['a bare 503', { kind: 'status', status: 503 }, 'unanswered'],
    ['a page instead of a refusal', { kind: 'status', status: 500, body: '<html>' }, 'unanswered'],
    ['a JSON text instead of an object', { kind: 'status', status: 500, body: '"error"' }, 'unanswered'],
    ['429', { kind: 'status', status: 429, body: { message: 'slow down' } }, 'unanswered'],
    ['an empty 200', { kind: 'status', status: 200 }, 'unanswered'],
    ['JSON by another name', { kind: 'status', status: 200, body: '{"received":true}' }, 'succeeded'],
    ['html-200', { kind: 'html-200' }, 'unanswered'],
    ['truncated-json', { kind: 'truncated-json' }, 'unanswered'],
    ['slow-drip', { kind: 'slow-drip' }, 'unanswered'],
    ['hang', { kind: 'hang' }, 'unanswered'],
    ['reset', { kind: 'reset' }, 'unanswered'],
  ] satisfies (readonly [string, Fault, Invocation['kind']])[])('%s', async (_, fault, kind) => {
    expect(await callUnder(fault)).toEqual([kind, 1]);
  });

  test('a redirect is not followed', async () => {
    deployAnswering('elsewhere', () => Response.json({}));
    const location = `${world.functionsUrl}/elsewhere`;
    expect(await callUnder({ kind: 'redirect', location })).toEqual(['unanswered', 1]);
    expect(arrivals).toEqual([]);
    world.functions.undeploy('elsewhere');
  });

  test.each(['http://127.0.0.1:1', `http://${'x'.repeat(64)}.invalid`, 'http://localhost:1'])(
    'nothing runs where nobody is: %s',
    async (functionsUrl) => {
      expect(await callerOf({ functionsUrl }).provision(ORDER, never())).toEqual({
        kind: 'not-run',
        status: null,
        body: '',
        executionId: null,
      });
    },
  );

  test('a caller who left meanwhile is told that nobody knows; one who left before, that nothing was sent', async () => {
    world.faults.inject(/functions/, { kind: 'hang' });
    const left = await callerOf().provision(ORDER, AbortSignal.timeout(50));
    expect(left).toEqual({ kind: 'unanswered', status: null, body: '', executionId: null });
    expect((await callerOf().provision(ORDER, AbortSignal.abort())).kind).toBe('not-run');
  });
});

describe('delivering an event', () => {
  test('is not possible without a signing secret', () => {
    expect(callerOf().deliver).toBeNull();
  });

  test('sends the payload byte for byte under its signature, and no key of Supabase', async () => {
    deployAnswering(WEBHOOK, () => Response.json({ received: true }));
    const payload = '{ "id":"evt_1",\n  "name" : "Zoë 🦖 \\u00e9" }';
    const signed: string[] = [];
    const caller = callerOf({
      secretKey: world.serviceRoleKey,
      sign: async (text) => {
        signed.push(text);
        return 't=1,v1=test';
      },
    });
    expect((await caller.deliver?.(payload, never()))?.kind).toBe('succeeded');
    expect(signed).toEqual([payload]);
    const [arrival] = arrivals;
    expect(arrival?.body).toBe(payload);
    expect(arrival?.headers.get('stripe-signature')).toBe('t=1,v1=test');
    expect([arrival?.headers.get('apikey'), arrival?.headers.get('authorization')]).toEqual([null, null]);
    expect(arrival?.headers.get('user-agent')).not.toBe(probeUserAgent);
  });

  test('is taken by the function that checks the signature, and refused when it is wrong', async () => {
    world.functions.setSecret('STRIPE_WEBHOOK_SECRET', SECRET);
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'ping', data: { object: {} } });
    expect((await callerOf({ sign }).deliver?.(payload, never()))?.kind).toBe('succeeded');
    const refused = await callerOf({ sign: () => 't=1,v1=00' }).deliver?.(payload, never());
    expect(refused).toMatchObject({ kind: 'failed', status: 400, body: '{"error":"Invalid signature"}' });
  });

  test('does not run where the gateway asks for a token', async () => {
    deployAnswering(WEBHOOK, () => Response.json({}), true);
    const invocation = await callerOf({ sign, secretKey: world.serviceRoleKey }).deliver?.('{}', never());
    expect(invocation).toMatchObject({ kind: 'not-run', status: 401 });
    expect(arrivals).toEqual([]);
  });
});
