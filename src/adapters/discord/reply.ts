import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIInteraction,
  type APIInteractionResponse,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  REST,
  type RESTOptions,
  Routes,
} from 'discord.js';
import { fail, type Result } from '../../core/result.ts';
import { firstAnswerTimeoutMs, firstAnswerWithinMs, requestTimeoutMs, tokenLastsMs } from './limits.ts';
import { type Content, text } from './render-card.ts';
import { errorCode, once, persist, type Trouble } from './requests.ts';

/** What became of a first answer. */
export type Acknowledgement =
  | 'done'
  /** Discord had stopped waiting: the person reads that the application did not respond. */
  | 'too-late'
  /** Another process answered first, and goes on with it. */
  | 'taken'
  /** Discord may or may not have got it. */
  | 'unclear';

export type Sent = Result<unknown, Trouble>;

/** Everything that can be said in answer to one interaction; only its token is needed. */
export interface Reply {
  acknowledge(answer: APIInteractionResponse): Promise<Acknowledgement>;
  /** The message the first answer made, or the one on which the button was pressed. */
  edit(content: Content): Promise<Sent>;
  /** One more message, for the person alone. */
  followUp(content: Content): Promise<Sent>;
  remove(): Promise<Sent>;
}

export interface Replies {
  to(interaction: APIInteraction): Reply;
  /** Ends the timers within. */
  close(): void;
}

/**
 * Answers by the tokens of interactions. Clients of their own: these routes are outside the limit of all other requests,
 * and a first answer cannot wait for a time-out that suits the others. They do not repeat by themselves, since it
 * matters whether an attempt came before.
 */
export function createReplies(apiUrl: string): Replies {
  const shared: Partial<RESTOptions> = {
    api: apiUrl,
    retries: 0,
    globalRequestsPerSecond: Number.POSITIVE_INFINITY,
    // Every token leaves a queue behind.
    handlerSweepInterval: 60_000,
  };
  const urgent = new REST({ ...shared, timeout: firstAnswerTimeoutMs });
  const patient = new REST({ ...shared, timeout: requestTimeoutMs });
  return {
    to: (interaction) => replyTo(interaction, urgent, patient),
    close() {
      for (const rest of [urgent, patient]) {
        rest.clearHandlerSweeper();
        rest.clearHashSweeper();
      }
    },
  };
}

function replyTo({ id, token, application_id: appId }: APIInteraction, urgent: REST, patient: REST): Reply {
  const receivedAt = performance.now();
  const elapsedMs = (): number => performance.now() - receivedAt;
  const original = Routes.webhookMessage(appId, token);
  const alive = async (send: () => Promise<Sent>): Promise<Sent> =>
    elapsedMs() < tokenLastsMs ? send() : fail({ kind: 'refused', code: errorCode.expiredToken, status: 401 });
  return {
    async acknowledge(answer) {
      const route = Routes.interactionCallback(id, token);
      let mayBeDone = false;
      for (;;) {
        const sent = await once(() => urgent.post(route, { body: answer, auth: false }));
        if (sent.ok) return 'done';
        const { failure } = sent;
        if (failure.kind === 'refused') {
          if (failure.code === errorCode.alreadyAcknowledged) return mayBeDone ? 'done' : 'taken';
          if (failure.code === errorCode.unknownInteraction) return 'too-late';
          throw new Error(`Discord refuses a first answer (error ${failure.code}).`);
        }
        mayBeDone = true;
        await sleep(50, undefined, { ref: false });
        if (elapsedMs() > firstAnswerWithinMs) return 'unclear';
      }
    },
    edit: (content) => alive(() => persist(() => patient.patch(original, { body: content, auth: false }))),
    remove: () => alive(() => persist(() => patient.delete(original, { auth: false }))),
    followUp: (content) =>
      alive(async () => {
        const route = Routes.webhook(appId, token);
        const body = { ...content, flags: content.flags | MessageFlags.Ephemeral };
        const sent = await once(() => patient.post(route, { body, auth: false }));
        if (sent.ok || sent.failure.kind !== 'unclear') return sent;
        return once(() =>
          patient.post(route, { body: { ...body, components: [remark, ...body.components] }, auth: false }),
        );
      }),
  };
}

const remark = text(['-# Discord did not confirm the first attempt to show this: it may be here twice.']);

/** Only the person who asked sees it; nothing is in it yet. */
export const thinking = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
} satisfies APIInteractionResponse;
/** The message stays as it is until it is edited. */
export const noted = { type: InteractionResponseType.DeferredMessageUpdate } satisfies APIInteractionResponse;

/** A whole answer at once, for the person alone. */
export function atOnce(content: Content): APIInteractionResponse {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: { ...content, flags: content.flags | MessageFlags.Ephemeral },
  };
}

/** Puts something else in the place of the message on which the button was pressed. */
export function inItsPlace(content: Content): APIInteractionResponse {
  return { type: InteractionResponseType.UpdateMessage, data: content };
}

/** Opens a dialogue. */
export function opening(data: APIModalInteractionResponseCallbackData): APIInteractionResponse {
  return { type: InteractionResponseType.Modal, data };
}
