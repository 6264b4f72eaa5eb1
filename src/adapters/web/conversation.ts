import type { ServerResponse } from 'node:http';
import { noteCard } from '../../core/cards/action-cards.ts';
import type { Card } from '../../core/card.ts';
import type { Clock } from '../../core/clock.ts';
import type { CommandListing, Desk, Press, PressAnswer } from '../../core/desk.ts';
import { readTyped } from '../../core/typed-command.ts';
import { createChannel, type Message, sees, type Window } from './channel.ts';
import { securityHeaders } from './guard.ts';
import { mostAtOnce } from './limits.ts';
import { actorOf, isStaff, placeOf } from './personas.ts';
import { viewOf } from './render-message.ts';
import type { SandboxControls } from './sandbox-controls.ts';
import { createStreams, type Happening } from './streams.ts';
import type { Snapshot, Suggestion } from './wire.ts';

/** Why a wish was not taken on; the page says it in words. */
export type Taken = 'taken' | 'too-many' | 'no-such-message';

/** All windows, what is said in them, and the desk they speak to. */
export interface Conversation {
  /** Takes a typed line on; the answer comes with the stream. */
  ask(window: Window, line: string): Taken;
  /** Takes a press on; what it leads to comes with the stream. */
  press(
    window: Window,
    press: { readonly messageId: string; readonly offerId: string; readonly form: Press['form'] },
  ): Taken;
  listen(window: Window, response: ServerResponse, lastEventId: string | null): boolean;
  /** Tells every window which troubles there are now. */
  tellTroubles(): Promise<void>;
  beat(): void;
  close(): void;
}

export interface ConversationOptions {
  readonly boot: string;
  readonly sandbox: SandboxControls | null;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly report: (error: unknown) => string;
}

export function createConversation({ boot, sandbox, desk, clock, report }: ConversationOptions): Conversation {
  const channel = createChannel();
  const underWay = new Map<string, number>();
  let broken: readonly string[] = [];
  const now = (): Date => clock.now();

  const snapshot = (window: Window): Snapshot => ({
    boot,
    nowMs: now().getTime(),
    commands: isStaff(window.persona) ? desk.commands : [],
    suggestions: suggestionsFor(window, desk.commands, sandbox),
    messages: channel.seenBy(window).map((message) => viewOf(message, window, now())),
    broken,
  });
  const streams = createStreams({ boot, headers: securityHeaders, snapshot, now });

  const tellMessage = (message: Message): void =>
    streams.publish({
      name: 'message',
      reaches: (window) => sees(window, message),
      // Told late, it is told as it is by then.
      tell: (window) => viewOf(channel.find(message.id, window) ?? message, window, now()),
    } satisfies Happening<'message'>);

  const reply = (id: string, card: Card, visibility: 'channel' | 'private'): void => {
    const replied = channel.reply(id, card, visibility);
    if (replied !== null) tellMessage(replied);
  };

  const tellTroubles = async (): Promise<void> => {
    if (sandbox === null) return;
    const troubles = await sandbox.troubles();
    broken = troubles.filter(({ isBroken }) => isBroken).map(({ id }) => id);
    streams.publish({ name: 'broken', reaches: () => true, tell: () => ({ broken }) } satisfies Happening<'broken'>);
  };

  /** Runs what a window wished for, and answers a bug with its reference alone. */
  const carryOut = (window: Window, work: () => Promise<void>, failed: (card: Card) => void): Taken => {
    const running = underWay.get(window.key) ?? 0;
    if (running >= mostAtOnce) return 'too-many';
    underWay.set(window.key, running + 1);
    void work()
      .catch((error: unknown) => failed(bugCard(report(error), now())))
      .finally(() => {
        const left = (underWay.get(window.key) ?? 1) - 1;
        if (left > 0) underWay.set(window.key, left);
        else underWay.delete(window.key);
      });
    return 'taken';
  };

  const note = (window: Window, title: string, card: Card): void => {
    const { id } = channel.add({ asker: window, at: now(), request: { kind: 'press', title } });
    reply(id, card, 'private');
  };

  const settle = (window: Window, message: Message, offerId: string, answer: PressAnswer): void => {
    const { reply: replied } = message;
    switch (answer.kind) {
      case 'card':
        if (replied.kind === 'card') reply(message.id, answer.card, replied.visibility);
        return;
      case 'note':
        note(window, replied.kind === 'card' ? replied.card.title : 'a message', answer.card);
        return;
      case 'ask':
        streams.publish({
          name: 'question',
          reaches: ({ key }) => key === window.key,
          tell: () => ({ messageId: message.id, offerId, form: answer.form }),
        } satisfies Happening<'question'>);
    }
  };

  return {
    ask(window, line) {
      const typed = readTyped(line, desk.commands) ?? plainWords(window, desk.commands);
      if ((underWay.get(window.key) ?? 0) >= mostAtOnce) return 'too-many';
      const command = typed?.command ?? '';
      const message = channel.add({ asker: window, at: now(), request: { kind: 'line', line, command } });
      if (typed === null) {
        reply(message.id, onlyCommandsCard(now()), 'private');
        return 'taken';
      }
      tellMessage(message);
      return carryOut(
        window,
        async () => {
          const call = { ...typed, actor: actorOf(window.persona), place: placeOf(window.persona) };
          const { card, visibility } = await desk.run(call);
          reply(message.id, card, visibility);
        },
        (card) => reply(message.id, card, 'private'),
      );
    },
    press(window, { messageId, offerId, form }) {
      const message = channel.find(messageId, window);
      if (message === null || message.reply.kind !== 'card' || !channel.hasOffered(messageId, offerId)) {
        return 'no-such-message';
      }
      const { visibility } = message.reply;
      const pressed = (): void =>
        streams.publish({
          name: 'pressed',
          reaches: ({ key }) => key === window.key,
          tell: () => ({ messageId, offerId }),
        } satisfies Happening<'pressed'>);
      return carryOut(
        window,
        async () => {
          let isOver = false;
          const press: Press = {
            offerId,
            actor: actorOf(window.persona),
            place: visibility === 'channel' ? placeOf(window.persona) : 'private',
            form,
          };
          try {
            const answer = await desk.press(press, (card) => {
              if (!isOver) reply(messageId, card, visibility);
            });
            isOver = true;
            settle(window, message, offerId, answer);
          } finally {
            isOver = true;
            pressed();
            // An action may have mended what a visitor broke.
            await tellTroubles();
          }
        },
        (card) => note(window, 'a message', card),
      );
    },
    listen: (window, response, lastEventId) => streams.open(window, response, lastEventId),
    tellTroubles,
    beat: () => streams.beat(),
    close: () => streams.close(),
  };
}

/** Whoever speaks with the bot alone need not know its commands. */
function plainWords({ persona }: Window, commands: readonly CommandListing[]) {
  const own = commands.find(({ name }) => name === 'my-server');
  return isStaff(persona) || own === undefined ? null : { command: own.name, input: {} };
}

/** A line that asks about somebody, for every command that wants to know who. */
export function lookUpLine(commands: readonly CommandListing[], email: string): string | null {
  const lookUp = commands.find(({ inputs }) => inputs.some(({ name }) => name === 'who'));
  return lookUp === undefined ? null : `/${lookUp.name} ${email}`;
}

const fewSuggestions = 2;

function suggestionsFor(
  { persona }: Window,
  commands: readonly CommandListing[],
  sandbox: SandboxControls | null,
): readonly Suggestion[] {
  const own = commands
    .filter(({ name }) => name === 'my-server')
    .map(({ name, summary }) => ({ line: `/${name}`, what: summary }));
  const customers = (sandbox?.customers ?? []).flatMap(({ email, story }) => {
    const line = lookUpLine(commands, email);
    return line === null ? [] : [{ line, what: story }];
  });
  return isStaff(persona) ? customers : [...own, ...customers.slice(0, 1)].slice(0, fewSuggestions);
}

function onlyCommandsCard(now: Date): Card {
  return noteCard(
    'Nobody reads this',
    'Only commands are read here; they begin with a slash. Type / to see which there are.',
    now,
  );
}

function bugCard(reference: string, now: Date): Card {
  return {
    tone: 'unsure',
    title: 'Something went wrong inside pterodoc',
    summary: `The reference for the log is ${reference}.`,
    blocks: [],
    madeAt: now,
  };
}
