import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type ActionEngine,
  type ActionRequest,
  decideActions,
  factsDigest,
  followClaim,
  performAction,
  type Performed,
  prepareAction,
  type Progress,
  type Refusal,
  subjectOf,
  watchAbandoned,
  watchClaims,
} from '../../../src/core/act.ts';
import { type Action, type ActionSpec, defineAction, refuse } from '../../../src/core/action.ts';
import { actions } from '../../../src/core/actions/index.ts';
import type { ClaimRecord, StepEnd } from '../../../src/core/claim.ts';
import { checks } from '../../../src/core/checks/index.ts';
import { diagnoseEntry } from '../../../src/core/diagnose.ts';
import type { Doctor } from '../../../src/core/diagnosis.ts';
import type { Order } from '../../../src/core/evidence.ts';
import { fail, type Result } from '../../../src/core/result.ts';
import type { ClaimRequest, Store } from '../../../src/core/store-ports.ts';
import { aClaim, anActor, answers, aPort, aStep, EXECUTION_MAX, ports } from '../../builders/actions.ts';
import { aDiagnosis, anOrderEntry, aPersonEntry, aSessionEntry } from '../../builders/diagnosis.ts';
import {
  aFailedOrder,
  anAccount,
  aNode,
  anOrder,
  aPerson,
  aProfile,
  EMAIL,
  ORDER_ID,
} from '../../builders/merchant.ts';
import { aPanelServer, aPlacement } from '../../builders/panel.ts';
import { outage, type Overrides, readingsOf } from '../../builders/readings.ts';
import { aPayment, aSession, aSubscription } from '../../builders/stripe.ts';
import { ago, DAY, HOUR, MINUTE, MOMENT, NOW } from '../../builders/time.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const HOLD = 30_000;
const WATCHED = EXECUTION_MAX + 180_000;
const subject = `order:${ORDER_ID}` as const;

const target = z.object({ orderId: z.string() });
type Fake = ActionSpec<'orderWriter', z.output<typeof target>>;

/** What the fake action did, as the outside world would have felt it. */
interface World {
  nowMs: number;
  readonly order: Order;
  /** Writes in their order. */
  readonly writes: string[];
  /** How often verification looked. */
  looks: number;
  /** How often a diagnosis was made. */
  diagnoses: number;
}

function aWorld(): World {
  return { nowMs: NOW.getTime(), order: aFailedOrder(), writes: [], looks: 0, diagnoses: 0 };
}

const done: StepEnd = { kind: 'done', words: 'Done.' };
const pending = { kind: 'undecided', as: 'pending', words: 'Soon.' } as const;

/** Resets, then invokes; by default everything goes well, and verification sees it. */
function aFake(world: World, over: Partial<Fake> = {}): Action {
  return defineAction<'orderWriter', z.output<typeof target>>({
    id: 'retry-provisioning',
    label: 'Retry provisioning',
    permission: 'act.retry',
    style: 'primary',
    on: ['order'],
    needs: ['orderWriter'],
    target,
    guard: () => ({ kind: 'allowed', target: { orderId: ORDER_ID }, warnings: [] }),
    plan: ({ orderId }) => ({ what: `Do it to ${orderId}.`, changes: [], steps: [] }),
    async effect(_ports, _target, claim) {
      for (const name of ['reset', 'invoke']) {
        await claim.step(name, async () => {
          world.writes.push(name);
          return done;
        });
      }
    },
    async verify() {
      world.looks += 1;
      return { kind: 'applied', words: 'It is there.' };
    },
    ...over,
  });
}

/** A doctor who finds the one order, and no panel or Stripe beside it. */
function aDoctor(world: World): Doctor {
  const { order } = world;
  return {
    checks,
    sources: {
      orders: {
        byId: async (id) => {
          world.diagnoses += 1;
          return { ok: true, value: id === order.id ? order : null };
        },
        ofPerson: answers([order]),
        bySubscriptions: answers([order]),
        byServer: answers([]),
        serversOfPlan: answers([]),
      },
      people: {
        idByEmail: answers(null),
        byId: answers(aPerson()),
        profileOf: answers(aProfile()),
        externalAccountOf: answers(anAccount()),
      },
      nodes: { all: answers([aNode()]) },
      payments: null,
      panel: null,
      functions: null,
      vouches: null,
    },
    settings: {
      planEggs: new Map(),
      addresses: {
        supabaseUrl: 'https://ref.supabase.co',
        functionsUrl: 'https://ref.supabase.co/functions/v1',
        projectRef: null,
        webhookFunction: 'stripe-webhook',
      },
      deadlineMs: 1000,
    },
    grace: MOMENT.grace,
    clock: { now: () => new Date(world.nowMs) },
  };
}

interface Given {
  readonly world?: World;
  readonly store?: Store;
  readonly action?: Partial<Fake>;
  readonly actions?: readonly Action[];
  readonly holder?: string;
  readonly followMs?: number;
}

function anEngine({ world = aWorld(), action = {}, holder = 'one', followMs = 0, ...given }: Given = {}) {
  const store = given.store ?? createMemoryStore(() => world.nowMs);
  const engine: ActionEngine = {
    actions: given.actions ?? [aFake(world, action)],
    openDoctor: () => aDoctor(world),
    openPorts: () => ports({ orderWriter: {} }),
    store,
    clock: { now: () => new Date(world.nowMs) },
    holder,
    settings: { executionMaxMs: EXECUTION_MAX, holdMs: HOLD, pollMs: 1, followMs },
  };
  return { world, store, engine };
}

const request: ActionRequest = {
  action: 'retry-provisioning',
  subject: { kind: 'order', id: ORDER_ID },
  actor: anActor({ role: 'support' }),
  reason: null,
};

/** A claim of a process that was not heard of again. */
async function leftBehind(store: Store, world: World, over: Partial<ClaimRequest> = {}): Promise<ClaimRecord> {
  const taken = await store.claims.take({
    subject,
    action: 'retry-provisioning',
    actor: anActor({ name: 'Bob' }),
    reason: null,
    target: { orderId: ORDER_ID },
    holder: 'dead',
    holdMs: HOLD,
    watchedUntil: new Date(world.nowMs + WATCHED),
    words: 'Retry provisioning.',
    ...over,
  });
  if (!taken.ok) throw new Error('the store of the tests answers');
  world.nowMs += HOLD + 1;
  return taken.value.claim;
}

function refusalOf(end: { readonly kind: string } | Refusal): Refusal {
  if (end.kind !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(end)}`);
  return end as Refusal;
}

function performedOf(end: Performed | Refusal | null): Performed {
  if (end?.kind !== 'performed') throw new Error(`expected it to be performed, got ${JSON.stringify(end)}`);
  return end;
}

async function claimsOf(store: Store): Promise<readonly ClaimRecord[]> {
  return valueOf(await store.claims.recentOf(subject, new Date(0)));
}

async function audited(store: Store): Promise<readonly (readonly [string, string])[]> {
  const rows = valueOf(await store.audit.list({ limit: 100 }));
  return rows.toReversed().map(({ event, words }) => [event, words] as const);
}

function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`no answer: ${JSON.stringify(result.failure)}`);
  return result.value;
}

type Method = `${'claims' | 'audit' | 'offers'}.${string}`;

/** The store, whose methods fail once their name, or everything, is among what is broken. */
function breakable(store: Store): Store & { readonly broken: Set<Method | 'everything'> } {
  const broken = new Set<Method | 'everything'>();
  const guarded = <T extends object>(part: string, methods: T): T =>
    aPort<T>(
      part,
      Object.fromEntries(
        Object.entries(methods).map(([name, method]) => [
          name,
          (...args: readonly unknown[]) =>
            broken.has('everything') || broken.has(`${part}.${name}` as Method)
              ? Promise.resolve(fail({ kind: 'lost' }))
              : (method as (...all: readonly unknown[]) => unknown)(...args),
        ]),
      ) as Partial<T>,
    );
  return {
    broken,
    claims: guarded('claims', store.claims),
    audit: guarded('audit', store.audit),
    offers: guarded('offers', store.offers),
    vouches: guarded('vouches', store.vouches),
  };
}

describe('an action that goes well', () => {
  test('is claimed, done, seen, closed and audited, in this order', async () => {
    const { engine, store, world } = anEngine();
    const end = performedOf(await performAction({ ...request, reason: 'She waits.' }, engine));
    expect(end).toMatchObject({ outcome: { kind: 'applied', words: 'It is there.' }, watchedUntil: null });
    expect(world.writes).toEqual(['reset', 'invoke']);
    expect(await claimsOf(store)).toMatchObject([
      {
        attempt: 1,
        target: { orderId: ORDER_ID },
        holder: 'one',
        outcome: { kind: 'applied' },
        closedAt: expect.any(Date),
      },
    ]);
    expect(await audited(store)).toEqual([
      ['asked', 'Asked for retry-provisioning: She waits.'],
      ['begun', `Do it to ${ORDER_ID}.`],
      ['step', 'reset: done: Done.'],
      ['step', 'invoke: done: Done.'],
      ['outcome', 'applied: It is there.'],
    ]);
  });

  test('tells how far it is', async () => {
    const { engine } = anEngine();
    const told: Progress[] = [];
    await performAction(request, engine, (progress) => told.push(progress));
    expect(told.map(({ phase, step, ended, seen }) => [phase, step, ended.map(({ name }) => name), seen])).toEqual([
      ['examining', null, [], null],
      ['acting', 'reset', [], null],
      ['acting', null, ['reset'], null],
      ['acting', 'invoke', ['reset'], null],
      ['acting', null, ['reset', 'invoke'], null],
      ['verifying', null, ['reset', 'invoke'], 'It is there.'],
    ]);
  });

  test('shows no address that was quoted to it', async () => {
    const { engine } = anEngine({
      action: {
        async effect(_ports, _target, claim) {
          await claim.step('reset', async () => ({ kind: 'failed', words: 'No user eve@example.com.' }));
        },
      },
    });
    const shown: string[] = [];
    await performAction(request, engine, ({ ended }) => shown.push(...ended.map(({ end }) => end.words)));
    expect(new Set(shown)).toEqual(new Set(['No user e•••@example.com.']));
  });

  test('counts its attempts', async () => {
    const { engine, store } = anEngine();
    await performAction(request, engine);
    await performAction(request, engine);
    expect((await claimsOf(store)).map(({ attempt }) => attempt)).toEqual([2, 1]);
  });

  test('is claimed under one name, however the id was typed', () => {
    expect(subjectOf({ kind: 'order', id: ORDER_ID.toUpperCase() })).toBe(subject);
    expect(subjectOf({ kind: 'session', id: 'cs_test_Ann' })).toBe('session:cs_test_Ann');
  });

  test('shows a claim under that name to whoever typed it in capitals', async () => {
    const { engine, store } = anEngine({
      action: { verify: async () => ({ kind: 'undecided', as: 'pending', words: 'Soon.' }) },
    });
    await performAction({ ...request, subject: { kind: 'order', id: ORDER_ID.toUpperCase() } }, engine);
    expect(await claimsOf(store)).toHaveLength(1);
  });
});

describe('preparing', () => {
  test('says what would be done, and does and claims nothing', async () => {
    const { engine, store, world } = anEngine({
      action: {
        guard: () => ({ kind: 'allowed', target: { orderId: ORDER_ID }, warnings: ['One.'] }),
        look: async (_ports, given) => ({ kind: 'allowed', target: given, warnings: ['Two.'] }),
      },
    });
    expect(await prepareAction(request, engine)).toMatchObject({
      kind: 'prepared',
      plan: { what: `Do it to ${ORDER_ID}.` },
      warnings: ['One.', 'Two.'],
      entry: { subject: { kind: 'order', order: { id: ORDER_ID } } },
    });
    expect(world.writes).toEqual([]);
    expect(await claimsOf(store)).toEqual([]);
    expect(await audited(store)).toEqual([]);
  });

  test('writes down what was refused', async () => {
    const { engine, store } = anEngine({ action: { guard: () => refuse('No.') } });
    expect(await prepareAction(request, engine)).toEqual({ kind: 'refused', by: 'guard', reason: 'No.', claim: null });
    expect(await audited(store)).toEqual([['refused', 'No.']]);
  });
});

describe('permission', () => {
  test.each(['customer', null] as const)('is refused to %s before anything is looked at, and audited', async (role) => {
    const { engine, store, world } = anEngine();
    const refused = refusalOf(await performAction({ ...request, actor: anActor({ role }) }, engine));
    expect(refused).toMatchObject({
      by: 'permission',
      reason: expect.stringContaining('You may not use "Retry provisioning".'),
    });
    expect(world).toMatchObject({ diagnoses: 0, looks: 0, writes: [] });
    expect((await audited(store)).map(([event]) => event)).toEqual(['asked', 'refused']);
    expect(await claimsOf(store)).toEqual([]);
  });

  const allowed = {
    kind: 'allowed',
    target: { orderId: ORDER_ID },
    warnings: ['It is older.'],
    requires: 'act.repair',
  } as const;
  test.each<[string, Partial<Fake>]>([
    ['the guard', { guard: () => allowed }],
    ['the last look', { look: async () => allowed }],
  ])('is asked for beyond that of the action where %s wants it', async (_name, action) => {
    const { engine, world } = anEngine({ action });
    expect(refusalOf(await performAction(request, engine))).toMatchObject({
      by: 'permission',
      reason: expect.stringMatching(/^It is older\. You may not use/),
    });
    expect(world.writes).toEqual([]);
    const operator = { ...request, actor: anActor({ role: 'operator' }) };
    expect((await performAction(operator, engine)).kind).toBe('performed');
  });
});

describe('a guard', () => {
  test('that refuses ends it, without a claim, and is audited', async () => {
    const { engine, store, world } = anEngine({ action: { guard: () => refuse('PAY-005: nothing backs it.') } });
    expect(refusalOf(await performAction(request, engine))).toMatchObject({
      by: 'guard',
      reason: 'PAY-005: nothing backs it.',
    });
    expect(world.writes).toEqual([]);
    expect(await claimsOf(store)).toEqual([]);
    expect(await audited(store)).toEqual([
      ['asked', 'Asked for retry-provisioning.'],
      ['refused', 'PAY-005: nothing backs it.'],
    ]);
  });

  test('is asked on a diagnosis of this very moment, with what was done before', async () => {
    const seen: number[] = [];
    const { engine, world } = anEngine({
      action: {
        guard({ entry, history }) {
          seen.push(history.length);
          return {
            kind: 'allowed',
            target: { orderId: entry.subject.kind === 'order' ? entry.subject.order.id : '' },
            warnings: [],
          };
        },
      },
    });
    await performAction(request, engine);
    await performAction(request, engine);
    expect(seen).toEqual([0, 1]);
    expect(world.diagnoses).toBeGreaterThanOrEqual(2);
  });

  test.each<[ActionRequest['subject'], string]>([
    [{ kind: 'order', id: '11111111-2222-4333-8444-555555555555' }, 'This order was not found, or could not be read.'],
    [{ kind: 'order', id: 'not an id at all' }, 'This order was not found, or could not be read.'],
    [
      { kind: 'session', id: 'cs_test_ann' },
      'No paid checkout without an order was found under this id: it may have its order by now.',
    ],
  ])('is not asked about %j, which is not there', async (missing, reason) => {
    const { engine, world } = anEngine();
    expect(refusalOf(await performAction({ ...request, subject: missing }, engine))).toMatchObject({
      by: 'guard',
      reason,
    });
    expect(world.writes).toEqual([]);
  });

  test('may hold the claim on something that several entries share', async () => {
    const claimOn = () => 'endpoint:we_shop' as const;
    const { engine, store } = anEngine({ action: { claimOn } });
    await performAction(request, engine);
    expect(await claimsOf(store)).toEqual([]);
    expect(valueOf(await store.claims.recentOf('endpoint:we_shop', new Date(0)))).toHaveLength(1);
  });

  test('of something shared is asked after what is left over there was ended', async () => {
    const { engine, store, world } = anEngine({ action: { claimOn: () => 'endpoint:we_shop' } });
    await leftBehind(store, world, { subject: 'endpoint:we_shop' });
    expect((await performAction(request, engine)).kind).toBe('performed');
    expect(world.looks).toBe(2);
  });
});

describe('the store', () => {
  test('that cannot be written to lets nothing outside be asked', async () => {
    const store = breakable(createMemoryStore());
    store.broken.add('audit.append');
    const { engine, world } = anEngine({ store });
    expect(refusalOf(await performAction(request, engine))).toMatchObject({
      by: 'store',
      reason: "The bot's own database did not answer in time. Without it nothing is done: nothing was changed.",
    });
    expect(world).toMatchObject({ diagnoses: 0, looks: 0, writes: [] });
  });

  test.each<Method>(['claims.liveOf', 'claims.recentOf', 'claims.take'])(
    'that fails in %s lets nothing be written',
    async (method) => {
      const store = breakable(createMemoryStore());
      store.broken.add(method);
      const { engine, world } = anEngine({ store });
      expect(refusalOf(await performAction(request, engine)).by).toBe('store');
      expect(world.writes).toEqual([]);
    },
  );

  test('that fails before a step lets it not begin', async () => {
    const store = breakable(createMemoryStore());
    store.broken.add('claims.beginStep');
    const { engine, world } = anEngine({ store });
    await performAction(request, engine);
    expect(world.writes).toEqual([]);
  });

  test('that fails after a step lets the next one not begin', async () => {
    const store = breakable(createMemoryStore());
    store.broken.add('claims.endStep');
    const { engine, world } = anEngine({ store });
    const end = performedOf(await performAction(request, engine));
    expect(world.writes).toEqual(['reset']);
    expect(end.claim.steps).toMatchObject([{ name: 'reset', end: null }]);
  });

  test('that goes away between two steps leaves the outcome unknown, and later writes undone', async () => {
    const world = aWorld();
    const store = breakable(createMemoryStore(() => world.nowMs));
    const { engine } = anEngine({
      world,
      store,
      action: {
        async effect(_ports, _target, claim) {
          await claim.step('reset', async () => {
            world.writes.push('reset');
            store.broken.add('everything');
            return done;
          });
          await claim.step('invoke', async () => {
            world.writes.push('invoke');
            return done;
          });
        },
      },
    });
    const end = performedOf(await performAction(request, engine));
    expect(world.writes).toEqual(['reset']);
    expect(end).toMatchObject({
      outcome: { kind: 'unknown', words: "The bot's own database did not answer in time." },
      watchedUntil: new Date(NOW.getTime() + WATCHED),
    });
    store.broken.clear();
    world.nowMs += HOLD + 1;
    expect(await watchAbandoned(anEngine({ world, store, holder: 'two' }).engine)).toEqual([
      { kind: 'applied', words: 'It is there.' },
    ]);
    expect(world.writes).toEqual(['reset']);
  });

  test('that cannot close a decided claim leaves it to be watched', async () => {
    const store = breakable(createMemoryStore());
    store.broken.add('claims.close');
    const { engine } = anEngine({ store });
    const end = performedOf(await performAction(request, engine));
    expect(end).toMatchObject({ outcome: { kind: 'applied' }, watchedUntil: expect.any(Date) });
    expect(valueOf(await store.claims.abandoned())).toHaveLength(1);
  });
});

describe('of several who ask at once', () => {
  test.each([2, 10])('%d, one does it and the others are told', async (count) => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const ends = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        performAction(request, anEngine({ world, store, holder: `${index % 2}` }).engine),
      ),
    );
    expect(ends.filter(({ kind }) => kind === 'performed')).toHaveLength(1);
    expect(world.writes).toEqual(['reset', 'invoke']);
    for (const end of ends.filter(({ kind }) => kind === 'refused')) expect(refusalOf(end).by).toBe('claim');
  });

  test('who was overtaken between the guard and the claim does nothing', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const quicker = anEngine({ world, store, holder: 'two' });
    const { engine } = anEngine({
      world,
      store,
      action: {
        async look(_ports, given) {
          await performAction(request, quicker.engine);
          return { kind: 'allowed', target: given, warnings: [] };
        },
      },
    });
    expect(refusalOf(await performAction(request, engine))).toMatchObject({
      by: 'claim',
      reason: 'Somebody else has just acted on this: look at it again.',
    });
    expect(world.writes).toEqual(['reset', 'invoke']);
    expect(await claimsOf(store)).toHaveLength(1);
  });

  test.each<[string, Partial<Fake>, string]>([
    ['has acted', {}, 'Somebody else has just acted on this: look at it again.'],
    [
      'is at work',
      { verify: async () => pending },
      'Attempt 1 at "retry-provisioning" of Ada has been at work on this',
    ],
  ])('who finds that another one %s while the diagnosis was made does nothing', async (_name, action, reason) => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const quicker = anEngine({ world, store, holder: 'two', action });
    const { engine } = anEngine({ world, store });
    const doctor = engine.openDoctor();
    const orders = {
      ...doctor.sources.orders,
      async byId(id: string, signal: AbortSignal) {
        await performAction(request, quicker.engine);
        return doctor.sources.orders.byId(id, signal);
      },
    };
    const slow = { ...doctor, sources: { ...doctor.sources, orders } };
    const refused = refusalOf(await performAction(request, { ...engine, openDoctor: () => slow }));
    expect(refused.by).toBe('claim');
    expect(refused.reason).toContain(reason);
    expect(world.writes).toEqual(['reset', 'invoke']);
  });

  test('who was overtaken at the last moment gives the claim back unused', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const quicker = anEngine({ world, store, holder: 'two' });
    const { engine } = anEngine({ world, store });
    const digest = factsDigest(entryOfDoctor(world));
    const offered = {
      digest,
      async use() {
        await performAction(request, quicker.engine);
        return { ok: true, value: true } as const;
      },
    };
    expect(refusalOf(await performAction({ ...request, offered }, engine)).by).toBe('claim');
    expect(world.writes).toEqual(['reset', 'invoke']);
    expect(await claimsOf(store)).toMatchObject([
      {
        holder: 'one',
        steps: [],
        outcome: {
          kind: 'not-applied',
          words: 'Nothing was done. Somebody else has just acted on this: look at it again.',
        },
      },
      { holder: 'two', outcome: { kind: 'applied' } },
    ]);
  });

  test('who comes while another one is at work is told who, since when and until when', async () => {
    const { engine, store, world } = anEngine();
    await leftBehind(store, world);
    world.nowMs -= HOLD;
    const refused = refusalOf(await performAction(request, engine));
    expect(refused).toMatchObject({
      by: 'claim',
      reason:
        'Attempt 1 at "retry-provisioning" of Bob is at work on this since 12:00:00 UTC. It is watched until 12:10:30 UTC at most.',
      claim: { holder: 'dead', isHeld: true },
    });
    expect(world).toMatchObject({ diagnoses: 0, looks: 0, writes: [] });
  });
});

describe('a process that lost its hold', () => {
  const effectThat =
    (world: World, between: () => Promise<void>): Fake['effect'] =>
    async (_ports, _target, claim) => {
      await claim.step('reset', async () => {
        world.writes.push('reset');
        await between();
        return done;
      });
      await claim.step('invoke', async () => {
        world.writes.push('invoke');
        return done;
      });
    };

  test('by its silence begins no further step', async () => {
    const world = aWorld();
    const effect = effectThat(world, async () => {
      world.nowMs += HOLD + 1;
    });
    const { engine, store } = anEngine({ world, action: { effect } });
    performedOf(await performAction(request, engine));
    expect(world.writes).toEqual(['reset']);
    expect((await claimsOf(store))[0]?.steps).toMatchObject([{ name: 'reset', end: null }]);
  });

  test('by being stopped until its hold was over writes nothing, though it was told to', async () => {
    const world = aWorld();
    const { engine, store } = anEngine({ world });
    const { claims } = engine.store;
    const beginStep: typeof claims.beginStep = async (...step) => {
      const begun = await claims.beginStep(...step);
      world.nowMs += HOLD;
      return begun;
    };
    await performAction(request, { ...engine, store: { ...engine.store, claims: { ...claims, beginStep } } });
    expect(world.writes).toEqual([]);
    expect((await claimsOf(store))[0]?.steps).toMatchObject([{ name: 'reset', end: null }]);
  });

  test('to another one, which decided, tells what that one saw', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const effect = effectThat(world, async () => {
      world.nowMs += HOLD + 1;
      await watchAbandoned(anEngine({ world, store, holder: 'two' }).engine);
    });
    const { engine } = anEngine({
      world,
      store,
      action: { effect, verify: async () => ({ kind: 'not-applied', words: 'Mine.' }) },
    });
    const end = performedOf(await performAction(request, engine));
    expect(world.writes).toEqual(['reset']);
    expect(end).toMatchObject({ outcome: { kind: 'applied', words: 'It is there.' }, watchedUntil: null });
  });

  test('to a watcher in the very same process begins no further step either', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const watcher = anEngine({ world, store, action: { verify: async () => pending } });
    const effect = effectThat(world, async () => {
      world.nowMs += HOLD + 1;
      await watchAbandoned(watcher.engine);
    });
    performedOf(await performAction(request, anEngine({ world, store, action: { effect } }).engine));
    expect(world.writes).toEqual(['reset']);
  });

  test('between two steps, and not in one, begins the second one neither', async () => {
    const world = aWorld();
    const { engine } = anEngine({
      world,
      action: {
        async effect(_ports, _target, claim) {
          await claim.step('reset', async () => done);
          world.nowMs += HOLD + 1;
          await claim.step('invoke', async () => {
            world.writes.push('invoke');
            return done;
          });
        },
      },
    });
    await performAction(request, engine);
    expect(world.writes).toEqual([]);
  });

  test('never begins a step of one name twice', async () => {
    const world = aWorld();
    const effect: Fake['effect'] = async (_ports, _target, claim) => {
      for (const name of ['invoke', 'invoke', 'after']) {
        await claim.step(name, async () => {
          world.writes.push(name);
          return done;
        });
      }
    };
    await performAction(request, anEngine({ world, action: { effect } }).engine);
    expect(world.writes).toEqual(['invoke']);
  });
});

describe('following', () => {
  test('looks until it is decided', async () => {
    const world = aWorld();
    const verify: Fake['verify'] = async () => {
      world.looks += 1;
      return world.looks < 3 ? pending : { kind: 'applied', words: 'There.' };
    };
    const { engine } = anEngine({ world, followMs: 1000, action: { verify } });
    expect(performedOf(await performAction(request, engine))).toMatchObject({
      outcome: { kind: 'applied' },
      watchedUntil: null,
    });
    expect(world.looks).toBe(3);
  });

  test('ends when nobody wants to wait any longer, and lets any process go on at once', async () => {
    const { engine, store } = anEngine({ followMs: 5, action: { verify: async () => pending } });
    expect(performedOf(await performAction(request, engine))).toMatchObject({
      outcome: { kind: 'pending', words: 'Soon.' },
      watchedUntil: new Date(NOW.getTime() + WATCHED),
    });
    expect(await claimsOf(store)).toMatchObject([
      { isHeld: false, closedAt: null, outcome: { kind: 'pending', words: 'Soon.' } },
    ]);
  });

  test('ends when another process has closed the claim', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    const verify: Fake['verify'] = async () => {
      world.looks += 1;
      if (world.looks === 2) {
        world.nowMs += HOLD + 1;
        await watchAbandoned(anEngine({ world, store, holder: 'two' }).engine);
      }
      return pending;
    };
    const { engine } = anEngine({ world, store, followMs: 2000, action: { verify } });
    expect(performedOf(await performAction(request, engine))).toMatchObject({
      outcome: { kind: 'applied', words: 'It is there.' },
      watchedUntil: null,
    });
  });

  test('gives verification the steps as they were recorded', async () => {
    const seen: (readonly string[])[] = [];
    const verify: Fake['verify'] = async (_ports, _target, { claim }) => {
      seen.push(claim.steps.map(({ name, end }) => `${name} ${end?.kind}`));
      return { kind: 'applied', words: 'There.' };
    };
    await performAction(request, anEngine({ action: { verify } }).engine);
    expect(seen).toEqual([['reset done', 'invoke done']]);
  });

  test('takes over only what nobody holds', async () => {
    const { engine, store, world } = anEngine({ holder: 'two' });
    const claim = await leftBehind(store, world);
    world.nowMs -= HOLD;
    expect(await followClaim(claim, engine)).toBeNull();
    world.nowMs += HOLD;
    expect(performedOf(await followClaim(claim, engine))).toMatchObject({ outcome: { kind: 'applied' } });
    expect(await followClaim(claim, engine)).toBeNull();
    expect(world.writes).toEqual([]);
  });

  test('does not touch a claim of an action it does not know', async () => {
    const { engine, store, world } = anEngine({ actions: [] });
    const claim = await leftBehind(store, world);
    expect(await followClaim(claim, engine)).toBeNull();
    expect((await claimsOf(store))[0]).toMatchObject({ holder: 'dead' });
  });
});

describe('what a process left behind that died', () => {
  test('is ended by a look, after which it may be tried again', async () => {
    const { engine, store, world } = anEngine();
    await leftBehind(store, world);
    expect((await performAction(request, engine)).kind).toBe('performed');
    expect(await claimsOf(store)).toMatchObject([
      { attempt: 2, holder: 'one' },
      { attempt: 1, steps: [], outcome: { kind: 'applied' }, closedAt: expect.any(Date) },
    ]);
    expect(world.writes).toEqual(['reset', 'invoke']);
  });

  test('stands in the way as long as it is undecided, and nothing is done to it but a look', async () => {
    const world = aWorld();
    const verify: Fake['verify'] = async () => {
      world.looks += 1;
      return pending;
    };
    const { engine, store } = anEngine({ world, action: { verify } });
    await leftBehind(store, world);
    const refused = refusalOf(await performAction(request, engine));
    expect(refused).toMatchObject({ by: 'claim', claim: { isHeld: false, outcome: { kind: 'pending' } } });
    expect(refused.reason).toBe(
      'Attempt 1 at "retry-provisioning" of Bob has been at work on this since 12:00:00 UTC. Soon. It is watched until 12:10:30 UTC at most.',
    );
    expect(world).toMatchObject({ looks: 1, diagnoses: 0, writes: [] });
    expect(await claimsOf(store)).toMatchObject([{ isHeld: false, closedAt: null, outcome: { words: 'Soon.' } }]);
  });

  test('stands in the way where nobody knows its action', async () => {
    const { engine, store, world } = anEngine();
    await leftBehind(store, world, { action: 'vouch' });
    expect(refusalOf(await performAction(request, engine)).by).toBe('claim');
    expect(world.looks).toBe(0);
  });
});

describe('watching', () => {
  test('closes what can be told, and never writes', async () => {
    const { engine, store, world } = anEngine({ holder: 'two' });
    await leftBehind(store, world);
    expect(await watchAbandoned(engine)).toEqual([{ kind: 'applied', words: 'It is there.' }]);
    expect(await watchAbandoned(engine)).toEqual([]);
    expect(world.writes).toEqual([]);
    expect(await claimsOf(store)).toMatchObject([{ closedAt: expect.any(Date) }]);
  });

  test('lets go of what is undecided, to look again later', async () => {
    const { engine, store, world } = anEngine({ action: { verify: async () => pending } });
    await leftBehind(store, world);
    expect(await watchAbandoned(engine)).toEqual([{ kind: 'pending', words: 'Soon.' }]);
    expect(await watchAbandoned(engine)).toHaveLength(1);
    expect(await claimsOf(store)).toMatchObject([{ isHeld: false, closedAt: null, outcome: { kind: 'pending' } }]);
  });

  test('gives up when its time is over, and says so', async () => {
    const { engine, store, world } = anEngine({ action: { verify: async () => pending } });
    await leftBehind(store, world);
    world.nowMs = NOW.getTime() + WATCHED - 1;
    await watchAbandoned(engine);
    expect((await claimsOf(store))[0]?.closedAt).toBeNull();
    world.nowMs += 1;
    expect(await watchAbandoned(engine)).toEqual([
      { kind: 'unknown', words: 'Soon. It is not watched any longer; look at the order before anything else.' },
    ]);
    expect((await claimsOf(store))[0]).toMatchObject({ outcome: { kind: 'unknown' }, closedAt: expect.any(Date) });
  });

  test('leaves alone what another process holds', async () => {
    const { engine, store, world } = anEngine();
    await leftBehind(store, world);
    world.nowMs -= HOLD;
    expect(await watchAbandoned(engine)).toEqual([]);
    expect(world.looks).toBe(0);
  });

  test('looks once, however many processes watch', async () => {
    const world = aWorld();
    const store = createMemoryStore(() => world.nowMs);
    await leftBehind(store, world);
    const watchers = ['a', 'b', 'c'].map((holder) => anEngine({ world, store, holder }).engine);
    await Promise.all(watchers.map((engine) => watchAbandoned(engine)));
    expect(world.looks).toBe(1);
  });

  test('waits for a store that does not answer', async () => {
    const store = breakable(createMemoryStore());
    store.broken.add('everything');
    expect(await watchAbandoned(anEngine({ store }).engine)).toEqual([]);
  });

  test('is not ended by one claim that nobody can look at', async () => {
    const world = aWorld();
    const verify: Fake['verify'] = async (_ports, { orderId }) => ({ kind: 'applied', words: `Seen: ${orderId}.` });
    const { engine, store } = anEngine({ world, action: { verify } });
    await leftBehind(store, world, { subject: 'order:old', target: { written: 'by another version' } });
    await leftBehind(store, world);
    expect(await watchAbandoned(engine)).toContainEqual({ kind: 'applied', words: `Seen: ${ORDER_ID}.` });
  });

  test('reports what it stumbles over, and goes on with the others', async () => {
    const world = aWorld();
    const verify: Fake['verify'] = async (_ports, { orderId }) => {
      if (orderId === 'bad') throw new Error('a bug');
      return { kind: 'applied', words: 'It is there.' };
    };
    const { engine, store } = anEngine({ world, action: { verify } });
    await leftBehind(store, world, { subject: 'order:bad', target: { orderId: 'bad' } });
    await leftBehind(store, world);
    const bugs: unknown[] = [];
    expect(await watchAbandoned(engine, (bug) => bugs.push(bug))).toEqual([{ kind: 'applied', words: 'It is there.' }]);
    expect(bugs).toEqual([new Error('a bug')]);
  });

  test('gives up a claim of an action it does not know, once its time is over', async () => {
    const world = aWorld();
    const { engine, store } = anEngine({ world });
    await leftBehind(store, world, { action: 'vouch' });
    expect(await watchAbandoned(engine)).toMatchObject([{ kind: 'unknown' }]);
    expect((await claimsOf(store))[0]?.closedAt).toBeNull();
    world.nowMs = NOW.getTime() + WATCHED;
    await watchAbandoned(engine);
    expect((await claimsOf(store))[0]).toMatchObject({ outcome: { kind: 'unknown' }, closedAt: expect.any(Date) });
  });

  test('goes on until it is told to end', async () => {
    const world = aWorld();
    const { engine, store } = anEngine({ world });
    await leftBehind(store, world);
    const ending = new AbortController();
    const watching = watchClaims(engine, 1, ending.signal);
    while (world.looks === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    ending.abort();
    await watching;
    expect((await claimsOf(store))[0]?.closedAt).not.toBeNull();
  });
});

/** The entry as the doctor of the tests finds it, for a digest. */
function entryOfDoctor(world: World) {
  const { order } = world;
  const unasked = (source: 'stripe' | 'pterodactyl' | 'logs') =>
    ({ outage: { source, kind: 'not-configured' } }) as const;
  const over: Overrides = {
    payment: unasked('stripe'),
    checkouts: unasked('stripe'),
    webhooks: unasked('stripe'),
    linkedPanelUser: unasked('pterodactyl'),
    emailPanelUser: unasked('pterodactyl'),
    panelAccess: unasked('pterodactyl'),
    ownServers: unasked('pterodactyl'),
    wings: unasked('pterodactyl'),
    functions: unasked('logs'),
    settings: unasked('logs'),
    executions: unasked('logs'),
  };
  return anOrderEntry(order, over);
}

describe('a button', () => {
  async function anOffer(store: Store, world: World, digest: string) {
    const expiresAt = new Date(world.nowMs + HOUR);
    const issued = await store.offers.issue({
      action: 'retry-provisioning',
      subject,
      digest,
      permission: 'act.retry',
      expiresAt,
    });
    const { id } = valueOf(issued);
    return { digest, use: () => store.offers.use(id) };
  }

  test('does what it was offered for, once', async () => {
    const { engine, store, world } = anEngine();
    const offered = await anOffer(store, world, factsDigest(entryOfDoctor(world)));
    expect((await performAction({ ...request, offered }, engine)).kind).toBe('performed');
    expect(refusalOf(await performAction({ ...request, offered }, engine))).toMatchObject({
      by: 'offer',
      reason: 'This button has been used or has expired: look at the order again.',
    });
    expect(world.writes).toEqual(['reset', 'invoke']);
    expect(await claimsOf(store)).toHaveLength(1);
  });

  test('does nothing once the facts have changed, and may be pressed again when they are back', async () => {
    const { engine, store, world } = anEngine();
    const entry = anOrderEntry(aFailedOrder({ status: 'paid' }));
    const offered = await anOffer(store, world, factsDigest(entry));
    expect(refusalOf(await performAction({ ...request, offered }, engine))).toMatchObject({
      by: 'offer',
      reason: 'The facts have changed since this was offered: look at the order again.',
    });
    expect(world.writes).toEqual([]);
    expect(valueOf(await offered.use())).toBe(true);
  });

  test('does nothing once it has expired', async () => {
    const { engine, store, world } = anEngine();
    const offered = await anOffer(store, world, factsDigest(entryOfDoctor(world)));
    world.nowMs += HOUR;
    expect(refusalOf(await performAction({ ...request, offered }, engine)).by).toBe('offer');
    expect(world.writes).toEqual([]);
  });

  test('does nothing where nobody can tell whether it was used', async () => {
    const store = breakable(createMemoryStore());
    const { engine, world } = anEngine({ store });
    const offered = await anOffer(store, world, factsDigest(entryOfDoctor(world)));
    store.broken.add('offers.use');
    expect(refusalOf(await performAction({ ...request, offered }, engine)).by).toBe('store');
    expect(world.writes).toEqual([]);
  });

  test('pressed by many at once does it once', async () => {
    const { engine, store, world } = anEngine();
    const offered = await anOffer(store, world, factsDigest(entryOfDoctor(world)));
    await Promise.all([1, 2, 3].map(() => performAction({ ...request, offered }, engine)));
    expect(world.writes).toEqual(['reset', 'invoke']);
  });
});

describe('the digest of the facts', () => {
  const digestOf = (order: Order = aFailedOrder(), over: Overrides = {}, now: Date = NOW) => {
    const readings = readingsOf({
      order,
      siblings: [order],
      sameSubscription: [order],
      namedServer: null,
      ownServers: [],
      ...over,
    });
    return factsDigest(diagnoseEntry(checks, { kind: 'order', order }, readings, { ...MOMENT, now }));
  };

  test.each([MINUTE, HOUR, DAY])('stays as it is when nothing happens for %d ms', (ms) => {
    const later = new Date(NOW.getTime() + ms);
    expect(digestOf(undefined, {}, later)).toBe(digestOf());
    const full = { placement: aPlacement({ nodes: [aNode({ usedGb: 56 })] }) };
    expect(digestOf(undefined, full, later)).toBe(digestOf(undefined, full));
  });

  test('does not depend on the order in which the panel and the table answer', () => {
    const servers = [aPanelServer(), aPanelServer({ id: 502 })];
    const rows = [aFailedOrder(), anOrder({ id: 'o-2' })];
    expect(digestOf(undefined, { ownServers: servers, sameSubscription: rows })).toBe(
      digestOf(undefined, { ownServers: servers.toReversed(), sameSubscription: rows.toReversed() }),
    );
  });

  test.each<[string, Order, Overrides]>([
    ['its status', aFailedOrder({ status: 'paid' }), {}],
    ['the time of its last change', aFailedOrder({ updatedAt: ago(HOUR - 1) }), {}],
    ['its server', anOrder({ status: 'error' }), {}],
    ['a cause that stands now', aFailedOrder(), { placement: aPlacement({ nodes: [aNode({ enabled: false })] }) }],
    ['who backs it', aFailedOrder(), { payment: aPayment({ backing: 'vouched' }) }],
    [
      'the subscription',
      aFailedOrder(),
      { payment: aPayment({ subscription: aSubscription({ status: 'trialing' }) }) },
    ],
    ['a payment that cannot be read any more', aFailedOrder(), { payment: outage('stripe') }],
    ['a server of its name', aFailedOrder(), { ownServers: [aPanelServer()] }],
    ['servers that cannot be searched any more', aFailedOrder(), { ownServers: outage('pterodactyl') }],
    [
      'another row for the same purchase',
      aFailedOrder(),
      { sameSubscription: [aFailedOrder(), anOrder({ id: 'o-2' })] },
    ],
    ['the panel account it is linked to', aFailedOrder(), { externalAccount: anAccount({ panelUserId: 12 }) }],
    ['a link that is gone', aFailedOrder(), { externalAccount: null }],
    ['the panel account of its address', aFailedOrder(), { emailPanelUser: null }],
    ['another order altogether', aFailedOrder({ id: 'o-2' }), {}],
  ])('changes with %s', (_name, order, over) => {
    expect(digestOf(order, over)).not.toBe(digestOf());
  });

  test('tells a server that is installing from one that is installed', () => {
    const ofState = (status: string | null) => digestOf(undefined, { ownServers: [aPanelServer({ status })] });
    expect(ofState('installing')).not.toBe(ofState(null));
  });

  test('of a lost purchase changes once it is paid, and with the causes that stand', () => {
    const ofSession = (over: Parameters<typeof aSession>[0], readings: Overrides = {}) =>
      factsDigest(aSessionEntry(aSession(over), readings));
    expect(ofSession({ paymentStatus: 'unpaid' })).not.toBe(ofSession({}));
    expect(ofSession({ id: 'cs_other' })).not.toBe(ofSession({}));
    expect(ofSession({}, { webhooks: outage('stripe') })).not.toBe(ofSession({ mode: 'payment' }));
  });

  test('gives nothing of the facts away', () => {
    expect(digestOf()).toMatch(/^[\w-]{43}$/);
  });
});

describe('what the actions say to an entry beforehand', () => {
  const context = { moment: MOMENT, executionMaxMs: EXECUTION_MAX, history: [] };
  const idsOf = (entry: ReturnType<typeof anOrderEntry>, kind?: 'allowed') =>
    decideActions(entry, actions, context)
      .filter(({ decision }) => kind === undefined || decision.kind === kind)
      .map(({ action }) => action.id);

  test('is asked of those that act on its kind', () => {
    expect(idsOf(anOrderEntry())).toEqual(actions.map(({ id }) => id).filter((id) => id !== 'redeliver-webhook'));
    expect(idsOf(aSessionEntry(aSession()))).toEqual(['redeliver-webhook', 'enable-endpoint']);
    expect(idsOf(aPersonEntry())).toEqual(['enable-endpoint']);
  });

  test('is what their guards say', () => {
    expect(idsOf(anOrderEntry(), 'allowed')).toEqual([]);
    expect(idsOf(anOrderEntry(aFailedOrder()), 'allowed')).toEqual(['retry-provisioning']);
    expect(idsOf(anOrderEntry(aFailedOrder(), { ownServers: [aPanelServer()] }), 'allowed')).toEqual(['link-server']);
    expect(idsOf(anOrderEntry(anOrder({ status: 'error' })), 'allowed')).toEqual(['restore-status']);
    expect(idsOf(aSessionEntry(aSession()), 'allowed')).toEqual(['redeliver-webhook']);
  });

  test('does not ask for a reason before its time', () => {
    const payment = aPayment({ backing: 'none', session: null, subscription: null });
    expect(idsOf(anOrderEntry(aFailedOrder(), { payment }), 'allowed')).toEqual(['vouch']);
  });

  test('knows what was done before', () => {
    const order = aFailedOrder({ status: 'provisioning', updatedAt: ago(MINUTE) });
    const steps = [aStep('reset'), aStep('invoke', { kind: 'failed', words: 'No.', data: { clean: true } })];
    const decided = (history: readonly ClaimRecord[]) =>
      decideActions(anOrderEntry(order), actions, { ...context, history })[0]?.decision.kind;
    expect(decided([])).toBe('refused');
    expect(decided([aClaim({ steps })])).toBe('allowed');
  });
});

describe('addresses', () => {
  const entries = aDiagnosis([
    anOrderEntry(),
    anOrderEntry(aFailedOrder()),
    anOrderEntry(aFailedOrder(), { ownServers: [aPanelServer()] }),
    anOrderEntry(aFailedOrder(), { externalAccount: null, linkedPanelUser: null, emailPanelUser: null }),
    anOrderEntry(anOrder({ status: 'error' })),
    aSessionEntry(aSession()),
    aPersonEntry(),
  ]).entries;

  test('stand in no reason, warning, target or plan', () => {
    const context = { moment: MOMENT, executionMaxMs: EXECUTION_MAX, history: [] };
    const said = entries.flatMap((entry) =>
      decideActions(entry, actions, context).map(({ action, decision }) => [
        decision,
        decision.kind === 'allowed' ? action.plan(decision.target) : null,
      ]),
    );
    expect(JSON.stringify(said)).not.toContain(EMAIL);
  });

  test('stand in nothing that is written to the audit log', async () => {
    const { engine, store } = anEngine({
      action: {
        async effect(_ports, _target, claim) {
          await claim.step('reset', async () => ({ kind: 'failed', words: `${EMAIL} is taken.` }));
        },
        verify: async () => ({ kind: 'not-applied', words: `Nothing for ${EMAIL}.` }),
      },
    });
    const actor = anActor({ name: EMAIL });
    await performAction({ ...request, actor, reason: `For ${EMAIL}` }, engine);
    await performAction({ ...request, actor: { ...actor, role: null } }, engine);
    const rows = valueOf(await store.audit.list({ limit: 100 }));
    expect(rows.length).toBeGreaterThan(4);
    expect(JSON.stringify(rows)).not.toContain(EMAIL);
  });
});
