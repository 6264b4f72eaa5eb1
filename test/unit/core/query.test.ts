import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQuery } from '../../../src/core/query.ts';

function parsed(text: string) {
  const query = parseQuery(text);
  if (!query.ok) throw new Error(query.failure);
  return query.value;
}

describe('an e-mail address', () => {
  test.each(['ann@example.com', 'Ann.Example+shop@Mail.Example.co.uk', 'a_b%c@example.com', "o'neil@example.com"])(
    '%s is looked for in lower case',
    (text) => {
      expect(parsed(text)).toMatchObject({ kind: 'email', email: text.toLowerCase() });
    },
  );

  test.each([
    '@example.com',
    'ann@',
    'ann@localhost',
    'ann@@example.com',
    'ann example@example.com',
    '<ann@example.com>',
  ])('%s is no whole address, and the sentence says so', (text) => {
    const query = parseQuery(text);
    expect(query).toMatchObject({ ok: false, failure: expect.stringContaining('not a whole e-mail address') });
  });
});

describe('an id', () => {
  test.each([
    ['6F0F2F4E-2A51-4C0E-9A63-0D9F4A1C2B3D', { kind: 'order', orderId: '6f0f2f4e-2a51-4c0e-9a63-0d9f4a1c2b3d' }],
    ['501', { kind: 'server', server: 501 }],
    ['1a2B3c4D', { kind: 'server', server: '1a2b3c4d' }],
    ['cs_test_a1YS1U', { kind: 'stripe', object: 'session' }],
    ['sub_1PgafmB7', { kind: 'stripe', object: 'subscription' }],
    ['cus_Q123', { kind: 'stripe', object: 'customer' }],
    ['pi_3Abc', { kind: 'stripe', object: 'payment-intent' }],
  ])('%s is known by its form', (text, expected) => {
    expect(parsed(text)).toMatchObject(expected);
  });

  test('of a Stripe object that leads to no purchase is refused with its prefix', () => {
    expect(parseQuery('evt_1Pgc76B7')).toMatchObject({ ok: false, failure: expect.stringContaining('"evt_"') });
  });

  test.each(['0', '-5', '1.5', '99999999999999999999', 'order 5', 'deadbeef1', "'; drop table orders; --"])(
    '%s is none',
    (text) => {
      expect(parseQuery(text).ok).toBe(false);
    },
  );
});

test('eight digits are a panel server number, not a short id', () => {
  expect(parsed('12345678')).toMatchObject({ kind: 'server', server: 12_345_678 });
});

test.each([
  ['nothing', '   ', 'Nothing to look for'],
  ['ten kilobytes', 'a'.repeat(10_000), 'too long'],
  ['a control character', 'ann@example.com\u0007', 'invisible characters'],
  ['a direction override', 'ann\u202e@example.com', 'invisible characters'],
  ['a line break', 'ann@example.com\nbob@example.com', 'invisible characters'],
])('%s gets a clear sentence', (_name, text, sentence) => {
  expect(parseQuery(text)).toMatchObject({ ok: false, failure: expect.stringContaining(sentence) });
});

test('whatever is typed is either understood or refused in a sentence that does not repeat it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, maxLength: 400, unit: 'binary' }), (text) => {
      const query = parseQuery(text);
      if (!query.ok) expect(query.failure).not.toContain(text);
    }),
  );
});
