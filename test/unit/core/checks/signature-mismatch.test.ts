import { expect, test } from 'vitest';
import { signatureMismatch } from '../../../../src/core/checks/signature-mismatch.ts';
import { aFunction, theSettings } from '../../../builders/merchant.ts';
import { checkSession, findingOf, notConfigured, outage } from '../../../builders/readings.ts';
import { anEndpoint, anEvent, aSession, theWebhooks } from '../../../builders/stripe.ts';
import { ago, HOUR, MINUTE } from '../../../builders/time.ts';
import { aDelivery, aRefusedSignature } from '../../../builders/webhook-runs.ts';

const pending = anEvent({ pendingWebhooks: 1 });
const differing = theSettings({ comparison: { webhookSecretAgrees: false, panelKeyIsTheFunctions: null } });
const incomparable = theSettings({ comparison: { webhookSecretAgrees: null, panelKeyIsTheFunctions: null } });

test("is found, confirmed and standing, when the function's secret is not the endpoint's", () => {
  const finding = findingOf(checkSession(signatureMismatch, aSession(), { settings: differing }));
  expect(finding).toMatchObject({ code: 'HOOK-005', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    "The function's STRIPE_WEBHOOK_SECRET is not the signing secret of the endpoint.",
  );
});

test('adds what was refused to a secret that is seen to differ', () => {
  const readings = { settings: differing, executions: [aRefusedSignature()] };
  expect(findingOf(checkSession(signatureMismatch, aSession(), readings)).explanation.what).toBe(
    "stripe-webhook refused the signature of one delivery around this purchase: its STRIPE_WEBHOOK_SECRET is not the endpoint's signing secret.",
  );
});

test('is confirmed from the logs while the delivery is outstanding and owed to this endpoint alone', () => {
  const readings = { settings: incomparable, completedEvent: pending, executions: [aRefusedSignature()] };
  const finding = findingOf(checkSession(signatureMismatch, aSession(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'unseen' });
});

test('is likely from the logs when the outstanding delivery may be owed to somebody else', () => {
  const readings = {
    settings: incomparable,
    completedEvent: pending,
    executions: [aRefusedSignature()],
    webhooks: theWebhooks({ others: [anEndpoint({ id: 'we_books', enabledEvents: ['*'] })] }),
  };
  expect(findingOf(checkSession(signatureMismatch, aSession(), readings)).confidence).toBe('likely');
});

test('is likely from the logs alone: anybody may post to the function', () => {
  const readings = { settings: notConfigured('logs'), executions: [aRefusedSignature()] };
  expect(findingOf(checkSession(signatureMismatch, aSession(), readings))).toMatchObject({
    confidence: 'likely',
    standing: 'unseen',
  });
});

test('is cleared when the secrets agree and the secret was changed after the refusal', () => {
  const settings = theSettings({
    secrets: [{ name: 'STRIPE_WEBHOOK_SECRET', digest: '0'.repeat(64), updatedAt: ago(MINUTE) }],
  });
  const readings = { settings, executions: [aRefusedSignature()] };
  expect(findingOf(checkSession(signatureMismatch, aSession(), readings)).standing).toBe('cleared');
});

test('is cleared when the secrets agree and the function was deployed after the refusal', () => {
  const functions = [aFunction({ id: 'fn-webhook', slug: 'stripe-webhook', updatedAt: ago(MINUTE) })];
  const readings = { functions, executions: [aRefusedSignature()] };
  expect(findingOf(checkSession(signatureMismatch, aSession(), readings)).standing).toBe('cleared');
});

test('points to the verification itself when the secrets agree and nothing was changed since', () => {
  const finding = findingOf(checkSession(signatureMismatch, aSession(), { executions: [aRefusedSignature()] }));
  expect(finding.standing).toBe('unseen');
  expect(finding.explanation.next).toContain('constructEventAsync');
});

test('is likely and unseen when the first delivery was refused and a later one failed otherwise', () => {
  const executions = [aRefusedSignature(), aDelivery({ at: ago(HOUR), status: 500, line: 'Webhook error: Error: no' })];
  expect(findingOf(checkSession(signatureMismatch, aSession(), { executions }))).toMatchObject({
    confidence: 'likely',
    standing: 'unseen',
  });
});

test('passes when the first delivery failed otherwise, whatever was posted later', () => {
  const executions = [aDelivery({ status: 500, line: 'Webhook error: Error: no' }), aRefusedSignature(ago(HOUR))];
  expect(checkSession(signatureMismatch, aSession(), { executions }).kind).toBe('passed');
});

test('does not mind a refusal of the day before the purchase', () => {
  const executions = [aRefusedSignature(ago(25 * HOUR)), aDelivery()];
  expect(checkSession(signatureMismatch, aSession(), { settings: incomparable, executions }).kind).toBe('passed');
});

test('passes when the secrets agree and the logs cannot be read', () => {
  expect(checkSession(signatureMismatch, aSession(), { executions: outage('logs') }).kind).toBe('passed');
});

test('is inconclusive when neither the secrets nor the logs can be read', () => {
  const readings = { settings: notConfigured('logs'), executions: notConfigured('logs') };
  expect(checkSession(signatureMismatch, aSession(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'logs', kind: 'not-configured' },
  });
});

test('is inconclusive with the failure of the logs when there is no secret to compare', () => {
  const readings = { settings: incomparable, executions: outage('logs') };
  expect(checkSession(signatureMismatch, aSession(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { kind: 'timed-out' },
  });
});

test('is inconclusive when there is no secret to compare and the logs hold no run of that time', () => {
  const readings = { settings: incomparable, executions: [] };
  expect(checkSession(signatureMismatch, aSession(), readings)).toMatchObject({
    kind: 'inconclusive',
    failure: { kind: 'not-provided' },
  });
});

test('asks nothing of a purchase so young that its delivery cannot be logged yet', () => {
  const readings = {
    settings: incomparable,
    executions: [],
    completedEvent: anEvent({ createdAt: ago(MINUTE) }),
  };
  expect(checkSession(signatureMismatch, aSession(), readings).kind).toBe('not-applicable');
});
