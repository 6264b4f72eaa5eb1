import type { Exchange, Member, Place, SeenMessage } from '../platforms/discord/index.ts';
import { createChatDesk } from '../support/chat-desk.ts';
import { readDiscordMarkdown } from '../support/discord-markdown.ts';
import { type DiscordServer, openServer, prepareDiscord } from '../support/discord-surface.ts';
import {
  type ChatPerson,
  type ChatStage,
  describeChat,
  type Reaction,
  type Room,
  type SeenCard,
} from './chat-adapter.suite.ts';

interface SeenInDiscord extends SeenCard {
  readonly message: SeenMessage;
}

function seen(message: SeenMessage): SeenInDiscord {
  const texts = message.text.split('\n').map((line) => readDiscordMarkdown(line).words);
  const options = message.selects.flatMap(({ options }) => options.map(({ label }) => label));
  const reads = [...texts, ...options, ...message.buttons.map(({ label }) => label)].join('\n');
  return { reads, isPrivate: message.isEphemeral, message };
}

function messageOf(card: SeenCard): SeenMessage {
  return (card as SeenInDiscord).message;
}

function reactionOf({ firstAnswerMs }: Exchange): Reaction {
  return { ackMs: firstAnswerMs };
}

function personIn({ discord, channels }: DiscordServer, member: Member): ChatPerson {
  const placeOf = (room: Room): Place => (room === 'alone' ? member.dms : channels[room]);
  const screen = (room: Room): readonly SeenInDiscord[] =>
    member
      .visibleMessages(placeOf(room))
      .filter(({ authorId, isLoading }) => authorId === discord.applicationId && !isLoading)
      .map(seen);
  const sees = async (words: string | RegExp, room: Room, withinMs?: number): Promise<SeenInDiscord> => {
    const find = () =>
      screen(room).find(({ reads }) => (typeof words === 'string' ? reads.includes(words) : words.test(reads)));
    await discord
      .until(() => find() !== undefined, withinMs)
      .catch((error: unknown) => {
        throw new Error(
          `${member.name} does not see ${words} but ${JSON.stringify(screen(room).map(({ reads }) => reads))}`,
          { cause: error },
        );
      });
    const found = find();
    if (found === undefined) throw new Error(`${member.name} no longer sees ${words}.`);
    return found;
  };
  let question: SeenInDiscord | null = null;
  return {
    name: member.name,
    async ask(who, room) {
      return reactionOf(await member.slash('server-status', { who }, placeOf(room), { until: 'answered' }));
    },
    sees,
    screen,
    async press(on, button) {
      return reactionOf(await member.press(messageOf(on), button, { until: 'answered' }));
    },
    async choose(on, option) {
      const [select] = messageOf(on).selects;
      const value = select?.options.find(({ label }) => label === option)?.value ?? '';
      return reactionOf(await member.choose(messageOf(on), select?.customId ?? '', [value], { until: 'answered' }));
    },
    async seesForm(words) {
      const rooms: readonly Room[] = ['support', 'lounge'];
      const isAsked = () => rooms.flatMap(screen).find(({ reads, isPrivate }) => isPrivate && reads.includes(words));
      await discord.until(() => isAsked() !== undefined);
      question = isAsked() ?? null;
      return question?.reads ?? '';
    },
    async answersForm(reason) {
      if (question === null) throw new Error(`${member.name} was asked nothing.`);
      const [confirm] = question.message.buttons;
      const pressed = await member.press(question.message, confirm?.customId ?? '', { until: 'answered' });
      if (reason === null) return reactionOf(pressed);
      return reactionOf(await member.submitModal(pressed, { reason }, { until: 'answered' }));
    },
  };
}

async function openStage(): Promise<ChatStage> {
  const desk = createChatDesk();
  const server = await openServer();
  const { discord, people, roles } = server;
  const lines: string[] = [];
  const run = async () => {
    const adapter = prepareDiscord(server, { desk, note: (line) => lines.push(line) });
    await adapter.start();
    return adapter;
  };
  let adapter = await run();
  // What another version had registered everywhere stays there, and is used in conversations of two.
  await fetch(`${discord.apiUrl}/v10/applications/${discord.applicationId}/commands`, {
    method: 'PUT',
    headers: {
      authorization: `Bot ${discord.token}`,
      'content-type': 'application/json',
      'user-agent': 'DiscordBot (https://example.com, 1)',
    },
    body: JSON.stringify([
      {
        name: 'server-status',
        description: 'Of another version',
        contexts: [1],
        options: [{ type: 3, name: 'who', description: 'Who', required: true }],
      },
    ]),
  });
  return {
    get adapter() {
      return adapter;
    },
    desk,
    people: {
      sam: personIn(server, people.sam),
      sid: personIn(server, people.sid),
      olga: personIn(server, people.olga),
      ada: personIn(server, people.ada),
      casey: personIn(server, people.casey),
    },
    dismiss({ name }) {
      const member = people[name as keyof typeof people];
      for (const role of Object.values(roles)) member.take(role);
      // Who has no role any more may still read along.
      member.give(roles.visitors);
    },
    hideRoles: null,
    loseAnswerToNextPost: () =>
      discord.faults.next(/^POST \/api\/v10\/channels\/\d+\/messages/, { kind: 'reset-after' }),
    failNextChanges: (times) =>
      discord.faults.next(/^PATCH .*\/(?:webhooks|channels)\//, { kind: 'status', status: 503 }, times),
    async restart() {
      await adapter.stop();
      adapter = await run();
    },
    mentions() {
      const all = [...Object.values(server.channels), ...Object.values(people).map(({ dms }) => dms)].flatMap(
        ({ channel }) => channel.messages,
      );
      return all.flatMap(({ pings, components }) => {
        const { mentions, links } = readDiscordMarkdown(JSON.stringify(components));
        const called = [...pings.users, ...pings.roles, ...(pings.everyone ? ['everyone'] : [])];
        return [...called, ...mentions, ...links];
      });
    },
    log: () => lines.join('\n'),
    async close() {
      await adapter.stop();
      await discord.stop();
    },
  };
}

describeChat('Discord', openStage, { canHideRoles: false });
