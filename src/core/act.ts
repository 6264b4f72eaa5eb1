import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, ClaimHandle, Decision, Plan, Sight, Situation } from './action.ts';
import type { ActionPorts } from './action-ports.ts';
import { clockTime } from './actions/refusals.ts';
import type { Actor } from './actor.ts';
import type { ActionId } from './check.ts';
import type { ClaimRecord, ClaimSubject, Outcome, StepEnd } from './claim.ts';
import type { Clock } from './clock.ts';
import type { EntryDiagnosis } from './diagnose.ts';
import { diagnose, type Doctor } from './diagnosis.ts';
import { maskPrivateIn } from './mask.ts';
import { can } from './permission.ts';
import { parseQuery } from './query.ts';
import { describeStoreFailure, type Store, type StoreAnswer, type StoreFailure } from './store-ports.ts';

/** How patient the engine is, in milliseconds. */
export interface ActionSettings {
  /** The longest a run of an edge function can last. */
  readonly executionMaxMs: number;
  /** How long a process may stay silent before another takes its claims over. */
  readonly holdMs: number;
  /** Between two looks of verification, at first. */
  readonly pollMs: number;
  /** How long whoever started an action follows it; afterwards it is watched in the background. */
  readonly followMs: number;
}

/** What actions are performed with. */
export interface ActionEngine {
  readonly actions: readonly Action[];
  /** A doctor whose readers remember nothing: guards decide on it. */
  readonly openDoctor: () => Doctor;
  readonly openPorts: () => ActionPorts;
  readonly store: Store;
  readonly clock: Clock;
  /** The id of this process among the holders of claims. */
  readonly holder: string;
  /** Aborted when this process is about to stop: nothing is followed any longer, and others may go on watching. */
  readonly stopping?: AbortSignal;
  readonly settings: ActionSettings;
}

/** What an action is asked for on: an order, or a paid checkout without one. */
export interface ActionSubject {
  readonly kind: 'order' | 'session';
  readonly id: string;
}

export interface ActionRequest {
  readonly action: ActionId;
  readonly subject: ActionSubject;
  readonly actor: Actor;
  readonly reason: string | null;
  /** Set where a button was pressed: what it was offered on. */
  readonly offered?: { readonly digest: string; readonly use: () => StoreAnswer<boolean> };
}

/** Why nothing was done. */
export interface Refusal {
  readonly kind: 'refused';
  readonly by: 'permission' | 'guard' | 'claim' | 'store' | 'offer';
  readonly reason: string;
  /** The claim that stands in the way, where one does. */
  readonly claim: ClaimRecord | null;
}

/** What would be done, after the guard said yes. */
export interface Prepared {
  readonly kind: 'prepared';
  readonly plan: Plan;
  readonly warnings: readonly string[];
  readonly entry: EntryDiagnosis;
}

export interface Performed {
  readonly kind: 'performed';
  readonly claim: ClaimRecord;
  readonly outcome: Outcome;
  /** Until when it is watched in the background; `null`: it is decided. */
  readonly watchedUntil: Date | null;
}

/** How far an action is, for a message that changes as it goes. */
export interface Progress {
  readonly phase: 'examining' | 'acting' | 'verifying';
  /** What is being done; absent until the guard has said yes. */
  readonly plan?: Plan;
  /** The step that is under way; `null` between steps. */
  readonly step: string | null;
  /** Steps that have ended, in their order. */
  readonly ended: readonly { readonly name: string; readonly end: StepEnd }[];
  /** What verification saw last. */
  readonly seen: string | null;
}

/** Runs must have ended, and the last of their writes must have been seen, before a claim is given up. */
const watchMarginMs = 180_000;
const slowestPollMs = 5_000;
/** One look at the outside systems. */
const lookMs = 20_000;
/** All writes of one action together. */
const effectMs = 240_000;

/** Says what an action would do, or why it would not; changes nothing. */
export async function prepareAction(request: ActionRequest, engine: ActionEngine): Promise<Prepared | Refusal> {
  const examined = await examineRequest(request, engine);
  if (examined.kind === 'refused') {
    await engine.store.audit.append(refusedEntry(request, examined.reason));
    return examined;
  }
  const { action, decision, entry } = examined;
  return { kind: 'prepared', plan: action.plan(decision.target), warnings: decision.warnings, entry };
}

/**
 * Does it: permission and guard on a fresh diagnosis, the order's one live claim, the writes, and verification until
 * the outside systems agree or `followMs` has passed. What is still undecided then is watched in the background.
 */
export async function performAction(
  request: ActionRequest,
  engine: ActionEngine,
  observe: (progress: Progress) => void = () => undefined,
): Promise<Performed | Refusal> {
  const { store } = engine;
  // Written before anything else: where the store cannot be written to, nothing outside is touched.
  const asked = await store.audit.append({ ...auditOf(request), event: 'asked', claimId: null, words: wish(request) });
  if (!asked.ok) return refusalOfStore(asked.failure);
  observe({ phase: 'examining', step: null, ended: [], seen: null });
  const refused = async (refusal: Refusal): Promise<Refusal> => {
    await store.audit.append(refusedEntry(request, refusal.reason));
    return refusal;
  };
  const examined = await examineRequest(request, engine);
  if (examined.kind === 'refused') return refused(examined);
  const { action, decision, subject } = examined;
  const since = new Date(engine.clock.now().getTime() - historyMs(engine));
  const before = await store.claims.recentOf(subject, since);
  if (!before.ok) return refused(refusalOfStore(before.failure));
  if (newestOf(before.value) !== examined.newestClaim) return refused(overtaken());
  if (request.offered !== undefined) {
    const used = await request.offered.use();
    if (!used.ok) return refused(refusalOfStore(used.failure));
    if (!used.value)
      return refused(refusalOf('offer', 'This button has been used or has expired: look at the order again.'));
  }
  const taken = await store.claims.take({
    subject,
    action: request.action,
    actor: request.actor,
    reason: request.reason,
    target: decision.target,
    holder: engine.holder,
    holdMs: engine.settings.holdMs,
    watchedUntil: new Date(engine.clock.now().getTime() + engine.settings.executionMaxMs + watchMarginMs),
    words: action.plan(decision.target).what,
  });
  if (!taken.ok) return refused(refusalOfStore(taken.failure));
  if (taken.value.kind === 'live') return refused(refusalOfLive(taken.value.claim));
  const { claim } = taken.value;
  // Between the guard and the claim somebody else may have come, done it all and gone again.
  const after = await store.claims.recentOf(subject, since);
  if (!after.ok || newestOf(after.value.filter(({ id }) => id !== claim.id)) !== examined.newestClaim) {
    const refusal = after.ok ? overtaken() : refusalOfStore(after.failure);
    const words = `Nothing was done. ${refusal.reason}`;
    await store.claims.close(claim.id, engine.holder, { kind: 'not-applied', words });
    return refused(refusal);
  }
  const plan = action.plan(decision.target);
  const tell = (progress: Progress): void => observe({ ...progress, plan });
  return keepingHold(claim, engine, async () => {
    await carryOut(claim, action, decision.target, engine, tell);
    return follow(claim, action, engine, tell);
  });
}

/** Follows a claim that this process has taken over, or looks on; `null`: there is none any more. */
export async function followClaim(
  claim: ClaimRecord,
  engine: ActionEngine,
  observe: (progress: Progress) => void = () => undefined,
): Promise<Performed | null> {
  const action = engine.actions.find(({ id }) => id === claim.action);
  if (action === undefined) return null;
  const own = underOwnName(engine);
  const taken = await own.store.claims.takeOver(claim.id, own.holder, own.settings.holdMs);
  if (!taken.ok || taken.value === null) return null;
  const { value } = taken;
  return keepingHold(value, own, () => follow(value, action, own, observe));
}

/**
 * Looks once after every live claim that no process holds, and closes what can be told: how the work of a process that
 * died is ended, and how what nobody follows any more is watched. Only reads the outside world.
 */
export async function watchAbandoned(
  engine: ActionEngine,
  onBug: (error: unknown) => void = rethrow,
): Promise<readonly Outcome[]> {
  const { claims } = engine.store;
  const abandoned = await claims.abandoned();
  if (!abandoned.ok) return [];
  const outcomes: Outcome[] = [];
  const { holder } = underOwnName(engine);
  for (const { id, action: name } of abandoned.value) {
    const taken = await claims.takeOver(id, holder, engine.settings.holdMs);
    if (!taken.ok || taken.value === null) continue;
    try {
      const seen = await lookOnce(taken.value, actionNamed(name, engine), engine);
      outcomes.push(seen.outcome);
      await (seen.isFinal ? claims.close(id, holder, seen.outcome) : claims.release(id, holder, seen.outcome));
    } catch (error) {
      // One claim that cannot be looked after must not keep the others from it.
      onBug(error);
    }
  }
  return outcomes;
}

function rethrow(error: unknown): never {
  throw error;
}

/** Watches on a timer until the signal ends it; resolves when the last look is over. */
export async function watchClaims(
  engine: ActionEngine,
  everyMs: number,
  signal: AbortSignal,
  onBug: (error: unknown) => void = rethrow,
): Promise<void> {
  while (!signal.aborted) {
    await watchAbandoned(engine, onBug);
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** What each action says to an entry, on the diagnosis alone. */
export function decideActions(
  entry: EntryDiagnosis,
  actions: readonly Action[],
  context: Pick<Situation, 'moment' | 'executionMaxMs' | 'history'>,
): readonly { readonly action: Action; readonly decision: Decision<unknown> }[] {
  // A reason is asked for when the time comes; its absence is no reason to refuse beforehand.
  const reason = '-';
  return actions
    .filter(({ on }) => on.includes(entry.subject.kind))
    .map((action) => ({ action, decision: action.guard({ entry, ...context, reason }) }));
}

/** The facts a button is bound to: what decides about actions, and nothing that changes with time alone. */
export function factsDigest(entry: EntryDiagnosis): string {
  const { subject, readings } = entry;
  const payment = readings.payment.kind === 'known' ? readings.payment.value : null;
  const facts = [
    subject.kind === 'order'
      ? [subject.order.id, subject.order.status, subject.order.updatedAt.toISOString(), subject.order.serverId]
      : subject.kind === 'session'
        ? [subject.session.id, subject.session.paymentStatus]
        : [],
    entry.findings
      .filter(({ role, standing }) => role === 'cause' && standing === 'standing')
      .map(({ code }) => code)
      .toSorted(),
    payment === null ? null : [payment.backing, payment.subscription?.status ?? null],
    readings.ownServers.kind === 'known'
      ? readings.ownServers.value.map(({ id, status }) => [id, status]).toSorted()
      : null,
    readings.sameSubscription.kind === 'known' ? readings.sameSubscription.value.map(({ id }) => id).toSorted() : null,
    readings.externalAccount.kind === 'known' ? (readings.externalAccount.value?.panelUserId ?? 'none') : null,
    readings.emailPanelUser.kind === 'known' ? (readings.emailPanelUser.value?.id ?? 'none') : null,
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
}

/** The claim subject of a request, where the action does not name another one. */
export function subjectOf({ kind, id }: ActionSubject): ClaimSubject {
  // However a person typed an order's id, it is one order; Stripe tells capitals apart.
  return `${kind}:${kind === 'order' ? id.toLowerCase() : id}`;
}

interface Examined {
  readonly kind: 'examined';
  readonly action: Action;
  readonly decision: Extract<Decision<unknown>, { kind: 'allowed' }>;
  readonly entry: EntryDiagnosis;
  readonly subject: ClaimSubject;
  /** The newest claim of the subject that the guard knew of. */
  readonly newestClaim: string | null;
}

/** Permission, what is left of earlier attempts, a fresh diagnosis, and the guard's two questions. */
async function examineRequest(request: ActionRequest, engine: ActionEngine): Promise<Examined | Refusal> {
  const action = engine.actions.find(({ id }) => id === request.action);
  if (action === undefined) throw new Error(`there is no action ${request.action}`);
  if (!can(request.actor.role, action.permission)) return refusalOf('permission', lacks(action.label));
  const own = subjectOf(request.subject);
  const left = await endLeftover(own, engine);
  if (left !== null) return left;
  const since = new Date(engine.clock.now().getTime() - historyMs(engine));
  const known = await engine.store.claims.recentOf(own, since);
  if (!known.ok) return refusalOfStore(known.failure);
  const doctor = engine.openDoctor();
  const entry = await entryOf(request.subject, doctor);
  if (entry === null) return refusalOf('guard', notFound(request.subject));
  if (request.offered !== undefined && request.offered.digest !== factsDigest(entry)) {
    return refusalOf('offer', 'The facts have changed since this was offered: look at the order again.');
  }
  const situation = async (subject: ClaimSubject): Promise<Situation | Refusal> => {
    const history = await engine.store.claims.recentOf(subject, since);
    if (!history.ok) return refusalOfStore(history.failure);
    const live = history.value.find(({ closedAt }) => closedAt === null);
    if (live !== undefined) return refusalOfLive(live);
    return {
      entry,
      moment: { now: engine.clock.now(), grace: doctor.grace },
      executionMaxMs: engine.settings.executionMaxMs,
      history: history.value,
      reason: request.reason,
    };
  };
  const asked = await situation(own);
  if ('kind' in asked) return asked;
  // Whoever acted while the diagnosis was made has made it old.
  if (newestOf(asked.history) !== newestOf(known.value)) return overtaken();
  const guarded = action.guard(asked);
  if (guarded.kind === 'refused') return refusalOf('guard', guarded.reason);
  const subject = action.claimOn(guarded.target) ?? own;
  if (subject !== own) {
    const leftThere = await endLeftover(subject, engine);
    if (leftThere !== null) return leftThere;
  }
  const there = subject === own ? asked : await situation(subject);
  if ('kind' in there) return there;
  const looked = await action.look(engine.openPorts(), guarded.target, there, AbortSignal.timeout(lookMs));
  if (looked.kind === 'refused') return refusalOf('guard', looked.reason);
  for (const { requires } of [guarded, looked]) {
    if (requires !== undefined && !can(request.actor.role, requires)) {
      return refusalOf('permission', `${[...guarded.warnings, ...looked.warnings].join(' ')} ${lacks(action.label)}`);
    }
  }
  return {
    kind: 'examined',
    action,
    decision: { ...looked, warnings: [...guarded.warnings, ...looked.warnings] },
    entry,
    subject,
    newestClaim: newestOf(there.history),
  };
}

/** A live claim whose process died is ended first, by a look; one that stays undecided stands in the way. */
async function endLeftover(subject: ClaimSubject, engine: ActionEngine): Promise<Refusal | null> {
  const live = await engine.store.claims.liveOf(subject);
  if (!live.ok) return refusalOfStore(live.failure);
  if (live.value === null) return null;
  if (live.value.isHeld) return refusalOfLive(live.value);
  const { holder } = underOwnName(engine);
  const taken = await engine.store.claims.takeOver(live.value.id, holder, engine.settings.holdMs);
  if (!taken.ok) return refusalOfStore(taken.failure);
  if (taken.value === null) return refusalOfLive(live.value);
  const seen = await lookOnce(taken.value, actionNamed(live.value.action, engine), engine);
  if (seen.isFinal) {
    const closed = await engine.store.claims.close(live.value.id, holder, seen.outcome);
    return closed.ok ? null : refusalOfStore(closed.failure);
  }
  await engine.store.claims.release(live.value.id, holder, seen.outcome);
  return refusalOfLive({ ...taken.value, isHeld: false, outcome: seen.outcome });
}

async function entryOf(subject: ActionSubject, doctor: Doctor): Promise<EntryDiagnosis | null> {
  const query = parseQuery(subject.id);
  if (!query.ok) return null;
  const { entries } = await diagnose(query.value, doctor);
  return (
    entries.find(({ subject: found }) =>
      found.kind === 'order'
        ? subject.kind === 'order' && found.order.id === subject.id.toLowerCase()
        : found.kind === 'session' && subject.kind === 'session' && found.session.id === subject.id,
    ) ?? null
  );
}

/** Thrown out of an effect whose claim is no longer this process's, or whose next step could not be recorded. */
class ClaimLost extends Error {}

/** Does the writes. Whatever ends them early, verification decides what became of it. */
async function carryOut(
  claim: ClaimRecord,
  action: Action,
  target: unknown,
  engine: ActionEngine,
  observe: (progress: Progress) => void,
): Promise<void> {
  const { store, holder, settings } = engine;
  const ended: { readonly name: string; readonly end: StepEnd }[] = [];
  const handle: ClaimHandle = {
    actor: claim.actor,
    async step(name, write) {
      const askedAt = engine.clock.now().getTime();
      const begun = await store.claims.beginStep(claim.id, holder, name, settings.holdMs);
      if (!begun.ok || !begun.value) throw new ClaimLost();
      // A process that was stopped while it waited may be told of a hold that is long over.
      if (engine.clock.now().getTime() - askedAt >= settings.holdMs) throw new ClaimLost();
      observe({ phase: 'acting', step: name, ended: [...ended], seen: null });
      const written = await write();
      // Functions and panels quote addresses, and everybody watches.
      const end = { ...written, words: maskPrivateIn(written.words) };
      ended.push({ name, end });
      observe({ phase: 'acting', step: null, ended: [...ended], seen: null });
      const recorded = await store.claims.endStep(claim.id, holder, name, end);
      if (!recorded.ok || !recorded.value) throw new ClaimLost();
      return end;
    },
  };
  try {
    await action.effect(engine.openPorts(), target, handle, AbortSignal.timeout(effectMs));
  } catch (error) {
    if (!(error instanceof ClaimLost)) throw error;
  }
}

/** Looks again and again until it is decided, or nobody wants to wait any longer. */
async function follow(
  claim: ClaimRecord,
  action: Action,
  engine: ActionEngine,
  observe: (progress: Progress) => void,
): Promise<Performed> {
  const { store, holder, settings } = engine;
  const followedUntil = Date.now() + settings.followMs;
  let pollMs = settings.pollMs;
  for (;;) {
    const latest = await store.claims.byId(claim.id);
    const record = latest.ok && latest.value !== null ? latest.value : claim;
    if (record.closedAt !== null && record.outcome !== null) return decided(record, record.outcome);
    // Without the steps as they were recorded, nobody can tell what may still come.
    const seen = latest.ok ? await lookOnce(record, action, engine) : blind(latest.failure);
    observe({ phase: 'verifying', step: null, ended: endedSteps(record), seen: seen.outcome.words });
    if (seen.isFinal) {
      const closed = await store.claims.close(claim.id, holder, seen.outcome);
      if (closed.ok && closed.value) return decided(record, seen.outcome);
    }
    if (engine.stopping?.aborted === true || Date.now() + pollMs > followedUntil) {
      await store.claims.release(claim.id, holder, seen.outcome);
      return { kind: 'performed', claim: record, outcome: seen.outcome, watchedUntil: record.watchedUntil };
    }
    await store.claims.renew(claim.id, holder, settings.holdMs, seen.outcome);
    await sleep(pollMs, undefined, engine.stopping === undefined ? {} : { signal: engine.stopping }).catch(
      () => undefined,
    );
    pollMs = Math.min(slowestPollMs, pollMs * 1.5);
  }
}

function endedSteps({ steps }: ClaimRecord): Progress['ended'] {
  return steps.flatMap(({ name, end }) => (end === null ? [] : [{ name, end }]));
}

function blind(failure: StoreFailure): { readonly outcome: Outcome; readonly isFinal: false } {
  return { outcome: { kind: 'unknown', words: describeStoreFailure(failure) }, isFinal: false };
}

/** `null`: a claim of another version of this program. */
function actionNamed(name: ActionId, { actions }: ActionEngine): Action | null {
  return actions.find(({ id }) => id === name) ?? null;
}

const unknownAction: Sight = {
  kind: 'undecided',
  as: 'unknown',
  words: 'This version of pterodoc does not know the action that was taken here.',
};

function decided(claim: ClaimRecord, outcome: Outcome): Performed {
  return { kind: 'performed', claim, outcome, watchedUntil: null };
}

/** One look, and whether it settles the matter. Past its time a claim is given up as unknown. */
async function lookOnce(
  claim: ClaimRecord,
  action: Action | null,
  engine: ActionEngine,
): Promise<{ readonly outcome: Outcome; readonly isFinal: boolean }> {
  const now = engine.clock.now();
  const watch = { claim, now, executionMaxMs: engine.settings.executionMaxMs };
  const sight =
    action === null
      ? unknownAction
      : await action.verify(engine.openPorts(), claim.target, watch, AbortSignal.timeout(lookMs));
  if (sight.kind !== 'undecided') return { outcome: sight, isFinal: true };
  if (now < claim.watchedUntil) return { outcome: { kind: sight.as, words: sight.words }, isFinal: false };
  return {
    outcome: {
      kind: 'unknown',
      words: `${sight.words} It is not watched any longer; look at the order before anything else.`,
    },
    isFinal: true,
  };
}

/**
 * Another name among the holders of claims: whoever was at work in this very process and silent for too long has to
 * notice that somebody took over.
 */
function underOwnName(engine: ActionEngine): ActionEngine {
  return { ...engine, holder: `${engine.holder}/${randomUUID()}` };
}

/** Renews the hold on a claim while the work lasts. */
async function keepingHold<T>(claim: ClaimRecord, engine: ActionEngine, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    void engine.store.claims.renew(claim.id, engine.holder, engine.settings.holdMs, null);
  }, engine.settings.holdMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function historyMs({ settings }: ActionEngine): number {
  return 2 * (settings.executionMaxMs + watchMarginMs);
}

function newestOf(claims: readonly ClaimRecord[]): string | null {
  return claims[0]?.id ?? null;
}

function refusalOf(by: Refusal['by'], reason: string, claim: ClaimRecord | null = null): Refusal {
  return { kind: 'refused', by, reason, claim };
}

function refusalOfStore(failure: StoreFailure): Refusal {
  return refusalOf('store', `${describeStoreFailure(failure)} Without it nothing is done: nothing was changed.`);
}

function refusalOfLive(claim: ClaimRecord): Refusal {
  const who = claim.isHeld ? 'is at work on this' : 'has been at work on this';
  const seen = claim.outcome === null ? '' : ` ${claim.outcome.words}`;
  return refusalOf(
    'claim',
    `Attempt ${claim.attempt} at "${claim.action}" of ${claim.actor.name} ${who} since ${clockTime(claim.takenAt)}.${seen} It is watched until ${clockTime(claim.watchedUntil)} at most.`,
    claim,
  );
}

function overtaken(): Refusal {
  return refusalOf('claim', 'Somebody else has just acted on this: look at it again.');
}

function lacks(label: string): string {
  return `You may not use "${label}". Ask somebody who may, or an admin of pterodoc.`;
}

function notFound({ kind }: ActionSubject): string {
  return kind === 'order'
    ? 'This order was not found, or could not be read.'
    : 'No paid checkout without an order was found under this id: it may have its order by now.';
}

function wish({ action, reason }: ActionRequest): string {
  return reason === null ? `Asked for ${action}.` : `Asked for ${action}: ${reason}`;
}

function auditOf({ actor, action, subject }: ActionRequest) {
  return { actor, action, subject: subjectOf(subject) };
}

function refusedEntry(request: ActionRequest, reason: string) {
  return { ...auditOf(request), event: 'refused' as const, claimId: null, words: reason };
}
