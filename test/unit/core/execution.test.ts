import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaimRecord } from '../../../src/core/claim.ts';
import type { FunctionExecution, Order } from '../../../src/core/evidence.ts';
import {
  isCleanAnswer,
  lastInvocation,
  reasonIn,
  runningExecution,
  unsettledPanel,
} from '../../../src/core/execution.ts';
import { known, type Reading, unknown } from '../../../src/core/reading.ts';
import { aClaim, aStep, EXECUTION_MAX } from '../../builders/actions.ts';
import { aFailedOrder, ORDER_ID, threw } from '../../builders/merchant.ts';
import { MOMENT, NOW } from '../../builders/time.ts';

const SECOND = 1000;
const OTHER_ID = '11111111-2222-4333-8444-555555555555';
const noLogs: Reading<readonly FunctionExecution[]> = unknown({ source: 'logs', kind: 'not-configured' });

/** A moment the given seconds before or after NOW. */
function at(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * SECOND);
}

/** An order without a server: in this status since `since`, begun at `from`, both in seconds before NOW. */
function anOrderIn(status: string, since: number, from: number = since + 60): Order {
  return aFailedOrder({ status, updatedAt: at(-since), createdAt: at(-from) });
}

interface Given {
  readonly executions?: readonly FunctionExecution[] | 'unread';
  readonly history?: readonly ClaimRecord[];
  readonly now?: Date;
}

function running(order: Order, { executions = [], history = [], now = NOW }: Given = {}) {
  return runningExecution({
    order,
    executions: executions === 'unread' ? noLogs : known(executions),
    history,
    moment: { ...MOMENT, now },
    executionMaxMs: EXECUTION_MAX,
  });
}

function unsettled(order: Order, { executions = [], history = [], now = NOW }: Given = {}) {
  return unsettledPanel({
    order,
    executions: executions === 'unread' ? noLogs : known(executions),
    history,
    moment: { ...MOMENT, now },
  });
}

/** A run of the webhook that announced these orders and wrote these lines, all `ago` seconds before NOW. */
function aReport(
  ago: number,
  lines: readonly string[],
  announced: readonly string[] = [ORDER_ID],
  slug = 'stripe-webhook',
): FunctionExecution {
  const texts = [...announced.map((id) => `Triggering server provisioning for order: ${id}`), ...lines];
  return {
    executionId: 'exec',
    slug,
    startedAt: at(-ago),
    status: 200,
    durationMs: 1,
    lines: texts.map((text) => ({ at: at(-ago), level: 'log', text })),
  };
}

const timedOut = 'Provisioning failed: 504 - {"code":"IDLE_TIMEOUT","message":"no answer"}';
const noRoom = `Provisioning failed: ${threw('No available capacity for plan mc-8 in region eu')}`;
const noTrigger = 'Failed to trigger server provisioning: TypeError: error sending request';

describe('a run may still be at work', () => {
  test.each<[string, Order, number]>([
    ['in provisioning, as long as a run can last', anOrderIn('provisioning', 449), 1],
    ['in provisioning, just now', anOrderIn('provisioning', 0), 450],
    ['in error that was written 140 s after the order', anOrderIn('error', 10, 150), 440],
    ['in error that was written long after the order', anOrderIn('error', 449, 5000), 1],
    [
      'in paid, right after the order was written: the webhook is about to hand it over',
      anOrderIn('paid', 10, 10),
      110,
    ],
    ['in pending, likewise', anOrderIn('pending', 0, 0), 120],
    ['in paid that was written over something else', anOrderIn('paid', 300, 4000), 150],
    ['in paid that was written over a second after the order was', anOrderIn('paid', 300, 301), 150],
  ])('%s', (_name, order, left) => {
    expect(running(order)?.until).toEqual(at(left));
  });

  test.each<[string, Order]>([
    ['the longest run is over', anOrderIn('provisioning', 450)],
    ['the failure came early, so it was the answer of the run itself', anOrderIn('error', 5, 144)],
    ['the failure is older than any run', anOrderIn('error', 450, 9000)],
    ['the webhook had time to hand a fresh order over', anOrderIn('paid', 120, 120)],
    ['the change of the subscription is older than any run', anOrderIn('paid', 450, 9000)],
    ['the status is none that a run writes', anOrderIn('canceled', 1)],
  ])('unless %s', (_name, order) => {
    expect(running(order)).toBeNull();
  });

  test('in provisioning, whatever the logs say: they may tell of an earlier run', () => {
    expect(running(anOrderIn('provisioning', 10), { executions: [aReport(10, [noRoom])] })).not.toBeNull();
  });

  test('a limit that is shorter than the handover ends the wait for the webhook too', () => {
    const input = { order: anOrderIn('paid', 40, 40), executions: known([]), history: [], moment: MOMENT };
    expect(runningExecution({ ...input, executionMaxMs: 30_000 })).toBeNull();
    expect(runningExecution({ ...input, executionMaxMs: 60_000 })?.until).toEqual(at(20));
  });
});

describe('logs of the webhook', () => {
  const late = anOrderIn('error', 20, 300);
  const early = anOrderIn('error', 20, 60);

  test.each([
    ['the function answered by itself', [noRoom]],
    ['the function was refused by the gateway', ['Provisioning failed: 404 - {"code":"NOT_FOUND","message":"none"}']],
    ['the run crashed', ['Provisioning failed: 500 - {"code":"WORKER_ERROR","message":"crash"}']],
    ['the run hit its limits', ['Provisioning failed: 546 - {"code":"WORKER_LIMIT","message":"limit"}']],
  ])('prove the end of a run when %s', (_name, lines) => {
    expect(running(late, { executions: [aReport(21, lines)] })).toBeNull();
  });

  test.each([
    ['the gateway gave up', [timedOut]],
    ['a 504 came without the words of the gateway', ['Provisioning failed: 504 - upstream timeout']],
    ['something in between answered', ['Provisioning failed: 502 - <html>Bad Gateway</html>']],
    ['there was no answer at all', [noTrigger]],
    ['the run wrote nothing about it', []],
  ])('prove nothing when %s', (_name, lines) => {
    expect(running(late, { executions: [aReport(21, lines)] })).not.toBeNull();
  });

  test.each([
    ['the gateway gave up', [timedOut]],
    ['there was no answer at all', [noTrigger]],
  ])('make even an early failure one to wait for when %s', (_name, lines) => {
    expect(running(early, { executions: [aReport(21, lines)] })?.until).toEqual(at(430));
  });

  test('count only near the last change of the row: an earlier answer says nothing of a later run', () => {
    expect(running(late, { executions: [aReport(36, [noRoom])] })).not.toBeNull();
    expect(running(late, { executions: [aReport(35, [noRoom])] })).toBeNull();
  });

  test.each<[string, FunctionExecution]>([
    ['of another order', aReport(21, [noRoom], [OTHER_ID])],
    ['that announced two orders', aReport(21, [noRoom], [ORDER_ID, OTHER_ID])],
    ['that announced this order twice', aReport(21, [noRoom], [ORDER_ID, ORDER_ID])],
    ['whose id only begins like this one', aReport(21, [noRoom], [`${ORDER_ID}0`])],
    ['whose id this one only begins', aReport(21, [noRoom], [ORDER_ID.slice(0, 20)])],
    ['that announced nothing', aReport(21, [noRoom], [])],
    ['of another function', aReport(21, [noRoom], [ORDER_ID], 'servers-provision')],
    ['of a function nobody knows', { ...aReport(21, [noRoom]), slug: null }],
    ['whose words stand within another line', aReport(21, [`session_id: ${noRoom}`])],
    [
      'whose announcement stands within another line',
      aReport(21, [`x Triggering server provisioning for order: ${ORDER_ID}`, noRoom], []),
    ],
  ])('prove nothing by a run %s', (_name, run) => {
    expect(running(late, { executions: [run] })).not.toBeNull();
  });

  test('that cannot be read prove nothing either way', () => {
    expect(running(late, { executions: 'unread' })).not.toBeNull();
    expect(running(early, { executions: 'unread' })).not.toBeNull();
  });
});

describe('attempts of the bot itself', () => {
  const failed = { kind: 'failed', words: 'No.', data: { clean: true } } as const;
  const reset = aStep('reset', 'done', { begunAt: at(-61), endedAt: at(-60) });
  const invoke = aStep('invoke', failed, { begunAt: at(-59), endedAt: at(-30) });
  const history = (...steps: ClaimRecord['steps']): readonly ClaimRecord[] => [aClaim({ steps })];

  test.each(['error', 'provisioning', 'paid'])('are known to be over, in status %s', (status) => {
    expect(running(anOrderIn(status, 29, 900), { history: history(reset, invoke) })).toBeNull();
  });

  test.each([
    ['done', 'done', 'provisioning'],
    ['refused before it ran', 'refused', 'paid'],
    ['failed', 'failed', 'provisioning'],
  ] as const)('are over when the call was %s', (_name, kind, status) => {
    const end = aStep('invoke', kind, { begunAt: at(-59), endedAt: at(-30) });
    expect(running(anOrderIn(status, 31, 900), { history: history(reset, end) })).toBeNull();
  });

  test.each([
    ['nobody knows how the call ended', 'unclear'],
    ['the process died in the call', null],
  ] as const)('are not over when %s', (_name, kind) => {
    const open = aStep('invoke', kind, { begunAt: at(-59), endedAt: at(-30) });
    expect(running(anOrderIn('provisioning', 58, 900), { history: history(reset, open) })?.until).toEqual(at(392));
  });

  test('say nothing of a row that was written later', () => {
    expect(running(anOrderIn('provisioning', 24, 900), { history: history(reset, invoke) })).not.toBeNull();
    expect(running(anOrderIn('provisioning', 25, 900), { history: history(reset, invoke) })).toBeNull();
  });

  test('that were stopped before the call have only written paid', () => {
    expect(running(anOrderIn('paid', 60, 900), { history: history(reset) })).toBeNull();
    expect(running(anOrderIn('provisioning', 58, 900), { history: history(reset) })).not.toBeNull();
  });

  test('that came too late wrote nothing: somebody else did', () => {
    const tooLate = aStep('reset', 'refused', { begunAt: at(-61), endedAt: at(-60) });
    expect(running(anOrderIn('provisioning', 62, 900), { history: history(tooLate) })).not.toBeNull();
    expect(running(anOrderIn('paid', 62, 900), { history: history(tooLate) })).not.toBeNull();
    const overtaken = aStep('record-failure', 'refused', { begunAt: at(-29), endedAt: at(-28) });
    expect(running(anOrderIn('paid', 29, 900), { history: history(reset, invoke, overtaken) })).not.toBeNull();
  });

  test('say nothing of a row that somebody has moved on from the status they recorded', () => {
    const end = { kind: 'done', words: 'Recorded.', data: { status: 'error' } } as const;
    const recorded = aStep('record-failure', end, { begunAt: at(-29), endedAt: at(-28) });
    const steps = history(reset, invoke, recorded);
    expect(running(anOrderIn('error', 28, 900), { history: steps })).toBeNull();
    expect(running(anOrderIn('provisioning', 27, 900), { history: steps })).not.toBeNull();
  });

  test('say nothing of a row that somebody else had taken when the function was called', () => {
    const end = { kind: 'refused', words: 'Not taken.', data: { clean: true, taken: true } } as const;
    const taken = aStep('invoke', end, { begunAt: at(-59), endedAt: at(-58) });
    for (const status of ['provisioning', 'error', 'paid']) {
      expect(running(anOrderIn(status, 59, 900), { history: history(reset, taken) }), status).not.toBeNull();
    }
  });

  test('whose call was not run have left what they wrote themselves, and nothing else', () => {
    const notRun = aStep('invoke', 'refused', { begunAt: at(-59), endedAt: at(-58) });
    expect(running(anOrderIn('paid', 60, 900), { history: history(reset, notRun) })).toBeNull();
    expect(running(anOrderIn('provisioning', 58, 900), { history: history(reset, notRun) })).not.toBeNull();
    const end = { kind: 'done', words: 'Put back.', data: { status: 'error' } } as const;
    const putBack = aStep('record-failure', end, { begunAt: at(-57), endedAt: at(-56) });
    expect(running(anOrderIn('error', 57, 900), { history: history(reset, notRun, putBack) })).toBeNull();
  });

  test('that wrote nothing and other actions are passed over', () => {
    const newer = [aClaim({ id: 'c3' }), aClaim({ id: 'c2', action: 'link-server', steps: [aStep('link')] })];
    const both = [...newer, ...history(reset, invoke)];
    expect(running(anOrderIn('error', 29, 900), { history: both })).toBeNull();
    expect(lastInvocation(both)).toEqual(invoke);
    expect(lastInvocation(newer)).toBeNull();
  });
});

describe('the panel may still be making a server', () => {
  test.each<[string, Order, Given]>([
    ['after a failure nobody explained', anOrderIn('error', 39), {}],
    ['after a failure whose logs cannot be read', anOrderIn('error', 39), { executions: 'unread' }],
    [
      'after the panel gave no clear answer',
      anOrderIn('error', 39),
      { executions: [aReport(39, [`Provisioning failed: ${threw('Failed to create server: 504 ')}`])] },
    ],
    [
      'after a crash',
      anOrderIn('error', 39),
      { executions: [aReport(39, ['Provisioning failed: 546 - {"code":"WORKER_LIMIT"}'])] },
    ],
    ['after a call without an answer', anOrderIn('error', 39), { executions: [aReport(39, [noTrigger])] }],
    [
      'where one of two answers was unclear',
      anOrderIn('error', 39),
      { executions: [aReport(39, [noRoom]), aReport(40, [timedOut])] },
    ],
    ['in provisioning', anOrderIn('provisioning', 39), {}],
  ])('%s, for 40 s', (_name, order, given) => {
    expect(unsettled(order, given)?.until).toEqual(at(1));
    expect(unsettled(order, { ...given, now: at(1) })).toBeNull();
  });

  test.each<[string, Order, Given]>([
    ['the failure left nothing behind', anOrderIn('error', 5), { executions: [aReport(5, [noRoom])] }],
    ['nothing has run yet', anOrderIn('paid', 5), {}],
  ])('unless %s', (_name, order, given) => {
    expect(unsettled(order, given)).toBeNull();
  });

  const invoked = (data: Record<string, boolean> | undefined, endedAt: Date): readonly ClaimRecord[] => [
    aClaim({
      steps: [
        aStep('reset', 'done', { begunAt: at(-61), endedAt: at(-60) }),
        aStep(
          'invoke',
          { kind: 'failed', words: 'No.', ...(data === undefined ? {} : { data }) },
          { begunAt: at(-59), endedAt },
        ),
        aStep('record-failure', 'done', { begunAt: at(-2), endedAt: at(-1) }),
      ],
    }),
  ];

  test('after a call of the bot itself, counted from its end and not from what was written later', () => {
    expect(unsettled(anOrderIn('error', 1), { history: invoked(undefined, at(-10)) })?.until).toEqual(at(30));
    expect(unsettled(anOrderIn('error', 1), { history: invoked({ clean: false }, at(-10)) })?.until).toEqual(at(30));
    expect(unsettled(anOrderIn('error', 1), { history: invoked({ clean: false }, at(-40)) })).toBeNull();
  });

  test('not after a call of the bot that was answered cleanly', () => {
    expect(unsettled(anOrderIn('error', 1), { history: invoked({ clean: true }, at(-10)) })).toBeNull();
  });
});

test.each<[number | null, string, boolean]>([
  [500, threw('No available nodes in region: eu').slice(6), true],
  [500, threw('Failed to create server: 422 {"errors":[]}').slice(6), false],
  [500, threw('Failed to create server: 502 <html>').slice(6), false],
  [500, 'what', false],
  [546, '{"code":"WORKER_LIMIT"}', false],
  [504, '', false],
  [404, '{"code":"NOT_FOUND"}', true],
  [null, '', false],
])('an answer of %s with %j leaves nothing behind: %s', (status, body, clean) => {
  expect(isCleanAnswer(status, body)).toBe(clean);
});

test.each([
  ['{"error":"No room"}', 'No room'],
  ['{"error":{"deep":1}}', null],
  ['{"message":"no"}', null],
  ['[1]', null],
  ['null', null],
  ['<html>', null],
])('the reason in %s is %s', (body, reason) => {
  expect(reasonIn(body)).toBe(reason);
});

describe('as a property', () => {
  const gatewayMs = 150_000;

  /** One order and one run of the webhook's, in milliseconds since the order was written. */
  const aRun = fc.record({
    /** When the function began to run. */
    startMs: fc.integer({ min: 10, max: 20_000 }),
    /** Until it wrote "provisioning". */
    claimMs: fc.integer({ min: 1, max: 5_000 }),
    durationMs: fc.integer({ min: 5_001, max: EXECUTION_MAX }),
    /** Until the webhook had written "error" after an answer. */
    writeMs: fc.integer({ min: 1, max: 10_000 }),
    logDelayMs: fc.option(fc.integer({ min: 0, max: 35_000 }), { nil: null }),
    answer: fc.constantFrom(noRoom, `Provisioning failed: ${threw('Failed to create server: 504 ')}`),
  });
  type Run = typeof aRun extends fc.Arbitrary<infer T> ? T : never;

  /** When the caller's wait ended, and with which line. */
  function heard({ startMs, durationMs, answer }: Run) {
    const isEarly = durationMs < gatewayMs;
    return { heardMs: startMs + Math.min(durationMs, gatewayMs), line: isEarly ? answer : timedOut };
  }

  /** The row as it stood `tMs` after it was written; `changes` are further writes of "paid" by the subscription. */
  function rowAt(run: Run, tMs: number, changes: readonly number[]): Order {
    const writes = [
      { atMs: 0, status: 'paid' },
      { atMs: run.startMs + run.claimMs, status: 'provisioning' },
      { atMs: heard(run).heardMs + run.writeMs, status: 'error' },
      ...changes.map((atMs) => ({ atMs, status: 'paid' })),
    ]
      .filter(({ atMs }) => atMs <= tMs)
      .toSorted((a, b) => a.atMs - b.atMs);
    const last = writes.at(-1) ?? { atMs: 0, status: 'paid' };
    return aFailedOrder({
      status: last.status,
      createdAt: NOW,
      updatedAt: new Date(NOW.getTime() + last.atMs),
    });
  }

  function logsAt(run: Run, tMs: number): Reading<readonly FunctionExecution[]> {
    if (run.logDelayMs === null) return noLogs;
    const { heardMs, line } = heard(run);
    const lines = [
      { atMs: 5, text: `Triggering server provisioning for order: ${ORDER_ID}` },
      { atMs: heardMs, text: line },
    ]
      .filter(({ atMs }) => atMs + (run.logDelayMs ?? 0) <= tMs)
      .map(({ atMs, text }) => ({ at: new Date(NOW.getTime() + atMs), level: 'log', text }));
    return known([
      { executionId: 'exec', slug: 'stripe-webhook', startedAt: NOW, status: null, durationMs: null, lines },
    ]);
  }

  function isAllowed(run: Run, tMs: number, changes: readonly number[]): boolean {
    const answer = runningExecution({
      order: rowAt(run, tMs, changes),
      executions: logsAt(run, tMs),
      history: [],
      moment: { ...MOMENT, now: new Date(NOW.getTime() + tMs) },
      executionMaxMs: EXECUTION_MAX,
    });
    return answer === null;
  }

  /** Times at which rules change hands are tried as often as any other. */
  function aMoment(run: Run, share: number): number {
    return run.startMs + Math.floor(share * run.durationMs);
  }

  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('nobody is allowed to start a run while the one of the webhook lasts', () => {
    fc.assert(
      fc.property(aRun, share, (run, when) => {
        expect(isAllowed(run, aMoment(run, when), [])).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test('nor when changes of the subscription have written "paid" over it meanwhile', () => {
    fc.assert(
      fc.property(aRun, share, fc.array(share, { minLength: 1, maxLength: 3 }), (run, when, changes) => {
        const tMs = aMoment(run, when);
        const changedMs = changes.map((one) => 1 + Math.floor(one * tMs));
        expect(isAllowed(run, tMs, changedMs)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test('and everybody is once the longest run is over, whatever has happened', () => {
    fc.assert(
      fc.property(aRun, (run) => {
        const last = heard(run).heardMs + run.writeMs;
        expect(isAllowed(run, last + EXECUTION_MAX, [])).toBe(true);
      }),
    );
  });

  test('whoever has to wait is told a time that lies ahead', () => {
    fc.assert(
      fc.property(aRun, share, (run, when) => {
        const tMs = aMoment(run, when);
        const until = runningExecution({
          order: rowAt(run, tMs, []),
          executions: logsAt(run, tMs),
          history: [],
          moment: { ...MOMENT, now: new Date(NOW.getTime() + tMs) },
          executionMaxMs: EXECUTION_MAX,
        })?.until;
        expect(until?.getTime()).toBeGreaterThan(NOW.getTime() + tMs);
      }),
    );
  });
});
