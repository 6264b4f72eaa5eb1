import * as spec from 'discord-api-spec/zod';
import type { MessageBody } from './message-body.ts';
import { refuseMessage } from './message-rules.ts';
import {
  announceChannel,
  deleteMessage,
  editMessage,
  findMessage,
  openDirectMessages,
  openThread,
  postMessage,
  refuseFiles,
  refuseUnseen,
} from './messages.ts';
import { isThread, may } from './permissions.ts';
import { limitRefusal, refusal, refuseFaults } from './refusal.ts';
import { type Call, noContent, ok, param, type Reply, type Route } from './route.ts';
import { schemaFaults } from './schema.ts';
import { compareIds } from './snowflake.ts';
import { type Channel, channelType, type Message, type World } from './state.ts';
import { channelWire, messageWire } from './wire.ts';

const HOUR_MS = 60 * 60_000;
// Discord publishes no figure for edits of messages older than an hour, only that there is one, with a code of its own.
const OLD_EDITS = { limit: 3, windowMs: 60_000 } as const;
const DMS_WINDOW_MS = 10 * 60_000;

export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/channels/:channel',
    handle: (call) => ok(channelWire(call.world, seenChannel(call))),
  },
  {
    method: 'PATCH',
    path: '/channels/:channel',
    handle: changeThread,
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages',
    handle: listMessages,
  },
  {
    method: 'POST',
    path: '/channels/:channel/messages',
    handle(call) {
      const channel = channelOf(call);
      refuseFaults(schemaFaults(spec.MessageCreateRequestSchema, call.body));
      return ok(messageWire(call.world, postMessage(call.world, channel, call.body as MessageBody, call.files)));
    },
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages/:message',
    handle(call) {
      const channel = seenChannel(call);
      if (!may(call.world, channel, call.world.bot, 'readMessageHistory')) throw refusal('missingPermissions');
      return ok(messageWire(call.world, messageOf(call, channel)));
    },
  },
  {
    method: 'PATCH',
    path: '/channels/:channel/messages/:message',
    handle: changeMessage,
  },
  {
    method: 'DELETE',
    path: '/channels/:channel/messages/:message',
    handle(call) {
      const channel = seenChannel(call);
      const message = messageOf(call, channel);
      if (message.author !== call.world.bot && !may(call.world, channel, call.world.bot, 'manageMessages')) {
        throw refusal('missingPermissions');
      }
      deleteMessage(call.world, message);
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/channels/:channel/messages/:message/threads',
    handle(call) {
      const channel = seenChannel(call);
      const message = messageOf(call, channel);
      refuseFaults(schemaFaults(spec.CreateTextThreadWithMessageRequestSchema, call.body));
      if (!may(call.world, channel, call.world.bot, 'createPublicThreads')) throw refusal('missingPermissions');
      if (message.thread !== null) throw refusal('threadExists');
      const { name } = call.body as { readonly name: string };
      // A thread on a message takes that message's id.
      message.thread = openThread(call.world, channel, name, channelType.publicThread, call.world.bot.id, message.id);
      return ok(channelWire(call.world, message.thread), 201);
    },
  },
  {
    method: 'POST',
    path: '/channels/:channel/threads',
    handle(call) {
      const channel = seenChannel(call);
      refuseFaults(schemaFaults(spec.CreateTextThreadWithoutMessageRequestSchema, call.body));
      const { name, type } = call.body as { readonly name: string; readonly type?: number | null };
      const isPublic = type === channelType.publicThread;
      if (!may(call.world, channel, call.world.bot, isPublic ? 'createPublicThreads' : 'createPrivateThreads')) {
        throw refusal('missingPermissions');
      }
      const kind = isPublic ? channelType.publicThread : channelType.privateThread;
      return ok(channelWire(call.world, openThread(call.world, channel, name, kind, call.world.bot.id)), 201);
    },
  },
  {
    method: 'PUT',
    path: '/channels/:channel/thread-members/@me',
    handle(call) {
      seenChannel(call);
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/channels/:channel/typing',
    handle(call) {
      if (!may(call.world, seenChannel(call), call.world.bot, 'sendMessages')) throw refusal('missingPermissions');
      return noContent;
    },
  },
  {
    method: 'POST',
    path: '/users/@me/channels',
    handle: openDm,
  },
];

function channelOf(call: Call): Channel {
  const channel = call.world.channels.get(param(call, 'channel'));
  if (channel === undefined) throw refusal('unknownChannel');
  if (channel.guild !== null && !channel.guild.members.has(call.world.bot.id)) throw refusal('missingAccess');
  return channel;
}

function seenChannel(call: Call): Channel {
  const channel = channelOf(call);
  refuseUnseen(call.world, channel);
  return channel;
}

function messageOf(call: Call, channel: Channel): Message {
  const message = findMessage(channel, param(call, 'message'));
  if (message === null) throw refusal('unknownMessage');
  return message;
}

function changeMessage(call: Call): Reply {
  const { world, files } = call;
  const channel = seenChannel(call);
  const message = messageOf(call, channel);
  refuseFaults(schemaFaults(spec.MessageEditRequestPartialSchema, call.body));
  const body = call.body as MessageBody;
  if (message.author !== world.bot) throw refusal('anotherAuthor');
  if (channel.thread !== null && (channel.thread.isArchived || channel.thread.isLocked))
    throw refusal('threadArchived');
  refuseFiles(files);
  refuseMessage(
    body,
    files.map(({ filename }) => filename),
    message,
  );
  refuseOldEdit(world, channel, message);
  editMessage(world, message, body, files);
  return ok(messageWire(world, message));
}

function refuseOldEdit(world: World, channel: Channel, { createdAt }: Message): void {
  const now = world.clock.now();
  if (now - createdAt < HOUR_MS) return;
  const recent = channel.messages
    .flatMap((message) => message.history.filter(({ at }) => at - message.createdAt >= HOUR_MS))
    .filter(({ at }) => now - at < OLD_EDITS.windowMs);
  if (recent.length < OLD_EDITS.limit) return;
  const words = 'Maximum number of edits to messages older than 1 hour reached. Try again later.';
  throw limitRefusal(30_046, words, OLD_EDITS.windowMs / 1000);
}

function listMessages(call: Call): Reply {
  const { world, query } = call;
  const channel = seenChannel(call);
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    refuseFaults([{ path: ['limit'], code: 'NUMBER_TYPE_MAX', message: 'int value should be between 1 and 100.' }]);
  }
  if (!may(world, channel, world.bot, 'readMessageHistory')) return ok([]);
  const after = query.get('after');
  const before = query.get('before');
  const fitting = channel.messages.filter(
    ({ id, isDeleted, onlyFor }) =>
      !isDeleted &&
      onlyFor === null &&
      (after === null || compareIds(id, after) > 0) &&
      (before === null || compareIds(id, before) < 0),
  );
  const page = after === null ? fitting.slice(-limit) : fitting.slice(0, limit);
  return ok(page.toReversed().map((message) => messageWire(world, message)));
}

function changeThread(call: Call): Reply {
  const { world } = call;
  const channel = seenChannel(call);
  if (!isThread(channel) || channel.thread === null) throw refusal('missingPermissions');
  refuseFaults(schemaFaults(spec.UpdateThreadRequestPartialSchema, call.body));
  const isOwn = channel.thread.ownerId === world.bot.id;
  if (!isOwn && !may(world, channel, world.bot, 'manageThreads')) throw refusal('missingPermissions');
  const { archived, locked } = call.body as { readonly archived?: boolean | null; readonly locked?: boolean | null };
  channel.thread.isArchived = archived ?? channel.thread.isArchived;
  channel.thread.isLocked = locked ?? channel.thread.isLocked;
  announceChannel(world, 'THREAD_UPDATE', channel);
  return ok(channelWire(world, channel));
}

function openDm(call: Call): Reply {
  const { world } = call;
  refuseFaults(schemaFaults(spec.CreatePrivateChannelRequestSchema, call.body));
  const { recipient_id: recipientId } = call.body as { readonly recipient_id?: string | null };
  const user = world.users.get(recipientId ?? '');
  if (user === undefined) throw refusal('unknownUser');
  if (user.isBot) throw refusal('cannotDm');
  const known = new Set(world.channels.keys());
  const channel = openDirectMessages(world, user);
  if (!known.has(channel.id)) {
    const now = world.clock.now();
    world.newDms.push(now);
    if (world.newDms.filter((at) => now - at < DMS_WINDOW_MS).length > world.settings.newDmsPerTenMinutes) {
      world.channels.delete(channel.id);
      throw refusal('openingDmsTooFast');
    }
  }
  return ok(channelWire(world, channel));
}
