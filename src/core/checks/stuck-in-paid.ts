import { defineCheck, found, passed } from '../check.ts';
import { awaitsServer, statusAgeMs, statusGraceMs } from '../entry.ts';
import { inWords } from '../duration.ts';

interface Facts {
  readonly status: string;
  readonly ageMs: number;
}

export const stuckInPaid = defineCheck({
  id: 'stuck-in-paid',
  code: 'ORD-003',
  stage: 'order',
  role: 'symptom',
  severity: 'warning',
  title: 'The order is stuck before provisioning',
  on: ['order'],
  needs: ['order'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ order }, _subject, moment) {
    if (order.status !== 'paid' && order.status !== 'pending') return passed;
    const ageMs = statusAgeMs(order, moment);
    if (ageMs <= statusGraceMs(order.status, moment.grace)) return passed;
    return found<Facts>({
      facts: { status: order.status, ageMs },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'supabase',
          at: order.updatedAt,
          text: `Order status ${order.status}, last changed then`,
          ref: { kind: 'order', id: order.id },
        },
      ],
    });
  },
  explain: ({ status, ageMs }) => ({
    what: `The order has been in "${status}" for ${inWords(ageMs)}.`,
    why: 'Provisioning starts within seconds of payment; this long means that it never ran or ended without a word.',
    next: 'Look at the causes found; when none stands in the way, retry provisioning.',
  }),
  tellCustomer: () =>
    'Your order is paid and waiting for its server. It is taking longer than usual; we are looking into it.',
  remediation: 'retry-provisioning',
});
