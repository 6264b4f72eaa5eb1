import { defineCheck, found, notApplicable, passed } from '../check.ts';

interface Facts {
  readonly endpointIds: readonly string[];
}

export const endpointDisabled = defineCheck({
  id: 'endpoint-disabled',
  code: 'HOOK-002',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'The webhook endpoint is disabled',
  on: ['session'],
  needs: ['webhooks'],
  evaluate({ webhooks }) {
    if (webhooks.ours.length === 0) return notApplicable;
    if (webhooks.ours.some((endpoint) => endpoint.status !== 'disabled')) return passed;
    return found<Facts>({
      facts: { endpointIds: webhooks.ours.map((endpoint) => endpoint.id) },
      confidence: 'confirmed',
      evidence: webhooks.ours.map((endpoint) => ({
        source: 'stripe',
        at: null,
        text: `Endpoint ${endpoint.id} is ${endpoint.status}: ${endpoint.url}`,
        ref: { kind: 'endpoint', id: endpoint.id },
      })),
    });
  },
  explain: ({ endpointIds }) => ({
    what: `Stripe has switched off ${endpointIds.length === 1 ? 'the endpoint' : 'every endpoint'} that leads to the webhook function (${endpointIds.join(', ')}).`,
    why: 'Stripe sends nothing to a disabled endpoint, now or later: what was paid meanwhile never became an order.',
    next: 'Switch the endpoint on again, then redeliver what was paid in the meantime.',
  }),
  tellCustomer: () => 'Your payment has arrived. Your order has not been handed over to us yet; we are doing that now.',
  remediation: 'enable-endpoint',
});
