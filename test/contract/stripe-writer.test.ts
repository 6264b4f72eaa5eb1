import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndpointWriter, createEventReader, createEventSigner } from '../../src/adapters/stripe/index.ts';
import type { EndpointWriter, EventReader } from '../../src/core/action-ports.ts';
import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock, type WorldClock } from '../../src/sandbox/clock.ts';
import { createFaultBoard, type Fault } from '../../src/sandbox/faults.ts';
import { listen } from '../../src/sandbox/listen.ts';
import { startStripe, type StripeWorld } from '../../src/sandbox/stripe/index.ts';

const DAY_MS = 24 * 3600 * 1000;
const RESTRICTED_KEY = 'rk_test_restricted01';
const SECRET = 'whsec_the_merchants_own';
const calm = new AbortController().signal;

let clock: WorldClock;
let world: StripeWorld;

beforeEach(async () => {
  clock = createWorldClock();
  world = await startStripe({ clock, idSeed: 'writer', deliveryTimeoutMs: 300 });
});

afterEach(() => world.stop());

interface Access {
  readonly secretKey?: string;
  readonly timeoutMs?: number;
}

const readerWith = ({ secretKey = world.secretKey, timeoutMs = 2000 }: Access = {}): EventReader =>
  createEventReader({ secretKey, apiUrl: world.url, timeoutMs });

const writerWith = ({ secretKey = world.secretKey, timeoutMs = 2000 }: Access = {}): EndpointWriter =>
  createEndpointWriter({ secretKey, apiUrl: world.url, timeoutMs });

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

/** Buys something, and names the event that tells of it. */
async function buy(): Promise<string> {
  const { id } = world.createCheckout({ email: 'zoë@example.com', metadata: { server_name: 'Zoë’s “camp” 🏕' } });
  await world.completeCheckout(id);
  const event = [...world.state.events.values()].find(({ type }) => type === 'checkout.session.completed');
  if (event === undefined) throw new Error('Nothing happened');
  return event.id;
}

async function payloadOf(eventId: string): Promise<string> {
  const payload = await valueOf(readerWith().payloadOf(eventId, calm));
  if (payload === null) throw new Error('Stripe does not have the event');
  return payload;
}

describe('the payload of an event', () => {
  it('is what Stripe stores, byte for byte, with nothing of the client library', async () => {
    const eventId = await buy();
    expect(await payloadOf(eventId)).toBe(JSON.stringify(world.state.events.get(eventId)));
  });

  it('is what Stripe’s own delivery sends, but for the line breaks', async () => {
    const received: string[] = [];
    const receiver = await listen(async (request) => {
      received.push(await request.text());
      return new Response('no', { status: 500 });
    }, createFaultBoard());
    await world.createEndpoint({ url: receiver.url });
    const payload = await payloadOf(await buy());
    await receiver.stop();
    expect(received.map((body) => JSON.stringify(JSON.parse(body)))).toContain(payload);
  });

  it('is absent for an event that Stripe does not have, has no longer, or has in the other mode', async () => {
    world.setKey('sk_live_everything01', 'all');
    const eventId = await buy();
    const inLiveMode = readerWith({ secretKey: 'sk_live_everything01' });
    expect(await valueOf(inLiveMode.payloadOf(eventId, calm))).toBeNull();
    clock.travelTo(Date.now() + 31 * DAY_MS);
    expect(await valueOf(readerWith().payloadOf(eventId, calm))).toBeNull();
    expect(await valueOf(readerWith().payloadOf('evt_gone', calm))).toBeNull();
  });

  it('is not asked for by anything that can be no id', async () => {
    world.faults.inject(/./, { kind: 'reset' });
    expect(await valueOf(readerWith().payloadOf('../customers', calm))).toBeNull();
  });

  it('needs the permission to read events', async () => {
    world.setKey(RESTRICTED_KEY, ['rak_webhook_write']);
    const reader = readerWith({ secretKey: RESTRICTED_KEY });
    expect(await failureOf(reader.payloadOf('evt_any', calm))).toEqual({
      source: 'stripe',
      kind: 'not-permitted',
      scope: 'rak_event_read',
    });
  });

  it.each<[string, Fault, string]>([
    ['something else with an id', { kind: 'status', status: 200, body: { id: 'cus_1', object: 'customer' } }, 'shape'],
    ['a page', { kind: 'html-200' }, 'shape'],
    ['silence', { kind: 'hang' }, 'timed-out'],
  ])('is never %s', async (_name, fault, kind) => {
    world.faults.inject(/./, fault);
    const failure = await failureOf(readerWith({ timeoutMs: 300 }).payloadOf('evt_any', calm));
    expect(failure.kind).toContain(kind);
  });
});

describe('a signature', () => {
  it('is accepted by the client library for this payload', async () => {
    const payload = await payloadOf(await buy());
    const signature = createEventSigner(SECRET)(payload, new Date());
    expect(Stripe.webhooks.constructEvent(payload, signature, SECRET).type).toBe('checkout.session.completed');
  });

  it('holds for no other payload, secret or time', async () => {
    const payload = await payloadOf(await buy());
    const sign = createEventSigner(SECRET);
    const check = (text: string, signature: string, secret = SECRET) => {
      try {
        return Stripe.webhooks.constructEvent(text, signature, secret).id;
      } catch (error) {
        return error instanceof Stripe.errors.StripeSignatureVerificationError ? 'refused' : error;
      }
    };
    expect([
      check(`${payload} `, sign(payload, new Date())),
      check(payload, sign(payload, new Date()), 'whsec_another'),
      check(payload, sign(payload, new Date(Date.now() - 3600_000))),
    ]).toEqual(['refused', 'refused', 'refused']);
  });
});

describe('enabling an endpoint', () => {
  let endpointId: string;
  const status = () => world.state.endpoints.get(endpointId)?.status;

  beforeEach(async () => {
    const url = 'http://127.0.0.1:9/stripe-webhook';
    endpointId = (await world.createEndpoint({ url, enabledEvents: ['invoice.paid'], disabled: true })).id;
  });

  it('switches it on and changes nothing else, however often', async () => {
    const before = world.state.endpoints.get(endpointId);
    const wanted = { ...before, status: 'enabled' };
    await valueOf(writerWith().enable(endpointId, calm));
    expect(world.state.endpoints.get(endpointId)).toEqual(wanted);
    await valueOf(writerWith().enable(endpointId, calm));
    expect(status()).toBe('enabled');
  });

  it('needs no more than the permission to write webhook endpoints', async () => {
    world.setKey(RESTRICTED_KEY, ['rak_webhook_write']);
    await valueOf(writerWith({ secretKey: RESTRICTED_KEY }).enable(endpointId, calm));
    expect(status()).toBe('enabled');
  });

  it('is not permitted to a key that only reads, which is told what it lacks', async () => {
    world.setKey(RESTRICTED_KEY, ['rak_webhook_read', 'rak_event_read']);
    expect(await failureOf(writerWith({ secretKey: RESTRICTED_KEY }).enable(endpointId, calm))).toEqual({
      source: 'stripe',
      kind: 'not-permitted',
      scope: 'rak_webhook_write',
    });
    expect(status()).toBe('disabled');
  });

  it('names an endpoint that is gone, or lives in the other mode', async () => {
    const path = (id: string) => ({
      source: 'stripe',
      kind: 'endpoint-missing',
      path: `/v1/webhook_endpoints${id === '' ? '' : `/${id}`}`,
    });
    expect(await failureOf(writerWith().enable('we_gone', calm))).toEqual(path('we_gone'));
    expect(await failureOf(writerWith().enable('../events', calm))).toEqual(path(''));
    world.setKey('sk_live_everything01', 'all');
    const live = writerWith({ secretKey: 'sk_live_everything01' });
    expect(await failureOf(live.enable(endpointId, calm))).toEqual(path(endpointId));
    expect(status()).toBe('disabled');
  });

  it('has been done when only the answer was lost', async () => {
    world.faults.inject(/POST/, { kind: 'reset-after' });
    expect(await failureOf(writerWith().enable(endpointId, calm))).toMatchObject({ kind: 'unreachable' });
    expect(status()).toBe('enabled');
  });

  const refusal = (status: number, error: object, headers: Record<string, string> = {}): Fault => ({
    kind: 'status',
    status,
    headers,
    body: { error: { type: 'invalid_request_error', message: 'x', ...error } },
  });

  const faults: readonly [string, Fault, object][] = [
    ['hang', { kind: 'hang' }, { kind: 'timed-out' }],
    ['slow-drip', { kind: 'slow-drip' }, { kind: 'timed-out' }],
    ['reset', { kind: 'reset' }, { kind: 'unreachable' }],
    ['500', refusal(500, { type: 'api_error' }), { kind: 'upstream-broken', status: 500 }],
    [
      '500 that asks to be repeated',
      refusal(500, { type: 'api_error' }, { 'stripe-should-retry': 'true' }),
      { kind: 'upstream-broken', status: 500 },
    ],
    ['502 of a proxy', { kind: 'status', status: 502, body: '<html>' }, { kind: 'upstream-broken', status: 502 }],
    ['409', refusal(409, {}), { kind: 'request-refused', status: 409 }],
    ['429', refusal(429, { code: 'rate_limit' }, { 'retry-after': '3' }), { kind: 'rate-limited', retryAfterMs: 3000 }],
    ['401', refusal(401, {}), { kind: 'credentials-rejected' }],
    ['400', refusal(400, { code: 'odd' }), { kind: 'request-refused', status: 400, code: 'odd' }],
    ['html-200', { kind: 'html-200' }, { kind: 'unexpected-shape' }],
    ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, { kind: 'unexpected-shape' }],
    ['another API', { kind: 'status', status: 200, body: { hello: 'world' } }, { kind: 'unexpected-shape' }],
  ];

  it.each(faults)('names trouble, and is asked once: %s', async (_name, fault, expected) => {
    world.faults.inject(/./, fault);
    const seen: string[] = [];
    const notice = Object.assign(/./, { test: (line: string) => (seen.push(line), false) });
    world.faults.inject(notice, { kind: 'hang' });
    // Long enough for a repetition by the client library, which comes half a second later.
    const isSilent = fault.kind === 'hang' || fault.kind === 'slow-drip';
    const failure = await failureOf(writerWith({ timeoutMs: isSilent ? 250 : 1500 }).enable(endpointId, calm));
    expect(failure).toMatchObject({ source: 'stripe', ...expected });
    expect(seen).toEqual([`POST /v1/webhook_endpoints/${endpointId}`]);
    expect(JSON.stringify(failure)).not.toContain(world.secretKey);
  });

  it('ends with whoever asked', async () => {
    world.faults.inject(/./, { kind: 'hang' });
    expect((await failureOf(writerWith().enable(endpointId, AbortSignal.timeout(50)))).kind).toBe('timed-out');
  });
});
