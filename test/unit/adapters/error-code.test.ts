import { expect, test } from 'vitest';
import { plainErrorCode } from '../../../src/adapters/error-code.ts';

test.each([
  'resource_missing',
  'ValidationException',
  '42501',
  '22P02',
  'PGRST205',
  'parameter_unknown',
  'user-not-found',
])('keeps %s', (code) => {
  expect(plainErrorCode(code)).toBe(code);
});

test.each([
  'sb_secret_9aB3kq2',
  'ptla_a1B2c3D4e5F6g7H8',
  'rk_test_51Abc',
  'whsec_a1b2',
  'two words',
  'line\nbreak',
  'x'.repeat(61),
  '',
])('drops what only stands in the place of a code: %j', (code) => {
  expect(plainErrorCode(code)).toBeNull();
});

test('is null where there is none', () => {
  expect([plainErrorCode(null), plainErrorCode(undefined)]).toEqual([null, null]);
});
