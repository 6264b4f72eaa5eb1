import { expect, test } from 'vitest';
import { statusUnknown } from '../../../../src/core/checks/status-unknown.ts';
import { orderStatuses } from '../../../../src/core/evidence.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

test('is a notice when the status is a word that is not known', () => {
  const finding = findingOf(checkOrder(statusUnknown, anOrder({ status: 'paused' })));
  expect(finding).toMatchObject({ code: 'ORD-007', role: 'notice', severity: 'notice', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe(`The order's status is "paused", a word that this version does not know.`);
});

test('cuts a long status to 40 characters on one line, in words and evidence', () => {
  const finding = findingOf(checkOrder(statusUnknown, anOrder({ status: `on\nhold ${'x'.repeat(200)}` })));
  const cut = `on hold ${'x'.repeat(31)}…`;
  expect(cut).toHaveLength(40);
  expect(finding.explanation.what).toContain(`"${cut}"`);
  expect(finding.evidence[0]?.text).toBe(`Order status ${cut}, last changed then`);
});

test.each(orderStatuses)('passes "%s"', (status) => {
  expect(checkOrder(statusUnknown, anOrder({ status })).kind).toBe('passed');
});

test('does not take another spelling for a known status', () => {
  expect(checkOrder(statusUnknown, anOrder({ status: 'Paid' })).kind).toBe('found');
});

test('is inconclusive when the order cannot be read', () => {
  expect(checkOrder(statusUnknown, anOrder(), { order: outage('supabase') }).kind).toBe('inconclusive');
});
