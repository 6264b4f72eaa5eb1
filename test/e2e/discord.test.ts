import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { ChatAdapter } from '../../src/core/chat.ts';
import type { FrontDesk } from '../../src/core/front-desk.ts';
import { assembleDesk } from '../../src/main.ts';
import type { Member, Place, SeenMessage } from '../platforms/discord/index.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { type DiscordServer, openServer, prepareDiscord } from '../support/discord-surface.ts';
import { createMemoryStore } from '../support/memory-store.ts';

let clinic: Clinic;
let server: DiscordServer;
let adapter: ChatAdapter;
let stopping: AbortController;
const desks: FrontDesk[] = [];
/** What is remembered outlives every program of these tests. */
const store = createMemoryStore();
const log: string[] = [];

/** A program of its own over the same shop and the same memory. */
async function run(): Promise<void> {
  const config = readConfig({ ...clinic.sandbox.environment, PTERODOC_MODE: 'live', DIAGNOSIS_DEADLINE_MS: '2500' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  stopping = new AbortController();
  const reportBug = (error: unknown): string => {
    log.push(`bug: ${String(error)}`);
    return 'ref-1';
  };
  const { desk } = assembleDesk(config.value, store, reportBug, stopping.signal);
  desks.push(desk);
  adapter = prepareDiscord(server, { desk, note: (line) => log.push(line) });
  await adapter.start();
}

async function stop(): Promise<void> {
  stopping.abort();
  await adapter.stop();
}

beforeAll(async () => {
  [clinic, server] = await Promise.all([openClinic(), openServer()]);
  await run();
});
afterAll(async () => {
  await stop();
  await Promise.all(desks.map((desk) => desk.idle()));
  await server.discord.stop();
  await clinic.close();
  expect(log.filter((line) => line.startsWith('bug'))).toEqual([]);
});

/** A purchase that failed because no node was open, which they are again. */
async function aFailedPurchase(name: string): Promise<string> {
  const { sandbox } = clinic;
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
  const email = `${name.toLowerCase()}@example.net`;
  await sandbox.purchase({ email, serverName: name });
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
  return email;
}

function serversNamed(name: string): number {
  return clinic.sandbox.panel.state.servers.where((server) => server.name === name).length;
}

function ask(person: Member, who: string, where: Place) {
  return person.slash('server-status', { who }, where);
}

/** The newest message of the support channel that everybody sees, once it has these words. */
async function seen(words: RegExp): Promise<SeenMessage> {
  const messages = await server.channels.support.until((all) => words.test(all.at(-1)?.text ?? ''), 15_000);
  const newest = messages.at(-1);
  if (newest === undefined) throw new Error('There is no message.');
  return newest;
}

async function theCardOf(person: Member, email: string): Promise<SeenMessage> {
  await ask(person, email, server.channels.support);
  return seen(new RegExp(`${email[0]}•••@example\\.net`));
}

const atOnce = { until: 'answered' } as const;

describe('a support case in Discord', () => {
  test('is found and repaired in the channel, and everybody sees it', async () => {
    const { people, channels } = server;
    const email = await aFailedPurchase('Birch');
    const card = await theCardOf(people.sam, email);
    await people.sam.press(card, 'Retry provisioning', atOnce);
    await seen(/Retry provisioning is under way/);
    const done = await seen(/Applied:[^]*sam \(support\), attempt 1/);
    expect(done.id).toBe(card.id);
    expect(serversNamed('Birch')).toBe(1);
    expect(
      JSON.stringify(channels.support.channel.messages.map(({ components, history }) => [components, history])),
    ).not.toContain(email);
    expect(done.pings).toEqual({ everyone: false, users: [], roles: [] });
  });

  test('is repaired once when two press at the same moment', async () => {
    const { people } = server;
    const card = await theCardOf(people.sam, await aFailedPurchase('Cedar'));
    const pressed = await Promise.all(
      [people.sam, people.olga].map((person) => person.press(card, 'Retry provisioning', atOnce)),
    );
    expect(pressed.map(({ hasFailed }) => hasFailed)).toEqual([false, false]);
    expect((await seen(/Applied:/)).id).toBe(card.id);
    expect(serversNamed('Cedar')).toBe(1);
  });

  test('stays closed to somebody without a role, who changes nothing', async () => {
    const { people, channels } = server;
    const email = await aFailedPurchase('Elder');
    const asked = await ask(people.casey, email, channels.lounge);
    expect(asked).toMatchObject({ isEphemeral: true });
    expect(asked.message?.text).toContain('You may not use /server-status');
    const card = await theCardOf(people.sam, email);
    const pressed = await people.casey.press(card, 'Retry provisioning');
    expect(
      pressed.followUps.map(({ isEphemeral, text }) => [isEphemeral, text.includes('You may not press this')]),
    ).toEqual([[true, true]]);
    expect(channels.support.messages().at(-1)?.text).toBe(card.text);
    expect(serversNamed('Elder')).toBe(0);
  });

  test('asks an operator twice before a server is installed anew', async () => {
    const { people, channels } = server;
    const { sandbox } = clinic;
    const { orderId } = await sandbox.purchase({ email: 'hazel@example.net', serverName: 'Hazel' });
    const broken = sandbox.panel.state.servers.where(({ name }) => name === 'Hazel')[0];
    if (broken === undefined || orderId === null) throw new Error('nothing was bought');
    sandbox.panel.installs.cancel(broken);
    sandbox.panel.setServerStatus(broken.id, 'install_failed');
    const asked = await ask(people.olga, orderId, channels.lounge);
    const pressed = await people.olga.press(asked.message, 'Reinstall server');
    await pressed.until(({ followUps }) => followUps.length === 1);
    const [question] = pressed.followUps;
    expect(question?.text).toContain('This cannot be undone.');
    expect(sandbox.panel.state.servers.get(broken.id)?.status).toBe('install_failed');
    const confirmed = await people.olga.press(question ?? null, 'Reinstall server', atOnce);
    await confirmed.until(({ message }) => message?.text.includes('Applied:') === true, 15_000);
  });

  test('is finished although the connection breaks in the middle', async () => {
    const { people, discord } = server;
    const card = await theCardOf(people.sam, await aFailedPurchase('Fir'));
    await people.sam.press(card, 'Retry provisioning', atOnce);
    discord.gateway.drop();
    expect((await seen(/Applied:/)).id).toBe(card.id);
    const again = await ask(people.olga, 'fir@example.net', server.channels.lounge);
    expect(again.hasFailed).toBe(false);
    expect(serversNamed('Fir')).toBe(1);
  });

  test('goes on after the program was ended in the middle of an action', async () => {
    const { people } = server;
    const { sandbox } = clinic;
    const card = await theCardOf(people.sam, await aFailedPurchase('Juniper'));
    sandbox.supabase.functions.setFault('servers-provision', { kind: 'slow', ms: 1500 });
    try {
      await people.sam.press(card, 'Retry provisioning', atOnce);
      const step = await seen(/Retry provisioning is under way/);
      expect(step.buttons.map(({ label }) => label)).toContain('Re-check');
      const stopped = stop();
      await stopped;
      await run();
      const [left] = server.channels.support.messages().filter(({ id }) => id === card.id);
      await people.olga.press(left ?? null, 'Re-check', atOnce);
      await server.discord.until(() => serversNamed('Juniper') === 1);
      await seen(/j•••@example\.net/);
    } finally {
      sandbox.supabase.functions.setFault('servers-provision', null);
    }
    expect(serversNamed('Juniper')).toBe(1);
  });

  test('gets an honest answer in time while everything outside hangs', async () => {
    const { people, channels } = server;
    const { sandbox } = clinic;
    const email = sandbox.customers[0]?.email ?? '';
    const ends = [sandbox.supabase, sandbox.stripe, sandbox.panel].map(({ faults }) =>
      faults.inject(/./, { kind: 'hang' }),
    );
    try {
      const asked = await people.sid.slash('server-status', { who: email }, channels.lounge, atOnce);
      expect(asked.firstAnswerMs).toBeLessThan(1000);
      await asked.until(({ message }) => message?.text.includes('Looking at the payment') === true, 1500);
      await asked.until(({ message }) => message?.text.includes('Not known') === true, 9000);
    } finally {
      for (const end of ends) end();
    }
  });
});
