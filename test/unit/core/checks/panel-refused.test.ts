import { expect, test } from 'vitest';
import { panelRefused } from '../../../../src/core/checks/panel-refused.ts';
import { aFailedOrder, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const failing = (message: string) => ({ executions: [aWebhookRun({ failed: threw(message) })] });

test("is found, confirmed and unseen, with the panel's own words", () => {
  const body = '{"errors":[{"code":"DisplayException","status":"400","detail":"The port is not open."}]}';
  const finding = findingOf(checkOrder(panelRefused, aFailedOrder(), failing(`Failed to create server: 400 ${body}`)));
  expect(finding).toMatchObject({ code: 'PRV-009', confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe('Provisioning failed with 400: “The port is not open.”');
});

test('cleans foreign words of control characters and bidi overrides, and cuts them', () => {
  const finding = findingOf(
    checkOrder(panelRefused, aFailedOrder(), failing(`odd\u202e\u0007\n\n ${'x'.repeat(400)}`)),
  );
  expect(finding.explanation.what).toMatch(/^Provisioning failed with 500: “odd x+…”$/);
  expect(finding.explanation.what.length).toBeLessThan(200);
});

test('is found, likely, when only the time of a run without an order id fits', () => {
  const at = ago(60 * MINUTE);
  const run = {
    executionId: 'exec-provision',
    slug: 'servers-provision',
    startedAt: at,
    status: 500,
    durationMs: 900,
    lines: [{ at, level: 'error', text: 'Server provisioning error: Error: something new' }],
  };
  const finding = findingOf(checkOrder(panelRefused, aFailedOrder(), { executions: [run] }));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'unseen' });
  expect(finding.explanation.what).toBe('Provisioning failed: “something new”');
});

test('passes when the log names a reason that has a check of its own', () => {
  const readings = failing('No available ports on selected node');
  expect(checkOrder(panelRefused, aFailedOrder(), readings).kind).toBe('passed');
});

test("passes over a line of another order's run", () => {
  const other = aWebhookRun({ orderId: '00000000-0000-4000-8000-000000000001', failed: threw('something new') });
  expect(checkOrder(panelRefused, aFailedOrder(), { executions: [aWebhookRun(), other] }).kind).toBe('passed');
});

test('is inconclusive, not passed, when the log cannot be read', () => {
  expect(checkOrder(panelRefused, aFailedOrder(), { executions: outage('logs') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs' },
  });
});

test('does not apply to a young order whose log is not there to be read, nor to one that names a server', () => {
  const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
  expect(checkOrder(panelRefused, young, { executions: notConfigured('logs') }).kind).toBe('not-applicable');
  expect(checkOrder(panelRefused, anOrder(), failing('something new')).kind).toBe('not-applicable');
});
