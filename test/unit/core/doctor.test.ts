import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { doctorCard } from '../../../src/core/cards/doctor-card.ts';
import { type CredentialProber, examine, type Probe, type ProbeFinding } from '../../../src/core/doctor.ts';
import type { UpstreamFailure } from '../../../src/core/failure.ts';
import { fail, succeed } from '../../../src/core/result.ts';
import { NOW } from '../../builders/time.ts';

function aProbe(over: Partial<Probe> = {}): Probe {
  return {
    name: 'Events: Read',
    needed: 'required',
    remedy: 'Set Events to Read.',
    run: async () => succeed({ kind: 'fine' }),
    ...over,
  };
}

function aProber(over: Partial<CredentialProber> = {}): CredentialProber {
  return {
    source: 'stripe',
    keyRemedy: 'Make a new key.',
    addressRemedy: 'Check the address.',
    probes: [aProbe()],
    ...over,
  };
}

const finding = (found: ProbeFinding, over: Partial<Probe> = {}) =>
  aProber({ probes: [aProbe({ run: async () => succeed(found), ...over })] });
const failing = (failure: UpstreamFailure, over: Partial<Probe> = {}) =>
  aProber({ probes: [aProbe({ run: async () => fail(failure), ...over })] });

async function theLine(prober: CredentialProber) {
  const report = await examine([prober], 1000);
  const [line] = report.lines;
  if (line === undefined) throw new Error('The report has no line');
  return { ...line, exitCode: report.exitCode };
}

describe('a line', () => {
  it('asks for nothing when all is fine', async () => {
    expect(await theLine(aProber())).toEqual({
      source: 'stripe',
      name: 'Events: Read',
      status: 'ok',
      text: 'Works.',
      remedy: null,
      exitCode: 0,
    });
  });

  it('names the missing permission and the remedy of the probe', async () => {
    const failure: UpstreamFailure = { source: 'stripe', kind: 'not-permitted', scope: 'rak_event_read' };
    expect(await theLine(failing(failure))).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('rak_event_read'),
      remedy: 'Set Events to Read.',
      exitCode: 1,
    });
  });

  it('is a warning when what failed is optional', async () => {
    const failure: UpstreamFailure = { source: 'stripe', kind: 'not-permitted', scope: null };
    expect(await theLine(failing(failure, { needed: 'optional' }))).toMatchObject({ status: 'warning', exitCode: 0 });
  });

  it('points to the key, not to a permission, when the key is refused', async () => {
    const failure: UpstreamFailure = { source: 'stripe', kind: 'credentials-rejected' };
    expect(await theLine(failing(failure))).toMatchObject({ status: 'failed', remedy: 'Make a new key.' });
  });

  it.each<UpstreamFailure>([
    { source: 'stripe', kind: 'unreachable' },
    { source: 'stripe', kind: 'timed-out', afterMs: 4000 },
    { source: 'stripe', kind: 'unexpected-shape', path: '/v1/events' },
  ])('points to the address when nobody answers there as the source would: $kind', async (failure) => {
    expect(await theLine(failing(failure))).toMatchObject({ status: 'failed', remedy: 'Check the address.' });
  });

  it('keeps the remedy of the probe for a warning that names none', async () => {
    expect(await theLine(finding({ kind: 'warning', note: 'A full secret key.' }))).toMatchObject({
      status: 'warning',
      text: 'A full secret key.',
      remedy: 'Set Events to Read.',
      exitCode: 0,
    });
  });

  it('fails on a fault, with the remedy the fault names', async () => {
    expect(await theLine(finding({ kind: 'fault', note: 'Disabled.', remedy: 'Enable it.' }))).toMatchObject({
      status: 'failed',
      remedy: 'Enable it.',
      exitCode: 1,
    });
  });

  it('says what cannot be told without a source that is not configured', async () => {
    const report = await examine([{ source: 'logs', note: 'No logs.', remedy: 'Set SUPABASE_ACCESS_TOKEN.' }], 1000);
    expect(report).toMatchObject({
      exitCode: 0,
      lines: [{ source: 'logs', status: 'not-configured', text: 'No logs.', remedy: 'Set SUPABASE_ACCESS_TOKEN.' }],
    });
  });
});

describe('the examination', () => {
  it('keeps the order of probers and probes, whoever answers first', async () => {
    const slow = aProbe({ name: 'slow', run: async () => (await sleep(30), succeed({ kind: 'fine' })) });
    const report = await examine(
      [
        aProber({ probes: [slow, aProbe({ name: 'fast' })] }),
        aProber({ source: 'logs', probes: [aProbe({ name: 'other' })] }),
      ],
      1000,
    );
    expect(report.lines.map(({ name }) => name)).toEqual(['slow', 'fast', 'other']);
  });

  it('asks at most four questions of one source at a time', async () => {
    let running = 0;
    let most = 0;
    const probe = aProbe({
      async run() {
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        return succeed({ kind: 'fine' });
      },
    });
    await examine([aProber({ probes: Array.from({ length: 12 }, () => probe) })], 5000);
    expect(most).toBe(4);
  });

  it('ends in time with the answers of the others when one source hangs and ignores the signal', async () => {
    const hanging = aProbe({ run: () => new Promise(() => undefined) });
    const startedAt = performance.now();
    const report = await examine(
      [aProber({ source: 'pterodactyl', probes: Array.from({ length: 6 }, () => hanging) }), aProber()],
      80,
    );
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(report.exitCode).toBe(1);
    expect(report.lines.filter(({ source }) => source === 'pterodactyl').map(({ status }) => status)).toEqual(
      Array.from({ length: 6 }, () => 'failed'),
    );
    expect(report.lines.at(-1)).toMatchObject({ source: 'stripe', status: 'ok' });
  });

  it('tells the probes when the time is up', async () => {
    let told = false;
    const listening = aProbe({
      run: (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            told = true;
          });
        }),
    });
    await examine([aProber({ probes: [listening] })], 30);
    expect(told).toBe(true);
  });
});

describe('the card', () => {
  it('counts what was seen, and lists what to do', async () => {
    const report = await examine(
      [aProber(), failing({ source: 'stripe', kind: 'not-permitted', scope: 'rak_event_read' })],
      1000,
    );
    expect(doctorCard(report, NOW)).toMatchObject({
      tone: 'bad',
      title: 'The set-up has faults',
      summary: '1 fine, 0 warnings, 1 failed, 0 not configured.',
      blocks: [
        {
          kind: 'table',
          heading: 'Stripe',
          rows: [
            ['OK', 'Events: Read', 'Works.'],
            ['Failed', 'Events: Read', expect.any(String)],
          ],
        },
        { kind: 'fields', heading: 'What to do', fields: [{ label: 'Events: Read', value: 'Set Events to Read.' }] },
      ],
    });
  });

  it('is good without a list of things to do when all is fine', async () => {
    const card = doctorCard(await examine([aProber()], 1000), NOW);
    expect(card.tone).toBe('good');
    expect(card.blocks.map(({ kind }) => kind)).toEqual(['table']);
  });
});
