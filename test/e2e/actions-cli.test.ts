import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/adapters/store/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';
import { type Ended, openTerminal, type Terminal } from '../support/terminal.ts';
import { watchRequests } from '../support/supabase.ts';

let clinic: Clinic;
let sandbox: Sandbox;
let terminal: Terminal;
let postgres: PrivatePostgres;

beforeAll(async () => {
  [clinic, terminal, postgres] = await Promise.all([openClinic(), openTerminal(), startPostgres()]);
  ({ sandbox } = clinic);
});
afterAll(async () => {
  await postgres?.stop();
  await terminal?.close();
  await clinic?.close();
});

function pterodoc(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return terminal.run(words, { ...sandbox.environment, PTERODOC_MODE: 'live', ...environment });
}

interface Row {
  readonly id: string;
  readonly status: string;
  readonly serverId: number | null;
}

/** The newest order of a customer of the sandbox. */
async function orderOf(name: string): Promise<Row> {
  const [row] = await sandbox.supabase.sql<Row>(
    `select o.id, o.status, o.pterodactyl_server_id as "serverId" from public.orders o
     join auth.users u on u.id = o.user_id where u.email = $1 order by o.created_at desc`,
    [`${name}@example.com`],
  );
  if (row === undefined) throw new Error(`${name} has no order`);
  return row;
}

function checkoutOf(name: string): string {
  const session = [...sandbox.stripe.state.sessions.values()].find(
    ({ customer_details }) => customer_details?.email === `${name}@example.com`,
  );
  if (session === undefined) throw new Error(`${name} has no checkout`);
  return session.id;
}

function serversNamed(name: string): number {
  return sandbox.panel.state.servers.where((server) => server.name === name).length;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pterodoc-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe.concurrent('bad usage', () => {
  const order = '11111111-2222-4333-8444-555555555555';

  test.each([
    ['an action that is none', ['act', 'retry', order], 'link-server'],
    ['an address for an order', ['retry', 'ann@example.com', '--yes'], 'the id of an order'],
    ['half an id', ['retry', order.slice(0, 20), '--yes'], 'the id of an order'],
    ['an order where a checkout belongs', ['act', 'redeliver-webhook', order, '--yes'], 'cs_'],
    ['a checkout where an order belongs', ['act', 'link-server', 'cs_test_abc123', '--yes'], 'the id of an order'],
    ['no reason where one is asked for', ['act', 'vouch', order, '--yes'], '--reason'],
    ['a limit that is none', ['audit', '--limit', 'all'], '--limit'],
    ['an audit of an address', ['audit', 'ann@example.com'], 'order'],
    ['an option of another command', ['retry', order, '--json'], 'unknown option'],
  ])('%s exits 64 with a sentence that helps', async (_name, words, help) => {
    const { exitCode, out, err } = await pterodoc(words);
    expect([exitCode, out]).toEqual([64, '']);
    expect(err).toContain(help);
  });
});

test('before anything was asked for, the audit log says so and makes no memory', async () => {
  const { exitCode, out } = await pterodoc(['audit']);
  expect([exitCode, out.trim().split('\n').length]).toEqual([0, 2]);
  expect(out).toContain('Nobody has asked for an action so far.');
  // Reading must make no folder that a later start would have to share.
  const status = await pterodoc(['status', 'milo@example.com', '--json']);
  expect(JSON.parse(status.out)).toMatchObject({ verdict: { code: 'PAY-005' } });
  expect(status.err).toBe('');
});

test('where nobody can be asked, the plan is shown and nothing is done', async () => {
  const before = await orderOf('tess');
  const { exitCode, out, err } = await pterodoc(['retry', before.id]);
  expect(exitCode).toBe(64);
  expect(oneLine(out)).toContain('Set the status to "paid", only if it is still "provisioning"');
  expect(out).toContain('tess@example.com');
  expect(err).toContain('--yes');
  expect(await orderOf('tess')).toEqual(before);
});

test('a retry says its steps as they end and what was seen, and is refused afterwards', async () => {
  const { id } = await orderOf('sam');
  const done = await pterodoc(['retry', id, '--yes']);
  const after = await orderOf('sam');
  expect([done.exitCode, after.status]).toEqual([0, 'provisioned']);
  expect(oneLine(done.out)).toContain(`The order has server ${after.serverId} (`);
  expect(done.out).not.toContain('\u001b');
  expect(done.err.trim().split('\n')).toHaveLength(2);

  const again = await pterodoc(['retry', id.toUpperCase(), '--yes']);
  expect(again.exitCode).toBe(1);
  expect(again.out).toContain(`This order already names server ${after.serverId}.`);
  expect(serversNamed("Sam's server")).toBe(1);

  const audit = await pterodoc(['audit', id]);
  expect(audit.exitCode).toBe(0);
  const events = [...audit.out.matchAll(/\(admin\)\s+(\w+)/g)].map((match) => match[1]);
  expect(events).toEqual(['refused', 'outcome', 'step', 'step', 'begun', 'asked']);
  expect((await pterodoc(['audit', '--limit', '1'])).out).toContain('there may be older ones');
});

describe('each of the other actions does what it says', () => {
  /** Not the folder: each command would start the database in it anew, which says nothing about the action. */
  let memory: Readonly<Record<string, string>>;
  const withMemory = (words: readonly string[]) => pterodoc(words, memory);

  beforeAll(async () => {
    memory = { DATABASE_URL: await postgres.createDatabase() };
  });

  test('create-panel-account, then the retry it was for', async () => {
    const { id } = await orderOf('carl');
    expect(await withMemory(['act', 'create-panel-account', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await withMemory(['retry', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect((await orderOf('carl')).serverId).not.toBeNull();
  });

  test('link-server', async () => {
    const { id } = await orderOf('ulf');
    const { exitCode, out } = await withMemory(['act', 'link-server', id, '--yes']);
    expect([exitCode, (await orderOf('ulf')).status]).toEqual([0, 'provisioned']);
    expect(out).toContain('Link server: done');
  });

  test('restore-status', async () => {
    const { id } = await orderOf('uma');
    expect(await withMemory(['act', 'restore-status', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect((await orderOf('uma')).status).toBe('provisioned');
  });

  test('redeliver-webhook', async () => {
    const { exitCode, out } = await withMemory(['act', 'redeliver-webhook', checkoutOf('pia'), '--yes']);
    expect(exitCode).toBe(0);
    expect(oneLine(out)).toContain(`Order ${(await orderOf('pia')).id} was written`);
  });

  test('enable-endpoint', async () => {
    const [endpoint] = sandbox.stripe.state.endpoints.values();
    if (endpoint === undefined) throw new Error('the shop has no endpoint');
    await sandbox.stripe.updateEndpoint(endpoint.id, { disabled: true });
    const { exitCode } = await withMemory(['act', 'enable-endpoint', (await orderOf('elif')).id, '--yes']);
    expect([exitCode, sandbox.stripe.state.endpoints.get(endpoint.id)?.status]).toEqual([0, 'enabled']);
    expect((await withMemory(['audit', endpoint.id])).out).toContain('applied');
  });

  test('reinstall-server', async () => {
    const { id, serverId } = await orderOf('paul');
    expect(await withMemory(['act', 'reinstall-server', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(sandbox.panel.state.servers.get(serverId ?? 0)?.status).not.toBe('install_failed');
  });

  test('vouch, after which the order may be retried', async () => {
    const { id } = await orderOf('milo');
    const refused = await withMemory(['retry', id, '--yes']);
    expect(refused.exitCode).toBe(1);
    expect(refused.out).toContain('PAY-005');
    const vouched = await withMemory(['act', 'vouch', id, '--yes', '--reason', 'paid in cash, said milo@example.com']);
    expect(vouched.exitCode).toBe(0);
    const { out } = await withMemory(['status', 'milo@example.com', '--json']);
    expect(JSON.parse(out).orders[0].actions[0]).toEqual({ id: 'retry-provisioning', allowed: true, reason: null });
    expect(await withMemory(['retry', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect((await withMemory(['audit', id])).out).not.toContain('milo@example.com');
  });
});

/** Writes an order that nothing in Stripe backs. */
const forger = 'mallory@example.com';

test('while another process has the memory, nothing is done, status does without it, and both name that process', async () => {
  const folder = await ownFolder();
  const held = await openStore({ databaseUrl: null, dataDir: folder });
  if (!held.ok) throw new Error(JSON.stringify(held.failure));
  const before = await orderOf('tess');
  const environment = { PTERODOC_DATA_DIR: folder };
  const { exitCode, out, err } = await pterodoc(['retry', before.id, '--yes'], environment);
  expect([exitCode, out]).toEqual([1, '']);
  expect(err).toContain(`the process ${process.pid}`);
  expect(err).toContain('Nothing was changed.');

  const { id } = await sandbox.supabase.addUser({ email: forger, createdAt: new Date(Date.now() - 60_000) });
  await sandbox.supabase.sql(
    `insert into public.orders (user_id, item_type, plan_id, term, region, server_name, status)
     values ($1, 'game', 'mc-4', 'monthly', 'eu', 'Free', 'paid')`,
    [id],
  );
  const status = await pterodoc(['status', forger], environment);
  expect([status.exitCode, status.err.trim().split('\n').length]).toEqual([1, 1]);
  expect(status.out).toContain('PAY-005');
  expect(status.err).toContain(`the process ${process.pid}`);
  await held.value.close();
  expect(await orderOf('tess')).toEqual(before);
});

describe('with a Postgres of several processes', () => {
  let url: string;

  beforeAll(async () => {
    url = await postgres.createDatabase();
  });

  test('status makes no table', async () => {
    const { exitCode, err } = await pterodoc(['status', forger], { DATABASE_URL: url });
    expect([exitCode, err]).toEqual([1, '']);
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("select to_regnamespace('pterodoc') is null as untouched");
    await client.end();
    expect(rows).toEqual([{ untouched: true }]);
  });

  test('three terminals at once make one server', async () => {
    const { id } = await orderOf('leo');
    const ended = await Promise.all([1, 2, 3].map(() => pterodoc(['retry', id, '--yes'], { DATABASE_URL: url })));
    expect(ended.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1, 1]);
    expect(serversNamed("Leo's server")).toBe(1);
    expect((await pterodoc(['audit', id], { DATABASE_URL: url })).out.match(/\boutcome\b/g)).toHaveLength(1);
    for (const { exitCode, out } of ended)
      if (exitCode === 1) expect(oneLine(out)).toMatch(/is at work|nothing was done/);
  });

  test('a memory that only reads stops everything before the first write outside', async () => {
    const readOnly = `${url}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`;
    const before = await orderOf('ines');
    const seen = watchRequests(sandbox.supabase.faults);
    const { exitCode, out } = await pterodoc(['retry', before.id, '--yes'], { DATABASE_URL: readOnly });
    const writes = seen.filter((line) => !line.startsWith('GET') && !line.includes('/rpc/'));
    sandbox.supabase.faults.clear();
    expect(seen.length).toBeGreaterThan(0);
    expect([exitCode, writes]).toEqual([1, []]);
    expect(oneLine(out)).toContain('can only be read now. Without it nothing is done: nothing was changed.');
    expect(await orderOf('ines')).toEqual(before);
  });

  test('a database that does not answer is a sentence, and nothing was changed', async () => {
    const { id } = await orderOf('ines');
    const nowhere = 'postgres://postgres:secret-word@127.0.0.1:9/none';
    const { exitCode, out, err } = await pterodoc(['retry', id, '--yes'], { DATABASE_URL: nowhere });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toContain('Nothing was changed.');
    expect(err).not.toContain('secret-word');
  });
});
