import { setTimeout as sleep } from 'node:timers/promises';
import type { Button, Card } from '../../core/card.ts';
import { createLatestWriter, type LatestWriter } from '../../core/latest-writer.ts';
import { editEveryMs } from './limits.ts';
import { type Content, renderCard } from './render-card.ts';

/** A message that changes while people look at it. */
export interface LiveMessage {
  show(card: Card): void;
  /** Tells whether the message shows it, or something newer. */
  finish(card: Card): Promise<boolean>;
  /** What was written is remembered as long as somebody's press on it is being answered. */
  close(): void;
}

export interface LiveOptions {
  readonly messageId: string;
  readonly edit: (content: Content) => Promise<boolean>;
  /** What a card without buttons gets: should the program end before the outcome, they lead on. */
  readonly keptButtons: readonly Button[];
  /** Discord allows few edits of old messages: only the outcome then. */
  readonly showsSteps: boolean;
}

interface Wish {
  readonly card: Card;
  readonly edit: LiveOptions['edit'];
}

interface Shared {
  readonly writer: LatestWriter<Wish>;
  users: number;
}

/** One writer for each message, however many people press on it. */
export function createLiveMessages(): { open(options: LiveOptions): LiveMessage } {
  const writers = new Map<string, Shared>();

  const createWriter = (): LatestWriter<Wish> => {
    let newestMs = Number.NEGATIVE_INFINITY;
    let nextMs = 0;
    return createLatestWriter<Wish>({
      pace: () => sleep(Math.max(0, nextMs - performance.now()), undefined, { ref: false }),
      async write({ card, edit }) {
        // Somebody who pressed later may have been answered earlier: what is known since is not overwritten.
        if (card.madeAt.getTime() < newestMs) return true;
        nextMs = performance.now() + editEveryMs;
        const worked = await edit(renderCard(card));
        if (worked) newestMs = card.madeAt.getTime();
        return worked;
      },
    });
  };

  return {
    open({ messageId, edit, keptButtons, showsSteps }) {
      const shared = writers.get(messageId) ?? { writer: createWriter(), users: 0 };
      shared.users += 1;
      writers.set(messageId, shared);
      const usable = (card: Card): Card =>
        card.buttons === undefined && keptButtons.length > 0 ? { ...card, buttons: keptButtons } : card;
      return {
        show(card) {
          if (showsSteps) shared.writer.put({ card: usable(card), edit });
        },
        finish: (card) => shared.writer.finish({ card: usable(card), edit }),
        close() {
          shared.users -= 1;
          if (shared.users === 0) writers.delete(messageId);
        },
      };
    },
  };
}
