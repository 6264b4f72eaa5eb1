import { type Block, type Card, toneWords } from '../../core/card.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import { momentWords } from '../../core/moment-words.ts';
import { stateWords } from '../../core/path-lines.ts';
import { unreachable } from '../../core/result.ts';
import { longestFallback } from './limits.ts';
import { inertMrkdwn } from './mrkdwn.ts';

const longestLine = 2000;

/** The whole card in words, for notifications and screen readers; escaped, and without anything live in it. */
export function fallbackText(card: Card): string {
  const lines = [
    `${toneWords[card.tone]}: ${card.title}`,
    card.summary,
    ...(card.path === undefined
      ? []
      : [`Path: ${card.path.map(({ stage, state }) => `${stage} ${stateWords[state]}`).join(', ')}`]),
    ...card.blocks.flatMap((block) => blockLines(block, card.madeAt)),
    ...(card.select === undefined
      ? []
      : [`${card.select.label}: ${card.select.options.map(({ label }) => label).join(', ')}`]),
    ...(card.buttons === undefined || card.buttons.length === 0
      ? []
      : [`Buttons: ${card.buttons.map(({ label }) => label).join(', ')}`]),
  ]
    .map((line) => cleanForeignText(line, longestLine))
    .filter((line) => line !== '');
  return joinWithin(lines);
}

function blockLines(block: Block, madeAt: Date): readonly string[] {
  const timeOf = (at: Date): string => momentWords(at, madeAt);
  switch (block.kind) {
    case 'paragraph':
      return [block.heading ?? '', block.body];
    case 'fields':
      return [
        block.heading ?? '',
        ...block.fields.map(({ label, value, at }) => `${label}: ${value}${at === undefined ? '' : `, ${timeOf(at)}`}`),
      ];
    case 'table':
      return [
        block.heading ?? '',
        ...block.rows.map((row) =>
          row.map((cell, at) => `${block.columns[at] ?? ''} ${cell instanceof Date ? timeOf(cell) : cell}`).join(', '),
        ),
      ];
    case 'progress':
      return [`${block.done} of ${block.total} ${block.label}`];
    case 'image':
      return [`Image: ${block.alt}`];
    default:
      return unreachable(block);
  }
}

/** Escaping makes texts longer: what is left out is decided on the escaped ones. */
function joinWithin(lines: readonly string[]): string {
  const roomForCount = 40;
  const written: string[] = [];
  let room = longestFallback - roomForCount;
  for (const [at, line] of lines.entries()) {
    const escaped = inertMrkdwn(line);
    if (escaped.length + 1 > room) {
      const cut = cutEscaped(line, room - 1);
      const left = lines.slice(at).join(' ').length - cut.kept;
      return [...written, cut.escaped, `… ${left} more characters`].filter((part) => part !== '').join('\n');
    }
    written.push(escaped);
    room -= escaped.length + 1;
  }
  return written.join('\n');
}

function cutEscaped(line: string, most: number): { readonly escaped: string; readonly kept: number } {
  for (let length = Math.max(0, most); length > 0; length = Math.floor(length * 0.8)) {
    const cut = cleanForeignText(line, length);
    const escaped = inertMrkdwn(cut);
    if (escaped.length <= most) return { escaped, kept: cut.length };
  }
  return { escaped: '', kept: 0 };
}
