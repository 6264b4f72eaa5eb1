import { expect, test } from 'vitest';
import { stuckInProvisioning } from '../../../../src/core/checks/stuck-in-provisioning.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

const provisioning = aFailedOrder({ status: 'provisioning', updatedAt: ago(HOUR) });

test('is a symptom when the order stays in "provisioning" beyond its grace', () => {
  const finding = findingOf(checkOrder(stuckInProvisioning, provisioning));
  expect(finding).toMatchObject({ code: 'ORD-004', role: 'symptom', remediation: 'retry-provisioning' });
  expect(finding.explanation.what).toBe('The order has been in "provisioning" for 1 h and names no server.');
});

test('passes at the very end of the grace', () => {
  expect(checkOrder(stuckInProvisioning, { ...provisioning, updatedAt: ago(5 * MINUTE) }).kind).toBe('passed');
});

test('gives an installing order the grace of installing', () => {
  const installing = { ...provisioning, status: 'installing' };
  expect(checkOrder(stuckInProvisioning, { ...installing, updatedAt: ago(15 * MINUTE) }).kind).toBe('passed');
  expect(checkOrder(stuckInProvisioning, { ...installing, updatedAt: ago(16 * MINUTE) }).kind).toBe('found');
});

test('passes for an order in another status', () => {
  expect(checkOrder(stuckInProvisioning, aFailedOrder()).kind).toBe('passed');
});

test('is inconclusive when the order cannot be read', () => {
  expect(checkOrder(stuckInProvisioning, provisioning, { order: outage('supabase') }).kind).toBe('inconclusive');
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(stuckInProvisioning, anOrder({ status: 'provisioning' })).kind).toBe('not-applicable');
});
