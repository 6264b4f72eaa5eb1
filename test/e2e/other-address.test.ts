import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clinic, openClinic } from '../support/clinic.ts';

const HOUR = 60 * 60_000;

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic({ customers: false });
});
afterAll(() => clinic.close());

/** Pays under one address as the person of another, an hour ago, with or without the event arriving. */
async function payAs(signInEmail: string, checkoutEmail: string, deliver: boolean): Promise<string> {
  const { supabase, stripe, clock } = clinic.sandbox;
  clock.travelTo(Date.now() - HOUR);
  const { id } = await supabase.addUser({ email: signInEmail });
  const metadata = { user_id: id, item_type: 'game', plan_id: 'mc-4', term: 'monthly', region: 'eu', server_name: 'x' };
  const session = stripe.createCheckout({ email: checkoutEmail, metadata, subscriptionMetadata: { user_id: id } });
  await stripe.completeCheckout(session.id, { deliver });
  clock.release();
  return session.id;
}

test('a lost purchase paid under another address is found by the sign-in address', async () => {
  const sessionId = await payAs('lost@example.com', 'wallet-of-lost@example.org', false);
  const diagnosis = await clinic.ask('lost@example.com');
  expect(
    diagnosis.entries.map(({ subject }) => (subject.kind === 'session' ? subject.session.id : subject.kind)),
  ).toEqual([sessionId]);
  expect(diagnosis.entries[0]?.findings.map(({ code }) => code)).toContain('HOOK-007');
});

test('an order paid under another address is no forgery', async () => {
  await payAs('two@example.com', 'wallet-of-two@example.org', true);
  const diagnosis = await clinic.ask('two@example.com');
  expect(diagnosis.entries).toHaveLength(1);
  expect(diagnosis.entries[0]?.stages.payment).toBe('passed');
});

test('nobody is said to have bought nothing while the search for other addresses did not answer', async () => {
  const { supabase, stripe } = clinic.sandbox;
  await supabase.addUser({ email: 'none@example.com' });
  const mend = stripe.faults.inject(/subscriptions\/search/, { kind: 'status', status: 500 });
  const unsure = await clinic.ask('none@example.com');
  mend();
  expect(unsure.top?.verdict?.code).not.toBe('PAY-001');
  expect((await clinic.ask('none@example.com')).top?.verdict?.code).toBe('PAY-001');
});

test('an account without that search is judged by its addresses', async () => {
  const { supabase, stripe } = clinic.sandbox;
  await supabase.addUser({ email: 'india@example.com' });
  const mend = stripe.faults.inject(/subscriptions\/search/, {
    kind: 'status',
    status: 400,
    body: { error: { type: 'invalid_request_error', message: 'Search is not available in your country.' } },
  });
  const diagnosis = await clinic.ask('india@example.com');
  mend();
  expect(diagnosis.top?.verdict?.code).toBe('PAY-001');
});
