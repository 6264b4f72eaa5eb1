import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../../../src/adapters/web/render-card.ts';
import { type Block, type Card, text } from '../../../../src/core/card.ts';
import { cleanForeignText } from '../../../../src/core/foreign-text.ts';
import { anyCard } from '../../../builders/any-card.ts';
import { cards } from '../../../builders/cards.ts';
import { ago, HOUR, NOW } from '../../../builders/time.ts';
import { readHtml, type Token } from '../../../support/html.ts';

const golden = new URL('../../../golden/', import.meta.url);

/** Where lines break in the markup means nothing; a golden file is read by people. */
function readable(markup: string): string {
  return `${markup.replace(/\s+/g, ' ').replaceAll('> <', '>\n<').trim()}\n`;
}

describe('golden cards', () => {
  test.each(Object.entries(cards))('%s', async (name, card) => {
    const rendered = readable(renderCard(card, 'm1-card'));
    await expect(rendered).toMatchFileSnapshot(new URL(`${name}.web.html`, golden).pathname);
  });

  test('there is no golden file without its card', () => {
    const files = readdirSync(golden).filter((file) => file.endsWith('.web.html'));
    expect(files.toSorted()).toEqual(
      Object.keys(cards)
        .map((name) => `${name}.web.html`)
        .toSorted(),
    );
  });
});

function opened(tokens: readonly Token[]) {
  return tokens.flatMap((token) => (token.kind === 'open' ? [token] : []));
}

function words(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.kind === 'text' ? token.text : ''))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}

const elements = new Set(
  'section p svg path h2 h3 span ol li div dl dt dd bdi a time table thead tbody tr th td label progress img select option button'.split(
    ' ',
  ),
);
const attributes = new Set(
  'class data-tone data-state data-ago data-style data-offer data-choose id for aria-labelledby aria-label aria-hidden aria-current focusable viewbox viewBox d datetime role tabindex scope value max src alt href target rel type'.split(
    ' ',
  ),
);

test('any card is well-formed HTML of the renderer’s own elements and attributes', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const foreign = opened(readHtml(renderCard(card, 'm1-card'))).flatMap(({ name, attributes: given }) => [
        ...(elements.has(name) ? [] : [name]),
        ...Object.keys(given).filter((attribute) => !attributes.has(attribute)),
      ]);
      expect(foreign).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('links of any card lead to web addresses only, and tell them nothing', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      for (const { name, attributes: given } of opened(readHtml(renderCard(card, 'm1-card')))) {
        if (name === 'a') {
          expect(given['href']).toMatch(/^https?:\/\//i);
          expect(given['rel']).toBe('noopener noreferrer');
        }
        if (name === 'img') expect(given['src']).toMatch(/^data:image\/(?:png|jpeg|gif|webp);base64,/);
      }
    }),
    { numRuns: 300 },
  );
});

test('the words of any card arrive as they are', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const shown = words(readHtml(renderCard(card, 'm1-card')));
      for (const said of [card.title, card.summary, ...card.blocks.flatMap(wordsOf)]) {
        expect(shown).toContain(cleanForeignText(said, 4000));
      }
    }),
    { numRuns: 200 },
  );
});

function wordsOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'paragraph':
      return [block.heading ?? '', block.body];
    case 'fields':
      return [block.heading ?? '', ...block.fields.flatMap(({ label, value }) => [label, value])];
    case 'table':
      return [...block.columns, ...block.rows.flat().flatMap((cell) => (cell instanceof Date ? [] : [cell]))];
    case 'progress':
      return [block.label];
    case 'image':
      return [];
  }
}

function aCard(part: Partial<Card>): Card {
  return { tone: 'neutral', title: 'T', summary: 'S', blocks: [], madeAt: NOW, ...part };
}

test('tells each stage in words beside its sign', () => {
  const card = aCard({
    path: [
      { stage: 'payment', state: 'passed' },
      { stage: 'webhook', state: 'broken' },
      { stage: 'order', state: 'unknown' },
    ],
  });
  expect(words(readHtml(renderCard(card, 'c')))).toContain('payment passed webhook broken order not known');
});

test('says when something happened, absolutely and relatively', () => {
  const card = aCard({
    blocks: [{ kind: 'fields', fields: [{ label: 'Status', value: text('error'), at: ago(3 * HOUR) }] }],
  });
  const tokens = readHtml(renderCard(card, 'c'));
  expect(words(tokens)).toContain('09:00 UTC, 3 h ago');
  expect(opened(tokens).find(({ name }) => name === 'time')?.attributes['datetime']).toBe('2026-11-24T09:00:00.000Z');
});

test('a link that is no web address keeps its words and leads nowhere', () => {
  const card = aCard({
    blocks: [{ kind: 'fields', fields: [{ label: 'A', value: text('one'), link: 'javascript:alert(1)' }] }],
    buttons: [{ kind: 'link', url: 'file:///etc/passwd', label: 'Open' }],
  });
  const tokens = readHtml(renderCard(card, 'c'));
  expect(opened(tokens).map(({ name }) => name)).not.toContain('a');
  expect(words(tokens)).toContain('one');
  expect(words(tokens)).toContain('Open');
});

test('an image from elsewhere stays a link, one within the message is shown', () => {
  const elsewhere = aCard({ blocks: [{ kind: 'image', url: 'https://example.com/a.png', alt: text('a chart') }] });
  const within = aCard({ blocks: [{ kind: 'image', url: 'data:image/png;base64,AAAA', alt: text('a chart') }] });
  expect(renderCard(elsewhere, 'c')).not.toContain('<img');
  expect(renderCard(elsewhere, 'c')).toContain('href="https://example.com/a.png"');
  expect(renderCard(within, 'c')).toContain('<img src="data:image/png;base64,AAAA" alt="a chart"');
});

test('a progress that counts wrongly stays within its bar', () => {
  const card = aCard({ blocks: [{ kind: 'progress', label: text('orders'), done: 9, total: 0 }] });
  const bar = opened(readHtml(renderCard(card, 'c'))).find(({ name }) => name === 'progress');
  expect(bar?.attributes).toMatchObject({ value: '1', max: '1' });
});

test('is unsafe text where nothing escapes it, which the reader of these tests notices', () => {
  expect(() => readHtml('<p>a & b</p>')).toThrow('ampersand');
  expect(() => readHtml('<p>a < b</p>')).toThrow('no tag');
  expect(() => readHtml('<p><b></p>')).toThrow('</p>');
  expect(() => readHtml('<p')).toThrow('no tag');
});
