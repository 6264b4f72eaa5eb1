import type { PathStep, StepState } from './card.ts';
import type { Stage } from './stage.ts';

/** How a stage stands, in words. */
export const stateWords: Readonly<Record<StepState, string>> = {
  passed: 'passed',
  current: 'under way',
  broken: 'broken',
  unknown: 'not known',
  pending: 'not yet',
  skipped: 'left out',
};

/** Neighbours on the path of which the same is to be said. */
export interface PathRun {
  readonly state: StepState;
  readonly stages: readonly Stage[];
  /** Something is to be looked at here: the state is said in words, too. */
  readonly isSpoken: boolean;
}

const spokenStates: ReadonlySet<StepState> = new Set(['broken', 'current', 'unknown']);

/**
 * The path as a narrow screen shows it: neighbours in the same state share one symbol, and what is to be looked at has a
 * line of its own.
 */
export function pathLines(path: readonly PathStep[]): readonly (readonly PathRun[])[] {
  const lines: PathRun[][] = [];
  for (const run of runsOf(path)) {
    const line = lines.at(-1);
    if (line === undefined || run.isSpoken || line.some(({ isSpoken }) => isSpoken)) lines.push([run]);
    else line.push(run);
  }
  return lines;
}

function runsOf(path: readonly PathStep[]): readonly PathRun[] {
  const runs: PathRun[] = [];
  for (const { stage, state } of path) {
    const last = runs.at(-1);
    if (last?.state === state) runs[runs.length - 1] = { ...last, stages: [...last.stages, stage] };
    else runs.push({ state, stages: [stage], isSpoken: spokenStates.has(state) });
  }
  return runs;
}
