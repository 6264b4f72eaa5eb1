import { defineCheck, found, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import { statusAgeMs } from '../entry.ts';
import { statusEvidence } from '../order-evidence.ts';

interface Facts {
  readonly ageMs: number;
  readonly serverId: number | null;
}

export const orderCanceled = defineCheck({
  id: 'order-canceled',
  code: 'ORD-006',
  stage: 'order',
  role: 'cause',
  severity: 'notice',
  title: 'The order is canceled',
  on: ['order'],
  needs: ['order'],
  evaluate({ order }, _subject, moment) {
    if (order.status !== 'canceled') return passed;
    return found<Facts>({
      facts: { ageMs: statusAgeMs(order, moment), serverId: order.serverId },
      confidence: 'confirmed',
      evidence: [statusEvidence(order)],
    });
  },
  explain: ({ ageMs, serverId }) => ({
    what:
      serverId === null
        ? `The order is canceled and names no server; its row was last changed ${inWords(ageMs)} ago.`
        : `The order is canceled and still names server ${serverId}; its row was last changed ${inWords(ageMs)} ago.`,
    why:
      serverId === null
        ? 'A canceled order gets no server.'
        : 'A canceled order has ended, but canceling it does not switch its server off.',
    next: 'Nothing, if the customer wanted that. Otherwise the customer orders anew.',
  }),
  tellCustomer: () => 'This order is canceled. If you did not expect that, please tell us.',
  remediation: null,
});
