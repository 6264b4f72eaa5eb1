import type { types } from '@slack/bolt';
import {
  type Block,
  type Button,
  type Card,
  type PathStep,
  type Select,
  type StepState,
  type Tone,
  toneWords,
} from '../../core/card.ts';
import { momentWords } from '../../core/moment-words.ts';
import { type PathRun, pathLines, stateWords } from '../../core/path-lines.ts';
import { unreachable } from '../../core/result.ts';
import { fallbackText } from './fallback-text.ts';
import {
  longestAlt,
  longestButton,
  longestHeader,
  longestOption,
  longestOptionValue,
  longestPlaceholder,
  longestText,
  mostBlocks,
  mostButtonsInRow,
  mostOptions,
  mostTextInBlocks,
} from './limits.ts';
import { dateToken } from './mrkdwn.ts';
import { createPen, type Measure, type Pen } from './pen.ts';
import {
  fieldsElements,
  paragraphElements,
  plainPieces,
  progressElements,
  richText,
  section,
  tableElements,
  webAddress,
} from './rich-text.ts';

/** What a message, or the part of a dialogue that shows a card, is made of. */
export interface Content {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/** What the `action_id` of a control says about it; the offer's id is in its value. */
export const controls = { press: 'press', ask: 'ask', choose: 'choose', open: 'open' } as const;

/** Prose gets shorter before lines are left out, and whole parts go last. */
const measures: readonly Measure[] = [
  { prose: longestText, rows: 1000, parts: 40 },
  { prose: 800, rows: 1000, parts: 40 },
  { prose: 400, rows: 100, parts: 40 },
  { prose: 200, rows: 50, parts: 40 },
  { prose: 120, rows: 20, parts: 40 },
  { prose: 80, rows: 10, parts: 30 },
  { prose: 60, rows: 5, parts: 20 },
  { prose: 40, rows: 3, parts: 10 },
];
const leastMeasure: Measure = { prose: 40, rows: 2, parts: 5 };

/** A card as a message of Slack, within all limits; what had to be left out is said at its end. */
export function renderCard(card: Card): Content {
  const text = fallbackText(card);
  for (const measure of measures) {
    const blocks = blocksOf(card, createPen(measure));
    if (blocks.length <= mostBlocks && lengthOfTexts(blocks) <= mostTextInBlocks) return { text, blocks };
  }
  return { text, blocks: blocksOf(card, createPen(leastMeasure)) };
}

function blocksOf(card: Card, pen: Pen): types.KnownBlock[] {
  const { path, buttons = [], select, madeAt } = card;
  const head = headBlocks(card, pen);
  const parts = pen.first(card.blocks, pen.measure.parts, 'parts').flatMap((block) => blockParts(block, madeAt, pen));
  const controls = [...(select === undefined ? [] : selectBlocks(select, madeAt, pen)), ...buttonBlocks(buttons)];
  return [
    ...head,
    ...(path === undefined ? [] : [pathBlock(path)]),
    ...(parts.length === 0 ? [] : [{ type: 'divider' as const }, ...parts]),
    // It knows what all the others left out, and yet what can be pressed comes last.
    footBlock(madeAt, pen),
    ...controls,
  ];
}

const toneSymbols: Readonly<Record<Tone, string>> = { good: '✅', busy: '⏳', bad: '❌', unsure: '❔', neutral: 'ℹ️' };

function headBlocks({ tone, title, summary }: Card, pen: Pen): readonly types.KnownBlock[] {
  const before = `${toneSymbols[tone]} ${toneWords[tone]}: `;
  const words = pen.write(summary, longestText);
  return [
    { type: 'header', text: plainText(`${before}${pen.write(title, longestHeader - before.length)}`.trimEnd()) },
    ...(words === '' ? [] : [{ type: 'section' as const, text: plainText(words) }]),
  ];
}

const stateSymbols: Readonly<Record<StepState, string>> = {
  passed: '✅',
  current: '⏳',
  broken: '❌',
  unknown: '❔',
  pending: '⬜',
  skipped: '➖',
};

/** Keeps a symbol and its stage on one line of a narrow screen. */
const firmSpace = '\u00a0';

function pathBlock(path: readonly PathStep[]): types.KnownBlock {
  return richText([
    section(
      pathLines(path).flatMap((line, at) => [
        ...(at === 0 ? [] : plainPieces('\n')),
        ...line.flatMap((run, place) => [...(place === 0 ? [] : plainPieces(`${firmSpace} `)), ...runPieces(run)]),
      ]),
    ),
  ]);
}

function runPieces({ state, stages, isSpoken }: PathRun): readonly types.RichTextElement[] {
  const words = `${stateSymbols[state]}${firmSpace}${stages.join(isSpoken ? ', ' : `${firmSpace}› `)}`;
  return isSpoken ? plainPieces(`${words} ${stateWords[state]}`, { bold: true }) : plainPieces(words);
}

function blockParts(block: Block, madeAt: Date, pen: Pen): readonly types.KnownBlock[] {
  switch (block.kind) {
    case 'paragraph':
      return textBlock(paragraphElements(block, pen));
    case 'fields':
      return textBlock(fieldsElements(block, pen, madeAt));
    case 'table':
      return textBlock(tableElements(block, pen, madeAt));
    case 'progress':
      return textBlock(progressElements(block, pen));
    case 'image':
      return [imageBlock(block, pen)];
    default:
      return unreachable(block);
  }
}

function textBlock(elements: readonly types.RichTextBlockElement[]): readonly types.KnownBlock[] {
  return elements.length === 0 ? [] : [richText(elements)];
}

function imageBlock({ url, alt }: Extract<Block, { kind: 'image' }>, pen: Pen): types.KnownBlock {
  const address = webAddress(url);
  const words = pen.write(alt, longestAlt) || 'Image';
  return address === null
    ? richText([section(plainPieces(`Image: ${words}`))])
    : { type: 'image', image_url: address, alt_text: words };
}

function selectBlocks({ label, options }: Select, madeAt: Date, pen: Pen): readonly types.KnownBlock[] {
  const offered = options.filter(({ value }) => value.length > 0 && value.length <= longestOptionValue);
  const listed = pen.first(offered, mostOptions, 'choices');
  if (listed.length === 0) return [];
  return [
    {
      type: 'actions',
      // Under another id Slack forgets what was chosen before, so that it can be chosen again.
      block_id: `choice-${madeAt.getTime()}`,
      elements: [
        {
          type: 'static_select',
          action_id: controls.choose,
          placeholder: plainText(pen.write(label, longestPlaceholder) || 'Choose'),
          options: listed.map(({ value, label: name, description }) => {
            const more = description === undefined ? '' : pen.write(description, longestOption);
            return {
              value,
              text: plainText(pen.write(name, longestOption) || '–'),
              ...(more === '' ? {} : { description: plainText(more) }),
            };
          }),
        },
      ],
    },
  ];
}

/** Buttons are never left out, whatever the measure. */
function buttonBlocks(buttons: readonly Button[]): readonly types.KnownBlock[] {
  const pen = createPen({ prose: longestButton, rows: 0, parts: 0 });
  const elements = buttons.map((button, at) => buttonElement(button, at, pen));
  return Array.from({ length: Math.ceil(elements.length / mostButtonsInRow) }, (_, row) => ({
    type: 'actions' as const,
    block_id: `buttons-${row}`,
    elements: elements.slice(row * mostButtonsInRow, (row + 1) * mostButtonsInRow),
  }));
}

function buttonElement(button: Button, at: number, pen: Pen): types.Button {
  const text = plainText(pen.write(button.label) || '–');
  if (button.kind === 'press') {
    const { id, style, asks } = button;
    return {
      type: 'button',
      action_id: `${asks === true ? controls.ask : controls.press}.${at}`,
      text,
      value: id,
      ...(style === 'plain' ? {} : { style }),
    };
  }
  const address = webAddress(button.url);
  return { type: 'button', action_id: `${controls.open}.${at}`, text, ...(address === null ? {} : { url: address }) };
}

function footBlock(madeAt: Date, pen: Pen): types.KnownBlock {
  const leftOut = pen.leftOut();
  const moment = momentWords(madeAt, madeAt);
  return {
    type: 'context',
    elements: [
      { type: 'mrkdwn', text: dateToken(madeAt, 'Looked at {date_short_pretty} {time}', `Looked at ${moment}`) },
      ...(leftOut === null ? [] : [plainText(leftOut)]),
    ],
  };
}

/** Slack reads no markup in it, and turns no `:name:` into a picture. */
export function plainText(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** As Slack adds them up: everything there is to read. */
function lengthOfTexts(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + lengthOfTexts(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) =>
      sum + (typeof inner === 'string' ? (textKeys.has(key) ? inner.length : 0) : lengthOfTexts(inner)),
    0,
  );
}

const textKeys: ReadonlySet<string> = new Set(['text', 'alt_text', 'fallback']);
