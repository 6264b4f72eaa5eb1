import { expect, test } from 'vitest';
import { refusalEvidence } from '../../../src/core/refusal-evidence.ts';
import { ago, HOUR } from '../../builders/time.ts';

function textOf(line: string): string {
  const refusal = { kind: 'other', status: 500, text: line } as const;
  return refusalEvidence({ refusal, at: ago(HOUR), executionId: 'exec', line }).text;
}

test('keeps of a printed database error its message, never the row it holds', () => {
  const line = `Error creating order: {"code":"23514","details":"Failing row contains (b1a7, mc-8, My secret world).","message":"new row violates check"}`;
  expect(textOf(line)).toBe('stripe-webhook answered 500: Error creating order: new row violates check');
});

test('keeps the metadata of a checkout out, which may be that of another customer', () => {
  const line = `Missing required metadata in checkout session { session_id: 'cs_1', metadata: { server_name: "Bob's den" } }`;
  expect(textOf(line)).toBe('stripe-webhook answered 500: Missing required metadata in checkout session');
});

test('blots out e-mail addresses', () => {
  expect(textOf('Webhook error: Error: no user bob@example.com here')).toBe(
    'stripe-webhook answered 500: Webhook error: Error: no user …@… here',
  );
});

test('cuts a long line', () => {
  expect(textOf('x'.repeat(5000)).length).toBeLessThan(250);
});
