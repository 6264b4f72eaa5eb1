import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';
import { hasFailed, isGameServer } from '../entry.ts';
import { provisionFunctionIn, provisionSlug } from '../provision-function.ts';

export const functionOpen = defineCheck({
  id: 'function-open',
  code: 'PRV-008',
  stage: 'provisioning',
  role: 'notice',
  severity: 'notice',
  title: 'Anyone can invoke the provisioning function',
  on: ['order'],
  needs: [],
  uses: ['functions'],
  appliesTo: ({ order }) => isGameServer(order) && order.status !== 'canceled',
  evaluate({ functions }, { order }, moment) {
    if (functions.kind === 'unknown') {
      // A notice about the function must not leave an order in doubt that has nothing to explain.
      return hasFailed(order, moment) ? inconclusive(functions.failure) : notApplicable;
    }
    const provision = provisionFunctionIn(functions.value);
    if (provision === null || provision.status === 'REMOVED') return notApplicable;
    if (provision.verifyJwt) return passed;
    return found<null>({
      facts: null,
      confidence: 'confirmed',
      evidence: [
        {
          source: 'logs',
          at: null,
          text: `${provisionSlug} is deployed with verify_jwt = false`,
          ref: { kind: 'function', slug: provisionSlug },
        },
      ],
    });
  },
  explain: () => ({
    what: `The function ${provisionSlug} does not ask for a key: anyone can invoke it. This is not about this order.`,
    why: 'A customer who writes an own order row could have a server made without paying, and what stands in its log may be planted.',
    next: 'Deploy it with verify_jwt on, or let its code demand a secret that only the webhook function has.',
  }),
  tellCustomer: () => 'This does not concern your order. You do not need to do anything.',
  remediation: null,
  shown: 'details',
});
