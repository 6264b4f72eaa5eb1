import { expect, test } from 'vitest';
import { formatMoney } from '../../../src/core/money.ts';

test.each([
  [1499, 'eur', '14.99 EUR'],
  [5, 'usd', '0.05 USD'],
  [0, 'eur', '0.00 EUR'],
  [1500, 'jpy', '1500 JPY'],
  [12_340, 'KWD', '12.340 KWD'],
])('reads %i %s as %s', (amount, currency, text) => {
  expect(formatMoney(amount, currency)).toBe(text);
});

test.each([
  [null, 'eur'],
  [1499, null],
])('says nothing when the amount or its currency is not known', (amount, currency) => {
  expect(formatMoney(amount, currency)).toBeNull();
});
