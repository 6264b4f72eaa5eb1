import { expect, test } from 'vitest';
import { stuckInPaid } from '../../../../src/core/checks/stuck-in-paid.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

const paid = aFailedOrder({ status: 'paid', updatedAt: ago(3 * HOUR + 12 * MINUTE) });

test('is a symptom when the order stays in "paid" beyond its grace', () => {
  const finding = findingOf(checkOrder(stuckInPaid, paid));
  expect(finding).toMatchObject({ code: 'ORD-003', role: 'symptom', remediation: 'retry-provisioning' });
  expect(finding.explanation.what).toBe('The order has been in "paid" for 3 h 12 min.');
});

test('does not call a pending order paid', () => {
  const finding = findingOf(checkOrder(stuckInPaid, { ...paid, status: 'pending' }));
  expect(finding.explanation.what).toBe('The order has been in "pending" for 3 h 12 min.');
  expect(finding.customerWords).not.toContain('is paid');
});

test('passes at the very end of the grace', () => {
  expect(checkOrder(stuckInPaid, { ...paid, updatedAt: ago(2 * MINUTE) }).kind).toBe('passed');
});

test('is found a millisecond after the grace', () => {
  expect(checkOrder(stuckInPaid, { ...paid, updatedAt: ago(2 * MINUTE + 1) }).kind).toBe('found');
});

test('passes for an order in another status', () => {
  expect(checkOrder(stuckInPaid, aFailedOrder()).kind).toBe('passed');
});

test('is inconclusive when the order cannot be read', () => {
  expect(checkOrder(stuckInPaid, paid, { order: outage('supabase') }).kind).toBe('inconclusive');
});

test('does not apply to a paid order whose server exists', () => {
  expect(checkOrder(stuckInPaid, anOrder({ status: 'paid' })).kind).toBe('not-applicable');
});

test('does not apply to what is fulfilled by hand', () => {
  expect(checkOrder(stuckInPaid, { ...paid, itemType: 'vps' }).kind).toBe('not-applicable');
});
