import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import { readConfig } from '../../src/config.ts';
import type { ChatAdapter } from '../../src/core/chat.ts';
import type { FrontDesk } from '../../src/core/front-desk.ts';
import type { Store } from '../../src/core/store-ports.ts';
import { assembleDesk } from '../../src/main.ts';
import type { Member, Place, SeenMessage as SeenInDiscord } from '../platforms/discord/index.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { SeenMessage as SeenInSlack } from '../platforms/slack/screen.ts';
import { addMessage } from '../platforms/slack/state.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { type DiscordServer, openServer, prepareDiscord } from '../support/discord-surface.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';
import { openWorkspace, type RunningSlack, runSlack, type SlackWorkspace } from '../support/slack-surface.ts';

let clinic: Clinic;
let workspace: SlackWorkspace;
let server: DiscordServer;
let store: Store;
let desk: FrontDesk;
let discord: ChatAdapter;
let slack: RunningSlack;
const log: string[] = [];
const note = (line: string): void => void log.push(line);

function openDesk(memory: Store): FrontDesk {
  const config = readConfig({ ...clinic.sandbox.environment, PTERODOC_MODE: 'live', DIAGNOSIS_DEADLINE_MS: '2500' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  return assembleDesk(config.value, memory, (error) => {
    note(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 'ref-1';
  }).desk;
}

async function runDiscord(behind: FrontDesk): Promise<ChatAdapter> {
  const adapter = prepareDiscord(server, { desk: behind, note });
  await adapter.start();
  return adapter;
}

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
  store = createMemoryStore();
  desk = openDesk(store);
  [workspace, server] = await Promise.all([openWorkspace('socket', desk), openServer()]);
  // Nobody asks as often as these tests do; what a limit leads to is one of them.
  server.discord.rateLimits.set('POST /channels/:channel/messages', { limit: 1000, windowMs: 5000 });
  [slack, discord] = await Promise.all([runSlack(workspace, { desk, note }), runDiscord(desk)]);
});
afterAll(async () => {
  await Promise.all([slack?.stop(), discord?.stop()]);
  await Promise.all([workspace?.slack.stop(), server?.discord.stop()]);
  await clinic?.close();
  expect(log.filter((line) => line.startsWith('bug'))).toEqual([]);
  expect(workspace.slack.complaints).toEqual([]);
});

/** A purchase that failed because no node was open, which they are again. */
async function aFailedPurchase(name: string): Promise<string> {
  const { sandbox } = clinic;
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = false');
  const email = `${name.toLowerCase()}@example.net`;
  const { orderId } = await sandbox.purchase({ email, serverName: name });
  await sandbox.supabase.sql('update public.ptero_nodes set enabled = true');
  if (orderId === null) throw new Error('nothing was bought');
  return orderId;
}

function serversNamed(name: string): number {
  return clinic.sandbox.panel.state.servers.where((one) => one.name === name).length;
}

/** Waits until somebody on Discord sees a message with this in it. */
async function seesInDiscord(
  person: Member,
  wanted: RegExp,
  place: Place = server.channels.support,
  withinMs = 10_000,
): Promise<SeenInDiscord> {
  const find = (): SeenInDiscord | undefined => person.visibleMessages(place).findLast(({ text }) => wanted.test(text));
  await server.discord.until(() => find() !== undefined, withinMs).catch(() => undefined);
  const found = find();
  if (found === undefined) {
    const texts = person.visibleMessages(place).map(({ text }) => text);
    throw new Error(`${person.name} does not see ${wanted}, only: ${texts.join('\n---\n')}`);
  }
  return found;
}

interface Cards {
  readonly inDiscord: SeenInDiscord;
  readonly inSlack: SeenInSlack;
}

/** The card of one order in the support channel of each. */
async function askOnBoth(orderId: string): Promise<Cards> {
  const { people, channels } = workspace;
  const words = new RegExp(`${orderId}[^]*`);
  await Promise.all([
    server.people.sam.slash('server-status', { who: orderId }, server.channels.support, { until: 'answered' }),
    people.olga.slash('/server-status', orderId, channels.support),
  ]);
  const [inDiscord, inSlack] = await Promise.all([
    seesInDiscord(server.people.sam, words),
    people.olga.sees(words, channels.support, 10_000),
  ]);
  return { inDiscord, inSlack };
}

const applied = /Applied:? ?\**:?\s*(.+)/;
const doer = /((?:sam|olga) \((?:support|operator)\), attempt \d)/;

/** Presses Retry on both at once, and answers with what each of them reads in the end. */
async function retryOnBoth({ inDiscord, inSlack }: Cards): Promise<readonly string[]> {
  const { people, channels } = workspace;
  // In the same tick: nothing of the first press has been sent when the second one is made.
  const presses = [
    server.people.sam.press(inDiscord, 'Retry provisioning', { until: 'answered' }),
    people.olga.press(inSlack, 'Retry provisioning'),
  ];
  await Promise.all(presses);
  const now = (): SeenInDiscord | undefined =>
    server.people.sid.visibleMessages(server.channels.support).find(({ id }) => id === inDiscord.id);
  await Promise.all([
    server.discord.until(() => applied.test(now()?.text ?? ''), 15_000),
    people.sid.sees(({ ts, reads }) => ts === inSlack.ts && applied.test(reads), channels.support, 15_000),
  ]);
  const inTheEnd = people.sid.visibleMessages(channels.support).find(({ ts }) => ts === inSlack.ts)?.reads ?? '';
  return [now()?.text ?? '', inTheEnd];
}

function expectOneOutcome(texts: readonly string[]): void {
  const who = texts.map((text) => doer.exec(text)?.[1]);
  expect(who[0]).toBeDefined();
  expect(who[1]).toBe(who[0]);
}

describe('two who press Retry within 5 ms, one on Discord and one on Slack,', () => {
  test.each(['Birch', 'Cedar'])('make one server, and both see who made it (%s)', async (name) => {
    const texts = await retryOnBoth(await askOnBoth(await aFailedPurchase(name)));
    expectOneOutcome(texts);
    expect(serversNamed(name)).toBe(1);
  });
});

/** Somebody's purchase that is well. */
async function anOrderId(): Promise<string> {
  someOrderId ??= (await clinic.sandbox.purchase({ email: 'hazel@example.net', serverName: 'Hazel' })).orderId;
  if (someOrderId === null) throw new Error('nothing was bought');
  return someOrderId;
}
let someOrderId: string | null = null;

test('while everything outside hangs, both hear within a second that it takes longer, and the truth within the deadline', async () => {
  const { sandbox } = clinic;
  const { people, channels } = workspace;
  const orderId = await anOrderId();
  const ends = [sandbox.supabase, sandbox.stripe, sandbox.panel].map(({ faults }) =>
    faults.inject(/./, { kind: 'hang' }),
  );
  try {
    const startedAt = performance.now();
    const asked = server.people.sid.slash('server-status', { who: orderId }, server.channels.lounge, {
      until: 'answered',
    });
    const typed = people.sid.slash('/server-status', orderId, channels.lounge);
    await Promise.all([
      seesInDiscord(server.people.sid, /Looking at the payment/, server.channels.lounge, 1000),
      people.sid.sees('Looking at the payment', channels.lounge, 1000),
    ]);
    expect((await asked).firstAnswerMs).toBeLessThan(1000);
    expect((await typed).ackMs).toBeLessThan(1000);
    await Promise.all([
      seesInDiscord(server.people.sid, /Not known/, server.channels.lounge, 3500),
      people.sid.sees('Not known', channels.lounge, 3500),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(3500);
  } finally {
    for (const end of ends) end();
  }
});

test('buttons of an earlier version are answered with a sentence, to the one who pressed', async () => {
  const { people, channels, slack: platform } = workspace;
  const old = server.channels.support.postAsBot({
    content: 'An order',
    components: [{ type: 1, components: [{ type: 2, style: 1, label: 'Fix it', custom_id: 'fix|v0|4711' }] }],
  });
  const pressed = await server.people.sam.press(old, 'Fix it');
  expect(pressed).toMatchObject({ isEphemeral: true, hasFailed: false });
  expect(pressed.message?.text).toContain('This button is too old');
  const button = { type: 'button', action_id: 'fix_v0', text: { type: 'plain_text', text: 'Fix it' }, value: '4711' };
  const place = { channelId: channels.support.id, userId: platform.botUserId, kind: 'app' } as const;
  addMessage(platform.state, place, { text: 'An old order', blocks: [{ type: 'actions', elements: [button] }] });
  await people.sam.press(await people.sam.sees('Fix it', channels.support), 'Fix it');
  const told = await people.sam.sees('This button is too old', channels.support);
  expect(told.isEphemeral).toBe(true);
});

/** One thing that goes wrong once between the program and Discord. */
const discordTroubles: readonly (readonly [name: string, fault: () => void])[] = [
  ['the gateway drops', () => server.discord.gateway.drop()],
  ['the gateway asks to reconnect', () => server.discord.gateway.askToReconnect()],
  ['the session is invalid, and can be resumed', () => server.discord.gateway.invalidate(true)],
  ['the acknowledgement is processed and the connection reset', () => failOnce(/\/callback/, { kind: 'reset-after' })],
  ['the acknowledgement meets a 503', () => failOnce(/\/callback/, { kind: 'status', status: 503 })],
  ['the post is processed and the connection reset', () => failOnce(posting, { kind: 'reset-after' })],
  ['the post meets a 503', () => failOnce(posting, { kind: 'status', status: 503 })],
  ['the post is processed and answered with a 502', () => failOnce(posting, { kind: 'status-after', status: 502 })],
  ['the post meets a 429', () => failOnce(posting, tooMany)],
  ['the last word is processed and the connection reset', () => failOnce(/^DELETE /, { kind: 'reset-after' })],
];
const posting = /^POST \/api\/v10\/channels\/\d+\/messages/;
const tooMany = {
  kind: 'status',
  status: 429,
  headers: { 'retry-after': '1' },
  body: { message: 'You are being rate limited.', retry_after: 0.3, global: false },
} as const;

function failOnce(match: RegExp, fault: Fault): void {
  server.discord.faults.next(match, fault);
}

describe('on Discord a command is answered once, and posted once,', () => {
  test.each(discordTroubles)('when %s', async (_name, cause) => {
    const { sam } = server.people;
    const { support } = server.channels;
    const before = new Set(sam.visibleMessages(support).map(({ id }) => id));
    cause();
    const asked = await sam.slash('server-status', { who: await anOrderId() }, support, { until: 'answered' });
    expect(asked.hasFailed).toBe(false);
    const answers = () => sam.visibleMessages(support).filter(({ id, isLoading }) => !before.has(id) && !isLoading);
    await server.discord.until(() => answers().some(({ isEphemeral }) => !isEphemeral), 8000);
    await discordIsQuiet();
    expect(answers().filter(({ isEphemeral }) => !isEphemeral)).toHaveLength(1);
  });

  test('after the gateway dropped and the session was gone; what was lost meanwhile is told by Discord', async () => {
    const { sam } = server.people;
    const { support } = server.channels;
    const identified = server.discord.gateway.identifies;
    server.discord.gateway.setDown(true);
    server.discord.gateway.drop();
    server.discord.gateway.forgetSessions();
    const lost = await sam.slash('server-status', { who: await anOrderId() }, support, { until: 'sent' });
    server.discord.gateway.setDown(false);
    await server.discord.until(() => server.discord.gateway.identifies > identified, 15_000);
    await server.discord.until(() => discord.isConnected(), 5000);
    server.discord.travel(3001);
    expect(lost.hasFailed).toBe(true);
    const before = support.messages().length;
    await sam.slash('server-status', { who: await anOrderId() }, support, { until: 'answered' });
    await support.until((messages) => messages.length > before);
    await discordIsQuiet();
    expect(support.messages()).toHaveLength(before + 1);
  });
});

async function discordIsQuiet(): Promise<void> {
  await desk.idle();
  await sleep(150);
}

const slackTroubles: readonly (readonly [name: string, fault: () => void])[] = [
  ['a socket is refreshed', () => workspace.slack.sockets.refresh()],
  ['the post is processed and the connection reset', () => failSlackOnce({ kind: 'reset-after' })],
  ['the post meets a 503', () => failSlackOnce({ kind: 'status', status: 503 })],
  ['the post meets a 429', () => failSlackOnce({ kind: 'status', status: 429, headers: { 'retry-after': '1' } })],
  ['the post is processed and answered with a 502', () => failSlackOnce({ kind: 'status-after', status: 502 })],
  ['a socket is about to be closed', () => workspace.slack.sockets.warn()],
];

function failSlackOnce(fault: Fault): void {
  workspace.slack.failMethod('chat.postMessage', fault, 1);
}

describe('on Slack a command is answered, and posted at most once,', () => {
  test.each(slackTroubles)('when %s', async (_name, cause) => {
    const { sid } = workspace.people;
    const { support } = workspace.channels;
    const before = new Set(sid.visibleMessages(support).map(({ ts }) => ts));
    await workspace.slack.sockets.connected(2);
    cause();
    // What Slack hands to a socket that it closes in the same moment is lost, which it tells the person.
    await sleep(20);
    const asked = await sid.slash('/server-status', await anOrderId(), support);
    expect(asked.failure).toBeNull();
    const isAnswer = ({ ts, reads, isCommand }: SeenInSlack): boolean =>
      !before.has(ts) && !isCommand && !reads.startsWith('Looking');
    await sid.sees(isAnswer, support, 8000);
    await desk.idle();
    await sleep(150);
    const posted = sid.visibleMessages(support).filter((message) => isAnswer(message) && !message.isEphemeral);
    expect(posted.length).toBeLessThanOrEqual(1);
  });

  test('after all sockets were cut; what was typed meanwhile is told by Slack', async () => {
    const { sid } = workspace.people;
    const { support } = workspace.channels;
    workspace.slack.sockets.drop();
    const lost = await sid.slash('/server-status', await anOrderId(), support);
    expect(lost.failure).toBe('dispatch_failed');
    await workspace.slack.sockets.connected(2, 15_000);
    const asked = await sid.slash('/server-status', await anOrderId(), support);
    expect(asked.failure).toBeNull();
  });
});

describe('two programs on one database, one for each chat,', () => {
  let postgres: PrivatePostgres;
  const stores: OpenStore[] = [];
  const desks: FrontDesk[] = [];

  beforeAll(async () => {
    [postgres] = await Promise.all([startPostgres(), slack.stop(), discord.stop()]);
    const databaseUrl = await postgres.createDatabase();
    for (let count = 0; count < 2; count += 1) {
      const opened = await openStore({ databaseUrl, dataDir: 'never-made' });
      if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
      stores.push(opened.value);
      desks.push(openDesk(opened.value));
    }
  });
  afterAll(async () => {
    await Promise.all([slack.stop(), discord.stop()]);
    await Promise.all(desks.map((one) => one.idle()));
    for (const one of stores) await one.close();
    await postgres.stop();
  });

  test('say of the buttons of another database that they are too old, and make one server when both are pressed', async () => {
    const { people, channels } = workspace;
    const older = {
      inDiscord: await seesInDiscord(server.people.sam, /./, server.channels.support),
      inSlack: await people.sam.sees(
        ({ reads, isEphemeral }) => /Re-check/.test(reads) && !isEphemeral,
        channels.support,
      ),
    };
    const [first, second] = desks;
    if (first === undefined || second === undefined) throw new Error('two desks were opened');
    [slack, discord] = await Promise.all([runSlack(workspace, { desk: second, note }), runDiscord(first)]);
    const told = await server.people.sam.press(older.inDiscord, 'Re-check');
    expect(told.followUps[0]?.text).toContain('This button is too old');
    await people.ada.press(older.inSlack, 'Re-check');
    await people.ada.sees('This button is too old', channels.support);

    for (const name of ['Fir', 'Gorse']) {
      expectOneOutcome(await retryOnBoth(await askOnBoth(await aFailedPurchase(name))));
      expect(serversNamed(name)).toBe(1);
    }
  });
});
