import { expect, test } from 'vitest';
import { noOrders } from '../../../../src/core/checks/no-orders.ts';
import { anOrder, EMAIL } from '../../../builders/merchant.ts';
import { checkPerson, findingOf, outage } from '../../../builders/readings.ts';

test('is a symptom when the account has no order', () => {
  const finding = findingOf(checkPerson(noOrders));
  expect(finding).toMatchObject({ code: 'ORD-002', role: 'symptom', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe('The customer has an account since 2026-10-25 and no order.');
});

test('repeats no e-mail address', () => {
  expect(JSON.stringify(findingOf(checkPerson(noOrders)))).not.toContain(EMAIL);
});

test('passes when there is an order', () => {
  expect(checkPerson(noOrders, { siblings: [anOrder()] }).kind).toBe('passed');
});

test('leaves an address that nobody has to the check for that', () => {
  expect(checkPerson(noOrders, { person: null }).kind).toBe('not-applicable');
});

test('is inconclusive, not found, when the orders cannot be read', () => {
  expect(checkPerson(noOrders, { siblings: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});
