import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../../../src/adapters/terminal/index.ts';
import { type Block, type Card, text } from '../../../../src/core/card.ts';
import { diagnosisCard } from '../../../../src/core/cards/diagnosis-card.ts';
import { stages } from '../../../../src/core/stage.ts';
import { cards } from '../../../builders/cards.ts';
import { aDiagnosis, anOrderEntry, LINKS } from '../../../builders/diagnosis.ts';
import { aFailedOrder } from '../../../builders/merchant.ts';
import { DAY, NOW } from '../../../builders/time.ts';

const golden = new URL('../../../golden/', import.meta.url);

describe('golden cards', () => {
  test.each(Object.entries(cards))('%s', async (name, card) => {
    const rendered = renderCard(card, { width: 80, colours: false });
    await expect(`${rendered}\n`).toMatchFileSnapshot(new URL(`${name}.terminal.txt`, golden).pathname);
  });

  test('there is no golden file without its card', () => {
    const files = readdirSync(golden).filter((file) => file.endsWith('.terminal.txt'));
    expect(files.toSorted()).toEqual(
      Object.keys(cards)
        .map((name) => `${name}.terminal.txt`)
        .toSorted(),
    );
  });
});

/** What customers and outside systems might put into a name. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '@everyone <!channel> <@123>',
    '[click](https://evil.example) **bold** `code`',
    '\u202egnp.exe\u202c \u2066x\u2069',
    '\u001b[2J\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007\u001b[31m',
    '\u009b31mred\u009c\u0090q\u009c',
    'x'.repeat(191),
    '名'.repeat(191),
    '👩‍👩‍👧‍👦'.repeat(40),
    'a\nb\r\nc\td\u0085e\u2028f',
    'e\u0301'.repeat(80),
    '\ud800 lone',
    '',
  ),
);
const foreign = hostile.map((value) => text(value));
const at = fc.date({ min: new Date(NOW.getTime() - 900 * DAY), max: NOW, noInvalidDate: true });

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant('paragraph' as const), heading: hostile, body: foreign }),
  fc.record({
    kind: fc.constant('fields' as const),
    heading: hostile,
    fields: fc.array(
      fc.record({ label: hostile, value: foreign, at, link: hostile }, { requiredKeys: ['label', 'value'] }),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    kind: fc.constant('table' as const),
    columns: fc.tuple(hostile, fc.constant('B'), hostile),
    rows: fc.array(fc.tuple(foreign, at, foreign), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('progress' as const), label: foreign, done: fc.nat(9), total: fc.nat(9) }),
  fc.record({ kind: fc.constant('image' as const), url: hostile, alt: foreign }),
);

const anyCard: fc.Arbitrary<Card> = fc.record(
  {
    tone: fc.constantFrom('good', 'busy', 'bad', 'unsure', 'neutral'),
    title: hostile,
    summary: hostile,
    path: fc.constant(stages.map((stage) => ({ stage, state: 'pending' as const }))),
    blocks: fc.array(block, { maxLength: 4 }),
    buttons: fc.constant([
      { kind: 'press', id: 'x', label: 'Retry provisioning', style: 'primary' },
      { kind: 'link', url: 'https://example.com', label: 'Open' },
    ] as const),
    select: fc.record({
      id: fc.constant('s'),
      label: hostile,
      options: fc.array(fc.record({ value: fc.constant('1'), label: foreign, description: foreign }), { maxLength: 2 }),
    }),
    madeAt: fc.constant(NOW),
  },
  { requiredKeys: ['tone', 'title', 'summary', 'blocks', 'madeAt'] },
);

const width = fc.integer({ min: 24, max: 120 });

test('no line of any card is wider than the terminal, and nothing in it controls the terminal', () => {
  fc.assert(
    fc.property(anyCard, width, (card, columns) => {
      const rendered = renderCard(card, { width: columns, colours: false });
      expect(rendered).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u);
      for (const line of rendered.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }),
    { numRuns: 300 },
  );
});

test('colours add styles and nothing else', () => {
  fc.assert(
    fc.property(anyCard, width, (card, columns) => {
      const coloured = renderCard(card, { width: columns, colours: true });
      expect(coloured.replace(/\u001b\[\d{1,2}m/g, '')).toBe(renderCard(card, { width: columns, colours: false }));
    }),
    { numRuns: 150 },
  );
});

test('a hostile order cannot write its own lines into a diagnosis', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const order = aFailedOrder({ serverName: name, status: name, region: name, planId: name });
      const card = diagnosisCard(aDiagnosis([anOrderEntry(order)]), { links: LINKS, emails: 'full', details: true });
      const rendered = renderCard(card, { width: 80, colours: false });
      expect(rendered).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|[^\P{Cc}\n]/u);
      for (const line of rendered.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    }),
    { numRuns: 60 },
  );
});

test('names each link once, by number', () => {
  const link = 'https://example.com/1';
  const card: Card = {
    tone: 'neutral',
    title: 'T',
    summary: 'S',
    blocks: [
      {
        kind: 'fields',
        fields: [
          { label: 'A', value: text('one'), link },
          { label: 'B', value: text('two'), link },
        ],
      },
    ],
    madeAt: NOW,
  };
  expect(renderCard(card, { width: 80, colours: false })).toBe(
    '• Note: T\n  S\n\n  A  one [1]\n  B  two [1]\n\n  [1] https://example.com/1',
  );
});

test('sets the path one stage a line where the terminal is narrow', () => {
  const card: Card = {
    tone: 'good',
    title: 'T',
    summary: 'S',
    path: stages.map((stage) => ({ stage, state: 'passed' })),
    blocks: [],
    madeAt: NOW,
  };
  expect(renderCard(card, { width: 40, colours: false }).split('\n').slice(3)).toEqual(
    stages.map((stage) => `  ✔ ${stage}`),
  );
});
