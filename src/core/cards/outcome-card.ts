import type { Performed, Refusal } from '../act.ts';
import { type Block, type Card, type Field, text, type Tone } from '../card.ts';
import type { OutcomeKind, StepEndKind } from '../claim.ts';
import { type ActionAbout, subjectField, write } from './action-about.ts';

export interface OutcomeAbout extends ActionAbout {
  /** How to look at the same thing again, for whom the card is for. */
  readonly lookAgain: string;
  /** How watching goes on while it is not decided. */
  readonly goOn: string;
}

const tones: Readonly<Record<OutcomeKind, Tone>> = {
  applied: 'good',
  'not-applied': 'bad',
  pending: 'busy',
  unknown: 'unsure',
};

const titles: Readonly<Record<OutcomeKind, string>> = {
  applied: 'done',
  'not-applied': 'not achieved',
  pending: 'under way',
  unknown: 'not decided yet',
};

const endWords: Readonly<Record<StepEndKind, string>> = {
  done: 'done',
  refused: 'not done',
  failed: 'failed',
  unclear: 'unclear',
};

/** What became of an action, in the words of what was seen afterwards. */
export function outcomeCard({ claim, outcome, watchedUntil }: Performed, about: OutcomeAbout): Card {
  const { actor, attempt, steps } = claim;
  const blocks: readonly Block[] = [
    {
      kind: 'fields',
      fields: [
        subjectField(about),
        {
          label: 'Done by',
          value: text(`${actor.name}${actor.role === null ? '' : ` (${actor.role})`}, attempt ${attempt}`),
          at: claim.takenAt,
        },
        ...(claim.reason === null ? [] : [{ label: 'Reason', value: write(claim.reason, about) }]),
        ...waitingFields(watchedUntil, about),
        { label: 'Look again', value: text(about.lookAgain) },
      ],
    },
    {
      kind: 'table',
      heading: 'What was written',
      columns: ['When', 'End', 'What happened'],
      rows: steps.map(({ name, begunAt, end }) => [
        begunAt,
        text(end === null ? 'cut off' : endWords[end.kind]),
        write(end === null ? `${name}: nobody knows whether it happened.` : end.words, about),
      ]),
    },
  ];
  return {
    tone: tones[outcome.kind],
    title: `${about.action.label}: ${titles[outcome.kind]}`,
    summary: write(outcome.words, about),
    blocks: blocks.filter((block) => block.kind !== 'table' || block.rows.length > 0),
    madeAt: about.madeAt,
  };
}

/** `null`: it is decided, or was given up. */
function waitingFields(watchedUntil: Date | null, about: OutcomeAbout): readonly Field[] {
  if (watchedUntil === null) return [];
  return [
    { label: 'Watched until', value: text(`at most ${watchedUntil.toISOString().slice(11, 16)} UTC`) },
    { label: 'To go on', value: text(about.goOn) },
  ];
}

/** Why nothing was done. */
export function refusalCard({ by, reason, claim }: Refusal, about: OutcomeAbout): Card {
  return {
    tone: claim !== null ? 'busy' : by === 'store' ? 'bad' : 'neutral',
    title: `${about.action.label}: ${claim === null ? 'nothing was done' : 'somebody is at work on it'}`,
    summary: write(reason, about),
    blocks: [
      {
        kind: 'fields',
        fields: [
          subjectField(about),
          ...(claim === null
            ? []
            : [
                { label: 'At work', value: text(`${claim.actor.name}, attempt ${claim.attempt}`), at: claim.takenAt },
                ...waitingFields(claim.watchedUntil, about),
              ]),
          { label: 'Look again', value: text(about.lookAgain) },
        ],
      },
    ],
    madeAt: about.madeAt,
  };
}
