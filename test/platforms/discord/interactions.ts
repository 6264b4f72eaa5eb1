import * as spec from 'discord-api-spec/zod';
import type { ZodMiniType } from 'zod/mini';
import { hasFlag, type MessageBody, messageFlag } from './message-body.ts';
import { refuseMessage } from './message-rules.ts';
import { addMessage, editMessage, isLoading, refuseFiles, type UploadedFile } from './messages.ts';
import { type ModalBody, modalFaults } from './modal-rules.ts';
import { refusal, refuseFaults } from './refusal.ts';
import { schemaFaults } from './schema.ts';
import {
  callbackType,
  type Channel,
  type Interaction,
  interactionType,
  type Message,
  type User,
  type World,
} from './state.ts';
import { messageWire, placeWire } from './wire.ts';

/** What a person's client sends, before the platform adds who and where. */
export interface Wish {
  readonly type: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly source?: Message | null;
  /** How old the interaction is by the time it is dispatched; events replayed after a resume can be old. */
  readonly ageMs?: number;
}

/** Dispatches an interaction; its first answer must come within the platform's time. */
export function createInteraction(world: World, channel: Channel, user: User, wish: Wish): Interaction {
  const createdAt = world.clock.now() - (wish.ageMs ?? 0);
  const id = world.nextId(createdAt);
  const token = Buffer.from(`interaction:${id}:${user.id}`).toString('base64url');
  const source = wish.source ?? null;
  const payload = {
    id,
    application_id: world.bot.id,
    type: wish.type,
    token,
    version: 1,
    data: wish.data,
    ...placeWire(world, channel, user),
    ...(source === null ? {} : { message: messageWire(world, source) }),
  };
  const interaction: Interaction = {
    id,
    token,
    type: wish.type,
    user,
    channel,
    createdAt,
    payload,
    source,
    answer: null,
    original: null,
    followUps: [],
    edits: 0,
    hasFailed: false,
  };
  world.interactions.set(id, interaction);
  world.tokens.set(token, interaction);
  world.dispatch({ name: 'INTERACTION_CREATE', data: payload, intents: 0, guildId: channel.guild?.id ?? null });
  setTimeout(() => giveUp(world, interaction), Math.max(0, world.settings.firstAnswerMs - (wish.ageMs ?? 0))).unref();
  return interaction;
}

/** The client stops waiting: "The application did not respond". */
function giveUp(world: World, interaction: Interaction): void {
  if (interaction.answer !== null || interaction.hasFailed) return;
  interaction.hasFailed = true;
  world.changed();
}

const callbackSchemas: Readonly<Record<number, ZodMiniType>> = {
  [callbackType.pong]: spec.PongInteractionCallbackRequestSchema,
  [callbackType.message]: spec.CreateMessageInteractionCallbackRequestSchema,
  [callbackType.deferredMessage]: spec.CreateMessageInteractionCallbackRequestSchema,
  [callbackType.deferredUpdate]: spec.UpdateMessageInteractionCallbackRequestSchema,
  [callbackType.update]: spec.UpdateMessageInteractionCallbackRequestSchema,
  [callbackType.autocomplete]: spec.ApplicationCommandAutocompleteCallbackRequestSchema,
  [callbackType.modal]: spec.ModalInteractionCallbackRequestSchema,
};

interface CallbackBody {
  readonly type?: unknown;
  readonly data?: unknown;
}

/** The first answer to an interaction. */
export function answerInteraction(
  world: World,
  id: string,
  token: string,
  body: CallbackBody,
  files: readonly UploadedFile[],
): Interaction {
  const interaction = world.interactions.get(id);
  if (interaction === undefined || interaction.token !== token) throw refusal('unknownInteraction');
  if (interaction.answer !== null) throw refusal('alreadyAcknowledged');
  const ageMs = world.clock.now() - interaction.createdAt;
  if (interaction.hasFailed || ageMs > world.settings.firstAnswerMs) {
    giveUp(world, interaction);
    throw refusal('unknownInteraction');
  }
  const type = typeof body.type === 'number' ? body.type : 0;
  const schema = callbackSchemas[type];
  const allowed = callbacksFor(interaction);
  if (schema === undefined || !allowed.includes(type)) {
    refuseFaults([
      { path: ['type'], code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${allowed.join(', ')}}.` },
    ]);
    return interaction;
  }
  refuseFaults(schemaFaults(schema, body));
  take(world, interaction, type, body.data, files);
  world.changed();
  return interaction;
}

// https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type
function callbacksFor({ type, source }: Interaction): readonly number[] {
  const { message, deferredMessage, deferredUpdate, update, autocomplete, modal } = callbackType;
  if (type === interactionType.autocomplete) return [autocomplete];
  const onMessage = source === null ? [] : [deferredUpdate, update];
  const opening = type === interactionType.modalSubmit ? [] : [modal];
  return [message, deferredMessage, ...onMessage, ...opening];
}

function take(
  world: World,
  interaction: Interaction,
  type: number,
  data: unknown,
  files: readonly UploadedFile[],
): void {
  const body = (data ?? {}) as MessageBody;
  const names = files.map(({ filename }) => filename);
  const answer = { type, at: world.clock.now(), modal: null, choices: [] };
  refuseFiles(files);
  switch (type) {
    case callbackType.message: {
      refuseMessage(body, names, undefined, ['data']);
      interaction.answer = answer;
      interaction.original = addAnswer(world, interaction, body, files, hasFlag(body.flags, messageFlag.ephemeral));
      break;
    }
    case callbackType.deferredMessage: {
      interaction.answer = answer;
      const isEphemeral = hasFlag(body.flags, messageFlag.ephemeral);
      interaction.original = addAnswer(world, interaction, {}, [], isEphemeral, messageFlag.loading);
      break;
    }
    case callbackType.deferredUpdate:
      interaction.answer = answer;
      interaction.original = interaction.source;
      break;
    case callbackType.update: {
      const { source } = interaction;
      if (source === null) break;
      refuseMessage(body, names, source, ['data']);
      interaction.answer = answer;
      interaction.original = source;
      editMessage(world, source, body, files);
      break;
    }
    case callbackType.autocomplete: {
      const { choices } = (data ?? {}) as { choices?: readonly { name: string; value: string | number }[] | null };
      interaction.answer = { ...answer, choices: choices ?? [] };
      break;
    }
    case callbackType.modal: {
      const modal = data as ModalBody;
      refuseFaults(modalFaults(modal).map((fault) => ({ ...fault, path: ['data', ...fault.path] })));
      interaction.answer = { ...answer, modal };
      break;
    }
    default:
      interaction.answer = answer;
  }
}

function addAnswer(
  world: World,
  interaction: Interaction,
  body: MessageBody,
  files: readonly UploadedFile[],
  isEphemeral: boolean,
  extraFlags = 0,
): Message {
  return addMessage(world, interaction.channel, body, {
    author: world.bot,
    files,
    interaction,
    onlyFor: isEphemeral ? interaction.user : null,
    extraFlags: extraFlags | (isEphemeral ? messageFlag.ephemeral : 0),
  });
}

/** The interaction a token speaks for, as long as the token lives. */
export function interactionOfToken(world: World, applicationId: string, token: string): Interaction {
  const interaction = world.tokens.get(token);
  if (applicationId !== world.bot.id) throw refusal('unknownWebhook');
  if (interaction === undefined) throw refusal('invalidWebhookToken');
  if (world.clock.now() - interaction.createdAt > world.settings.tokenMs) throw refusal('invalidWebhookToken');
  // Until the first answer there is nothing to follow up.
  if (interaction.answer === null) throw refusal('unknownWebhook');
  return interaction;
}

/** `@original` or a follow-up of the interaction. */
export function answerMessage(interaction: Interaction, which: string): Message {
  const message =
    which === '@original'
      ? interaction.original
      : [interaction.original, ...interaction.followUps].find((known) => known?.id === which);
  if (message === null || message === undefined || message.isDeleted) throw refusal('unknownMessage');
  return message;
}

/** Edits an answer through its token. */
export function editAnswer(
  world: World,
  interaction: Interaction,
  message: Message,
  body: MessageBody,
  files: readonly UploadedFile[],
): void {
  refuseFiles(files);
  refuseMessage(
    body,
    files.map(({ filename }) => filename),
    message,
  );
  if (message === interaction.original) interaction.edits += 1;
  editMessage(world, message, body, files);
}

/** Posts one more message in answer; right after a deferral it fills in the loading one. */
export function followUp(
  world: World,
  interaction: Interaction,
  body: MessageBody,
  files: readonly UploadedFile[],
): Message {
  refuseFiles(files);
  refuseMessage(
    body,
    files.map(({ filename }) => filename),
  );
  const { original } = interaction;
  if (original !== null && !original.isDeleted && isLoading(original)) {
    interaction.edits += 1;
    editMessage(world, original, body, files);
    return original;
  }
  const message = addAnswer(world, interaction, body, files, hasFlag(body.flags, messageFlag.ephemeral));
  interaction.followUps.push(message);
  world.changed();
  return message;
}

/** What `with_response=true` answers. */
export function callbackResponse(world: World, interaction: Interaction): Readonly<Record<string, unknown>> {
  const { answer, original } = interaction;
  const hasMessage = original !== null && answer !== null && answer.type !== callbackType.deferredUpdate;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(original === null
        ? {}
        : {
            response_message_id: original.id,
            response_message_loading: isLoading(original),
            response_message_ephemeral: original.onlyFor !== null,
          }),
    },
    ...(hasMessage ? { resource: { type: answer.type, message: messageWire(world, original) } } : {}),
  };
}
