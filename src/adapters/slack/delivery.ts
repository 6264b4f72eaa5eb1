import { setTimeout as sleep } from 'node:timers/promises';
import type { Card } from '../../core/card.ts';
import { noteCard } from '../../core/cards/action-cards.ts';
import type { ChatLog } from '../../core/chat.ts';
import type { Clock } from '../../core/clock.ts';
import { createLatestWriter, type LatestWriter } from '../../core/latest-writer.ts';
import { fail, type Result } from '../../core/result.ts';
import type { SlackApi, Trouble } from './api.ts';
import type { Asker } from './asker.ts';
import { longestTurnMs, stepEveryMs } from './limits.ts';
import { type Content, plainText, renderCard } from './render-card.ts';
import { createUpdatePace } from './update-pace.ts';

/** A message that people look at while it changes. */
export interface LiveMessage {
  show(card: Card): void;
  /** The last word; where it cannot be written, the person who pressed gets it alone. */
  finish(card: Card): Promise<void>;
}

/** Brings cards to where they belong. */
export interface Delivery {
  /** An ordinary message; where the channel does not take it, the person who asked gets it alone. */
  toChannel(asker: Asker, card: Card): Promise<void>;
  toAsker(asker: Asker, card: Card): Promise<void>;
  /** Says that the answer takes a moment, if that costs nothing that is needed later. */
  sayLooking(asker: Asker, card: Card): Promise<void>;
  /** An ordinary message of ours in a channel. */
  liveMessage(asker: Asker, ts: string): LiveMessage;
  /** The message only this person sees, on which the button was pressed. */
  liveEphemeral(asker: Asker): LiveMessage;
}

export interface DeliveryDeps {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: ChatLog;
}

/** Uses of a response_url that progress leaves for the outcome and a word about it. */
const keptForOutcome = 2;
const ephemeralStepsMs = 4000;

export function createDelivery({ api, clock, log }: DeliveryDeps): Delivery {
  const pace = createUpdatePace();
  const turns = new Map<string, Promise<unknown>>();
  const writers = new Map<string, { readonly writer: LatestWriter<Card>; users: number }>();

  const postAfter = async (
    before: Promise<unknown> | undefined,
    { channelId, threadTs }: Asker,
    content: Content,
  ): Promise<Result<unknown, Trouble>> => {
    const giveUpAt = performance.now() + longestTurnMs;
    await before?.catch(() => undefined);
    for (;;) {
      if (performance.now() >= giveUpAt) return fail({ kind: 'refused', code: 'too_many_messages' });
      const posted = await api.post(channelId, content, threadTs);
      if (posted.ok || posted.failure.kind !== 'rate-limited') return posted;
      const waitMs = Math.min(posted.failure.retryAfterMs, Math.max(0, giveUpAt - performance.now()));
      await sleep(waitMs, undefined, { ref: false });
    }
  };

  /** One message after the other: a channel takes about one a second. */
  const post = async (asker: Asker, content: Content): Promise<Result<unknown, Trouble>> => {
    const { channelId } = asker;
    const mine = postAfter(turns.get(channelId), asker, content);
    turns.set(channelId, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(channelId) === mine) turns.delete(channelId);
    }
  };

  /** Tries every way to one person; a message that may have come already says so. */
  const tellAsker = async (asker: Asker, card: Card, mayBeTwice = false): Promise<void> => {
    const { userId, channelId, threadTs, reply } = asker;
    const plain = renderCard(card);
    let isUnclear = mayBeTwice;
    const content = (): Content => (isUnclear ? withRemark(plain) : plain);
    if (reply !== null && reply.take()) {
      const ephemeral = { response_type: 'ephemeral', replace_original: false, ...inThread(threadTs) };
      const sent = await api.respond(reply.url, { ...ephemeral, ...content() });
      if (sent.ok) return;
      isUnclear ||= sent.failure.kind === 'unclear';
    }
    const sent = await api.postEphemeral(channelId, userId, content(), threadTs);
    if (sent.ok) return;
    log.warn(`An answer could not be shown (${troubleWords(sent.failure)}).`);
    // What the card holds is not for a conversation of two, where roles give nothing.
    const note = noteCard(
      'An answer could not be shown',
      'Slack did not let me answer where you asked. Ask again, in a channel that I am a member of.',
      clock.now(),
    );
    const told = await api.post(userId, renderCard(note), null);
    if (!told.ok) log.warn(`Nor could the person be told (${troubleWords(told.failure)}).`);
  };

  const tellChannel = async (asker: Asker, card: Card): Promise<void> => {
    const posted = await post(asker, renderCard(card));
    if (posted.ok) return;
    log.warn(`An answer could not be posted (${troubleWords(posted.failure)}); it goes to the person alone.`);
    await tellAsker(asker, card, posted.failure.kind === 'unclear');
  };

  const update = async (asker: Asker, ts: string, content: Content, isFinal: boolean): Promise<boolean> => {
    for (let attempt = 0; ; attempt += 1) {
      if (isFinal) await pace.unblocked();
      pace.count();
      const changed = await api.update(asker.channelId, ts, content);
      if (changed.ok) return true;
      if (changed.failure.kind === 'rate-limited') pace.block(changed.failure.retryAfterMs);
      else log.warn(`A message could not be changed (${troubleWords(changed.failure)}).`);
      // A step is outdated by the next one; the outcome is waited for.
      if (!isFinal || changed.failure.kind !== 'rate-limited' || attempt >= 5) return false;
    }
  };

  const createWriter = (asker: Asker, ts: string): LatestWriter<Card> => {
    let waitMs = 0;
    let last = '';
    return createLatestWriter<Card>({
      async pace() {
        await sleep(waitMs, undefined, { ref: false });
        await pace.room();
        waitMs = stepEveryMs;
      },
      async write(card, isFinal) {
        const content = renderCard(card);
        // Steps come as often as something is looked at; most of them say what is there already.
        if (!isFinal && content.text === last) return true;
        last = content.text;
        return update(asker, ts, content, isFinal).catch((error: unknown) => {
          log.bug(error);
          return false;
        });
      },
    });
  };

  const writerOf = (asker: Asker, ts: string) => {
    const key = `${asker.channelId} ${ts}`;
    const known = writers.get(key) ?? { users: 0, writer: createWriter(asker, ts) };
    known.users += 1;
    writers.set(key, known);
    return {
      writer: known.writer,
      release() {
        known.users -= 1;
        if (known.users === 0) writers.delete(key);
      },
    };
  };

  return {
    toChannel: tellChannel,
    toAsker: (asker, card) => tellAsker(asker, card),
    async sayLooking({ reply, threadTs }, card) {
      if (reply === null || !reply.take(keptForOutcome)) return;
      const { text, blocks } = renderCard(card);
      const ephemeral = { response_type: 'ephemeral', replace_original: false, ...inThread(threadTs) };
      await api.respond(reply.url, { ...ephemeral, text, blocks: blocks.slice(0, -1) });
    },
    liveMessage(asker, ts) {
      let used: ReturnType<typeof writerOf> | null = null;
      const writer = (): LatestWriter<Card> => (used ??= writerOf(asker, ts)).writer;
      const end = async (card: Card): Promise<void> => {
        const isWritten = await writer().finish(card);
        used?.release();
        used = null;
        if (!isWritten) await tellAsker(asker, card);
      };
      return { show: (card) => writer().put(card), finish: end };
    },
    liveEphemeral(asker) {
      const { reply } = asker;
      const replace = async (card: Card, isFinal: boolean): Promise<boolean> => {
        if (reply === null || !reply.take(isFinal ? 0 : keptForOutcome)) return false;
        const sent = await api.respond(reply.url, { replace_original: true, ...renderCard(card) });
        return sent.ok;
      };
      let waitMs = 0;
      const writer = createLatestWriter<Card>({
        async pace() {
          await sleep(waitMs, undefined, { ref: false });
          waitMs = ephemeralStepsMs;
        },
        write: replace,
      });
      const end = async (card: Card): Promise<void> => {
        if (!(await writer.finish(card))) await tellAsker({ ...asker, reply: null }, card);
      };
      return { show: (card) => writer.put(card), finish: end };
    },
  };
}

function inThread(threadTs: string | null) {
  return threadTs === null ? {} : { thread_ts: threadTs };
}

function withRemark({ text, blocks }: Content): Content {
  const remark = 'Slack did not confirm the first attempt to show this: it may be here twice.';
  return { text: `${remark}\n${text}`, blocks: [{ type: 'context', elements: [plainText(remark)] }, ...blocks] };
}

function troubleWords(trouble: Trouble): string {
  return trouble.kind === 'refused' ? trouble.code : trouble.kind;
}
