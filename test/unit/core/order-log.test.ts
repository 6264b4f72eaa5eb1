import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FunctionExecution } from '../../../src/core/evidence.ts';
import { lastFailureOf, leavesTrace } from '../../../src/core/order-log.ts';
import { aFailedOrder, aWebhookRun, ORDER_ID, threw } from '../../builders/merchant.ts';
import { ago, DAY, HOUR, MINUTE } from '../../builders/time.ts';

const order = aFailedOrder();
const portsGone = threw('No available ports on selected node');
const failedRun = aWebhookRun({ failed: portsGone });
const OTHER_ID = '11111111-2222-4333-8444-555555555555';

/** A run of the webhook with exactly these lines. */
function webhookRun(lines: readonly string[], over: Partial<FunctionExecution> = {}): FunctionExecution {
  const at = over.startedAt ?? ago(HOUR);
  return { ...aWebhookRun(), lines: lines.map((text) => ({ at, level: 'log', text })), ...over };
}

/** A run of `servers-provision` that threw, at the moment the order changed last. */
function provisionRun(lines: readonly string[], over: Partial<FunctionExecution> = {}): FunctionExecution {
  return webhookRun(lines, { executionId: 'exec-provision', slug: 'servers-provision', status: 500, ...over });
}

const announcement = (id: string): string => `Triggering server provisioning for order: ${id}`;
const failure = `Provisioning failed: ${portsGone}`;

describe('lastFailureOf', () => {
  test('confirms a failure in the run that announced exactly this order', () => {
    expect(lastFailureOf(order, [failedRun])).toMatchObject({
      failure: { kind: 'no-free-allocation' },
      confidence: 'confirmed',
      executionId: 'exec-webhook',
      line: failure,
    });
  });

  test('knows of no failure where the run of the order logged none', () => {
    expect(lastFailureOf(order, [aWebhookRun()])).toBeNull();
  });

  test.each([
    ['a longer id that ends in it', `x${ORDER_ID}`],
    ['a longer id that begins with it', `${ORDER_ID}0`],
    ['its beginning', ORDER_ID.slice(0, -1)],
    ['another order', OTHER_ID],
    ['it in capitals', ORDER_ID.toUpperCase()],
  ])('does not take %s for the order', (_what, id) => {
    expect(lastFailureOf(order, [aWebhookRun({ orderId: id, failed: portsGone })])).toBeNull();
  });

  test.each([
    ['behind other words', `He said: ${announcement(ORDER_ID)}`],
    ['with words after it', `${announcement(ORDER_ID)} and ${OTHER_ID}`],
    ['on a second line', `Checkout session completed: {\n${announcement(ORDER_ID)}`],
    ['before a second line', `${announcement(ORDER_ID)}\n}`],
  ])('does not take an announcement %s for one', (_what, text) => {
    expect(lastFailureOf(order, [webhookRun([text, failure])])).toBeNull();
  });

  test.each([
    ['the same order twice', [announcement(ORDER_ID), announcement(ORDER_ID)]],
    ['another order, too', [announcement(OTHER_ID), announcement(ORDER_ID)]],
  ])('trusts no run that announced %s', (_what, announcements) => {
    expect(lastFailureOf(order, [webhookRun([...announcements, failure])])).toBeNull();
  });

  test('trusts no announcement of any function but the webhook', () => {
    expect(lastFailureOf(order, [provisionRun([announcement(ORDER_ID), failure])])).toBeNull();
    expect(lastFailureOf(order, [webhookRun([announcement(ORDER_ID), failure], { slug: null })])).toBeNull();
  });

  test('trusts no run that answered otherwise than the webhook does after provisioning', () => {
    expect(lastFailureOf(order, [{ ...failedRun, status: 400 }])).toBeNull();
    expect(lastFailureOf(order, [{ ...failedRun, status: 500 }])).toBeNull();
    expect(lastFailureOf(order, [{ ...failedRun, status: null }])).not.toBeNull();
  });

  test('trusts no run from long before the order, or after its last change', () => {
    const at = (startedAt: Date): FunctionExecution => aWebhookRun({ at: startedAt, failed: portsGone });
    expect(lastFailureOf(order, [at(ago(2 * DAY))])).toBeNull();
    expect(lastFailureOf(order, [at(ago(HOUR - 11 * MINUTE))])).toBeNull();
    expect(lastFailureOf(order, [at(ago(HOUR - 9 * MINUTE))])).not.toBeNull();
  });

  test.each([
    ['in the middle of a line', `Note: ${failure}`],
    ['without a status', 'Provisioning failed: No available ports on selected node'],
    ['on a second line', `Checkout session completed: {\n${failure}`],
  ])('does not take the pattern of a failure %s for one', (_what, text) => {
    expect(lastFailureOf(order, [webhookRun([announcement(ORDER_ID), text])])).toBeNull();
  });

  test('takes the latest of several failures', () => {
    const first = { ...failedRun, executionId: 'exec-first' };
    const later = aWebhookRun({ at: ago(HOUR - MINUTE), failed: threw('Pterodactyl configuration missing') });
    expect(lastFailureOf(order, [later, first])?.failure.kind).toBe('unconfigured');
  });

  test('calls a nearby throw of servers-provision likely, since it names no order', () => {
    const run = provisionRun(['Server provisioning error: Error: No available ports on selected node\n    at x:1:1']);
    expect(lastFailureOf(order, [run])).toMatchObject({
      failure: { kind: 'no-free-allocation' },
      confidence: 'likely',
    });
  });

  test('lets a confirmed failure go before a later one that is only likely', () => {
    const near = provisionRun(['Server provisioning error: Error: Pterodactyl configuration missing'], {
      startedAt: ago(HOUR - 10_000),
    });
    expect(lastFailureOf(order, [failedRun, near])).toMatchObject({
      failure: { kind: 'no-free-allocation' },
      confidence: 'confirmed',
    });
  });

  test('takes no run of servers-provision at another time, or one that did not throw', () => {
    const line = 'Server provisioning error: Error: No available ports on selected node';
    expect(lastFailureOf(order, [provisionRun([line], { startedAt: ago(HOUR + MINUTE) })])).toBeNull();
    expect(lastFailureOf(order, [provisionRun([line], { status: 200 })])).toBeNull();
    expect(lastFailureOf(order, [provisionRun([line], { status: 401 })])).toBeNull();
  });

  test('reads only the first line of a throw', () => {
    const run = provisionRun(['Server provisioning error: Error: odd\nNo available ports on selected node']);
    expect(lastFailureOf(order, [run])?.failure).toMatchObject({ kind: 'other', text: 'odd' });
  });

  test('does not count a call for an order that was not to be provisioned', () => {
    const run = provisionRun([`Server provisioning error: Error: Order not found or not paid: ${ORDER_ID}`]);
    expect(lastFailureOf(order, [run])).toBeNull();
    const refused = aWebhookRun({ failed: threw(`Order not found or not paid: ${ORDER_ID}`) });
    expect(lastFailureOf(order, [refused])).toBeNull();
  });
});

describe('what a caller sends', () => {
  /** Arbitrary text, often with the very patterns that count in it. */
  const planted = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          ORDER_ID,
          OTHER_ID,
          '\n',
          '\r\n',
          '\u2028',
          announcement(ORDER_ID),
          failure,
          'Server provisioning error: Error: No available ports on selected node',
          'No available nodes in region: eu',
        ),
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join(''));
  const someSlug = fc.constantFrom('servers-provision', 'stripe-webhook', null);
  const someStatus = fc.constantFrom(200, 400, 500, null);

  test('as an order id says nothing at all about any order', () => {
    fc.assert(
      fc.property(planted, someStatus, (id, status) => {
        const run = provisionRun([`Server provisioning error: Error: Order not found or not paid: ${id}`], { status });
        expect(lastFailureOf(order, [run])).toBeNull();
      }),
    );
  });

  test('as an order id never yields a confirmed failure, whichever function logs it', () => {
    fc.assert(
      fc.property(planted, someSlug, someStatus, (id, slug, status) => {
        const lines = [
          `Order not found or not paid: ${id}`,
          `Server provisioning error: Error: Order not found or not paid: ${id}`,
        ];
        expect(lastFailureOf(order, [webhookRun(lines, { slug, status })])?.confidence).not.toBe('confirmed');
      }),
    );
  });

  test('as the body of an answer never yields a failure of another order', () => {
    fc.assert(
      fc.property(planted, fc.boolean(), (text, isJson) => {
        const body = isJson ? JSON.stringify({ error: text }) : text;
        const run = webhookRun([announcement(OTHER_ID), `Provisioning failed: 500 - ${body}`]);
        expect(lastFailureOf(order, [run])).toBeNull();
      }),
    );
  });

  test('as the metadata of a checkout never yields a confirmed failure', () => {
    fc.assert(
      fc.property(planted, (name) => {
        const run = webhookRun([`Checkout session completed: { server_name: ${name}`, failure]);
        expect(lastFailureOf(order, [run])).toBeNull();
      }),
    );
  });

  test('in a run of servers-provision is never more than likely, whatever stands there', () => {
    fc.assert(
      fc.property(fc.array(planted, { maxLength: 4 }), someStatus, (lines, status) => {
        expect(lastFailureOf(order, [provisionRun(lines, { status })])?.confidence).not.toBe('confirmed');
      }),
    );
  });
});

describe('leavesTrace', () => {
  test('sees the run that announced the order, and one of servers-provision at that moment', () => {
    expect(leavesTrace(order, [aWebhookRun()])).toBe(true);
    expect(leavesTrace(order, [provisionRun([])])).toBe(true);
  });

  test('takes runs of other orders, other times and nothing for silence', () => {
    expect(leavesTrace(order, [])).toBe(false);
    expect(leavesTrace(order, [aWebhookRun({ orderId: OTHER_ID })])).toBe(false);
    expect(leavesTrace(order, [provisionRun([], { startedAt: ago(3 * HOUR) })])).toBe(false);
  });
});
