import type { types } from '@slack/bolt';
import type { Block, Field } from '../../core/card.ts';
import { agoWords, momentWords } from '../../core/moment-words.ts';
import { latestSecond, longestUrl } from './limits.ts';
import type { Pen } from './pen.ts';

/*
 * Cards are written in rich text, of which Slack reads no markup: what customers name their servers can neither call on
 * anybody nor look like a sentence of this program.
 * https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 */
type Piece = types.RichTextElement;
type Element = types.RichTextBlockElement;

/** The blocks that are written as text. */
export type TextBlock = Exclude<Block, { readonly kind: 'image' }>;

export function richText(elements: readonly Element[]): types.RichTextBlock {
  return { type: 'rich_text', elements: [...elements] };
}

export function plainPieces(value: string, style?: types.RichTextStyleable['style']): readonly Piece[] {
  return value === '' ? [] : [{ type: 'text', text: value, ...(style === undefined ? {} : { style }) }];
}

export function section(pieces: readonly Piece[]): types.RichTextSection {
  return { type: 'rich_text_section', elements: [...pieces] };
}

function bullets(items: readonly (readonly Piece[])[]): readonly Element[] {
  const filled = items.filter((pieces) => pieces.length > 0);
  return filled.length === 0 ? [] : [{ type: 'rich_text_list', style: 'bullet', elements: filled.map(section) }];
}

/** A web address in the form a link needs; `null`: it leads nowhere. */
export function webAddress(url: string): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const { href } = new URL(url);
  return href.length > longestUrl ? null : href;
}

const bold = { bold: true };

/** Nothing where there is nothing to say. */
export function paragraphElements(
  { heading, body }: Extract<Block, { kind: 'paragraph' }>,
  pen: Pen,
): readonly Element[] {
  const title = headingPieces(heading, pen);
  const words = plainPieces(pen.write(body));
  if (title.length + words.length === 0) return [];
  return [section([...title, ...(title.length > 0 && words.length > 0 ? lineEnd : []), ...words])];
}

const lineEnd: readonly Piece[] = [{ type: 'text', text: '\n' }];

function headingPieces(heading: string | undefined, pen: Pen): readonly Piece[] {
  return heading === undefined ? [] : plainPieces(pen.write(heading), bold);
}

function headingElements(heading: string | undefined, pen: Pen): readonly Element[] {
  const title = headingPieces(heading, pen);
  return title.length === 0 ? [] : [section(title)];
}

export function fieldsElements(
  { heading, fields }: Extract<Block, { kind: 'fields' }>,
  pen: Pen,
  madeAt: Date,
): readonly Element[] {
  const title = headingElements(heading, pen);
  const lines = pen.first(fields, pen.measure.rows, 'lines').map((field) => fieldPieces(field, pen, madeAt));
  if (title.length > 0) return [...title, ...bullets(lines)];
  const filled = lines.filter((pieces) => pieces.length > 0);
  const joined = filled.flatMap((pieces, at) => (at === 0 ? pieces : [...lineEnd, ...pieces]));
  return joined.length === 0 ? [] : [section(joined)];
}

function fieldPieces({ label, value, at, link }: Field, pen: Pen, madeAt: Date): readonly Piece[] {
  const address = link === undefined ? null : webAddress(link);
  const name = pen.write(label);
  return [
    ...(name === '' ? [] : plainPieces(`${name}:`, bold)),
    ...plainPieces(`${name === '' ? '' : ' '}${pen.write(value)}`.trimEnd()),
    ...(at === undefined ? [] : [...plainPieces(' · '), ...momentPieces(at, madeAt)]),
    ...(address === null ? [] : [...plainPieces(' · '), { type: 'link' as const, url: address, text: 'Open' }]),
  ];
}

export function tableElements(
  { heading, columns, rows }: Extract<Block, { kind: 'table' }>,
  pen: Pen,
  madeAt: Date,
): readonly Element[] {
  const names = columns.map((column) => pen.write(column)).filter((name) => name !== '');
  return [
    ...headingElements(heading, pen),
    ...(names.length === 0 ? [] : [section(plainPieces(names.join(' · '), { italic: true }))]),
    ...bullets(
      pen.first(rows, pen.measure.rows, 'rows').map((row) =>
        row.flatMap((cell, at) => [
          ...(at === 0 ? [] : plainPieces(' · ')),
          // A cell that says nothing keeps its place: the others are known by theirs.
          ...(cell instanceof Date ? [momentPiece(cell, madeAt)] : plainPieces(pen.write(cell) || '–')),
        ]),
      ),
    ),
  ];
}

const barWidth = 12;

export function progressElements(
  { label, done, total }: Extract<Block, { kind: 'progress' }>,
  pen: Pen,
): readonly Element[] {
  const share = total <= 0 ? 0 : Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * barWidth);
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
  return [section(plainPieces(`${bar}  ${done} of ${total} ${pen.write(label)}`.trimEnd()))];
}

const justNowMs = 5000;

function momentPieces(at: Date, madeAt: Date): readonly Piece[] {
  const isJustNow = Math.abs(madeAt.getTime() - at.getTime()) < justNowMs;
  const ago = isJustNow ? 'just now' : agoWords(at, madeAt);
  return [momentPiece(at, madeAt), ...(ago === null ? [] : plainPieces(`, ${ago}`))];
}

/** In the reader's own time zone, where Slack can tell it. */
function momentPiece(at: Date, madeAt: Date): Piece {
  const timestamp = Math.floor(at.getTime() / 1000);
  const fallback = momentWords(at, madeAt);
  return timestamp < 0 || timestamp > latestSecond
    ? { type: 'text', text: fallback }
    : { type: 'date', timestamp, format: '{date_short_pretty} {time}', fallback };
}
