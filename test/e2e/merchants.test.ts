import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntryDiagnosis } from '../../src/core/diagnose.ts';
import type { Diagnosis } from '../../src/core/diagnosis.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const HOUR = 60 * 60_000;
const healthy = 'healthy@example.com';
const failed = 'failed@example.com';

type Options = NonNullable<Parameters<typeof openClinic>[0]>;

/** The shop's tables as they are, without what this merchant lacks. */
async function columnsOf(clinic: Clinic): Promise<ReadonlySet<string>> {
  const rows = await clinic.sandbox.supabase.sql<{ name: string }>(
    "select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'",
  );
  return new Set(rows.map(({ name }) => name));
}

async function insert(clinic: Clinic, table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const there = await columnsOf(clinic);
  const entries = Object.entries(row).filter(([column]) => there.has(`${table}.${column}`));
  if (entries.length === 0) return;
  await clinic.sandbox.supabase.sql(
    `insert into public.${table} (${entries.map(([column]) => column).join(', ')})
     values (${entries.map((_, index) => `$${index + 1}`).join(', ')})`,
    entries.map(([, value]) => value),
  );
}

/** A purchase of which the merchant's own code wrote the row: the reference function needs what may be lacking here. */
async function buy(
  clinic: Clinic,
  email: string,
  outcome: { readonly status: string; readonly withServer: boolean },
): Promise<void> {
  const { supabase, stripe, panel, clock } = clinic.sandbox;
  clock.travelTo(Date.now() - HOUR);
  const { id: userId } = await supabase.addUser({ email, withProfile: false });
  await insert(clinic, 'profiles', { user_id: userId, email, first_name: 'Some', last_name: 'Body' });
  const { sessionId } = await clinic.sandbox.purchase({ email, deliver: false, serverName: `Server of ${email}` });
  const owner = panel.addUser({ email });
  const createdAt = new Date(clock.now()).toISOString();
  await insert(clinic, 'external_accounts', { user_id: userId, pterodactyl_user_id: owner.id, panel_username: 'x' });
  const egg = panel.state.eggs.all()[0];
  const node = panel.state.nodes.all()[0];
  if (egg === undefined || node === undefined) throw new Error('the catalog is empty');
  const server = outcome.withServer
    ? panel.addServer({ ownerId: owner.id, nodeId: node.id, eggId: egg.id, name: `Server of ${email}` })
    : null;
  if (server !== null) panel.setPower(server.id, 'running');
  const there = await columnsOf(clinic);
  const [nodeRow] = there.has('ptero_nodes.id')
    ? await supabase.sql<{ id: string }>('select id from public.ptero_nodes where pterodactyl_node_id = $1', [node.id])
    : [];
  await insert(clinic, 'orders', {
    user_id: userId,
    item_type: 'game',
    plan_id: 'mc-4',
    term: 'monthly',
    region: 'eu',
    server_name: `Server of ${email}`,
    stripe_sub_id: stripe.state.sessions.get(sessionId)?.subscription,
    status: outcome.status,
    node_id: server === null ? null : (nodeRow?.id ?? null),
    pterodactyl_server_id: server?.id ?? null,
    pterodactyl_server_identifier: server?.identifier ?? null,
    created_at: createdAt,
    updated_at: createdAt,
  });
  clock.release();
}

async function openMerchant(options: Options): Promise<Clinic> {
  const clinic = await openClinic({ customers: false, ...options });
  clinic.sandbox.supabase.functions.undeploy('servers-provision');
  await buy(clinic, healthy, { status: 'provisioned', withServer: true });
  await buy(clinic, failed, { status: 'error', withServer: false });
  return clinic;
}

function only({ entries }: Diagnosis): EntryDiagnosis {
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw new Error(`one entry was expected, not ${entries.length}`);
  return entry;
}

/** The codes that cannot be told because the merchant's database does not hold what they need. */
function untold(diagnosis: Diagnosis): readonly string[] {
  return only(diagnosis)
    .open.filter(({ failure }) => failure.source === 'supabase' && failure.kind === 'not-provided')
    .map(({ code }) => code);
}

/** Both orders are still judged rightly; what needs the missing part is unknown, and no source counts as failed. */
async function expectJudged(
  clinic: Clinic,
  lacking: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const well = await clinic.ask(healthy, environment);
  expect(well.state).toBe('healthy');
  expect(only(well).stages.server).toBe('passed');
  const ill = await clinic.ask(failed, environment);
  expect(ill.top?.verdict).toMatchObject({ code: 'PRV-001', confidence: 'confirmed' });
  expect(untold(ill).toSorted()).toEqual(lacking.toSorted());
  for (const { stage } of only(ill).open) expect(['unknown', 'broken']).toContain(only(ill).stages[stage]);
  for (const { sources } of [well, ill]) expect(sources.map(({ status }) => status)).toEqual(Array(4).fill('ok'));
}

const account = ['ACC-001', 'ACC-002', 'ACC-003', 'ACC-004'];
const capacity = ['CAP-001', 'CAP-002', 'CAP-003', 'CAP-004'];

/** What a merchant may lack, and the codes that cannot be told of the failed order without it. */
const parts: readonly (readonly [string, readonly string[]])[] = [
  ['orders.region', capacity],
  ['orders.item_type', []],
  ['orders.stripe_sub_id', ['HOOK-009']],
  ['orders.node_id', capacity],
  ['orders.plan_id', capacity],
  ['orders.server_name', []],
  ['orders.term', []],
  ['orders.pterodactyl_server_identifier', []],
  ['plans', capacity],
  ['plans.ram_gb', capacity],
  ['plans.game', []],
  ['profiles', []],
  ['profiles.first_name', []],
  ['external_accounts', account],
  ['external_accounts.last_synced_at', []],
  ['ptero_nodes', capacity],
  ['ptero_nodes.region', capacity],
  ['ptero_nodes.reserved_headroom_gb', []],
  ['ptero_nodes.last_seen_at', []],
];

function renaming(part: string): { readonly away: string; readonly back: string; readonly schema: string } {
  const [table = '', column] = part.split('.');
  const other = `my_${column ?? table}`;
  if (column === undefined) {
    return {
      away: `alter table public.${table} rename to ${other}`,
      back: `alter table public.${other} rename to ${table}`,
      schema: JSON.stringify({ tables: { [table]: other } }),
    };
  }
  return {
    away: `alter table public.${table} rename column ${column} to ${other}`,
    back: `alter table public.${table} rename column ${other} to ${column}`,
    schema: JSON.stringify({ columns: { [table]: { [column]: other } } }),
  };
}

describe('a merchant with the reference tables', () => {
  let clinic: Clinic;
  beforeAll(async () => {
    clinic = await openMerchant({});
  });
  afterAll(() => clinic.close());

  /** Nobody who is not told of the other name finds the part: to them it is missing. */
  async function without(part: string, look: (schema: string) => Promise<void>): Promise<void> {
    const { away, back, schema } = renaming(part);
    await clinic.sandbox.supabase.sql(away);
    try {
      await look(schema);
    } finally {
      await clinic.sandbox.supabase.sql(back);
    }
  }

  test('and all of its parts is told everything', () => expectJudged(clinic, []));

  test.each(parts)('but without %s', (part, lacking) => without(part, () => expectJudged(clinic, lacking)));

  test.each([...parts.map(([part]) => part), 'orders', 'orders.status', 'orders.updated_at', 'orders.user_id'])(
    'who calls %s otherwise is told everything',
    (part) => without(part, (schema) => expectJudged(clinic, [], { MERCHANT_SCHEMA: schema })),
  );

  test('who lacks what every shop has is told so, and nobody is called healthy', () =>
    without('orders', async () => {
      const diagnosis = await clinic.ask(healthy);
      expect(diagnosis.state).toBe('unknown');
      expect(diagnosis.sources.find(({ source }) => source === 'supabase')).toMatchObject({
        status: 'failed',
        failure: { kind: 'endpoint-missing' },
      });
    }));
});

test("a server that may be the order's is not passed over where orders have no names to tell it by", async () => {
  const clinic = await openMerchant({ without: ['orders.server_name'] });
  try {
    const { panel } = clinic.sandbox;
    const owner = panel.state.users.where(({ email }) => email === failed)[0];
    const like = panel.state.servers.all()[0];
    if (owner === undefined || like === undefined) throw new Error('the shop is empty');
    panel.addServer({ ownerId: owner.id, nodeId: like.nodeId, eggId: like.eggId, name: 'made by hand' });
    const diagnosis = await clinic.ask(failed);
    expect(untold(diagnosis)).toContain('SRV-002');
    expect(only(diagnosis).stages.server).toBe('unknown');
  } finally {
    await clinic.close();
  }
});

test('a merchant who lacks every part there is to lack still learns what is wrong', async () => {
  const without = parts
    .map(([part]) => part)
    .filter((part) => !/^(?:plans|profiles|external_accounts|ptero_nodes)\./.test(part));
  const clinic = await openMerchant({ without });
  try {
    await expectJudged(clinic, ['HOOK-009', ...account, ...capacity]);
  } finally {
    await clinic.close();
  }
});

test('a merchant without the migrations gets the same answers, only slower', async () => {
  const clinic = await openMerchant({ migrations: false });
  try {
    await expectJudged(clinic, []);
    const nobody = await clinic.ask('nobody@example.com');
    expect(nobody.top?.verdict?.code).toBe('ORD-001');
  } finally {
    await clinic.close();
  }
});

test('a merchant with the statuses installing and active is judged by what the panel shows', async () => {
  const clinic = await openMerchant({ schema: 'extended' });
  try {
    await buy(clinic, 'active@example.com', { status: 'active', withServer: true });
    await buy(clinic, 'installing@example.com', { status: 'installing', withServer: true });
    await buy(clinic, 'stalled@example.com', { status: 'installing', withServer: true });
    const { panel } = clinic.sandbox;
    const stalled = panel.state.servers.where(({ name }) => name.includes('stalled@'))[0];
    if (stalled === undefined) throw new Error('there is no server to stall');
    panel.setServerStatus(stalled.id, 'installing');
    await expectJudged(clinic, []);
    expect((await clinic.ask('active@example.com')).state).toBe('healthy');
    expect((await clinic.ask('installing@example.com')).state).toBe('healthy');
    expect((await clinic.ask('stalled@example.com')).top?.verdict?.code).toBe('INS-002');
  } finally {
    await clinic.close();
  }
});
