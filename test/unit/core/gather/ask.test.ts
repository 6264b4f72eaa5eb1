import { expect, test } from 'vitest';
import { createAsker } from '../../../../src/core/gather/ask.ts';
import { fail, succeed } from '../../../../src/core/result.ts';

test('an answer is known, and its source ok', async () => {
  const asker = createAsker(1000);
  expect(await asker.ask('stripe', {}, async () => succeed(7))).toEqual({ kind: 'known', value: 7 });
  expect(asker.reports().find(({ source }) => source === 'stripe')).toMatchObject({ status: 'ok', failure: null });
  asker.close();
});

test('a failure is unknown and is reported for its source alone', async () => {
  const asker = createAsker(1000);
  const failure = { source: 'stripe', kind: 'unreachable' } as const;
  expect(await asker.ask('stripe', {}, async () => fail(failure))).toEqual({ kind: 'unknown', failure });
  await asker.ask('supabase', {}, async () => succeed(1));
  expect(asker.reports().map(({ source, status }) => [source, status])).toContainEqual(['stripe', 'failed']);
  expect(asker.reports().map(({ source, status }) => [source, status])).toContainEqual(['supabase', 'ok']);
  asker.close();
});

test('a part the merchant does not have is unknown, but no failure of the source', async () => {
  const asker = createAsker(1000);
  await asker.ask('supabase', {}, async () =>
    fail({ source: 'supabase', kind: 'not-provided', what: 'plans' } as const),
  );
  expect(asker.reports().find(({ source }) => source === 'supabase')?.status).toBe('ok');
  asker.close();
});

test('what was never configured is said to be so', async () => {
  const asker = createAsker(1000);
  const reading = await asker.ask('logs', null as object | null, async () => succeed(1));
  expect(reading).toEqual({ kind: 'unknown', failure: { source: 'logs', kind: 'not-configured' } });
  expect(asker.reports().find(({ source }) => source === 'logs')).toMatchObject({ status: 'not_configured', ms: null });
  asker.close();
});

test('a question that outlasts the deadline is unknown, and its signal aborts', async () => {
  const asker = createAsker(20);
  let aborted = false;
  const reading = await asker.ask('pterodactyl', {}, (_port, signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => {});
  });
  expect(reading).toMatchObject({ kind: 'unknown', failure: { source: 'pterodactyl', kind: 'timed-out' } });
  expect(aborted).toBe(true);
  expect(asker.reports().find(({ source }) => source === 'pterodactyl')?.status).toBe('failed');
});
