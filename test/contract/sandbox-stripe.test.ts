import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorldClock, type WorldClock } from '../../src/sandbox/clock.ts';
import { createFaultBoard } from '../../src/sandbox/faults.ts';
import { listen, type LocalServer } from '../../src/sandbox/listen.ts';
import { startStripe, type StripeWorld } from '../../src/sandbox/stripe/index.ts';

const DAY_MS = 24 * 3600 * 1000;
const READ_ONLY_KEY = 'rk_test_readonly0001';
const LIVE_KEY = 'sk_live_everything01';

let clock: WorldClock;
let world: StripeWorld;
let stripe: Stripe;

/** The merchant's webhook function: answers as told and keeps what it was sent. */
interface Receiver extends LocalServer {
  readonly received: { readonly body: string; readonly signature: string }[];
  answer: { status: number; headers?: Record<string, string>; body?: string };
}

let receiver: Receiver;

beforeEach(async () => {
  clock = createWorldClock();
  world = await startStripe({ clock, idSeed: 'contract', deliveryTimeoutMs: 300 });
  stripe = clientFor(world.secretKey);
  receiver = await startReceiver();
});

afterEach(async () => {
  await Promise.all([world.stop(), receiver.stop()]);
});

function clientFor(key: string, maxNetworkRetries = 0): Stripe {
  return new Stripe(key, {
    host: '127.0.0.1',
    port: Number(new URL(world.url).port),
    protocol: 'http',
    telemetry: false,
    timeout: 2000,
    maxNetworkRetries,
    httpClient: Stripe.createFetchHttpClient(),
  });
}

async function startReceiver(): Promise<Receiver> {
  const received: { body: string; signature: string }[] = [];
  const state: Pick<Receiver, 'answer'> = { answer: { status: 200 } };
  const server = await listen(async (request) => {
    received.push({ body: await request.text(), signature: request.headers.get('stripe-signature') ?? '' });
    const { status, headers, body } = state.answer;
    return new Response(body ?? null, { status, headers: headers ?? {} });
  }, createFaultBoard());
  return {
    ...server,
    received,
    get answer() {
      return state.answer;
    },
    set answer(next) {
      state.answer = next;
    },
  };
}

/** The error a call ends with, as the client library reports it. */
async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Stripe.errors.StripeError)) throw new Error('Stripe did not refuse');
  return outcome;
}

async function rawGet(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${world.secretKey}`, ...headers } });
}

async function buy(email = 'ada@example.com'): Promise<string> {
  const session = world.createCheckout({ email, metadata: { plan: 'small' }, subscriptionMetadata: { user: 'u1' } });
  await world.completeCheckout(session.id);
  return session.id;
}

describe('keys', () => {
  it('refuses a request without a key', async () => {
    const response = await fetch(`${world.url}/v1/events`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringMatching(/^You did not provide an API key/) },
    });
  });

  it('refuses an unknown key and masks it', async () => {
    const refusal = await refusalOf(clientFor('sk_test_nobodyknows9876').events.list());
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(refusal.statusCode).toBe(401);
    expect(refusal.message).toBe('Invalid API Key provided: sk_test_***********9876');
  });

  it('forgets a removed key', async () => {
    world.removeKey(world.secretKey);
    expect((await refusalOf(stripe.events.list())).statusCode).toBe(401);
  });

  it('names the permission that a restricted key lacks', async () => {
    world.setKey(READ_ONLY_KEY, ['rak_checkout_session_read']);
    const restricted = clientFor(READ_ONLY_KEY);
    await expect(restricted.checkout.sessions.list()).resolves.toMatchObject({ data: [] });
    const refusal = await refusalOf(restricted.events.list());
    expect(refusal).toBeInstanceOf(Stripe.errors.StripePermissionError);
    expect(refusal.code).toBeUndefined();
    expect(refusal.rawType).toBe('invalid_request_error');
    expect(refusal.message).toContain("Having the 'rak_event_read' permission would allow this request to continue.");
  });

  it('lets write imply read, and not the other way round', async () => {
    const { id } = await world.createEndpoint({ url: receiver.url, disabled: true });
    world.setKey(READ_ONLY_KEY, ['rak_webhook_read']);
    const refusal = await refusalOf(clientFor(READ_ONLY_KEY).webhookEndpoints.update(id, { disabled: false }));
    expect(refusal.message).toContain("'rak_webhook_write'");
    world.setKey(READ_ONLY_KEY, ['rak_webhook_write']);
    expect((await clientFor(READ_ONLY_KEY).webhookEndpoints.list()).data).toHaveLength(1);
  });

  it('asks for the permission of what is expanded', async () => {
    const sessionId = await buy();
    world.setKey(READ_ONLY_KEY, ['rak_checkout_session_read']);
    const call = clientFor(READ_ONLY_KEY).checkout.sessions.retrieve(sessionId, { expand: ['subscription'] });
    expect((await refusalOf(call)).message).toContain("'rak_subscription_read'");
  });

  it('shows a key only the objects of its mode', async () => {
    world.setKey(LIVE_KEY, 'all');
    const sessionId = await buy();
    const live = world.createCheckout({ email: 'ada@example.com', livemode: true });
    expect((await clientFor(LIVE_KEY).checkout.sessions.list()).data.map((session) => session.id)).toEqual([live.id]);
    expect((await refusalOf(stripe.checkout.sessions.retrieve(live.id))).message).toBe(
      `No such checkout.session: '${live.id}'; a similar object exists in live mode, but a test mode key was used to make this request.`,
    );
    expect((await refusalOf(clientFor(LIVE_KEY).checkout.sessions.retrieve(sessionId))).message).toContain(
      'a similar object exists in test mode, but a live mode key was used',
    );
  });
});

describe('answers', () => {
  it('carry a request id, refusals too', async () => {
    expect((await rawGet('/v1/events')).headers.get('request-id')).toMatch(/^req_/);
    expect((await rawGet('/v1/events/evt_none')).headers.get('request-id')).toMatch(/^req_/);
    expect((await refusalOf(stripe.events.retrieve('evt_none'))).requestId).toMatch(/^req_/);
  });

  it('refuse a malformed API version', async () => {
    expect((await rawGet('/v1/events', { 'stripe-version': 'newest' })).status).toBe(400);
    expect((await rawGet('/v1/events', { 'stripe-version': '2024-06-20' })).headers.get('stripe-version')).toBe(
      '2024-06-20',
    );
  });

  it('say 404 for an unknown id and for an unknown address', async () => {
    expect(await refusalOf(stripe.customers.retrieve('cus_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      message: "No such customer: 'cus_none'",
    });
    expect(await (await rawGet('/v1/nothing')).json()).toMatchObject({
      error: { message: expect.stringMatching(/^Unrecognized request URL \(GET: \/v1\/nothing\)/) },
    });
  });

  it.each([
    ['/v1/events?foo=1', 'parameter_unknown', 'foo'],
    ['/v1/events?created[after]=1', 'parameter_unknown', 'created[after]'],
    ['/v1/events?created[gte]=yesterday', 'parameter_invalid_integer', 'created[gte]'],
    ['/v1/events?limit=0', undefined, 'limit'],
    ['/v1/events?limit=101', undefined, 'limit'],
    ['/v1/events?limit=many', 'parameter_invalid_integer', 'limit'],
    ['/v1/events?type=a&types[]=b', 'parameters_exclusive', 'type'],
    [`/v1/events?${Array.from({ length: 21 }, () => 'types[]=b').join('&')}`, undefined, 'types'],
    ['/v1/events?delivery_success=maybe', undefined, 'delivery_success'],
    ['/v1/checkout/sessions?status=paid', undefined, 'status'],
    ['/v1/checkout/sessions?payment_status=paid', 'parameter_unknown', 'payment_status'],
    ['/v1/checkout/sessions?customer=', 'parameter_invalid_empty', 'customer'],
    ['/v1/checkout/sessions?customer=cus_none', 'resource_missing', 'customer'],
    ['/v1/events?starting_after=evt_none', 'resource_missing', 'starting_after'],
    ['/v1/customers?expand[]=customer', undefined, 'expand'],
  ])('refuse %s with 400', async (path, code, param) => {
    const response = await rawGet(path);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: Record<string, string> };
    expect({ code: error['code'], param: error['param'] }).toEqual({ code, param });
  });
});

describe('pagination', () => {
  it('goes through everything once, newest first, and ends', async () => {
    const start = Date.now();
    const made: string[] = [];
    for (let at = 0; at < 7; at += 1) {
      clock.travelTo(start + at * 1000);
      made.push(world.createCheckout({ email: 'ada@example.com' }).id);
    }
    const first = await stripe.checkout.sessions.list({ limit: 3 });
    expect(first.has_more).toBe(true);
    expect(first.data.map((session) => session.id)).toEqual(made.slice(4).toReversed());
    const all = await stripe.checkout.sessions.list({ limit: 3 }).autoPagingToArray({ limit: 100 });
    expect(all.map((session) => session.id)).toEqual(made.toReversed());
  });

  it('goes back with ending_before', async () => {
    const made = ['a', 'b', 'c', 'd'].map((name) => world.createCheckout({ email: `${name}@example.com` }).id);
    const page = await stripe.checkout.sessions.list({ limit: 2, ending_before: made[0] ?? '' });
    expect(page.data.map((session) => session.id)).toEqual([made[2], made[1]]);
    expect(page.has_more).toBe(true);
  });
});

describe('checkout sessions', () => {
  it('are furnished by a completed subscription checkout, with the shapes of the current API version', async () => {
    const sessionId = await buy();
    const session = await stripe.checkout.sessions.retrieve(sessionId, {
      expand: ['line_items', 'subscription.latest_invoice.payments', 'customer', 'invoice', 'payment_intent'],
    });
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      payment_intent: null,
      url: null,
      metadata: { plan: 'small' },
      customer: { object: 'customer', email: 'ada@example.com' },
      subscription: { status: 'active', metadata: { user: 'u1' }, items: { data: [{ object: 'subscription_item' }] } },
      invoice: { status: 'paid', billing_reason: 'subscription_create', amount_paid: 1200 },
      line_items: { object: 'list', data: [{ object: 'item', amount_total: 1200 }] },
    });
    const { subscription } = session;
    if (subscription === null || typeof subscription === 'string') throw new Error('The subscription was not expanded');
    expect(subscription.latest_invoice).toMatchObject({
      parent: { subscription_details: { subscription: subscription.id } },
      payments: { data: [{ payment: { payment_intent: expect.stringMatching(/^pi_/) }, status: 'paid' }] },
    });
  });

  it('leave includable fields out until they are asked for', async () => {
    expect(await stripe.checkout.sessions.retrieve(await buy())).not.toHaveProperty('line_items');
  });

  it('of a single payment make an intent and no customer', async () => {
    const { id } = world.createCheckout({ email: 'guest@example.com', mode: 'payment' });
    await world.completeCheckout(id);
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] });
    expect(session).toMatchObject({
      customer: null,
      subscription: null,
      invoice: null,
      payment_intent: { status: 'succeeded', latest_charge: { paid: true, refunded: false, disputed: false } },
    });
    expect((await stripe.customers.list({ email: 'guest@example.com' })).data).toEqual([]);
  });

  it('are filtered by e-mail as typed, status, customer, subscription and time', async () => {
    clock.travelTo(Date.now() - 2 * DAY_MS);
    const { id: old } = world.createCheckout({ email: 'ada@example.com', customerDetailsEmail: 'Ada@Example.com' });
    await world.completeCheckout(old);
    clock.release();
    const { id: fresh } = world.createCheckout({ email: 'ada@example.com' });
    const { customer, subscription } = await stripe.checkout.sessions.retrieve(old);
    const list = async (params: Stripe.Checkout.SessionListParams): Promise<string[]> =>
      (await stripe.checkout.sessions.list(params)).data.map((session) => session.id);
    expect(await list({ customer_details: { email: 'ada@example.com' } })).toEqual([fresh]);
    expect(await list({ customer_details: { email: 'Ada@Example.com' } })).toEqual([old]);
    expect(await list({ status: 'complete' })).toEqual([old]);
    expect(await list({ customer: String(customer) })).toEqual([old]);
    expect(await list({ subscription: String(subscription) })).toEqual([old]);
    expect(await list({ created: { gte: Math.floor((Date.now() - DAY_MS) / 1000) } })).toEqual([fresh]);
  });

  it('expand within a list', async () => {
    await buy();
    const page = await stripe.checkout.sessions.list({ expand: ['data.subscription', 'data.line_items'] });
    expect(page.data[0]).toMatchObject({ subscription: { status: 'active' }, line_items: { data: [{}] } });
    const refusal = await refusalOf(stripe.checkout.sessions.list({ expand: ['subscription'] }));
    expect(refusal.message).toContain("'data.subscription'");
  });

  it('expand four levels deep at most, `data` counted', async () => {
    const { invoice } = await stripe.checkout.sessions.retrieve(await buy());
    const full = await stripe.invoices.retrieve(String(invoice), { expand: ['payments.data.payment.payment_intent'] });
    expect(full.payments?.data[0]?.payment.payment_intent).toMatchObject({ status: 'succeeded' });
    const refusal = await refusalOf(stripe.invoices.list({ expand: ['data.payments.data.payment.payment_intent'] }));
    expect(refusal.code).toBe('property_expansion_max_depth');
    const payments = await stripe.invoicePayments.list({ invoice: String(invoice) });
    expect(payments.data).toMatchObject([{ invoice, status: 'paid' }]);
  });

  it('stay unpaid for a delayed method until it settles', async () => {
    await world.createEndpoint({ url: receiver.url });
    const { id } = world.createCheckout({ email: 'ada@example.com' });
    await world.completeCheckout(id, { paymentStatus: 'unpaid' });
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })).toMatchObject({
      payment_status: 'unpaid',
      invoice: { status: 'open' },
    });
    await world.settleCheckout(id, 'succeeded');
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'paid' });
    const events = await stripe.events.list({ type: 'checkout.session.*' });
    expect(
      events.data.map((event) => [event.type, (event.data.object as Stripe.Checkout.Session).payment_status]),
    ).toEqual([
      ['checkout.session.async_payment_succeeded', 'paid'],
      ['checkout.session.completed', 'unpaid'],
    ]);
  });

  it('cost nothing when no payment is required', async () => {
    const { id } = world.createCheckout({ email: 'ada@example.com' });
    await world.completeCheckout(id, { paymentStatus: 'no_payment_required' });
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })).toMatchObject({
      amount_total: 0,
      invoice: { status: 'paid', amount_paid: 0 },
    });
    expect((await stripe.charges.list()).data).toEqual([]);
  });
});

describe('deliveries', () => {
  it('are signed so that the client library accepts them', async () => {
    const { secret } = await world.createEndpoint({ url: receiver.url, enabledEvents: ['checkout.session.completed'] });
    const sessionId = await buy();
    const [delivery] = receiver.received;
    if (delivery === undefined) throw new Error('Nothing was delivered');
    const event = stripe.webhooks.constructEvent(delivery.body, delivery.signature, secret);
    expect(event).toMatchObject({ type: 'checkout.session.completed', data: { object: { id: sessionId } } });
    expect(() => stripe.webhooks.constructEvent(delivery.body, delivery.signature, 'whsec_other')).toThrow(
      'No signatures found',
    );
    expect(await stripe.events.retrieve(event.id)).toMatchObject({ pending_webhooks: 0 });
  });

  it('stay pending until an endpoint answers 2xx', async () => {
    await world.createEndpoint({ url: receiver.url });
    receiver.answer = { status: 500, body: 'relation "orders" does not exist' };
    await buy();
    const [event] = (await stripe.events.list({ delivery_success: false })).data;
    expect(event).toMatchObject({ type: 'checkout.session.completed', pending_webhooks: 1 });
    expect(world.lastDelivery()).toMatchObject({
      eventId: event?.id,
      status: 500,
      body: 'relation "orders" does not exist',
    });
    receiver.answer = { status: 200 };
    await world.redeliverPending();
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    expect((await stripe.events.list({ delivery_success: true })).data).toHaveLength(1);
  });

  it('fail on a redirect, which is not followed', async () => {
    await world.createEndpoint({ url: receiver.url });
    receiver.answer = { status: 302, headers: { location: '/elsewhere' } };
    await buy();
    expect(world.lastDelivery()).toMatchObject({ status: 302 });
    expect(receiver.received).toHaveLength(1);
  });

  it('fail when the endpoint does not answer in time, or not at all', async () => {
    await world.createEndpoint({ url: receiver.url });
    receiver.faults.inject(/./, { kind: 'hang' });
    await buy();
    expect(world.lastDelivery()).toMatchObject({ status: null, failure: expect.stringContaining('Timed out') });
    receiver.faults.clear();
    receiver.faults.inject(/./, { kind: 'reset' });
    await world.redeliverPending();
    expect(world.lastDelivery()).toMatchObject({ status: null, failure: expect.any(String) });
  });

  it('never reach a disabled endpoint, and leave nothing pending', async () => {
    const { id } = await world.createEndpoint({ url: receiver.url, disabled: true });
    await buy();
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    await stripe.webhookEndpoints.update(id, { disabled: false });
    await world.redeliverPending();
    expect(receiver.received).toEqual([]);
    await buy('bob@example.com');
    expect(receiver.received).toHaveLength(1);
  });

  it('leave out endpoints that do not listen to the type or live in the other mode', async () => {
    await world.createEndpoint({ url: receiver.url, enabledEvents: ['invoice.paid'] });
    await world.createEndpoint({ url: receiver.url, livemode: true });
    await buy();
    expect(receiver.received).toEqual([]);
  });

  it('can be held back', async () => {
    await world.createEndpoint({ url: receiver.url });
    const { id } = world.createCheckout({ email: 'ada@example.com' });
    await world.completeCheckout(id, { deliver: false });
    expect(receiver.received).toEqual([]);
    expect((await stripe.events.list({ delivery_success: false })).data).toHaveLength(1);
  });

  it('are rendered in the version of the endpoint, and stored in that of the account', async () => {
    await world.createEndpoint({ url: receiver.url, apiVersion: '2024-06-20' });
    await buy();
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ api_version: '2024-06-20' });
    expect((await stripe.events.list()).data[0]?.api_version).toBe('2026-10-28.endive');
  });
});

describe('events', () => {
  it('are found by type, wildcard and several types', async () => {
    const sessionId = await buy();
    const { subscription } = await stripe.checkout.sessions.retrieve(sessionId);
    await world.failRenewal(String(subscription));
    const types = async (params: Stripe.EventListParams): Promise<string[]> =>
      (await stripe.events.list(params)).data.map((event) => event.type);
    expect(await types({ type: 'invoice.*' })).toEqual(['invoice.payment_failed']);
    expect(await types({ type: 'checkout.session.completed' })).toEqual(['checkout.session.completed']);
    expect(await types({ types: ['invoice.payment_failed', 'checkout.session.completed'] })).toHaveLength(2);
    expect(await types({ type: 'invoice' })).toEqual([]);
  });

  it('are gone after 30 days, while the session stays', async () => {
    clock.travelTo(Date.now() - 31 * DAY_MS);
    const sessionId = await buy();
    const [event] = world.state.events.values();
    expect((await stripe.events.list()).data).toHaveLength(1);
    clock.release();
    expect((await stripe.events.list()).data).toEqual([]);
    expect((await refusalOf(stripe.events.retrieve(event?.id ?? ''))).code).toBe('resource_missing');
    expect((await stripe.checkout.sessions.retrieve(sessionId)).status).toBe('complete');
  });
});

describe('after the checkout', () => {
  it('a failed renewal leaves an open invoice and a subscription that is past due', async () => {
    const { subscription } = await stripe.checkout.sessions.retrieve(await buy());
    await world.failRenewal(String(subscription));
    const open = await stripe.invoices.list({ subscription: String(subscription), status: 'open' });
    expect(open.data).toMatchObject([{ billing_reason: 'subscription_cycle', amount_remaining: 1200 }]);
    expect(await stripe.subscriptions.retrieve(String(subscription), { expand: ['latest_invoice'] })).toMatchObject({
      status: 'past_due',
      latest_invoice: { id: open.data[0]?.id },
    });
  });

  it('a canceled subscription is listed only when asked for', async () => {
    const { subscription, customer } = await stripe.checkout.sessions.retrieve(await buy());
    await world.cancelSubscription(String(subscription));
    expect((await stripe.subscriptions.list({ customer: String(customer) })).data).toEqual([]);
    const all = await stripe.subscriptions.list({ customer: String(customer), status: 'all' });
    expect(all.data).toMatchObject([{ status: 'canceled' }]);
  });

  it('a cancellation at the end of the period keeps the subscription active', async () => {
    const { subscription } = await stripe.checkout.sessions.retrieve(await buy());
    await world.cancelSubscription(String(subscription), { atPeriodEnd: true });
    const now = await stripe.subscriptions.retrieve(String(subscription));
    expect(now).toMatchObject({ status: 'active', cancel_at_period_end: true });
    expect(now.cancel_at).toBe(now.items.data[0]?.current_period_end);
  });

  it('refunds add up on the charge', async () => {
    const sessionId = await buy();
    await world.refund(sessionId, 200);
    const [charge] = (await stripe.charges.list({ expand: ['data.refunds'] })).data;
    expect(charge).toMatchObject({ amount_refunded: 200, refunded: false, refunds: { data: [{ amount: 200 }] } });
    await world.refund(sessionId);
    expect(await stripe.charges.retrieve(charge?.id ?? '')).toMatchObject({ amount_refunded: 1200, refunded: true });
    expect((await stripe.refunds.list({ charge: charge?.id ?? '' })).data).toHaveLength(2);
  });

  it('a dispute is found by its payment intent', async () => {
    const { id } = world.createCheckout({ email: 'guest@example.com', mode: 'payment' });
    const { payment_intent: intent } = await world.completeCheckout(id);
    await world.dispute(id);
    const { data } = await stripe.disputes.list({ payment_intent: intent ?? '', expand: ['data.charge'] });
    expect(data).toMatchObject([{ status: 'needs_response', charge: { disputed: true } }]);
  });

  it('customers are found by their e-mail, letter for letter', async () => {
    await buy('Ada@example.com');
    expect((await stripe.customers.list({ email: 'Ada@example.com' })).data).toHaveLength(1);
    expect((await stripe.customers.list({ email: 'ada@example.com' })).data).toEqual([]);
  });
});

describe('webhook endpoints', () => {
  it('tell their secret once', async () => {
    const made = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] });
    expect(made.secret).toMatch(/^whsec_/);
    expect(await stripe.webhookEndpoints.retrieve(made.id)).not.toHaveProperty('secret');
  });

  it('are changed and deleted over the API', async () => {
    const { id } = await world.createEndpoint({ url: receiver.url, disabled: true });
    await stripe.webhookEndpoints.update(id, { disabled: false, enabled_events: ['checkout.session.completed'] });
    expect((await stripe.webhookEndpoints.list()).data).toMatchObject([
      { status: 'enabled', enabled_events: ['checkout.session.completed'], api_version: null },
    ]);
    await stripe.webhookEndpoints.del(id);
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
  });

  it('are created once for an idempotency key, which other parameters may not use', async () => {
    const input = { url: receiver.url, enabled_events: ['*' as const] };
    const first = await stripe.webhookEndpoints.create(input, { idempotencyKey: 'once' });
    const second = await stripe.webhookEndpoints.create(input, { idempotencyKey: 'once' });
    expect(second.id).toBe(first.id);
    expect((await stripe.webhookEndpoints.list()).data).toHaveLength(1);
    const call = stripe.webhookEndpoints.create({ ...input, description: 'x' }, { idempotencyKey: 'once' });
    expect(await refusalOf(call)).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });
});

describe('the world', () => {
  it('has the same ids for the same seed', async () => {
    const twin = await startStripe({ clock, idSeed: 'contract' });
    try {
      expect(twin.secretKey).toBe(world.secretKey);
      expect(twin.createCheckout({ email: 'a@example.com' }).id).toBe(
        world.createCheckout({ email: 'a@example.com' }).id,
      );
    } finally {
      await twin.stop();
    }
  });

  it('can be told to fail', async () => {
    const stop = world.faults.inject(/\/v1\/events/, {
      kind: 'status',
      status: 429,
      body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' } },
    });
    expect(await refusalOf(stripe.events.list())).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
    stop();
    await expect(stripe.events.list()).resolves.toMatchObject({ data: [] });
  });

  it('can be told to lose the answer to what it has done', async () => {
    const { id } = await world.createEndpoint({ url: receiver.url, disabled: true });
    const stop = world.faults.inject(/POST/, { kind: 'reset-after' });
    expect(await refusalOf(stripe.webhookEndpoints.update(id, { disabled: false }))).toBeInstanceOf(
      Stripe.errors.StripeConnectionError,
    );
    stop();
    expect(await stripe.webhookEndpoints.retrieve(id)).toMatchObject({ status: 'enabled' });
    world.faults.inject(/POST/, { kind: 'status-after', status: 502, body: 'Bad gateway' });
    await refusalOf(stripe.webhookEndpoints.update(id, { disabled: true }));
    expect(await stripe.webhookEndpoints.retrieve(id)).toMatchObject({ status: 'disabled' });
    world.faults.clear();
    world.faults.inject(/POST/, { kind: 'delay-after', ms: 30 });
    expect(await stripe.webhookEndpoints.update(id, { disabled: false })).toMatchObject({ status: 'enabled' });
  });
});
