import { array, assert, asyncProperty, constantFrom, record, shuffledSubarray } from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, beforeEach } from 'vitest';
import { checks } from '../../src/core/checks/index.ts';
import type { Diagnosis } from '../../src/core/diagnosis.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { openShopWindow, type ShopWindow } from '../../src/sandbox/shop-window.ts';
import { createTroubles, TroubleRefused, type Troubles } from '../../src/sandbox/troubles/index.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const INSTALL_MS = 20;

let clinic: Clinic;
let troubles: Troubles;
let shopWindow: ShopWindow;

beforeAll(async () => {
  clinic = await openClinic({ installMs: INSTALL_MS });
  furnished = new Set(clinic.sandbox.panel.state.servers.all().map(({ id }) => id));
  troubles = createTroubles(clinic.sandbox);
  shopWindow = openShopWindow(clinic.sandbox);
});
afterAll(() => clinic.close());

function codesOf({ entries }: Diagnosis): readonly string[] {
  return entries.flatMap(({ findings }) => findings.map(({ code }) => code));
}

/** What is shown of a person, if need be only once the grace times are over. */
async function diagnosisOf(email: string, wanted: readonly string[]): Promise<Diagnosis> {
  const atOnce = await clinic.ask(email);
  if (wanted.length === 0 || codesOf(atOnce).some((code) => wanted.includes(code))) return atOnce;
  await troubles.happen('let-time-pass', email);
  return clinic.ask(email);
}

async function stateOfNextPurchase(email: string): Promise<Diagnosis['state']> {
  await clinic.sandbox.purchase({ email });
  await installed();
  const { state } = await clinic.ask(email);
  await giveBack();
  return state;
}

let furnished: ReadonlySet<number>;

/** Takes away what was bought here, so that the healthy region does not sell out. */
async function giveBack(): Promise<void> {
  const { panel, supabase } = clinic.sandbox;
  for (const { id } of panel.state.servers.where((server) => !furnished.has(server.id))) {
    for (const port of panel.state.allocations.where(({ serverId }) => serverId === id)) port.serverId = null;
    panel.state.servers.remove(id);
  }
  await supabase.sql(
    "update public.orders set status = 'canceled' where user_id in (select id from auth.users where email not like $1)",
    ['%@example.com'],
  );
}

function installed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2 * INSTALL_MS));
}

/** What these lead to shows only in what is bought afterwards. */
const beforePurchase = ['delete-panel-account', 'delete-profile'];
const withoutPurchase = ['sign-up', 'leave-checkout', 'pay-by-link'];

test('each act leads to one of its codes', async () => {
  const missed: string[] = [];
  for (const { id, leadsTo } of troubles.acts.filter((act) => act.leadsTo.length > 0 && act.id !== 'let-time-pass')) {
    const email = `${id}@act.example`;
    if (!withoutPurchase.includes(id)) await clinic.sandbox.purchase({ email });
    await installed();
    await troubles.happen(id, email);
    if (beforePurchase.includes(id)) await clinic.sandbox.purchase({ email });
    const codes = codesOf(await diagnosisOf(email, leadsTo));
    if (!codes.some((code) => leadsTo.includes(code)))
      missed.push(`${id}: ${codes.join()} instead of ${leadsTo.join()}`);
    await giveBack();
  }
  expect(missed).toEqual([]);
}, 60_000);

describe('an act', () => {
  test('takes the id of an order as well', async () => {
    const email = 'by-order@act.example';
    const { orderId } = await clinic.sandbox.purchase({ email });
    await troubles.happen('suspend-server', orderId ?? '');
    expect((await clinic.ask(email)).top?.verdict?.code).toBe('SRV-004');
  });

  test.each([
    ['refund', 'nobody@act.example', 'Nobody has signed up as nobody@act.example.'],
    ['refund', '00000000-0000-4000-8000-000000000000', 'There is no order 00000000-0000-4000-8000-000000000000.'],
    ['refund', 'gus@example.com', 'gus@example.com has no order that Stripe knows of.'],
    ['delete-server', 'gus@example.com', 'gus@example.com has no order with a server.'],
    ['refund', 'lena@example.com', 'This payment has been refunded already.'],
    ['sign-up', 'somebody', 'Give the e-mail address of somebody.'],
    ['explode', 'ann@example.com', 'Nothing called "explode" can happen in the sandbox.'],
  ])('%s of %s says why it cannot happen', async (id, who, reason) => {
    await expect(troubles.happen(id, who)).rejects.toThrow(new TroubleRefused(reason));
  });
});

describe('the shop window', () => {
  afterEach(giveBack);

  test('offers every plan with its price, and the healthy region first', () => {
    expect(shopWindow.plans).toContainEqual({
      id: 'mc-4',
      title: 'Minecraft, 4 GB',
      amountCents: 900,
      currency: 'eur',
    });
    expect(shopWindow.regions[0]).toEqual({ id: 'eu', title: 'Europe' });
  });

  test.each([
    [{}, 'Give the e-mail address of the buyer.'],
    [{ email: 'ann' }, 'That is not a whole e-mail address (name@domain).'],
    [{ email: 'cs_test_1' }, 'That is not a whole e-mail address (name@domain).'],
    [{ email: 'a@visitor.example', planId: 'mc-400' }, 'The shop has no such plan.'],
    [{ email: 'a@visitor.example', region: 'moon' }, 'The shop has no such region.'],
    [
      { email: 'a@visitor.example', serverName: 'x'.repeat(192) },
      'The name of the server is longer than 191 characters.',
    ],
    [{ email: 'a@visitor.example', serverName: 'a\u0000b' }, 'The name of the server holds invisible characters.'],
    [{ email: 'a@visitor.example', payment: 'cash' }, 'Pay by card or by bank-transfer.'],
  ])('refuses %j in words', async (form, failure) => {
    expect(await shopWindow.purchase(form)).toEqual({ ok: false, failure });
  });

  test('sells to people whose names would collide, under lower-cased addresses', async () => {
    for (const email of ['Max@One.Example', 'max@two.example', 'm@three.example', '+_+@four.example']) {
      const bought = await shopWindow.purchase({ email, serverName: '  Fort  ' });
      expect(bought).toMatchObject({ ok: true, value: { email: email.toLowerCase() } });
      await clinic.sandbox.settled();
      expect([email, (await clinic.ask(email)).top?.verdict ?? null]).toEqual([email, null]);
    }
  });

  test('signs one person up once, however often the button is pressed', async () => {
    const email = 'twice@visitor.example';
    const both = await Promise.all([shopWindow.purchase({ email }), shopWindow.purchase({ email })]);
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    await clinic.sandbox.settled();
    expect((await clinic.ask(email)).entries).toHaveLength(2);
  });

  test('does not wait for what the shop makes of it', async () => {
    await troubles.break('supabase-slow');
    const startedAtMs = Date.now();
    await shopWindow.purchase({ email: 'hasty@visitor.example' });
    expect(Date.now() - startedAtMs).toBeLessThan(500);
    await troubles.mend('supabase-slow');
    await clinic.sandbox.settled();
  });

  test('takes a bank transfer, which is not paid for days', async () => {
    const email = 'transfer@visitor.example';
    await troubles.break('panel-fails');
    await shopWindow.purchase({ email, payment: 'bank-transfer' });
    await clinic.sandbox.settled();
    await troubles.mend('panel-fails');
    expect((await clinic.ask(email)).top?.verdict?.code).toBe('PAY-002');
  });
});

describe('the world', () => {
  // One test that fails must not break the world of the others.
  beforeEach(() => troubles.mendAll());

  const ids = async (): Promise<readonly string[]> => (await troubles.list()).map(({ id }) => id);
  const broken = async (): Promise<readonly string[]> =>
    (await troubles.list()).filter(({ isBroken }) => isBroken).map(({ id }) => id);

  test('is as it began after any sequence of breaking and mending', async () => {
    const began = await digestOf(clinic.sandbox);
    const id = constantFrom(...(await ids()));
    const step = record({ does: constantFrom('break', 'break', 'mend'), id });
    await assert(
      asyncProperty(array(step, { maxLength: 15 }), shuffledSubarray([...(await ids())]), async (steps, last) => {
        await troubles.mendAll();
        const expected = new Set<string>();
        for (const { does, id } of steps) {
          if (does === 'break') await troubles.break(id);
          else await troubles.mend(id);
          if (does === 'break') expected.add(id);
          else expected.delete(id);
        }
        expect(new Set(await broken())).toEqual(expected);
        for (const one of last) await troubles.mend(one);
        await troubles.mendAll();
        expect(await digestOf(clinic.sandbox)).toEqual(began);
      }),
      { numRuns: 25, seed: 20 },
    );
  }, 60_000);

  test('suffers from the second trouble alone once the first is mended, whatever both touch', async () => {
    const pairs: readonly (readonly [string, string])[] = [
      ['endpoint-disabled', 'endpoint-deleted'],
      ['wings-down', 'nodes-in-maintenance'],
      ['wings-refuses-panel', 'wings-down'],
      ['install-fails', 'install-hangs'],
      ['provision-crashes', 'provision-does-not-start'],
      ['webhook-not-deployed', 'stripe-live-key'],
      ['no-panel-key', 'panel-key-revoked'],
      ['egg-missing', 'egg-variable-refused'],
      ['nodes-full', 'allocations-used-up'],
    ];
    for (const [one, other] of [...pairs, ...pairs.map(([a, b]) => [b, a] as const)]) {
      await troubles.break(other);
      const alone = await digestOf(clinic.sandbox);
      await troubles.mend(other);
      await troubles.break(one);
      await troubles.break(other);
      await troubles.mend(one);
      expect([one, other, await digestOf(clinic.sandbox)]).toEqual([one, other, alone]);
      await troubles.mend(other);
    }
  });

  test('is broken once however often it is broken, also at the same time', async () => {
    const began = await digestOf(clinic.sandbox);
    await Promise.all([
      troubles.break('allocations-used-up'),
      troubles.break('allocations-used-up'),
      troubles.break('endpoint-deleted'),
      troubles.mend('endpoint-deleted'),
      troubles.break('endpoint-deleted'),
    ]);
    expect(await broken()).toEqual(['endpoint-deleted', 'allocations-used-up']);
    await Promise.all([troubles.mend('allocations-used-up'), troubles.mendAll()]);
    expect(await digestOf(clinic.sandbox)).toEqual(began);
  });

  test('counts as mended once somebody has cured it from outside', async () => {
    const { stripe, endpointId } = clinic.sandbox;
    await troubles.break('endpoint-disabled');
    await stripe.updateEndpoint(endpointId, { disabled: false });
    expect(await broken()).toEqual([]);
    await troubles.break('endpoint-disabled');
    expect(stripe.state.endpoints.get(endpointId)?.status).toBe('disabled');
    await troubles.mend('endpoint-disabled');
    expect(stripe.state.endpoints.get(endpointId)?.status).toBe('enabled');
  });

  test('has no trouble of an unknown name', async () => {
    const refusal = new TroubleRefused('There is no trouble "earthquake" in the sandbox.');
    await expect(troubles.break('earthquake')).rejects.toThrow(refusal);
    await expect(troubles.mend('earthquake')).rejects.toThrow(refusal);
  });
});

/** Its execution goes on for long after: nothing waits for it, and it comes last. */
const OUTLASTS = 'provision-outlasts-gateway';

test('each trouble is what the next purchase shows, and once it is mended the next purchase is well', async () => {
  const shown: Record<string, unknown> = {};
  const promised: Record<string, unknown> = {};
  const provoked = new Set<string>();
  const listed = await troubles.list();
  for (const { id, leadsTo, blinds } of listed.toSorted(
    (a, b) => Number(a.id === OUTLASTS) - Number(b.id === OUTLASTS),
  )) {
    const email = `${id}@visitor.example`;
    await troubles.break(id);
    const bought = await shopWindow.purchase({ email });
    if (id === OUTLASTS)
      await expect.poll(async () => (await clinic.ask(email)).state, { timeout: 6000 }).toBe('broken');
    else await clinic.sandbox.settled();
    await installed();
    const diagnosis = await diagnosisOf(email, leadsTo);
    await troubles.mend(id);
    for (const code of codesOf(diagnosis)) provoked.add(code);
    shown[id] = {
      isBought: bought.ok,
      isAsPromised: leadsTo.length === 0 ? diagnosis.state : codesOf(diagnosis).some((code) => leadsTo.includes(code)),
      failed: diagnosis.sources.filter(({ status }) => status !== 'ok').map(({ source }) => source),
      next: await stateOfNextPurchase(`after-${id}@visitor.example`),
    };
    promised[id] = {
      isBought: true,
      isAsPromised: leadsTo.length === 0 ? 'healthy' : true,
      failed: blinds === null ? [] : [blinds],
      next: 'healthy',
    };
  }
  expect(shown).toEqual(promised);

  for (const customer of clinic.sandbox.customers) {
    for (const code of codesOf(await clinic.ask(customer.email))) provoked.add(code);
  }
  expect(checks.map(({ code }) => code).filter((code) => !provoked.has(code))).toEqual([]);
}, 180_000);

/** Everything that a trouble may touch, except what tells when it was last touched. */
async function digestOf({ supabase, stripe, panel }: Sandbox): Promise<unknown> {
  const { functions } = supabase;
  const { keys, nodes, eggs, allocations, servers } = panel.state;
  return structuredClone({
    endpoints: [...stripe.state.endpoints.values()],
    endpointSecrets: [...stripe.state.endpointSecrets],
    secrets: Object.fromEntries(functions.secrets().map(({ name, value }) => [name, value])),
    functions: Object.fromEntries(
      functions.deployed().map(({ slug, verifyJwt }) => [slug, { verifyJwt, fault: functions.fault(slug) }]),
    ),
    rows: await supabase.sql('select * from public.ptero_nodes order by id'),
    keys: Object.fromEntries(keys),
    settings: panel.settings,
    nodes: nodes.all().map((node) => ({ ...node, wings: panel.wings.modeOf(node.id) })),
    eggs: eggs.all().map((egg) => ({ ...egg, outcome: panel.installs.eggOutcome(egg.id) })),
    freePorts: allocations.where(({ serverId }) => serverId === null).map(({ id }) => id),
    servers: servers.all().length,
  });
}
