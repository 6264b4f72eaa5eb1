import { expect, test } from 'vitest';
import { functionCrashed } from '../../../../src/core/checks/function-crashed.ts';
import type { FunctionExecution } from '../../../../src/core/evidence.ts';
import { aFailedOrder, aFunction, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';

function aProvisionRun(over: Partial<FunctionExecution> & { readonly line?: string } = {}): FunctionExecution {
  const { line, ...rest } = over;
  const startedAt = over.startedAt ?? ago(HOUR);
  return {
    executionId: 'exec-provision',
    slug: 'servers-provision',
    startedAt,
    status: 500,
    durationMs: 1200,
    lines: line === undefined ? [] : [{ at: startedAt, level: 'error', text: line }],
    ...rest,
  };
}

test.each([
  ['500 - {"code":"WORKER_ERROR"}', 'The provisioning function crashed with an error that it did not handle.'],
  ['503 - {"code":"BOOT_ERROR"}', 'The provisioning function does not start.'],
  ['504 - {"code":"IDLE_TIMEOUT"}', 'The provisioning function ran out of time before it had an answer.'],
  [
    '546 - {"code":"WORKER_RESOURCE_LIMIT"}',
    'The provisioning function used more CPU time or memory than it is allowed.',
  ],
])("is confirmed by this order's log: %s", (failed, what) => {
  const finding = findingOf(checkOrder(functionCrashed, aFailedOrder(), { executions: [aWebhookRun({ failed })] }));
  expect(finding).toMatchObject({ code: 'PRV-006', confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe(what);
});

test('is cleared when the function was deployed anew after the crash', () => {
  const readings = {
    executions: [aWebhookRun({ failed: '503 - {"code":"BOOT_ERROR"}' })],
    functions: [aFunction({ updatedAt: ago(MINUTE) })],
  };
  expect(findingOf(checkOrder(functionCrashed, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test.each([
  [500, 'crashed'],
  [503, 'does not start'],
  [504, 'ran out of time'],
  [546, 'CPU time or memory'],
])('is likely when a run near the last change of the order ended with %i and no word of its own', (status, words) => {
  const readings = { executions: [aProvisionRun({ status })] };
  const finding = findingOf(checkOrder(functionCrashed, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'likely', standing: 'unseen' });
  expect(finding.explanation.what).toContain(words);
});

test('is likely when such a run has no status but the word of its limit', () => {
  const readings = { executions: [aProvisionRun({ status: null, line: 'WORKER_LIMIT' })] };
  const finding = findingOf(checkOrder(functionCrashed, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'likely' });
  expect(finding.explanation.what).toContain('CPU time or memory');
});

test('does not read a limit out of the middle of a line: callers can write there', () => {
  const readings = { executions: [aProvisionRun({ status: 200, line: 'order x WORKER_LIMIT' })] };
  expect(checkOrder(functionCrashed, aFailedOrder(), readings).kind).toBe('passed');
});

test('passes for a run that said itself why it failed', () => {
  const readings = {
    executions: [aProvisionRun({ line: 'Server provisioning error: No available ports on selected node' })],
  };
  expect(checkOrder(functionCrashed, aFailedOrder(), readings).kind).toBe('passed');
});

test("passes when this order's log names another reason, whatever a run nearby ended with", () => {
  const readings = {
    executions: [aWebhookRun({ failed: threw('No available ports on selected node') }), aProvisionRun()],
  };
  expect(checkOrder(functionCrashed, aFailedOrder(), readings).kind).toBe('passed');
});

test('passes over a run that does not fit the order in time', () => {
  const readings = { executions: [aWebhookRun(), aProvisionRun({ startedAt: ago(HOUR - MINUTE) })] };
  expect(checkOrder(functionCrashed, aFailedOrder(), readings).kind).toBe('passed');
});

test('is inconclusive, not passed, when the log cannot be read or holds no run of the order', () => {
  expect(checkOrder(functionCrashed, aFailedOrder(), { executions: outage('logs') }).kind).toBe('inconclusive');
  expect(checkOrder(functionCrashed, aFailedOrder(), { executions: [] }).kind).toBe('inconclusive');
});

test('leaves a young order alone', () => {
  const young = aFailedOrder({ status: 'provisioning', updatedAt: ago(MINUTE) });
  const crashed = aProvisionRun({ startedAt: ago(MINUTE), status: 546 });
  expect(checkOrder(functionCrashed, young, { executions: [crashed] }).kind).toBe('passed');
  expect(checkOrder(functionCrashed, young, { executions: notConfigured('logs') }).kind).toBe('not-applicable');
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(functionCrashed, anOrder(), { executions: [aProvisionRun()] }).kind).toBe('not-applicable');
});
