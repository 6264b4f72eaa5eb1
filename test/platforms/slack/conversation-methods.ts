import { type CallArguments, type Method, needScope, Refusal } from './call.ts';
import { knownChannel } from './chat-methods.ts';
import { channelObject, messageObject } from './objects.ts';
import type { Json } from './shape.ts';
import { BOT_USER_ID, type Channel, directChannel, type Message, type State } from './state.ts';

const PAGE = 100;
const SCOPE_PREFIX = { public: 'channels', private: 'groups', im: 'im' } as const;

function channelWith(state: State, args: CallArguments, right: 'read' | 'history'): Channel {
  const channel = knownChannel(state, args.required('channel'));
  needScope(state, `${SCOPE_PREFIX[channel.kind]}:${right}`);
  if (right === 'history' && !channel.members.has(BOT_USER_ID)) throw new Refusal('not_in_channel');
  return channel;
}

function pageOf<T>(all: readonly T[], args: CallArguments): { readonly page: readonly T[]; readonly next: string } {
  const from = Number(args.text('cursor').replace('next:', '') || '0');
  const size = Math.min(1000, Number(args.text('limit') || PAGE));
  return { page: all.slice(from, from + size), next: from + size < all.length ? `next:${from + size}` : '' };
}

function messagePage(messages: readonly Message[], args: CallArguments): Json {
  const oldest = Number(args.text('oldest') || '0');
  const latest = Number(args.text('latest') || Number.POSITIVE_INFINITY);
  const isIn = ({ ts }: Message): boolean =>
    args.flag('inclusive') ? Number(ts) >= oldest && Number(ts) <= latest : Number(ts) > oldest && Number(ts) < latest;
  const { page, next } = pageOf(messages.filter(isIn), args);
  return {
    messages: page.map((message) => messageObject(message, args.flag('include_all_metadata'))),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
}

function storedIn(state: State, channel: Channel): readonly Message[] {
  return state.messages.filter((one) => one.channelId === channel.id && !one.isDeleted && one.onlyFor === null);
}

const info: Method = {
  token: 'bot',
  tier: 'tier3',
  run: (args, { state }) => ({ channel: channelObject(channelWith(state, args, 'read')) }),
};

const members: Method = {
  token: 'bot',
  tier: 'tier4',
  run(args, { state }) {
    const { page, next } = pageOf([...channelWith(state, args, 'read').members], args);
    return { members: page, response_metadata: { next_cursor: next } };
  },
};

const history: Method = {
  token: 'bot',
  tier: 'tier3',
  run(args, { state }) {
    const channel = channelWith(state, args, 'history');
    return messagePage(
      storedIn(state, channel)
        .filter((one) => one.threadTs === null)
        .toReversed(),
      args,
    );
  },
};

const replies: Method = {
  token: 'bot',
  tier: 'tier3',
  run(args, { state }) {
    const channel = channelWith(state, args, 'history');
    const parent = args.required('ts');
    const thread = storedIn(state, channel).filter(({ ts, threadTs }) => ts === parent || threadTs === parent);
    if (thread.length === 0) throw new Refusal('thread_not_found');
    return messagePage(thread, args);
  },
};

const open: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['im:write'],
  run(args, { state }) {
    const userId = args.required('users');
    const user = state.users.get(userId);
    if (user === undefined || userId.includes(',')) throw new Refusal('user_not_found');
    if (user.isDeactivated) throw new Refusal('user_disabled');
    if (user.kind === 'bot') throw new Refusal('cannot_dm_bot');
    return { channel: { id: directChannel(state, user.id).id } };
  },
};

export const conversationMethods: Readonly<Record<string, Method>> = {
  'conversations.info': info,
  'conversations.members': members,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.open': open,
};
