import { defineCheck, found, notApplicable, passed } from '../check.ts';
import { completedType, listensToCompleted } from '../webhook-endpoint.ts';

interface Facts {
  readonly endpointIds: readonly string[];
}

export const endpointNotListening = defineCheck({
  id: 'endpoint-not-listening',
  code: 'HOOK-003',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'The webhook endpoint does not listen to completed checkouts',
  on: ['session'],
  needs: ['webhooks'],
  evaluate({ webhooks }) {
    if (webhooks.ours.length === 0) return notApplicable;
    const enabled = webhooks.ours.filter(({ status }) => status !== 'disabled');
    // A disabled endpoint is another check's; what it would listen to once enabled is still worth knowing.
    const judged = enabled.length > 0 ? enabled : webhooks.ours;
    if (judged.some(listensToCompleted)) return passed;
    return found<Facts>({
      facts: { endpointIds: judged.map(({ id }) => id) },
      confidence: 'confirmed',
      evidence: judged.map(({ id, enabledEvents }) => ({
        source: 'stripe',
        at: null,
        text: `Endpoint ${id} listens to ${listed(enabledEvents)}`,
        ref: { kind: 'endpoint', id },
      })),
    });
  },
  explain: ({ endpointIds }) => ({
    what: `${endpointIds.length === 1 ? 'The endpoint' : 'Every endpoint'} that leads to the webhook function (${endpointIds.join(', ')}) is not subscribed to ${completedType}.`,
    why: 'Stripe sends an endpoint only the types it is subscribed to when the event is made: paid checkouts never reach the shop.',
    next: `Add ${completedType} to the endpoint in Stripe, then redeliver what was paid in the meantime.`,
  }),
  tellCustomer: () => 'Your payment has arrived. Your order has not been handed over to us yet; we are doing that now.',
  remediation: null,
});

const mostListed = 5;

function listed(types: readonly string[]): string {
  const rest = types.length - mostListed;
  if (types.length === 0) return 'nothing';
  return `${types.slice(0, mostListed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
