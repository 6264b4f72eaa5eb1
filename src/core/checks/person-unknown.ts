import { defineCheck, found, passed } from '../check.ts';
import type { CheckoutSession } from '../evidence.ts';
import { cutForeign } from '../foreign-text.ts';
import type { EvidenceItem } from '../reading.ts';

type Asked = 'email' | 'order' | 'server' | 'stripe';

interface Facts {
  readonly asked: Asked;
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
  title: 'Nobody is known by this address or id',
  on: ['person'],
  needs: ['person', 'checkouts'],
  evaluate({ person, checkouts }, { asked }) {
    if (person !== null) return passed;
    const unpaid = checkouts.filter((checkout) => checkout.paymentStatus === 'unpaid');
    return found<Facts>({
      facts: { asked, unpaidCheckouts: unpaid.length },
      confidence: 'confirmed',
      evidence: [
        { source: 'supabase', at: null, text: absences[asked], ref: null },
        ...unpaid.slice(0, maxCheckoutsShown).map(checkoutEvidence),
      ],
    });
  },
  explain: ({ asked, unpaidCheckouts }) => ({
    what: asked === 'email' ? describeAddress(unpaidCheckouts) : `${absences[asked]}.`,
    why: 'Without an account no purchase can be found: orders belong to accounts, not to addresses.',
    next:
      asked === 'stripe'
        ? 'Compare the id with the Stripe dashboard, test and live mode alike, or search for the e-mail address of the purchase.'
        : 'Ask the customer which e-mail address was used for the purchase, and search for that one.',
  }),
  tellCustomer: () =>
    'We cannot find an account with this e-mail address. Please tell us which e-mail address you used when you ordered.',
  remediation: null,
});

const absences: Readonly<Record<Asked, string>> = {
  email: 'No sign-in account has this e-mail address',
  order: 'There is no order with this id, and no panel server either',
  server: 'No order and no account of the shop belongs to this panel server',
  stripe: "Stripe has nothing under this id in the mode of the bot's key that leads to an account",
};

function describeAddress(unpaidCheckouts: number): string {
  return unpaidCheckouts === 0
    ? 'Nobody can sign in with this e-mail address, and Stripe has no checkout under it.'
    : `Nobody can sign in with this e-mail address; Stripe has ${inNumber(unpaidCheckouts)} under it.`;
}

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
