import { z } from 'zod';
import { type Decision, defineAction, refuse } from '../action.ts';
import { endOfFailure } from '../effect-step.ts';
import { describeFailure } from '../failure.ts';
import { couldNotLook, stillLanding } from './refusals.ts';

const target = z.object({ endpointId: z.string(), seenStatus: z.string() });

/** Switches the disabled webhook endpoint on again. */
export const enableEndpoint = defineAction({
  id: 'enable-endpoint',
  label: 'Enable endpoint',
  permission: 'act.webhook',
  style: 'primary',
  on: ['order', 'session', 'person'],
  needs: ['payments', 'endpoints'],
  target,
  claimOn: ({ endpointId }) => `endpoint:${endpointId}`,
  guard({ entry }): Decision<z.output<typeof target>> {
    const { webhooks } = entry.readings;
    if (webhooks.kind === 'unknown') return refuse(couldNotLook("Stripe's webhook endpoints", webhooks.failure));
    const [first] = webhooks.value.ours;
    if (first === undefined)
      return refuse('No endpoint of this Stripe account and mode leads to the webhook function (HOOK-001).');
    const disabled = webhooks.value.ours.filter(({ status }) => status === 'disabled');
    const [endpoint, ...others] = disabled;
    if (endpoint === undefined) return refuse('The endpoint is not disabled.');
    if (webhooks.value.ours.length > disabled.length || others.length > 0) {
      return refuse(
        'Several endpoints lead to the webhook function: with two of them enabled every purchase would be written twice. Choose one in Stripe.',
      );
    }
    return {
      kind: 'allowed',
      target: { endpointId: endpoint.id, seenStatus: endpoint.status },
      warnings: ['What happened while it was disabled is never sent by Stripe: lost purchases must be redelivered.'],
    };
  },
  plan: ({ endpointId, seenStatus }) => ({
    what: `Enable Stripe's webhook endpoint ${endpointId}.`,
    changes: [{ thing: 'Status of the endpoint', before: seenStatus, after: 'enabled' }],
    steps: [{ name: 'enable', label: 'Switch the endpoint on' }],
    note: 'What happened while it was disabled must be redelivered.',
  }),
  async effect({ endpoints }, { endpointId }, claim, signal) {
    await claim.step('enable', async () => {
      const answer = await endpoints.enable(endpointId, signal);
      return answer.ok ? { kind: 'done', words: 'Stripe accepted it.' } : endOfFailure(answer.failure);
    });
  },
  async verify({ payments }, { endpointId }, watch, signal) {
    const all = await payments.endpoints(signal);
    if (!all.ok)
      return { kind: 'undecided', as: 'unknown', words: `Stripe could not be asked: ${describeFailure(all.failure)}` };
    const endpoint = all.value.find(({ id }) => id === endpointId);
    if (endpoint?.status === 'enabled') {
      return {
        kind: 'applied',
        words: `The endpoint ${endpointId} is enabled. What happened while it was disabled must be redelivered.`,
      };
    }
    const landing = stillLanding(watch);
    if (landing !== null) return landing;
    const told = watch.claim.steps.at(-1)?.end?.words ?? 'Stripe was not asked.';
    return {
      kind: 'not-applied',
      words: `${told} The endpoint is ${endpoint === undefined ? 'gone' : `"${endpoint.status}"`}.`,
    };
  },
});
