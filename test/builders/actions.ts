import type { ClaimHandle, Decision, Situation, Watch } from '../../src/core/action.ts';
import type { ActionPorts, Invocation } from '../../src/core/action-ports.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { ClaimRecord, StepEnd, StepEndKind, StepRecord } from '../../src/core/claim.ts';
import type { EntryDiagnosis } from '../../src/core/diagnose.ts';
import type { SourceId, UpstreamFailure } from '../../src/core/failure.ts';
import { fail, type Result } from '../../src/core/result.ts';
import { ORDER_ID } from './merchant.ts';
import { ago, MINUTE, MOMENT, NOW } from './time.ts';

/** The longest run of an edge function that the tests reckon with. */
export const EXECUTION_MAX = 450_000;

export function anActor(over: Partial<Actor> = {}): Actor {
  return { surface: 'terminal', id: 'ada', name: 'Ada', role: 'admin', ...over };
}

/** A retry that was taken a minute ago and has done nothing yet. */
export function aClaim(over: Partial<ClaimRecord> = {}): ClaimRecord {
  return {
    id: 'claim-1',
    subject: `order:${ORDER_ID}`,
    action: 'retry-provisioning',
    attempt: 1,
    actor: anActor(),
    reason: null,
    target: null,
    steps: [],
    holder: 'one',
    isHeld: true,
    takenAt: ago(MINUTE),
    watchedUntil: new Date(NOW.getTime() + 10 * MINUTE),
    outcome: null,
    closedAt: null,
    ...over,
  };
}

/** A write that was begun a minute ago and ended a second later; `end` null: nobody knows how. */
export function aStep(
  name: string,
  end: StepEndKind | StepEnd | null = 'done',
  over: Partial<Pick<StepRecord, 'begunAt' | 'endedAt'>> = {},
): StepRecord {
  const begunAt = over.begunAt ?? ago(MINUTE);
  const told = typeof end === 'string' ? { kind: end, words: `It ended: ${end}.` } : end;
  const endedAt = told === null ? null : (over.endedAt ?? new Date(begunAt.getTime() + 1000));
  return { name, begunAt, endedAt, end: told };
}

/** What a guard decides on, at {@link NOW}. */
export function aSituation(entry: EntryDiagnosis, over: Partial<Omit<Situation, 'entry'>> = {}): Situation {
  return { entry, moment: MOMENT, executionMaxMs: EXECUTION_MAX, history: [], reason: null, ...over };
}

/** What verification knows of a claim with these steps, at {@link NOW}. */
export function aWatch(steps: readonly StepRecord[] = [], over: Partial<Watch> = {}): Watch {
  return { claim: aClaim({ steps }), now: NOW, executionMaxMs: EXECUTION_MAX, ...over };
}

/** What the function answered; by default that it is done. */
export function anInvocation(over: Partial<Invocation> = {}): Invocation {
  return { kind: 'succeeded', status: 200, body: '{"id":501}', executionId: 'exec-1', ...over };
}

/** A port that knows only these methods: whoever asks it anything else fails the test. */
export function aPort<T extends object>(name: string, known: Partial<T> = {}): T {
  return new Proxy(known, {
    get(target, key) {
      if (key in target) return Reflect.get(target, key);
      throw new Error(`nothing was to ask ${name}.${String(key)}`);
    },
  }) as T;
}

type Known = { readonly [K in keyof ActionPorts]?: Partial<NonNullable<ActionPorts[K]>> | null };

/** Ports that know only what is given; `null`: not configured. */
export function ports(known: Known = {}): ActionPorts {
  const keys: readonly (keyof ActionPorts)[] = [
    'orders',
    'people',
    'orderWriter',
    'accounts',
    'subscriptionIndex',
    'caller',
    'payments',
    'events',
    'endpoints',
    'panel',
    'panelWriter',
    'vouches',
  ];
  const made = keys.map((key) => [key, known[key] === null ? null : aPort<object>(key, known[key])] as const);
  return Object.fromEntries(made) as unknown as ActionPorts;
}

/** A method that answers this, whatever it is asked. */
export function answers<T>(value: T): () => Promise<Result<T, never>> {
  return async () => ({ ok: true, value });
}

/** A method that never answers in time. */
export function isSilent(source: SourceId): () => Promise<Result<never, UpstreamFailure>> {
  return async () => fail({ source, kind: 'timed-out', afterMs: 4000 });
}

/** A method whose question is refused. */
export function forbids(source: SourceId): () => Promise<Result<never, UpstreamFailure>> {
  return async () => fail({ source, kind: 'not-permitted', scope: null });
}

/** A claim that keeps account of the steps that were begun and how they ended. */
export function aHandle(): ClaimHandle & { readonly steps: { readonly name: string; readonly end: StepEnd }[] } {
  const steps: { readonly name: string; readonly end: StepEnd }[] = [];
  return {
    actor: anActor(),
    steps,
    async step(name, write) {
      if (steps.some((step) => step.name === name)) throw new Error(`${name} was begun twice`);
      const end = await write();
      steps.push({ name, end });
      return end;
    },
  };
}

/** The reason of a refusal, or a failure of the test. */
export function reasonOf(decision: Decision<unknown>): string {
  if (decision.kind !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(decision)}`);
  return decision.reason;
}

/** The decision of somebody who may, or a failure of the test that says what was refused. */
export function allowanceOf(decision: Decision<unknown>): Extract<Decision<unknown>, { kind: 'allowed' }> {
  if (decision.kind !== 'allowed') throw new Error(`expected to be allowed, got ${decision.reason}`);
  return decision;
}

/** A signal that never ends anything. */
export const NEVER: AbortSignal = new AbortController().signal;
