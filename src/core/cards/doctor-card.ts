import { type Block, type Card, text, type Tone } from '../card.ts';
import type { DoctorLine, DoctorReport } from '../doctor.ts';
import { nameOfSource, systemIds } from '../failure.ts';

const statusWords: Readonly<Record<DoctorLine['status'], string>> = {
  ok: 'OK',
  warning: 'Warning',
  failed: 'Failed',
  'not-configured': 'Not configured',
};

/** The report with one table for each system, and below it what to do. */
export function doctorCard(report: DoctorReport, madeAt: Date): Card {
  const { lines, exitCode } = report;
  const count = (status: DoctorLine['status']): number => lines.filter((line) => line.status === status).length;
  const warnings = count('warning');
  const tone: Tone = exitCode === 1 ? 'bad' : warnings > 0 ? 'neutral' : 'good';
  return {
    tone,
    title: exitCode === 1 ? 'The set-up has faults' : 'The set-up works',
    summary: `${count('ok')} fine, ${inNumber(warnings, 'warning')}, ${count('failed')} failed, ${count('not-configured')} not configured.`,
    blocks: systemIds.flatMap((source) => blocksOf(lines.filter((line) => line.source === source))),
    madeAt,
  };
}

function blocksOf(lines: readonly DoctorLine[]): readonly Block[] {
  const [first] = lines;
  if (first === undefined) return [];
  const table: Block = {
    kind: 'table',
    heading: nameOfSource(first.source),
    columns: ['Status', 'What', 'Seen'],
    rows: lines.map((line) => [text(statusWords[line.status]), text(line.name), text(line.text)]),
  };
  const toDo = lines.filter((line) => line.remedy !== null);
  if (toDo.length === 0) return [table];
  return [
    table,
    {
      kind: 'fields',
      heading: 'What to do',
      fields: toDo.map((line) => ({ label: line.name, value: text(line.remedy ?? '') })),
    },
  ];
}

function inNumber(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
