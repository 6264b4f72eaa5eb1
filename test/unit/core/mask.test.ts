import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskEmail, maskEmailsIn } from '../../../src/core/mask.ts';

test.each([
  ['ann@example.com', 'a•••@example.com'],
  ['a@example.com', '•••@example.com'],
  ["o'brien+shop@example.com", 'o•••@example.com'],
  ['a@b@example.com', 'a•••@example.com'],
  ['ünal@example.com', 'ü•••@example.com'],
  ['😀nn@example.com', '😀•••@example.com'],
  ['no address', '•••'],
])('masks %s as %s', (email, masked) => {
  expect(maskEmail(email)).toBe(masked);
});

test('masks every address within a sentence and leaves the rest', () => {
  expect(maskEmailsIn('Ask <ann@example.com>, (bob@example.org). Not @everyone, nor 5 @ 3 EUR.')).toBe(
    'Ask <a•••@example.com>, (b•••@example.org). Not @everyone, nor 5 @ 3 EUR.',
  );
});

test('leaves no more than the first letter of an address, however long', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{2,150}$/), fc.lorem(), (name, around) => {
      const masked = maskEmailsIn(`${around} ${name}@example.com ${around}`);
      expect(masked).toBe(`${around} ${name.slice(0, 1)}•••@example.com ${around}`);
    }),
  );
});
