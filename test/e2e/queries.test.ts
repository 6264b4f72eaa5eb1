import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/core/diagnosis.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const HOUR = 60 * 60_000;

/** One purchase with everything it can be found by. */
interface Bought {
  readonly email: string;
  readonly userId: string;
  readonly orderId: string;
  readonly serverId: number;
  readonly shortId: string;
  readonly uuid: string;
  readonly sessionId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly paymentIntentId: string;
}

/** Each contains the one before, and `_` and `%` stand for anything where a filter reads them as patterns. */
const lookAlikes = [
  'ann@example.com',
  'joann@example.com',
  'ann@example.com.au',
  'j_ann@example.com',
  'jxann@example.com',
  'a%n@example.com',
  'ann+shop@example.com',
];

let clinic: Clinic;
const bought = new Map<string, Bought>();

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
  for (const email of lookAlikes) bought.set(email, await buy(email));
});
afterAll(() => clinic.close());

async function buy(email: string): Promise<Bought> {
  const { stripe, supabase, panel } = clinic.sandbox;
  // The shop's own code makes panel accounts with the substring filter, which mixes up just these addresses.
  const account = panel.addUser({ email });
  const { id: userId } = await supabase.addUser({ email, createdAt: new Date(Date.now() - 2 * HOUR) });
  await supabase.sql('insert into public.external_accounts (user_id, pterodactyl_user_id) values ($1, $2)', [
    userId,
    account.id,
  ]);
  await clinic.buyAt(email, new Date(Date.now() - HOUR));
  const [row] = await supabase.sql<{
    id: string;
    user_id: string;
    pterodactyl_server_id: number;
    stripe_sub_id: string;
  }>('select o.* from public.orders o join auth.users u on u.id = o.user_id where u.email = $1', [email]);
  const server = panel.state.servers.get(row?.pterodactyl_server_id ?? 0);
  const session = [...stripe.state.sessions.values()].find(({ subscription }) => subscription === row?.stripe_sub_id);
  const intent = [...stripe.state.paymentIntents.values()].find(({ customer }) => customer === session?.customer);
  if (row === undefined || server === undefined || session === undefined) throw new Error(`${email} got no server`);
  return {
    email,
    userId: row.user_id,
    orderId: row.id,
    serverId: server.id,
    shortId: server.uuid.slice(0, 8),
    uuid: server.uuid,
    sessionId: session.id,
    subscriptionId: row.stripe_sub_id,
    customerId: String(session.customer),
    paymentIntentId: intent?.id ?? '',
  };
}

function purchaseOf(email: string): Bought {
  const found = bought.get(email);
  if (found === undefined) throw new Error(`${email} bought nothing`);
  return found;
}

function expectOnly(diagnosis: Diagnosis, { email, userId, orderId }: Bought): void {
  expect(diagnosis.state).toBe('healthy');
  expect(diagnosis.userId).toBe(userId);
  expect(diagnosis.person).toMatchObject({ kind: 'known', value: { email } });
  expect(diagnosis.entries.map(({ subject }) => (subject.kind === 'order' ? subject.order.id : subject.kind))).toEqual([
    orderId,
  ]);
}

describe('an address leads to its own person only', () => {
  test.each(lookAlikes)('%s', async (email) => {
    expectOnly(await clinic.ask(email), purchaseOf(email));
    expectOnly(await clinic.ask(`  ${email.toUpperCase()} `), purchaseOf(email));
  });

  test.each([
    'nn@example.com',
    'ann@example.co',
    'ann@example.comm',
    '_ann@example.com',
    '%@example.com',
    'a_n@example.com',
    'ann+@example.com',
  ])('%s is nobody, though others look like it', async (email) => {
    const diagnosis = await clinic.ask(email);
    expect(diagnosis.userId).toBeNull();
    expect(diagnosis.top?.verdict?.code).toBe('ORD-001');
  });
});

describe('the same purchase is found', () => {
  test.each([
    'orderId',
    'serverId',
    'shortId',
    'uuid',
    'sessionId',
    'subscriptionId',
    'customerId',
    'paymentIntentId',
  ] as const)('by its %s', async (key) => {
    const purchase = purchaseOf('j_ann@example.com');
    expectOnly(await clinic.ask(String(purchase[key])), purchase);
    if (key.endsWith('Id') && key !== 'orderId') return;
    expectOnly(await clinic.ask(String(purchase[key]).toUpperCase()), purchase);
  });
});

describe('ids that exist nowhere', () => {
  test.each([
    '00000000-0000-4000-8000-000000000000',
    '999999',
    'deadbeef',
    'cs_test_a1doesnotexist',
    'sub_doesnotexist',
    'cus_doesnotexist',
    'pi_doesnotexist',
  ])('%s is told to lead to nobody', async (id) => {
    const diagnosis = await clinic.ask(id);
    expect(diagnosis.userId).toBeNull();
    expect(diagnosis.state).toBe('broken');
    expect(diagnosis.top?.verdict?.code).toBe('ORD-001');
    expect(diagnosis.sources.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});

describe('while the panel does not answer', () => {
  let mend: () => void;
  beforeAll(() => {
    mend = clinic.sandbox.panel.faults.inject(/.*/, { kind: 'reset' });
  });
  afterAll(() => mend());

  test.each(['00000000-0000-4000-8000-000000000000', '999999', 'deadbeef'])(
    'it cannot be said that %s leads to nobody',
    async (id) => {
      expect((await clinic.ask(id)).state).toBe('unknown');
    },
  );
});

test("while the owner of a server cannot be read, it cannot be said that it is nobody's", async () => {
  const { panel } = clinic.sandbox;
  const like = panel.state.servers.get(purchaseOf('joann@example.com').serverId);
  if (like === undefined) throw new Error('there is no such server');
  const lone = panel.addServer({ ownerId: like.ownerId, nodeId: like.nodeId, eggId: like.eggId, name: 'Lone' });
  const mend = panel.faults.inject(/\/api\/application\/users\/\d+/, { kind: 'status', status: 500 });
  const diagnosis = await clinic.ask(String(lone.id));
  mend();
  expect(diagnosis.state).toBe('unknown');
});

test('an order is not called unpaid because its person could not be read', async () => {
  const { supabase, stripe } = clinic.sandbox;
  const purchase = purchaseOf('ann@example.com');
  // Only the customer's address ties the payment to somebody.
  for (const named of [
    stripe.state.subscriptions.get(purchase.subscriptionId),
    stripe.state.sessions.get(purchase.sessionId),
  ]) {
    if (named !== undefined) named.metadata = {};
  }
  const mend = supabase.faults.inject(/\/auth\/v1\/admin\/users/, { kind: 'status', status: 500 });
  const unread = await clinic.ask(purchase.orderId);
  mend();
  expect(unread.entries[0]?.stages.payment).toBe('unknown');
  expect((await clinic.ask(purchase.orderId)).entries[0]?.stages.payment).toBe('passed');
});

test('an id of live mode cannot be judged with a test key, and is not called unknown to Stripe', async () => {
  const { id } = clinic.sandbox.stripe.createCheckout({ email: 'live@example.com', livemode: true });
  for (const asked of [id, 'cs_live_a1doesnotexist']) {
    const diagnosis = await clinic.ask(asked);
    expect(diagnosis.state).toBe('unknown');
  }
});

describe('an address known to Stripe only', () => {
  const atCheckout = 'Payer@Company.example';

  beforeAll(async () => {
    const { stripe, supabase } = clinic.sandbox;
    const { id } = await supabase.addUser({
      email: 'signs-in@example.com',
      createdAt: new Date(Date.now() - 2 * HOUR),
    });
    clinic.sandbox.clock.travelTo(Date.now() - HOUR);
    const session = stripe.createCheckout({
      email: 'signs-in@example.com',
      customerDetailsEmail: atCheckout,
      metadata: {
        user_id: id,
        item_type: 'game',
        plan_id: 'mc-4',
        term: 'monthly',
        region: 'eu',
        server_name: 'Paid by another address',
        addons: '[]',
      },
    });
    await stripe.completeCheckout(session.id);
    clinic.sandbox.clock.release();
    for (const { id: serverId } of clinic.sandbox.panel.state.servers.where(({ name }) => name.startsWith('Paid by'))) {
      clinic.sandbox.panel.setServerStatus(serverId, null);
    }
  });

  test.each([atCheckout, 'signs-in@example.com'])('%s leads to the person whom the metadata names', async (email) => {
    const diagnosis = await clinic.ask(email);
    expect(diagnosis.person).toMatchObject({ kind: 'known', value: { email: 'signs-in@example.com' } });
    expect(diagnosis.state).toBe('healthy');
    expect(diagnosis.entries).toHaveLength(1);
    expect(diagnosis.entries[0]?.stages.payment).toBe('passed');
  });

  test('a checkout that somebody else only began with the address leads nobody astray', async () => {
    const { stripe, supabase } = clinic.sandbox;
    const { id } = await supabase.addUser({ email: 'mallory@example.com' });
    const begun = stripe.createCheckout({ email: atCheckout, metadata: { user_id: id } });
    await stripe.completeCheckout(begun.id, { paymentStatus: 'unpaid', deliver: false });
    const diagnosis = await clinic.ask(atCheckout);
    expect(diagnosis.person).toMatchObject({ kind: 'known', value: { email: 'signs-in@example.com' } });
  });

  test('is nobody for sure while it is not known whose address it is to sign in with', async () => {
    const mend = clinic.sandbox.supabase.faults.inject(/pterodoc_user_id_by_email/, { kind: 'status', status: 500 });
    const diagnosis = await clinic.ask(atCheckout);
    mend();
    expect(diagnosis.userId).toBeNull();
    expect(diagnosis.state).toBe('unknown');
  });
});

test("a row of somebody else that names a server shows nothing of that somebody, when the server's owner is known", async () => {
  const { supabase, panel } = clinic.sandbox;
  const owner = panel.state.users.where(({ email }) => email === 'ann@example.com')[0];
  const like = panel.state.servers.get(purchaseOf('ann@example.com').serverId);
  if (owner === undefined || like === undefined) throw new Error('there is no such server');
  const stray = panel.addServer({ ownerId: owner.id, nodeId: like.nodeId, eggId: like.eggId, name: 'Stray' });
  const stranger = purchaseOf('jxann@example.com');
  await supabase.sql(
    `insert into public.orders (user_id, item_type, plan_id, term, region, server_name, status, pterodactyl_server_id)
     select user_id, item_type, plan_id, term, region, 'a row of a stranger', 'provisioned', $2 from public.orders where id = $1`,
    [stranger.orderId, stray.id],
  );
  const diagnosis = await clinic.ask(String(stray.id));
  expectOnly(diagnosis, purchaseOf('ann@example.com'));
});
