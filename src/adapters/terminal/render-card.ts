import pico from 'picocolors';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import {
  type Block,
  type Button,
  type Card,
  type Field,
  type PathStep,
  type StepState,
  type Tone,
  toneWords,
} from '../../core/card.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import { agoWords, momentWords } from '../../core/moment-words.ts';
import { unreachable } from '../../core/result.ts';

export interface TerminalOptions {
  /** Columns of the terminal. Prose is set no wider than it can be read. */
  readonly width: number;
  readonly colours: boolean;
}

/** Longer lines are hard to follow with the eye. */
const widestLine = 100;
/** Below this nothing can be set sensibly. */
const narrowestLine = 24;
const indent = '  ';
const longestText = 4000;

interface Page {
  readonly width: number;
  readonly paint: ReturnType<typeof pico.createColors>;
  readonly madeAt: Date;
  /** Links are set below, numbered, once each: inline they would tear every sentence apart. */
  readonly links: string[];
}

type Paint = (line: string) => string;

const plainPaint: Paint = (line) => line;

/** A card as text. The only control characters in it are line ends and, with colours, the renderer's own styles. */
export function renderCard(card: Card, { width, colours }: TerminalOptions): string {
  const page: Page = {
    width: Math.max(narrowestLine, Math.min(width, widestLine)),
    paint: pico.createColors(colours),
    madeAt: card.madeAt,
    links: [],
  };
  const parts = [
    headLines(card, page),
    card.path === undefined ? [] : pathLines(card.path, page),
    ...card.blocks.map((block) => blockLines(block, page)),
    selectLines(card, page),
    buttonLines(card.buttons ?? [], page),
    linkLines(page),
  ];
  const filled = parts.filter((lines) => lines.length > 0);
  return filled.map((lines) => lines.join('\n')).join('\n\n');
}

const toneSymbols: Readonly<Record<Tone, string>> = { good: '✔', busy: '…', bad: '✖', unsure: '?', neutral: '•' };

function tonePaint(tone: Tone, { paint }: Page): Paint {
  switch (tone) {
    case 'good':
      return paint.green;
    case 'busy':
      return paint.cyan;
    case 'bad':
      return paint.red;
    case 'unsure':
      return paint.yellow;
    case 'neutral':
      return plainPaint;
  }
}

function headLines(card: Card, page: Page): readonly string[] {
  const colour = tonePaint(card.tone, page);
  const title = `${toneSymbols[card.tone]} ${toneWords[card.tone]}: ${plain(card.title)}`;
  return [
    ...hanging(title, page.width).map((line) => page.paint.bold(colour(line))),
    ...indented(plain(card.summary), page.width),
  ];
}

const stateSymbols: Readonly<Record<StepState, string>> = {
  passed: '✔',
  current: '…',
  broken: '✖',
  unknown: '?',
  pending: '·',
  skipped: '–',
};

function statePaint(state: StepState, { paint }: Page): Paint {
  switch (state) {
    case 'passed':
      return paint.green;
    case 'current':
      return paint.cyan;
    case 'broken':
      return (line) => paint.bold(paint.red(line));
    case 'unknown':
      return paint.yellow;
    case 'pending':
    case 'skipped':
      return paint.dim;
  }
}

/** The stages in one row with their states beneath, or one below the other where that is too wide. */
function pathLines(path: readonly PathStep[], page: Page): readonly string[] {
  const gap = '  ';
  const isWide =
    indent.length + path.map(({ stage }) => stage.length).reduce((a, b) => a + b + gap.length, 0) <= page.width;
  if (!isWide) {
    return path.map(({ stage, state }) => statePaint(state, page)(`${indent}${stateSymbols[state]} ${stage}`));
  }
  const row = (cells: readonly string[]): string =>
    indent + path.map(({ state }, at) => statePaint(state, page)(cells[at] ?? '')).join(gap);
  return [
    row(path.map(({ stage }) => stage)),
    row(
      path.map(({ stage, state }, at) => {
        const before = Math.floor((stage.length - 1) / 2);
        const symbol = `${' '.repeat(before)}${stateSymbols[state]}`;
        return at === path.length - 1 ? symbol : padded(symbol, stage.length);
      }),
    ),
  ];
}

function blockLines(block: Block, page: Page): readonly string[] {
  switch (block.kind) {
    case 'paragraph':
      return [...headingLines(block.heading, page), ...indented(plain(block.body), page.width)];
    case 'fields':
      return [...headingLines(block.heading, page), ...fieldLines(block.fields, page)];
    case 'table':
      return [...headingLines(block.heading, page), ...tableLines(block, page)];
    case 'progress':
      return progressLines(block, page);
    case 'image':
      return indented(`Image: ${plain(block.alt)}${noteLink(block.url, page)}`, page.width);
    default:
      return unreachable(block);
  }
}

function headingLines(heading: string | undefined, page: Page): readonly string[] {
  return heading === undefined ? [] : hanging(plain(heading), page.width).map(page.paint.bold);
}

const widestLabel = 20;

function fieldLines(fields: readonly Field[], page: Page): readonly string[] {
  const labels = fields.map((field) => plain(field.label));
  const most = Math.max(0, ...labels.map((label) => stringWidth(label)));
  const isNarrow = most > widestLabel || page.width < 2 * most + 20;
  return fields.flatMap((field, at) => {
    const label = labels[at] ?? '';
    const value = fieldText(field, page);
    if (isNarrow) {
      return [...indented(label, page.width).map(page.paint.dim), ...indented(value, page.width, indent + indent)];
    }
    const before = indent.length + most + 2;
    return wrap(value, page.width - before).map((line, row) =>
      row === 0
        ? `${indent}${label === '' ? '' : page.paint.dim(label)}${' '.repeat(most - stringWidth(label) + 2)}${line}`.trimEnd()
        : `${' '.repeat(before)}${line}`.trimEnd(),
    );
  });
}

function fieldText(field: Field, page: Page): string {
  const at = field.at === undefined ? '' : ` (${timeWords(field.at, page.madeAt)})`;
  return `${plain(field.value)}${at}${field.link === undefined ? '' : noteLink(field.link, page)}`;
}

function tableLines(block: Extract<Block, { kind: 'table' }>, page: Page): readonly string[] {
  const rows = block.rows.map((row) =>
    row.map((cell) => (cell instanceof Date ? momentWords(cell, page.madeAt) : plain(cell))),
  );
  const columns = block.columns.map(plain);
  const widths = columns.map((column, at) =>
    Math.max(stringWidth(column), ...rows.map((row) => stringWidth(row[at] ?? ''))),
  );
  const before = indent.length + widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  if (page.width - before < 20) return rows.flatMap((row) => stackedRow(columns, row, page));
  const line = (cells: readonly string[]): readonly string[] =>
    wrap(cells.at(-1) ?? '', page.width - before).map((rest, row) => {
      const others = widths.slice(0, -1).map((width, at) => padded(row === 0 ? (cells[at] ?? '') : '', width) + '  ');
      return `${indent}${others.join('')}${rest}`.trimEnd();
    });
  return [...line(columns).map(page.paint.dim), ...rows.flatMap(line)];
}

/** A row of a table that is too wide: its cells one below the other. */
function stackedRow(columns: readonly string[], row: readonly string[], page: Page): readonly string[] {
  return row.flatMap((cell, at) =>
    indented(`${columns[at] ?? ''}: ${cell}`, page.width, at === 0 ? indent : indent + indent),
  );
}

const barWidth = 20;

function progressLines(block: Extract<Block, { kind: 'progress' }>, page: Page): readonly string[] {
  const share = block.total <= 0 ? 0 : Math.min(1, Math.max(0, block.done / block.total));
  const full = Math.floor(share * barWidth);
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
  return indented(`${bar} ${block.done} of ${block.total} ${plain(block.label)}`, page.width);
}

function selectLines(card: Card, page: Page): readonly string[] {
  if (card.select === undefined) return [];
  return [
    ...headingLines(card.select.label, page),
    ...card.select.options.flatMap(({ label, description }) =>
      indented(description === undefined ? plain(label) : `${plain(label)}: ${plain(description)}`, page.width),
    ),
  ];
}

function buttonLines(buttons: readonly Button[], page: Page): readonly string[] {
  if (buttons.length === 0) return [];
  const labels = buttons.map((button) =>
    button.kind === 'link' ? `${plain(button.label)}${noteLink(button.url, page)}` : `[${plain(button.label)}]`,
  );
  return indented(labels.join('  '), page.width);
}

function linkLines(page: Page): readonly string[] {
  const before = indent.length + `[${page.links.length}] `.length;
  return page.links.flatMap((link, at) =>
    wrap(link, page.width - before).map((line, row) =>
      page.paint.dim(`${indent}${padded(row === 0 ? `[${at + 1}]` : '', before - indent.length)}${line}`),
    ),
  );
}

/** Notes a link and gives the mark that refers to it. */
function noteLink(url: string, { links }: Page): string {
  const link = plain(url);
  const at = links.indexOf(link);
  return ` [${at === -1 ? links.push(link) : at + 1}]`;
}

/** A moment and how long ago that is. */
function timeWords(at: Date, now: Date): string {
  return [momentWords(at, now), agoWords(at, now)].filter((words) => words !== null).join(', ');
}

/** Text of whatever origin without anything a terminal would obey. */
function plain(value: string): string {
  return cleanForeignText(value, longestText);
}

function indented(value: string, width: number, by: string = indent): readonly string[] {
  return wrap(value, width - by.length).map((line) => `${by}${line}`.trimEnd());
}

/** Only the first line starts at the edge: what foreign text adds never looks like a line of its own. */
function hanging(value: string, width: number): readonly string[] {
  return wrap(value, width - indent.length).map((line, at) => (at === 0 ? line : `${indent}${line}`));
}

function wrap(value: string, width: number): readonly string[] {
  return wrapAnsi(value, width, { hard: true })
    .split('\n')
    .flatMap((line) => (stringWidth(line) <= width ? [line] : cut(line, width)));
}

const graphemes = new Intl.Segmenter();

/** Some rare letters are wider beside others than alone, which wrapping by words does not see. */
function cut(line: string, width: number): readonly string[] {
  const lines = [''];
  for (const { segment } of graphemes.segment(line)) {
    const longer = `${lines.at(-1) ?? ''}${segment}`;
    if (stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(segment);
  }
  return lines;
}

function padded(value: string, width: number): string {
  return `${value}${' '.repeat(Math.max(0, width - stringWidth(value)))}`;
}
