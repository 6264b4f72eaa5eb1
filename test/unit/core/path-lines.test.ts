import { describe, expect, test } from 'vitest';
import type { StepState } from '../../../src/core/card.ts';
import { pathLines } from '../../../src/core/path-lines.ts';
import { type Stage, stages } from '../../../src/core/stage.ts';

function linesOf(special: Partial<Record<Stage, StepState>>, otherwise: StepState = 'passed'): readonly string[] {
  return pathLines(stages.map((stage) => ({ stage, state: special[stage] ?? otherwise }))).map((line) =>
    line.map(({ state, stages: held }) => `${state}: ${held.join(' ')}`).join(' | '),
  );
}

describe('the path in lines', () => {
  test('is one line where everything went well', () => {
    expect(linesOf({})).toEqual(['passed: payment webhook order account capacity provisioning install server']);
  });

  test('gives what is broken a line of its own, between what came before and what follows', () => {
    expect(linesOf({ capacity: 'broken', provisioning: 'pending', install: 'pending', server: 'pending' })).toEqual([
      'passed: payment webhook order account',
      'broken: capacity',
      'pending: provisioning install server',
    ]);
  });

  test('says what is left out beside its neighbours', () => {
    expect(linesOf({ capacity: 'skipped', install: 'current', server: 'pending' })).toEqual([
      'passed: payment webhook order account | skipped: capacity | passed: provisioning',
      'current: install',
      'pending: server',
    ]);
  });

  test('starts with what is to be looked at where that comes first, and joins neighbours that are not known', () => {
    expect(linesOf({ payment: 'broken', install: 'unknown', server: 'unknown' })).toEqual([
      'broken: payment',
      'passed: webhook order account capacity provisioning',
      'unknown: install server',
    ]);
  });

  test('of nothing is nothing', () => {
    expect(pathLines([])).toEqual([]);
  });
});
