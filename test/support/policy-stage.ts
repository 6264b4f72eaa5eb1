import type { Desk } from '../../src/core/desk.ts';
import type { Standing } from '../e2e/policy.ts';

/** What somebody gets to read or see after having pressed something. */
export interface Reaction {
  /** To that person alone; `null`: nothing. */
  readonly told: string | null;
  /** Whether the card in the support channel was drawn anew. */
  readonly isCardChanged: boolean;
}

/** An account of its own for one try, so that what it is told can be about nothing else. */
export interface Account {
  /** The platform's id. */
  readonly id: string;
  /** Uses a command, for example `/pterodoc orders`; answers with all there is to read. */
  ask(command: string, given: string): Promise<string>;
  /** Uses a button, or the select, of the card of an order, and says yes where it is asked once more. */
  press(orderId: string, thing: string, beforeYes?: () => void): Promise<Reaction>;
  /** Goes out of the support channel, which is one for staff alone again after that. */
  leave(): void;
  /** Its roles are taken away, as an administrator of the platform does. */
  dismiss(): void;
}

/** A platform with the bot at work on it, for trying everything on. */
export interface PolicyStage {
  /** Has the cards of these orders posted in the support channel. */
  post(orderIds: readonly string[]): Promise<void>;
  account(standing: Standing): Account;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly desk: Desk;
  readonly note: (line: string) => void;
}

/** What the second question of each action contains. */
export const questionWords = 'is tried.';
