import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  type ClientOptions,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  Partials,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
  UserSelectMenuBuilder,
} from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Discord, type GuildDirector, type Member, type Place, startDiscord } from '../platforms/discord/index.ts';

let discord: Discord;
let guild: GuildDirector;
let channel: Place;
let ada: Member;
let bob: Member;
const clients: Client[] = [];

beforeEach(async () => {
  discord = await startDiscord();
  guild = discord.guild({ name: 'Acme' });
  channel = guild.channel('support');
  ada = guild.member('ada');
  bob = guild.member('bob');
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()));
  await discord.stop();
});

type Handler = (interaction: Interaction) => unknown;

function createClient(handle: Handler, options: Partial<ClientOptions>): Client {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    rest: { api: discord.apiUrl },
    waitGuildTimeout: 200,
    ...options,
  });
  clients.push(client);
  client.on(Events.Error, () => undefined);
  client.on(Events.InteractionCreate, (interaction) => void Promise.resolve(handle(interaction)));
  return client;
}

async function bot(handle: Handler = () => undefined, options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = createClient(handle, options);
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(discord.token);
  const logged = await ready;
  await logged.application.commands.set([serverStatus], guild.id);
  return logged;
}

const serverStatus = {
  name: 'server-status',
  description: 'Explain why a customer has no server',
  options: [{ type: 3, name: 'who', description: 'E-mail', required: true, autocomplete: true }],
};

const retryRow = () =>
  new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId('retry:1').setLabel('Retry provisioning').setStyle(ButtonStyle.Primary),
  );

const codeOf = async (attempt: Promise<unknown>): Promise<number | string> =>
  attempt.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof DiscordAPIError ? error.code : String(error)),
  );

describe('commands', () => {
  it('shows a deferral and the edit after it as the person sees them', async () => {
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply(`Nothing known about ${interaction.options.getString('who', true)}`);
    });
    const asked = await ada.slash('server-status', { who: 'eve@example.com' }, channel);
    expect(asked.kind).toBe('deferred-message');
    expect(asked.isEphemeral).toBe(true);
    expect(asked.firstAnswerMs).toBeLessThan(1000);
    expect(asked.message?.text).toBe('Nothing known about eve@example.com');
    expect(asked.message?.history[0]?.content).toBe('');
  });

  it('shows an ephemeral answer to nobody else, and keeps it out of the history', async () => {
    await bot((interaction) => interaction.isChatInputCommand() && interaction.reply({ content: 'secret', flags: 64 }));
    await ada.slash('server-status', { who: 'a' }, channel);
    expect(ada.visibleMessages(channel).map(({ text }) => text)).toEqual(['secret']);
    expect(bob.visibleMessages(channel)).toEqual([]);
    expect(channel.messages()).toEqual([]);
  });

  it('keeps the version of a command that is registered again unchanged', async () => {
    const client = await bot();
    const [first] = discord.commands;
    await client.application.commands.set([serverStatus], guild.id);
    expect(discord.commands[0]?.version).toBe(first?.version);
    await client.application.commands.set([{ ...serverStatus, description: 'Another' }], guild.id);
    expect(discord.commands[0]?.id).toBe(first?.id);
    expect(discord.commands[0]?.version).not.toBe(first?.version);
  });

  it('offers a command only where and to whom it is registered', async () => {
    const client = await bot();
    await client.application.commands.set([
      { name: 'my-server', description: 'Where is my server?', contexts: [1] },
      { name: 'audit', description: 'Who did what', contexts: [0], defaultMemberPermissions: '0' },
    ]);
    await expect(ada.slash('my-server', {}, channel)).rejects.toThrow('its contexts leave this place out');
    await expect(ada.slash('audit', {}, channel)).rejects.toThrow('default permissions');
    await expect(ada.slash('server-status', { who: 'a' }, ada.dms)).rejects.toThrow('belongs to a server');
    await expect(ada.slash('server-status', {}, channel)).rejects.toThrow('required');
  });

  it('completes an option', async () => {
    await bot((interaction) => interaction.isAutocomplete() && interaction.respond([{ name: 'Eve', value: 'eve' }]));
    const completed = await ada.complete('server-status', { who: 'e' }, 'who', channel);
    expect(completed.choices).toEqual([{ name: 'Eve', value: 'eve' }]);
  });

  it('carries roles and permissions of the moment', async () => {
    const support = guild.role('support');
    const seen: boolean[] = [];
    await bot((interaction) => {
      if (interaction.inCachedGuild()) seen.push(interaction.member.roles.cache.has(support.id));
      return interaction.isChatInputCommand() && interaction.reply('ok');
    });
    ada.give(support);
    await ada.slash('server-status', { who: 'a' }, channel);
    ada.take(support);
    await ada.slash('server-status', { who: 'a' }, channel);
    expect(seen).toEqual([true, false]);
  });
});

describe('components', () => {
  it('updates a message for everybody when a button is pressed', async () => {
    await bot((interaction) => {
      if (interaction.isChatInputCommand()) return interaction.reply({ content: 'Broken', components: [retryRow()] });
      return (
        interaction.isButton() &&
        interaction.update({ content: `Done by ${interaction.user.username}`, components: [] })
      );
    });
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    const pressed = await bob.press(asked.message, 'Retry provisioning');
    expect(pressed.kind).toBe('update');
    expect(ada.visibleMessages(channel).map(({ text }) => text)).toEqual(['Done by bob']);
    await expect(bob.press(asked.message, 'Retry provisioning')).rejects.toThrow('has no "Retry provisioning"');
  });

  it('edits the message of a button after a deferred update', async () => {
    await bot(async (interaction) => {
      if (!interaction.isButton()) return;
      await interaction.deferUpdate();
      await interaction.editReply({ content: 'Working' });
      await interaction.editReply({ content: 'Done', components: [] });
    });
    const posted = channel.postAsBot({ content: 'Broken', components: [retryRow().toJSON() as never] });
    const pressed = await ada.press(posted, 'retry:1');
    await pressed.until(({ edits }) => edits === 2);
    expect(channel.messages()[0]?.history.map(({ content }) => content)).toEqual(['Broken', 'Working']);
    expect(channel.messages()[0]?.text).toBe('Done');
  });

  it('chooses from a select, only what it offers', async () => {
    await bot(
      (interaction) =>
        interaction.isStringSelectMenu() && interaction.update({ content: interaction.values.join(), components: [] }),
    );
    const select = new StringSelectMenuBuilder()
      .setCustomId('entry')
      .addOptions({ label: 'First', value: '1' }, { label: 'Second', value: '2' });
    const row = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(select);
    const posted = channel.postAsBot({ content: 'Which?', components: [row.toJSON() as never] });
    await expect(ada.choose(posted, 'entry', ['3'])).rejects.toThrow('has no option');
    await ada.choose(posted, 'entry', ['2']);
    expect(channel.messages()[0]?.text).toBe('2');
  });

  it('tells the bot about the person who was picked', async () => {
    await bot(
      (interaction) =>
        interaction.isUserSelectMenu() &&
        interaction.update({ content: interaction.users.map(({ username }) => username).join(), components: [] }),
    );
    const row = new ActionRowBuilder<UserSelectMenuBuilder>().addComponents(
      new UserSelectMenuBuilder().setCustomId('assign').setPlaceholder('Assign to'),
    );
    const posted = channel.postAsBot({ content: 'Who?', components: [row.toJSON() as never] });
    await ada.choose(posted, 'Assign to', [bob.id]);
    expect(channel.messages()[0]?.text).toBe('bob');
  });

  it('opens a modal and takes what is written into it', async () => {
    await bot((interaction) => {
      if (interaction.isButton()) {
        const reason = new TextInputBuilder().setCustomId('reason').setStyle(TextInputStyle.Short).setMinLength(3);
        const label = new LabelBuilder().setLabel('Why?').setTextInputComponent(reason);
        return interaction.showModal(
          new ModalBuilder().setCustomId('vouch').setTitle('Vouch').addLabelComponents(label),
        );
      }
      if (!interaction.isModalSubmit() || !interaction.isFromMessage()) return undefined;
      return interaction.update({ content: interaction.fields.getTextInputValue('reason'), components: [] });
    });
    const posted = channel.postAsBot({ content: 'Vouch?', components: [retryRow().toJSON() as never] });
    const opened = await ada.press(posted, 'retry:1');
    expect(opened.modal?.title).toBe('Vouch');
    await expect(ada.submitModal(opened, { reason: 'x' })).rejects.toThrow('length is out of range');
    await expect(bob.submitModal(opened, { reason: 'a gift' })).rejects.toThrow('no such modal');
    await ada.submitModal(opened, { reason: 'a gift' });
    expect(channel.messages()[0]?.text).toBe('a gift');
  });
});

describe('the life of an interaction', () => {
  it('ends after the time for a first answer, and says so to the person', async () => {
    discord.settings.firstAnswerMs = 120;
    let refused: Promise<number | string> = Promise.resolve('not asked');
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
      refused = codeOf(interaction.deferReply());
    });
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    expect(asked.hasFailed).toBe(true);
    await discord.until(() => discord.requests.some(({ code }) => code === 10062));
    expect(await refused).toBe(10062);
  });

  it('takes one first answer only', async () => {
    let second: Promise<number | string> = Promise.resolve('not asked');
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      second = codeOf(
        interaction.client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
          body: { type: 5 },
        }),
      );
      await second;
      await interaction.editReply('ok');
    });
    await ada.slash('server-status', { who: 'a' }, channel);
    expect(await second).toBe(40060);
  });

  it('reaches every session, and the slower answer is refused', async () => {
    const outcomes: (number | string)[] = [];
    const handle: Handler = async (interaction) => {
      if (interaction.isChatInputCommand()) outcomes.push(await codeOf(interaction.reply('ok')));
    };
    await bot(handle);
    await bot(handle);
    await ada.slash('server-status', { who: 'a' }, channel);
    await discord.until(() => outcomes.length === 2);
    expect(outcomes.toSorted()).toEqual([40060, 'no refusal']);
    expect(channel.messages()).toHaveLength(1);
  });

  it('lets the token die after a quarter of an hour', async () => {
    let outcome: number | string = 'not asked';
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.reply('ok');
      discord.travel(15 * 60_000 + 1);
      outcome = await codeOf(interaction.editReply('late'));
    });
    await ada.slash('server-status', { who: 'a' }, channel);
    await discord.until(() => outcome !== 'not asked');
    expect(outcome).toBe(50027);
  });

  it('answers 40060 to the repeat of a callback whose answer was lost on the way', async () => {
    let outcome: number | string = 'not asked';
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      outcome = await codeOf(interaction.reply('ok'));
    });
    discord.faults.next(/POST .*\/callback/, { kind: 'reset-after' });
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    expect(asked.message?.text).toBe('ok');
    await discord.until(() => outcome !== 'not asked');
    expect(outcome).toBe(40060);
  });

  it('fills in the loading message by a follow-up right after a deferral', async () => {
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.followUp('first');
      await interaction.followUp('second');
    });
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    await asked.until(({ followUps }) => followUps.length === 1);
    expect(asked.message?.text).toBe('first');
    expect(asked.isEphemeral).toBe(true);
    expect(asked.followUps[0]?.isEphemeral).toBe(false);
  });

  it('counts whom the text that fills in a deferral notifies', async () => {
    await bot(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply(`<@${bob.id}> @everyone`);
    });
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    expect(asked.message?.pings).toEqual({ everyone: false, users: [bob.id], roles: [] });
  });

  it('keeps "thinking" until somebody edits', async () => {
    await bot((interaction) => interaction.isChatInputCommand() && interaction.deferReply());
    const asked = await ada.slash('server-status', { who: 'a' }, channel, { until: 'answered' });
    expect(asked.message?.isLoading).toBe(true);
    await expect(asked.settled(50)).rejects.toThrow('still "thinking"');
  });
});

describe('channel messages', () => {
  it('posts the same enforced nonce once', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    const message = { content: 'alert', nonce: 'incident-7', enforceNonce: true };
    const [first, second] = [await where.send(message), await where.send(message)];
    expect(second.id).toBe(first.id);
    expect(channel.messages()).toHaveLength(1);
  });

  it('posts twice without a nonce when the answer to the first was lost', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    discord.faults.next(/POST .*\/messages/, { kind: 'reset-after' });
    await where.send('alert');
    discord.faults.next(/POST .*\/messages/, { kind: 'reset-after' });
    await where.send({ content: 'with nonce', nonce: 'n', enforceNonce: true });
    expect(channel.messages().map(({ text }) => text)).toEqual(['alert', 'alert', 'with nonce']);
  });

  it('slows the library down by its rate limit', async () => {
    discord.rateLimits.set('POST /channels/:channel/messages', { limit: 2, windowMs: 300 });
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    const began = performance.now();
    await Promise.all(['1', '2', '3', '4', '5'].map((text) => where.send(text)));
    expect(performance.now() - began).toBeGreaterThan(550);
    expect(channel.messages().map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5']);
    expect(discord.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('makes the library wait for as long as a 429 says', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    discord.faults.next(/POST .*\/messages/, {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '0.3', 'x-ratelimit-scope': 'shared', via: '1.1 google' },
      body: { message: 'You are being rate limited.', retry_after: 0.3, global: false },
    });
    const began = performance.now();
    await where.send('alert');
    expect(performance.now() - began).toBeGreaterThan(290);
    expect(discord.invalidRequests()).toBe(0);
  });

  it('is repeated after a 502, and not after an orderly end of the connection', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    discord.faults.next(/POST .*\/messages/, { kind: 'status', status: 502 }, 2);
    await where.send('after two repeats');
    discord.faults.next(/POST .*\/messages/, { kind: 'cut' });
    await expect(where.send('lost')).rejects.toThrow('other side closed');
    expect(channel.messages().map(({ text }) => text)).toEqual(['after two repeats']);
    expect(discord.requests.flatMap(({ fault }) => fault ?? [])).toEqual(['status', 'status', 'cut']);
  });

  it('carries files, and shows them through components only', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    await where.send({
      flags: MessageFlags.IsComponentsV2,
      components: [{ type: 13, file: { url: 'attachment://report.txt' } }],
      files: [{ attachment: Buffer.from('all is well'), name: 'report.txt' }],
    });
    expect(channel.messages()[0]?.attachments).toEqual([{ filename: 'report.txt', text: 'all is well' }]);
  });

  it('ends with a ban after too many invalid requests', async () => {
    discord.settings.invalidRequestsMax = 3;
    const client = await bot(undefined);
    const silent = guild.channel('silent', { overwrites: { [guild.id]: { deny: ['sendMessages'] } } });
    const send = (): Promise<unknown> =>
      client.rest.post(`/channels/${silent.id}/messages`, { body: { content: 'x' } });
    expect([await codeOf(send()), await codeOf(send()), await codeOf(send())]).toEqual([50013, 50013, 50013]);
    const ask = await fetch(`${discord.apiUrl}/v10/gateway`);
    expect([ask.status, ask.headers.get('content-type')]).toEqual([429, 'text/html']);
  });

  it('is refused without the permissions of the channel', async () => {
    const client = await bot();
    const hidden = guild.channel('hidden', { overwrites: { [guild.id]: { deny: ['viewChannel'] } } });
    const silent = guild.channel('silent', { overwrites: { [guild.id]: { deny: ['sendMessages'] } } });
    const send = (place: Place): Promise<unknown> =>
      client.rest.post(`/channels/${place.id}/messages`, { body: { content: 'x' } });
    expect(await codeOf(send(hidden))).toBe(50001);
    expect(await codeOf(send(silent))).toBe(50013);
    channel.delete();
    expect(await codeOf(send(channel))).toBe(10003);
    expect(discord.invalidRequests()).toBe(2);
  });

  it('holds back edits of messages older than an hour', async () => {
    const client = await bot();
    const posted = channel.postAsBot({ content: 'alert' });
    discord.travel(61 * 60_000);
    const edit = (): Promise<Response> =>
      fetch(`${discord.apiUrl}/v10/channels/${channel.id}/messages/${posted.id}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bot ${client.token}`,
          'user-agent': 'DiscordBot (https://example.com, 1)',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ content: 'again' }),
      });
    const statuses = [await edit(), await edit(), await edit(), await edit()].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(discord.requests.at(-1)?.code).toBe(30046);
  });

  it('counts whom a text really notifies', async () => {
    const client = await bot(undefined, { allowedMentions: { parse: [] } });
    const role = guild.role('operators', { isMentionable: true });
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    const text = `<@${ada.id}> <@&${role.id}> @everyone`;
    await where.send(text);
    await where.send({ content: text, allowedMentions: { roles: [role.id] } });
    await client.rest.post(`/channels/${channel.id}/messages`, { body: { content: `${text} \`<@${bob.id}>\`` } });
    expect(channel.messages().map(({ pings }) => pings)).toEqual([
      { everyone: false, users: [], roles: [] },
      { everyone: false, users: [], roles: [role.id] },
      { everyone: false, users: [ada.id], roles: [role.id] },
    ]);
  });

  it('opens a thread on a message', async () => {
    const client = await bot();
    const where = await client.channels.fetch(channel.id);
    if (where?.isSendable() !== true) throw new Error('No channel.');
    const message = await where.send('alert');
    const thread = await message.startThread({ name: 'What to do' });
    await thread.send('first step');
    expect(
      discord
        .place(thread.id)
        .messages()
        .map(({ text }) => text),
    ).toEqual(['first step']);
    await thread.setLocked(true);
    expect(await codeOf(thread.send('too late'))).toBe(50083);
  });
});

describe('direct messages', () => {
  const listening = {
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel],
  };

  it('reach the bot with their text, and the answer reaches the person', async () => {
    const client = await bot(undefined, listening);
    client.on(Events.MessageCreate, (message) => {
      if (!message.author.bot) void message.reply(`You wrote ${message.content}`);
    });
    ada.dm('where is my server?');
    await ada.dms.until((messages) => messages.length === 2);
    expect(ada.dms.messages().at(-1)?.text).toBe('You wrote where is my server?');
  });

  it('are lost on the library without the partial channel', async () => {
    const client = await bot(undefined, { ...listening, partials: [] });
    const heard: string[] = [];
    client.on(Events.MessageCreate, ({ content }) => heard.push(content));
    ada.dm('hello?');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toEqual([]);
  });

  it('are lost on the library when Discord leaves the type of the channel out', async () => {
    discord.settings.sendsChannelType = false;
    const client = await bot(undefined, listening);
    const heard: string[] = [];
    client.on(Events.MessageCreate, ({ content }) => heard.push(content));
    ada.dm('hello?');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toEqual([]);
  });

  it('are refused by those who closed them, and by strangers', async () => {
    const client = await bot();
    const stranger = discord.person('eve');
    const friend = await client.users.fetch(ada.id);
    ada.closeDms();
    expect(await codeOf(friend.send('hello'))).toBe(50007);
    expect(await codeOf((await client.users.fetch(stranger.id)).send('hello'))).toBe(50278);
  });

  it('carry slash commands without a member', async () => {
    const seen: unknown[] = [];
    const client = await bot((interaction) => {
      seen.push(interaction.member, interaction.guildId, interaction.context);
      return interaction.isChatInputCommand() && interaction.reply('ok');
    });
    await client.application.commands.set([
      { name: 'my-server', description: 'Where is my server?', contexts: [0, 1] },
    ]);
    const asked = await ada.slash('my-server', {}, ada.dms);
    expect(asked.message?.text).toBe('ok');
    expect(seen).toEqual([null, null, 1]);
  });
});

describe('text in channels', () => {
  it('arrives empty unless the bot is mentioned', async () => {
    const client = await bot(undefined, { intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages] });
    const heard: string[] = [];
    client.on(Events.MessageCreate, ({ content }) => heard.push(content));
    ada.say('private talk', channel);
    ada.say(`<@${client.user.id}> help`, channel);
    await discord.until(() => heard.length === 2);
    expect(heard).toEqual(['', `<@${client.user.id}> help`]);
  });
});

describe('the gateway', () => {
  const answering: Handler = (interaction) => interaction.isChatInputCommand() && interaction.reply('ok');
  // The library waits 5 s between two IDENTIFYs, for Discord's sake.
  const unthrottled: Partial<ClientOptions> = {
    ws: { buildIdentifyThrottler: () => ({ waitForIdentify: () => Promise.resolve() }) },
  };
  const next = (client: Client, event: 'shardReady' | 'shardResume'): Promise<void> =>
    new Promise((resolve) => client.once(event, () => resolve()));

  it('resumes after a drop, and delivers what happened meanwhile', async () => {
    await bot(answering);
    discord.gateway.drop();
    const asked = await ada.slash('server-status', { who: 'a' }, channel);
    expect(asked.message?.text).toBe('ok');
    expect(discord.gateway.sessions.map(({ resumes }) => resumes)).toEqual([1]);
    expect(discord.gateway.identifies).toBe(1);
  });

  it('loses what happened meanwhile when the session is forgotten', async () => {
    discord.settings.firstAnswerMs = 400;
    const client = await bot(answering, unthrottled);
    const ready = next(client, 'shardReady');
    discord.gateway.drop();
    const asked = await ada.slash('server-status', { who: 'a' }, channel, { until: 'sent' });
    discord.gateway.forgetSessions();
    await ready;
    expect(discord.gateway.identifies).toBe(2);
    expect((await asked.settled()).hasFailed).toBe(true);
  });

  it('can ask to reconnect, and to begin anew', async () => {
    const client = await bot(answering, unthrottled);
    const resumed = next(client, 'shardResume');
    discord.gateway.askToReconnect();
    await resumed;
    const ready = next(client, 'shardReady');
    discord.gateway.invalidate(false);
    await ready;
    expect(discord.gateway.identifies).toBe(2);
    expect((await ada.slash('server-status', { who: 'a' }, channel)).message?.text).toBe('ok');
  });

  it('is left by the library when heartbeats find no answer', async () => {
    discord.settings.heartbeatMs = 150;
    const client = await bot(answering);
    const resumed = next(client, 'shardResume');
    discord.gateway.setHeartbeatAnswers(false);
    await discord.until(() => discord.gateway.closes.length > 0);
    discord.gateway.setHeartbeatAnswers(true);
    await resumed;
    expect(discord.gateway.closes[0]?.by).toBe('client');
    expect(discord.gateway.sessions[0]?.resumes).toBeGreaterThan(0);
  });

  it('ends the session of a client that says goodbye', async () => {
    const client = await bot();
    await client.destroy();
    await discord.until(() => discord.gateway.sessions.length === 0);
    expect(discord.gateway.closes.at(-1)).toEqual({ by: 'client', code: 1000 });
  });

  it('closes with 4014 for an intent that is not switched on, and the library stays away', async () => {
    const client = createClient(() => undefined, { intents: [GatewayIntentBits.MessageContent] });
    const ended = new Promise<number>((resolve) => client.once(Events.ShardDisconnect, ({ code }) => resolve(code)));
    const login = client.login(discord.token).catch((error: unknown) => String(error));
    expect(await Promise.race([ended, login])).toBe(4014);
    expect(discord.gateway.closes).toEqual([{ by: 'platform', code: 4014 }]);
    expect(discord.gateway.identifies).toBe(0);
  });

  it('closes with 4004 once the token was reset', async () => {
    const client = await bot();
    const ended = new Promise<number>((resolve) => client.once(Events.ShardDisconnect, ({ code }) => resolve(code)));
    discord.gateway.refuseNext(4004);
    discord.gateway.drop();
    expect(await ended).toBe(4004);
    expect(discord.gateway.identifies).toBe(1);
  });

  it('refuses a wrong token at the REST door', async () => {
    const client = createClient(() => undefined, {});
    await expect(client.login('wrong.token.here')).rejects.toThrow('An invalid token was provided.');
    expect(discord.requests.at(-1)?.status).toBe(401);
  });

  it('announces an unavailable server that never arrives', async () => {
    discord.guild({ name: 'Broken', isAvailable: false });
    const began = performance.now();
    await bot(answering, { waitGuildTimeout: 300 });
    expect(performance.now() - began).toBeGreaterThan(290);
    expect((await ada.slash('server-status', { who: 'a' }, channel)).message?.text).toBe('ok');
  });
});

describe('what the gateway expects of a connection', () => {
  const identify = (): { op: number; d: object } => ({
    op: 2,
    d: { token: discord.token, intents: 1, properties: {} },
  });
  const resume = (sessionId: string, seq: number): object => ({
    op: 6,
    d: { token: discord.token, session_id: sessionId, seq },
  });

  /** Sends all of this after HELLO, and tells how it ended: by a close code, or by what came last. */
  const outcomeOf = (messages: readonly unknown[], query = 'v=10&encoding=json'): Promise<number | string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${discord.gateway.url}/?${query}`);
      const received: string[] = [];
      socket.once('close', (code) => resolve(code));
      socket.on('message', (data) => {
        const { op, t } = JSON.parse(String(data)) as { op: number; t: string | null };
        if (op === 10) {
          for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
          return;
        }
        if (op === 11) return;
        received.push(t ?? `op ${op}`);
        if (received.length === 2 || op === 9) {
          resolve(received.join());
          socket.close();
        }
      });
    });

  it('greets who identifies', async () => {
    expect(await outcomeOf([identify()])).toBe('READY,GUILD_CREATE');
  });

  it('closes after heartbeats stay away', async () => {
    discord.settings.heartbeatMs = 100;
    expect(await outcomeOf([])).toBe(4009);
  });

  it('answers a second IDENTIFY within its interval by an invalid session', async () => {
    discord.settings.identifyEveryMs = 60_000;
    await outcomeOf([identify()]);
    expect(await outcomeOf([identify()])).toBe('op 9');
  });

  it('knows no session of that name', async () => {
    expect(await outcomeOf([resume('nobody', 1)])).toBe('op 9');
  });

  it('closes with the documented code for what it does not take', async () => {
    const one = identify();
    const withData = (data: object): object => ({ op: 2, d: { ...one.d, ...data } });
    await outcomeOf([one]);
    const [session] = discord.gateway.sessions;
    const table: readonly (readonly [readonly unknown[], number])[] = [
      [[{ op: 99 }], 4001],
      [['no json'], 4002],
      [[{ op: 3, d: {} }], 4003],
      [[withData({ token: 'wrong' })], 4004],
      [[resume(session?.id ?? '', 99)], 4007],
      [Array.from({ length: 121 }, () => ({ op: 1, d: null })), 4008],
      [[withData({ shard: [1, 1] })], 4010],
      [[withData({ intents: 1 << 30 })], 4013],
      [[withData({ intents: 1 << 1 })], 4014],
    ];
    const codes = await Promise.all(table.map(([messages]) => outcomeOf(messages)));
    expect(codes).toEqual(table.map(([, code]) => code));
    expect(await outcomeOf([], 'v=9&encoding=json')).toBe(4012);
    discord.enableIntents(1 << 1);
    expect(await outcomeOf([withData({ intents: (1 << 0) | (1 << 1) })])).toBe('READY,GUILD_CREATE');
  });
});
