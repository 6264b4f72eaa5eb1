import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskEmail, maskEmailsIn, maskPrivateIn, maskSecretsIn } from '../../../src/core/mask.ts';

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

test.each([
  ['ptla_0123456789abcdef', 'ptla_•••'],
  ['sk_live_51Habc', 'sk_live_•••'],
  ['rk_test_51Habc', 'rk_test_•••'],
  ['whsec_abcdef123', 'whsec_•••'],
  ['sb_secret_abcdef123', 'sb_secret_•••'],
  ['xoxb-123-456-abc', 'xoxb-•••'],
  ['eyJhbGciOi.eyJzdWIi.c2ln', 'eyJ•••'],
])('masks the key %s', (key, masked) => {
  expect(maskSecretsIn(`Panel said: key ${key}, refused`)).toBe(`Panel said: key ${masked}, refused`);
});

test('leaves ids alone that are no secret', () => {
  const words = 'cs_test_a1b2c3d4 sub_1234567 evt_1234567 we_1234567 order 67f5401f-3325-4281-ac85-0ead8f524869';
  expect(maskSecretsIn(words)).toBe(words);
});

test('masks both kinds where words are kept', () => {
  expect(maskPrivateIn('ann@example.com used ptla_0123456789')).toBe('a•••@example.com used ptla_•••');
});
