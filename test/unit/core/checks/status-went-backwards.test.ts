import { expect, test } from 'vitest';
import { statusWentBackwards } from '../../../../src/core/checks/status-went-backwards.ts';
import { aFailedOrder, anOrder, aPerson } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { anInvoice, aPayment, aSubscription } from '../../../builders/stripe.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const paidAgain = anOrder({ status: 'paid' });
const inError = anOrder({ status: 'error' });
const strangersServer = aPanelServer({ ownerId: 77, name: "Somebody else's" });

test('is a cause when a "paid" order has its server, and offers to restore the status', () => {
  const finding = findingOf(checkOrder(statusWentBackwards, paidAgain));
  expect(finding).toMatchObject({
    code: 'ORD-005',
    role: 'cause',
    confidence: 'confirmed',
    standing: 'standing',
    remediation: 'restore-status',
  });
  expect(finding.explanation.what).toBe(
    'The order says "paid", yet its server 501 exists in the panel (normal state).',
  );
  expect(finding.explanation.next).toContain('Never provision this order again.');
});

test('tells the state of a server that is suspended', () => {
  const finding = findingOf(
    checkOrder(statusWentBackwards, paidAgain, { namedServer: aPanelServer({ suspended: true, status: 'suspended' }) }),
  );
  expect(finding.explanation.what).toContain('(suspended)');
});

test('is found for "error" when the payment is good', () => {
  expect(checkOrder(statusWentBackwards, inError).kind).toBe('found');
});

test('leaves "error" after a renewal that failed to the check for that', () => {
  const pastDue = aPayment({ subscription: aSubscription({ status: 'past_due' }) });
  expect(checkOrder(statusWentBackwards, inError, { payment: pastDue }).kind).toBe('passed');
  const open = anInvoice({ billingReason: 'subscription_cycle', status: 'open', attemptCount: 2 });
  expect(checkOrder(statusWentBackwards, inError, { payment: aPayment({ invoices: [open] }) }).kind).toBe('passed');
});

test('is inconclusive for "error" when Stripe cannot say whether a renewal failed', () => {
  expect(checkOrder(statusWentBackwards, inError, { payment: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});

test('needs no word of Stripe for "paid"', () => {
  expect(checkOrder(statusWentBackwards, paidAgain, { payment: outage('stripe') }).kind).toBe('found');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(statusWentBackwards, paidAgain, { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test("is inconclusive when it is unknown whose panel account the server's owner is", () => {
  const readings = { linkedPanelUser: outage('pterodactyl'), emailPanelUser: outage('pterodactyl') };
  expect(checkOrder(statusWentBackwards, paidAgain, readings).kind).toBe('inconclusive');
});

test('takes the linked account for the customer when its address is the same', () => {
  expect(checkOrder(statusWentBackwards, paidAgain, { emailPanelUser: outage('pterodactyl') }).kind).toBe('found');
});

test("passes a server that belongs to somebody else's account", () => {
  expect(checkOrder(statusWentBackwards, paidAgain, { namedServer: strangersServer }).kind).toBe('passed');
});

test('passes a server of a linked account that has another address', () => {
  const readings = {
    namedServer: strangersServer,
    linkedPanelUser: aPanelUser({ id: 77, email: 'bob@example.com' }),
    emailPanelUser: null,
  };
  expect(checkOrder(statusWentBackwards, paidAgain, readings).kind).toBe('passed');
});

test('passes when the panel does not have the server', () => {
  expect(checkOrder(statusWentBackwards, paidAgain, { namedServer: null }).kind).toBe('passed');
});

test('waits for the grace of "provisioning": the server may be named a moment before the status', () => {
  const fresh = anOrder({ status: 'provisioning', updatedAt: ago(MINUTE) });
  expect(checkOrder(statusWentBackwards, fresh).kind).toBe('not-applicable');
  expect(checkOrder(statusWentBackwards, { ...fresh, updatedAt: ago(6 * MINUTE) }).kind).toBe('found');
});

test.each(['provisioned', 'active', 'installing', 'canceled'])('does not apply to "%s"', (status) => {
  expect(checkOrder(statusWentBackwards, anOrder({ status })).kind).toBe('not-applicable');
});

test('does not apply to an order that names no server', () => {
  expect(checkOrder(statusWentBackwards, aFailedOrder()).kind).toBe('not-applicable');
});

test('takes an address in capitals for the same one, as every other look at the owner does', () => {
  const readings = {
    person: aPerson({ email: 'Ann@Example.com' }),
    linkedPanelUser: aPanelUser({ email: 'ann@example.com' }),
    emailPanelUser: null,
  };
  expect(checkOrder(statusWentBackwards, paidAgain, readings).kind).toBe('found');
});
