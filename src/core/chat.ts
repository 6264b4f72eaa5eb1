import type { Card } from './card.ts';
import { noteCard } from './cards/action-cards.ts';
import type { Clock } from './clock.ts';
import type { Desk } from './desk.ts';
import type { ReportBug } from './front-desk.ts';

/** A chat platform as the rest of the program sees it. */
export interface ChatAdapter {
  readonly name: 'discord' | 'slack';
  /**
   * Resolves once connected. While the platform cannot be reached it is tried again and again; what will not heal by
   * itself, such as a refused token, is thrown as {@link ChatRefused}.
   */
  start(): Promise<void>;
  /** Takes nothing new, and waits a moment for answers that are on their way. */
  stop(): Promise<void>;
  isConnected(): boolean;
}

/** Where a chat writes down what befalls it: never tokens, addresses or what people wrote. */
export interface ChatLog {
  info(words: string): void;
  warn(words: string): void;
  readonly bug: ReportBug;
}

/** What a chat adapter works with. */
export interface ChatDeps {
  readonly desk: Desk;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** The connection is gone and will not come back by itself: the process should end, and say why. */
  readonly lost: (reason: string) => void;
}

/** The platform will not have this program as it is configured; the message says what to change. */
export class ChatRefused extends Error {}

/** The first answer, where the real one takes a moment. */
export function lookingCard(now: Date): Card {
  return {
    tone: 'busy',
    title: 'Looking',
    summary: 'Looking at the payment, the order, the panel and the logs. The answer follows.',
    blocks: [],
    madeAt: now,
  };
}

/** Who somebody is could not be found out, so nothing was done. */
export function rolesUnknownCard(platform: string, now: Date): Card {
  return {
    ...noteCard(
      'Roles cannot be read now',
      `${platform} does not say who you are and what you may do, so nothing was done. Try again in a minute.`,
      now,
    ),
    tone: 'unsure',
  };
}

/** For accounts of another server or workspace. */
export function elsewhereCard(now: Date): Card {
  return noteCard('You may not use this here', 'This bot answers in its own workspace only.', now);
}

/** The adapter itself failed; the log has the rest under the reference. */
export function chatBugCard(reference: string, now: Date): Card {
  return {
    tone: 'unsure',
    title: 'Something went wrong inside pterodoc',
    summary: `Nobody can say what from here. The reference for the log is ${reference}.`,
    blocks: [],
    madeAt: now,
  };
}
