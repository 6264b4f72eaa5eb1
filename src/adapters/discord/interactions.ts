import {
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessage,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  ApplicationCommandType,
  ComponentType,
  SnowflakeUtil,
  InteractionType,
  MessageFlags,
} from 'discord.js';
import type { Card } from '../../core/card.ts';
import { noteCard } from '../../core/cards/action-cards.ts';
import { chatBugCard, type ChatDeps, elsewhereCard, lookingCard, rolesUnknownCard } from '../../core/chat.ts';
import type { Place, Press } from '../../core/desk.ts';
import type { ChannelMessages } from './channel-messages.ts';
import { typedCommand } from './commands.ts';
import { type Control, controlOf } from './controls.ts';
import { editableFreelyMs, lookingAfterMs, surelyTooOldMs } from './limits.ts';
import { createLiveMessages, type LiveMessage } from './live-messages.ts';
import { lookingButtons, titleIn } from './message-parts.ts';
import type { Places } from './places.ts';
import { renderCard } from './render-card.ts';
import { questionMessage, reasonInputId, reasonModal, wordsMessage } from './render-form.ts';
import {
  type Acknowledgement,
  atOnce,
  inItsPlace,
  noted,
  opening,
  type Replies,
  type Reply,
  thinking,
} from './reply.ts';
import { troubleWords } from './requests.ts';
import { actorOf, type DiscordRoleIds } from './roles.ts';

export interface InteractionDeps extends Pick<ChatDeps, 'desk' | 'clock' | 'log'> {
  readonly replies: Replies;
  readonly messages: ChannelMessages;
  readonly places: Places;
  readonly guildId: string;
  readonly roleIds: DiscordRoleIds;
}

/** Everything people can do, from the event to the last word about it. */
export interface Interactions {
  take(interaction: APIInteraction): void;
  /** From now on people are told that the program ends. */
  refuse(): void;
  /** Answers that are on their way. */
  readonly underWay: ReadonlySet<Promise<unknown>>;
}

type Component = APIMessageComponentInteraction | APIModalSubmitInteraction;

/** What a press is about, wherever the button was. */
interface Pressed {
  readonly offerId: string;
  readonly form: Press['form'];
  /** The card's message, where everybody sees it; `null`: the message that was pressed on is for one person. */
  readonly cardId: string | null;
  /** The press answers a second question, which has done its work with that. */
  readonly isAnswer: boolean;
}

export function createInteractions(deps: InteractionDeps): Interactions {
  const { desk, clock, log, replies, messages, places, guildId, roleIds } = deps;
  const live = createLiveMessages();
  const underWay = new Set<Promise<unknown>>();
  let isEnding = false;
  const now = (): Date => clock.now();

  /** Whether the work may begin. Whoever answers first does it. */
  const isOurs = (acknowledged: Acknowledgement, interaction: APIInteraction): boolean => {
    if (acknowledged === 'too-late') {
      log.warn(`An interaction came ${ageMs(interaction)} ms old, too late to be answered; nothing was done.`);
    }
    return acknowledged === 'done';
  };
  const ageMs = ({ id }: APIInteraction): number => now().getTime() - SnowflakeUtil.timestampFrom(id);

  const tell = async (reply: Reply, card: Card): Promise<void> => {
    const sent = await reply.edit(renderCard(card));
    if (!sent.ok) log.warn(`An answer could not be shown (${troubleWords(sent.failure)}).`);
  };
  const tellApart = async (reply: Reply, card: Card): Promise<void> => {
    const sent = await reply.followUp(renderCard(card));
    if (!sent.ok) log.warn(`An answer could not be shown (${troubleWords(sent.failure)}).`);
  };

  const runCommand = async (interaction: APIChatInputApplicationCommandInteraction, reply: Reply): Promise<void> => {
    const place = places.placeOf(interaction);
    const acknowledged = await reply.acknowledge(thinking);
    // Asking changes nothing: where the acknowledgement is unclear the answer may still arrive.
    if (acknowledged !== 'unclear' && !isOurs(acknowledged, interaction)) return;
    const looking = createReminder(lookingAfterMs, () => reply.edit(renderCard(lookingCard(now()))));
    try {
      const actor = actorOf(interaction, roleIds);
      if (actor === null) {
        await tell(reply, rolesUnknownCard('Discord', now()));
        return;
      }
      const { card, visibility } = await desk.run({ ...typedCommand(interaction), actor, place });
      await looking.done();
      if (visibility === 'channel' && place === 'staff') await postAnswer(interaction, reply, card);
      else await answerAlone(interaction, reply, card);
    } catch (error) {
      await looking.done();
      await tell(reply, chatBugCard(log.bug(error), now()));
    } finally {
      await looking.done();
    }
  };

  /** As a message of its own, so that what was typed does not stand above it. */
  const postAnswer = async (interaction: APIInteraction, reply: Reply, card: Card): Promise<void> => {
    const channelId = interaction.channel?.id ?? '';
    const posted = await messages.post(channelId, renderCard(card), interaction.id);
    if (!posted.ok) {
      log.warn(`An answer could not be posted (${troubleWords(posted.failure)}); it goes to the person alone.`);
      await tell(reply, card);
      return;
    }
    const removed = await reply.remove();
    if (!removed.ok) await reply.edit(wordsMessage('The answer is in the channel.'));
  };

  const answerAlone = async (interaction: APIInteraction, reply: Reply, card: Card): Promise<void> => {
    const sent = await reply.edit(renderCard(card));
    if (sent.ok) return;
    log.warn(`An answer could not be shown (${troubleWords(sent.failure)}).`);
    const user = interaction.member?.user ?? interaction.user;
    if (user === undefined) return;
    // What the card holds is not for a conversation of two, where roles give nothing.
    const note = noteCard(
      'An answer could not be shown',
      'Discord did not let me answer where you asked. Ask again.',
      now(),
    );
    const told = await messages.toPerson(user.id, renderCard(note), interaction.id);
    if (!told.ok) log.warn(`Nor could the person be told (${troubleWords(told.failure)}).`);
  };

  const press = async (interaction: Component, pressed: Pressed, reply: Reply): Promise<void> => {
    const { offerId, form, cardId, isAnswer } = pressed;
    const isPublic = cardId !== null;
    const channelPlace = places.placeOf(interaction);
    const place: Place = isPublic ? channelPlace : 'private';
    const actor = actorOf(interaction, roleIds);
    const acknowledged = await reply.acknowledge(noted);
    if (acknowledged === 'unclear') {
      await tellApart(
        reply,
        noteCard('Nothing was done', 'Discord did not confirm that your press arrived. Press again.', now()),
      );
    }
    if (!isOurs(acknowledged, interaction)) return;
    /** A question that has been answered says so until there is more to say. */
    let marked: Promise<unknown> = Promise.resolve();
    /** The presser's own message, where there is one, else a new one. */
    const note = async (card: Card): Promise<void> => {
      await marked;
      await (isAnswer ? tell(reply, card) : tellApart(reply, card));
    };
    const message = isPublic && place !== 'staff' ? null : liveMessage(interaction, pressed, reply);
    let hasShown = false;
    try {
      if (actor === null) {
        await note(rolesUnknownCard('Discord', now()));
        return;
      }
      if (isAnswer && isPublic) marked = reply.edit(wordsMessage('⏳ Under way.')).catch(log.bug);
      const answer = await desk.press({ offerId, actor, place, form }, (card) => {
        hasShown = message !== null;
        message?.show(card);
      });
      switch (answer.kind) {
        case 'card':
          if (message === null || !(await message.finish(answer.card))) await note(answer.card);
          else if (isAnswer && isPublic) {
            await marked;
            await reply.remove();
          }
          return;
        case 'note':
          // What was shown to all as under way must not stay so.
          if (hasShown) await message?.finish(answer.card);
          await note(answer.card);
          return;
        case 'ask': {
          const question = questionMessage(answer.form, { offerId, cardId });
          await marked;
          const sent = await (isAnswer ? reply.edit(question) : reply.followUp(question));
          if (!sent.ok) log.warn(`A question could not be asked (${troubleWords(sent.failure)}).`);
        }
      }
    } catch (error) {
      const card = chatBugCard(log.bug(error), now());
      if (hasShown) await message?.finish(card);
      await note(card);
    } finally {
      message?.close();
    }
  };

  const liveMessage = (interaction: Component, { cardId, isAnswer }: Pressed, reply: Reply): LiveMessage => {
    const pressedOn = interaction.message;
    const messageId = cardId ?? pressedOn?.id ?? interaction.id;
    const channelId = interaction.channel?.id ?? '';
    return live.open({
      messageId,
      async edit(content) {
        // The card itself, once its question has been answered, is no message of this interaction.
        const byToken = cardId === null || !isAnswer;
        const sent = await (byToken ? reply.edit(content) : messages.edit(channelId, messageId, content));
        if (sent.ok) return true;
        const again = byToken && cardId !== null ? await messages.edit(channelId, messageId, content) : sent;
        if (!again.ok) log.warn(`A message could not be changed (${troubleWords(again.failure)}).`);
        return again.ok;
      },
      keptButtons: isAnswer ? [] : lookingButtons(pressedOn),
      showsSteps: ageBetweenMs(messageId, interaction.id) < editableFreelyMs,
    });
  };

  const useComponent = async (
    interaction: APIMessageComponentInteraction,
    control: Control | null,
    reply: Reply,
  ): Promise<void> => {
    const { message, data } = interaction;
    const ownId = isForOne(message) ? null : message.id;
    switch (control?.kind) {
      case undefined:
        await sayAtOnce(reply, noteCard('This button is too old', 'Ask again to get a new one.', now()));
        return;
      case 'press':
        return press(interaction, { offerId: control.offerId, form: null, cardId: ownId, isAnswer: false }, reply);
      case 'choose': {
        const offerId = data.component_type === ComponentType.StringSelect ? (data.values[0] ?? '') : '';
        return press(interaction, { offerId, form: null, cardId: ownId, isAnswer: false }, reply);
      }
      case 'confirm': {
        const { offerId, cardId } = control;
        return press(interaction, { offerId, form: { reason: null }, cardId, isAnswer: true }, reply);
      }
      case 'reason':
        await reply.acknowledge(opening(reasonModal(control, titleIn(message) ?? control.label)));
        return;
      case 'cancel':
        await reply.acknowledge(inItsPlace(wordsMessage('Nothing was done.')));
    }
  };

  const useModal = async (interaction: APIModalSubmitInteraction, reply: Reply): Promise<void> => {
    const control = controlOf(interaction.data.custom_id);
    if (control?.kind !== 'confirm') {
      await sayAtOnce(reply, noteCard('This question is too old', 'Ask again to get a new one.', now()));
      return;
    }
    const { offerId, cardId } = control;
    await press(interaction, { offerId, form: { reason: reasonIn(interaction) }, cardId, isAnswer: true }, reply);
  };

  const sayAtOnce = async (reply: Reply, card: Card): Promise<void> => {
    await reply.acknowledge(atOnce(renderCard(card)));
  };

  const handle = async (interaction: APIInteraction): Promise<void> => {
    const reply = replies.to(interaction);
    if (ageMs(interaction) > surelyTooOldMs) {
      isOurs('too-late', interaction);
      return;
    }
    if (interaction.guild_id !== undefined && interaction.guild_id !== guildId) {
      await sayAtOnce(reply, elsewhereCard(now()));
      return;
    }
    if (isEnding) {
      await sayAtOnce(reply, noteCard('The bot restarts', 'Nothing was done. Try again in a moment.', now()));
      return;
    }
    switch (interaction.type) {
      case InteractionType.ApplicationCommand:
        if (interaction.data.type !== ApplicationCommandType.ChatInput) return;
        return runCommand(interaction as APIChatInputApplicationCommandInteraction, reply);
      case InteractionType.MessageComponent:
        return useComponent(interaction, controlOf(interaction.data.custom_id), reply);
      case InteractionType.ModalSubmit:
        return useModal(interaction, reply);
      case InteractionType.Ping:
      case InteractionType.ApplicationCommandAutocomplete:
    }
  };

  return {
    underWay,
    refuse() {
      isEnding = true;
    },
    take(interaction) {
      const work = handle(interaction).catch(log.bug);
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    },
  };
}

function isForOne({ flags }: APIMessage): boolean {
  return ((flags ?? 0) & MessageFlags.Ephemeral) !== 0;
}

function ageBetweenMs(earlierId: string, laterId: string): number {
  return SnowflakeUtil.timestampFrom(laterId) - SnowflakeUtil.timestampFrom(earlierId);
}

function reasonIn({ data }: APIModalSubmitInteraction): string | null {
  for (const part of data.components) {
    if (part.type !== ComponentType.Label) continue;
    const { component } = part;
    if (component.type === ComponentType.TextInput && component.custom_id === reasonInputId) return component.value;
  }
  return null;
}

/** Says something unless it turns out to be unnecessary in time. */
function createReminder(afterMs: number, say: () => Promise<unknown>) {
  let saying: Promise<unknown> = Promise.resolve();
  const timer = setTimeout(() => {
    saying = say().catch(() => undefined);
  }, afterMs);
  return {
    /** What is being said comes before what follows. */
    async done(): Promise<void> {
      clearTimeout(timer);
      await saying;
    },
  };
}
