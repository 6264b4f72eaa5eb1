import {
  performAction,
  prepareAction,
  type ActionRequest,
  type ActionSubject,
  type Progress,
  type Refusal,
} from './act.ts';
import type { Action, Plan } from './action.ts';
import type { Actor } from './actor.ts';
import { type Block, type Card, text } from './card.ts';
import { actorWords, noteCard, nothingDoneBlock, outcomeBlock, progressCard } from './cards/action-cards.ts';
import type { ActionId } from './check.ts';
import type { ClaimRecord, ClaimSubject } from './claim.ts';
import type { Command } from './command.ts';
import type { Answer, CommandCall, Desk, Form, Press, PressAnswer } from './desk.ts';
import { lookOn } from './look-on.ts';
import { consult, type Office, queryOf } from './office.ts';
import { can } from './permission.ts';
import { describeStoreFailure, type Offer, type StoreAnswer, type ViewId } from './store-ports.ts';

/** Takes a bug to the log, and answers with the reference under which it stands there. */
export type ReportBug = (error: unknown) => string;

const longestReason = 500;

/** A desk that can be closed. */
export interface FrontDesk extends Desk {
  /** Resolves when nothing is being answered any more. */
  idle(): Promise<void>;
}

/** The desk behind every surface: commands, and the buttons under their answers. */
export function createFrontDesk(office: Office, commands: readonly Command[], reportBug: ReportBug): FrontDesk {
  const underWay = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    return work;
  };
  const now = (): Date => office.engine.clock.now();
  const failed = (error: unknown): Card => bugCard(reportBug(error), now());
  return {
    commands: commands.map(({ name, summary, inputs }) => ({ name, summary, inputs })),
    run: (call) =>
      track(
        runCommand(call, commands, office).catch((error: unknown): Answer => ({
          card: failed(error),
          visibility: 'private',
        })),
      ),
    press: (press, show) =>
      track(
        answerPress(press, show, office).catch((error: unknown): PressAnswer => ({
          kind: 'note',
          card: failed(error),
        })),
      ),
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function runCommand(call: CommandCall, commands: readonly Command[], office: Office): Promise<Answer> {
  const { actor, place } = call;
  const now = office.engine.clock.now();
  const privately = (card: Card): Answer => ({ card, visibility: 'private' });
  const command = commands.find(({ name }) => name === call.command);
  if (command === undefined) {
    const known = commands.map(({ name }) => `/${name}`).join(', ');
    return privately(noteCard('There is no such command', `These are there: ${known}.`, now));
  }
  if (!can(actor.role, command.permission)) {
    return privately(noteCard(`You may not use /${command.name}`, askSomebody(actor), now));
  }
  const answer = command.run(call.input, { actor, place, office });
  if (answer === null) {
    const needed = command.inputs.map(({ name, summary }) => `${name}: ${summary}`).join(' ');
    return privately(noteCard(`/${command.name} needs more`, needed, now));
  }
  return answer;
}

function askSomebody({ role }: Actor): string {
  return role === null || role === 'customer'
    ? 'This is for staff. If you belong to them, ask an admin of pterodoc to give you the role of support.'
    : `Your role (${role}) does not hold this. Ask an operator, or an admin of pterodoc.`;
}

async function answerPress(press: Press, show: (card: Card) => void, office: Office): Promise<PressAnswer> {
  const { engine } = office;
  const now = engine.clock.now();
  const found = await engine.store.offers.byId(press.offerId);
  if (!found.ok) return note('Nothing was done', describeStoreFailure(found.failure), now);
  if (found.value === null) return note('This button is too old', 'Ask again to get a new one.', now);
  const offer = found.value;
  if (!can(press.actor.role, offer.permission)) {
    if (!isView(offer.action)) {
      const words = 'Pressed without the right to it; nothing was done.';
      const { action, subject } = offer;
      await engine.store.audit.append({ event: 'refused', actor: press.actor, action, subject, claimId: null, words });
    }
    return note('You may not press this', askSomebody(press.actor), now);
  }
  const action = engine.actions.find(({ id }) => id === offer.action);
  if (action === undefined) return look(offer, press, office, []);
  if (offer.usedAt !== null && (await isAtWork(offer, office))) return noteOfSecond(action, now);
  if (offer.expiresAt <= now || offer.usedAt !== null) {
    const why = offer.usedAt === null ? 'This button had expired.' : 'This button had been used already.';
    return look(offer, press, office, [nothingDoneBlock(action.label, `${why} Here is how things stand now.`)]);
  }
  const subject = actionSubject(offer.subject);
  if (subject === null) return note('Nothing was done', 'There is no purchase to act on.', now);
  const request: ActionRequest = {
    action: action.id,
    subject,
    actor: press.actor,
    reason: press.form?.reason ?? null,
    offered: { digest: offer.digest, use: () => engine.store.offers.use(offer.id) },
  };
  if (press.form === null && (action.asksTwice === true || action.asksForReason === true)) {
    return askFirst(request, action, offer, press, office);
  }
  return perform(request, action, offer, press, show, office);
}

/** Another look, on which the message is drawn anew. */
async function look(offer: Offer, press: Press, office: Office, before: readonly Block[]): Promise<PressAnswer> {
  const query = await queryOf(offer.subject, office);
  if (query === null)
    return note('This is gone', 'What the button was about is not there any more.', office.engine.clock.now());
  const card = await consult(office, {
    query,
    place: press.place,
    details: isView(offer.action) && offer.action === 'details',
    focus: offer.subject,
    before,
  });
  return { kind: 'card', card };
}

async function askFirst(
  request: ActionRequest,
  action: Action,
  offer: Offer,
  press: Press,
  office: Office,
): Promise<PressAnswer> {
  // A stand-in for the reason that is only about to be asked for.
  const prepared = await prepareAction({ ...request, reason: request.reason ?? '-' }, office.engine);
  if (prepared.kind === 'refused') return answerRefusal(prepared, action, offer, press, office);
  return { kind: 'ask', form: formOf(action, prepared.plan, prepared.warnings) };
}

function formOf(action: Action, plan: Plan, warnings: readonly string[]): Form {
  const changes =
    action.asksForReason === true
      ? []
      : plan.changes.map(({ thing, before, after }) => `${thing}: ${before} → ${after}.`);
  return {
    title: action.label,
    body: [plan.what, ...changes, ...warnings, ...(plan.note === undefined ? [] : [plan.note])].map((line) =>
      text(line),
    ),
    reason: action.asksForReason === true ? { label: 'Why?', maxLength: longestReason } : null,
    confirmLabel: action.label,
    isDangerous: action.style === 'danger',
  };
}

async function perform(
  request: ActionRequest,
  action: Action,
  offer: Offer,
  press: Press,
  show: (card: Card) => void,
  office: Office,
): Promise<PressAnswer> {
  const { engine } = office;
  let plan: Plan | null = null;
  let isUsedUp = false;
  const use = async (): StoreAnswer<boolean> => {
    const used = await engine.store.offers.use(offer.id);
    isUsedUp = used.ok && used.value;
    return used;
  };
  const done = await performAction({ ...request, offered: { digest: offer.digest, use } }, engine, (progress) => {
    plan = progress.plan ?? plan;
    // Until it is certain that anything will be done, the others' message stays as it is.
    if (progress.phase === 'examining') return;
    show(progressCard(action, plan, progress, { actor: press.actor, now: engine.clock.now() }));
  });
  if (done.kind === 'refused') {
    const theirs = await claimInTheWay(done, offer, isUsedUp, office);
    return theirs === null
      ? answerRefusal(done, action, offer, press, office)
      : answerWithTheirs(theirs, done, action, offer, press, show, office);
  }
  return look(offer, press, office, [outcomeBlock(action, done)]);
}

/**
 * What somebody else is doing to the same thing right now, by a button of another message; `null`: nothing. Of what is
 * done by a button of this very message everybody here sees the outcome anyway.
 */
async function claimInTheWay(
  refusal: Refusal,
  offer: Offer,
  isUsedUp: boolean,
  { engine }: Office,
): Promise<ClaimRecord | null> {
  if (refusal.by === 'permission' || refusal.by === 'store') return null;
  const { offers, claims } = engine.store;
  const again = await offers.byId(offer.id);
  if (!again.ok || (again.value?.usedAt !== null && !isUsedUp)) return null;
  if (refusal.claim !== null) return refusal.claim;
  const live = await claims.liveOf(offer.subject);
  return live.ok ? live.value : null;
}

/** Whoever comes second sees the same as whoever came first: how far it is, and what came of it. */
async function answerWithTheirs(
  claim: ClaimRecord,
  refusal: Refusal,
  own: Action,
  offer: Offer,
  press: Press,
  show: (card: Card) => void,
  office: Office,
): Promise<PressAnswer> {
  const { engine } = office;
  const action = engine.actions.find(({ id }) => id === claim.action);
  if (action === undefined) return answerRefusal(refusal, own, offer, press, office);
  const ended = await lookOn(claim, engine, ({ actor, steps, outcome }) => {
    const progress: Progress = {
      phase: steps.some(({ endedAt }) => endedAt === null) ? 'acting' : 'verifying',
      step: steps.find(({ endedAt }) => endedAt === null)?.name ?? null,
      ended: steps.flatMap(({ name, end }) => (end === null ? [] : [{ name, end }])),
      seen: outcome?.words ?? null,
    };
    show(progressCard(action, null, progress, { actor, now: engine.clock.now() }));
  });
  if (ended === null) return answerRefusal(refusal, own, offer, press, office);
  const outcome = ended.outcome ?? { kind: 'pending', words: 'Nothing has been seen of it yet.' };
  const watchedUntil = ended.closedAt === null ? ended.watchedUntil : null;
  return look(offer, press, office, [
    ...(action === own ? [] : [nothingDoneBlock(own.label, refusal.reason)]),
    outcomeBlock(action, { kind: 'performed', claim: ended, outcome, watchedUntil }),
  ]);
}

/** Where the facts or the guard say no, everybody sees how things stand; the rest is the presser's own affair. */
async function answerRefusal(
  refusal: Refusal,
  action: Action,
  offer: Offer,
  press: Press,
  office: Office,
): Promise<PressAnswer> {
  const by = refusal.by === 'claim' && refusal.claim === null ? 'guard' : refusal.by;
  switch (by) {
    case 'offer':
    case 'guard': {
      if (await isUsed(offer, office)) return noteOfSecond(action, office.engine.clock.now());
      const who = `${refusal.reason} (${actorWords(press.actor)} had pressed it.)`;
      return look(offer, press, office, [nothingDoneBlock(action.label, who)]);
    }
    case 'permission':
    case 'claim':
    case 'store':
      return note(`${action.label}: nothing was done`, refusal.reason, office.engine.clock.now());
  }
}

/** The message belongs to whoever came first: drawn by the second, it would hide how far the first one is. */
function noteOfSecond({ label }: Action, now: Date): PressAnswer {
  const reason = 'Somebody has pressed this button just before. The message shows how far it is, and what comes of it.';
  return note(`${label}: nothing was done`, reason, now);
}

async function isAtWork({ subject }: Offer, { engine }: Office): Promise<boolean> {
  const live = await engine.store.claims.liveOf(subject);
  return live.ok && live.value !== null;
}

async function isUsed({ id }: Offer, { engine }: Office): Promise<boolean> {
  const now = await engine.store.offers.byId(id);
  return now.ok && now.value !== null && now.value.usedAt !== null;
}

function actionSubject(subject: ClaimSubject): ActionSubject | null {
  const at = subject.indexOf(':');
  const kind = subject.slice(0, at);
  return kind === 'order' || kind === 'session' ? { kind, id: subject.slice(at + 1) } : null;
}

function isView(action: ActionId | ViewId): action is ViewId {
  return action === 'recheck' || action === 'details';
}

function note(title: string, reason: string, now: Date): PressAnswer {
  return { kind: 'note', card: noteCard(title, text(reason), now) };
}

function bugCard(reference: string, now: Date): Card {
  return {
    tone: 'unsure',
    title: 'Something went wrong inside pterodoc',
    summary: `Nobody can say what from here. The reference for the log is ${reference}.`,
    blocks: [],
    madeAt: now,
  };
}
