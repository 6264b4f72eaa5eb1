import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPaymentReader } from '../../src/adapters/stripe/index.ts';
import type { CheckoutSession } from '../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { PaymentReader } from '../../src/core/ports.ts';
import type { Result } from '../../src/core/result.ts';
import { createWorldClock, type WorldClock } from '../../src/sandbox/clock.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { startStripe, type StripeWorld } from '../../src/sandbox/stripe/index.ts';

const DAY_MS = 24 * 3600 * 1000;
const USER_ID = '7f3c1a52-0d3e-4c55-9b1f-6f1f6e0a1c11';
const RESTRICTED_KEY = 'rk_test_restricted01';
const calm = new AbortController().signal;

let clock: WorldClock;
let world: StripeWorld;
let reader: PaymentReader;

beforeEach(async () => {
  clock = createWorldClock();
  world = await startStripe({ clock, idSeed: 'reader', deliveryTimeoutMs: 300 });
  reader = readerWith(world.secretKey);
});

afterEach(() => world.stop());

function readerWith(secretKey: string, timeoutMs = 3000): PaymentReader {
  return createPaymentReader({ secretKey, apiUrl: world.url, timeoutMs });
}

function restrictedTo(...permissions: string[]): PaymentReader {
  world.setKey(RESTRICTED_KEY, permissions);
  return readerWith(RESTRICTED_KEY);
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

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('Nothing there');
  return value;
}

async function buy(over: Partial<Parameters<StripeWorld['createCheckout']>[0]> = {}): Promise<CheckoutSession> {
  const { id } = world.createCheckout({
    email: 'ann@example.com',
    metadata: { user_id: USER_ID, plan_id: 'mc-8' },
    subscriptionMetadata: { user_id: USER_ID },
    ...over,
  });
  await world.completeCheckout(id);
  return present(await valueOf(reader.session(id, calm)));
}

describe('the key', () => {
  it('tells the mode by its prefix', () => {
    expect(readerWith('rk_test_x').mode).toBe('test');
    expect(readerWith('sk_live_x').mode).toBe('live');
  });

  it('is refused at the start when it has neither mode', () => {
    expect(() => readerWith('whsec_something')).toThrow(/neither/);
  });

  it('never sees the other mode', async () => {
    world.setKey('sk_live_everything01', 'all');
    const session = await buy();
    expect(await valueOf(readerWith('sk_live_everything01').session(session.id, calm))).toBeNull();
  });
});

describe('sessions', () => {
  it('are read with all that ties them to order and person', async () => {
    const session = await buy({ email: 'ann@example.com', customerDetailsEmail: 'Ann@Example.com' });
    expect(session).toMatchObject({
      mode: 'subscription',
      status: 'complete',
      paymentStatus: 'paid',
      livemode: false,
      amountCents: 1200,
      currency: 'usd',
      email: 'ann@example.com',
      paymentIntentId: null,
      clientReferenceId: null,
      metadata: { user_id: USER_ID, plan_id: 'mc-8' },
    });
    expect([session.customerId, session.subscriptionId, session.invoiceId].every((id) => id !== null)).toBe(true);
    expect(Math.abs(session.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(present(session.expiresAt).getTime() - session.createdAt.getTime()).toBe(DAY_MS);
  });

  it('are found by their e-mail as typed and in lower case, each once, newest first', async () => {
    clock.travelTo(Date.now() - 3 * DAY_MS);
    const oldest = await buy({ email: 'Ann@Example.com' });
    clock.travelTo(Date.now() - 2 * DAY_MS);
    const middle = await buy({ email: 'ann@example.com' });
    clock.travelTo(Date.now() - DAY_MS);
    const newest = await buy({ email: 'Ann@Example.com' });
    await buy({ email: 'jo.ann@example.com' });
    const found = await valueOf(reader.sessionsByEmail('Ann@Example.com', calm));
    expect(found.map(({ id }) => id)).toEqual([newest.id, middle.id, oldest.id]);
  });

  it('are found beyond the first page', async () => {
    for (let count = 0; count < 130; count += 1) world.createCheckout({ email: 'many@example.com' });
    expect(await valueOf(reader.sessionsByEmail('many@example.com', calm))).toHaveLength(130);
  });

  it('are found by customer, subscription and payment intent', async () => {
    const session = await buy();
    const single = await buy({ mode: 'payment' });
    const ids = async (answer: ReturnType<PaymentReader['sessionsByCustomer']>): Promise<string[]> =>
      (await valueOf(answer)).map(({ id }) => id);
    expect(await ids(reader.sessionsByCustomer(present(session.customerId), calm))).toEqual([session.id]);
    expect(await ids(reader.sessionsBySubscription(present(session.subscriptionId), calm))).toEqual([session.id]);
    expect(await ids(reader.sessionsByPaymentIntent(present(single.paymentIntentId), calm))).toEqual([single.id]);
  });

  it('are absent, which is no failure, when nothing has the id or the address', async () => {
    expect(await valueOf(reader.session('cs_test_nobody', calm))).toBeNull();
    expect(await valueOf(reader.session('', calm))).toBeNull();
    expect(await valueOf(reader.session('../events', calm))).toBeNull();
    expect(await valueOf(reader.sessionsByCustomer('cus_nobody', calm))).toEqual([]);
    expect(await valueOf(reader.sessionsBySubscription('sub_nobody', calm))).toEqual([]);
    expect(await valueOf(reader.sessionsByEmail('nobody@example.com', calm))).toEqual([]);
    expect(await valueOf(reader.sessionsByEmail(' ', calm))).toEqual([]);
  });
});

describe('customers', () => {
  it('are found by id and by e-mail in both spellings', async () => {
    const { customerId } = await buy({ email: 'ann@example.com' });
    const other = await buy({ email: 'Ann@example.com' });
    const found = await valueOf(reader.customersByEmail('Ann@example.com', calm));
    expect(found.map(({ id }) => id).toSorted()).toEqual([customerId, other.customerId].toSorted());
    expect(await valueOf(reader.customer(present(customerId), calm))).toEqual({
      id: customerId,
      email: 'ann@example.com',
    });
    expect(await valueOf(reader.customer('cus_nobody', calm))).toBeNull();
  });
});

describe('subscriptions', () => {
  it('are read with the end of their paid month', async () => {
    const { subscriptionId } = await buy();
    const subscription = present(await valueOf(reader.subscription(present(subscriptionId), calm)));
    expect(subscription).toMatchObject({ status: 'active', cancelAtPeriodEnd: false, endedAt: null, livemode: false });
    expect(subscription.metadata).toEqual({ user_id: USER_ID });
    expect(present(subscription.currentPeriodEndAt).getTime()).toBeGreaterThan(Date.now() + 27 * DAY_MS);
  });

  it('are found by the person their metadata name', async () => {
    const { subscriptionId } = await buy();
    await buy({ subscriptionMetadata: { user_id: 'somebody-else' } });
    const found = await valueOf(reader.subscriptionsOfPerson(USER_ID, calm));
    expect(found.map(({ id }) => id)).toEqual([subscriptionId]);
  });

  it('are not searched for by anything but a uuid', async () => {
    world.faults.inject(/search/, { kind: 'reset' });
    expect(await valueOf(reader.subscriptionsOfPerson("x' OR status:'active", calm))).toEqual([]);
  });
});

describe('billing', () => {
  it('holds subscriptions, invoices with their payment intents, and charges', async () => {
    const session = await buy();
    const billing = await valueOf(reader.billingOf(present(session.customerId), calm));
    expect(billing.subscriptions.map(({ id }) => id)).toEqual([session.subscriptionId]);
    expect(billing.invoices).toMatchObject([
      {
        id: session.invoiceId,
        status: 'paid',
        subscriptionId: session.subscriptionId,
        billingReason: 'subscription_create',
      },
    ]);
    expect(billing.charges).toMatchObject([
      {
        status: 'succeeded',
        amountCents: 1200,
        amountRefundedCents: 0,
        refunded: false,
        disputed: false,
        disputeStatus: null,
      },
    ]);
    expect(billing.invoices[0]?.paymentIntentIds).toEqual([billing.charges[0]?.paymentIntentId]);
  });

  it('shows canceled subscriptions, failed renewals, refunds and disputes', async () => {
    const session = await buy();
    const subscriptionId = present(session.subscriptionId);
    await world.failRenewal(subscriptionId);
    await world.cancelSubscription(subscriptionId);
    await world.refund(session.id, 200);
    await world.dispute(session.id);
    const billing = await valueOf(reader.billingOf(present(session.customerId), calm));
    expect(billing.subscriptions).toMatchObject([{ status: 'canceled', endedAt: expect.any(Date) }]);
    expect(billing.invoices.map(({ billingReason }) => billingReason)).toEqual([
      'subscription_cycle',
      'subscription_create',
    ]);
    expect(billing.charges).toContainEqual(
      expect.objectContaining({
        amountRefundedCents: 200,
        refunded: false,
        disputed: true,
        disputeStatus: 'needs_response',
      }),
    );
  });

  it('is empty for a customer that does not exist', async () => {
    expect(await valueOf(reader.billingOf('cus_nobody', calm))).toEqual({
      subscriptions: [],
      invoices: [],
      charges: [],
    });
  });

  it.each([
    ['rak_charge_read', ['rak_invoice_read', 'rak_subscription_read']],
    ['rak_invoice_read', ['rak_charge_read', 'rak_subscription_read']],
    ['rak_subscription_read', ['rak_charge_read', 'rak_invoice_read']],
  ])('fails as a whole, naming the permission, without %s', async (scope, permissions) => {
    const session = await buy();
    const restricted = restrictedTo(...permissions, 'rak_customer_read', 'rak_payment_intent_read');
    expect(await failureOf(restricted.billingOf(present(session.customerId), calm))).toEqual({
      source: 'stripe',
      kind: 'not-permitted',
      scope,
    });
  });

  it('leaves the state of a dispute open when the key may not read disputes', async () => {
    const session = await buy();
    await world.dispute(session.id);
    const restricted = restrictedTo('rak_charge_read', 'rak_invoice_read', 'rak_subscription_read');
    const billing = await valueOf(restricted.billingOf(present(session.customerId), calm));
    expect(billing.charges).toMatchObject([{ disputed: true, disputeStatus: null }]);
  });
});

describe('the completed event', () => {
  it('is found among others of that day', async () => {
    await buy();
    const session = await buy();
    await buy();
    expect(await valueOf(reader.completedEventOf(session, calm))).toMatchObject({
      type: 'checkout.session.completed',
      objectId: session.id,
      livemode: false,
      pendingWebhooks: 0,
      apiVersion: '2026-10-28.endive',
    });
  });

  it('counts deliveries that nobody confirmed', async () => {
    await world.createEndpoint({ url: 'http://127.0.0.1:9/', enabledEvents: ['*'] });
    const session = await buy();
    expect(await valueOf(reader.completedEventOf(session, calm))).toMatchObject({ pendingWebhooks: 1 });
  });

  it('is absent for a session that has not completed', async () => {
    const { id } = world.createCheckout({ email: 'ann@example.com' });
    const session = present(await valueOf(reader.session(id, calm)));
    expect(await valueOf(reader.completedEventOf(session, calm))).toBeNull();
  });

  it('is not asked for when Stripe has forgotten it', async () => {
    clock.travelTo(Date.now() - 32 * DAY_MS);
    const session = await buy();
    clock.release();
    world.faults.inject(/events/, { kind: 'reset' });
    expect(await valueOf(reader.completedEventOf(session, calm))).toBeNull();
  });

  it('is found beyond the first page, and unknown rather than absent beyond the last', async () => {
    const session = await buy();
    const event = present([...world.state.events.values()].find(({ type }) => type === 'checkout.session.completed'));
    const addNewer = (many: number): void => {
      for (let count = 0; count < many; count += 1) {
        const id = `evt_other_${world.state.events.size}`;
        world.state.events.set(id, { ...event, id, data: { object: { id: 'cs_test_other' } } });
      }
    };
    addNewer(150);
    expect(await valueOf(reader.completedEventOf(session, calm))).toMatchObject({ objectId: session.id });
    addNewer(400);
    expect(await failureOf(reader.completedEventOf(session, calm))).toMatchObject({ kind: 'not-provided' });
  });
});

describe('endpoints', () => {
  it('are listed with where they point and what they listen to', async () => {
    const { id } = await world.createEndpoint({
      url: 'https://ref.supabase.co/functions/v1/stripe-webhook',
      enabledEvents: ['checkout.session.completed'],
      disabled: true,
    });
    expect(await valueOf(reader.endpoints(calm))).toEqual([
      {
        id,
        url: 'https://ref.supabase.co/functions/v1/stripe-webhook',
        status: 'disabled',
        enabledEvents: ['checkout.session.completed'],
        apiVersion: null,
        livemode: false,
      },
    ]);
  });
});

const refusal = (status: number, error: object, headers: Record<string, string> = {}): Fault => ({
  kind: 'status',
  status,
  headers,
  body: { error },
});

const faults: readonly [string, Fault, object][] = [
  ['hang', { kind: 'hang' }, { kind: 'timed-out' }],
  ['slow-drip', { kind: 'slow-drip' }, { kind: 'timed-out' }],
  ['reset', { kind: 'reset' }, { kind: 'unreachable' }],
  ['500', refusal(500, { type: 'api_error', message: 'x' }), { kind: 'upstream-broken', status: 500 }],
  ['502 of a proxy', { kind: 'status', status: 502, body: '<html>' }, { kind: 'upstream-broken', status: 502 }],
  [
    '429',
    refusal(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'x' }, { 'retry-after': '3' }),
    { kind: 'rate-limited', retryAfterMs: 3000 },
  ],
  ['401', refusal(401, { type: 'invalid_request_error', message: 'x' }), { kind: 'credentials-rejected' }],
  [
    '403',
    refusal(403, { type: 'invalid_request_error', message: "Having the 'rak_any_read' permission would allow" }),
    { kind: 'not-permitted', scope: 'rak_any_read' },
  ],
  [
    '400',
    refusal(400, { type: 'invalid_request_error', code: 'odd', message: 'x' }),
    { kind: 'request-refused', code: 'odd' },
  ],
  ['unknown address', refusal(404, { type: 'invalid_request_error', message: 'x' }), { kind: 'endpoint-missing' }],
  ['html-200', { kind: 'html-200' }, { kind: 'unexpected-shape' }],
  ['truncated-json', { kind: 'truncated-json' }, { kind: 'unexpected-shape' }],
  ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, { kind: 'unexpected-shape' }],
  ['another API', { kind: 'status', status: 200, body: { hello: 'world' } }, { kind: 'unexpected-shape' }],
  [
    'JSON null',
    { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: 'null' },
    { kind: 'unexpected-shape' },
  ],
];

const methods: readonly [string, (reader: PaymentReader) => Promise<Result<unknown, UpstreamFailure>>][] = [
  ['session', (reader) => reader.session('cs_test_ann', calm)],
  ['sessionsByEmail', (reader) => reader.sessionsByEmail('Ann@example.com', calm)],
  ['billingOf', (reader) => reader.billingOf('cus_ann', calm)],
  ['subscriptionsOfPerson', (reader) => reader.subscriptionsOfPerson(USER_ID, calm)],
  ['endpoints', (reader) => reader.endpoints(calm)],
];

describe.each(methods)('trouble in %s is named in time', (_method, ask) => {
  it.each(faults)('%s', async (_name, fault, expected) => {
    world.faults.inject(/./, fault);
    // Long enough, where there is an answer, for the client library's repetition, which waits half a second.
    const timeoutMs = fault.kind === 'hang' || fault.kind === 'slow-drip' ? 300 : 1500;
    const startedAt = performance.now();
    const failure = await failureOf(ask(readerWith(world.secretKey, timeoutMs)));
    expect(failure).toMatchObject({ source: 'stripe', ...expected });
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 400);
    expect(JSON.stringify(failure)).not.toContain(world.secretKey);
  });
});

describe('the end of a diagnosis', () => {
  it('leaves no request open and sends no further one', async () => {
    const open = new Set<ServerResponse>();
    let asked = 0;
    const silent = createServer((_request, response) => {
      asked += 1;
      open.add(response);
      response.on('close', () => open.delete(response));
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const apiUrl = `http://127.0.0.1:${port}`;
    const abandoned = createPaymentReader({ secretKey: world.secretKey, apiUrl, timeoutMs: 5000 });
    await abandoned.endpoints(AbortSignal.timeout(100));
    // The client library repeats half a second after a failure.
    await sleep(800);
    expect({ asked, open: open.size }).toEqual({ asked: 1, open: 0 });
    silent.close();
    silent.closeAllConnections();
  });

  it('ends every read at once', async () => {
    world.faults.inject(/./, { kind: 'hang' });
    const startedAt = performance.now();
    const failures = await Promise.all(methods.map(([, ask]) => ask(endingAfter(reader, 100))));
    expect(failures.every((outcome) => !outcome.ok && outcome.failure.kind === 'timed-out')).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(700);
  });
});

/** The same reader, with every signal replaced by one that ends soon. */
function endingAfter(reader: PaymentReader, ms: number): PaymentReader {
  const signal = AbortSignal.timeout(ms);
  return {
    ...reader,
    session: (id) => reader.session(id, signal),
    sessionsByEmail: (email) => reader.sessionsByEmail(email, signal),
    billingOf: (customerId) => reader.billingOf(customerId, signal),
    subscriptionsOfPerson: (userId) => reader.subscriptionsOfPerson(userId, signal),
    endpoints: () => reader.endpoints(signal),
  };
}
