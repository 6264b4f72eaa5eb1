import { type ActionEngine, decideActions, factsDigest } from './act.ts';
import { clockTime } from './actions/refusals.ts';
import { type Block, type Button, type Card, type Select, text } from './card.ts';
import { diagnosisCard } from './cards/diagnosis-card.ts';
import type { ActionId } from './check.ts';
import type { ClaimSubject } from './claim.ts';
import type { Place } from './desk.ts';
import type { EntryDiagnosis } from './diagnose.ts';
import { type Diagnosis, diagnose, type Doctor } from './diagnosis.ts';
import type { Links } from './links.ts';
import { maskEmailsIn } from './mask.ts';
import type { OrderOverview, PaymentOverview } from './overview.ts';
import type { Permission } from './permission.ts';
import { parseQuery, type Query } from './query.ts';
import type { ViewId } from './store-ports.ts';

/** What commands and buttons work with. */
export interface Office {
  /** For what is only looked up; whatever is judged is seen by a doctor of its own, who remembers nothing. */
  readonly doctor: Doctor;
  readonly engine: ActionEngine;
  readonly links: Links;
  /** Looks at the whole shop. `payments` null: Stripe is not configured. */
  readonly overview: { readonly orders: OrderOverview; readonly payments: PaymentOverview | null };
}

/** What a consultation is to show, and to whom. */
export interface Consultation {
  readonly query: Query;
  readonly place: Place;
  readonly details?: boolean;
  /** The entry to speak of; without it the one that matters most. */
  readonly focus?: ClaimSubject;
  /** What stands before everything else: what has just been done, or why nothing was. */
  readonly before?: readonly Block[];
}

/** Buttons outlive restarts; what they do is decided anew when they are pressed. */
const offersLastMs = 7 * 24 * 60 * 60_000;
/** Platforms show a row of five. */
const mostActions = 3;
const mostOptions = 10;

/** Diagnoses and draws the card, with buttons for what can be done about it. */
export async function consult(office: Office, consultation: Consultation): Promise<Card> {
  const { query, place, details = false, focus, before = [] } = consultation;
  const diagnosis = await diagnose(query, office.engine.openDoctor());
  const at =
    focus === undefined ? -1 : diagnosis.entries.findIndex((entry) => subjectOfEntry(entry, diagnosis) === focus);
  const card = diagnosisCard(diagnosis, {
    links: office.links,
    emails: place === 'private' ? 'full' : 'masked',
    details,
    ...(at === -1 ? {} : { entry: at }),
  });
  const entry = shownEntry(diagnosis, at);
  const subject = subjectOfEntry(entry, diagnosis);
  if (subject === null) return { ...card, blocks: [...before, ...card.blocks] };
  const [underWay, buttons, select] = await Promise.all([
    blocksOfLiveClaim(subject, office),
    buttonsOf(entry, subject, details, office),
    selectOf(diagnosis, entry, office),
  ]);
  return {
    ...card,
    blocks: [...before, ...underWay, ...card.blocks],
    buttons,
    ...(select === null ? {} : { select }),
  };
}

/** The query that leads back to what an offer speaks of; `null`: there is no way any more. */
export async function queryOf(subject: ClaimSubject, { doctor }: Office): Promise<Query | null> {
  const [kind, id] = [subject.slice(0, subject.indexOf(':')), subject.slice(subject.indexOf(':') + 1)];
  if (kind !== 'person') return queryFrom(id);
  const person = await doctor.sources.people.byId(id, AbortSignal.timeout(doctor.settings.deadlineMs));
  return person.ok && person.value !== null ? queryFrom(person.value.email) : null;
}

function queryFrom(typed: string): Query | null {
  const query = parseQuery(typed);
  return query.ok ? query.value : null;
}

/** What the buttons of an entry are about; `null`: nobody is known. */
function subjectOfEntry({ subject }: EntryDiagnosis, { userId }: Diagnosis): ClaimSubject | null {
  switch (subject.kind) {
    case 'order':
      return `order:${subject.order.id}`;
    case 'session':
      return `session:${subject.session.id}`;
    case 'person':
      return userId === null ? null : `person:${userId}`;
  }
}

/** As the card chooses it. */
function shownEntry({ entries, top, state }: Diagnosis, at: number): EntryDiagnosis {
  const shown = entries[at] ?? top ?? entries.find((entry) => entry.state === state && !entry.ended) ?? entries[0];
  if (shown === undefined) throw new Error('A diagnosis without any entry.');
  return shown;
}

async function blocksOfLiveClaim(subject: ClaimSubject, { engine }: Office): Promise<readonly Block[]> {
  const live = await engine.store.claims.liveOf(subject);
  if (!live.ok || live.value === null) return [];
  const { action, actor, attempt, takenAt, watchedUntil, outcome } = live.value;
  const label = engine.actions.find(({ id }) => id === action)?.label ?? action;
  return [
    {
      kind: 'fields',
      heading: 'Under way',
      fields: [
        { label, value: text(`attempt ${attempt} of ${maskEmailsIn(text(actor.name, 60))}`), at: takenAt },
        {
          label: 'Last seen',
          value: text(`${outcome?.words ?? 'Nothing yet.'} It is watched until ${clockTime(watchedUntil)} at most.`),
        },
      ],
    },
  ];
}

async function buttonsOf(
  entry: EntryDiagnosis,
  subject: ClaimSubject,
  details: boolean,
  office: Office,
): Promise<readonly Button[]> {
  const { engine, doctor } = office;
  const digest = factsDigest(entry);
  const decided = decideActions(entry, engine.actions, {
    moment: { now: engine.clock.now(), grace: doctor.grace },
    executionMaxMs: engine.settings.executionMaxMs,
    history: [],
  });
  const possible = decided.filter(({ decision }) => decision.kind === 'allowed').slice(0, mostActions);
  const offers = await Promise.all([
    ...possible.map(async ({ action }): Promise<Button | null> =>
      offer(office, {
        action: action.id,
        subject,
        digest,
        permission: action.permission,
        label: action.label,
        style: action.style,
        asks: action.asksTwice === true || action.asksForReason === true,
      }),
    ),
    offer(office, { ...view, action: 'recheck', subject, label: 'Re-check' }),
    ...(details ? [] : [offer(office, { ...view, action: 'details', subject, label: 'Details' })]),
  ]);
  return offers.filter((button) => button !== null);
}

const view = { digest: '', permission: 'diagnose.any', style: 'plain' } as const;

/** A button without an offer behind it would do nothing: where none can be stored, there is none. */
async function offer(
  { engine }: Office,
  input: {
    readonly action: ActionId | ViewId;
    readonly subject: ClaimSubject;
    readonly digest: string;
    readonly permission: Permission;
    readonly label: string;
    readonly style: 'primary' | 'plain' | 'danger';
    readonly asks?: boolean;
  },
): Promise<Button | null> {
  const { label, style, asks, ...what } = input;
  const expiresAt = new Date(engine.clock.now().getTime() + offersLastMs);
  const issued = await engine.store.offers.issue({ ...what, expiresAt });
  if (!issued.ok) return null;
  return { kind: 'press', id: issued.value.id, label, style, ...(asks === true ? { asks } : {}) };
}

/** A choice of things to look at, each behind an offer of its own; `null`: there is nothing to choose. */
export async function chooseAmong(
  office: Office,
  label: string,
  things: readonly { readonly subject: ClaimSubject; readonly label: string; readonly description: string }[],
): Promise<Select | null> {
  const options = await Promise.all(
    things.slice(0, mostOptions).map(async ({ subject, label: name, description }) => {
      const button = await offer(office, { ...view, action: 'recheck', subject, label: 'Show' });
      if (button === null || button.kind !== 'press') return [];
      // Whoever reads along may be many, and customers name their servers.
      return [{ value: button.id, label: text(maskEmailsIn(text(name)), 80), description: text(description, 90) }];
    }),
  );
  const listed = options.flat();
  return listed.length === 0 ? null : { id: 'purchases', label, options: listed };
}

/** The person's other purchases, to look at one of them. */
function selectOf(diagnosis: Diagnosis, shown: EntryDiagnosis, office: Office): Promise<Select | null> {
  const others = diagnosis.entries.filter((entry) => entry !== shown);
  const things = others.flatMap((entry) => {
    const subject = subjectOfEntry(entry, diagnosis);
    return subject === null ? [] : [{ subject, label: nameOf(entry), description: standOf(entry) }];
  });
  return chooseAmong(office, 'Another purchase', things);
}

function nameOf({ subject }: EntryDiagnosis): string {
  switch (subject.kind) {
    case 'order': {
      const { id, serverName, lacks } = subject.order;
      return lacks.has('serverName') || serverName === null ? id.slice(0, 8) : `${id.slice(0, 8)} ${serverName}`;
    }
    case 'session':
      return `${subject.session.id.slice(0, 24)} (no order)`;
    case 'person':
      return 'the person alone';
  }
}

function standOf({ verdict, state }: EntryDiagnosis): string {
  return verdict === null ? state.replace('_', ' ') : `${verdict.code} ${verdict.title}`;
}
