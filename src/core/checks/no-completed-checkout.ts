import { isPurchase, progressOf } from '../checkout.ts';
import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';

interface Facts {
  readonly email: string;
}

export const noCompletedCheckout = defineCheck({
  id: 'no-completed-checkout',
  code: 'PAY-001',
  stage: 'payment',
  role: 'cause',
  severity: 'warning',
  title: 'No completed checkout for this person',
  on: ['person'],
  // Orders lead to purchases made with another address: unread, nobody can say that there is none.
  needs: ['person', 'siblings', 'checkouts'],
  evaluate({ person, checkouts }) {
    if (person === null) return notApplicable;
    const progress = checkouts.filter(isPurchase).map(progressOf);
    // An unpaid checkout has a check of its own.
    if (progress.some(({ kind }) => kind !== 'unreadable')) return passed;
    for (const one of progress) {
      if (one.kind === 'unreadable') {
        return inconclusive({ source: 'stripe', kind: 'unexpected-shape', path: one.path });
      }
    }
    return found<Facts>({
      facts: { email: person.email },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'stripe',
          at: null,
          text: `No purchase by ${person.email}, by e-mail or by user id, among Stripe's checkouts`,
          ref: { kind: 'person', id: person.userId },
        },
      ],
    });
  },
  explain: ({ email }) => ({
    what: `${email} has an account, and Stripe knows no checkout of it: nothing was bought with it.`,
    why: 'Without a paid checkout there is no order, and nothing here is broken.',
    next: 'Ask for the receipt or the e-mail address used at checkout, and look that one up.',
  }),
  tellCustomer: () =>
    'We could not find a purchase for your account. If you have paid, please send us your receipt, or the e-mail address you used when paying, and do not pay again.',
  remediation: null,
});
