import { expect, test } from 'vitest';
import { eggInvalid } from '../../../../src/core/checks/egg-invalid.ts';
import { aFailedOrder, aFunction, anOrder, aWebhookRun, threw } from '../../../builders/merchant.ts';
import { anEgg } from '../../../builders/panel.ts';
import { checkOrder, findingOf, outage } from '../../../builders/readings.ts';
import { ago, MINUTE } from '../../../builders/time.ts';

const refusing = (...fields: readonly string[]) => {
  const errors = fields.map((field) => ({
    code: 'ValidationException',
    status: '422',
    detail: 'refused',
    meta: { source_field: field, rule: 'required' },
  }));
  return aWebhookRun({ failed: threw(`Failed to create server: 422 ${JSON.stringify({ errors })}`) });
};

test('is found, confirmed and standing, when the panel does not have the egg of the plan', () => {
  const finding = findingOf(checkOrder(eggInvalid, aFailedOrder(), { egg: anEgg({ egg: null }) }));
  expect(finding).toMatchObject({ code: 'PRV-004', confidence: 'confirmed', standing: 'standing' });
  expect(finding.explanation.what).toBe('The panel has no egg 39 in nest 1, which this plan uses.');
  expect(finding.evidence[0]?.text).toBe('Egg 39 is not in nest 1 (known from PLAN_EGGS)');
});

test('is found from the log with the fields that were refused, and is not cleared by an egg that exists', () => {
  const readings = { executions: [refusing('environment.SERVER_JARFILE', 'environment.BUILD')] };
  const finding = findingOf(checkOrder(eggInvalid, aFailedOrder(), readings));
  expect(finding).toMatchObject({ confidence: 'confirmed', standing: 'unseen' });
  expect(finding.explanation.what).toBe(
    'The panel refused the server because of environment.SERVER_JARFILE, environment.BUILD.',
  );
});

test('is cleared when the function was deployed anew after the failure', () => {
  const readings = { executions: [refusing('egg')], functions: [aFunction({ updatedAt: ago(MINUTE) })] };
  expect(findingOf(checkOrder(eggInvalid, aFailedOrder(), readings))).toMatchObject({ standing: 'cleared' });
});

test('does not take a required variable without a default for proof: the function may send it', () => {
  const variables = [{ envVariable: 'EULA', name: 'EULA', rules: 'required|boolean', defaultValue: null }];
  const readings = { egg: anEgg({ egg: { name: 'Paper', variables } }) };
  expect(checkOrder(eggInvalid, aFailedOrder(), readings).kind).toBe('passed');
});

test('names a required variable without a default beside a log line', () => {
  const variables = [
    { envVariable: 'EULA', name: 'EULA', rules: 'required|boolean', defaultValue: '' },
    { envVariable: 'BUILD', name: 'Build', rules: 'required_with:X|string', defaultValue: null },
  ];
  const readings = {
    egg: anEgg({ egg: { name: 'Paper', variables }, knownFrom: 'servers-of-the-plan' }),
    executions: [refusing('environment.EULA')],
  };
  const finding = findingOf(checkOrder(eggInvalid, aFailedOrder(), readings));
  expect(finding.evidence[1]?.text).toBe(
    "Egg 39 of nest 1 exists: Paper; it must be given EULA (known from the plan's existing servers)",
  );
});

test('leaves a refused owner to the check for the account', () => {
  expect(checkOrder(eggInvalid, aFailedOrder(), { executions: [refusing('user')] }).kind).toBe('passed');
});

test('is inconclusive when nobody knows which egg the plan uses', () => {
  expect(checkOrder(eggInvalid, aFailedOrder(), { egg: null })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl', kind: 'not-provided', what: 'the egg of this plan (set PLAN_EGGS)' },
  });
});

test('is inconclusive, not passed, when the egg cannot be read', () => {
  expect(checkOrder(eggInvalid, aFailedOrder(), { egg: outage('pterodactyl') })).toMatchObject({
    kind: 'inconclusive',
    failure: { source: 'pterodactyl', kind: 'timed-out' },
  });
});

test('does not put a young order in doubt when nobody knows its egg', () => {
  const young = aFailedOrder({ status: 'paid', updatedAt: ago(MINUTE) });
  expect(checkOrder(eggInvalid, young, { egg: null }).kind).toBe('not-applicable');
});

test('does not apply once the order names a server', () => {
  expect(checkOrder(eggInvalid, anOrder(), { egg: anEgg({ egg: null }) }).kind).toBe('not-applicable');
});
