import { expect, test } from 'vitest';
import { serverSuspended } from '../../../../src/core/checks/server-suspended.ts';
import { aFailedOrder, anOrder } from '../../../builders/merchant.ts';
import { aPanelServer } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { aPayment, aSubscription } from '../../../builders/stripe.ts';

const suspended = { namedServer: aPanelServer({ status: 'suspended', suspended: true }) };

test('is found, confirmed, when the panel has suspended the server', () => {
  const finding = findingOf(checkOrder(serverSuspended, anOrder(), suspended));
  expect(finding).toMatchObject({ code: 'SRV-004', role: 'cause', confidence: 'confirmed', remediation: null });
  expect(finding.explanation.what).toBe('Panel server 501 is suspended.');
});

test('is found by either of the two ways in which panels say it', () => {
  for (const over of [{ suspended: true }, { status: 'suspended' }]) {
    const result = checkOrder(serverSuspended, anOrder(), { namedServer: aPanelServer(over) });
    expect(result.kind).toBe('found');
  }
});

test.each(['past_due', 'unpaid'])('says so when the subscription is %s, and asks the customer to look', (status) => {
  const readings = { ...suspended, payment: aPayment({ subscription: aSubscription({ status }) }) };
  const finding = findingOf(checkOrder(serverSuspended, anOrder(), readings));
  expect(finding.explanation.what).toBe(`Panel server 501 is suspended. Its subscription is ${status} at Stripe.`);
  expect(finding.customerWords).toContain('Please look at your payment details.');
});

test("tells nothing of a subscription that is somebody else's", () => {
  const payment = aPayment({ backing: 'foreign', subscription: aSubscription({ status: 'past_due' }) });
  const finding = findingOf(checkOrder(serverSuspended, anOrder(), { ...suspended, payment }));
  expect(JSON.stringify(finding)).not.toMatch(/past_due|sub_ann/);
});

test('is found just as well when Stripe cannot be asked', () => {
  const finding = findingOf(checkOrder(serverSuspended, anOrder(), { ...suspended, payment: outage('stripe') }));
  expect(finding.explanation.what).toBe('Panel server 501 is suspended.');
});

test('passes for a server in normal state, whatever is owed', () => {
  const readings = { payment: aPayment({ subscription: aSubscription({ status: 'past_due' }) }) };
  expect(checkOrder(serverSuspended, anOrder(), readings).kind).toBe('passed');
});

test("says nothing of a server that is somebody else's", () => {
  const readings = { namedServer: aPanelServer({ suspended: true, ownerId: 77 }) };
  expect(checkOrder(serverSuspended, anOrder(), readings).kind).toBe('not-applicable');
});

test('is inconclusive, not passed, when the panel does not answer', () => {
  expect(checkOrder(serverSuspended, anOrder(), { namedServer: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl' },
  });
});

test('does not apply to an order without a server', () => {
  expect(checkOrder(serverSuspended, aFailedOrder()).kind).toBe('not-applicable');
});
