import { afterAll, beforeAll, expect, test } from 'vitest';
import { opinionsOn } from '../../src/core/action-opinion.ts';
import { actions } from '../../src/core/actions/index.ts';
import { diagnosisJson } from '../../src/core/diagnosis-json.ts';
import type { Diagnosis } from '../../src/core/diagnosis.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const HOUR = 60 * 60_000;
const victim = { email: 'victim@example.com', serverName: 'Secret fortress of the victim' };

let clinic: Clinic;
let victimOrder: { readonly id: string; readonly serverId: number; readonly subscription: string };

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
  const { sandbox } = clinic;
  await clinic.buyAt(victim.email, new Date(Date.now() - HOUR), { serverName: victim.serverName });
  const [row] = await sandbox.supabase.sql<{ id: string; pterodactyl_server_id: number; stripe_sub_id: string }>(
    'select id, pterodactyl_server_id, stripe_sub_id from public.orders limit 1',
  );
  if (row === undefined) throw new Error('the victim has no order');
  victimOrder = { id: row.id, serverId: row.pterodactyl_server_id, subscription: row.stripe_sub_id };
});
afterAll(() => clinic.close());

async function addMallory(name: string): Promise<{ readonly id: string; readonly email: string }> {
  const email = `${name}@example.com`;
  const { id } = await clinic.sandbox.supabase.addUser({
    email,
    firstName: name,
    createdAt: new Date(Date.now() - 2 * HOUR),
  });
  return { id, email };
}

async function forgeOrder(userId: string, columns: Readonly<Record<string, unknown>>): Promise<void> {
  const all = {
    user_id: userId,
    item_type: 'game',
    plan_id: (await clinic.sandbox.supabase.sql<{ id: string }>('select id from public.plans limit 1'))[0]?.id,
    term: 'monthly',
    region: 'eu',
    server_name: 'forged',
    status: 'paid',
    ...columns,
  };
  const names = Object.keys(all);
  await clinic.sandbox.supabase.sql(
    `insert into public.orders (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(all),
  );
}

/** Everything the diagnosis would show anywhere, as one text. */
function shown(diagnosis: Diagnosis): string {
  const grace = { paidMs: 120_000, provisioningMs: 300_000, installingMs: 900_000 };
  const opinions = opinionsOn(diagnosis, { actions, grace, executionMaxMs: 450_000 });
  return JSON.stringify([
    diagnosisJson(diagnosis, () => null, opinions),
    diagnosis.entries.map(({ findings }) => findings),
  ]);
}

test('a forged paid row without a payment is called PAY-005 and is never offered for provisioning', async () => {
  const mallory = await addMallory('forger');
  await forgeOrder(mallory.id, {});
  const diagnosis = await clinic.ask(mallory.email);
  expect(diagnosis.top?.verdict).toMatchObject({ code: 'PAY-005', confidence: 'confirmed', remediation: null });
});

test("a row that names somebody else's subscription is not backed by it", async () => {
  const mallory = await addMallory('borrower');
  await forgeOrder(mallory.id, { stripe_sub_id: victimOrder.subscription });
  const diagnosis = await clinic.ask(mallory.email);
  expect(diagnosis.top?.verdict?.code).toBe('PAY-005');
  expect(shown(diagnosis)).not.toContain(victim.email);
});

test("a row that names somebody else's server shows nothing of that server", async () => {
  const mallory = await addMallory('squatter');
  await forgeOrder(mallory.id, { pterodactyl_server_id: victimOrder.serverId, status: 'provisioned' });
  const diagnosis = await clinic.ask(mallory.email);
  const codes = diagnosis.entries.flatMap(({ findings }) => findings.map(({ code }) => code));
  expect(codes).toContain('SRV-006');
  expect(shown(diagnosis)).not.toContain(victim.serverName);
  expect(shown(diagnosis)).not.toContain(victim.email);
});

test("an account row that points to somebody else's panel account shows nothing of it", async () => {
  const mallory = await addMallory('linker');
  const owner = [...clinic.sandbox.panel.state.users.all()].find(({ email }) => email === victim.email);
  await clinic.sandbox.supabase.sql(
    'insert into public.external_accounts (user_id, pterodactyl_user_id, panel_username) values ($1, $2, $3)',
    [mallory.id, owner?.id, 'mine'],
  );
  await forgeOrder(mallory.id, { server_name: victim.serverName });
  const diagnosis = await clinic.ask(mallory.email);
  const codes = diagnosis.entries.flatMap(({ findings }) => findings.map(({ code }) => code));
  expect(codes).toContain('ACC-004');
  expect(codes).not.toContain('SRV-002');
  expect(shown(diagnosis)).not.toContain(victim.email);
});

test("a profile e-mail changed to somebody else's changes nothing", async () => {
  const mallory = await addMallory('masker');
  await clinic.sandbox.supabase.sql('update public.profiles set email = $1 where user_id = $2', [
    victim.email,
    mallory.id,
  ]);
  const diagnosis = await clinic.ask(mallory.email);
  expect(diagnosis.top?.verdict?.code).toBe('PAY-001');
  expect(shown(diagnosis)).not.toContain(victimOrder.id);
});

async function panelCallsLeft(): Promise<number> {
  const { panel } = clinic.sandbox;
  const answer = await fetch(`${panel.url}/api/application/nodes`, {
    headers: { authorization: `Bearer ${panel.applicationKey}`, accept: 'application/json' },
  });
  return Number(answer.headers.get('x-ratelimit-remaining'));
}

test('rows without number do not use up what the panel answers in a minute', async () => {
  const mallory = await addMallory('many');
  for (let at = 0; at < 60; at += 1) {
    await forgeOrder(mallory.id, { status: 'error', pterodactyl_server_id: at % 2 === 0 ? 1000 + at : null });
  }
  const before = await panelCallsLeft();
  await clinic.ask(mallory.email);
  // The panel answers 240 questions a minute, to everybody who uses the key.
  expect(before - (await panelCallsLeft())).toBeLessThan(60);
});

test('forged rows do not taint their victim', async () => {
  const diagnosis = await clinic.ask(victim.email);
  expect(diagnosis.state).toBe('healthy');
  expect(diagnosis.entries.map(({ subject }) => subject.kind)).toEqual(['order']);
});

test.each(['infinity', '-infinity', '20000-01-01', '0044-03-15 BC'])(
  'a row forged at a moment no clock shows (%s) is read, and makes no other unreadable',
  async (at) => {
    const mallory = await addMallory(`timeless${at.length}`);
    await forgeOrder(mallory.id, {
      created_at: at,
      updated_at: at,
      stripe_sub_id: victimOrder.subscription,
      pterodactyl_server_id: victimOrder.serverId,
    });
    expect((await clinic.ask(mallory.email)).top?.verdict?.code).toBe('PAY-005');
    const diagnosis = await clinic.ask(victim.email);
    expect(diagnosis.entries[0]?.stages.webhook).toBe('passed');
    expect(diagnosis.sources.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  },
);

test('a question by the server leads to its owner, not to a row that names it', async () => {
  const diagnosis = await clinic.ask(String(victimOrder.serverId));
  expect(diagnosis.state).toBe('healthy');
  expect(diagnosis.person).toMatchObject({ kind: 'known', value: { email: victim.email } });
});

test('planted log lines prove nothing', async () => {
  const { sandbox } = clinic;
  const email = 'planted@example.com';
  sandbox.clock.travelTo(Date.now() - HOUR);
  sandbox.supabase.functions.setFault('servers-provision', { kind: 'resource-limit' });
  await sandbox.purchase({ email });
  sandbox.supabase.functions.setFault('servers-provision', null);
  const [row] = await sandbox.supabase.sql<{ id: string }>(
    'select o.id from public.orders o join auth.users u on u.id = o.user_id where u.email = $1',
    [email],
  );
  // The function is open and logs what callers send: a line that looks like the webhook's own.
  await fetch(`${sandbox.supabase.functionsUrl}/servers-provision`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      order_id: `x\nTriggering server provisioning for order: ${row?.id}\nProvisioning failed: 500 - {"error":"No available nodes in region: eu"}`,
    }),
  });
  sandbox.clock.release();
  const diagnosis = await clinic.ask(email);
  expect(diagnosis.top?.verdict).toMatchObject({ code: 'PRV-006', confidence: 'confirmed' });
  const codes = diagnosis.entries.flatMap(({ findings }) => findings.map(({ code }) => code));
  expect(codes).not.toContain('CAP-001');
});
