import type { types } from '@slack/bolt';
import type { Card } from '../../core/card.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import type { Form } from '../../core/desk.ts';
import { longestModalTitle, longestText } from './limits.ts';
import { plainText, renderCard } from './render-card.ts';

/** The ids under which a submitted dialogue comes back. */
export const formIds = { form: 'form', reasonBlock: 'reason', reasonInput: 'words' } as const;

/** Shown at once, because a dialogue can only be opened in the first moments after a press. */
export function loadingView(title: string): types.ModalView {
  return {
    type: 'modal',
    title: titleOf(title),
    close: plainText('Close'),
    blocks: [section('⏳ Looking afresh at the payment, the order, the panel and the logs …')],
  };
}

/** The question itself; `metadata` comes back with the answer. */
export function formView({ title, body, reason, confirmLabel, isDangerous }: Form, metadata: string): types.ModalView {
  return {
    type: 'modal',
    callback_id: formIds.form,
    private_metadata: metadata,
    title: titleOf(isDangerous ? `⚠️ ${title}` : title),
    submit: plainText(cleanForeignText(confirmLabel, longestModalTitle) || 'Go on'),
    close: plainText('Cancel'),
    blocks: [
      ...body
        .map((line) => cleanForeignText(line, longestText))
        .filter((line) => line !== '')
        .map(section),
      ...(reason === null ? [] : [reasonInput(reason)]),
    ],
  };
}

/** Where there is nothing left to ask: a card that only this person sees. */
export function noteView(title: string, card: Card): types.ModalView {
  const { buttons: _buttons, select: _select, ...rest } = card;
  return {
    type: 'modal',
    title: titleOf(title),
    close: plainText('Close'),
    blocks: renderCard(rest).blocks,
  };
}

function reasonInput({ label, maxLength }: NonNullable<Form['reason']>): types.InputBlock {
  return {
    type: 'input',
    block_id: formIds.reasonBlock,
    label: plainText(label),
    element: {
      type: 'plain_text_input',
      action_id: formIds.reasonInput,
      multiline: true,
      max_length: Math.min(maxLength, longestText),
    },
  };
}

function section(line: string): types.SectionBlock {
  return { type: 'section', text: plainText(line) };
}

function titleOf(title: string): types.PlainTextElement {
  return plainText(cleanForeignText(title, longestModalTitle) || 'pterodoc');
}
