import type { ActionSubject } from '../act.ts';
import type { Opinions } from '../action-opinion.ts';
import { type Block, type Card, type Field, type PathStep, text, type Text, type Tone } from '../card.ts';
import type { ActionId, Finding } from '../check.ts';
import type { EntryDiagnosis, OpenQuestion } from '../diagnose.ts';
import { type Diagnosis, startedAtOf } from '../diagnosis.ts';
import { inWords } from '../duration.ts';
import type { CheckoutSession, Order } from '../evidence.ts';
import { describeFailure, type SourceId, sourceIds } from '../failure.ts';
import type { SourceReport } from '../gather/ask.ts';
import type { Links } from '../links.ts';
import { maskEmailsIn } from '../mask.ts';
import { formatMoney } from '../money.ts';
import type { EvidenceItem, EvidenceRef } from '../reading.ts';
import { type Stage, stages } from '../stage.ts';

export interface DiagnosisCardOptions {
  readonly links: Links;
  /** `full` only where one person alone reads it. */
  readonly emails: 'masked' | 'full';
  /** Everything that was found and asked, not only what matters first. */
  readonly details?: boolean;
  /** Which of the diagnosis's entries to speak of, counted from 0; without it the one that matters most. */
  readonly entry?: number;
  /** What can be done about it, where that is started with words; without it the card names no action. */
  readonly actions?: {
    readonly opinions: Opinions;
    readonly commandFor: (action: ActionId, subject: ActionSubject) => string;
  };
}

/** What all parts of one card share. */
interface Pen {
  readonly links: Links;
  readonly details: boolean;
  /** Cleans, and masks addresses where others read along. */
  readonly write: (value: string) => Text;
}

/** The answer to `/server-status` for staff: the verdict, the path, what to do, and what it rests on. */
export function diagnosisCard(diagnosis: Diagnosis, options: DiagnosisCardOptions): Card {
  const pen: Pen = {
    links: options.links,
    details: options.details ?? false,
    write: options.emails === 'full' ? (value) => text(value) : (value) => text(maskEmailsIn(text(value))),
  };
  const entry = entryToShow(diagnosis, options.entry);
  const head = headOf(entry, diagnosis.madeAt);
  const rest = entry.findings.filter((finding) => finding !== entry.verdict && (pen.details || isInFirstView(finding)));
  return {
    tone: head.tone,
    title: pen.write(head.title),
    summary: pen.write(head.summary),
    ...pathOf(entry, diagnosis),
    blocks: [
      fields(adviceOf(entry, pen)),
      ...curesOf(entry, options, pen),
      fields([...customerOf(diagnosis, pen), ...subjectOf(entry, pen)]),
      ...evidenceOf(entry.verdict, pen),
      fields(
        rest.map((finding) => shortly(finding, pen)),
        rest.every(({ role }) => role === 'notice') ? 'Worth knowing' : 'Also found',
      ),
      ...(pen.details ? rest.flatMap((finding) => evidenceOf(finding, pen, finding.code)) : []),
      fields(notChecked(entry, diagnosis.sources, pen), 'Not checked'),
      ...otherEntries(diagnosis, entry, pen),
      ...(pen.details ? [sourcesTable(diagnosis, pen)] : []),
    ].filter((block) => block.kind !== 'fields' || block.fields.length > 0),
    madeAt: diagnosis.madeAt,
  };
}

function fields(list: readonly Field[], heading?: string): Block {
  return { kind: 'fields', fields: list, ...(heading === undefined ? {} : { heading }) };
}

/** The entry asked for; else the newest broken one; else the newest that makes the whole what it is. */
function entryToShow(diagnosis: Diagnosis, asked: number | undefined): EntryDiagnosis {
  const { entries, top, state } = diagnosis;
  const shown =
    (asked === undefined ? undefined : entries[asked]) ??
    top ??
    entries.find((entry) => entry.state === state && !entry.ended) ??
    entries[0];
  if (shown === undefined) throw new Error('A diagnosis without any entry.');
  return shown;
}

function isInFirstView(finding: Finding): boolean {
  return finding.shown !== 'details';
}

/** Nobody has no path; what is under way is shown as such, though nothing in it has failed. */
function pathOf(entry: EntryDiagnosis, { person }: Diagnosis): { readonly path?: readonly PathStep[] } {
  if (entry.subject.kind === 'person' && person.kind === 'known' && person.value === null) return {};
  const isCurrent = (stage: Stage): boolean => entry.state === 'in_progress' && stage === entry.step;
  return { path: stages.map((stage) => ({ stage, state: isCurrent(stage) ? 'current' : entry.stages[stage] })) };
}

interface Head {
  readonly tone: Tone;
  readonly title: string;
  readonly summary: string;
}

function headOf(entry: EntryDiagnosis, madeAt: Date): Head {
  const { verdict } = entry;
  if (verdict !== null) {
    return {
      tone: entry.ended ? 'neutral' : 'bad',
      title: `${verdict.code} ${verdict.title}`,
      summary: verdict.explanation.what,
    };
  }
  switch (entry.state) {
    case 'in_progress':
      return {
        tone: 'busy',
        title: 'The purchase is on its way',
        summary: progressOf(entry, madeAt),
      };
    case 'unknown':
      return { tone: 'unsure', title: 'Not everything could be read', summary: whyUnknown(entry) };
    case 'healthy':
    case 'broken':
      return { tone: 'good', title: 'Nothing is wrong', summary: healthOf(entry) };
  }
}

function progressOf(entry: EntryDiagnosis, madeAt: Date): string {
  const { subject } = entry;
  if (subject.kind !== 'order') {
    return `The payment was made ${ageOf(startedAtOf(entry) ?? madeAt, madeAt)} ago; the order should appear shortly.`;
  }
  const forSoLong = `for ${ageOf(subject.order.updatedAt, madeAt)}; nothing is wrong so far.`;
  return entry.step === 'install'
    ? `The server has been installing ${forSoLong}`
    : `The order has been in "${subject.order.status}" ${forSoLong}`;
}

const momentMs = 3000;

function ageOf(since: Date, now: Date): string {
  const passedMs = now.getTime() - since.getTime();
  return passedMs < momentMs ? 'a moment' : inWords(passedMs);
}

function whyUnknown(entry: EntryDiagnosis): string {
  const failures = [...new Set(entry.open.map(({ failure }) => describeFailure(failure)))];
  return failures.length === 0
    ? 'Nothing wrong was found, yet the purchase has not arrived, and nothing that could be read says why.'
    : `${failures.join(' ')} What could be read shows nothing wrong, which is not enough to say that all is well.`;
}

function healthOf({ subject }: EntryDiagnosis): string {
  if (subject.kind !== 'order' || subject.order.serverId === null)
    return 'Every step that applies to this purchase went well.';
  return `The purchase went all the way: the order is "${subject.order.status}" and its server ${serverWords(subject.order)} is on the panel.`;
}

function serverWords(order: Order): string {
  return order.lacks.has('serverIdentifier') || order.serverIdentifier === null
    ? String(order.serverId)
    : `${order.serverId} (${order.serverIdentifier})`;
}

/** What is mended needs no mending: where nothing else stands in the way, only what it held up is left to do. */
function nextStep(entry: EntryDiagnosis, verdict: Finding): string {
  const stands = entry.findings.some(({ role, standing }) => role === 'cause' && standing === 'standing');
  if (verdict.standing === 'cleared' && !stands) {
    if (verdict.remediation === 'retry-provisioning') return 'What stopped it is gone by now: retry provisioning.';
    if (verdict.remediation === 'redeliver-webhook') return 'What stopped it is gone by now: redeliver the event.';
  }
  return verdict.explanation.next;
}

function adviceOf(entry: EntryDiagnosis, { write }: Pen): readonly Field[] {
  const { verdict } = entry;
  if (verdict !== null) {
    return [
      { label: 'Why it matters', value: write(verdict.explanation.why) },
      { label: 'What to do', value: write(nextStep(entry, verdict)) },
      { label: 'Tell the customer', value: write(verdict.customerWords) },
    ];
  }
  switch (entry.state) {
    case 'in_progress':
      return [
        { label: 'What to do', value: write('Wait. Ask again in a few minutes if nothing has changed.') },
        {
          label: 'Tell the customer',
          value: write('Your server is being prepared. You do not need to do anything.'),
        },
      ];
    case 'unknown':
      return [
        { label: 'What to do', value: write('Ask again in a moment. If it stays so, see what "Not checked" names.') },
        {
          label: 'Tell the customer',
          value: write('We are looking into your order and will get back to you. You do not need to do anything.'),
        },
      ];
    case 'healthy':
    case 'broken':
      return [];
  }
}

/**
 * The cures of what was found, each with the words that start it, or with what stands in its way. Words to copy stand
 * alone, where most terminals have room for them.
 */
function curesOf(entry: EntryDiagnosis, { actions }: DiagnosisCardOptions, { write, details }: Pen): readonly Block[] {
  const subject = actionSubjectOf(entry);
  if (actions === undefined || subject === null) return [];
  const cures = new Set(entry.findings.flatMap(({ role, remediation }) => (role === 'notice' ? [] : [remediation])));
  return actions
    .opinions(entry)
    .filter(({ id }) => details || cures.has(id))
    .map(({ id, label, refusal }) =>
      refusal === null
        ? { kind: 'paragraph', heading: label, body: write(actions.commandFor(id, subject)) }
        : { kind: 'paragraph', heading: `${label}: not now`, body: write(details ? refusal : gist(refusal)) },
    );
}

function actionSubjectOf({ subject }: EntryDiagnosis): ActionSubject | null {
  switch (subject.kind) {
    case 'order':
      return { kind: 'order', id: subject.order.id };
    case 'session':
      return { kind: 'session', id: subject.session.id };
    case 'person':
      return null;
  }
}

/** The first sentence of a refusal: the findings on the same card say the rest. */
function gist(refusal: string): string {
  return /^.*?[.!?](?= [A-Z])/.exec(refusal)?.[0] ?? refusal;
}

function customerOf(diagnosis: Diagnosis, pen: Pen): readonly Field[] {
  const { person, query } = diagnosis;
  if (person.kind === 'unknown') {
    return [{ label: 'Asked for', value: pen.write(`${query.text} (whose it is could not be read)`) }];
  }
  if (person.value === null) return [{ label: 'Asked for', value: pen.write(query.text) }];
  const { email, emailConfirmed } = person.value;
  return [
    {
      label: 'Customer',
      value: pen.write(emailConfirmed ? email : `${email} (address not confirmed)`),
    },
  ];
}

function subjectOf({ subject, findings }: EntryDiagnosis, pen: Pen): readonly Field[] {
  switch (subject.kind) {
    case 'order':
      return orderFields(subject.order, findings, pen);
    case 'session':
      return sessionFields(subject.session, pen);
    case 'person':
      return [];
  }
}

function orderFields(order: Order, findings: readonly Finding[], pen: Pen): readonly Field[] {
  const { lacks } = order;
  const plan = lacks.has('plan') ? null : order.planId;
  const region = lacks.has('region') ? null : order.region;
  const name = lacks.has('serverName') ? null : order.serverName;
  const lines: Field[] = [
    { label: 'Order', value: pen.write(order.id) },
    {
      label: 'Status',
      value: pen.write(
        [order.status, plan === null ? null : `plan ${plan}`, region === null ? null : `region ${region}`]
          .filter((part) => part !== null)
          .join(' · '),
      ),
      at: order.updatedAt,
    },
  ];
  if (order.serverId !== null) {
    lines.push(serverField(order, name, findings, pen));
  } else if (name !== null) {
    lines.push({ label: 'Name', value: pen.write(name) });
  }
  return lines;
}

/** Findings after which the server an order names may be a stranger's: nothing of it is shown or led to. */
const strangersServer: ReadonlySet<string> = new Set(['ACC-004', 'SRV-006']);
/** The panel has no page for a server that it does not have. */
const goneServer = 'SRV-001';

function serverField(order: Order, name: string | null, findings: readonly Finding[], pen: Pen): Field {
  if (findings.some(({ code }) => strangersServer.has(code))) {
    return { label: 'Server', value: pen.write(`${order.serverId}, not provably this customer's`) };
  }
  const isGone = order.serverId === null || findings.some(({ code }) => code === goneServer);
  return {
    label: 'Server',
    value: pen.write([serverWords(order), name].filter((part) => part !== null).join(' · ')),
    ...(isGone ? {} : linkTo({ kind: 'panel-server', id: order.serverId }, pen)),
  };
}

function sessionFields(session: CheckoutSession, pen: Pen): readonly Field[] {
  const amount = formatMoney(session.amountCents, session.currency);
  return [
    {
      label: 'Checkout',
      value: pen.write(session.id),
      ...linkTo({ kind: 'session', id: session.id }, pen),
    },
    {
      label: 'Payment',
      value: pen.write([amount, session.paymentStatus, session.email].filter((part) => part !== null).join(' · ')),
      at: session.createdAt,
    },
  ];
}

const sourceLabels: Readonly<Record<SourceId, string>> = {
  supabase: 'Supabase',
  stripe: 'Stripe',
  pterodactyl: 'Panel',
  logs: 'Functions',
};

function evidenceOf(finding: Finding | null, pen: Pen, code?: string): readonly Block[] {
  if (finding === null || finding.evidence.length === 0) return [];
  const certainty = certaintyOf(finding);
  const about = code === undefined ? 'Evidence' : `Evidence for ${code}`;
  return [
    fields(
      finding.evidence.map((item) => evidenceField(item, pen)),
      certainty === '' ? about : `${about} (${certainty})`,
    ),
  ];
}

function evidenceField(item: EvidenceItem, pen: Pen): Field {
  return {
    label: sourceLabels[item.source],
    value: pen.write(item.text),
    ...(item.at === null ? {} : { at: item.at }),
    ...(item.ref === null ? {} : linkTo(item.ref, pen)),
  };
}

/** How sure a finding is, and whether it still stands. A symptom is seen by definition. */
function certaintyOf(finding: Finding): string {
  if (finding.role !== 'cause') return finding.confidence === 'likely' ? 'likely' : '';
  switch (finding.standing) {
    case 'standing':
      return finding.confidence;
    case 'unseen':
      return `${finding.confidence}; whether it still stands could not be seen`;
    case 'cleared':
      return `${finding.confidence} then; gone by now`;
  }
}

function shortly(finding: Finding, pen: Pen): Field {
  const certainty = finding.role === 'cause' && finding.confidence === 'likely' ? ' (likely)' : '';
  const gone = finding.role === 'cause' && finding.standing === 'cleared' ? ' (gone by now)' : '';
  return { label: finding.code, value: pen.write(`${finding.explanation.what}${certainty}${gone}`) };
}

/**
 * Per source what it did and which questions that left open; a source nobody set up is named where it is missed.
 * Beside a confirmed verdict, what a source merely does not provide waits for the details, unless the path shows it.
 */
function notChecked(entry: EntryDiagnosis, reports: readonly SourceReport[], pen: Pen): readonly Field[] {
  const isDecided = entry.verdict?.confidence === 'confirmed' && !pen.details;
  const questions = entry.open.filter(
    ({ failure, stage }) => !isDecided || failure.kind !== 'not-provided' || entry.stages[stage] === 'unknown',
  );
  return sourceIds.flatMap((source) => {
    const open = questions.filter(({ failure }) => failure.source === source);
    const report = reports.find((candidate) => candidate.source === source);
    const isTold =
      open.length > 0 || report?.status === 'failed' || (pen.details && report?.status === 'not_configured');
    if (!isTold) return [];
    const failures = [
      ...new Set(
        [...open.map(({ failure }) => failure), ...(report?.failure ? [report.failure] : [])].map(describeFailure),
      ),
    ];
    const words = failures.length === 0 ? describeFailure({ source, kind: 'not-configured' }) : failures.join(' ');
    return [{ label: sourceLabels[source], value: pen.write([words, openWords(open)].filter(Boolean).join(' ')) }];
  });
}

function openWords(open: readonly OpenQuestion[]): string {
  const codes = [...new Set(open.map(({ code }) => code))].toSorted();
  return codes.length === 0 ? '' : `Cannot be told without it: ${codes.join(', ')}.`;
}

function otherEntries(diagnosis: Diagnosis, shown: EntryDiagnosis, pen: Pen): readonly Block[] {
  const others = diagnosis.entries.map((entry, at) => ({ entry, at })).filter(({ entry }) => entry !== shown);
  if (others.length === 0) return [];
  return [
    {
      kind: 'table',
      heading: others.length === 1 ? '1 other purchase' : `${others.length} other purchases`,
      columns: ['No.', 'Made', 'Purchase', 'How it stands'],
      rows: others.map(({ entry, at }) => [
        pen.write(String(at + 1)),
        startedAtOf(entry) ?? pen.write('–'),
        pen.write(nameOf(entry)),
        pen.write(standOf(entry)),
      ]),
    },
  ];
}

function nameOf({ subject }: EntryDiagnosis): string {
  switch (subject.kind) {
    case 'order':
      return subject.order.serverName !== null && !subject.order.lacks.has('serverName')
        ? `${subject.order.id.slice(0, 8)} ${text(subject.order.serverName, 20)}`
        : subject.order.id.slice(0, 8);
    case 'session':
      return `${text(subject.session.id, 24)} (no order)`;
    case 'person':
      return 'the person alone';
  }
}

const stateWords = {
  healthy: 'nothing wrong',
  in_progress: 'on its way',
  broken: 'broken',
  unknown: 'not known',
} as const;

function standOf(entry: EntryDiagnosis): string {
  return entry.verdict === null ? stateWords[entry.state] : `${entry.verdict.code} ${entry.verdict.title}`;
}

function sourcesTable(diagnosis: Diagnosis, pen: Pen): Block {
  return {
    kind: 'table',
    heading: `Asked in ${(diagnosis.durationMs / 1000).toFixed(1)} s`,
    columns: ['Source', 'Answer', 'Time'],
    rows: diagnosis.sources.map(({ source, status, ms }) => [
      pen.write(sourceLabels[source]),
      pen.write(ms === null && status === 'ok' ? 'not needed' : status.replace('_', ' ')),
      pen.write(ms === null ? '–' : `${ms} ms`),
    ]),
  };
}

function linkTo(ref: EvidenceRef, { links }: Pen): { readonly link?: string } {
  const link = links(ref);
  return link === null ? {} : { link };
}
