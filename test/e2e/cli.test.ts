import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const stageState = z.enum(['passed', 'broken', 'unknown', 'pending', 'skipped']);
const time = z.iso.datetime();

/** The JSON contract, field for field. */
const answer = z.strictObject({
  subject: z.strictObject({
    query: z.string(),
    kind: z.enum(['email', 'order', 'server', 'stripe']),
    userId: z.string().nullable(),
  }),
  state: z.enum(['healthy', 'in_progress', 'broken', 'unknown']),
  verdict: z
    .strictObject({
      code: z.string().regex(/^[A-Z]{3,4}-\d{3}$/),
      stage: z.string(),
      confidence: z.enum(['confirmed', 'likely']),
      orderId: z.string().nullable(),
      summary: z.string().min(10),
    })
    .nullable(),
  orders: z.array(
    z.strictObject({
      id: z.string().nullable(),
      sessionId: z.string().nullable().optional(),
      status: z.string().nullable(),
      planId: z.string().nullable(),
      serverName: z.string().nullable(),
      createdAt: time.nullable(),
      updatedAt: time.nullable(),
      pterodactylServerId: z.number().nullable(),
      pterodactylServerIdentifier: z.string().nullable(),
      state: z.string(),
      stages: z.strictObject({
        payment: stageState,
        webhook: stageState,
        order: stageState,
        account: stageState,
        capacity: stageState,
        provisioning: stageState,
        install: stageState,
        server: stageState,
      }),
      findings: z.array(
        z.strictObject({
          code: z.string(),
          stage: z.string(),
          role: z.enum(['cause', 'symptom', 'notice']),
          severity: z.enum(['critical', 'warning', 'notice']),
          confidence: z.enum(['confirmed', 'likely']),
          summary: z.string(),
          evidence: z.array(
            z.strictObject({
              source: z.enum(['supabase', 'stripe', 'pterodactyl', 'logs']),
              at: time.nullable(),
              text: z.string(),
              link: z.string().nullable(),
            }),
          ),
        }),
      ),
      actions: z.array(z.strictObject({ id: z.string(), allowed: z.boolean(), reason: z.string().min(10).nullable() })),
    }),
  ),
  sources: z.array(
    z.strictObject({
      source: z.enum(['supabase', 'stripe', 'pterodactyl', 'logs']),
      status: z.enum(['ok', 'failed', 'not_configured']),
      failure: z.string().nullable(),
      ms: z.number().nullable(),
    }),
  ),
  durationMs: z.number(),
});

let terminal: Terminal;

beforeAll(async () => {
  terminal = await openTerminal();
});
afterAll(() => terminal.close());

describe('bad usage', () => {
  test.each([
    ['nothing to look for', ['status', ' ']],
    ['half an address', ['status', 'ann@']],
    ['an id of the wrong kind', ['status', 'evt_1Pgc76B7']],
    ['ten kilobytes', ['status', 'x'.repeat(10_000)]],
    ['control characters', ['status', 'ann\u0007@example.com']],
    ['no argument', ['status']],
    ['two arguments', ['status', 'ann@example.com', 'ben@example.com']],
    ['an unknown option', ['status', 'ann@example.com', '--nope']],
    ['an unknown command', ['statsu', 'ann@example.com']],
  ])('%s exits 64 with a sentence and no stack trace', async (_name, words) => {
    const { exitCode, out, err } = await terminal.run(words);
    expect(exitCode).toBe(64);
    expect(out).toBe('');
    expect(err.trim().length).toBeGreaterThan(10);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

test('a configuration half filled lists every missing name at once and exits 78', async () => {
  const { exitCode, err } = await terminal.run(['status', 'ann@example.com'], {
    SUPABASE_URL: 'https://abcdefghijkl.supabase.co',
    STRIPE_WEBHOOK_SECRET: 'whsec_do_not_repeat_me',
  });
  expect(exitCode).toBe(78);
  for (const name of ['SUPABASE_SECRET_KEY', 'STRIPE_SECRET_KEY', 'PTERODACTYL_URL', 'PTERODACTYL_API_KEY']) {
    expect(err).toContain(name);
  }
  expect(err).not.toContain('do_not_repeat_me');
});

test('without a sandbox the same world is started for one answer', async () => {
  const { exitCode, out } = await terminal.run(['status', 'ann@example.com', '--json']);
  expect(answer.parse(JSON.parse(out))).toMatchObject({ state: 'healthy', verdict: null });
  expect(exitCode).toBe(0);
});

describe('beside a running sandbox', () => {
  let sandbox: Awaited<ReturnType<Terminal['start']>>;

  beforeAll(async () => {
    sandbox = await terminal.start(['sandbox'], 'Ctrl-C');
  });
  afterAll(async () => {
    sandbox.child.kill('SIGTERM');
    expect((await sandbox.ended).exitCode).toBe(0);
  });

  test('status answers from it in JSON that keeps the contract', async () => {
    const { exitCode, out, err } = await terminal.run(['status', 'NOBODY@example.com', '--json']);
    expect(answer.parse(JSON.parse(out))).toMatchObject({
      subject: { query: 'NOBODY@example.com', kind: 'email', userId: null },
      state: 'broken',
      verdict: { code: 'ORD-001', orderId: null },
    });
    expect(exitCode).toBe(1);
    expect(err).toBe('');
  });

  test('status says the verdict first, in 80 columns and without colours where nobody sees them', async () => {
    const { exitCode, out } = await terminal.run(['status', 'ann@example.com']);
    expect(exitCode).toBe(0);
    expect(out).not.toContain('\u001b');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('a retry acts on it and is remembered with it', async () => {
    const { out } = await terminal.run(['status', 'sam@example.com', '--json']);
    const id = answer.parse(JSON.parse(out)).orders[0]?.id ?? '';
    expect(await terminal.run(['retry', id, '--yes'])).toMatchObject({ exitCode: 0 });
    expect((await terminal.run(['audit'])).out).toContain(id);
  });

  test('a second sandbox in the same folder is not started', async () => {
    const { exitCode, out } = await terminal.run(['sandbox']);
    expect(out).toContain('already runs');
    expect(exitCode).toBe(0);
  });

  test('doctor finds everything well', async () => {
    const { exitCode, out } = await terminal.run(['doctor']);
    expect(exitCode).toBe(0);
    expect(out).toContain('Stripe');
  });
});
