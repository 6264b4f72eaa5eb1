import {
  type APIModalInteractionResponseCallbackData,
  ButtonStyle,
  ComponentType,
  MessageFlags,
  TextInputStyle,
} from 'discord.js';
import { cleanForeignText } from '../../core/foreign-text.ts';
import type { Form } from '../../core/desk.ts';
import { type Control, customIdOf, deadCustomId } from './controls.ts';
import { longestButton, longestModalInput, longestModalLabel, longestModalTitle } from './limits.ts';
import { type Content, fitted, row, text } from './render-card.ts';

/** What the second question is about. */
export interface FormSubject {
  readonly offerId: string;
  /** The message that everybody sees, on which the outcome is to stand; `null`: there is none. */
  readonly cardId: string | null;
}

/** The only field of the dialogue. */
export const reasonInputId = 'reason';

const dangerColour = 0xda373c;
const calmColour = 0x5865f2;

/**
 * The second question, as a message that only the one who pressed sees. A dialogue would have to be the first answer to
 * the press, within three seconds, and what there is to ask takes a fresh diagnosis; it is opened, where a reason is to
 * be written, by the button of this message, when everything it shows is known.
 */
export function questionMessage({ title, body, reason, confirmLabel, isDangerous }: Form, about: FormSubject): Content {
  const control: Control =
    reason === null
      ? { kind: 'confirm', ...about }
      : { kind: 'reason', ...about, label: reason.label, maxLength: Math.min(reason.maxLength, longestModalInput) };
  const customId = customIdOf(control, 0);
  return fitted((pen) => ({
    accent_color: isDangerous ? dangerColour : calmColour,
    components: [
      text([
        `### ${isDangerous ? '⚠️ ' : ''}${pen.write(title)}`.trimEnd(),
        ...pen
          .first(body, pen.measure.rows, 'lines')
          .map((line) => pen.write(line))
          .filter((line) => line !== ''),
        ...(reason === null ? [] : [`-# You are asked next: ${pen.write(reason.label)}`]),
      ]),
      row([
        {
          type: ComponentType.Button,
          label: pen.plain(confirmLabel, longestButton) || 'Go on',
          style: isDangerous ? ButtonStyle.Danger : ButtonStyle.Primary,
          custom_id: customId ?? deadCustomId(0),
          disabled: customId === null,
        },
        {
          type: ComponentType.Button,
          label: 'Cancel',
          style: ButtonStyle.Secondary,
          custom_id: customIdOf({ kind: 'cancel' }, 1) ?? deadCustomId(1),
        },
      ]),
      ...(pen.leftOut() === null ? [] : [text([`-# ${pen.leftOut()}`])]),
    ],
  }));
}

/** The dialogue for the reason. */
export function reasonModal(
  asked: Extract<Control, { kind: 'reason' }>,
  title: string,
): APIModalInteractionResponseCallbackData {
  const { offerId, cardId, label, maxLength } = asked;
  return {
    custom_id: customIdOf({ kind: 'confirm', offerId, cardId }, 0) ?? deadCustomId(0),
    title: cleanForeignText(title, longestModalTitle) || 'pterodoc',
    components: [
      {
        type: ComponentType.Label,
        label: cleanForeignText(label, longestModalLabel) || 'Reason',
        component: {
          type: ComponentType.TextInput,
          custom_id: reasonInputId,
          style: TextInputStyle.Paragraph,
          max_length: Math.min(Math.max(1, maxLength), longestModalInput),
          required: true,
        },
      },
    ],
  };
}

/** A sentence in place of a message that has done its work. */
export function wordsMessage(words: string): Content {
  return {
    flags: MessageFlags.IsComponentsV2,
    components: [{ type: ComponentType.Container, components: [text([words])] }],
    allowed_mentions: { parse: [] },
  };
}
