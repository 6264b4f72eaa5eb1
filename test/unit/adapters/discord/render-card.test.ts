import { readdirSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../../../src/adapters/discord/render-card.ts';
import { type Block, type Card, text } from '../../../../src/core/card.ts';
import { stages } from '../../../../src/core/stage.ts';
import { actionCards } from '../../../builders/action-cards.ts';
import { anyCard } from '../../../builders/any-card.ts';
import { cards } from '../../../builders/cards.ts';
import { ago, HOUR, NOW } from '../../../builders/time.ts';
import {
  type Component,
  componentType,
  everyComponent,
  type MessageBody,
} from '../../../platforms/discord/message-body.ts';
import { refuseMessage } from '../../../platforms/discord/message-rules.ts';
import { schemaFaults } from '../../../platforms/discord/schema.ts';
import { readDiscordMarkdown } from '../../../support/discord-markdown.ts';
import * as spec from 'discord-api-spec/zod';

const golden = new URL('../../../golden/', import.meta.url);
const known: Readonly<Record<string, Card>> = {
  ...cards,
  ...Object.fromEntries(Object.entries(actionCards).map(([name, card]) => [`actions/${name}`, card])),
};

describe('golden cards', () => {
  test.each(Object.entries(known))('%s', async (name, card) => {
    const rendered = `${JSON.stringify(renderCard(card), null, 2)}\n`;
    await expect(rendered).toMatchFileSnapshot(new URL(`${name}.discord.json`, golden).pathname);
  });

  test('there is no golden file without its card', () => {
    const files = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.discord.json'),
    );
    expect(files.toSorted()).toEqual(
      Object.keys(known)
        .map((name) => `${name}.discord.json`)
        .toSorted(),
    );
  });
});

/** Throws what Discord refuses, by its published schema and by its documented limits. */
function refuse(card: Card): void {
  const body: unknown = JSON.parse(JSON.stringify(renderCard(card)));
  expect(schemaFaults(spec.MessageCreateRequestSchema, body)).toEqual([]);
  refuseMessage(body as MessageBody, []);
}

function componentsOf(card: Card): readonly Component[] {
  const body = JSON.parse(JSON.stringify(renderCard(card))) as MessageBody;
  return everyComponent(body.components ?? []).map(({ component }) => component);
}

function textsOf(card: Card): readonly string[] {
  return componentsOf(card).flatMap(({ type, content }) =>
    type === componentType.textDisplay && content !== undefined ? [content] : [],
  );
}

/** As people read it, without what is markup. */
function wordsOf(card: Card): string {
  return textsOf(card)
    .map((content) => readDiscordMarkdown(content).words)
    .join('\n');
}

/** Names that Discord would bring to life if they were not escaped. */
const calling = fc.constantFrom(
  '@everyone @here',
  '<@123456789012345678> <@!1> <@&2> <#3>',
  '</server-status:4> <id:customize> <:smile:5> <a:wave:6>',
  '<t:0:R>',
  '[your invoice](https://evil.example/pay)',
  '[x]( <https://evil.example> "title")',
  'https://evil.example/pay?a=(b)_c_',
  'discord://-/users/1 steam://run/1',
  '**bold** __under__ _it_ *it* ~~gone~~ ||spoiler|| `code` ```block```',
  '# heading',
  '### heading',
  '-# small',
  '> quoted',
  '>>> all of it',
  '- listed',
  '1. numbered',
  '\\[x](https://evil.example)',
  '\\\\<@1>',
  '名'.repeat(191),
  '*'.repeat(191),
  '👩‍👩‍👧‍👦'.repeat(60),
);

const callingCard: fc.Arbitrary<Card> = calling.map((name) => ({
  tone: 'bad',
  title: name,
  summary: name,
  blocks: [
    { kind: 'paragraph', heading: name, body: text(name) },
    { kind: 'paragraph', body: text(name) },
    { kind: 'fields', heading: name, fields: [{ label: name, value: text(name) }] },
    { kind: 'fields', fields: [{ label: '', value: text(name), at: ago(HOUR) }] },
    { kind: 'table', heading: name, columns: [name, 'B'], rows: [[text(name), ago(HOUR)]] },
    { kind: 'progress', label: text(name), done: 1, total: 2 },
    { kind: 'image', url: name, alt: text(name) },
  ],
  buttons: [{ kind: 'press', id: 'x', label: name, style: 'plain' }],
  select: { id: 's', label: name, options: [{ value: '1', label: text(name), description: text(name) }] },
  madeAt: NOW,
}));

test('Discord takes any card', () => {
  fc.assert(
    fc.property(fc.oneof(anyCard, callingCard), (card) => refuse(card)),
    { numRuns: 300 },
  );
});

test('nothing of any card is live but its own links and moments', () => {
  fc.assert(
    fc.property(fc.oneof(anyCard, callingCard), (card) => {
      const own = card.blocks.flatMap((block) =>
        block.kind === 'fields' ? block.fields.flatMap(({ link }) => link ?? []) : [],
      );
      const moments = [
        card.madeAt,
        ...card.blocks.flatMap((block) => {
          if (block.kind === 'fields') return block.fields.flatMap(({ at }) => at ?? []);
          return block.kind === 'table' ? block.rows.flat().filter((cell) => cell instanceof Date) : [];
        }),
      ].map((at) => `<t:${Math.floor(at.getTime() / 1000)}:R>`);
      for (const content of textsOf(card)) {
        const { mentions, links, times, markup } = readDiscordMarkdown(content);
        expect(mentions).toEqual([]);
        expect(links.length).toBeLessThanOrEqual(own.length);
        for (const link of links) expect(link).toMatch(/^https?:\/\//);
        expect(times.filter((time) => !moments.includes(time))).toEqual([]);
        expect(markup.filter((mark) => !['**', '### ', '-# ', '- '].includes(mark))).toEqual([]);
      }
      expect(renderCard(card).allowed_mentions).toEqual({ parse: [] });
    }),
    { numRuns: 300 },
  );
});

test('a name cannot add bold, headings, small print or entries of a list of its own', () => {
  const plain: Card = { tone: 'bad', title: 'T', summary: 'S', blocks: [], madeAt: NOW };
  const marksOf = (name: string): readonly string[] =>
    textsOf({ ...plain, blocks: [{ kind: 'paragraph', body: text(name) }] }).flatMap(
      (content) => readDiscordMarkdown(content).markup,
    );
  fc.assert(
    fc.property(calling, (name) => {
      expect(marksOf(name)).toEqual(marksOf('harmless'));
    }),
  );
});

test('every button of any card is there, with its offer, or dead where Discord would not take it', () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const buttons = componentsOf(card).filter(({ type }) => type === componentType.button);
      expect(buttons).toHaveLength((card.buttons ?? []).length);
      for (const [at, button] of (card.buttons ?? []).entries()) {
        const shown = buttons[at];
        if (button.kind === 'press' && button.id !== '' && button.id.length < 80 && button.id.isWellFormed()) {
          expect(shown?.custom_id).toContain(button.id);
        } else expect((shown?.url ?? null) !== null || shown?.disabled).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('the words of a card arrive as they were', () => {
  const name = 'cs_test_a1_b2 **Ann** <ann@example.com> https://example.com 1. #1 \\o/';
  const words = wordsOf({
    tone: 'bad',
    title: name,
    summary: name,
    blocks: [{ kind: 'fields', heading: name, fields: [{ label: name, value: text(name) }] }],
    madeAt: NOW,
  });
  expect(words.split(name)).toHaveLength(6);
});

const plain: Card = { tone: 'neutral', title: 'T', summary: 'S', blocks: [], madeAt: NOW };
const sentence = text('One sentence that is repeated until nobody could read it any more. '.repeat(30));

function long(count: number, block: Block): Card {
  return { ...plain, blocks: Array.from({ length: count }, () => block) };
}

describe('a card that is too long for one message', () => {
  test.each([
    ['many long paragraphs', long(30, { kind: 'paragraph', heading: 'H', body: sentence })],
    ['more parts than components', long(80, { kind: 'paragraph', body: text('short') })],
    [
      'an endless table',
      long(2, { kind: 'table', columns: ['A', 'B'], rows: Array.from({ length: 400 }, () => [sentence, NOW]) }),
    ],
    ['all at once', long(200, { kind: 'fields', heading: 'H', fields: [{ label: 'L', value: sentence }] })],
    ['nothing but stars', long(9, { kind: 'paragraph', body: text('*'.repeat(2000)) })],
    ['a script of many bytes', long(3, { kind: 'paragraph', body: text('名'.repeat(1900)) })],
  ])('%s: is shortened, and says by how much', (_, card) => {
    const shown: Card = { ...card, buttons: [{ kind: 'press', id: 'x', label: 'Re-check', style: 'plain' }] };
    refuse(shown);
    expect(wordsOf(shown)).toMatch(/Left out to fit into one message: .*\d+ (?:characters|rows|parts)/);
    expect(componentsOf(shown).map(({ label }) => label)).toContain('Re-check');
  });

  test('keeps every line as long as shorter prose is enough', () => {
    const fields = Array.from({ length: 20 }, (_, at) => ({ label: `Fact ${at}`, value: sentence }));
    const words = wordsOf({ ...plain, blocks: [{ kind: 'fields', fields }] });
    for (const { label } of fields) expect(words).toContain(label);
  });

  test('becomes fewer texts before anything is left out for their number', () => {
    const card = long(29, { kind: 'paragraph', body: text('short') });
    const buttons = Array.from({ length: 12 }, (_, at) => ({
      kind: 'press' as const,
      id: `${at}`,
      label: `B${at}`,
      style: 'plain' as const,
    }));
    refuse({ ...card, buttons });
    expect(wordsOf({ ...card, buttons })).not.toContain('Left out');
  });

  test('with more buttons than Discord takes says how many are missing', () => {
    const buttons = Array.from({ length: 40 }, (_, at) => ({
      kind: 'press' as const,
      id: `${at}`,
      label: `B${at}`,
      style: 'plain' as const,
    }));
    refuse({ ...plain, buttons });
    expect(wordsOf({ ...plain, buttons })).toMatch(/Left out .* \d+ buttons/);
  });
});

test('the path shares a symbol among neighbours, and gives what is to be looked at a line of its own', () => {
  const [head, path] = textsOf({
    ...plain,
    path: stages.map((stage) => ({ stage, state: stage === 'capacity' ? 'broken' : 'passed' })),
  });
  expect(head).toBe('### ℹ️ Note: T\nS');
  expect(path?.replaceAll('\u00a0', ' ').split('\n')).toEqual([
    '✅ payment › webhook › order › account',
    '**❌ capacity broken**',
    '✅ provisioning › install › server',
  ]);
});

test('a link that leads nowhere is counted as left out, and its fact stays', () => {
  const card: Card = {
    ...plain,
    blocks: [{ kind: 'fields', fields: [{ label: 'A', value: text('one'), link: 'javascript:alert(1)' }] }],
    buttons: [{ kind: 'link', url: 'file:///etc/passwd', label: 'Open' }],
  };
  expect(wordsOf(card)).toContain('one');
  expect(wordsOf(card)).toContain('1 links');
  expect(componentsOf(card).find(({ label }) => label === 'Open')).toMatchObject({ disabled: true });
});

test('an address cannot end its link early', () => {
  const link = 'https://example.com/a)b](c)*d*?q=<x>`y`';
  const [, body] = textsOf({
    ...plain,
    blocks: [{ kind: 'fields', fields: [{ label: 'A', value: text('one'), link }] }],
  });
  const { links, words, markup } = readDiscordMarkdown(body ?? '');
  expect(links).toHaveLength(1);
  expect(decodeURIComponent(links[0] ?? '')).toBe(link);
  expect(words.trimEnd().endsWith('Open')).toBe(true);
  expect(markup).toEqual(['**', '**']);
});
