import { expect, test } from 'vitest';
import { panelRateLimited } from '../../../../src/core/checks/panel-rate-limited.ts';
import type { UpstreamFailure } from '../../../../src/core/failure.ts';
import { aFailedOrder, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const limited: UpstreamFailure = { source: 'pterodactyl', kind: 'rate-limited', retryAfterMs: 20_000 };
const sayingSo = aWebhookRun({ failed: threw('Failed to create server: 429 {"errors":[]}') });

test("is confirmed by this order's log, and cleared while the panel answers", () => {
  const finding = findingOf(checkOrder(panelRateLimited, aFailedOrder(), { executions: [sayingSo] }));
  expect(finding).toMatchObject({ code: 'PRV-007', confidence: 'confirmed', standing: 'cleared' });
  expect(finding.explanation.what).toBe(
    'The panel answered the provisioning function with 429: too many requests within a minute.',
  );
});

test('is only likely, though standing, when it is the bot that is limited: it may be another panel user', () => {
  const finding = findingOf(checkOrder(panelRateLimited, aFailedOrder(), { panelAccess: { outage: limited } }));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    'The panel turns requests away because there are too many; it takes them again in 20 s.',
  );
});

test('is confirmed and standing when the log says so and the bot is limited now', () => {
  const readings = { executions: [sayingSo], panelAccess: { outage: limited } };
  expect(findingOf(checkOrder(panelRateLimited, aFailedOrder(), readings))).toMatchObject({
    confidence: 'confirmed',
    standing: 'standing',
  });
});

test('is unseen when the log says so and the panel cannot be reached now', () => {
  const readings = { executions: [sayingSo], panelAccess: outage('pterodactyl') };
  expect(findingOf(checkOrder(panelRateLimited, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('passes when the panel answers and the log names another reason', () => {
  expect(checkOrder(panelRateLimited, aFailedOrder()).kind).toBe('passed');
});

test('is inconclusive, not passed, when the panel cannot be reached', () => {
  expect(checkOrder(panelRateLimited, aFailedOrder(), { panelAccess: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('blames nothing on an order that has not failed yet', () => {
  const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
  expect(checkOrder(panelRateLimited, young, { panelAccess: { outage: limited } }).kind).toBe('inconclusive');
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(panelRateLimited, anOrder(), { panelAccess: { outage: limited } }).kind).toBe('not-applicable');
});
