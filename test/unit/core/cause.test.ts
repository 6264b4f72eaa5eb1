import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeCause, judgeLogged, type LiveCondition } from '../../../src/core/cause.ts';
import type { FunctionExecution, Order } from '../../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../../src/core/failure.ts';
import { known, type Reading, unknown } from '../../../src/core/reading.ts';
import { aFailedOrder, aWebhookRun, threw } from '../../builders/merchant.ts';
import { ago, HOUR, MINUTE, MOMENT } from '../../builders/time.ts';

const timedOut: UpstreamFailure = { source: 'pterodactyl', kind: 'timed-out', afterMs: 4000 };
const logsDown: UpstreamFailure = { source: 'logs', kind: 'timed-out', afterMs: 4000 };
const notSetUp: UpstreamFailure = { source: 'logs', kind: 'not-configured' };

const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
const sayingSo = aWebhookRun({ failed: threw('No available ports on selected node') });
const sayingElse = aWebhookRun({ failed: threw('Pterodactyl configuration missing') });
const supposed: FunctionExecution = {
  executionId: 'exec-provision',
  slug: 'servers-provision',
  startedAt: ago(HOUR),
  status: 500,
  durationMs: 900,
  lines: [{ at: ago(HOUR), level: 'error', text: 'Server provisioning error: No available ports on selected node' }],
};

const present: Reading<LiveCondition<string>> = known({ present: true, facts: 'live', evidence: [] });
const absent: Reading<LiveCondition<string>> = known({ present: false, facts: 'live', evidence: [] });
const unread: Reading<LiveCondition<string>> = unknown(timedOut);
const silentLog: readonly FunctionExecution[] = [aWebhookRun()];

function judge(
  live: Reading<LiveCondition<string>>,
  executions: readonly FunctionExecution[] | UpstreamFailure,
  over: { readonly order?: Order; readonly changedAt?: Date | null; readonly liveClears?: boolean } = {},
) {
  return judgeCause<string, 'no-free-allocation'>({
    order: aFailedOrder(),
    moment: MOMENT,
    live,
    executions: 'source' in executions ? unknown(executions) : known(executions),
    kinds: ['no-free-allocation'],
    factsOf: () => 'logged',
    ...over,
  });
}

describe('judgeCause', () => {
  test('does not doubt for want of a look that was never set up when the own log proves another reason', () => {
    expect(judge(unknown(notSetUp), [sayingElse]).kind).toBe('not-applicable');
    expect(judge(unknown(notSetUp), [aWebhookRun()]).kind).toBe('inconclusive');
    expect(judge(unread, [sayingElse]).kind).toBe('inconclusive');
  });

  test('confirms what is seen now, with or without a log', () => {
    for (const executions of [silentLog, [sayingSo], [], logsDown]) {
      const outcome = judge(present, executions);
      expect(outcome).toMatchObject({ kind: 'found', facts: 'live', confidence: 'confirmed', standing: 'standing' });
    }
  });

  test('keeps a look from elsewhere likely, unless a line of this very order says the same', () => {
    const fromElsewhere = known({ present: true, facts: 'live', evidence: [], confidence: 'likely' as const });
    expect(judge(fromElsewhere, silentLog)).toMatchObject({ confidence: 'likely', standing: 'standing' });
    expect(judge(fromElsewhere, [supposed])).toMatchObject({ confidence: 'likely', standing: 'standing' });
    expect(judge(fromElsewhere, [sayingSo])).toMatchObject({ confidence: 'confirmed', standing: 'standing' });
  });

  test('calls a logged cause cleared when it is seen to be gone', () => {
    expect(judge(absent, [sayingSo])).toMatchObject({ facts: 'logged', confidence: 'confirmed', standing: 'cleared' });
  });

  test('calls a logged cause unseen when the live look does not cover it', () => {
    expect(judge(absent, [sayingSo], { liveClears: false })).toMatchObject({ standing: 'unseen' });
  });

  test('calls a logged cause unseen when nobody can look now', () => {
    expect(judge(unread, [sayingSo])).toMatchObject({ facts: 'logged', confidence: 'confirmed', standing: 'unseen' });
  });

  test('calls a logged cause cleared when what it lies in was changed after the failure, not before', () => {
    expect(judge(unread, [sayingSo], { changedAt: ago(HOUR - MINUTE) })).toMatchObject({ standing: 'cleared' });
    expect(judge(unread, [sayingSo], { changedAt: ago(HOUR + MINUTE) })).toMatchObject({ standing: 'unseen' });
    expect(judge(unread, [sayingSo], { changedAt: null })).toMatchObject({ standing: 'unseen' });
  });

  test('finds a run that names no order likely', () => {
    expect(judge(unread, [supposed])).toMatchObject({ kind: 'found', confidence: 'likely' });
  });

  test('passes when nothing is seen and the log names another reason', () => {
    expect(judge(absent, [sayingElse]).kind).toBe('passed');
  });

  test('is inconclusive for a failed order when nobody can look and the log names another reason', () => {
    expect(judge(unread, [sayingElse])).toEqual({ kind: 'inconclusive', failure: timedOut });
  });

  test('is inconclusive for a failed order when nothing is seen and its log cannot be read, or is silent about it', () => {
    expect(judge(absent, logsDown)).toEqual({ kind: 'inconclusive', failure: logsDown });
    expect(judge(absent, [])).toMatchObject({ kind: 'inconclusive', failure: { source: 'logs' } });
  });

  test('asks no log of an order that has not failed', () => {
    expect(judge(absent, logsDown, { order: young }).kind).toBe('passed');
    expect(judge(absent, [], { order: young }).kind).toBe('passed');
  });

  test('leaves a young order open when a source failed, not when it was never set up', () => {
    expect(judge(unread, silentLog, { order: young })).toEqual({ kind: 'inconclusive', failure: timedOut });
    expect(judge(unknown(notSetUp), silentLog, { order: young }).kind).toBe('not-applicable');
    expect(judge(unknown(notSetUp), silentLog).kind).toBe('inconclusive');
  });

  test('cuts a log line and cleans it before it becomes evidence', () => {
    const run = aWebhookRun({ failed: threw('No available ports on selected node') });
    const lines = run.lines.map((line) => ({ ...line, text: `${line.text}\n\u202e${' x'.repeat(900)}` }));
    const outcome = judgeLogged<string, 'other'>({
      order: aFailedOrder(),
      moment: MOMENT,
      executions: known([{ ...run, lines: [...run.lines.slice(0, 1), ...lines.slice(1)] }]),
      kinds: ['other'],
      factsOf: () => 'logged',
    });
    const text = outcome.kind === 'found' ? outcome.evidence[0]?.text : undefined;
    expect(text).toMatch(/^Provisioning failed: 500 - .*…$/);
    expect(text?.length).toBeLessThanOrEqual(500);
    expect(text).not.toContain('\u202e');
  });

  test('never passes over what it could not look at, whatever is known', () => {
    const lives = fc.constantFrom(present, absent, unread, unknown(notSetUp));
    const logs = fc.constantFrom(silentLog, [sayingSo], [sayingElse], [supposed], [], logsDown, notSetUp);
    const explains = (read: unknown): boolean => Array.isArray(read) && read.includes(sayingElse);
    const orders = fc.constantFrom(aFailedOrder(), young, aFailedOrder({ status: 'provisioning' }));
    fc.assert(
      fc.property(lives, logs, orders, fc.boolean(), (live, executions, order, liveClears) => {
        const outcome = judge(live, executions, { order, liveClears });
        if (outcome.kind === 'passed') {
          expect(live).toMatchObject({ kind: 'known', value: { present: false } });
          if (order !== young) expect(Array.isArray(executions) && executions.length > 0).toBe(true);
        }
        if (outcome.kind === 'found') {
          const isSeenNow = live.kind === 'known' && live.value.present;
          expect(outcome.standing === 'standing').toBe(isSeenNow);
          if (outcome.standing === 'cleared') expect(live.kind).toBe('known');
        }
        if (outcome.kind === 'not-applicable') expect(order === young || explains(executions)).toBe(true);
      }),
    );
  });
});

describe('judgeLogged', () => {
  const judgeBy = (executions: Reading<readonly FunctionExecution[]>, order = aFailedOrder(), changedAt?: Date) =>
    judgeLogged<string, 'no-free-allocation'>({
      order,
      moment: MOMENT,
      executions,
      kinds: ['no-free-allocation'],
      factsOf: () => 'logged',
      ...(changedAt === undefined ? {} : { changedAt }),
    });

  test("finds what this order's log says, and calls it unseen: there is nothing to look at", () => {
    expect(judgeBy(known([sayingSo]))).toMatchObject({ kind: 'found', confidence: 'confirmed', standing: 'unseen' });
  });

  test('calls it cleared when what it lies in was changed afterwards', () => {
    expect(judgeBy(known([sayingSo]), aFailedOrder(), ago(MINUTE))).toMatchObject({ standing: 'cleared' });
  });

  test('passes when the log names another reason', () => {
    expect(judgeBy(known([sayingElse])).kind).toBe('passed');
  });

  test('is inconclusive for a failed order whose log cannot be read, and does not apply to a young one', () => {
    expect(judgeBy(unknown(logsDown))).toEqual({ kind: 'inconclusive', failure: logsDown });
    expect(judgeBy(unknown(logsDown), young).kind).toBe('not-applicable');
  });
});
