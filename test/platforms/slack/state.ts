import { EventEmitter } from 'node:events';
import type { WorldClock } from '../../../src/sandbox/clock.ts';
import type { AppSettings } from './manifest.ts';
import { joinMarkup, liveMarkupOf, readingOf } from './block-text.ts';
import { type LiveMarkup, readBareNames, readMarkup } from './markup.ts';
import type { Json } from './shape.ts';

/** What somebody is in the workspace of the app. */
export type UserKind = 'member' | 'admin' | 'guest' | 'single-channel-guest' | 'stranger' | 'bot';

/** An account, of this workspace or of the one that shares channels with it. */
export interface User {
  readonly id: string;
  readonly teamId: string;
  readonly name: string;
  readonly email: string | null;
  kind: UserKind;
  isDeactivated: boolean;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly members: Set<string>;
  isDisabled: boolean;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly members: Set<string>;
  /** Shared with another workspace. */
  readonly isShared: boolean;
  isArchived: boolean;
}

/** How a message looked from a moment on. */
export interface Revision {
  /** Milliseconds of the machine's clock. */
  readonly atMs: number;
  readonly text: string;
  readonly blocks: readonly Json[];
  /** What Slack brings to life in it. */
  readonly live: LiveMarkup;
}

/** A message as it stands in a channel. */
export interface Message {
  readonly ts: string;
  readonly channelId: string;
  /** The user who wrote it; the bot's user for messages of the app. */
  readonly userId: string;
  /** The only one who sees it, or null. */
  readonly onlyFor: string | null;
  readonly threadTs: string | null;
  /** A `bot_message`, or a command that was typed and became visible with an answer to all. */
  readonly kind: 'typed' | 'command' | 'app';
  text: string;
  blocks: readonly Json[];
  /** Everything there is to read in it, line by line; the fallback text where there are no blocks. */
  reads: string;
  metadata: Json | null;
  isDeleted: boolean;
  /** What Slack brings to life in its present text and blocks. */
  live: LiveMarkup;
  readonly revisions: Revision[];
}

/** A modal on somebody's screen, or somebody's Home tab. */
export interface View {
  readonly id: string;
  readonly userId: string;
  readonly type: 'modal' | 'home';
  readonly rootId: string;
  readonly previousId: string | null;
  hash: string;
  content: Json;
  /** What the app said is wrong with the fields, by block id. */
  errors: Readonly<Record<string, string>>;
}

/** One call of the Web API or of a response_url, and how it was answered. */
export interface LoggedCall {
  readonly method: string;
  readonly args: Json;
  readonly status: number;
  /** `null` when it was accepted. */
  readonly error: string | null;
  readonly atMs: number;
}

/** The ids of the workspace the app is installed in, and of the app. */
export const TEAM_ID = 'T0000HOME';
export const FOREIGN_TEAM_ID = 'T0FOREIGN';
export const APP_ID = 'A0000PTERO';
export const BOT_ID = 'B0000PTERO';
export const BOT_USER_ID = 'U0000PTERO';

/** Everything the platform knows. */
export interface State {
  readonly clock: WorldClock;
  readonly app: AppSettings;
  /** What the installation granted; a manifest may have asked for more since. */
  readonly grantedScopes: Set<string>;
  readonly usedScopes: Set<string>;
  readonly users: Map<string, User>;
  readonly groups: Map<string, UserGroup>;
  readonly channels: Map<string, Channel>;
  readonly messages: Message[];
  readonly modals: Map<string, View[]>;
  readonly homes: Map<string, View>;
  /** What Slack brought to life in modals and Home tabs, of every time they were drawn. */
  readonly liveInViews: LiveMarkup[];
  readonly calls: LoggedCall[];
  /** What Slack tolerates, and a careful app does not do. */
  readonly complaints: string[];
  /** Emits `change` whenever somebody's screen may look different. */
  readonly changes: EventEmitter;
  botTokenIsRevoked: boolean;
  planHasUserGroups: boolean;
  nextId(prefix: string): string;
  nextTs(): string;
}

export function createState(clock: WorldClock, app: AppSettings): State {
  let ids = 0;
  let lastMicros = 0;
  const changes = new EventEmitter();
  changes.setMaxListeners(0);
  return {
    clock,
    app,
    grantedScopes: new Set(app.botScopes),
    usedScopes: new Set(),
    users: new Map(),
    groups: new Map(),
    channels: new Map(),
    messages: [],
    modals: new Map(),
    homes: new Map(),
    liveInViews: [],
    calls: [],
    complaints: [],
    changes,
    botTokenIsRevoked: false,
    planHasUserGroups: true,
    nextId(prefix) {
      ids += 1;
      return `${prefix}0${ids.toString(36).toUpperCase().padStart(7, '0')}`;
    },
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, clock.now() * 1000);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
  };
}

/** What a message is written with. */
export interface Writing {
  readonly text: string;
  readonly blocks: readonly Json[];
  /** `link_names` or `parse: 'full'`: bare names become mentions. */
  readonly linksNames?: boolean;
}

/** Puts a message into a channel. */
export function addMessage(
  state: State,
  message: Pick<Message, 'channelId' | 'userId' | 'kind'> & Partial<Pick<Message, 'onlyFor' | 'threadTs' | 'metadata'>>,
  writing: Writing,
): Message {
  const written: Message = {
    ts: state.nextTs(),
    onlyFor: null,
    threadTs: null,
    metadata: null,
    ...message,
    text: '',
    blocks: [],
    reads: '',
    isDeleted: false,
    live: { mentions: [], links: [], unescaped: [] },
    revisions: [],
  };
  state.messages.push(written);
  rewrite(state, written, writing);
  return written;
}

/** Gives a message new contents. */
export function rewrite(state: State, message: Message, writing: Writing): void {
  message.text = writing.text;
  message.blocks = withBlockIds(state, writing.blocks);
  message.reads = writing.blocks.length === 0 ? writing.text : readingOf(writing.blocks);
  if (writing.text === '' && message.kind === 'app') state.complaints.push('a message has blocks and no fallback text');
  if (writing.linksNames === true) state.complaints.push('a message turns bare names into mentions');
  const bare = writing.linksNames === true ? readBareNames(writing.text) : [];
  message.live = joinMarkup([
    readMarkup(writing.text),
    liveMarkupOf(writing.blocks),
    { mentions: bare, links: [], unescaped: [] },
  ]);
  message.revisions.push({ atMs: Date.now(), text: message.text, blocks: message.blocks, live: message.live });
  state.changes.emit('change');
}

export function removeMessage(state: State, message: Message): void {
  message.isDeleted = true;
  state.changes.emit('change');
}

export function findMessage(state: State, channelId: string, ts: string): Message | null {
  return state.messages.find((one) => one.channelId === channelId && one.ts === ts && !one.isDeleted) ?? null;
}

/** The direct conversation of the app with somebody, made when it is first needed. */
export function directChannel(state: State, userId: string): Channel {
  const known = [...state.channels.values()].find(({ kind, members }) => kind === 'im' && members.has(userId));
  if (known !== undefined) return known;
  const channel: Channel = {
    id: state.nextId('D'),
    name: 'directmessage',
    kind: 'im',
    members: new Set([userId, BOT_USER_ID]),
    isShared: false,
    isArchived: false,
  };
  state.channels.set(channel.id, channel);
  return channel;
}

/** Blocks and their elements get an id from Slack where the app gave none. */
export function withBlockIds(state: State, blocks: readonly Json[]): readonly Json[] {
  const named = (element: unknown): unknown =>
    isInteractive(element) && element['action_id'] === undefined
      ? { ...element, action_id: state.nextId('a') }
      : element;
  return blocks.map((block) => {
    const { elements, accessory, element } = block;
    return {
      ...block,
      block_id: block['block_id'] ?? state.nextId('b'),
      ...(Array.isArray(elements) && block['type'] === 'actions' ? { elements: elements.map(named) } : {}),
      ...(accessory === undefined ? {} : { accessory: named(accessory) }),
      ...(element === undefined ? {} : { element: named(element) }),
    };
  });
}

function isInteractive(element: unknown): element is Json {
  return typeof element === 'object' && element !== null && 'type' in element && element.type !== 'image';
}

export function isGuest({ kind }: User): boolean {
  return kind === 'guest' || kind === 'single-channel-guest';
}
