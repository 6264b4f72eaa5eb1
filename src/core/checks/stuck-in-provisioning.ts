import { defineCheck, found, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import { awaitsServer, statusAgeMs, statusGraceMs } from '../entry.ts';
import { statusEvidence } from '../order-evidence.ts';

interface Facts {
  readonly status: 'provisioning' | 'installing';
  readonly ageMs: number;
}

export const stuckInProvisioning = defineCheck({
  id: 'stuck-in-provisioning',
  code: 'ORD-004',
  stage: 'order',
  role: 'symptom',
  severity: 'warning',
  title: 'The order is stuck in provisioning',
  on: ['order'],
  needs: ['order'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ order }, _subject, moment) {
    const { status } = order;
    if (status !== 'provisioning' && status !== 'installing') return passed;
    const ageMs = statusAgeMs(order, moment);
    if (ageMs <= statusGraceMs(status, moment.grace)) return passed;
    return found<Facts>({ facts: { status, ageMs }, confidence: 'confirmed', evidence: [statusEvidence(order)] });
  },
  explain: ({ status, ageMs }) => ({
    what: `The order has been in "${status}" for ${inWords(ageMs)} and names no server.`,
    why:
      'A run of the provisioning function that fails half-way leaves this status behind, and the function then refuses ' +
      'the order: it takes only orders in "paid".',
    next: 'Look at the causes found; when none stands in the way and the panel has no server of this order, retry provisioning.',
  }),
  tellCustomer: () =>
    'Your order is paid and your server is being made. It is taking longer than usual; we are looking into it.',
  remediation: 'retry-provisioning',
});
