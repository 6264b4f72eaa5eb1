import type { Prepared } from '../act.ts';
import type { Actor } from '../actor.ts';
import { type Block, type Card, type Field, text } from '../card.ts';
import type { EntryDiagnosis } from '../diagnose.ts';
import { type ActionAbout, subjectField, write } from './action-about.ts';

export interface PlanAbout extends ActionAbout {
  readonly actor: Actor;
  /** The person's own words, where they were asked for. */
  readonly reason: string | null;
}

/** What is about to be done, for the person who has to agree to it: exactly what changes, and what speaks against it. */
export function planCard({ plan, warnings, entry }: Prepared, about: PlanAbout): Card {
  const blocks: readonly Block[] = [
    {
      kind: 'fields',
      fields: [
        subjectField(about),
        ...customerOf(entry, about),
        ...diagnosisOf(entry, about),
        { label: 'Asked by', value: text(about.actor.name) },
        ...(about.reason === null ? [] : [{ label: 'Reason', value: write(about.reason, about) }]),
      ],
    },
    {
      kind: 'table',
      heading: 'What changes',
      columns: ['What', 'Now', 'Afterwards'],
      rows: plan.changes.map(({ thing, before, after }) => [thing, before, after].map((cell) => write(cell, about))),
    },
    {
      kind: 'fields',
      heading: plan.steps.length === 1 ? 'The one write' : `The ${plan.steps.length} writes, in this order`,
      fields: plan.steps.map(({ label }, at) => ({ label: `${at + 1}.`, value: write(label, about) })),
    },
    {
      kind: 'fields',
      heading: 'Know before you agree',
      fields: [...warnings, ...(plan.note === undefined ? [] : [plan.note])].map((words) => ({
        label: '•',
        value: write(words, about),
      })),
    },
  ];
  return {
    tone: 'neutral',
    title: about.action.label,
    summary: write(plan.what, about),
    blocks: blocks.filter((block) => block.kind !== 'fields' || block.fields.length > 0),
    madeAt: about.madeAt,
  };
}

function customerOf({ readings: { person } }: EntryDiagnosis, about: PlanAbout): readonly Field[] {
  if (person.kind === 'unknown' || person.value === null) return [];
  return [{ label: 'Customer', value: write(person.value.email, about) }];
}

function diagnosisOf({ verdict }: EntryDiagnosis, about: PlanAbout): readonly Field[] {
  return verdict === null ? [] : [{ label: 'Diagnosis', value: write(`${verdict.code} ${verdict.title}`, about) }];
}
