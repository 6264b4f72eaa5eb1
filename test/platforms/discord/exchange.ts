import { isLoading } from './messages.ts';
import type { ModalBody } from './modal-rules.ts';
import { seen, type SeenMessage } from './seen.ts';
import { callbackType, type Interaction, type World } from './state.ts';

export type AnswerKind = 'message' | 'deferred-message' | 'deferred-update' | 'update' | 'autocomplete' | 'modal';

/** How long a person's wish is followed before the test goes on. */
export type Until = 'sent' | 'answered' | 'settled';

/** One wish of a person and what came of it; its properties tell the present. */
export interface Exchange {
  readonly id: string;
  readonly token: string;
  /** Time from the event to the first answer; `null` before there is one. */
  readonly firstAnswerMs: number | null;
  readonly kind: AnswerKind | null;
  /** The client shows "The application did not respond". */
  readonly hasFailed: boolean;
  /** Whether only the person sees the answer. */
  readonly isEphemeral: boolean;
  /** The answer as the person sees it now; `null` when there is none (any more). */
  readonly message: SeenMessage | null;
  readonly followUps: readonly SeenMessage[];
  /** How often the answer was edited through the interaction's token. */
  readonly edits: number;
  readonly modal: ModalBody | null;
  readonly choices: readonly { readonly name: string; readonly value: string | number }[];
  /** As the bot got it. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Waits for the first answer, or for the client to give up. */
  answered(withinMs?: number): Promise<Exchange>;
  /** Waits until nothing is "thinking" any more, or the client gave up. */
  settled(withinMs?: number): Promise<Exchange>;
  /** Waits until the test holds. */
  until(holds: (exchange: Exchange) => boolean, withinMs?: number): Promise<Exchange>;
}

const WAIT_MS = 10_000;

const kinds: Readonly<Record<number, AnswerKind>> = {
  [callbackType.message]: 'message',
  [callbackType.deferredMessage]: 'deferred-message',
  [callbackType.deferredUpdate]: 'deferred-update',
  [callbackType.update]: 'update',
  [callbackType.autocomplete]: 'autocomplete',
  [callbackType.modal]: 'modal',
};

export function exchangeOf(world: World, interaction: Interaction): Exchange {
  const wait = async (holds: () => boolean, withinMs: number, words: string): Promise<Exchange> => {
    await world.until(holds, withinMs, () => `${words} within ${withinMs} ms: ${described(interaction)}`);
    return exchange;
  };
  const exchange: Exchange = {
    id: interaction.id,
    token: interaction.token,
    payload: interaction.payload,
    get firstAnswerMs() {
      return interaction.answer === null ? null : interaction.answer.at - interaction.createdAt;
    },
    get kind() {
      return interaction.answer === null ? null : (kinds[interaction.answer.type] ?? null);
    },
    get hasFailed() {
      return interaction.hasFailed;
    },
    get isEphemeral() {
      return interaction.original?.onlyFor === interaction.user;
    },
    get message() {
      const { original } = interaction;
      return original === null || original.isDeleted ? null : seen(original);
    },
    get followUps() {
      return interaction.followUps.filter(({ isDeleted }) => !isDeleted).map(seen);
    },
    get edits() {
      return interaction.edits;
    },
    get modal() {
      return interaction.answer?.modal ?? null;
    },
    get choices() {
      return interaction.answer?.choices ?? [];
    },
    answered: (withinMs = WAIT_MS) =>
      wait(() => interaction.hasFailed || interaction.answer !== null, withinMs, 'No first answer'),
    settled: (withinMs = WAIT_MS) => wait(() => isSettled(interaction), withinMs, 'No result'),
    until: (holds, withinMs = WAIT_MS) => wait(() => holds(exchange), withinMs, 'What was waited for did not happen'),
  };
  return exchange;
}

/** Follows a wish as far as asked. */
export async function follow(exchange: Exchange, until: Until): Promise<Exchange> {
  if (until === 'answered') return exchange.answered();
  return until === 'settled' ? exchange.settled() : exchange;
}

function isSettled({ hasFailed, answer, original, edits, followUps }: Interaction): boolean {
  if (hasFailed) return true;
  if (answer === null) return false;
  if (original?.isDeleted === true) return true;
  if (answer.type === callbackType.deferredMessage) return original !== null && !isLoading(original);
  return answer.type !== callbackType.deferredUpdate || edits > 0 || followUps.length > 0;
}

function described({ hasFailed, answer, original, edits }: Interaction): string {
  if (hasFailed) return 'the client shows "The application did not respond".';
  if (answer === null) return 'nothing was answered.';
  const state = original === null ? 'no message' : isLoading(original) ? 'still "thinking"' : 'a message';
  return `the first answer was "${kinds[answer.type] ?? answer.type}", ${state}, ${edits} edits.`;
}
