import type { Card } from '../../core/card.ts';
import type { Answer } from '../../core/desk.ts';
import { mostMessages } from './limits.ts';
import { isStaff, type Persona } from './personas.ts';

/** One tab of a browser, and who sits in front of it. */
export interface Window {
  /** Unguessable: it was drawn by the window itself. */
  readonly key: string;
  readonly persona: Persona;
}

export interface Message {
  readonly id: string;
  readonly order: number;
  readonly asker: Window;
  readonly at: Date;
  readonly request:
    | { readonly kind: 'line'; readonly line: string; readonly command: string }
    | { readonly kind: 'press'; readonly title: string };
  readonly reply:
    | { readonly kind: 'looking' }
    | { readonly kind: 'card'; readonly card: Card; readonly visibility: Answer['visibility'] };
}

/** What was said, in the support channel and apart from it. It lives as long as the process. */
export interface Channel {
  add(message: Pick<Message, 'asker' | 'at' | 'request'>): Message;
  /** `null`: the message has been dropped meanwhile. */
  reply(id: string, card: Card, visibility: Answer['visibility']): Message | null;
  /** `null` also for a message that this window does not see. */
  find(id: string, window: Window): Message | null;
  /** Oldest first. */
  seenBy(window: Window): readonly Message[];
  /** Whether this offer stood on the message at any time. */
  hasOffered(id: string, offerId: string): boolean;
}

export function createChannel(): Channel {
  const messages = new Map<string, Message>();
  const offers = new Map<string, Set<string>>();
  let count = 0;
  return {
    add(input) {
      count += 1;
      const message: Message = { ...input, id: `m${count}`, order: count, reply: { kind: 'looking' } };
      messages.set(message.id, message);
      offers.set(message.id, new Set());
      const [oldest] = messages.keys();
      if (messages.size > mostMessages && oldest !== undefined) {
        messages.delete(oldest);
        offers.delete(oldest);
      }
      return message;
    },
    reply(id, card, visibility) {
      const message = messages.get(id);
      if (message === undefined) return null;
      const replied: Message = { ...message, reply: { kind: 'card', card, visibility } };
      messages.set(id, replied);
      for (const offer of offersOf(card)) offers.get(id)?.add(offer);
      return replied;
    },
    find(id, window) {
      const message = messages.get(id);
      return message !== undefined && sees(window, message) ? message : null;
    },
    seenBy: (window) => [...messages.values()].filter((message) => sees(window, message)),
    hasOffered: (id, offerId) => offers.get(id)?.has(offerId) ?? false,
  };
}

/** What is private is for the window that asked; what is said in the channel is for staff. */
export function sees(window: Window, { asker, reply }: Message): boolean {
  if (asker.key === window.key) return true;
  return reply.kind === 'card' && reply.visibility === 'channel' && isStaff(asker.persona) && isStaff(window.persona);
}

function offersOf({ buttons = [], select }: Card): readonly string[] {
  return [
    ...buttons.flatMap((button) => (button.kind === 'press' ? [button.id] : [])),
    ...(select?.options.map(({ value }) => value) ?? []),
  ];
}
