import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInContainer,
  type APIComponentInMessageActionRow,
  type APIContainerComponent,
  type APITextDisplayComponent,
  ButtonStyle,
  ComponentType,
  MessageFlags,
  SeparatorSpacingSize,
} from 'discord.js';
import {
  type Block,
  type Button,
  type Card,
  type Field,
  type PathStep,
  type Select,
  type StepState,
  type Tone,
  toneWords,
} from '../../core/card.ts';
import { type PathRun, pathLines, stateWords } from '../../core/path-lines.ts';
import { unreachable } from '../../core/result.ts';
import { customIdOf, deadCustomId } from './controls.ts';
import {
  bytesPerDisplay,
  longestAlt,
  longestButton,
  longestButtonUrl,
  longestImageUrl,
  longestOption,
  longestPlaceholder,
  mostButtonsInRow,
  mostComponents,
  mostOptions,
  mostText,
  mostTextBytes,
} from './limits.ts';
import { linkTo, relativeTime, webAddress } from './markdown.ts';
import { createPen, type Measure, type Pen } from './pen.ts';

/** What a message is made of; whoever sends it adds who may see it. */
export interface Content {
  readonly flags: MessageFlags;
  readonly components: APIContainerComponent[];
  /** Nobody is ever called on by a name that stands in a message. */
  readonly allowed_mentions: { readonly parse: never[] };
}

/** A card as a message of Discord, within all limits; what had to be left out is said at its end. */
export function renderCard(card: Card): Content {
  return fitted((pen) => ({
    accent_color: toneColours[card.tone],
    components: partsOf(card, pen),
  }));
}

const toneColours: Readonly<Record<Tone, number>> = {
  good: 0x248046,
  busy: 0x5865f2,
  bad: 0xda373c,
  unsure: 0xf0b232,
  neutral: 0x80848e,
};

/** Prose gets shorter before lines are left out, and whole parts go last. */
const measures: readonly Measure[] = [
  { prose: 2000, rows: 100, parts: 30 },
  { prose: 600, rows: 100, parts: 30 },
  { prose: 300, rows: 50, parts: 30 },
  { prose: 160, rows: 30, parts: 30 },
  { prose: 100, rows: 20, parts: 30 },
  { prose: 80, rows: 10, parts: 20 },
  { prose: 60, rows: 6, parts: 10 },
  { prose: 40, rows: 3, parts: 4 },
  { prose: 40, rows: 1, parts: 1 },
];
/** Always fits: only what no message is without. */
const leastMeasure: Measure = { prose: 40, rows: 0, parts: 0 };

/** Draws with less and less until Discord takes it. */
export function fitted(
  draw: (pen: Pen) => { readonly accent_color: number; readonly components: readonly APIComponentInContainer[] },
): Content {
  const drawn = (measure: Measure): APIContainerComponent => {
    const { accent_color, components } = draw(createPen(measure));
    return { type: ComponentType.Container, accent_color, components: joined(components) };
  };
  const container = measures.map(drawn).find(fits) ?? drawn(leastMeasure);
  return { flags: MessageFlags.IsComponentsV2, components: [container], allowed_mentions: { parse: [] } };
}

function fits(container: APIContainerComponent): boolean {
  const texts = container.components.flatMap((one) => (one.type === ComponentType.TextDisplay ? [one.content] : []));
  const characters = texts.reduce((sum, text) => sum + [...text].length, 0);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + bytesPerDisplay, 0);
  return characters <= mostText && bytes <= mostTextBytes && countOf(container.components) + 1 <= mostComponents;
}

function countOf(components: readonly APIComponentInContainer[]): number {
  return components.reduce(
    (sum, one) => sum + 1 + (one.type === ComponentType.ActionRow ? one.components.length : 0),
    0,
  );
}

/** Texts that follow each other become one where there would be too many components. */
function joined(components: readonly APIComponentInContainer[]): APIComponentInContainer[] {
  if (countOf(components) + 1 <= mostComponents) return [...components];
  const result: APIComponentInContainer[] = [];
  for (const one of components) {
    const last = result.at(-1);
    if (one.type === ComponentType.TextDisplay && last?.type === ComponentType.TextDisplay) {
      result[result.length - 1] = text([last.content, '', one.content]);
    } else result.push(one);
  }
  return result;
}

export function text(lines: readonly string[]): APITextDisplayComponent {
  return { type: ComponentType.TextDisplay, content: lines.join('\n') };
}

function partsOf(card: Card, pen: Pen): readonly APIComponentInContainer[] {
  const { path, blocks, buttons = [], select } = card;
  const head = text(headLines(card, pen));
  const parts = pen.first(blocks, pen.measure.parts, 'parts').flatMap((block) => blockParts(block, pen));
  const controls = [
    ...(select === undefined ? [] : selectRow(select, card.madeAt, pen)),
    ...buttonRows(buttons, select === undefined ? 0 : 2, pen),
  ];
  return [
    head,
    ...(path === undefined ? [] : [pathText(path)]),
    ...(parts.length === 0 ? [] : [divider, ...parts]),
    // It knows what all the others left out, and yet what can be pressed comes last.
    footOf(card, pen),
    ...controls,
  ];
}

const divider: APIComponentInContainer = {
  type: ComponentType.Separator,
  divider: true,
  spacing: SeparatorSpacingSize.Small,
};

const toneSymbols: Readonly<Record<Tone, string>> = { good: '✅', busy: '⏳', bad: '❌', unsure: '❔', neutral: 'ℹ️' };

function headLines({ tone, title, summary }: Card, pen: Pen): readonly string[] {
  const words = pen.write(summary);
  return [
    `### ${toneSymbols[tone]} ${toneWords[tone]}: ${pen.write(title)}`.trimEnd(),
    ...(words === '' ? [] : [words]),
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

function pathText(path: readonly PathStep[]): APITextDisplayComponent {
  return text(pathLines(path).map((line) => line.map(runWords).join(`${firmSpace} `)));
}

function runWords({ state, stages, isSpoken }: PathRun): string {
  const words = `${stateSymbols[state]}${firmSpace}${stages.join(isSpoken ? ', ' : `${firmSpace}› `)}`;
  return isSpoken ? `**${words} ${stateWords[state]}**` : words;
}

function blockParts(block: Block, pen: Pen): readonly APIComponentInContainer[] {
  switch (block.kind) {
    case 'paragraph':
      return textParts([...headingLines(block.heading, pen), pen.write(block.body)]);
    case 'fields':
      return textParts(fieldsLines(block, pen));
    case 'table':
      return textParts(tableLines(block, pen));
    case 'progress':
      return textParts([progressLine(block, pen)]);
    case 'image':
      return [imagePart(block, pen)];
    default:
      return unreachable(block);
  }
}

function textParts(lines: readonly string[]): readonly APIComponentInContainer[] {
  const filled = lines.filter((line) => line !== '');
  return filled.length === 0 ? [] : [text(filled)];
}

function headingLines(heading: string | undefined, pen: Pen): readonly string[] {
  const words = pen.write(heading ?? '');
  return words === '' ? [] : [`**${words}**`];
}

function fieldsLines({ heading, fields }: Extract<Block, { kind: 'fields' }>, pen: Pen): readonly string[] {
  const title = headingLines(heading, pen);
  const lines = pen.first(fields, pen.measure.rows, 'lines').map((field) => fieldLine(field, pen));
  return [...title, ...lines.filter((line) => line !== '').map((line) => (title.length === 0 ? line : `- ${line}`))];
}

function fieldLine({ label, value, at, link }: Field, pen: Pen): string {
  const name = pen.write(label);
  const said = pen.write(value);
  const words = [name === '' ? '' : `**${name}:**`, said].filter((part) => part !== '').join(' ');
  const address = link === undefined ? null : linkTo(link, 'Open');
  if (link !== undefined && address === null) pen.leaveOut('links');
  return [words, ...(at === undefined ? [] : [relativeTime(at)]), ...(address === null ? [] : [address])]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Discord knows no tables: each row becomes a line, with the names of the columns above. */
function tableLines({ heading, columns, rows }: Extract<Block, { kind: 'table' }>, pen: Pen): readonly string[] {
  const names = columns.map((column) => pen.write(column)).filter((name) => name !== '');
  return [
    ...headingLines(heading, pen),
    ...(names.length === 0 ? [] : [`-# ${names.join(' · ')}`]),
    ...pen
      .first(rows, pen.measure.rows, 'rows')
      // A cell that says nothing keeps its place: the others are known by theirs.
      .map(
        (row) =>
          `- ${row.map((cell) => (cell instanceof Date ? relativeTime(cell) : pen.write(cell) || '–')).join(' · ')}`,
      ),
  ];
}

const barWidth = 12;

function progressLine({ label, done, total }: Extract<Block, { kind: 'progress' }>, pen: Pen): string {
  const share = total <= 0 ? 0 : Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * barWidth);
  const bar = `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
  return `${bar} ${done} of ${total} ${pen.write(label)}`.trimEnd();
}

function imagePart({ url, alt }: Extract<Block, { kind: 'image' }>, pen: Pen): APIComponentInContainer {
  const address = webAddress(url, longestImageUrl);
  if (address === null) return text([`Image: ${pen.write(alt)}`.trimEnd()]);
  const description = pen.plain(alt, longestAlt) || 'Image';
  return { type: ComponentType.MediaGallery, items: [{ media: { url: address }, description }] };
}

function selectRow({ label, options }: Select, madeAt: Date, pen: Pen): readonly APIComponentInContainer[] {
  const isTaken = new Set<string>();
  const offered = options.filter(({ value }) => {
    const isFine = value.trim() !== '' && value.length <= longestOption && value.isWellFormed() && !isTaken.has(value);
    isTaken.add(value);
    if (!isFine) pen.leaveOut('choices');
    return isFine;
  });
  const listed = pen.first(offered, mostOptions, 'choices');
  if (listed.length === 0) return [];
  return [
    row([
      {
        type: ComponentType.StringSelect,
        // Under another id the client forgets what was chosen before, so that it can be chosen again.
        custom_id: customIdOf({ kind: 'choose' }, madeAt.getTime()) ?? deadCustomId(0),
        placeholder: pen.plain(label, longestPlaceholder) || 'Choose',
        options: listed.map(({ value, label: name, description }) => {
          const more = description === undefined ? '' : pen.plain(description, longestOption);
          return {
            value,
            label: pen.plain(name, longestOption) || '–',
            ...(more === '' ? {} : { description: more }),
          };
        }),
      },
    ]),
  ];
}

export function row(
  components: APIComponentInMessageActionRow[],
): APIActionRowComponent<APIComponentInMessageActionRow> {
  return { type: ComponentType.ActionRow, components };
}

/** Room for the container, the head, the path, the divider, one text and the foot. */
const keptForTexts = 6;

/** Buttons are never left out for the sake of words. */
function buttonRows(buttons: readonly Button[], taken: number, pen: Pen): readonly APIComponentInContainer[] {
  const room = mostComponents - keptForTexts - taken;
  const most = Math.floor((room * mostButtonsInRow) / (mostButtonsInRow + 1));
  const shown = pen.first(buttons, most, 'buttons').map((button, at) => buttonOf(button, at, pen));
  return Array.from({ length: Math.ceil(shown.length / mostButtonsInRow) }, (_, line) =>
    row(shown.slice(line * mostButtonsInRow, (line + 1) * mostButtonsInRow)),
  );
}

const buttonStyles = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
} as const;

function buttonOf(button: Button, at: number, pen: Pen): APIButtonComponent {
  const label = pen.plain(button.label, longestButton) || '–';
  const dead = { label, custom_id: deadCustomId(at), style: ButtonStyle.Secondary, disabled: true } as const;
  if (button.kind === 'link') {
    const url = webAddress(button.url, longestButtonUrl);
    return { type: ComponentType.Button, ...(url === null ? dead : { label, url, style: ButtonStyle.Link }) };
  }
  const { id, style, asks = false } = button;
  const customId = id === '' ? null : customIdOf({ kind: 'press', asks, offerId: id }, at);
  return {
    type: ComponentType.Button,
    ...(customId === null ? dead : { label, custom_id: customId, style: buttonStyles[style] }),
  };
}

function footOf({ madeAt }: Card, pen: Pen): APITextDisplayComponent {
  const leftOut = pen.leftOut();
  return text([`-# As of ${relativeTime(madeAt)}${leftOut === null ? '' : ` · ${leftOut}`}`]);
}
