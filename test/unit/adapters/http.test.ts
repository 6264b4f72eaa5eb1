import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonRequest, requestJson, retryAfterMsOf } from '../../../src/adapters/http.ts';
import { createFaultBoard, type Fault } from '../../../src/sandbox/faults.ts';
import { listen, type LocalServer } from '../../../src/sandbox/listen.ts';

const SECRET = 'sb_secret_do_not_tell';

let server: LocalServer;
let seen: Request[];
let bodies: string[];
let answer: (request: Request) => Response | Promise<Response>;

beforeEach(async () => {
  seen = [];
  bodies = [];
  answer = () => Response.json({ fine: true });
  server = await listen(async (request) => {
    seen.push(request);
    bodies.push(await request.text());
    return answer(request);
  }, createFaultBoard());
});

afterEach(() => server.stop());

const ask = (over: Partial<JsonRequest> = {}) =>
  requestJson({
    source: 'logs',
    url: `${server.url}/things`,
    headers: { Authorization: `Bearer ${SECRET}` },
    signal: new AbortController().signal,
    timeoutMs: 600,
    ...over,
  });

async function failureOf(over: Partial<JsonRequest> = {}) {
  const outcome = await ask(over);
  if (outcome.ok) throw new Error('It did not fail');
  return outcome.failure;
}

const status = (status: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status,
  headers,
  body: { message: `secret words ${SECRET}` },
});

describe('an answer', () => {
  it('is given with status, headers and parsed body', async () => {
    answer = () => Response.json([1], { status: 206, headers: { 'Content-Range': '0-0/1' } });
    const outcome = await ask();
    expect(outcome).toMatchObject({ ok: true, value: { status: 206, json: [1] } });
    expect(outcome.ok && outcome.value.headers['content-range']).toBe('0-0/1');
  });

  it('may be empty when its status says so', async () => {
    answer = () => new Response(null, { status: 204 });
    expect(await ask({ method: 'PATCH' })).toMatchObject({ ok: true, value: { status: 204 } });
  });

  it('is a value when nothing was found', async () => {
    answer = () => Response.json({ message: 'none' }, { status: 404 });
    expect(await ask()).toMatchObject({ ok: true, value: { status: 404, json: { message: 'none' } } });
  });

  it('of any JSON type is accepted', async () => {
    answer = () =>
      new Response('{}', { headers: { 'content-type': 'application/vnd.pgrst.object+json; charset=utf-8' } });
    expect(await ask()).toMatchObject({ ok: true, value: { json: {} } });
  });
});

describe('a request', () => {
  it('encodes what its query holds and keeps the query of the address', async () => {
    await ask({ url: `${server.url}/things?a=1`, query: { email: 'ann+x@example.com', 'filter[x]': 'a&b' } });
    const { searchParams, search } = new URL(seen[0]?.url ?? '');
    expect(Object.fromEntries(searchParams)).toEqual({ a: '1', email: 'ann+x@example.com', 'filter[x]': 'a&b' });
    expect(search).toContain('ann%2Bx');
  });

  it('sends a body as JSON', async () => {
    await ask({ method: 'POST', body: { order_id: 'o1' } });
    expect(bodies).toEqual(['{"order_id":"o1"}']);
    expect(seen[0]?.headers.get('content-type')).toBe('application/json');
  });
});

describe('trouble is named', () => {
  it.each<[string, Fault, object]>([
    ['a page instead of JSON', { kind: 'html-200' }, { kind: 'unexpected-shape', path: '/things' }],
    ['JSON that breaks off', { kind: 'truncated-json' }, { kind: 'unexpected-shape' }],
    ['a redirect', { kind: 'redirect', location: '/elsewhere' }, { kind: 'unexpected-shape' }],
    ['a cut connection', { kind: 'reset' }, { kind: 'unreachable' }],
    ['silence', { kind: 'hang' }, { kind: 'timed-out' }],
    ['a body that never ends', { kind: 'slow-drip' }, { kind: 'timed-out' }],
    ['401', status(401), { kind: 'credentials-rejected' }],
    ['403', status(403), { kind: 'not-permitted', scope: null }],
    ['409', status(409), { kind: 'request-refused', status: 409, code: null }],
    ['429 with seconds', status(429, { 'retry-after': '7' }), { kind: 'rate-limited', retryAfterMs: 7000 }],
    ['429 without a time', status(429), { kind: 'rate-limited', retryAfterMs: null }],
    ['500', status(500), { kind: 'upstream-broken', status: 500 }],
  ])('%s', async (_name, fault, expected) => {
    server.faults.inject(/things/, fault);
    const startedAt = performance.now();
    const failure = await failureOf();
    expect(failure).toMatchObject({ source: 'logs', ...expected });
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(JSON.stringify(failure)).not.toContain('secret');
  });

  it('a port where nobody listens', async () => {
    await server.stop();
    expect(await failureOf()).toEqual({ source: 'logs', kind: 'unreachable' });
  });

  it('an answer that is too large', async () => {
    answer = () => Response.json('x'.repeat(5000));
    expect(await failureOf({ maxBytes: 1000 })).toMatchObject({ kind: 'unexpected-shape' });
  });

  it('a refusal by the upstream’s own code', async () => {
    answer = () => Response.json({ code: 'PGRST204', message: 'words' }, { status: 400 });
    const codeOf = (json: unknown): string | null => (json as { code: string }).code;
    expect(await failureOf({ codeOf })).toMatchObject({ kind: 'request-refused', status: 400, code: 'PGRST204' });
  });

  it('a refusal by the upstream’s own rules', async () => {
    answer = () => Response.json({}, { status: 403 });
    const failure = await failureOf({
      readRefusal: () => ({ source: 'logs', kind: 'credentials-rejected' }),
    });
    expect(failure.kind).toBe('credentials-rejected');
    expect(await ask({ readRefusal: () => 'answer' })).toMatchObject({ ok: true, value: { status: 403 } });
  });

  it('the caller’s end as a time-out after what has passed', async () => {
    server.faults.inject(/things/, { kind: 'hang' });
    const failure = await failureOf({ signal: AbortSignal.timeout(80), timeoutMs: 5000 });
    expect(failure.kind).toBe('timed-out');
    expect(failure.kind === 'timed-out' && failure.afterMs).toBeLessThan(400);
  });

  it('without asking when the caller has ended already', async () => {
    expect((await failureOf({ signal: AbortSignal.abort() })).kind).toBe('timed-out');
    expect(seen).toHaveLength(0);
  });
});

describe('repetition', () => {
  const failFirst = (response: () => Response): void => {
    answer = () => (seen.length === 1 ? response() : Response.json({ fine: true }));
  };

  it('repeats a read once after a server error', async () => {
    failFirst(() => new Response('', { status: 502 }));
    expect(await ask()).toMatchObject({ ok: true });
    expect(seen).toHaveLength(2);
  });

  it('never repeats a write', async () => {
    failFirst(() => new Response('', { status: 502 }));
    expect((await failureOf({ method: 'POST', body: {}, retries: 3 })).kind).toBe('upstream-broken');
    expect(seen).toHaveLength(1);
  });

  it('does not repeat what would only fail again', async () => {
    failFirst(() => Response.json({}, { status: 400 }));
    expect((await failureOf()).kind).toBe('request-refused');
    expect(seen).toHaveLength(1);
  });

  it('waits as long as it is asked to when that is short', async () => {
    failFirst(() => new Response('', { status: 429, headers: { 'retry-after': '1' } }));
    const startedAt = performance.now();
    expect(await ask({ timeoutMs: 3000 })).toMatchObject({ ok: true });
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });

  it('reports a wait that does not fit into the deadline', async () => {
    failFirst(() => new Response('', { status: 429, headers: { 'retry-after': '1' } }));
    expect(await failureOf({ timeoutMs: 500 })).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1000 });
    expect(seen).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date', () => {
    expect(retryAfterMsOf('12')).toBe(12_000);
    expect(retryAfterMsOf(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(58_000);
    expect(retryAfterMsOf(new Date(Date.now() - 60_000).toUTCString())).toBe(0);
  });

  it('is unknown when it is missing or something else', () => {
    expect(retryAfterMsOf(undefined)).toBeNull();
    expect(retryAfterMsOf('soon')).toBeNull();
  });
});
