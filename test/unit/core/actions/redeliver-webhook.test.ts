import { describe, expect, test } from 'vitest';
import type { ActionPorts, Invocation } from '../../../../src/core/action-ports.ts';
import { redeliverWebhook } from '../../../../src/core/actions/redeliver-webhook.ts';
import type { StepRecord } from '../../../../src/core/claim.ts';
import type { CheckoutSession, Order } from '../../../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../../../src/core/failure.ts';
import { fail, type Result, succeed } from '../../../../src/core/result.ts';
import {
  aHandle,
  aSituation,
  aStep,
  allowanceOf,
  anInvocation,
  answers,
  aWatch,
  EXECUTION_MAX,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { anOrder, aFailedOrder, ORDER_ID, STRANGER_ID, theSettings, USER_ID } from '../../../builders/merchant.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import {
  aCharge,
  anEndpoint,
  anEvent,
  aPayment,
  aSession,
  aSubscription,
  theWebhooks,
} from '../../../builders/stripe.ts';
import { ago, DAY, MINUTE, NOW } from '../../../builders/time.ts';
import { aDelivery, aModeClash, aRefusedSignature } from '../../../builders/webhook-runs.ts';

const SECOND = 1000;
const target = {
  sessionId: 'cs_test_ann',
  subscriptionId: 'sub_ann',
  eventId: 'evt_ann',
  userId: USER_ID,
  orderIds: [],
  stripeMayDeliver: false,
};
const notProvided: UpstreamFailure = { source: 'supabase', kind: 'not-provided', what: 'stripe_sub_id' };

function guard(over: Overrides = {}, session: CheckoutSession = aSession()) {
  return redeliverWebhook.guard(aSituation(aSessionEntry(session, over)));
}

describe('the guard', () => {
  test('allows a paid purchase that was lost', () => {
    expect(guard()).toEqual({ kind: 'allowed', target, warnings: [] });
  });

  test.each<[string, Overrides]>([
    ['the endpoint is gone (HOOK-001)', { webhooks: theWebhooks({ ours: [] }) }],
    ['the endpoint is disabled (HOOK-002)', { webhooks: theWebhooks({ ours: [anEndpoint({ status: 'disabled' })] }) }],
    [
      'the endpoint does not listen (HOOK-003)',
      { webhooks: theWebhooks({ ours: [anEndpoint({ enabledEvents: [] })] }) },
    ],
  ])('goes past the endpoint, and so allows where %s', (_name, over) => {
    expect(guard(over).kind).toBe('allowed');
  });

  const metadata = aSession().metadata;
  test.each<[string, CheckoutSession, string]>([
    ['not paid', aSession({ paymentStatus: 'unpaid' }), 'The checkout is not paid.'],
    [
      'no subscription',
      aSession({ mode: 'payment' }),
      'The checkout is not a subscription, and the webhook function refuses others (HOOK-008).',
    ],
    [
      'without its subscription',
      aSession({ subscriptionId: null }),
      'The checkout is not a subscription, and the webhook function refuses others (HOOK-008).',
    ],
    [
      'without what an order is made of',
      aSession({ metadata: { ...metadata, plan_id: '', region: ' ' } }),
      'The checkout lacks plan_id, region, without which the webhook function refuses it (HOOK-008).',
    ],
    [
      'of nobody',
      aSession({ metadata: { ...metadata, user_id: 'ann' } }),
      'The checkout does not say whose it is (HOOK-008).',
    ],
  ])('refuses a checkout that is %s', (_name, session, reason) => {
    expect(reasonOf(guard({}, session))).toBe(reason);
  });

  test.each<[string, Overrides, string]>([
    [
      'PAY-004: refunded',
      { payment: aPayment({ charges: [aCharge({ refunded: true, amountRefundedCents: 1499 })] }) },
      'The payment is not good (PAY-004): ',
    ],
    [
      'the subscription is past due',
      { payment: aPayment({ subscription: aSubscription({ status: 'past_due' }) }) },
      'The subscription is not in good standing: Stripe says "past_due".',
    ],
    [
      'the subscription was not found',
      { payment: aPayment({ subscription: null }) },
      'The subscription of this checkout was not found in Stripe.',
    ],
    [
      'the payment cannot be read',
      { payment: outage('stripe') },
      'The payment could not be checked: Stripe did not answer within 4.0 s.',
    ],
    [
      'an order was written for it',
      { sameSubscription: [anOrder()] },
      `Order ${ORDER_ID} was written for this purchase already.`,
    ],
    [
      'the orders of the customer cannot be read',
      { siblings: outage('supabase') },
      'The orders of this customer could not be checked: Supabase did not answer within 4.0 s.',
    ],
    [
      'the orders of the subscription cannot be read',
      { sameSubscription: outage('supabase') },
      'Whether an order was written already could not be checked: Supabase did not answer within 4.0 s.',
    ],
    [
      'Stripe does not keep the event',
      { completedEvent: null },
      'Stripe does not keep the event of this purchase any more (30 days): write the order by hand.',
    ],
    [
      'the event cannot be read',
      { completedEvent: outage('stripe') },
      "Stripe's event could not be checked: Stripe did not answer within 4.0 s.",
    ],
    [
      "Stripe's own delivery may be at work",
      { completedEvent: anEvent({ createdAt: ago(29 * SECOND) }) },
      "Stripe's own delivery may still be at work. Wait until 12:00:01 UTC (1 s), then look again.",
    ],
    [
      'the event is of the time before basil and the endpoint of that after',
      {
        completedEvent: anEvent({ apiVersion: '2024-06-20' }),
        webhooks: theWebhooks({ ours: [anEndpoint({ apiVersion: '2025-03-31.basil' })] }),
      },
      'Stripe keeps this event in API version 2024-06-20, and the function is used to 2025-03-31.basil: its shape differs.',
    ],
    [
      'the event is of the time since basil and the endpoint of that before',
      { webhooks: theWebhooks({ ours: [anEndpoint({ apiVersion: '2025-02-24.acacia' })] }) },
      'Stripe keeps this event in API version 2026-10-28.endive, and the function is used to 2025-02-24.acacia: its shape differs.',
    ],
  ])('refuses where %s', (_name, over, reason) => {
    expect(reasonOf(guard(over))).toContain(reason);
  });

  test.each<[string, Overrides]>([
    ['HOOK-004', { completedEvent: anEvent({ pendingWebhooks: 1 }) }],
    [
      'HOOK-005',
      { settings: theSettings({ comparison: { webhookSecretAgrees: false, panelKeyIsTheFunctions: null } }) },
    ],
    ['HOOK-006', { webhooks: theWebhooks({ ours: [anEndpoint({ livemode: true })] }) }],
  ])('refuses while %s stands, which would spoil it again', (code, over) => {
    expect(reasonOf(guard(over))).toMatch(new RegExp(`^${code} still stands: `));
  });

  test.each<[string, Overrides]>([
    [
      'a delivery that failed and is not owed any more',
      { executions: [aDelivery({ status: 500, line: 'Webhook error: boom' })] },
    ],
    ['a signature that was refused before the secret was changed', { executions: [aRefusedSignature()] }],
    ['a mode that was mixed up once', { executions: [aModeClash()] }],
  ])('is not stopped by %s', (_name, over) => {
    expect(guard(over).kind).toBe('allowed');
  });

  test('counts rows of the buyer only: a forged one could name any subscription', () => {
    expect(guard({ sameSubscription: [anOrder({ userId: STRANGER_ID })] }).kind).toBe('allowed');
  });

  test('remembers the orders there were, where orders do not name their subscription', () => {
    const before = anOrder({ id: 'o-1', createdAt: ago(120 * MINUTE) });
    const over = { siblings: [before], sameSubscription: { outage: notProvided } };
    expect(allowanceOf(guard(over)).target).toMatchObject({ orderIds: ['o-1'] });
  });

  test('refuses beside any order since the checkout, where orders do not name their subscription', () => {
    const since = anOrder({ id: 'o-1', createdAt: ago(MINUTE) });
    const over = { siblings: [since], sameSubscription: { outage: notProvided } };
    expect(reasonOf(guard(over))).toBe(
      "Order o-1 of this customer was written since this checkout, and orders do not name their subscription here: it may be this purchase's. If it is not, write the order by hand.",
    );
  });

  test('allows from half a minute after the event on', () => {
    expect(guard({ completedEvent: anEvent({ createdAt: ago(30 * SECOND) }) }).kind).toBe('allowed');
  });

  test.each<[string, Overrides, boolean]>([
    ['nothing is owed', {}, false],
    ['it is owed to a young event', { completedEvent: anEvent({ createdAt: ago(MINUTE), pendingWebhooks: 1 }) }, true],
    [
      'it is owed, and nobody knows the endpoints',
      { completedEvent: anEvent({ pendingWebhooks: 1 }), webhooks: outage('stripe') },
      true,
    ],
    [
      'it is owed, and the endpoint is disabled',
      {
        completedEvent: anEvent({ pendingWebhooks: 1 }),
        webhooks: theWebhooks({ ours: [anEndpoint({ status: 'disabled' })] }),
      },
      false,
    ],
    [
      'it is owed to an event of more than three days',
      { completedEvent: anEvent({ createdAt: ago(3 * DAY + 1), pendingWebhooks: 1 }), webhooks: outage('stripe') },
      false,
    ],
    [
      'it is owed to an event of three days',
      { completedEvent: anEvent({ createdAt: ago(3 * DAY), pendingWebhooks: 1 }), webhooks: outage('stripe') },
      true,
    ],
  ])('knows whether Stripe may deliver it itself: %s', (_name, over, stripeMayDeliver) => {
    expect(allowanceOf(guard(over)).target).toMatchObject({ stripeMayDeliver });
  });

  test('takes an endpoint without a version of its own as it is', () => {
    const webhooks = theWebhooks({ ours: [anEndpoint({ apiVersion: null })] });
    expect(guard({ webhooks, completedEvent: anEvent({ apiVersion: '2024-06-20' }) }).kind).toBe('allowed');
  });

  test('refuses what is no lost purchase', () => {
    expect(reasonOf(redeliverWebhook.guard(aSituation(anOrderEntry())))).toBe(
      'This acts on a paid checkout without an order, and this is an order.',
    );
  });
});

describe('the last look', () => {
  const deliver = async () => anInvocation();
  const look = (known: Parameters<typeof ports>[0], given: object = {}) =>
    redeliverWebhook.look(
      ports({ orders: { bySubscriptions: answers([]) }, caller: { deliver }, ...known }),
      { ...target, ...given },
      aSituation(aSessionEntry(aSession())),
      NEVER,
    );

  test('lets it go on where no order has appeared', async () => {
    expect(await look({})).toEqual({ kind: 'allowed', target, warnings: [] });
    expect((await look({ orders: { bySubscriptions: answers([anOrder({ userId: STRANGER_ID })]) } })).kind).toBe(
      'allowed',
    );
  });

  test('refuses where an order has appeared', async () => {
    expect(reasonOf(await look({ orders: { bySubscriptions: answers([anOrder()]) } }))).toBe(
      `Order ${ORDER_ID} was written for this purchase already.`,
    );
  });

  test('refuses without a secret to sign with', async () => {
    expect(reasonOf(await look({ caller: { deliver: null } }))).toContain('STRIPE_WEBHOOK_SECRET');
  });

  test('refuses where the orders cannot be read', async () => {
    expect(reasonOf(await look({ orders: { bySubscriptions: isSilent('supabase') } }))).toBe(
      'Whether an order was written meanwhile could not be checked: Supabase did not answer within 4.0 s.',
    );
  });

  const without = { bySubscriptions: async () => fail(notProvided) };

  test.each<[string, readonly Order[], string | null]>([
    ['there is none that was not there before', [anOrder({ id: 'o-1' })], null],
    [
      'there is a new one',
      [anOrder({ id: 'o-2' }), anOrder({ id: 'o-1' })],
      'Order o-2 was written for this purchase already.',
    ],
  ])('compares the orders of the buyer where they do not name their subscription: %s', async (_name, rows, reason) => {
    const decision = await look({ orders: { ...without, ofPerson: answers(rows) } }, { orderIds: ['o-1'] });
    expect(decision.kind === 'refused' ? decision.reason : null).toBe(reason);
  });

  test('refuses where those cannot be read', async () => {
    expect((await look({ orders: { ...without, ofPerson: isSilent('supabase') } })).kind).toBe('refused');
  });

  describe('where Stripe may deliver it too', () => {
    const also = (isUnique: ActionPorts['subscriptionIndex']['isUnique']) =>
      look({ subscriptionIndex: { isUnique } }, { stripeMayDeliver: true });

    test('allows, with a word about it, where the database refuses a second order', async () => {
      expect(await also(answers(true))).toMatchObject({
        kind: 'allowed',
        warnings: ['Stripe may deliver it too; the database refuses a second order for the subscription.'],
      });
    });

    test.each<[string, ActionPorts['subscriptionIndex']['isUnique']]>([
      ['the database would take it', answers(false)],
      ['nothing is installed that could tell', answers(null)],
      ['nobody can tell', isSilent('supabase')],
    ])('refuses where %s', async (_name, isUnique) => {
      expect(reasonOf(await also(isUnique))).toBe(
        'Stripe may still deliver this event itself, and a second delivery would write a second order. ' +
          'Wait for Stripe, or give the database a unique index on orders.stripe_sub_id.',
      );
    });
  });
});

test('the plan says what comes of it', () => {
  expect(redeliverWebhook.plan(target)).toEqual({
    what: "Deliver Stripe's event of checkout cs_test_ann to the webhook function again.",
    changes: [
      { thing: 'Order of the purchase', before: 'none', after: 'one, written by the webhook function' },
      { thing: 'Server of the purchase', before: 'none', after: 'one, as the webhook function has it provisioned' },
    ],
    steps: [{ name: 'deliver', label: 'Sign event evt_ann anew and post it once' }],
  });
});

describe('the effect', () => {
  async function doIt(
    answer: Partial<Invocation> = {},
    payload: Result<string | null, UpstreamFailure> = succeed('{"id":"evt_ann"}'),
  ) {
    const delivered: string[] = [];
    const handle = aHandle();
    const known = ports({
      events: { payloadOf: async () => payload },
      caller: {
        async deliver(text: string) {
          delivered.push(text);
          return anInvocation(answer);
        },
      },
    });
    await redeliverWebhook.effect(known, target, handle, NEVER);
    return { delivered, steps: handle.steps };
  }

  test("delivers Stripe's event once, as it is", async () => {
    const { delivered, steps } = await doIt();
    expect(delivered).toEqual(['{"id":"evt_ann"}']);
    expect(steps).toMatchObject([
      { name: 'deliver', end: { kind: 'done', words: 'The webhook function accepted the event (200).' } },
    ]);
  });

  test.each<[Partial<Invocation>, string, string]>([
    [
      { kind: 'failed', status: 400, body: '{"error":"Invalid signature"}' },
      'failed',
      'The webhook function refused the event (400): Invalid signature',
    ],
    [
      { kind: 'not-run', status: 404, body: '{"code":"NOT_FOUND"}' },
      'refused',
      'The webhook function was not run (404): {"code":"NOT_FOUND"}',
    ],
    [{ kind: 'not-run', status: null, body: '' }, 'refused', 'The webhook function was not run (no connection): '],
    [{ kind: 'died', status: 546, body: '' }, 'failed', 'The webhook function crashed or hit a limit (546).'],
    [{ kind: 'unanswered', status: null, body: '' }, 'unclear', 'The webhook function did not answer in time.'],
    [
      { kind: 'unanswered', status: 504, body: '' },
      'unclear',
      'Something in between answered for the webhook function (504).',
    ],
  ])('tells how it ended: %j', async (answer, kind, words) => {
    const { delivered, steps } = await doIt(answer);
    expect(steps).toMatchObject([{ end: { kind, words } }]);
    expect(delivered).toHaveLength(1);
  });

  test.each<[string, Result<string | null, UpstreamFailure>, string]>([
    ['does not have the event any more', succeed(null), 'Stripe does not have the event any more.'],
    ['does not answer', fail({ source: 'stripe', kind: 'unreachable' }), 'Stripe cannot be reached.'],
  ])('delivers nothing where Stripe %s', async (_name, payload, words) => {
    const { delivered, steps } = await doIt({}, payload);
    expect(delivered).toEqual([]);
    expect(steps).toMatchObject([{ end: { kind: 'refused' } }]);
    expect(steps[0]?.end.words).toContain(words);
  });

  test('does nothing without a secret to sign with', async () => {
    const handle = aHandle();
    await redeliverWebhook.effect(ports({ caller: { deliver: null } }), target, handle, NEVER);
    expect(handle.steps).toEqual([]);
  });
});

describe('verification', () => {
  const begunAt = ago(MINUTE);
  const told = (kind: 'done' | 'failed' | 'refused' | 'unclear') =>
    aStep('deliver', { kind, words: 'It was told.' }, { begunAt, endedAt: NOW });
  const verify = (rows: readonly Order[], steps: readonly StepRecord[] = [told('done')], now: Date = NOW) =>
    redeliverWebhook.verify(
      ports({ orders: { bySubscriptions: answers(rows) } }),
      target,
      aWatch(steps, { now }),
      NEVER,
    );
  const after = (ms: number, from: Date = NOW): Date => new Date(from.getTime() + ms);

  test('is applied once the order is there, with or without its server', async () => {
    expect(await verify([anOrder()])).toEqual({
      kind: 'applied',
      words: `Order ${ORDER_ID} was written: status "provisioned", server 501.`,
    });
    expect((await verify([aFailedOrder()])).words).toBe(
      `Order ${ORDER_ID} was written: status "error", no server yet.`,
    );
  });

  test('is applied whatever was answered to the delivery', async () => {
    for (const step of [told('unclear'), told('failed'), aStep('deliver', null)]) {
      expect((await verify([anOrder()], [step])).kind).toBe('applied');
    }
  });

  test('warns of a second order', async () => {
    expect((await verify([anOrder(), anOrder({ id: 'o-2' })])).words).toContain(
      'Careful: 2 orders were written for it (HOOK-009); somebody else delivered it too.',
    );
  });

  test("does not take a stranger's order for it", async () => {
    expect((await verify([anOrder({ userId: STRANGER_ID })], [told('refused')])).kind).toBe('not-applied');
  });

  test('says that nothing was delivered', async () => {
    expect(await verify([], [])).toEqual({ kind: 'not-applied', words: 'The event was not delivered.' });
  });

  test.each(['done', 'failed'] as const)(
    'looks for the order for ten seconds after a delivery that is %s',
    async (kind) => {
      expect(await verify([], [told(kind)], after(9_999))).toEqual({
        kind: 'undecided',
        as: 'pending',
        words: 'It was told. No order is there yet. Watching until 12:00:10 UTC; nobody should redeliver before.',
      });
      expect(await verify([], [told(kind)], after(10_000))).toEqual({
        kind: 'not-applied',
        words: 'It was told. No order was written.',
      });
    },
  );

  test('is decided at once where the function was not run', async () => {
    expect((await verify([], [told('refused')])).kind).toBe('not-applied');
  });

  test.each<[string, StepRecord, string]>([
    ['no answer came', told('unclear'), 'It was told.'],
    ['the process died', aStep('deliver', null, { begunAt }), 'The delivery was cut off.'],
  ])('waits as long as a run can last where %s', async (_name, step, words) => {
    expect(await verify([], [step], after(EXECUTION_MAX - 1, begunAt))).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: `${words} No order is there yet. Watching until 12:06:30 UTC; nobody should redeliver before.`,
    });
    expect(await verify([], [step], after(EXECUTION_MAX, begunAt))).toEqual({
      kind: 'not-applied',
      words: `${words} No order was written.`,
    });
  });

  test('is unknown where the orders cannot be read', async () => {
    const known = ports({ orders: { bySubscriptions: isSilent('supabase') } });
    expect(await redeliverWebhook.verify(known, target, aWatch([told('done')]), NEVER)).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: 'The orders could not be read: Supabase did not answer within 4.0 s.',
    });
  });
});
