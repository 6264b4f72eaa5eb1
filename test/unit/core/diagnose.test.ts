import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Check,
  type Confidence,
  defineCheck,
  found,
  inconclusive,
  notApplicable,
  passed,
  type Role,
  type Standing,
} from '../../../src/core/check.ts';
import { installStuck } from '../../../src/core/checks/install-stuck.ts';
import { stuckInPaid } from '../../../src/core/checks/stuck-in-paid.ts';
import { compareFindings, diagnoseEntry, type EntryDiagnosis } from '../../../src/core/diagnose.ts';
import type { EntrySubject } from '../../../src/core/entry.ts';
import type { Order } from '../../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../../src/core/failure.ts';
import { isBefore, type Stage, stages } from '../../../src/core/stage.ts';
import { aFailedOrder, anOrder } from '../../builders/merchant.ts';
import { aPanelServer } from '../../builders/panel.ts';
import { outage, type Overrides, readingsOf } from '../../builders/readings.ts';
import { anEvent, aSession } from '../../builders/stripe.ts';
import { ago, HOUR, MINUTE, MOMENT } from '../../builders/time.ts';

/** The specific before the general, as the design lists it; codes that it does not list come after. */
const listed: Readonly<Record<Stage, readonly string[]>> = {
  payment: ['PAY-005', 'PAY-003', 'PAY-004', 'PAY-002', 'PAY-001'],
  webhook: ['HOOK-002', 'HOOK-003', 'HOOK-005', 'HOOK-006', 'HOOK-008', 'HOOK-004', 'HOOK-001', 'HOOK-007'],
  order: [],
  account: ['ACC-004', 'ACC-002', 'ACC-003', 'ACC-001'],
  capacity: ['CAP-004', 'CAP-001', 'CAP-002', 'CAP-003'],
  provisioning: ['PRV-001', 'PRV-002', 'PRV-003', 'PRV-004', 'PRV-007', 'PRV-005', 'PRV-006', 'PRV-009'],
  install: ['INS-001', 'INS-003', 'INS-002'],
  server: ['SRV-006', 'SRV-003', 'SRV-002', 'SRV-001', 'SRV-004'],
};
const unlisted: Readonly<Partial<Record<Stage, readonly string[]>>> = {
  webhook: ['HOOK-009'],
  order: ['ORD-003', 'ORD-004', 'ORD-005'],
  provisioning: ['PRV-008'],
  server: ['SRV-005'],
};
const codes = stages.flatMap((stage) =>
  [...listed[stage], ...(unlisted[stage] ?? [])].map((code) => ({ stage, code })),
);

type FakeOutcome =
  | { readonly kind: 'passed' | 'not-applicable' | 'inconclusive' }
  | {
      readonly kind: 'found';
      readonly role: Role;
      readonly confidence: Confidence;
      readonly standing: Standing;
      readonly lastResort: boolean;
    };
type FakeFinding = Extract<FakeOutcome, { kind: 'found' }>;
type Fake<O extends FakeOutcome = FakeOutcome> = { readonly stage: Stage; readonly code: string; readonly outcome: O };

const timedOut: UpstreamFailure = { source: 'pterodactyl', kind: 'timed-out', afterMs: 4000 };

/** A check that ends as it is told. */
function checkOf({ stage, code, outcome }: Fake): Check {
  return defineCheck({
    id: code.toLowerCase(),
    code,
    stage,
    role: 'cause',
    severity: 'warning',
    title: code,
    on: ['order', 'session', 'person'],
    needs: [],
    evaluate() {
      switch (outcome.kind) {
        case 'passed':
          return passed;
        case 'not-applicable':
          return notApplicable;
        case 'inconclusive':
          return inconclusive(timedOut);
        case 'found':
          return found({ ...outcome, facts: null, evidence: [] });
      }
    },
    explain: () => ({ what: code, why: code, next: code }),
    tellCustomer: () => code,
    remediation: null,
    ...(outcome.kind === 'found' && outcome.lastResort ? { shown: 'last-resort' } : {}),
  });
}

const cause = (confidence: Confidence = 'confirmed', standing: Standing = 'standing'): FakeFinding => ({
  kind: 'found',
  role: 'cause',
  confidence,
  standing,
  lastResort: false,
});
const symptom: FakeFinding = { ...cause(), role: 'symptom' };
const notice: FakeFinding = { ...cause(), role: 'notice' };

const findings: fc.Arbitrary<FakeFinding> = fc.record({
  kind: fc.constant('found' as const),
  role: fc.constantFrom<Role[]>('cause', 'symptom', 'notice'),
  confidence: fc.constantFrom<Confidence[]>('confirmed', 'likely'),
  standing: fc.constantFrom<Standing[]>('standing', 'unseen', 'cleared'),
  lastResort: fc.constant(false),
});
const outcomes: fc.Arbitrary<FakeOutcome> = fc.oneof(
  findings,
  fc.record({ kind: fc.constantFrom('passed' as const, 'not-applicable' as const, 'inconclusive' as const) }),
);

function fakesWith<O extends FakeOutcome>(outcome: fc.Arbitrary<O>): fc.Arbitrary<readonly Fake<O>[]> {
  return fc
    .shuffledSubarray(codes, { minLength: 0, maxLength: 12 })
    .chain((chosen) =>
      fc
        .array(outcome, { minLength: chosen.length, maxLength: chosen.length })
        .map((ends) => chosen.flatMap((code, at) => (ends[at] === undefined ? [] : [{ ...code, outcome: ends[at] }]))),
    );
}

const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
const installing: Overrides = { namedServer: aPanelServer({ status: 'installing' }) };

function diagnoseOrder(fakes: readonly Fake[], order: Order = aFailedOrder(), over: Overrides = {}): EntryDiagnosis {
  const readings = readingsOf({ order, ...(order.serverId === null ? { namedServer: null } : {}), ...over });
  return diagnoseEntry(fakes.map(checkOf), { kind: 'order', order }, readings, MOMENT);
}

const codesOf = (diagnosis: EntryDiagnosis) => diagnosis.findings.map((finding) => finding.code);
const isCause = (confidence: Confidence) => (fake: Fake<FakeFinding>) =>
  fake.outcome.role === 'cause' && fake.outcome.confidence === confidence;
const isSymptom = (fake: Fake<FakeFinding>) => fake.outcome.role === 'symptom';

/** The first of some findings by the words of the rule: stage, then confidence, standing, and the listed order. */
function firstOf(fakes: readonly Fake<FakeFinding>[]): string | null {
  const narrow = (rest: readonly Fake<FakeFinding>[], keep: (fake: Fake<FakeFinding>) => boolean) =>
    rest.some(keep) ? rest.filter(keep) : rest;
  const stage = stages.find((candidate) => fakes.some((fake) => fake.stage === candidate));
  if (stage === undefined) return null;
  let rest: readonly Fake<FakeFinding>[] = fakes.filter((fake) => fake.stage === stage);
  rest = narrow(rest, ({ outcome }) => outcome.confidence === 'confirmed');
  rest = narrow(rest, ({ outcome }) => outcome.standing !== 'cleared');
  rest = narrow(rest, ({ outcome }) => outcome.standing === 'standing');
  const inOrder = [...listed[stage], ...(unlisted[stage] ?? [])];
  return inOrder.find((code) => rest.some((fake) => fake.code === code)) ?? null;
}

describe('the verdict', () => {
  test('is the first confirmed cause, else the first likely cause, else a symptom, and never a notice', () => {
    fc.assert(
      fc.property(fakesWith(findings), (fakes) => {
        const expected =
          firstOf(fakes.filter(isCause('confirmed'))) ??
          firstOf(fakes.filter(isCause('likely'))) ??
          firstOf(fakes.filter(isSymptom));
        expect(diagnoseOrder(fakes).verdict?.code ?? null).toBe(expected);
      }),
    );
  });

  test('makes the entry broken exactly when there is one', () => {
    fc.assert(
      fc.property(fakesWith(outcomes), fc.constantFrom(aFailedOrder(), young, anOrder()), (fakes, order) => {
        const { state, verdict, findings: all } = diagnoseOrder(fakes, order);
        expect(state === 'broken').toBe(verdict !== null);
        expect(verdict).toBe(all.find((finding) => finding.role !== 'notice') ?? null);
      }),
    );
  });

  test('does not depend on the order in which the checks are listed', () => {
    fc.assert(
      fc.property(fakesWith(outcomes), (fakes) => {
        expect(diagnoseOrder(fakes.toReversed()).findings).toEqual(diagnoseOrder(fakes).findings);
      }),
    );
  });

  test('prefers a confirmed cause of a late stage to a likely one of an early stage', () => {
    const diagnosis = diagnoseOrder([
      { stage: 'account', code: 'ACC-001', outcome: cause('likely') },
      { stage: 'provisioning', code: 'PRV-004', outcome: cause('confirmed', 'cleared') },
      { stage: 'order', code: 'ORD-003', outcome: symptom },
      { stage: 'payment', code: 'PAY-002', outcome: notice },
    ]);
    expect(codesOf(diagnosis)).toEqual(['PRV-004', 'ACC-001', 'ORD-003', 'PAY-002']);
  });

  test('prefers within a stage what stands, then what is unseen, to what is cleared, then the specific', () => {
    const diagnosis = diagnoseOrder([
      { stage: 'provisioning', code: 'PRV-001', outcome: cause('confirmed', 'cleared') },
      { stage: 'provisioning', code: 'PRV-002', outcome: cause('confirmed', 'unseen') },
      { stage: 'provisioning', code: 'PRV-005', outcome: cause() },
      { stage: 'provisioning', code: 'PRV-007', outcome: cause() },
    ]);
    expect(codesOf(diagnosis)).toEqual(['PRV-007', 'PRV-005', 'PRV-002', 'PRV-001']);
  });

  test('prefers a confirmed symptom to a likely one of the same stage', () => {
    const diagnosis = diagnoseOrder([
      { stage: 'webhook', code: 'HOOK-007', outcome: { ...symptom, confidence: 'likely' } },
      { stage: 'webhook', code: 'HOOK-009', outcome: symptom },
    ]);
    expect(diagnosis.verdict?.code).toBe('HOOK-009');
  });

  test('ranks any two findings one way only', () => {
    fc.assert(
      fc.property(fakesWith(findings), (fakes) => {
        const all = diagnoseOrder(fakes).findings;
        for (const [at, first] of all.entries()) {
          for (const second of all.slice(at + 1)) {
            expect(compareFindings(first, second)).toBeLessThan(0);
            expect(compareFindings(second, first)).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  test('drops a last resort where any cause was found, and keeps it otherwise', () => {
    const lastResort: Fake = { stage: 'order', code: 'ORD-003', outcome: { ...symptom, lastResort: true } };
    const withCause = diagnoseOrder([lastResort, { stage: 'server', code: 'SRV-001', outcome: cause('likely') }]);
    expect(codesOf(withCause)).toEqual(['SRV-001']);
    expect(codesOf(diagnoseOrder([lastResort]))).toEqual(['ORD-003']);
  });

  test.each([
    ['ORD-006', 'order'],
    ['PAY-004', 'payment'],
  ] as const)('%s says that the entry has ended', (code, stage) => {
    expect(diagnoseOrder([{ stage, code, outcome: cause() }]).ended).toBe(true);
  });

  test('says of no other cause that the entry has ended', () => {
    expect(diagnoseOrder([{ stage: 'server', code: 'SRV-001', outcome: cause() }]).ended).toBe(false);
  });
});

describe('grace', () => {
  test('leaves only what is confirmed, and notices', () => {
    fc.assert(
      fc.property(fakesWith(findings), (fakes) => {
        const counting = fakes.filter(({ outcome }) => outcome.confidence === 'confirmed' || outcome.role === 'notice');
        expect(codesOf(diagnoseOrder(fakes, young)).toSorted()).toEqual(counting.map(({ code }) => code).toSorted());
        expect(diagnoseOrder(fakes, young).findings).toEqual(diagnoseOrder(counting, young).findings);
      }),
    );
  });

  test('leaves an order with nothing confirmed in progress', () => {
    const likely: Fake = { stage: 'provisioning', code: 'PRV-005', outcome: cause('likely') };
    expect(diagnoseOrder([likely], young)).toMatchObject({ state: 'in_progress', verdict: null });
  });

  test('lasts for an installation as long as is usual, counted from the last change of the order', () => {
    const installingFor = (ms: number) => diagnoseOrder([], anOrder({ updatedAt: ago(ms) }), installing);
    expect(installingFor(14 * MINUTE)).toMatchObject({ state: 'in_progress', step: 'install' });
    expect(installingFor(16 * MINUTE)).toMatchObject({ state: 'unknown', step: 'install' });
  });

  test('ends where the checks that call something stuck begin, and not a moment before', () => {
    const edge = aFailedOrder({ status: 'paid', updatedAt: ago(2 * MINUTE) });
    expect(
      diagnoseEntry([stuckInPaid], { kind: 'order', order: edge }, readingsOf({ order: edge }), MOMENT).state,
    ).toBe('in_progress');
    const order = anOrder({ updatedAt: ago(HOUR) });
    const readings = readingsOf({
      order,
      namedServer: aPanelServer({ status: 'installing', createdAt: ago(15 * MINUTE) }),
    });
    expect(diagnoseEntry([installStuck], { kind: 'order', order }, readings, MOMENT).state).toBe('in_progress');
  });

  test('is not given to an order that has failed', () => {
    const justFailed = aFailedOrder({ updatedAt: ago(1000) });
    const likely: Fake = { stage: 'provisioning', code: 'PRV-005', outcome: cause('likely') };
    expect(diagnoseOrder([likely], justFailed).verdict?.code).toBe('PRV-005');
  });

  test('is counted for a paid checkout without a row from its completed event', () => {
    const session = aSession({ createdAt: ago(HOUR) });
    const subject: EntrySubject = { kind: 'session', session };
    const event = (at: Date) => readingsOf({ completedEvent: anEvent({ createdAt: at }) });
    expect(diagnoseEntry([], subject, event(ago(MINUTE)), MOMENT).state).toBe('in_progress');
    expect(diagnoseEntry([], subject, event(ago(3 * MINUTE)), MOMENT).state).toBe('unknown');
  });
});

describe('the state', () => {
  test('is never broken by notices alone', () => {
    fc.assert(
      fc.property(fakesWith(findings.map((finding) => ({ ...finding, role: 'notice' as const }))), (fakes) => {
        expect(diagnoseOrder(fakes, anOrder())).toMatchObject({ state: 'healthy', verdict: null });
      }),
    );
  });

  test.each([
    ['order', 'ORD-003'],
    ['provisioning', 'PRV-005'],
    ['install', 'INS-001'],
    ['server', 'SRV-001'],
  ] as const)('is unknown for a running order when its %s stage could not be read', (stage, code) => {
    const diagnosis = diagnoseOrder([{ stage, code, outcome: { kind: 'inconclusive' } }], anOrder());
    expect(diagnosis).toMatchObject({ state: 'unknown', open: [{ code, stage, failure: timedOut }] });
  });

  test.each([
    ['payment', 'PAY-002'],
    ['webhook', 'HOOK-002'],
    ['account', 'ACC-001'],
    ['capacity', 'CAP-002'],
  ] as const)('stays healthy for a running order when only its %s stage could not be read', (stage, code) => {
    const diagnosis = diagnoseOrder([{ stage, code, outcome: { kind: 'inconclusive' } }], anOrder());
    expect(diagnosis.state).toBe('healthy');
  });

  test.each(['vps', 'voice'])('is healthy for an order of type %s, which no server is made for', (itemType) => {
    expect(diagnoseOrder([], aFailedOrder({ status: 'paid', itemType })).state).toBe('healthy');
  });

  test('is not healthy for an order that has not arrived, though nothing was found', () => {
    expect(diagnoseOrder([]).state).toBe('unknown');
  });

  test('does not place an order past its server because the panel could not be asked', () => {
    const server: Fake = { stage: 'server', code: 'SRV-001', outcome: { kind: 'inconclusive' } };
    expect(diagnoseOrder([server], anOrder(), { namedServer: outage('pterodactyl') }).state).toBe('unknown');
  });
});

describe('the stages', () => {
  test('are broken, unknown, pending, skipped or passed, the first of these that is true', () => {
    const settings = fc.constantFrom<[Order, Stage, Overrides]>(
      [aFailedOrder(), 'provisioning', {}],
      [anOrder(), 'install', installing],
      [anOrder(), 'install', { namedServer: aPanelServer({ status: 'install_failed' }) }],
      [anOrder(), 'server', {}],
    );
    fc.assert(
      fc.property(fakesWith(outcomes), settings, (fakes, [order, reached, over]) => {
        // Outside grace every finding counts.
        const diagnosis = diagnoseOrder(fakes, { ...order, updatedAt: ago(HOUR) }, over);
        const { step, verdict } = diagnosis;
        const isStopped = verdict?.role === 'cause' && ['account', 'capacity'].includes(verdict.stage);
        expect(step).toBe(reached === 'provisioning' && isStopped ? verdict.stage : reached);
        for (const stage of stages) {
          const ends = fakes.filter((fake) => fake.stage === stage).map((fake) => fake.outcome);
          const isBroken = ends.some((end) => end.kind === 'found' && end.role !== 'notice');
          const isUnknown = ends.some((end) => end.kind === 'inconclusive');
          const isPending = isBefore(step, stage);
          const isSkipped = ends.every((end) => end.kind === 'not-applicable');
          const expected = isBroken
            ? 'broken'
            : isUnknown
              ? 'unknown'
              : isPending
                ? 'pending'
                : isSkipped
                  ? 'skipped'
                  : 'passed';
          expect(diagnosis.stages[stage]).toBe(expected);
        }
      }),
    );
  });

  test('lie ahead of an order that was stopped for want of room', () => {
    const full: Fake = {
      stage: 'capacity',
      code: 'CAP-002',
      outcome: { kind: 'found', role: 'cause', confidence: 'confirmed', standing: 'standing', lastResort: false },
    };
    const provisioning: Fake = { stage: 'provisioning', code: 'PRV-001', outcome: { kind: 'passed' } };
    expect(diagnoseOrder([full, provisioning]).stages).toMatchObject({ capacity: 'broken', provisioning: 'pending' });
  });

  test('every inconclusive check is an open question, and nothing else is', () => {
    fc.assert(
      fc.property(fakesWith(outcomes), (fakes) => {
        const unread = fakes.filter(({ outcome }) => outcome.kind === 'inconclusive').map(({ code }) => code);
        expect(diagnoseOrder(fakes).open.map(({ code }) => code)).toEqual(unread);
      }),
    );
  });
});

describe('a paid checkout of which nobody could say whether it has an order', () => {
  const failing: Fake = {
    stage: 'webhook',
    code: 'HOOK-004',
    outcome: { kind: 'found', role: 'cause', confidence: 'confirmed', standing: 'standing', lastResort: false },
  };
  const diagnose = (over: Overrides): EntryDiagnosis =>
    diagnoseEntry([checkOf(failing)], { kind: 'session', session: aSession() }, readingsOf(over), MOMENT);

  test.each(['siblings', 'sameSubscription'] as const)('blames nothing on the way of its event: %s unread', (key) => {
    const { state, verdict, stages: states } = diagnose({ [key]: outage('supabase') });
    expect([state, verdict, states.webhook]).toEqual(['unknown', null, 'unknown']);
  });

  test('is judged by the rows of the person where the table has no column for the subscription', () => {
    const lacking = { outage: { source: 'supabase', kind: 'not-provided', what: 'orders.stripe_sub_id' } } as const;
    expect(diagnose({ sameSubscription: lacking }).verdict?.code).toBe('HOOK-004');
  });
});
