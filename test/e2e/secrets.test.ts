import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderCard } from '../../src/adapters/terminal/index.ts';
import { readConfig } from '../../src/config.ts';
import { opinionsOn } from '../../src/core/action-opinion.ts';
import { actions } from '../../src/core/actions/index.ts';
import { diagnosisCard } from '../../src/core/cards/diagnosis-card.ts';
import { doctorCard } from '../../src/core/cards/doctor-card.ts';
import { diagnosisJson, printableJson } from '../../src/core/diagnosis-json.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { examine } from '../../src/core/doctor.ts';
import { parseQuery } from '../../src/core/query.ts';
import { assemble } from '../../src/main.ts';
import type { FaultBoard } from '../../src/sandbox/faults.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const secretNames = [
  'SUPABASE_SECRET_KEY',
  'SUPABASE_ACCESS_TOKEN',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'PTERODACTYL_API_KEY',
  'PTERODACTYL_CLIENT_KEY',
] as const;

let clinic: Clinic;
let secrets: readonly string[];

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
  secrets = [
    ...secretNames.map((name) => clinic.sandbox.environment[name] ?? ''),
    // The function's own key of the panel: the bot never holds it, and no line of a log may carry it on.
    clinic.sandbox.panel.addKey(clinic.sandbox.panel.admin.id, 'application').token,
  ];
  await clinic.buyAt('healthy@example.com', new Date(Date.now() - 60 * 60_000));
  clinic.sandbox.supabase.functions.setFault('servers-provision', { kind: 'resource-limit' });
  await clinic.buyAt('failed@example.com', new Date(Date.now() - 60 * 60_000));
  clinic.sandbox.supabase.functions.setFault('servers-provision', null);
});
afterAll(() => clinic.close());

/** Everything a person could be shown or a log could hold of a diagnosis and an examination, as one text. */
async function allOutput(): Promise<string> {
  const config = readConfig({ ...clinic.sandbox.environment, PTERODOC_MODE: 'live', DIAGNOSIS_DEADLINE_MS: '3000' });
  if (!config.ok) return config.failure.join('\n');
  const written: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const originals = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = (text: unknown) => written.push(String(text)) > 0;
  try {
    const { doctor, links, probers } = assemble(config.value);
    for (const who of ['healthy@example.com', 'failed@example.com']) {
      const query = parseQuery(who);
      if (!query.ok) throw new Error(query.failure);
      const diagnosis = await diagnose(query.value, doctor);
      const opinions = opinionsOn(diagnosis, { actions, grace: doctor.grace, executionMaxMs: 450_000 });
      written.push(JSON.stringify(diagnosis), printableJson(diagnosisJson(diagnosis, links, opinions)));
      const card = diagnosisCard(diagnosis, { links, emails: 'full', details: true });
      written.push(renderCard(card, { width: 80, colours: true }).replaceAll(/\s+/g, ' '));
    }
    const report = await examine(probers, 4000);
    written.push(JSON.stringify(report), renderCard(doctorCard(report, new Date()), { width: 80, colours: false }));
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = originals[index] as typeof stream.write;
  }
  return written.join('\n');
}

function expectNoSecret(output: string): void {
  expect(output.length).toBeGreaterThan(1000);
  for (const [index, secret] of secrets.entries()) {
    expect(secret.length).toBeGreaterThan(10);
    expect([secretNames[index], output.includes(secret)]).toEqual([secretNames[index], false]);
  }
}

test('no secret is shown or logged while all is well', async () => {
  expectNoSecret(await allOutput());
});

test.each([401, 403, 404, 422, 500])('nor when every upstream answers %i and repeats the keys', async (status) => {
  const body = JSON.stringify({
    message: secrets.join(' '),
    code: secrets.join(' '),
    error: { message: secrets.join(' '), code: secrets.join(' '), type: 'invalid_request_error' },
    errors: [{ code: secrets.join(' '), status: String(status), detail: secrets.join(' ') }],
  });
  const { supabase, stripe, panel } = clinic.sandbox;
  const boards: readonly FaultBoard[] = [supabase.faults, supabase.management.faults, stripe.faults, panel.faults];
  const fault = { kind: 'status', status, body, headers: { 'content-type': 'application/json' } } as const;
  const mends = boards.map((board) => board.inject(/.*/, fault));
  const output = await allOutput();
  for (const mend of mends) mend();
  expectNoSecret(output);
});

test('a configuration at fault is told without repeating a value', () => {
  const faulty = Object.fromEntries(secretNames.map((name, index) => [name, `${secrets[index]} \n`]));
  const config = readConfig({ PTERODOC_MODE: 'live', SUPABASE_URL: `ftp://${secrets[0]}@host`, ...faulty });
  expect(config.ok).toBe(false);
  expectNoSecret(`${JSON.stringify(config)}${'.'.repeat(1000)}`);
});
