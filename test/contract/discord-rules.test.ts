import { afterEach, describe, expect, test } from 'vitest';
import { type ChatAdapter, ChatRefused } from '../../src/core/chat.ts';
import type { Member, Place, SeenMessage } from '../platforms/discord/index.ts';
import { type ChatDesk, createChatDesk, customer } from '../support/chat-desk.ts';
import { type DiscordServer, openServer, prepareDiscord, type PrepareOptions } from '../support/discord-surface.ts';

interface Stage extends DiscordServer {
  readonly desk: ChatDesk;
  readonly lines: string[];
  readonly lost: string[];
  /** Another process over the same desk. */
  prepare(options?: Partial<PrepareOptions>): ChatAdapter;
  start(options?: Partial<PrepareOptions>): Promise<ChatAdapter>;
}

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function openStage(settings: Parameters<typeof openServer>[0] = {}): Promise<Stage> {
  const server = await openServer(settings);
  ends.push(() => server.discord.stop());
  const desk = createChatDesk();
  const lines: string[] = [];
  const lost: string[] = [];
  const prepare = (options: Partial<PrepareOptions> = {}): ChatAdapter => {
    const adapter = prepareDiscord(server, {
      desk,
      note: (line) => lines.push(line),
      lost: (reason) => lost.push(reason),
      ...options,
    });
    ends.push(() => adapter.stop());
    return adapter;
  };
  return {
    ...server,
    desk,
    lines,
    lost,
    prepare,
    async start(options) {
      const adapter = prepare(options);
      await adapter.start();
      return adapter;
    },
  };
}

const ask = (person: Member, where: Place) => person.slash('server-status', { who: customer }, where);

/** The one message of the bot that everybody sees there. */
async function theCard({ channels, people }: Stage, person: Member = people.sam, place: Place = channels.support) {
  await ask(person, place);
  const [card] = await place.until((messages) => messages.length === 1);
  if (card === undefined) throw new Error('There is no card.');
  return card;
}

function privateTexts({ discord }: Stage, person: Member, where: Place): readonly string[] {
  return person
    .visibleMessages(where)
    .filter(({ isEphemeral, authorId }) => isEphemeral && authorId === discord.applicationId)
    .map(({ text }) => text);
}

async function privately(stage: Stage, person: Member, where: Place, words: string): Promise<SeenMessage> {
  const find = () => person.visibleMessages(where).find(({ isEphemeral, text }) => isEphemeral && text.includes(words));
  await stage.discord.until(() => find() !== undefined);
  const found = find();
  if (found === undefined) throw new Error('It is gone.');
  return found;
}

const callbacks = /^POST .*\/callback/;

describe('the commands', () => {
  test('are registered once, in the one server, and again only when they change', async () => {
    const stage = await openStage();
    const puts = () => stage.discord.requests.filter(({ method }) => method === 'PUT');
    await stage.start();
    await stage.start();
    expect(puts()).toHaveLength(1);
    expect(stage.discord.commands.map(({ name, guildId }) => [name, guildId])).toEqual([
      ['server-status', stage.guild.id],
      ['pterodoc', stage.guild.id],
    ]);
    const changed = { ...stage.desk, commands: stage.desk.commands.slice(1) };
    await stage.start({ desk: changed });
    expect(puts()).toHaveLength(2);
    expect(stage.discord.commands.map(({ name }) => name)).toEqual(['pterodoc']);
  });

  test('reach the desk by their parts, with what was given', async () => {
    const stage = await openStage();
    await stage.start();
    await stage.people.sam.slash('pterodoc orders', { status: 'error' }, stage.channels.lounge);
    await stage.people.sam.slash('pterodoc help', {}, stage.channels.lounge);
    expect(stage.desk.calls.map(({ command, input }) => [command, input])).toEqual([
      ['pterodoc orders', { status: 'error' }],
      ['pterodoc help', {}],
    ]);
  });

  test('are tried again later while Discord is broken, and the bot is connected all the same', async () => {
    const stage = await openStage();
    stage.discord.faults.inject(/\/commands/, { kind: 'status', status: 503 });
    const adapter = await stage.start();
    expect(adapter.isConnected()).toBe(true);
    expect(stage.lines.join()).toContain('could not be registered');
  });
});

describe('where it is asked decides who sees the answer:', () => {
  test('a channel of a configured category, and a thread of it, are staff’s own', async () => {
    const stage = await openStage();
    await stage.start();
    const { channels, guild, people } = stage;
    const thread = guild.thread('a case', channels.inDesk);
    await theCard(stage, people.sam, channels.inDesk);
    await theCard(stage, people.sam, thread);
    expect(stage.desk.calls.map(({ place }) => place)).toEqual(['staff', 'staff']);
  });

  test('a support channel that everybody can read is not', async () => {
    const stage = await openStage();
    await stage.start();
    const asked = await ask(stage.people.sam, stage.channels.open);
    expect(asked.isEphemeral).toBe(true);
    expect(stage.channels.open.messages()).toEqual([]);
    expect(stage.desk.calls).toMatchObject([{ place: 'private' }]);
    expect(stage.lines.join()).toContain(`Everybody can read the support channel ${stage.channels.open.id}`);
  });

  test('a card stays as it is once its channel is open to all, and whoever presses is answered alone', async () => {
    const stage = await openStage();
    await stage.start();
    const { channels, guild, people } = stage;
    const card = await theCard(stage);
    channels.support.overwrite(guild.id, { allow: ['viewChannel'] });
    await people.sam.press(card, 'Retry provisioning', { until: 'answered' });
    const outcome = await privately(stage, people.sam, channels.support, 'Applied by');
    expect(outcome.text).toContain(customer);
    expect(channels.support.messages().map(({ text }) => text)).toEqual([card.text]);
    expect(stage.desk.presses).toMatchObject([{ place: 'private' }]);
  });

  test('the person alone, where the bot may not write', async () => {
    const stage = await openStage();
    await stage.start();
    const { channels, guild, people, discord } = stage;
    channels.support.overwrite(guild.id, { deny: ['viewChannel', 'sendMessages'] });
    const asked = await ask(people.sam, channels.support);
    expect(asked.isEphemeral).toBe(true);
    expect(asked.message?.text).toContain('CAP-002');
    expect(asked.message?.text).not.toContain(customer);
    expect(discord.invalidRequests()).toBe(1);
  });

  test('nobody in another server, whatever role has the same name there', async () => {
    const stage = await openStage();
    const other = stage.discord.guild({ name: 'Elsewhere' });
    const stranger = other.member('stranger', other.role('support'));
    const place = other.channel('general');
    // The commands are there because the bot was configured for that server once.
    await (await stage.start({ guildId: other.id })).stop();
    await stage.start();
    const asked = await ask(stranger, place);
    expect(asked).toMatchObject({ kind: 'message', isEphemeral: true });
    expect(asked.message?.text).toContain('You may not use this here');
    const posted = place.postAsBot({
      content: 'A card of that time',
      components: [{ type: 1, components: [{ type: 2, style: 1, label: 'Retry', custom_id: 'press:0:offer-retry' }] }],
    });
    await stranger.press(posted, 'Retry');
    expect(stage.desk.calls).toEqual([]);
    expect(stage.desk.presses).toEqual([]);
  });
});

describe('a first answer', () => {
  test.each([
    ['was processed, and its answer lost', 'reset-after'],
    ['was cut off', 'reset'],
  ] as const)('that %s, is made again, and the command goes on', async (_, kind) => {
    const stage = await openStage();
    await stage.start();
    stage.discord.faults.next(callbacks, { kind });
    await theCard(stage);
    expect(stage.desk.calls).toHaveLength(1);
  });

  test('that hangs is made again in time', async () => {
    const stage = await openStage();
    await stage.start();
    stage.discord.faults.next(callbacks, { kind: 'hang' });
    const asked = await ask(stage.people.sam, stage.channels.lounge);
    expect(asked.hasFailed).toBe(false);
    expect(asked.firstAnswerMs).toBeLessThan(2000);
  });

  test('that nobody ever answers leaves a press undone, and a command answered all the same', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    stage.discord.faults.inject(callbacks, { kind: 'delay-after', ms: 30_000 });
    const pressed = stage.people.sam.press(card, 'Retry provisioning', { until: 'sent' });
    const asked = stage.people.sid.slash('server-status', { who: customer }, stage.channels.lounge);
    expect((await asked).message?.text).toContain('CAP-002');
    await pressed;
    await privately(stage, stage.people.sam, stage.channels.support, 'Press again');
    expect(stage.desk.deeds.size).toBe(0);
  });

  test('that comes too late ends it: nothing is looked up, nothing done', async () => {
    const stage = await openStage();
    await stage.start();
    const asked = await stage.people.sam.slash('server-status', { who: customer }, stage.channels.support, {
      ageMs: 4000,
    });
    expect(asked.hasFailed).toBe(true);
    await stage.people.sam.slash('server-status', { who: customer }, stage.channels.support, { ageMs: 120_000 });
    await stage.discord.until(() => stage.lines.filter((line) => line.includes('too late')).length === 2);
    expect(stage.desk.calls).toEqual([]);
    expect(stage.discord.requests.filter(({ path }) => path.includes('callback'))).toHaveLength(1);
  });

  test('decides which of two processes goes on with a command', async () => {
    const stage = await openStage();
    await stage.start();
    await stage.start();
    const card = await theCard(stage);
    expect(stage.desk.calls).toHaveLength(1);
    await stage.people.olga.press(card, 'Retry provisioning');
    await stage.channels.support.until(([message]) => message?.text.includes('Applied by') === true);
    expect(stage.desk.presses).toHaveLength(1);
    expect(stage.channels.support.messages()).toHaveLength(1);
  });
});

describe('after a quarter of an hour', () => {
  test('an outcome still reaches the message that everybody sees', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    stage.desk.slowBy(150);
    await stage.people.olga.press(card, 'Retry provisioning', { until: 'answered' });
    stage.discord.travel(16 * 60_000);
    await stage.channels.support.until(([message]) => message?.text.includes('Applied by') === true);
  });

  test('a private answer that cannot be shown any more is asked for again by a message to the person', async () => {
    const stage = await openStage();
    await stage.start();
    const { people, channels, discord, desk } = stage;
    desk.slowBy(150);
    await people.sam.slash('server-status', { who: customer }, channels.lounge, { until: 'answered' });
    discord.travel(16 * 60_000);
    const [told] = await people.sam.dms.until((messages) => messages.length === 1);
    expect(told?.text).toContain('Ask again');
    expect(told?.text).not.toContain('CAP-002');
  });

  test('an old message shows the outcome, and no steps', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    stage.discord.travel(2 * 60 * 60_000);
    await stage.people.olga.press(card, 'Retry provisioning', { until: 'answered' });
    const [message] = await stage.channels.support.until(([first]) => first?.text.includes('Applied by') === true);
    expect(message?.history).toHaveLength(1);
  });
});

describe('a button', () => {
  test('of another version is answered with a sentence', async () => {
    const stage = await openStage();
    await stage.start();
    const posted = stage.channels.support.postAsBot({
      content: 'An old card',
      components: [{ type: 1, components: [{ type: 2, style: 1, label: 'Retry', custom_id: 'retry|42' }] }],
    });
    const pressed = await stage.people.sam.press(posted, 'Retry');
    expect(pressed).toMatchObject({ kind: 'message', isEphemeral: true });
    expect(pressed.message?.text).toContain('This button is too old');
    expect(stage.desk.presses).toEqual([]);
  });

  test('leads on from a card that shows an action under way, should the program end there', async () => {
    const stage = await openStage();
    const first = await stage.start();
    const card = await theCard(stage);
    stage.discord.faults.inject(/^PATCH /, { kind: 'delay', ms: 60 });
    await stage.people.olga.press(card, 'Retry provisioning', { until: 'answered' });
    const [step] = await stage.channels.support.until(([message]) => message?.text.includes('is under way') === true);
    expect(step?.buttons.map(({ label }) => label)).toEqual(['Re-check', 'Redeliver webhook', 'Link server']);
    await first.stop();
    await stage.start();
    await stage.people.sid.press(step ?? null, 'Re-check', { until: 'answered' });
    await stage.channels.support.until(([message]) => message?.text.includes('Looked again for sid') === true);
  });

  test('that was answered with a question does nothing when that is cancelled', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    await stage.people.olga.press(card, 'Reinstall server', { until: 'answered' });
    const question = await privately(stage, stage.people.olga, stage.channels.support, 'cannot be undone');
    await stage.people.olga.press(question, 'Cancel');
    expect(privateTexts(stage, stage.people.olga, stage.channels.support)).toEqual(['Nothing was done.']);
    expect(stage.desk.deeds.size).toBe(0);
    expect(stage.channels.support.messages().map(({ text }) => text)).toEqual([card.text]);
  });

  test('shows its outcome to the one who answered the question, where the card has been deleted', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    await stage.people.olga.press(card, 'Reinstall server', { until: 'answered' });
    const question = await privately(stage, stage.people.olga, stage.channels.support, 'cannot be undone');
    for (const message of stage.channels.support.channel.messages) if (message.id === card.id) message.isDeleted = true;
    await stage.people.olga.press(question, 'Reinstall server', { until: 'answered' });
    await privately(stage, stage.people.olga, stage.channels.support, 'Applied by');
  });

  test('leaves nothing of a question behind once everybody sees the outcome', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    await stage.people.ada.press(card, 'Vouch', { until: 'answered' });
    const question = await privately(stage, stage.people.ada, stage.channels.support, 'Why?');
    const opened = await stage.people.ada.press(question, 'Vouch', { until: 'answered' });
    expect(opened.modal).toMatchObject({ title: 'Vouch', components: [{ label: 'Why?' }] });
    await stage.people.ada.submitModal(opened, { reason: 'A gift' }, { until: 'answered' });
    await stage.channels.support.until(([message]) => message?.text.includes('A gift') === true);
    await stage.discord.until(() => privateTexts(stage, stage.people.ada, stage.channels.support).length === 0);
  });
});

describe('the connection', () => {
  test.each([
    [4004, 'DISCORD_TOKEN'],
    [4014, 'does not give the bot the events'],
  ])('that is closed with %i at the start is refused with a sentence', async (code, words) => {
    const stage = await openStage();
    stage.discord.gateway.refuseNext(code);
    const refused = stage.prepare().start();
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toBeInstanceOf(ChatRefused);
  });

  test('with a wrong token is refused before the gateway is asked', async () => {
    const stage = await openStage();
    await expect(stage.prepare({ token: 'not.the.one' }).start()).rejects.toThrow('DISCORD_TOKEN');
    expect(stage.discord.gateway.identifies).toBe(0);
  });

  test('without the configured server is refused, and says which', async () => {
    const stage = await openStage();
    await expect(stage.prepare({ guildId: '1234' }).start()).rejects.toThrow('The bot is not in the server 1234');
  });

  test('that is lost for good later is reported', async () => {
    const stage = await openStage();
    const adapter = await stage.start();
    stage.discord.gateway.refuseNext(4004);
    stage.discord.gateway.drop(4000);
    await stage.discord.until(() => stage.lost.length > 0);
    expect(stage.lost.join()).toContain('DISCORD_TOKEN');
    expect(adapter.isConnected()).toBe(false);
  });

  test('is tried again while Discord cannot be reached', async () => {
    const stage = await openStage();
    stage.discord.faults.next(/^GET .*\/gateway\/bot/, { kind: 'status', status: 503 });
    const adapter = await stage.start();
    expect(adapter.isConnected()).toBe(true);
    expect(stage.lines.join()).toContain('cannot be reached');
  });

  test('is waited for while the gateway is down, and waiting can be ended', async () => {
    const stage = await openStage();
    stage.discord.gateway.setDown(true);
    const adapter = stage.prepare();
    const given = stage.prepare();
    const started = [adapter.start(), given.start()];
    await stage.discord.until(() => stage.discord.requests.filter(({ path }) => path === '/gateway/bot').length === 2);
    await given.stop();
    await started[1];
    expect([adapter.isConnected(), given.isConnected()]).toEqual([false, false]);
    stage.discord.gateway.setDown(false);
    await started[0];
    expect(adapter.isConnected()).toBe(true);
  });

  test('that drops is restored, and what was asked meanwhile is answered', async () => {
    const stage = await openStage();
    const adapter = await stage.start();
    stage.discord.gateway.drop();
    const asked = stage.people.sam.slash('server-status', { who: customer }, stage.channels.support);
    await stage.discord.until(() => !adapter.isConnected());
    expect((await asked).hasFailed).toBe(false);
    await stage.channels.support.until((messages) => messages.length === 1);
    expect(adapter.isConnected()).toBe(true);
    expect(stage.desk.calls).toHaveLength(1);
  });

  test('in the middle of an action takes nothing from the outcome', async () => {
    const stage = await openStage();
    await stage.start();
    const card = await theCard(stage);
    stage.desk.slowBy(100);
    await stage.people.olga.press(card, 'Retry provisioning', { until: 'answered' });
    stage.discord.gateway.drop();
    stage.discord.gateway.forgetSessions();
    await stage.channels.support.until(([message]) => message?.text.includes('Applied by') === true);
    expect(stage.desk.deeds.get('offer-retry')).toBe(1);
  });

  test('that is being ended says so to whoever asks', async () => {
    const stage = await openStage();
    const adapter = await stage.start();
    stage.desk.slowBy(300);
    const running = ask(stage.people.sam, stage.channels.lounge);
    await stage.discord.until(() => stage.desk.calls.length === 1);
    const stopped = adapter.stop();
    const late = await ask(stage.people.sid, stage.channels.lounge);
    expect(late.message?.text).toContain('The bot restarts');
    await stopped;
    expect((await running).message?.text).toContain('CAP-002');
    expect(stage.discord.gateway.closes.at(-1)).toEqual({ by: 'client', code: 1000 });
  });
});

test('a limit on changing messages drops steps, never the outcome', async () => {
  const stage = await openStage();
  await stage.start();
  const card = await theCard(stage);
  stage.discord.faults.next(/^PATCH /, {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '0.3', 'x-ratelimit-scope': 'user' },
  });
  await stage.people.olga.press(card, 'Retry provisioning', { until: 'answered' });
  await stage.channels.support.until(([message]) => message?.text.includes('Applied by') === true);
});
