import { expect, test } from 'vitest';
import { text } from '../../../src/core/card.ts';

test('text is one line without anything invisible', () => {
  expect(text('a\nb\u001b[31m\u202ec\u200bd')).toBe('a b[31mcd');
});

test('text that is too long says that it was cut', () => {
  expect(text('abcdef', 4)).toBe('abc…');
});
