import { describe, expect, test } from 'vitest';
import type { ActionPorts, Invocation } from '../../../../src/core/action-ports.ts';
import { retryProvisioning } from '../../../../src/core/actions/retry-provisioning.ts';
import type { StepRecord } from '../../../../src/core/claim.ts';
import type { FunctionExecution, Order, PanelServer } from '../../../../src/core/evidence.ts';
import { panelSettlesMs } from '../../../../src/core/execution.ts';
import { succeed } from '../../../../src/core/result.ts';
import {
  aClaim,
  aHandle,
  aSituation,
  aStep,
  allowanceOf,
  anInvocation,
  answers,
  aWatch,
  EXECUTION_MAX,
  forbids,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aPersonEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import {
  aFailedOrder,
  aNode,
  anAccount,
  anOrder,
  aWebhookRun,
  ORDER_ID,
  STRANGER_ID,
  threw,
  USER_ID,
} from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser, aPlacement, anEgg } from '../../../builders/panel.ts';
import { notConfigured, outage, type Overrides, refusedKey } from '../../../builders/readings.ts';
import { aCharge, aPayment, aSession, aSubscription } from '../../../builders/stripe.ts';
import { ago, HOUR, MINUTE, NOW } from '../../../builders/time.ts';

const SECOND = 1000;
const failed = aFailedOrder();
/** A failure of the order that nothing explains: nothing stands against another try. */
function guard(order: Order = failed, over: Overrides = {}, history: Parameters<typeof aSituation>[1] = {}) {
  return retryProvisioning.guard(aSituation(anOrderEntry(order, over), history));
}

const given = {
  orderId: ORDER_ID,
  userId: USER_ID,
  seen: { status: 'error', updatedAt: failed.updatedAt },
  ownerIds: [11],
};

describe('the guard', () => {
  test('allows a failed order, on exactly the row that was seen', () => {
    expect(guard()).toEqual({ kind: 'allowed', target: given, warnings: [] });
  });

  test.each(['paid', 'pending', 'provisioning'])(
    'allows an order that has been %s for longer than any run',
    (status) => {
      expect(guard(aFailedOrder({ status }))).toMatchObject({ kind: 'allowed', target: { seen: { status } } });
    },
  );

  test('keeps every panel account that the server may have been made for', () => {
    const over = {
      linkedPanelUser: aPanelUser({ id: 12 }),
      emailPanelUser: aPanelUser(),
      externalAccount: anAccount({ panelUserId: 13 }),
    };
    expect(allowanceOf(guard(failed, over)).target).toMatchObject({ ownerIds: [11, 12, 13] });
    const none = { linkedPanelUser: null, emailPanelUser: null, externalAccount: null };
    expect(allowanceOf(guard(failed, none)).target).toMatchObject({ ownerIds: [] });
  });

  test.each<[string, Order, Overrides, string]>([
    ['ORD-005: its server exists', anOrder({ status: 'error' }), {}, 'This order already has server 501 (ORD-005).'],
    [
      'it names a server, whatever became of it',
      anOrder({ status: 'error' }),
      { namedServer: null },
      'This order already names server 501.',
    ],
    [
      'SRV-002: the panel has a server of it',
      failed,
      { ownServers: [aPanelServer({ id: 700 })] },
      "The panel has server 700, which may be this order's (SRV-002).",
    ],
    [
      'the panel has a server that may be its own, whoever owns it',
      failed,
      { ownServers: [aPanelServer({ ownerId: 99 })] },
      "which may be this order's (SRV-002)",
    ],
    [
      'the panel does not answer',
      failed,
      { panelAccess: outage('pterodactyl') },
      'Whether the panel has a server of this order already could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      'the panel refuses the key',
      failed,
      { panelAccess: refusedKey('pterodactyl') },
      "could not be checked: The panel refuses the bot's key.",
    ],
    [
      'the panel is not configured',
      failed,
      { panelAccess: notConfigured('pterodactyl') },
      'could not be checked: The panel is not configured.',
    ],
    [
      'its servers could not be searched',
      failed,
      { ownServers: outage('pterodactyl') },
      'could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      'there were too many orders to look for each in the panel',
      failed,
      {
        ownServers: { outage: { source: 'pterodactyl', kind: 'not-provided', what: 'servers of more than 20 orders' } },
      },
      'could not be checked: The panel does not provide servers of more than 20 orders.',
    ],
  ])('refuses while a server may exist: %s', (_name, order, over, reason) => {
    expect(reasonOf(guard(order, over))).toContain(reason);
  });

  test.each<[string, Order, Overrides, string]>([
    [
      'a server for VPS',
      aFailedOrder({ itemType: 'vps' }),
      {},
      'This order is not for a game server: it is fulfilled by hand.',
    ],
    ['canceled', aFailedOrder({ status: 'canceled' }), {}, 'This order is canceled.'],
    [
      'in a status that waits for nothing',
      aFailedOrder({ status: 'active' }),
      {},
      'An order in status "active" is not one that waits for provisioning.',
    ],
    [
      'in a status nobody knows',
      aFailedOrder({ status: 'gifted\u202e' }),
      {},
      'An order in status "gifted" is not one that waits for provisioning.',
    ],
  ])('refuses an order that is %s', (_name, order, over, reason) => {
    expect(reasonOf(guard(order, over))).toBe(reason);
  });

  test.each<[string, Overrides, string]>([
    [
      'PAY-002: not paid yet',
      { payment: aPayment({ session: aSession({ paymentStatus: 'unpaid' }) }) },
      'The payment is not good (PAY-002): The checkout of 14.99 EUR was begun',
    ],
    [
      'PAY-004: refunded',
      { payment: aPayment({ charges: [aCharge({ refunded: true, amountRefundedCents: 1499 })] }) },
      'The payment is not good (PAY-004): The payment of 14.99 EUR was refunded in full',
    ],
    [
      'PAY-004: disputed',
      { payment: aPayment({ charges: [aCharge({ disputed: true, disputeStatus: 'needs_response' })] }) },
      'The payment is not good (PAY-004)',
    ],
    [
      'PAY-004: the subscription ended',
      { payment: aPayment({ subscription: aSubscription({ status: 'canceled', endedAt: ago(HOUR) }) }) },
      'The payment is not good (PAY-004)',
    ],
    [
      'PAY-005: nothing backs the row',
      { payment: aPayment({ backing: 'none', session: null, subscription: null }) },
      'The payment is not good (PAY-005): The order says "error", but Stripe has no subscription sub_ann of this customer.',
    ],
    [
      'PAY-005: the subscription is somebody else’s',
      { payment: aPayment({ backing: 'foreign' }) },
      'The payment is not good (PAY-005): The order says "error", but the subscription it names (sub_ann) is somebody else\'s.',
    ],
    [
      'a renewal is past due',
      { payment: aPayment({ subscription: aSubscription({ status: 'past_due' }) }) },
      'The subscription is not in good standing: Stripe says "past_due".',
    ],
    [
      'the subscription is incomplete',
      { payment: aPayment({ subscription: aSubscription({ status: 'incomplete' }) }) },
      'Stripe says "incomplete".',
    ],
    [
      'no payment was found',
      { payment: aPayment({ session: null, subscription: null, charges: [], invoices: [] }) },
      'No payment of this order was found in Stripe.',
    ],
    [
      'Stripe does not answer',
      { payment: outage('stripe') },
      'The payment could not be checked: Stripe did not answer within 4.0 s.',
    ],
    [
      'Stripe is not configured',
      { payment: notConfigured('stripe') },
      'The payment could not be checked: Stripe is not configured.',
    ],
    [
      'Stripe uses a word this version does not know',
      { payment: aPayment({ session: aSession({ paymentStatus: 'maybe' }) }) },
      'The payment could not be checked: Stripe answered with something that is not its API.',
    ],
  ])('refuses while the payment is not good or not known: %s', (_name, over, reason) => {
    expect(reasonOf(guard(failed, over))).toContain(reason);
  });

  test.each(['PAY-001', 'PAY-002', 'PAY-003', 'PAY-004', 'PAY-005'])('refuses on any finding of %s', (code) => {
    const entry = anOrderEntry(failed);
    const findings = entry.findings.map((finding) => ({ ...finding, code, stage: 'payment' as const }));
    expect(reasonOf(retryProvisioning.guard(aSituation({ ...entry, findings })))).toContain(
      `The payment is not good (${code}): `,
    );
  });

  test('refuses a pending row that nothing backs, which no check calls a fault', () => {
    const payment = aPayment({ backing: 'none', session: null, subscription: null });
    expect(reasonOf(guard(aFailedOrder({ status: 'pending' }), { payment }))).toBe(
      'Nothing in Stripe backs this order, so nothing is given for it.',
    );
  });

  test.each<[string, Overrides]>([
    [
      "an admin's word",
      { payment: aPayment({ backing: 'vouched', session: null, subscription: null, charges: [], invoices: [] }) },
    ],
    ['a trial', { payment: aPayment({ subscription: aSubscription({ status: 'trialing' }) }) }],
    ['a paid checkout without a subscription', { payment: aPayment({ subscription: null }) }],
  ])('allows an order that stands on %s', (_name, over) => {
    expect(guard(failed, over).kind).toBe('allowed');
  });

  test('refuses one of two orders for one purchase (HOOK-009)', () => {
    const twin = anOrder({ id: '11111111-2222-4333-8444-555555555555' });
    expect(reasonOf(guard(failed, { sameSubscription: [failed, twin] }))).toContain(
      'Subscription sub_ann has 2 orders of the same customer, 1 of them with a server.',
    );
  });

  test('is not stopped by a row of a stranger that names the same subscription', () => {
    const forged = anOrder({ id: '11111111-2222-4333-8444-555555555555', userId: STRANGER_ID });
    expect(guard(failed, { sameSubscription: [failed, forged] }).kind).toBe('allowed');
  });

  test('refuses while nobody knows whether the purchase has another order', () => {
    expect(reasonOf(guard(failed, { sameSubscription: outage('supabase') }))).toBe(
      'Whether another order was written for the same purchase could not be checked: Supabase did not answer within 4.0 s.',
    );
  });

  test('allows where the table has no subscriptions to compare', () => {
    const order = aFailedOrder({ lacks: new Set(['stripeSubscriptionId'] as const), stripeSubscriptionId: null });
    const sameSubscription = { outage: { source: 'supabase', kind: 'not-provided', what: 'subscriptions' } } as const;
    expect(guard(order, { sameSubscription }).kind).toBe('allowed');
  });

  test.each<[string, Order, Overrides, string]>([
    [
      'provisioning for four minutes',
      aFailedOrder({ status: 'provisioning', updatedAt: ago(4 * MINUTE) }),
      {},
      'A run of the provisioning function may still be at work on this order. Wait until 12:03:30 UTC (3 min), then look again.',
    ],
    [
      'an error that was written 150 s after the order',
      aFailedOrder({ createdAt: ago(5 * MINUTE), updatedAt: ago(150 * SECOND) }),
      {},
      'The gateway may have given up on a run that still works on this order. Wait until 12:05:00 UTC (5 min), then look again.',
    ],
    [
      'an early error whose log tells of a 504',
      aFailedOrder({ createdAt: ago(3 * MINUTE), updatedAt: ago(MINUTE) }),
      { executions: [aWebhookRun({ at: ago(MINUTE), failed: '504 - {"code":"IDLE_TIMEOUT"}' })] },
      'The gateway may have given up on a run that still works on this order.',
    ],
    [
      'paid just now',
      aFailedOrder({ status: 'paid', createdAt: ago(MINUTE), updatedAt: ago(MINUTE) }),
      {},
      'The webhook may be about to provision this order itself. Wait until 12:01:00 UTC (1 min), then look again.',
    ],
    [
      'paid written over something else',
      aFailedOrder({ status: 'paid', createdAt: ago(HOUR), updatedAt: ago(5 * MINUTE) }),
      {},
      'A change of the subscription may have written over a run that still works on this order.',
    ],
    [
      'a failure that the panel did not explain',
      aFailedOrder({ createdAt: ago(MINUTE), updatedAt: ago(20 * SECOND) }),
      {},
      'The last run ended without a clear answer of the panel, which may still be making a server. Wait until 12:00:20 UTC (20 s), then look again.',
    ],
  ])('refuses while a run may be at work: %s', (_name, order, over, reason) => {
    expect(reasonOf(guard(order, over))).toContain(reason);
  });

  test('allows at once after a clean failure that the logs prove', () => {
    const order = aFailedOrder({ createdAt: ago(4 * MINUTE), updatedAt: ago(20 * SECOND) });
    const run: FunctionExecution = aWebhookRun({
      at: ago(20 * SECOND),
      failed: threw('No available nodes in region: eu'),
    });
    expect(guard(order, { executions: [run] }).kind).toBe('allowed');
  });

  test('allows at once after an attempt of its own that failed cleanly', () => {
    const order = aFailedOrder({ updatedAt: ago(20 * SECOND) });
    const steps = [
      aStep('reset'),
      aStep('invoke', { kind: 'failed', words: 'No room.', data: { clean: true } }, { endedAt: ago(21 * SECOND) }),
    ];
    expect(guard(order, {}, { history: [aClaim({ steps })] }).kind).toBe('allowed');
  });

  test.each<[string, Overrides, string]>([
    [
      'CAP-001',
      { placement: aPlacement({ nodes: [aNode({ enabled: false })] }) },
      'The only node of all is disabled. Enable a node for this region in ptero_nodes, then retry the order.',
    ],
    [
      'CAP-002',
      { placement: aPlacement({ nodes: [aNode({ usedGb: 56 })] }) },
      'The plan needs 8 GB; the emptiest open node in eu, node 1, has 4 GB.',
    ],
    [
      'PRV-001',
      { functions: [] },
      'The function servers-provision is not among the functions of this project. Deploy servers-provision, then retry the order.',
    ],
    ['PRV-004', { egg: anEgg({ egg: null }) }, 'The panel has no egg 39 in nest 1, which this plan uses.'],
    ['ACC-002', { linkedPanelUser: null }, 'Create the panel account, which also corrects the link; then retry'],
  ])('refuses while %s stands, and says so', (code, over, reason) => {
    expect(reasonOf(guard(failed, over))).toMatch(new RegExp(`^${code} still stands: `));
    expect(reasonOf(guard(failed, over))).toContain(reason);
  });

  test('is not stopped by trouble of the webhook, which has done its part', () => {
    const entry = anOrderEntry(failed);
    const [finding] = entry.findings;
    if (finding === undefined) throw new Error('a failed order has a finding');
    const webhook = { ...finding, code: 'HOOK-002', stage: 'webhook', role: 'cause', confidence: 'confirmed' } as const;
    expect(retryProvisioning.guard(aSituation({ ...entry, findings: [webhook] })).kind).toBe('allowed');
  });

  test('allows once a cause is cleared, and says what cleared it', () => {
    const executions = [aWebhookRun({ failed: threw('No available nodes in region: eu') })];
    expect(allowanceOf(guard(failed, { executions })).warnings).toEqual(['CAP-001 is cleared: Node 1 is enabled.']);
  });

  test('warns of a cause whose present nobody can see', () => {
    const executions = [aWebhookRun({ failed: threw('No available nodes in region: eu') })];
    expect(allowanceOf(guard(failed, { executions, placement: outage('supabase') })).warnings).toEqual([
      'CAP-001 is not known to be gone: No node in region eu was enabled when the order was to be provisioned.',
    ]);
  });

  test('warns of a standing cause that is only likely', () => {
    const entry = anOrderEntry(failed, { placement: aPlacement({ nodes: [aNode({ usedGb: 56 })] }) });
    const likely = {
      ...entry,
      findings: entry.findings.map((finding) => ({ ...finding, confidence: 'likely' as const })),
    };
    expect(allowanceOf(retryProvisioning.guard(aSituation(likely))).warnings[0]).toMatch(/^CAP-002 may still stand: /);
  });

  test('refuses what is no order', () => {
    const other = (name: string) => `This acts on an order, and this is ${name}.`;
    expect(reasonOf(retryProvisioning.guard(aSituation(aSessionEntry(aSession()))))).toBe(
      other('a paid checkout without an order'),
    );
    expect(reasonOf(retryProvisioning.guard(aSituation(aPersonEntry())))).toBe(other('a person'));
  });
});

/** A panel and tables with nothing of the order's in them. */
const nothingThere = {
  panel: { serverByExternalId: answers(null), serversNamed: answers([]), serversOf: answers([]) },
  people: { externalAccountOf: answers(anAccount()) },
  orders: { byServer: answers([]), ofPerson: answers([]) },
} as const;

/** The same, with a namesake that no order accounts for. */
const orphaned = {
  ...nothingThere,
  panel: { ...nothingThere.panel, serversNamed: answers([aPanelServer({ id: 700, ownerId: 99 })]) },
};

describe('the last look', () => {
  const look = (known: Parameters<typeof ports>[0]) =>
    retryProvisioning.look(
      ports({ orderWriter: {}, caller: {}, ...known }),
      given,
      aSituation(anOrderEntry(failed)),
      NEVER,
    );

  test('finds nothing, and lets it go on', async () => {
    expect(await look(nothingThere)).toEqual({ kind: 'allowed', target: given, warnings: [] });
  });

  test("refuses for a server of the order's name, whoever owns it", async () => {
    expect(reasonOf(await look(orphaned))).toBe(
      "The panel has server 700 of this order's name that no order accounts for. Look at it there first.",
    );
  });

  test('refuses for a server of the customer that has been renamed', async () => {
    const renamed = { ...nothingThere.panel, serversOf: answers([aPanelServer({ name: 'My world' })]) };
    expect(reasonOf(await look({ ...nothingThere, panel: renamed }))).toMatch(
      /^The customer has server 501, made since this order was, that no order accounts for\. It may be this order's/,
    );
    const silent = { ...nothingThere.panel, serversOf: isSilent('pterodactyl') };
    expect(reasonOf(await look({ ...nothingThere, panel: silent }))).toContain('could not be checked');
  });

  test.each<[string, Parameters<typeof ports>[0], string]>([
    [
      'panel',
      { ...nothingThere, panel: { ...nothingThere.panel, serversNamed: isSilent('pterodactyl') } },
      'The panel did not answer within 4.0 s.',
    ],
    [
      'orders',
      { ...orphaned, orders: { ...nothingThere.orders, byServer: isSilent('supabase') } },
      'Supabase did not answer within 4.0 s.',
    ],
    [
      'external_accounts',
      { ...nothingThere, people: { externalAccountOf: forbids('supabase') } },
      'Supabase does not allow this',
    ],
  ])('refuses where %s cannot be read', async (_name, known, reason) => {
    expect(reasonOf(await look(known))).toContain(
      `Whether the panel has a server of this order already could not be checked: ${reason}`,
    );
  });

  test('refuses without a panel', async () => {
    expect(reasonOf(await look({ ...nothingThere, panel: null }))).toBe(
      'The panel is not configured, and this needs it.',
    );
  });

  test('refuses an order without a name by which its server could be found', async () => {
    const entry = anOrderEntry(aFailedOrder({ serverName: ' ' }));
    const decision = await retryProvisioning.look(ports(nothingThere), given, aSituation(entry), NEVER);
    expect(reasonOf(decision)).toContain(
      'does not provide the name of this order, by which its server could be found.',
    );
  });
});

test('the plan says what changes, from what to what', () => {
  expect(retryProvisioning.plan(given)).toEqual({
    what: `Give order ${ORDER_ID} to the provisioning function again.`,
    changes: [
      { thing: 'Status of the order', before: 'error', after: 'paid, then what the provisioning function writes' },
      { thing: 'Server of the order', before: 'none', after: 'one, made by the provisioning function' },
    ],
    steps: [
      { name: 'reset', label: 'Set the status to "paid", only if it is still "error"' },
      { name: 'invoke', label: 'Call the provisioning function once' },
    ],
  });
});

test('the target survives being kept as JSON', () => {
  expect(retryProvisioning.plan(JSON.parse(JSON.stringify(given)))).toEqual(retryProvisioning.plan(given));
});

describe('the effect', () => {
  /** A merchant with one row, and a function that does what it is told and answers so. */
  async function doIt(input: {
    readonly row?: Partial<Order>;
    readonly answer?: Partial<Invocation>;
    /** What the row is once the function has answered. */
    readonly after?: Partial<Order> | null;
    readonly writes?: readonly Awaited<ReturnType<ActionPorts['orderWriter']['setStatusIf']>>[];
    readonly unread?: boolean;
  }) {
    const written: unknown[] = [];
    const asked: string[] = [];
    const writes = [...(input.writes ?? [])];
    const handle = aHandle();
    const row = aFailedOrder({ status: 'provisioning', updatedAt: ago(SECOND), ...input.after });
    const known = ports({
      orders: { byId: input.unread === true ? isSilent('supabase') : answers(input.after === null ? null : row) },
      orderWriter: {
        async setStatusIf(seen, status) {
          written.push([seen.status, seen.serverId, seen.updatedAt, status]);
          return writes.shift() ?? succeed(true);
        },
      },
      caller: {
        async provision(orderId) {
          asked.push(orderId);
          return anInvocation(input.answer);
        },
      },
      people: {},
      panel: {},
    });
    await retryProvisioning.effect(known, given, handle, NEVER);
    return { written, asked, steps: handle.steps.map(({ name, end }) => [name, end.kind]), ends: handle.steps };
  }

  const reset = ['error', null, failed.updatedAt, 'paid'];
  const noRoom = { kind: 'failed', status: 500, body: '{"error":"No available ports on selected node"}' } as const;

  test('sets the row to paid as it was seen, and calls the function once', async () => {
    const done = await doIt({});
    expect(done.written).toEqual([reset]);
    expect(done.asked).toEqual([ORDER_ID]);
    expect(done.ends).toMatchObject([
      { name: 'reset', end: { kind: 'done', words: 'The status was set from "error" to "paid".' } },
      {
        name: 'invoke',
        end: {
          kind: 'done',
          words: 'The provisioning function answered that it is done.',
          data: { executionId: 'exec-1' },
        },
      },
    ]);
  });

  test.each([
    ['has changed', succeed(false), 'refused'],
    [
      'may not be written',
      { ok: false, failure: { source: 'supabase', kind: 'not-permitted', scope: null } },
      'refused',
    ],
    [
      'may have been written or not',
      { ok: false, failure: { source: 'supabase', kind: 'timed-out', afterMs: 4000 } },
      'unclear',
    ],
  ] as const)('stops before the call where the row %s', async (_name, write, kind) => {
    const done = await doIt({ writes: [write] });
    expect(done.steps).toEqual([['reset', kind]]);
    expect(done.asked).toEqual([]);
  });

  test('calls nothing where the table does not keep the time, and puts the status back', async () => {
    const done = await doIt({ after: { status: 'paid', updatedAt: failed.updatedAt } });
    expect(done.asked).toEqual([]);
    expect(done.written).toEqual([reset, ['paid', null, failed.updatedAt, 'error']]);
    expect(done.steps).toEqual([
      ['reset', 'failed'],
      ['record-failure', 'done'],
    ]);
    expect(done.ends[0]?.end.words).toContain('did not note the time of this change (orders.updated_at)');
  });

  test('says in the row that the function failed, which leaves it in provisioning', async () => {
    const done = await doIt({ answer: noRoom });
    expect(done.written).toEqual([reset, ['provisioning', null, ago(SECOND), 'error']]);
    expect(done.ends).toMatchObject([
      {},
      {
        end: {
          kind: 'failed',
          words: 'The provisioning function failed: No available ports on selected node',
          data: { clean: true },
        },
      },
      { name: 'record-failure', end: { kind: 'done', words: 'The status was set from "provisioning" to "error".' } },
    ]);
  });

  test('says so too where the run died, which proves nothing about the panel', async () => {
    const done = await doIt({ answer: { kind: 'died', status: 546, body: '{"code":"WORKER_LIMIT"}' } });
    expect(done.ends[1]?.end).toMatchObject({
      kind: 'failed',
      words: 'The provisioning function crashed or hit a limit (546).',
      data: { clean: false },
    });
    expect(done.steps.at(-1)).toEqual(['record-failure', 'done']);
  });

  test('puts the row back where the function was not run', async () => {
    const answer = { kind: 'not-run', status: 404, body: '{"code":"NOT_FOUND","message":"none"}' } as const;
    const done = await doIt({ answer, after: { status: 'paid' } });
    expect(done.written.at(-1)).toEqual(['paid', null, ago(SECOND), 'error']);
    expect(done.ends[1]?.end.kind).toBe('refused');
    expect(done.ends[1]?.end.words).toContain('The provisioning function was not run (404)');
  });

  test('leaves the row alone where the function was not run, and somebody else has taken the order', async () => {
    const answer = { kind: 'not-run', status: 503, body: '{"code":"BOOT_ERROR"}' } as const;
    expect((await doIt({ answer, after: { status: 'provisioning' } })).written).toEqual([reset]);
  });

  test('leaves the row to whoever took the order between the reset and the call', async () => {
    const body = JSON.stringify({ error: `Order not found or not paid: ${ORDER_ID}` });
    const done = await doIt({ answer: { kind: 'failed', status: 500, body }, after: { status: 'provisioning' } });
    expect(done.written).toEqual([reset]);
    expect(done.ends[1]?.end).toMatchObject({
      kind: 'refused',
      words: 'The provisioning function did not take the order: something else had begun to work on it.',
      data: { taken: true },
    });
  });

  test('says where there was no connection at all', async () => {
    const done = await doIt({ answer: { kind: 'not-run', status: null, body: '' }, after: { status: 'paid' } });
    expect(done.ends[1]?.end.words).toContain('was not run (no connection)');
  });

  test.each<[string, Partial<Order> | null]>([
    ['got its server all the same', { serverId: 700, status: 'provisioned' }],
    ['was canceled meanwhile', { status: 'canceled' }],
    ['is in error already', { status: 'error' }],
    ['is gone', null],
  ])('leaves the row alone after a failure where it %s', async (_name, after) => {
    const done = await doIt({ answer: noRoom, after });
    expect(done.written).toEqual([reset]);
  });

  test('leaves the row alone after a failure where it cannot be read', async () => {
    expect((await doIt({ answer: noRoom, unread: true })).written).toEqual([reset]);
  });

  test('gives way where the row changes before the failure could be recorded', async () => {
    const done = await doIt({ answer: noRoom, writes: [succeed(true), succeed(false)] });
    expect(done.steps.at(-1)).toEqual(['record-failure', 'refused']);
  });

  test.each([
    ['no answer came', { status: null, body: '' }, 'The provisioning function did not answer in time.'],
    [
      'the gateway gave up',
      { status: 504, body: '{"code":"IDLE_TIMEOUT"}' },
      'Something in between answered for the provisioning function (504).',
    ],
  ])('never touches the row, and never calls again, where %s: the run may be at work', async (_name, answer, words) => {
    const done = await doIt({ answer: { kind: 'unanswered', ...answer } });
    expect(done.steps).toEqual([
      ['reset', 'done'],
      ['invoke', 'unclear'],
    ]);
    expect(done.ends[1]?.end.words).toBe(words);
    expect(done.asked).toHaveLength(1);
    expect(done.written).toEqual([reset]);
  });

  test('quotes what the function says cleaned and cut', async () => {
    const body = JSON.stringify({ error: `No\u202e room\n${'x'.repeat(1000)}` });
    const [, invoked] = (await doIt({ answer: { kind: 'failed', status: 500, body } })).ends;
    expect(invoked?.end.words).toMatch(/^The provisioning function failed: No room x+…$/);
    expect(invoked?.end.words.length).toBeLessThan(350);
  });
});

describe('verification', () => {
  /** What it sees of a row and of servers that no order accounts for. No port can write. */
  function verify(
    row: Partial<Order> | null,
    steps: readonly StepRecord[],
    servers: readonly PanelServer[] = [],
    now: Date = NOW,
  ) {
    const order = row === null ? null : aFailedOrder(row);
    const known = ports({
      orders: { byId: answers(order), byServer: answers([]) },
      people: { externalAccountOf: answers(anAccount()) },
      panel: {
        serverByExternalId: answers(null),
        serversNamed: answers(servers),
        server: async (id) => succeed(servers.find((server) => server.id === id) ?? null),
      },
    });
    return retryProvisioning.verify(known, given, aWatch(steps, { now }), NEVER);
  }

  const begunAt = ago(MINUTE);
  const done = aStep('invoke', { kind: 'done', words: 'It is done.' }, { begunAt, endedAt: NOW });
  const clean = aStep(
    'invoke',
    { kind: 'failed', words: 'No room.', data: { clean: true } },
    { begunAt, endedAt: NOW },
  );
  const unclean = aStep(
    'invoke',
    { kind: 'failed', words: 'Bad gateway.', data: { clean: false } },
    { begunAt, endedAt: NOW },
  );
  const refused = aStep('invoke', { kind: 'refused', words: 'It was not run.' }, { begunAt, endedAt: NOW });
  const unclear = aStep('invoke', { kind: 'unclear', words: 'No answer.' }, { begunAt, endedAt: NOW });
  const died = aStep('invoke', null, { begunAt });
  const after = (ms: number, from: Date = NOW): Date => new Date(from.getTime() + ms);
  const linked = { serverId: 501, serverIdentifier: 'aaaa1111', status: 'provisioned' };

  test('is applied once the order names a server that the panel has', async () => {
    expect(await verify(linked, [aStep('reset'), done], [aPanelServer({ status: 'installing' })])).toEqual({
      kind: 'applied',
      words: 'The order has server 501 (aaaa1111), and the panel has it: installing.',
    });
  });

  test('is applied whatever was answered to the call', async () => {
    for (const step of [clean, unclear, died]) {
      expect(await verify(linked, [step], [aPanelServer()])).toMatchObject({ kind: 'applied' });
    }
  });

  test('warns of a second server', async () => {
    const sight = await verify(linked, [done], [aPanelServer(), aPanelServer({ id: 502 })]);
    expect(sight.kind).toBe('applied');
    expect(sight.words).toContain('Careful: the panel also has server 502, which no order accounts for (SRV-003)');
  });

  test('waits for a named server that the panel does not show yet, then calls it missing', async () => {
    expect(await verify(linked, [done], [], after(panelSettlesMs - 1))).toMatchObject({
      kind: 'undecided',
      as: 'unknown',
    });
    expect(await verify(linked, [done], [], after(panelSettlesMs))).toEqual({
      kind: 'not-applied',
      words: 'The order names server 501, which the panel does not have (SRV-001).',
    });
  });

  test('says that nothing was called where it was stopped before the call', async () => {
    const stopped = aStep('reset', { kind: 'refused', words: 'The order has changed meanwhile.' });
    expect(await verify({}, [stopped])).toEqual({
      kind: 'not-applied',
      words: 'The order has changed meanwhile. The provisioning function was not called.',
    });
    expect(await verify({}, [])).toMatchObject({
      words: 'Nothing was written. The provisioning function was not called.',
    });
  });

  test.each<[string, StepRecord, number]>([
    ['the function answered that it is done', done, panelSettlesMs],
    ['the function failed without a clear answer of the panel', unclean, panelSettlesMs],
  ])('waits for the panel after %s', async (_name, step, ms) => {
    const words = step.end?.words ?? '';
    expect(await verify({}, [step], [], after(ms - 1))).toEqual({
      kind: 'undecided',
      as: 'pending',
      words: `${words} No server is there yet. Watching until 12:00:40 UTC; nobody should retry before.`,
    });
    expect(await verify({}, [step], [], after(ms))).toEqual({
      kind: 'not-applied',
      words: `${words} The panel has no server of this order.`,
    });
  });

  test.each<[string, StepRecord]>([
    ['a clean failure', clean],
    ['a call that was not run', refused],
  ])('is decided at once after %s', async (_name, step) => {
    expect(await verify({ status: 'error' }, [step])).toEqual({
      kind: 'not-applied',
      words: `${step.end?.words} The panel has no server of this order.`,
    });
  });

  test.each<[string, StepRecord, string]>([
    ['no answer came', unclear, 'No answer.'],
    ['the process died', died, 'The call was cut off.'],
  ])('waits as long as a run can last, and for the panel after it, where %s', async (_name, step, words) => {
    const ms = EXECUTION_MAX + panelSettlesMs;
    expect(await verify({}, [step], [], after(ms - 1, begunAt))).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: `${words} It may still be at work. No server is there yet. Watching until 12:07:10 UTC; nobody should retry before.`,
    });
    expect(await verify({}, [step], [], after(ms, begunAt))).toEqual({
      kind: 'not-applied',
      words: `${words} The panel has no server of this order.`,
    });
  });

  test('tells of a server that the order does not know yet, and calls it an orphan in the end', async () => {
    const orphan = [aPanelServer({ id: 700 })];
    expect((await verify({}, [unclear], orphan)).words).toContain(
      'The panel has server 700 of this order; the order does not name it yet.',
    );
    const sight = await verify({}, [unclear], orphan, after(EXECUTION_MAX + panelSettlesMs, begunAt));
    expect(sight).toEqual({
      kind: 'not-applied',
      words:
        'The panel has server 700 of this order, but the order does not know it (SRV-002): link it to the order. Do not retry.',
    });
  });

  test('says that the order is gone', async () => {
    expect(await verify(null, [done])).toEqual({ kind: 'not-applied', words: 'The order is gone.' });
  });

  const seeing = (known: Parameters<typeof ports>[0]) =>
    retryProvisioning.verify(
      ports({
        people: { externalAccountOf: answers(anAccount()) },
        ...known,
        panel:
          known?.panel === null
            ? null
            : { serverByExternalId: answers(null), serversNamed: answers([]), ...known?.panel },
      }),
      given,
      aWatch([clean]),
      NEVER,
    );

  test.each<[string, Parameters<typeof ports>[0], string]>([
    [
      'the order cannot be read',
      { orders: { byId: isSilent('supabase') } },
      'The order could not be read: Supabase did not answer within 4.0 s.',
    ],
    [
      'its server cannot be looked at',
      { orders: { byId: answers(aFailedOrder(linked)) }, panel: { server: isSilent('pterodactyl') } },
      'Server 501 could not be looked at: The panel did not answer within 4.0 s.',
    ],
    [
      'the panel cannot be searched',
      { orders: { byId: answers(failed) }, panel: { serversNamed: isSilent('pterodactyl') } },
      'The panel could not be searched: The panel did not answer within 4.0 s.',
    ],
    ['the panel is not configured any more', { panel: null }, 'The panel is not configured, and this needs it.'],
  ])('is unknown, and never "not applied", where %s', async (_name, known, words) => {
    expect(await seeing(known)).toEqual({ kind: 'undecided', as: 'unknown', words });
  });

  test('is applied though nobody can search for a second server', async () => {
    const panel = { server: answers(aPanelServer()), serversNamed: isSilent('pterodactyl') };
    expect(await seeing({ orders: { byId: answers(aFailedOrder(linked)) }, panel })).toMatchObject({ kind: 'applied' });
  });
});
