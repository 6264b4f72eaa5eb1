import { describe, expect, test } from 'vitest';
import { enableEndpoint } from '../../../../src/core/actions/enable-endpoint.ts';
import {
  aHandle,
  aSituation,
  aStep,
  answers,
  aWatch,
  forbids,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aPersonEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import { anEndpoint, aSession, theWebhooks } from '../../../builders/stripe.ts';

const target = { endpointId: 'we_shop', seenStatus: 'disabled' };
const disabled = anEndpoint({ status: 'disabled' });
const off = { webhooks: theWebhooks({ ours: [disabled] }) };

describe('the guard', () => {
  test.each([
    ['a lost purchase', aSessionEntry(aSession(), off)],
    ['an order', anOrderEntry(undefined, off)],
    ['a person', aPersonEntry(off)],
  ])('allows on %s where the one endpoint is disabled', (_name, entry) => {
    expect(enableEndpoint.guard(aSituation(entry))).toEqual({
      kind: 'allowed',
      target,
      warnings: ['What happened while it was disabled is never sent by Stripe: lost purchases must be redelivered.'],
    });
  });

  test('is not stopped by endpoints that lead elsewhere', () => {
    const webhooks = theWebhooks({ ours: [disabled], others: [anEndpoint({ id: 'we_other' })] });
    expect(enableEndpoint.guard(aSituation(aSessionEntry(aSession(), { webhooks }))).kind).toBe('allowed');
  });

  const several =
    'Several endpoints lead to the webhook function: with two of them enabled every purchase would be written twice. Choose one in Stripe.';
  test.each<[string, Overrides, string]>([
    [
      'none leads to the function (HOOK-001)',
      { webhooks: theWebhooks({ ours: [] }) },
      'No endpoint of this Stripe account and mode leads to the webhook function (HOOK-001).',
    ],
    ['it is enabled', {}, 'The endpoint is not disabled.'],
    ['another one is enabled', { webhooks: theWebhooks({ ours: [disabled, anEndpoint({ id: 'we_two' })] }) }, several],
    ['two are disabled', { webhooks: theWebhooks({ ours: [disabled, { ...disabled, id: 'we_two' }] }) }, several],
    [
      'Stripe does not answer',
      { webhooks: outage('stripe') },
      "Stripe's webhook endpoints could not be checked: Stripe did not answer within 4.0 s.",
    ],
  ])('refuses where %s', (_name, over, reason) => {
    expect(reasonOf(enableEndpoint.guard(aSituation(aSessionEntry(aSession(), over))))).toBe(reason);
  });
});

test('is claimed on the endpoint, whatever entry it was asked for on', () => {
  expect(enableEndpoint.claimOn(target)).toBe('endpoint:we_shop');
});

test('needs no further look, but a key for Stripe', async () => {
  const situation = aSituation(aSessionEntry(aSession(), off));
  expect(await enableEndpoint.look(ports(), target, situation, NEVER)).toEqual({
    kind: 'allowed',
    target,
    warnings: [],
  });
  expect(reasonOf(await enableEndpoint.look(ports({ endpoints: null }), target, situation, NEVER))).toBe(
    'Stripe is not configured, and this needs it.',
  );
});

test('the plan says what changes, and what is left to do', () => {
  expect(enableEndpoint.plan(target)).toEqual({
    what: "Enable Stripe's webhook endpoint we_shop.",
    changes: [{ thing: 'Status of the endpoint', before: 'disabled', after: 'enabled' }],
    steps: [{ name: 'enable', label: 'Switch the endpoint on' }],
    note: 'What happened while it was disabled must be redelivered.',
  });
});

test.each([
  ['accepts it', answers(undefined), 'done', 'Stripe accepted it.'],
  ['forbids it', forbids('stripe'), 'refused', "Stripe does not allow this with the bot's key."],
  [
    'does not answer',
    isSilent('stripe'),
    'unclear',
    'Stripe did not answer within 4.0 s. It may have been written all the same.',
  ],
] as const)('asks once, and tells where Stripe %s', async (_name, enable, kind, words) => {
  const asked: string[] = [];
  const handle = aHandle();
  const endpoints = {
    enable(id: string) {
      asked.push(id);
      return enable();
    },
  };
  await enableEndpoint.effect(ports({ endpoints }), target, handle, NEVER);
  expect(asked).toEqual(['we_shop']);
  expect(handle.steps).toEqual([{ name: 'enable', end: { kind, words } }]);
});

describe('verification', () => {
  const verify = (all: ReturnType<typeof answers<readonly (typeof disabled)[]>>, steps = [aStep('enable')]) =>
    enableEndpoint.verify(ports({ payments: { endpoints: all } }), target, aWatch(steps), NEVER);

  test('is applied once Stripe lists it as enabled', async () => {
    expect(await verify(answers([anEndpoint({ id: 'we_other', status: 'disabled' }), anEndpoint()]))).toEqual({
      kind: 'applied',
      words: 'The endpoint we_shop is enabled. What happened while it was disabled must be redelivered.',
    });
  });

  test.each([
    ['is still disabled', [disabled], 'It ended: done. The endpoint is "disabled".'],
    ['is gone', [], 'It ended: done. The endpoint is gone.'],
  ])('is not applied where it %s', async (_name, all, words) => {
    expect(await verify(answers(all))).toEqual({ kind: 'not-applied', words });
  });

  test('says so where Stripe was never asked', async () => {
    expect((await verify(answers([disabled]), [])).words).toBe('Stripe was not asked. The endpoint is "disabled".');
  });

  test('is unknown where Stripe does not answer', async () => {
    const payments = { endpoints: isSilent('stripe') };
    expect(await enableEndpoint.verify(ports({ payments }), target, aWatch([aStep('enable')]), NEVER)).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: 'Stripe could not be asked: Stripe did not answer within 4.0 s.',
    });
  });
});
