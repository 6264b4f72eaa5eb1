import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../../../src/adapters/slack/render-card.ts';
import { type Block, type Card, text } from '../../../../src/core/card.ts';
import { stages } from '../../../../src/core/stage.ts';
import { actionCards } from '../../../builders/action-cards.ts';
import { anyCard } from '../../../builders/any-card.ts';
import { cards } from '../../../builders/cards.ts';
import { ago, HOUR, NOW } from '../../../builders/time.ts';
import { refuseBlocks } from '../../../platforms/slack/block-kit.ts';
import { liveMarkupOf, readingOf } from '../../../platforms/slack/block-text.ts';
import { readMarkup } from '../../../platforms/slack/markup.ts';

const golden = new URL('../../../golden/', import.meta.url);

const known: Readonly<Record<string, Card>> = {
  ...cards,
  ...Object.fromEntries(Object.entries(actionCards).map(([name, card]) => [`actions/${name}`, card])),
};

describe('golden cards', () => {
  test.each(Object.entries(known))('%s', async (name, card) => {
    const rendered = `${JSON.stringify(renderCard(card), null, 2)}\n`;
    await expect(rendered).toMatchFileSnapshot(new URL(`${name}.slack.json`, golden).pathname);
  });

  test('there is no golden file without its card', () => {
    const files = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.slack.json'),
    );
    expect(files.toSorted()).toEqual(
      Object.keys(known)
        .map((name) => `${name}.slack.json`)
        .toSorted(),
    );
  });
});

/** Names that Slack would bring to life if they were not escaped. */
const calling = fc.constantFrom(
  '<!channel>',
  '<@U123ABC>',
  '<!subteam^S123>',
  '<#C123|general>',
  '<https://evil.example|Stripe>',
  '<!date^1392734382^{date}|x>',
  'https://evil.example/pay',
  '*bold* _italic_ ~gone~ `code` ```block```',
  '&lt;!channel&gt; &amp;',
  '> quoted\n>>> all of it',
  '名'.repeat(191),
  '&<>'.repeat(64),
);

const callingCard: fc.Arbitrary<Card> = calling.map((name) => ({
  tone: 'bad',
  title: name,
  summary: name,
  blocks: [
    { kind: 'paragraph', heading: name, body: text(name) },
    { kind: 'fields', heading: name, fields: [{ label: name, value: text(name) }] },
    { kind: 'fields', fields: [{ label: name, value: text(name), at: ago(HOUR) }] },
    { kind: 'table', heading: name, columns: [name, 'B'], rows: [[text(name), ago(HOUR)]] },
    { kind: 'progress', label: text(name), done: 1, total: 2 },
    { kind: 'image', url: name, alt: text(name) },
  ],
  buttons: [{ kind: 'press', id: 'x', label: name, style: 'plain' }],
  select: { id: 's', label: name, options: [{ value: '1', label: text(name), description: text(name) }] },
  madeAt: NOW,
}));

test('Slack takes any card, and its text fits an update too', () => {
  fc.assert(
    fc.property(fc.oneof(anyCard, callingCard), (card) => {
      const content = renderCard(card);
      expect(refuseBlocks(content.blocks)).toBeNull();
      expect(content.text.length).toBeLessThanOrEqual(4000);
      expect(content.text).not.toBe('');
    }),
    { numRuns: 400 },
  );
});

test('nothing of any card is live but its own links', () => {
  fc.assert(
    fc.property(fc.oneof(anyCard, callingCard), (card) => {
      const content = renderCard(card);
      const own = card.blocks.flatMap((block) =>
        block.kind === 'fields'
          ? block.fields.flatMap(({ link = '' }) => (URL.canParse(link) ? [new URL(link).href] : []))
          : [],
      );
      const inBlocks = liveMarkupOf(content.blocks);
      expect(inBlocks.mentions).toEqual([]);
      expect(inBlocks.unescaped).toEqual([]);
      expect(inBlocks.links.filter((link) => !own.includes(link))).toEqual([]);
      expect(readMarkup(content.text)).toEqual({ mentions: [], links: [], unescaped: [] });
    }),
    { numRuns: 400 },
  );
});

test('every button of any card is there, with its offer', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const offered = (card.buttons ?? []).flatMap((button) => (button.kind === 'press' ? [button.id] : []));
      const rendered = JSON.parse(JSON.stringify(renderCard(card).blocks)) as { elements?: { value?: string }[] }[];
      const values = rendered.flatMap(({ elements = [] }) => elements.flatMap(({ value }) => value ?? []));
      expect(values).toEqual(offered);
    }),
    { numRuns: 200 },
  );
});

const plain: Card = { tone: 'neutral', title: 'T', summary: 'S', blocks: [], madeAt: NOW };

function long(count: number, block: Block): Card {
  return { ...plain, blocks: Array.from({ length: count }, () => block) };
}

const sentence = text('One sentence that is repeated until nobody could read it any more. '.repeat(30));

describe('a card that is too long for one message', () => {
  test.each([
    ['many long paragraphs', long(30, { kind: 'paragraph', heading: 'H', body: sentence })],
    ['more parts than blocks', long(80, { kind: 'paragraph', body: text('short') })],
    [
      'an endless table',
      long(2, { kind: 'table', columns: ['A', 'B'], rows: Array.from({ length: 400 }, () => [sentence, NOW]) }),
    ],
    ['all at once', long(200, { kind: 'fields', heading: 'H', fields: [{ label: 'L', value: sentence }] })],
  ])('%s: is shortened, and says by how much', (_, card) => {
    const shown = {
      ...card,
      buttons: [{ kind: 'press' as const, id: 'x', label: 'Re-check', style: 'plain' as const }],
    };
    const { blocks } = renderCard(shown);
    expect(refuseBlocks(blocks)).toBeNull();
    expect(readingOf(blocks)).toMatch(/Left out to fit into one message: .*\d+ (?:characters|rows|parts)/);
    expect(readingOf(blocks)).toContain('Re-check');
  });

  test('keeps every line as long as shorter prose is enough', () => {
    const fields = Array.from({ length: 40 }, (_, at) => ({ label: `Fact ${at}`, value: sentence }));
    const { blocks } = renderCard({ ...plain, blocks: [{ kind: 'fields', fields }] });
    for (const { label } of fields) expect(readingOf(blocks)).toContain(label);
  });

  test('tells in its text how much is missing there', () => {
    const { text: words } = renderCard(long(10, { kind: 'paragraph', body: sentence }));
    expect(words).toMatch(/… \d+ more characters$/);
  });
});

test('the path names what is to be looked at, and every stage in the text', () => {
  const card: Card = {
    ...plain,
    path: stages.map((stage) => ({ stage, state: stage === 'capacity' ? 'broken' : 'passed' })),
  };
  const { blocks, text: words } = renderCard(card);
  expect(readingOf(blocks).replaceAll('\u00a0', ' ').replaceAll(/\n+/g, '\n')).toContain(
    '✅ payment › webhook › order › account\n❌ capacity broken\n✅ provisioning › install › server',
  );
  expect(words).toContain('payment passed, webhook passed, order passed, account passed, capacity broken');
});

test('a button that asks first is told apart from one that does it', () => {
  const { blocks } = renderCard({
    ...plain,
    buttons: [
      { kind: 'press', id: 'a', label: 'Re-check', style: 'plain' },
      { kind: 'press', id: 'b', label: 'Reinstall server', style: 'danger', asks: true },
    ],
  });
  expect(blocks.at(-1)).toMatchObject({
    elements: [{ action_id: 'press.0' }, { action_id: 'ask.1', style: 'danger' }],
  });
});
