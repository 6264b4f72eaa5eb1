import { expect, test } from 'vitest';
import { accountNotLinked } from '../../../../src/core/checks/account-not-linked.ts';
import { aFailedOrder, anOrder, aProfile, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { checkOrder, findingOf, notConfigured, outage } from '../../../builders/readings.ts';

const noEmail = aWebhookRun({ failed: threw('User email not found. Cannot create Pterodactyl account.') });
const nameTaken = aWebhookRun({
  failed: threw(
    `Failed to create Pterodactyl user: ${JSON.stringify({
      errors: [
        {
          code: 'ValidationException',
          status: '422',
          detail: 'The username has already been taken.',
          meta: { source_field: 'username', rule: 'unique' },
        },
      ],
    })}`,
  ),
});

test('is only a notice when the entry is missing: the function makes the account itself', () => {
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), { externalAccount: null }));
  expect(finding).toMatchObject({ code: 'ACC-001', role: 'notice', severity: 'notice', confidence: 'confirmed' });
  expect(finding.explanation.what).toBe('No panel account is linked to the customer yet.');
  expect(finding.explanation.why).toContain('stops nothing');
});

test('is a standing cause when the profile has no e-mail address', () => {
  const readings = { externalAccount: null, profile: aProfile({ email: '' }) };
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings));
  expect(finding).toMatchObject({ role: 'cause', severity: 'warning', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe(
    'No panel account could be made for the customer, because the profile had no e-mail address.',
  );
});

test('is a standing cause when there is no profile at all', () => {
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), { externalAccount: null, profile: null }));
  expect(finding).toMatchObject({ role: 'cause', standing: 'standing' });
  expect(finding.explanation.what).toContain('there is no profile to make one from');
});

test('is a cleared cause when the log says so and the profile has an address by now', () => {
  const readings = { externalAccount: null, executions: [noEmail] };
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings));
  expect(finding).toMatchObject({ role: 'cause', confidence: 'confirmed', standing: 'cleared' });
});

test('stands with the log line as evidence when the profile still lacks the address', () => {
  const readings = { externalAccount: null, executions: [noEmail], profile: aProfile({ email: null }) };
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings));
  expect(finding.standing).toBe('standing');
  expect(finding.evidence.some((item) => item.source === 'logs')).toBe(true);
});

test('is unseen when only the log can tell', () => {
  const readings = { externalAccount: null, executions: [noEmail], profile: outage('supabase') };
  expect(findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings))).toMatchObject({ standing: 'unseen' });
});

test('names what the panel objected to when it refused the account', () => {
  const readings = { externalAccount: null, executions: [nameTaken] };
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings));
  expect(finding).toMatchObject({ role: 'cause', confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe(
    'The panel refused to make an account for the customer; it objected to: username.',
  );
});

test('is cleared once the entry is there', () => {
  const finding = findingOf(checkOrder(accountNotLinked, aFailedOrder(), { executions: [nameTaken] }));
  expect(finding).toMatchObject({ role: 'cause', standing: 'cleared' });
  expect(finding.evidence.at(-1)?.text).toBe('An entry names panel user 11 now');
});

test('stays a notice when neither the profile nor the logs can be read', () => {
  const readings = { externalAccount: null, profile: outage('supabase'), executions: notConfigured('logs') };
  expect(findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings))).toMatchObject({ role: 'notice' });
});

test('takes no other failure of the order for a missing account', () => {
  const readings = {
    externalAccount: null,
    executions: [aWebhookRun({ failed: threw('Pterodactyl configuration missing') })],
  };
  expect(findingOf(checkOrder(accountNotLinked, aFailedOrder(), readings)).role).toBe('notice');
});

test('passes when there is an entry', () => {
  expect(checkOrder(accountNotLinked, aFailedOrder()).kind).toBe('passed');
});

test('is inconclusive when the entries cannot be read', () => {
  expect(checkOrder(accountNotLinked, aFailedOrder(), { externalAccount: outage('supabase') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'supabase' },
  });
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(accountNotLinked, anOrder(), { externalAccount: null }).kind).toBe('not-applicable');
});
