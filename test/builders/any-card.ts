import * as fc from 'fast-check';
import { type Block, type Button, type Card, text } from '../../src/core/card.ts';
import { stages } from '../../src/core/stage.ts';
import { DAY, NOW } from './time.ts';

/** What customers and outside systems might put into a name. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '<!-- --><![CDATA[ x ]]>',
    '&lt;b&gt; &amp;amp; &#x3c;',
    '</section></article></body>',
    'javascript:alert(1)',
    'https://evil.example/"onclick="alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'data:image/png;base64,iVBORw0KGgo=',
    '\u202egnp.exe\u202c \u2066x\u2069',
    'x'.repeat(500),
    '👩‍👩‍👧‍👦'.repeat(40),
    'a\nb\r\nc\td\u0085e\u2028f\u0000g',
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
  fc.record({ kind: fc.constant('progress' as const), label: foreign, done: fc.integer(), total: fc.integer() }),
  fc.record({ kind: fc.constant('image' as const), url: hostile, alt: foreign }),
);

const button: fc.Arbitrary<Button> = fc.oneof(
  fc.record({
    kind: fc.constant('press' as const),
    id: hostile,
    label: hostile,
    style: fc.constantFrom('primary' as const, 'plain' as const, 'danger' as const),
  }),
  fc.record({ kind: fc.constant('link' as const), url: hostile, label: hostile }),
);

/** Any card there can be, hostile in every place where a text can stand. */
export const anyCard: fc.Arbitrary<Card> = fc.record(
  {
    tone: fc.constantFrom('good', 'busy', 'bad', 'unsure', 'neutral'),
    title: hostile,
    summary: hostile,
    path: fc
      .array(fc.constantFrom('passed', 'broken', 'unknown', 'pending', 'skipped', 'current'), {
        minLength: stages.length,
        maxLength: stages.length,
      })
      .map((states) => stages.map((stage, index) => ({ stage, state: states[index] ?? 'pending' }))),
    blocks: fc.array(block, { maxLength: 4 }),
    buttons: fc.array(button, { maxLength: 3 }),
    select: fc.record({
      id: hostile,
      label: hostile,
      options: fc.array(fc.record({ value: hostile, label: foreign, description: foreign }), { maxLength: 2 }),
    }),
    madeAt: fc.constant(NOW),
  },
  { requiredKeys: ['tone', 'title', 'summary', 'blocks', 'madeAt'] },
);
