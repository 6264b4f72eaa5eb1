import type { WorldClock } from '../../../src/sandbox/clock.ts';
import type { CommandBody } from './command-rules.ts';
import type { Component, Embed } from './message-body.ts';
import type { ModalBody } from './modal-rules.ts';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly isBot: boolean;
  /** Whether direct messages of the bot reach this person. */
  areDmsOpen: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
  readonly position: number;
  readonly isMentionable: boolean;
}

export interface GuildMember {
  readonly user: User;
  readonly roleIds: Set<string>;
  readonly joinedAt: number;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly roles: Map<string, Role>;
  readonly members: Map<string, GuildMember>;
  /** An unavailable guild is announced, but never arrives. */
  isAvailable: boolean;
}

export interface Overwrite {
  readonly id: string;
  readonly type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export const channelType = { text: 0, dm: 1, category: 4, publicThread: 11, privateThread: 12 } as const;

export interface Channel {
  readonly id: string;
  readonly type: number;
  readonly guild: Guild | null;
  readonly name: string;
  /** The category, or the channel a thread belongs to. */
  readonly parentId: string | null;
  readonly overwrites: Overwrite[];
  /** The person at the other end of a direct message. */
  readonly recipient: User | null;
  /** Ascending by id, ephemeral ones included. */
  readonly messages: Message[];
  thread: { isArchived: boolean; isLocked: boolean; readonly ownerId: string } | null;
}

/** Whom a message really notified. */
export interface Pings {
  readonly everyone: boolean;
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

export interface MessageContent {
  readonly content: string;
  readonly embeds: readonly Embed[];
  readonly components: readonly Component[];
  readonly flags: number;
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly size: number;
  readonly text: string;
}

export interface Message extends MessageContent {
  readonly id: string;
  readonly channel: Channel;
  readonly author: User;
  content: string;
  embeds: readonly Embed[];
  components: readonly Component[];
  flags: number;
  attachments: readonly Attachment[];
  readonly createdAt: number;
  editedAt: number | null;
  isDeleted: boolean;
  readonly nonce: string | number | null;
  readonly replyTo: string | null;
  pings: Pings;
  /** The only person who sees it; `null` for everyone in the channel. */
  readonly onlyFor: User | null;
  readonly interaction: Interaction | null;
  /** What it said before each edit, oldest first. */
  readonly history: (MessageContent & { readonly at: number })[];
  thread: Channel | null;
}

export const interactionType = { command: 2, component: 3, autocomplete: 4, modalSubmit: 5 } as const;
export const callbackType = {
  pong: 1,
  message: 4,
  deferredMessage: 5,
  deferredUpdate: 6,
  update: 7,
  autocomplete: 8,
  modal: 9,
} as const;

export interface Answer {
  readonly type: number;
  readonly at: number;
  readonly modal: ModalBody | null;
  readonly choices: readonly { readonly name: string; readonly value: string | number }[];
}

export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly user: User;
  readonly channel: Channel;
  readonly createdAt: number;
  /** As dispatched. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The message a button, select or modal belongs to. */
  readonly source: Message | null;
  answer: Answer | null;
  /** What `@original` means for this interaction. */
  original: Message | null;
  readonly followUps: Message[];
  /** How often `@original` was edited through the token. */
  edits: number;
  /** The client gave up waiting for a first answer. */
  hasFailed: boolean;
}

export interface Command extends CommandBody {
  readonly id: string;
  readonly version: string;
  readonly guildId: string | null;
}

/** Everything the platform knows. */
export interface World {
  readonly clock: WorldClock;
  readonly nextId: (atMs?: number) => string;
  readonly token: string;
  readonly bot: User;
  readonly users: Map<string, User>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  readonly commands: Map<string, Command>;
  readonly commandCreates: { readonly guildId: string | null; readonly at: number }[];
  readonly interactions: Map<string, Interaction>;
  /** The same interactions by their tokens. */
  readonly tokens: Map<string, Interaction>;
  readonly newDms: number[];
  readonly settings: Settings;
  /** Hands an event to every connected session that may see it. */
  dispatch(event: GatewayEvent): void;
  /** Wakes whoever waits for something to happen. */
  changed(): void;
  /** Resolves once the test holds; rejects with the words after the time. */
  until(holds: () => boolean, withinMs: number, words: () => string): Promise<void>;
}

export interface GatewayEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The session needs one of these intents; none means every session gets it. */
  readonly intents: number;
  /** Text that only sessions with the MESSAGE_CONTENT intent may read is taken out for others. */
  readonly isContentPrivileged?: boolean;
  readonly guildId: string | null;
}

export interface Settings {
  /** How long the first answer of an interaction may take. */
  firstAnswerMs: number;
  /** How long an interaction token lives. */
  tokenMs: number;
  /** Privileged intents switched on in the developer portal. */
  enabledIntents: number;
  heartbeatMs: number;
  /** IDENTIFYs are accepted at most once in this time; Discord's 5 s would slow most tests. */
  identifyEveryMs: number;
  /** New direct message channels in ten minutes before Discord calls it too fast; the real figure is not published. */
  newDmsPerTenMinutes: number;
  /** Whether MESSAGE_CREATE carries `channel_type`, which is documented as optional. */
  sendsChannelType: boolean;
  /** Answers of 401, 403 and 429 within ten minutes that lead to a ban. */
  invalidRequestsMax: number;
}
