import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/core/diagnosis.ts';
import type { SourceId } from '../../src/core/failure.ts';
import type { Stage } from '../../src/core/stage.ts';
import type { Fault, FaultBoard } from '../../src/sandbox/faults.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

/** In which whoever is well has answered, on a machine that does much else as well. */
const deadlineMs = 2500;

const faults: readonly (readonly [string, Fault])[] = [
  ['hangs', { kind: 'hang' }],
  ['resets the connection', { kind: 'reset' }],
  ['answers 500', { kind: 'status', status: 500, body: 'no' }],
  ['answers 429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '30' }, body: {} }],
  ['answers 401', { kind: 'status', status: 401, body: { message: 'no' } }],
  ['answers 403', { kind: 'status', status: 403, body: { message: 'no' } }],
  ['answers HTML with status 200', { kind: 'html-200' }],
  ['cuts its JSON short', { kind: 'truncated-json' }],
  ['drips its answer', { kind: 'slow-drip' }],
];

/** Stages of a failed order that nobody can have seen while the source is away. */
const unseen: Readonly<Record<SourceId, readonly Stage[]>> = {
  supabase: ['order', 'account', 'capacity', 'provisioning', 'install', 'server'],
  stripe: ['payment'],
  pterodactyl: ['install', 'server'],
  logs: ['provisioning'],
};

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
  const { sandbox } = clinic;
  const hourAgo = new Date(Date.now() - 60 * 60_000);
  await clinic.buyAt('healthy@example.com', hourAgo);
  const mend = sandbox.panel.faults.inject(/POST \/api\/application\/servers/, {
    kind: 'status',
    status: 500,
    body: { errors: [{ code: 'QueryException', status: '500', detail: 'no' }] },
  });
  await clinic.buyAt('failed@example.com', hourAgo);
  mend();
});
afterAll(() => clinic.close());

const boards: Readonly<Record<SourceId, () => FaultBoard>> = {
  supabase: () => clinic.sandbox.supabase.faults,
  stripe: () => clinic.sandbox.stripe.faults,
  pterodactyl: () => clinic.sandbox.panel.faults,
  logs: () => clinic.sandbox.supabase.management.faults,
};

async function askUnder(source: SourceId, fault: Fault, email: string): Promise<Diagnosis> {
  const mend = boards[source]().inject(/.*/, fault);
  try {
    return await clinic.ask(email, { DIAGNOSIS_DEADLINE_MS: String(deadlineMs) });
  } finally {
    mend();
  }
}

test('with every source well the failed order is explained and the other one healthy', async () => {
  expect((await clinic.ask('healthy@example.com')).state).toBe('healthy');
  expect((await clinic.ask('failed@example.com')).top?.verdict?.code).toBe('PRV-009');
});

describe.each(['supabase', 'stripe', 'pterodactyl', 'logs'] as const)('while %s', (source) => {
  test.each(faults)('%s, the answer is in time, names it and passes nothing unseen', async (_name, fault) => {
    const diagnosis = await askUnder(source, fault, 'failed@example.com');
    expect(diagnosis.durationMs).toBeLessThanOrEqual(deadlineMs);
    expect(diagnosis.sources.find((report) => report.source === source)?.status).toBe('failed');
    for (const entry of diagnosis.entries) {
      for (const stage of unseen[source]) expect([stage, entry.stages[stage]]).not.toEqual([stage, 'passed']);
    }
    for (const report of diagnosis.sources.filter((other) => other.source !== source)) {
      expect([report.source, report.status]).toEqual([report.source, 'ok']);
    }
  });
});

describe('a running order', () => {
  test('stays healthy when only the logs cannot be read', async () => {
    const diagnosis = await askUnder('logs', { kind: 'status', status: 500 }, 'healthy@example.com');
    expect(diagnosis.state).toBe('healthy');
  });

  test('stays healthy when only Stripe cannot be read, with the payment unknown', async () => {
    const diagnosis = await askUnder('stripe', { kind: 'status', status: 500 }, 'healthy@example.com');
    expect(diagnosis.state).toBe('healthy');
    expect(diagnosis.entries[0]?.stages.payment).toBe('unknown');
  });

  test('is unknown, not healthy, when the panel cannot be read', async () => {
    const diagnosis = await askUnder('pterodactyl', { kind: 'status', status: 500 }, 'healthy@example.com');
    expect(diagnosis.state).toBe('unknown');
  });

  test('is unknown when Supabase cannot be read', async () => {
    const diagnosis = await askUnder('supabase', { kind: 'reset' }, 'healthy@example.com');
    expect(diagnosis.state).toBe('unknown');
  });
});

test('with everything hanging at once the answer still comes in time and blames every source', async () => {
  const mends = Object.values(boards).map((board) => board().inject(/.*/, { kind: 'hang' }));
  const diagnosis = await clinic.ask('failed@example.com', { DIAGNOSIS_DEADLINE_MS: String(deadlineMs) });
  for (const mend of mends) mend();
  expect(diagnosis.durationMs).toBeLessThanOrEqual(deadlineMs);
  expect(diagnosis.state).toBe('unknown');
  expect(diagnosis.sources.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed']);
});
