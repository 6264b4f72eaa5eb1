import { expect, test } from 'vitest';
import { diagnoseEntry } from '../../../../src/core/diagnose.ts';
import { errorUnexplained } from '../../../../src/core/checks/error-unexplained.ts';
import { noNodeFits } from '../../../../src/core/checks/no-node-fits.ts';
import { aFailedOrder, aNode, anOrder } from '../../../builders/merchant.ts';
import { aPlacement } from '../../../builders/panel.ts';
import { checkOrder, findingOf, notConfigured, outage, readingsOf } from '../../../builders/readings.ts';
import { MOMENT } from '../../../builders/time.ts';

test('is a symptom, kept for the last resort, when an order in error has no server', () => {
  const finding = findingOf(checkOrder(errorUnexplained, aFailedOrder()));
  expect(finding).toMatchObject({
    code: 'ORD-009',
    role: 'symptom',
    confidence: 'confirmed',
    shown: 'last-resort',
  });
  expect(finding.explanation.what).toBe(
    'The order has been in "error" for 1 h, and nothing that could be read says why.',
  );
});

test('asks for access to the logs where nobody gave it', () => {
  const finding = findingOf(checkOrder(errorUnexplained, aFailedOrder(), { executions: notConfigured('logs') }));
  expect(finding.explanation.next).toContain('SUPABASE_ACCESS_TOKEN');
});

test('asks to try again when the logs did not answer', () => {
  const finding = findingOf(checkOrder(errorUnexplained, aFailedOrder(), { executions: outage('logs') }));
  expect(finding.explanation.next).toContain('Ask again once the function logs can be read');
  expect(finding.evidence.at(-1)?.text).toBe(
    'Function logs not read: Supabase Management API (function logs) did not answer within 4.0 s.',
  );
});

test('names the minute to look at when the logs hold no run of the order', () => {
  const finding = findingOf(checkOrder(errorUnexplained, aFailedOrder(), { executions: [] }));
  expect(finding.explanation.next).toContain('2026-11-24 11:00 UTC');
  expect(finding.evidence.at(-1)?.text).toBe('The function logs hold no run of this order');
});

test('passes an order that is not in error', () => {
  expect(checkOrder(errorUnexplained, aFailedOrder({ status: 'paid' })).kind).toBe('passed');
});

test('is inconclusive when the order cannot be read', () => {
  expect(checkOrder(errorUnexplained, aFailedOrder(), { order: outage('supabase') }).kind).toBe('inconclusive');
});

test('does not apply to an order in error whose server exists', () => {
  expect(checkOrder(errorUnexplained, anOrder({ status: 'error' })).kind).toBe('not-applicable');
});

test('is dropped from a diagnosis that found a cause', () => {
  const order = aFailedOrder();
  const placement = aPlacement({ nodes: [aNode({ usedGb: 58 })] });
  const readings = readingsOf({ order, placement, namedServer: null, ownServers: [] });
  const diagnosis = diagnoseEntry([errorUnexplained, noNodeFits], { kind: 'order', order }, readings, MOMENT);
  expect(diagnosis.findings.map((finding) => finding.code)).toEqual(['CAP-002']);
});
