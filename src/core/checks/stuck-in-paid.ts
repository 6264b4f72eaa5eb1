import { defineCheck, found, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import { awaitsServer, statusAgeMs, statusGraceMs } from '../entry.ts';
import { statusEvidence } from '../order-evidence.ts';

interface Facts {
  readonly status: 'paid' | 'pending';
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
    const { status } = order;
    if (status !== 'paid' && status !== 'pending') return passed;
    const ageMs = statusAgeMs(order, moment);
    if (ageMs <= statusGraceMs(status, moment.grace)) return passed;
    return found<Facts>({ facts: { status, ageMs }, confidence: 'confirmed', evidence: [statusEvidence(order)] });
  },
  explain: ({ status, ageMs }) => ({
    what: `The order has been in "${status}" for ${inWords(ageMs)}.`,
    why:
      status === 'paid'
        ? 'Provisioning starts within seconds of payment; this long means that it never ran or ended without a word.'
        : 'A paid checkout is written as "paid" at once; "pending" means that the row came about in another way, and nothing provisions it.',
    next:
      status === 'paid'
        ? 'Look at the causes found; when none stands in the way, retry provisioning.'
        : 'Make sure in Stripe that it is paid; then retry provisioning.',
  }),
  tellCustomer: ({ status }) =>
    status === 'paid'
      ? 'Your order is paid and waiting for its server. It is taking longer than usual; we are looking into it.'
      : 'Your order has reached us and is waiting to be confirmed. It is taking longer than usual; we are looking into it.',
  remediation: 'retry-provisioning',
});
