import { componentType, everyComponent, hasFlag, messageFlag, type SelectOption } from './message-body.ts';
import { readableText } from './mentions.ts';
import type { Message, MessageContent, Pings } from './state.ts';
import { isLoading } from './messages.ts';

export interface SeenButton {
  readonly label: string;
  /** `null` for a link. */
  readonly customId: string | null;
  readonly url: string | null;
  readonly isDisabled: boolean;
  readonly style: number;
}

export interface SeenSelect {
  readonly customId: string;
  readonly placeholder: string;
  readonly isDisabled: boolean;
  readonly options: readonly SelectOption[];
}

/** A message as a person who may see it sees it now. */
export interface SeenMessage extends MessageContent {
  readonly id: string;
  readonly authorId: string;
  /** "… is thinking": an answer nobody has filled in yet. */
  readonly isLoading: boolean;
  readonly isEphemeral: boolean;
  readonly isV2: boolean;
  readonly isDeleted: boolean;
  /** Everything people read in it, in order, one line for each text. */
  readonly text: string;
  readonly buttons: readonly SeenButton[];
  readonly selects: readonly SeenSelect[];
  readonly attachments: readonly { readonly filename: string; readonly text: string }[];
  readonly pings: Pings;
  readonly nonce: string | number | null;
  readonly replyTo: string | null;
  /** Its thread, if it has one. */
  readonly threadId: string | null;
  readonly createdAt: number;
  /** What it said before each edit, oldest first. */
  readonly history: readonly (MessageContent & { readonly at: number })[];
}

/** A copy: it does not change when the message does. */
export function seen(message: Message): SeenMessage {
  const all = everyComponent(message.components).map(({ component }) => component);
  return structuredClone({
    id: message.id,
    authorId: message.author.id,
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    flags: message.flags,
    isLoading: isLoading(message),
    isEphemeral: message.onlyFor !== null,
    isV2: hasFlag(message.flags, messageFlag.componentsV2),
    isDeleted: message.isDeleted,
    text: readableText(message),
    buttons: all
      .filter(({ type }) => type === componentType.button)
      .map(({ label, custom_id, url, disabled, style }) => ({
        label: label ?? '',
        customId: custom_id ?? null,
        url: url ?? null,
        isDisabled: disabled === true,
        style: style ?? 0,
      })),
    selects: all
      .filter(({ type }) => type === componentType.stringSelect)
      .map(({ custom_id, placeholder, disabled, options }) => ({
        customId: custom_id ?? '',
        placeholder: placeholder ?? '',
        isDisabled: disabled === true,
        options: options ?? [],
      })),
    attachments: message.attachments.map(({ filename, text }) => ({ filename, text })),
    pings: message.pings,
    nonce: message.nonce,
    replyTo: message.replyTo,
    threadId: message.thread?.id ?? null,
    createdAt: message.createdAt,
    history: message.history,
  });
}
