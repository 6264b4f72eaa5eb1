import { defineCheck, found, passed } from '../check.ts';
import { orderStatuses } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import { statusEvidence } from '../order-evidence.ts';

interface Facts {
  readonly status: string;
}

const knownStatuses: readonly string[] = orderStatuses;

export const statusUnknown = defineCheck({
  id: 'status-unknown',
  code: 'ORD-007',
  stage: 'order',
  role: 'notice',
  severity: 'notice',
  title: 'A status this version does not know',
  on: ['order'],
  needs: ['order'],
  evaluate({ order }) {
    if (knownStatuses.includes(order.status)) return passed;
    return found<Facts>({
      facts: { status: cutForeign(order.status) },
      confidence: 'confirmed',
      evidence: [statusEvidence(order)],
    });
  },
  explain: ({ status }) => ({
    what: `The order's status is "${status}", a word that this version does not know.`,
    why: 'What it means for the order cannot be judged; everything else about it still is.',
    next: 'Ask whoever changed the shop what the status stands for.',
  }),
  tellCustomer: () => 'Your order has reached us. A person will look at how it stands.',
  remediation: null,
});
