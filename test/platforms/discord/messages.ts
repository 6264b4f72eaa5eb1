import { pingsOf } from './mentions.ts';
import { type Component, hasFlag, type MessageBody, messageFlag } from './message-body.ts';
import { refuseMessage } from './message-rules.ts';
import { isThread, may } from './permissions.ts';
import { refusal, refuseFaults } from './refusal.ts';
import {
  type Attachment,
  type Channel,
  channelType,
  type Interaction,
  type Message,
  type User,
  type World,
} from './state.ts';
import { channelWire, guildWire, memberWire, messageWire } from './wire.ts';

/** A file of a multipart request. */
export interface UploadedFile {
  readonly filename: string;
  readonly size: number;
  readonly text: string;
}

// https://docs.discord.com/developers/topics/gateway#list-of-intents
export const intent = {
  guilds: 1 << 0,
  guildMembers: 1 << 1,
  guildPresences: 1 << 8,
  guildMessages: 1 << 9,
  directMessages: 1 << 12,
  messageContent: 1 << 15,
} as const;

// https://docs.discord.com/developers/reference#uploading-files
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const FILES_MAX = 10;
// "in the past few minutes": https://docs.discord.com/developers/resources/message#create-message
const NONCE_HOLDS_MS = 5 * 60_000;
const settableFlags =
  messageFlag.suppressEmbeds | messageFlag.suppressNotifications | messageFlag.componentsV2 | messageFlag.ephemeral;

/** What a new message is made of besides its body. */
export interface MessageOrigin {
  readonly author: User;
  readonly files?: readonly UploadedFile[];
  readonly interaction?: Interaction | null;
  readonly onlyFor?: User | null;
  readonly extraFlags?: number;
}

/** Writes a message that was found to be in order; everyone who may see it learns of it. */
export function addMessage(world: World, channel: Channel, body: MessageBody, origin: MessageOrigin): Message {
  const { author, files = [], interaction = null, onlyFor = null, extraFlags = 0 } = origin;
  const content = {
    content: (body.content ?? '').trim(),
    embeds: body.embeds ?? [],
    components: numbered(body.components ?? []),
    flags: ((body.flags ?? 0) & settableFlags & ~messageFlag.ephemeral) | extraFlags,
  };
  const message: Message = {
    ...content,
    id: world.nextId(),
    channel,
    author,
    attachments: files.map((file) => attachmentOf(world, file)),
    createdAt: world.clock.now(),
    editedAt: null,
    isDeleted: false,
    nonce: body.nonce ?? null,
    replyTo: body.message_reference?.message_id ?? null,
    pings: pingsOf(world, channel, author, content, body.allowed_mentions, interaction !== null),
    onlyFor,
    interaction,
    history: [],
    thread: null,
  };
  channel.messages.push(message);
  if (channel.thread !== null && !channel.thread.isLocked) channel.thread.isArchived = false;
  announce(world, 'MESSAGE_CREATE', message);
  world.changed();
  return message;
}

/** Changes the fields the body names, keeps what was there before, and tells who may see it. */
export function editMessage(
  world: World,
  message: Message,
  body: MessageBody,
  files: readonly UploadedFile[] = [],
): void {
  message.history.push({
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    flags: message.flags,
    at: world.clock.now(),
  });
  if (body.content !== undefined) message.content = (body.content ?? '').trim();
  if (body.embeds !== undefined) message.embeds = body.embeds ?? [];
  if (body.components !== undefined) message.components = numbered(body.components ?? []);
  if (body.attachments !== undefined) {
    const kept = new Set((body.attachments ?? []).map(({ id }) => id));
    message.attachments = message.attachments.filter(({ id }) => kept.has(id));
  }
  message.attachments = [...message.attachments, ...files.map((file) => attachmentOf(world, file))];
  message.flags =
    (message.flags & ~messageFlag.loading) |
    ((body.flags ?? 0) & (messageFlag.componentsV2 | messageFlag.suppressEmbeds | messageFlag.suppressNotifications));
  // Discord notifies when a deferral is filled in, not at later edits; here any edit counts, to be on the strict side.
  const { channel, author, interaction } = message;
  message.pings = pingsOf(world, channel, author, message, body.allowed_mentions, interaction !== null);
  message.editedAt = world.clock.now();
  announce(world, 'MESSAGE_UPDATE', message);
  world.changed();
}

export function deleteMessage(world: World, message: Message): void {
  message.isDeleted = true;
  const { channel } = message;
  if (message.onlyFor === null) {
    world.dispatch({
      name: 'MESSAGE_DELETE',
      data: {
        id: message.id,
        channel_id: channel.id,
        ...(channel.guild === null ? {} : { guild_id: channel.guild.id }),
      },
      intents: channel.guild === null ? intent.directMessages : intent.guildMessages,
      guildId: channel.guild?.id ?? null,
    });
  }
  world.changed();
}

/** The message as anybody but its one reader is told about it. */
function announce(world: World, name: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', message: Message): void {
  if (message.onlyFor !== null) return;
  const { channel, author } = message;
  const member = channel.guild?.members.get(author.id);
  const { user: _, ...memberOnly } = member === undefined ? { user: null } : memberWire(member);
  if (channel.guild !== null && !may(world, channel, world.bot, 'viewChannel')) return;
  world.dispatch({
    name,
    data: {
      ...messageWire(world, message),
      ...(channel.guild === null ? {} : { guild_id: channel.guild.id, member: memberOnly }),
      ...(world.settings.sendsChannelType ? { channel_type: channel.type } : {}),
    },
    intents: channel.guild === null ? intent.directMessages : intent.guildMessages,
    isContentPrivileged:
      channel.guild !== null && author !== world.bot && !message.content.includes(`<@${world.bot.id}>`),
    guildId: channel.guild?.id ?? null,
  });
}

/** Throws what Discord refuses of uploads. */
export function refuseFiles(files: readonly UploadedFile[]): void {
  if (files.length > FILES_MAX) {
    refuseFaults([{ path: ['attachments'], code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 10 or fewer in length.' }]);
  }
  if (files.some(({ size }) => size > FILE_BYTES_MAX)) throw refusal('tooLarge');
}

/** The bot posts an ordinary message: permissions of the channel, rules of the body, nonce. */
export function postMessage(
  world: World,
  channel: Channel,
  body: MessageBody,
  files: readonly UploadedFile[],
): Message {
  refuseFiles(files);
  refuseMessage(
    body,
    files.map(({ filename }) => filename),
  );
  refusePosting(world, channel, body, files);
  const replyTo = body.message_reference?.message_id;
  if (replyTo !== undefined && findMessage(channel, replyTo) === null) {
    if (body.message_reference?.fail_if_not_exists !== false) {
      refuseFaults([{ path: ['message_reference'], code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }]);
    }
  }
  if (body.enforce_nonce === true && (body.nonce ?? null) !== null) {
    const earliest = world.clock.now() - NONCE_HOLDS_MS;
    const same = channel.messages.findLast(
      ({ nonce, author, createdAt }) =>
        author === world.bot && nonce !== null && String(nonce) === String(body.nonce) && createdAt >= earliest,
    );
    if (same !== undefined) return same;
  }
  return addMessage(world, channel, body, { author: world.bot, files });
}

function refusePosting(world: World, channel: Channel, body: MessageBody, files: readonly UploadedFile[]): void {
  const { bot } = world;
  if (channel.guild === null) {
    refuseDirectMessage(world, channel.recipient);
    return;
  }
  refuseUnseen(world, channel);
  if (channel.type === channelType.category) {
    refuseFaults([{ path: ['channel_id'], code: 'CHANNEL_TYPE_INVALID', message: 'Not a text channel' }]);
  }
  if (channel.thread?.isLocked === true && !may(world, channel, bot, 'manageThreads')) throw refusal('threadArchived');
  if (!may(world, channel, bot, isThread(channel) ? 'sendMessagesInThreads' : 'sendMessages')) {
    throw refusal('missingPermissions');
  }
  if ((body.embeds ?? []).length > 0 && !may(world, channel, bot, 'embedLinks')) throw refusal('missingPermissions');
  if (files.length > 0 && !may(world, channel, bot, 'attachFiles')) throw refusal('missingPermissions');
  if ((body.message_reference ?? null) !== null && !may(world, channel, bot, 'readMessageHistory')) {
    throw refusal('noHistoryToReply');
  }
}

function refuseDirectMessage(world: World, recipient: User | null): void {
  if (recipient === null || recipient.isBot) throw refusal('cannotDm');
  const share = [...world.guilds.values()].some(
    ({ members }) => members.has(recipient.id) && members.has(world.bot.id),
  );
  if (!share) throw refusal('noMutualGuild');
  if (!recipient.areDmsOpen) throw refusal('cannotDm');
}

/** Throws unless the bot sees the channel. */
export function refuseUnseen(world: World, channel: Channel): void {
  if (!may(world, channel, world.bot, 'viewChannel')) throw refusal('missingAccess');
}

/** A message of the channel's history; ephemeral ones are not part of it. */
export function findMessage(channel: Channel, id: string): Message | null {
  return (
    channel.messages.find((message) => message.id === id && !message.isDeleted && message.onlyFor === null) ?? null
  );
}

/** The direct messages between the bot and somebody, opened when there are none yet. */
export function openDirectMessages(world: World, user: User): Channel {
  const existing = [...world.channels.values()].find(
    ({ type, recipient }) => type === channelType.dm && recipient === user,
  );
  if (existing !== undefined) return existing;
  const channel: Channel = {
    id: world.nextId(),
    type: channelType.dm,
    guild: null,
    name: '',
    parentId: null,
    overwrites: [],
    recipient: user,
    messages: [],
    thread: null,
  };
  world.channels.set(channel.id, channel);
  return channel;
}

/** Opens a thread under a channel, and tells the bot. */
export function openThread(
  world: World,
  parent: Channel,
  name: string,
  type: number,
  ownerId: string,
  id = world.nextId(),
): Channel {
  const thread: Channel = {
    id,
    type,
    guild: parent.guild,
    name,
    parentId: parent.id,
    overwrites: [],
    recipient: null,
    messages: [],
    thread: { isArchived: false, isLocked: false, ownerId },
  };
  world.channels.set(thread.id, thread);
  announceChannel(world, 'THREAD_CREATE', thread);
  return thread;
}

/** Tells the bot about a channel or thread that is new, changed or gone. */
export function announceChannel(world: World, name: string, channel: Channel): void {
  if (channel.guild === null) return;
  world.dispatch({ name, data: channelWire(world, channel), intents: intent.guilds, guildId: channel.guild.id });
}

/** Tells the bot that something about the guild itself changed. */
export function announceGuild(
  world: World,
  name: string,
  data: Readonly<Record<string, unknown>>,
  guildId: string,
): void {
  const guild = world.guilds.get(guildId);
  const full = name === 'GUILD_UPDATE' && guild !== undefined ? guildWire(guild) : data;
  world.dispatch({ name, data: full, intents: intent.guilds, guildId });
}

/** Discord gives every component a number that is unique in its message. */
function numbered(components: readonly Component[]): readonly Component[] {
  let last = 0;
  const number = (component: Component): Component => {
    last += 1;
    const id = component.id ?? 0;
    return {
      ...component,
      id: id === 0 ? last : id,
      ...(component.components === undefined ? {} : { components: component.components.map(number) }),
      ...(component.component === undefined ? {} : { component: number(component.component) }),
      ...(component.accessory === undefined ? {} : { accessory: number(component.accessory) }),
    };
  };
  return components.map(number);
}

function attachmentOf(world: World, { filename, size, text }: UploadedFile): Attachment {
  return { id: world.nextId(), filename, size, text };
}

/** Whether the message is an answer nobody has filled in yet. */
export function isLoading({ flags }: Message): boolean {
  return hasFlag(flags, messageFlag.loading);
}
