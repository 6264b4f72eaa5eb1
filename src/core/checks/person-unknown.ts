import { defineCheck, found, passed } from '../check.ts';
import type { CheckoutSession } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import type { EvidenceItem } from '../reading.ts';

interface Facts {
  readonly unpaidCheckouts: number;
}

/** More would only repeat the same news. */
const maxCheckoutsShown = 3;

export const personUnknown = defineCheck({
  id: 'person-unknown',
  code: 'ORD-001',
  stage: 'order',
  role: 'cause',
  severity: 'warning',
  title: 'Nobody with this e-mail address',
  on: ['person'],
  needs: ['person', 'checkouts'],
  evaluate({ person, checkouts }) {
    if (person !== null) return passed;
    const unpaid = checkouts.filter((checkout) => checkout.paymentStatus === 'unpaid');
    return found<Facts>({
      facts: { unpaidCheckouts: unpaid.length },
      confidence: 'confirmed',
      evidence: [
        { source: 'supabase', at: null, text: 'No sign-in account has this e-mail address', ref: null },
        ...unpaid.slice(0, maxCheckoutsShown).map(checkoutEvidence),
      ],
    });
  },
  explain: ({ unpaidCheckouts }) => ({
    what:
      unpaidCheckouts === 0
        ? 'Nobody can sign in with this e-mail address, and Stripe has no checkout under it.'
        : `Nobody can sign in with this e-mail address; Stripe has ${inNumber(unpaidCheckouts)} under it.`,
    why: 'Without an account no purchase can be found: orders belong to accounts, not to addresses.',
    next: 'Ask the customer which e-mail address was used for the purchase, and search for that one.',
  }),
  tellCustomer: () =>
    'We cannot find an account with this e-mail address. Please tell us which e-mail address you used when you ordered.',
  remediation: null,
});

function inNumber(unpaidCheckouts: number): string {
  return unpaidCheckouts === 1 ? '1 unpaid checkout' : `${unpaidCheckouts} unpaid checkouts`;
}

function checkoutEvidence(checkout: CheckoutSession): EvidenceItem {
  return {
    source: 'stripe',
    at: checkout.createdAt,
    text: `Checkout ${checkout.id} is ${cutForeign(checkout.status ?? 'without a status')} and unpaid`,
    ref: { kind: 'session', id: checkout.id },
  };
}
