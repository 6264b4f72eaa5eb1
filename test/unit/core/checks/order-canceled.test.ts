import { expect, test } from 'vitest';
import { orderCanceled } from '../../../../src/core/checks/order-canceled.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, DAY } from '../../../builders/time.ts';

test('is the cause of a canceled order, and no alarm', () => {
  const finding = findingOf(checkOrder(orderCanceled, aFailedOrder({ status: 'canceled', updatedAt: ago(2 * DAY) })));
  expect(finding).toMatchObject({
    code: 'ORD-006',
    role: 'cause',
    severity: 'notice',
    confidence: 'confirmed',
    remediation: null,
  });
  expect(finding.explanation.what).toBe(
    'The order is canceled and names no server; its row was last changed 2 days ago.',
  );
});

test('says that the server of a canceled order goes on running', () => {
  const finding = findingOf(checkOrder(orderCanceled, anOrder({ status: 'canceled' })));
  expect(finding.explanation.what).toContain('still names server 501');
  expect(finding.explanation.why).toContain('does not switch its server off');
});

test('passes for every other status, an unknown one too', () => {
  expect(checkOrder(orderCanceled, anOrder()).kind).toBe('passed');
  expect(checkOrder(orderCanceled, anOrder({ status: 'cancelled' })).kind).toBe('passed');
});

test('is inconclusive when the order cannot be read', () => {
  const result = checkOrder(orderCanceled, anOrder({ status: 'canceled' }), { order: outage('supabase') });
  expect(result.kind).toBe('inconclusive');
});
