import { expect, test } from 'vitest';
import { personUnknown } from '../../../../src/core/checks/person-unknown.ts';
import { anOrder } from '../../../builders/merchant.ts';
import { checkOrder, checkPerson, findingOf, outage } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';

const unpaid = aSession({ id: 'cs_test_open', status: 'open', paymentStatus: 'unpaid' });

test('is a confirmed cause when nobody has the address and Stripe has no checkout under it', () => {
  const finding = findingOf(checkPerson(personUnknown, { person: null }));
  expect(finding).toMatchObject({ code: 'ORD-001', role: 'cause', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe(
    'Nobody can sign in with this e-mail address, and Stripe has no checkout under it.',
  );
});

test('counts the unpaid checkouts under the address', () => {
  const checkouts = [unpaid, aSession({ id: 'cs_test_late', status: 'expired', paymentStatus: 'unpaid' })];
  const finding = findingOf(checkPerson(personUnknown, { person: null, checkouts }));
  expect(finding.explanation.what).toBe(
    'Nobody can sign in with this e-mail address; Stripe has 2 unpaid checkouts under it.',
  );
  expect(finding.evidence.map((item) => item.text)).toContain('Checkout cs_test_open is open and unpaid');
});

test('asks the customer for the address that was used', () => {
  const { customerWords } = findingOf(checkPerson(personUnknown, { person: null, checkouts: [unpaid] }));
  expect(customerWords).toContain('which e-mail address you used');
});

test('passes when the person is known', () => {
  expect(checkPerson(personUnknown).kind).toBe('passed');
});

test('is inconclusive, not found, when the accounts cannot be read', () => {
  expect(checkPerson(personUnknown, { person: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});

test('is inconclusive when Stripe cannot be asked whom the address belongs to', () => {
  expect(checkPerson(personUnknown, { person: null, checkouts: outage('stripe') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'stripe' },
  });
});

test('does not speak of an order whose owner is gone', () => {
  expect(checkOrder(personUnknown, anOrder(), { person: null }).kind).toBe('not-applicable');
});
