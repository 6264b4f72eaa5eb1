import type { Action, Plan } from '../action.ts';
import type { Performed, Progress } from '../act.ts';
import type { Actor } from '../actor.ts';
import { type Block, type Card, type Field, text } from '../card.ts';
import type { OutcomeKind, StepEndKind } from '../claim.ts';
import { maskEmailsIn } from '../mask.ts';

const endWords: Readonly<Record<StepEndKind, string>> = {
  done: 'done',
  refused: 'refused',
  failed: 'failed',
  unclear: 'not known',
};

const outcomeWords: Readonly<Record<OutcomeKind, string>> = {
  applied: 'Applied',
  'not-applied': 'Not applied',
  pending: 'Under way',
  unknown: 'Not known yet',
};

/** Who did it, as everybody may read it. */
export function actorWords({ name, role }: Actor): string {
  return `${maskEmailsIn(text(name, 60))} (${role ?? 'no role'})`;
}

/** The message while an action is under way: its steps as they end, and what is looked for. */
export function progressCard(
  action: Action,
  plan: Plan | null,
  progress: Progress,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): Card {
  const steps = plan?.steps ?? [];
  const total = Math.max(steps.length, progress.ended.length) + 1;
  return {
    tone: 'busy',
    title: `${action.label} is under way`,
    summary: summaryOf(progress),
    blocks: [
      { kind: 'progress', label: text('steps, verification last'), done: progress.ended.length, total },
      { kind: 'fields', fields: [...stepFields(plan, progress), { label: 'By', value: text(actorWords(actor)) }] },
    ],
    madeAt: now,
  };
}

function summaryOf({ phase, seen }: Progress): string {
  switch (phase) {
    case 'examining':
      return 'Looking at everything afresh before anything is done.';
    case 'acting':
      return 'Writing, one step after the other; each is done at most once.';
    case 'verifying':
      return seen ?? 'Looking whether it has worked.';
  }
}

function stepFields(plan: Plan | null, { step, ended, phase }: Progress): readonly Field[] {
  const planned = plan?.steps ?? [];
  const extra = ended.filter(({ name }) => planned.every((one) => one.name !== name));
  return [...planned, ...extra.map(({ name }) => ({ name, label: name }))].map(({ name, label }) => {
    const end = ended.find((one) => one.name === name)?.end;
    const state =
      end === undefined ? (step === name ? 'now' : phase === 'verifying' ? 'not done' : 'next') : endWords[end.kind];
    // What was done says itself what was to be done.
    const words = end === undefined ? label : end.kind === 'done' ? end.words : `${label}: ${end.words}`;
    return { label: state, value: text(words) };
  });
}

/** What has just been done, above the card that shows how things stand now. */
export function outcomeBlock(action: Action, { outcome, watchedUntil, claim }: Performed): Block {
  return {
    kind: 'fields',
    heading: action.label,
    fields: [
      { label: outcomeWords[outcome.kind], value: text(outcome.words) },
      { label: 'By', value: text(`${actorWords(claim.actor)}, attempt ${claim.attempt}`) },
      ...(watchedUntil === null
        ? []
        : [
            {
              label: 'Watched',
              value: text('Nobody needs to do anything; it is looked at until then at most.'),
              at: watchedUntil,
            },
          ]),
    ],
  };
}

/** Nothing was done, and why. */
export function nothingDoneBlock(label: string, reason: string): Block {
  return { kind: 'paragraph', heading: `${label}: nothing was done`, body: text(reason) };
}

/** For one person alone: why a press did nothing. */
export function noteCard(title: string, reason: string, now: Date): Card {
  return { tone: 'neutral', title, summary: reason, blocks: [], madeAt: now };
}
