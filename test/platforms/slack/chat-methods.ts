import { refuseBlocks } from './block-kit.ts';
import { type CallArguments, type Method, type Methods, needScope, Refusal } from './call.ts';
import { messageObject } from './objects.ts';
import { isJson, type Json } from './shape.ts';
import {
  addMessage,
  BOT_USER_ID,
  type Channel,
  directChannel,
  findMessage,
  type Message,
  removeMessage,
  rewrite,
  type State,
  type Writing,
} from './state.ts';

/** Longer texts are cut when they are posted, refused when they are updated. */
const TEXT_MAX = 40_000;
const UPDATE_TEXT_MAX = 4000;
const METADATA_MAX_BYTES = 16_000;

const postMessage: Method = {
  token: 'bot',
  tier: 'post',
  scopes: ['chat:write'],
  run(args, world) {
    const { state } = world;
    const channel = channelToPostIn(state, args.required('channel'));
    const writing = readWriting(args);
    if (writing.text === '' && writing.blocks.length === 0) throw new Refusal('no_text');
    const threadTs = threadOf(state, channel, args);
    const metadata = readMetadata(args);
    const message = addMessage(
      state,
      { channelId: channel.id, userId: BOT_USER_ID, kind: 'app', threadTs, metadata },
      { ...writing, text: writing.text.slice(0, TEXT_MAX) },
    );
    tellDirect(world, channel, { ...messageObject(message) });
    return { channel: channel.id, ts: message.ts, message: messageObject(message) };
  },
};

const update: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['chat:write'],
  run(args, world) {
    const { state } = world;
    const { channel, message } = ownMessage(state, args, 'cant_update_message');
    const writing = readWriting(args);
    if (writing.text.length > UPDATE_TEXT_MAX) throw new Refusal('msg_too_long');
    const metadata = readMetadata(args);
    const isUnchanged = !args.has('text') && !args.has('blocks');
    if (isUnchanged && metadata === null) throw new Refusal('no_text');
    const before = messageObject(message);
    if (!isUnchanged) rewrite(state, message, writing);
    if (metadata !== null) message.metadata = metadata;
    const changed = { subtype: 'message_changed', message: messageObject(message), previous_message: before };
    tellDirect(world, channel, { type: 'message', ...changed, hidden: true });
    return { channel: channel.id, ts: message.ts, text: message.text, message: messageObject(message) };
  },
};

const remove: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['chat:write'],
  run(args, world) {
    const { channel, message } = ownMessage(world.state, args, 'cant_delete_message');
    removeMessage(world.state, message);
    const gone = { subtype: 'message_deleted', previous_message: messageObject(message), deleted_ts: message.ts };
    tellDirect(world, channel, { type: 'message', ...gone, hidden: true });
    return { channel: channel.id, ts: message.ts };
  },
};

const postEphemeral: Method = {
  token: 'bot',
  tier: 'tier4',
  scopes: ['chat:write'],
  run(args, { state }) {
    const channel = channelToPostIn(state, args.required('channel'));
    const userId = args.required('user');
    if (!channel.members.has(userId)) throw new Refusal('user_not_in_channel');
    const writing = readWriting(args);
    if (writing.text === '' && writing.blocks.length === 0) throw new Refusal('no_text');
    const threadTs = threadOf(state, channel, args);
    const place = { channelId: channel.id, userId: BOT_USER_ID, kind: 'app', onlyFor: userId, threadTs } as const;
    return { message_ts: addMessage(state, place, writing).ts };
  },
};

const getPermalink: Method = {
  token: 'bot',
  tier: 'none',
  run(args, { state }) {
    const channel = knownChannel(state, args.required('channel'));
    const message = findMessage(state, channel.id, args.required('message_ts'));
    if (message === null || message.onlyFor !== null) throw new Refusal('message_not_found');
    const permalink = `https://merchant.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
    return { channel: channel.id, permalink };
  },
};

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};

/** A channel the app knows of: names are not looked up, a private one exists for its members only. */
export function knownChannel(state: State, id: string): Channel {
  const channel = state.channels.get(id);
  if (channel === undefined) throw new Refusal('channel_not_found');
  if (channel.kind !== 'public' && !channel.members.has(BOT_USER_ID)) throw new Refusal('channel_not_found');
  return channel;
}

function channelToPostIn(state: State, id: string): Channel {
  const user = state.users.get(id);
  if (user?.isDeactivated === true) throw new Refusal('user_disabled');
  if (user?.kind === 'bot') throw new Refusal('cannot_dm_bot');
  const channel = user === undefined ? knownChannel(state, id) : directChannel(state, user.id);
  if (channel.isArchived) throw new Refusal('is_archived');
  if (channel.kind === 'im' && !state.app.takesMessages) throw new Refusal('messages_tab_disabled');
  if (!channel.members.has(BOT_USER_ID)) {
    if (!state.grantedScopes.has('chat:write.public')) throw new Refusal('not_in_channel');
    needScope(state, 'chat:write.public');
  }
  return channel;
}

function readWriting(args: CallArguments): Writing {
  const blocks = args.json('blocks', 'invalid_blocks_format');
  const refusal = blocks === undefined ? null : refuseBlocks(blocks);
  if (refusal !== null) {
    const errors = refusal.problems.map(({ message, at }) => `${message} [json-pointer:${at}]`);
    const response_metadata = { messages: errors.map((error) => `[ERROR] ${error}`) };
    throw new Refusal(refusal.error, errors.length === 0 ? {} : { errors, response_metadata });
  }
  return {
    text: args.text('text'),
    blocks: Array.isArray(blocks) ? blocks.filter(isJson) : [],
    linksNames: args.flag('link_names') || args.text('parse') === 'full',
  };
}

function readMetadata(args: CallArguments): Json | null {
  const metadata = args.json('metadata', 'invalid_metadata_format');
  if (metadata === undefined) return null;
  if (!isJson(metadata) || typeof metadata['event_type'] !== 'string' || !isJson(metadata['event_payload'])) {
    throw new Refusal('invalid_metadata_schema');
  }
  if (JSON.stringify(metadata).length > METADATA_MAX_BYTES) throw new Refusal('metadata_too_large');
  return metadata;
}

/** The parent's ts as a string; a reply's ts, which Slack lets pass and then shows wrongly, is refused here. */
function threadOf(state: State, channel: Channel, args: CallArguments): string | null {
  if (!args.has('thread_ts')) return null;
  const parent = findMessage(state, channel.id, args.text('thread_ts'));
  if (parent === null || parent.threadTs !== null) throw new Refusal('thread_not_found');
  return parent.ts;
}

function ownMessage(
  state: State,
  args: CallArguments,
  onForeign: string,
): { readonly channel: Channel; readonly message: Message } {
  const channel = knownChannel(state, args.required('channel'));
  if (channel.isArchived) throw new Refusal('is_archived');
  const message = findMessage(state, channel.id, args.required('ts'));
  if (message === null || message.onlyFor !== null) throw new Refusal('message_not_found');
  if (message.userId !== BOT_USER_ID) throw new Refusal(onForeign);
  return { channel, message };
}

/** In a direct conversation the app hears of its own messages too. */
function tellDirect({ state, events }: Methods, channel: Channel, event: Json): void {
  if (channel.kind !== 'im') return;
  const ts = state.nextTs();
  void events.send('message.im', { ts, ...event, channel: channel.id, channel_type: 'im', event_ts: ts });
}
