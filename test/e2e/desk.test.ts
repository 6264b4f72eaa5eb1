import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import { readConfig } from '../../src/config.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { Button, Card } from '../../src/core/card.ts';
import type { Desk, Place, PressAnswer } from '../../src/core/desk.ts';
import type { Role } from '../../src/core/permission.ts';
import { assembleDesk } from '../../src/main.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { makeDataDir } from '../support/data-dir.ts';

let clinic: Clinic;
let store: OpenStore;
let dataDir: string;
let desk: Desk;
const bugs: unknown[] = [];

beforeAll(async () => {
  clinic = await openClinic();
  dataDir = await makeDataDir();
  const opened = await openStore({ databaseUrl: null, dataDir });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  store = opened.value;
  const config = readConfig({ ...clinic.sandbox.environment, PTERODOC_MODE: 'live' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  desk = assembleDesk(config.value, store, (error) => {
    bugs.push(error);
    return 'ref-1';
  }).desk;
});
afterAll(async () => {
  await store.close();
  await clinic.close();
  await rm(dataDir, { recursive: true, force: true });
  expect(bugs).toEqual([]);
});

function somebody(role: Role | null, name = role ?? 'nobody'): Actor {
  return { surface: 'web', id: name, name, role };
}

async function ask(who: string, role: Role | null = 'support', place: Place = 'staff') {
  return desk.run({ command: 'server-status', input: { who }, actor: somebody(role), place });
}

function button(card: Card, label: string): Extract<Button, { kind: 'press' }> {
  const found = (card.buttons ?? []).find((one) => one.label === label);
  if (found?.kind !== 'press') throw new Error(`no button ${label} among ${words(card.buttons ?? [])}`);
  return found;
}

async function press(
  offerId: string,
  role: Role | null,
  form: { reason: string | null } | null = null,
  shown: Card[] = [],
): Promise<PressAnswer> {
  return desk.press({ offerId, actor: somebody(role), place: 'staff', form }, (card) => shown.push(card));
}

function cardOf(answer: PressAnswer): Card {
  if (answer.kind === 'ask') throw new Error(`a form was asked for: ${answer.form.title}`);
  return answer.card;
}

const words = (value: unknown): string => JSON.stringify(value);

/** A purchase that failed because no node was open, which they are again. */
async function aFailedPurchase(name: string): Promise<string> {
  const { sandbox } = clinic;
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
  const email = `${name}@example.net`;
  await sandbox.purchase({ email, serverName: name });
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
  return email;
}

function serversNamed(name: string): number {
  return clinic.sandbox.panel.state.servers.where((server) => server.name === name).length;
}

describe('a command', () => {
  test('is answered in the staff channel with masked addresses, elsewhere to the one who asked in full', async () => {
    const email = clinic.sandbox.customers[0]?.email ?? '';
    const inChannel = await ask(email);
    expect(inChannel.visibility).toBe('channel');
    expect(words(inChannel.card)).not.toContain(email);
    const alone = await ask(email, 'support', 'private');
    expect(alone.visibility).toBe('private');
    expect(words(alone.card)).toContain(email);
  });

  test.each([null, 'customer'] as const)(
    'is refused to somebody with the role %s, who learns nothing',
    async (role) => {
      const email = clinic.sandbox.customers[0]?.email ?? '';
      const answer = await ask(email, role);
      const nobody = await ask('nobody-at-all@example.org', role);
      expect(answer).toMatchObject({ visibility: 'private', card: { title: 'You may not use /server-status' } });
      expect({ ...answer.card, madeAt: 0 }).toEqual({ ...nobody.card, madeAt: 0 });
    },
  );

  test('says what it needs when nothing fitting was given', async () => {
    const answer = await desk.run({ command: 'server-status', input: {}, actor: somebody('support'), place: 'staff' });
    expect(answer.card.summary).toContain('e-mail');
    const odd = await ask('what?');
    expect(odd).toMatchObject({ visibility: 'private', card: { title: 'That could not be looked for' } });
  });

  test('that nobody knows is answered with those that are there', async () => {
    const answer = await desk.run({ command: 'frobnicate', input: {}, actor: somebody('admin'), place: 'staff' });
    expect(answer.card.summary).toContain('/server-status');
  });

  test.each(['pterodoc orders', 'pterodoc webhooks', 'pterodoc help'])('%s is answered', async (command) => {
    const answer = await desk.run({ command, input: {}, actor: somebody('support'), place: 'staff' });
    expect(answer.card.title).not.toBe('');
    expect(words(answer.card)).not.toMatch(/[\w.]@example/);
  });

  test('lists purchases without an order, each to be looked at', async () => {
    const answer = await desk.run({
      command: 'pterodoc webhooks',
      input: {},
      actor: somebody('support'),
      place: 'staff',
    });
    const first = answer.card.select?.options[0];
    if (first === undefined) throw new Error('no lost purchase is listed');
    const shown = cardOf(await press(first.value, 'support'));
    expect(shown.path).toHaveLength(8);
  });

  test('keeps the audit log to admins', async () => {
    const call = { command: 'pterodoc audit', input: {}, place: 'staff' } as const;
    expect((await desk.run({ ...call, actor: somebody('operator') })).card.title).toContain('may not');
    expect((await desk.run({ ...call, actor: somebody('admin') })).card.title).toContain('Audit');
  });
});

describe('a button', () => {
  test('retries while everybody sees how far it is, and ends with what was seen and by whom', async () => {
    const card = (await ask(await aFailedPurchase('Birch'))).card;
    const shown: Card[] = [];
    const answer = await press(button(card, 'Retry provisioning').id, 'support', null, shown);
    expect(answer.kind).toBe('card');
    expect(words(cardOf(answer))).toMatch(/Applied.*The order has server/);
    expect(words(cardOf(answer))).toContain('support (support)');
    expect(shown.length).toBeGreaterThan(2);
    expect(shown[0]).toMatchObject({ tone: 'busy', title: 'Retry provisioning is under way' });
    expect(serversNamed('Birch')).toBe(1);
  });

  test('pressed a second time does nothing but draw the card anew', async () => {
    const card = (await ask(await aFailedPurchase('Cedar'))).card;
    const { id } = button(card, 'Retry provisioning');
    await press(id, 'support');
    const shown: Card[] = [];
    const again = await press(id, 'operator', null, shown);
    expect(words(cardOf(again))).toContain('used already');
    expect(shown).toEqual([]);
    expect(serversNamed('Cedar')).toBe(1);
  });

  test('pressed by two at once is done once, and only the other one is told why not', async () => {
    const card = (await ask(await aFailedPurchase('Elder'))).card;
    const { id } = button(card, 'Retry provisioning');
    const answers = await Promise.all([press(id, 'support'), press(id, 'operator')]);
    expect(answers.filter((answer) => words(answer).includes('Applied'))).toHaveLength(1);
    expect(serversNamed('Elder')).toBe(1);
  });

  test('whose facts have changed does nothing, and says so on the card', async () => {
    const email = await aFailedPurchase('Fir');
    const card = (await ask(email)).card;
    await clinic.sandbox.supabase.sql(
      `update public.orders set status = 'canceled' where user_id = (select id from auth.users where email = lower($1))`,
      [email],
    );
    const answer = await press(button(card, 'Retry provisioning').id, 'support');
    expect(words(cardOf(answer))).toContain('The facts have changed');
    expect(serversNamed('Fir')).toBe(0);
  });

  test.each([null, 'customer'] as const)(
    'answers only to somebody with the role %s, and changes nothing',
    async (role) => {
      const name = `Gorse ${role ?? 'nobody'}`;
      const card = (await ask(await aFailedPurchase(name.replace(' ', '-')))).card;
      const answer = await press(button(card, 'Retry provisioning').id, role);
      expect(answer).toMatchObject({ kind: 'note', card: { title: 'You may not press this' } });
      expect(serversNamed(name.replace(' ', '-'))).toBe(0);
    },
  );

  test('asks once more before what cannot be undone, and only those who may', async () => {
    const { sandbox } = clinic;
    const { orderId } = await sandbox.purchase({ email: 'hazel@example.net', serverName: 'Hazel' });
    const server = sandbox.panel.state.servers.where(({ name }) => name === 'Hazel')[0];
    if (server === undefined || orderId === null) throw new Error('nothing was bought');
    sandbox.panel.installs.cancel(server);
    sandbox.panel.setServerStatus(server.id, 'install_failed');
    const { id } = button((await ask(orderId)).card, 'Reinstall server');
    expect(await press(id, 'support')).toMatchObject({ kind: 'note' });
    const asked = await press(id, 'operator');
    if (asked.kind !== 'ask') throw new Error('nothing was asked');
    expect(asked.form).toMatchObject({ isDangerous: true, reason: null, confirmLabel: 'Reinstall server' });
    expect(asked.form.body.join(' ')).toContain('This cannot be undone.');
    expect(sandbox.panel.state.servers.get(server.id)?.status).toBe('install_failed');
    const done = await press(id, 'operator', { reason: null });
    expect(words(cardOf(done))).toContain('Applied');
  });

  test('vouches with a reason, which an admin alone can give, and the order can be retried then', async () => {
    const { sandbox } = clinic;
    await sandbox.purchase({ email: 'iris@example.net', serverName: 'Iris' });
    const rows = await sandbox.supabase.sql<{ id: string }>(
      `insert into public.orders (user_id, item_type, plan_id, term, region, server_name, status, updated_at, created_at)
       select user_id, item_type, plan_id, term, region, 'Iris gift', 'paid', now() - interval '1 hour', now() - interval '1 hour'
       from public.orders where server_name = 'Iris' returning id`,
    );
    const orderId = rows[0]?.id ?? '';
    const card = (await ask(orderId)).card;
    const { id } = button(card, 'Vouch');
    expect(await press(id, 'operator')).toMatchObject({ kind: 'note' });
    const asked = await press(id, 'admin');
    if (asked.kind !== 'ask') throw new Error('nothing was asked');
    expect(asked.form.reason).not.toBeNull();
    const done = cardOf(await press(id, 'admin', { reason: 'A gift to iris@example.net' }));
    expect(words(done)).toContain('Applied');
    await press(button(done, 'Retry provisioning').id, 'support');
    expect(serversNamed('Iris gift')).toBe(1);
    const audited = await store.audit.list({ subject: `order:${orderId}`, limit: 20 });
    expect(words(audited)).toContain('A gift to');
    expect(words(audited)).not.toContain('iris@example.net');
  });

  test('that was never given out says so', async () => {
    expect(await press('made-up', 'admin')).toMatchObject({ kind: 'note', card: { title: 'This button is too old' } });
  });

  test('Re-check and Details look again, as often as one likes', async () => {
    const email = clinic.sandbox.customers[0]?.email ?? '';
    const card = (await ask(email)).card;
    const detailed = cardOf(await press(button(card, 'Details').id, 'support'));
    expect(detailed.buttons?.some(({ label }) => label === 'Details')).toBe(false);
    const { id } = button(detailed, 'Re-check');
    expect(cardOf(await press(id, 'support')).title).toBe(card.title);
    expect(cardOf(await press(id, 'operator')).title).toBe(card.title);
  });
});

test('while an action is under way, another look at the order says so', async () => {
  const { sandbox } = clinic;
  const email = await aFailedPurchase('Juniper');
  const card = (await ask(email)).card;
  sandbox.supabase.functions.setFault('servers-provision', { kind: 'slow', ms: 1500 });
  try {
    const running = press(button(card, 'Retry provisioning').id, 'support');
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(words((await ask(email, 'operator')).card)).toContain('Under way');
    expect(words(cardOf(await running))).toContain('Applied');
  } finally {
    sandbox.supabase.functions.setFault('servers-provision', null);
  }
});
