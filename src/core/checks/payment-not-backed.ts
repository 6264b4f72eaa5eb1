import { defineCheck, found, passed } from '../check.ts';
import { cleanForeignText } from '../foreign-text.ts';

interface Facts {
  readonly status: string;
  readonly subscriptionId: string | null;
  /** `foreign`: Stripe ties the subscription to somebody else, who is not named. */
  readonly backing: 'none' | 'foreign';
  /** The merchant's table has no column for the subscription. */
  readonly hasNoColumn: boolean;
}

/** Statuses that do not claim a payment; every other word does, known or not. */
const claimlessStatuses: readonly string[] = ['pending', 'canceled'];

const longestWord = 60;

export const paymentNotBacked = defineCheck({
  id: 'payment-not-backed',
  code: 'PAY-005',
  stage: 'payment',
  role: 'cause',
  severity: 'critical',
  title: 'Nothing in Stripe backs this order',
  on: ['order'],
  needs: ['payment'],
  appliesTo: ({ order }) => !claimlessStatuses.includes(order.status),
  evaluate({ payment }, { order }) {
    const { backing } = payment;
    if (backing === 'own' || backing === 'vouched') return passed;
    const hasNoColumn = order.lacks.has('stripeSubscriptionId');
    // The customer may have written both.
    const status = cleanForeignText(order.status, longestWord);
    const subscriptionId =
      hasNoColumn || order.stripeSubscriptionId === null
        ? null
        : cleanForeignText(order.stripeSubscriptionId, longestWord);
    return found<Facts>({
      facts: { status, subscriptionId, backing, hasNoColumn },
      // Without the column the checkout was looked for by the person alone.
      confidence: hasNoColumn && backing === 'none' ? 'likely' : 'confirmed',
      evidence: [
        {
          source: 'supabase',
          at: order.createdAt,
          text: `Order status ${status}; the row names ${subscriptionId ?? 'no subscription'}`,
          ref: { kind: 'order', id: order.id },
        },
        {
          source: 'stripe',
          at: null,
          text:
            backing === 'foreign'
              ? 'The subscription the row names is tied to somebody else'
              : 'No subscription and no checkout of this customer stands behind the row',
          ref: null,
        },
      ],
    });
  },
  explain: ({ status, subscriptionId, backing, hasNoColumn }) => ({
    what: `The order says "${status}", but ${missing(backing, subscriptionId, hasNoColumn)}.`,
    why: 'Customers can insert rows themselves: a row proves no payment, and provisioning it would give a server away.',
    next: 'Do not provision it. If it is a gift or was paid outside Stripe, an administrator can vouch for it; otherwise cancel it.',
  }),
  tellCustomer: () =>
    'We are checking the payment for this order by hand. If you have a receipt for it, please send it to us.',
  remediation: null,
});

function missing(backing: Facts['backing'], subscriptionId: string | null, hasNoColumn: boolean): string {
  if (backing === 'foreign') return `the subscription it names (${subscriptionId ?? 'unknown'}) is somebody else's`;
  if (hasNoColumn) return 'no paid checkout of this customer in Stripe fits it';
  return subscriptionId === null
    ? 'it names no subscription, and no paid checkout of this customer in Stripe fits it'
    : `Stripe has no subscription ${subscriptionId} of this customer`;
}
