import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanForeignText } from '../../../src/core/foreign-text.ts';

/** Any text, thick with what should not come through. */
const nasty = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u0000',
        '\u001b[31m',
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\u2028',
        '\n',
        '\t',
        '\ud800',
        '  ',
        '😀',
        '…',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const lengths = fc.integer({ min: 0, max: 40 });

test('folds whitespace and removes control characters, bidi overrides and zero-width characters', () => {
  expect(cleanForeignText(' a\r\n\tb \u202ec\u200bd\u0007 \u0000 e\u2028f ', 40)).toBe('a b cd e f');
});

test('cuts what is too long and says so with "…"', () => {
  expect(cleanForeignText('abcdef', 6)).toBe('abcdef');
  expect(cleanForeignText('abcdefg', 6)).toBe('abcde…');
  expect(cleanForeignText('abcd efg', 6)).toBe('abcd…');
});

test('does not cut a character in half', () => {
  expect(cleanForeignText('ab😀cd', 4)).toBe('ab…');
});

test('never grows beyond its length', () => {
  fc.assert(
    fc.property(nasty, lengths, (text, maxLength) => {
      expect(cleanForeignText(text, maxLength).length).toBeLessThanOrEqual(maxLength);
    }),
  );
});

test('never lets a control character, a bidi control or a line break through', () => {
  fc.assert(
    fc.property(nasty, lengths, (text, maxLength) => {
      const clean = cleanForeignText(text, maxLength);
      expect(clean).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u200b\ufeff\u2028\u2029]/u);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toMatch(/^\s|\s$|\s\s/);
    }),
  );
});

test('changes nothing the second time', () => {
  fc.assert(
    fc.property(nasty, lengths, (text, maxLength) => {
      const once = cleanForeignText(text, maxLength);
      expect(cleanForeignText(once, maxLength)).toBe(once);
    }),
  );
});

test('leaves ordinary words alone', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-zäöü0-9.,'"-]{1,8}$/), { maxLength: 6 }), (words) => {
      expect(cleanForeignText(words.join(' '), 200)).toBe(words.join(' '));
    }),
  );
});
