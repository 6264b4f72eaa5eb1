import { expect, test } from 'vitest';
import { notAGameServer } from '../../../../src/core/checks/not-a-game-server.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';

test('is a notice for an order of another type', () => {
  const finding = findingOf(checkOrder(notAGameServer, anOrder({ itemType: 'vps' })));
  expect(finding).toMatchObject({ code: 'ORD-008', role: 'notice', severity: 'notice', remediation: null });
  expect(finding.explanation.what).toBe('The order is of type "vps", not a game server.');
});

test('cuts a type that somebody wrote at length', () => {
  const finding = findingOf(checkOrder(notAGameServer, anOrder({ itemType: 'v'.repeat(500) })));
  expect(finding.explanation.what).toContain(`"${'v'.repeat(39)}…"`);
});

test('passes a game server', () => {
  expect(checkOrder(notAGameServer, anOrder()).kind).toBe('passed');
});

test('does not apply where the shop has no such column, or left it empty', () => {
  const lacking = anOrder({ itemType: null, lacks: new Set(['itemType']) });
  expect(checkOrder(notAGameServer, lacking).kind).toBe('not-applicable');
  expect(checkOrder(notAGameServer, anOrder({ itemType: null })).kind).toBe('not-applicable');
});

test('is inconclusive when the order cannot be read', () => {
  const result = checkOrder(notAGameServer, anOrder({ itemType: 'vps' }), { order: outage('supabase') });
  expect(result.kind).toBe('inconclusive');
});
