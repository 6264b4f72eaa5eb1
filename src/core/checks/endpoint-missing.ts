import { defineCheck, found, passed } from '../check.ts';
import type { StripeMode } from '../evidence.ts';
import { hostOf } from '../webhook-endpoint.ts';

interface Facts {
  readonly mode: StripeMode;
  readonly otherCount: number;
}

export const endpointMissing = defineCheck({
  id: 'endpoint-missing',
  code: 'HOOK-001',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'No webhook endpoint leads to the webhook function',
  on: ['session'],
  needs: ['webhooks'],
  evaluate({ webhooks }) {
    const { ours, others, mode } = webhooks;
    if (ours.length > 0) return passed;
    const hosts = [...new Set(others.map(({ url }) => hostOf(url)))];
    return found<Facts>({
      facts: { mode, otherCount: others.length },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'stripe',
          at: null,
          text:
            others.length === 0
              ? `The account has no webhook endpoint at all in ${mode} mode`
              : `Endpoints of the account in ${mode} mode: ${others.length}, leading to ${hosts.join(', ')}`,
          ref: null,
        },
      ],
    });
  },
  explain: ({ mode, otherCount }) => ({
    what:
      otherCount === 0
        ? `Stripe has no webhook endpoint in ${mode} mode, so nothing leads to stripe-webhook.`
        : `None of the webhook endpoints (${otherCount}) that Stripe has in ${mode} mode leads to stripe-webhook.`,
    why: 'Stripe tells the shop of no purchase: whatever is paid becomes no order, now or later.',
    next: 'Create an endpoint in Stripe that leads to stripe-webhook and listens to checkout.session.completed, give the function its signing secret, then redeliver what was paid.',
  }),
  tellCustomer: () => 'Your payment has arrived. Your order has not been handed over to us yet; we are doing that now.',
  remediation: null,
});
