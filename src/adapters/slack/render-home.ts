import type { types } from '@slack/bolt';
import type { CommandListing } from '../../core/desk.ts';
import { plainText } from './render-card.ts';
import { plainPieces, richText, section } from './rich-text.ts';

/** The tab of the app: what it is for, and how to ask it. */
export function homeView(commands: readonly CommandListing[], isStaff: boolean): types.HomeView {
  return {
    type: 'home',
    blocks: [
      { type: 'header', text: plainText('pterodoc') },
      {
        type: 'section',
        text: plainText(
          'It follows the purchase of a game server from payment to a running server, says where it broke and why, and mends it.',
        ),
      },
      { type: 'divider' },
      ...(isStaff ? staffBlocks(commands) : otherBlocks()),
    ],
  };
}

function staffBlocks(commands: readonly CommandListing[]): types.KnownBlock[] {
  const lines = commands.map(({ name, summary, inputs }) => {
    const given = inputs.map((input) => (input.isRequired ? ` <${input.name}>` : ` [${input.name}:…]`)).join('');
    return section([...plainPieces(`/${name}${given}`, { code: true }), ...plainPieces(`  ${summary}`)]);
  });
  return [
    richText([
      section(plainPieces('Commands', { bold: true })),
      { type: 'rich_text_list', style: 'bullet', elements: lines },
    ]),
    {
      type: 'context',
      elements: [
        plainText(
          'In a support channel everybody there sees the answer, with masked addresses. Elsewhere you alone see it. In a conversation of two, such as this one, commands of staff do not work.',
        ),
      ],
    },
  ];
}

function otherBlocks(): types.KnownBlock[] {
  return [
    {
      type: 'section',
      text: plainText('At present it answers the support team only. If you wait for a server, please write to them.'),
    },
  ];
}
