import { describe, expect, test } from 'vitest';
import type { EntryDiagnosis, EntryState } from '../../../src/core/diagnose.ts';
import { summarize } from '../../../src/core/diagnosis.ts';
import { anOrder } from '../../builders/merchant.ts';
import { readingsOf } from '../../builders/readings.ts';

function entry(state: EntryState, over: Partial<EntryDiagnosis> = {}): EntryDiagnosis {
  return {
    subject: { kind: 'order', order: anOrder() },
    state,
    verdict: null,
    stages: {
      payment: 'passed',
      webhook: 'passed',
      order: 'passed',
      account: 'passed',
      capacity: 'passed',
      provisioning: 'passed',
      install: 'passed',
      server: 'passed',
    },
    findings: [],
    open: [],
    step: 'server',
    ended: false,
    readings: readingsOf(),
    ...over,
  };
}

describe('the state at the top', () => {
  test.each<[EntryState, EntryState[]]>([
    ['healthy', ['healthy', 'healthy']],
    ['in_progress', ['healthy', 'in_progress']],
    ['unknown', ['in_progress', 'unknown', 'healthy']],
    ['broken', ['healthy', 'unknown', 'broken', 'in_progress']],
  ])('is %s over %s', (worst, states) => {
    expect(summarize(states.map((state) => entry(state))).state).toBe(worst);
  });

  test('leaves entries that have ended out while another one lives', () => {
    const canceled = entry('broken', { ended: true });
    expect(summarize([canceled, entry('healthy')])).toMatchObject({ state: 'healthy', top: null });
    expect(summarize([canceled])).toMatchObject({ state: 'broken', top: canceled });
  });

  test('has the verdict of the newest broken entry', () => {
    const [newest, older] = [entry('broken'), entry('broken')];
    expect(summarize([entry('healthy'), newest, older]).top).toBe(newest);
  });
});
