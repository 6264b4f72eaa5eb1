import { isPurchase, progressOf } from '../checkout.ts';
import { defineCheck, type Explanation, type Found, found, inconclusive, notApplicable, passed } from '../check.ts';
import { inWords } from '../duration.ts';
import type { EntrySubject, Moment } from '../entry.ts';
import type { CheckoutSession, Payment } from '../evidence.ts';
import { formatMoney } from '../money.ts';
import { unreachable } from '../result.ts';

interface Facts {
  readonly kind: 'open' | 'expired' | 'delayed';
  readonly sessionId: string;
  /** "14.99 EUR"; `null` when Stripe names no amount. */
  readonly amount: string | null;
  /** Since it was begun, or since it expired. */
  readonly ageMs: number;
  /** Until an open one expires; `null` where that is not known. */
  readonly leftMs: number | null;
}

/** Longer than any delayed method takes; an older one has failed and no longer hides what came after it. */
const longestDelayMs = 14 * 24 * 60 * 60_000;

export const checkoutNotPaid = defineCheck({
  id: 'checkout-not-paid',
  code: 'PAY-002',
  stage: 'payment',
  role: 'cause',
  severity: 'warning',
  title: 'The checkout is not paid yet',
  on: ['person', 'order'],
  needs: [],
  uses: ['siblings', 'checkouts', 'payment'],
  appliesTo: (subject) => subject.kind === 'person' || subject.order.status !== 'canceled',
  evaluate({ siblings, checkouts, payment }, subject, moment) {
    if (subject.kind === 'person') {
      // Orders lead to purchases made with another address: unread, an unpaid checkout may not be the last word.
      if (siblings.kind === 'unknown') return inconclusive(siblings.failure);
      return checkouts.kind === 'unknown'
        ? inconclusive(checkouts.failure)
        : judge(tellingOf(checkouts.value, moment), subject, moment);
    }
    if (payment.kind === 'unknown') return inconclusive(payment.failure);
    const session = sessionBehind(payment.value);
    return session === null ? notApplicable : judge(session, subject, moment);
  },
  explain,
  tellCustomer: ({ kind }) => {
    switch (kind) {
      case 'open':
        return 'Your purchase is not completed yet. You can go back to the checkout page and finish it there.';
      case 'expired':
        return 'Your purchase was not completed, and its checkout page has expired. If you still want the server, please start the purchase again.';
      case 'delayed':
        return 'Your payment is on its way. With the payment method you chose this can take some days. Please do not pay again; you do not need to do anything.';
      default:
        return unreachable(kind);
    }
  },
  remediation: null,
});

/** The checkout that tells most of the person: a paid one, one whose money is on its way, else the newest. */
function tellingOf(sessions: readonly CheckoutSession[], moment: Moment): CheckoutSession | null {
  const purchases = sessions.filter(isPurchase).toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const isOnItsWay = (session: CheckoutSession): boolean =>
    progressOf(session).kind === 'delayed' && moment.now.getTime() - session.createdAt.getTime() < longestDelayMs;
  return (
    purchases.find((session) => progressOf(session).kind === 'paid') ??
    purchases.find(isOnItsWay) ??
    purchases[0] ??
    null
  );
}

/** The order's own checkout. One that was never completed made no subscription: beside one it is not the order's. */
function sessionBehind(payment: Payment): CheckoutSession | null {
  if (payment.backing !== 'own' || payment.session === null) return null;
  return payment.session.status !== 'complete' && payment.subscription !== null ? null : payment.session;
}

function judge(
  session: CheckoutSession | null,
  subject: EntrySubject,
  moment: Moment,
): typeof passed | typeof notApplicable | ReturnType<typeof inconclusive> | Found<Facts> {
  // No checkout at all is nothing examined; that there is none is for PAY-001 to say.
  if (session === null) return notApplicable;
  const progress = progressOf(session);
  if (progress.kind === 'paid') return passed;
  if (progress.kind === 'unreadable') {
    return inconclusive({ source: 'stripe', kind: 'unexpected-shape', path: progress.path });
  }
  const { kind } = progress;
  const amount = formatMoney(session.amountCents, session.currency);
  const leftMs = session.expiresAt === null ? null : session.expiresAt.getTime() - moment.now.getTime();
  const since = kind === 'expired' ? (session.expiresAt ?? session.createdAt) : session.createdAt;
  const isServed = subject.kind === 'order' && subject.order.serverId !== null;
  return found<Facts>({
    facts: { kind, sessionId: session.id, amount, ageMs: moment.now.getTime() - since.getTime(), leftMs },
    confidence: 'confirmed',
    // A server that runs on money still on its way is worth knowing, and not broken.
    ...(isServed ? { role: 'notice' as const } : {}),
    ...(isServed || kind === 'delayed' ? { severity: 'notice' as const } : {}),
    evidence: [
      {
        source: 'stripe',
        at: session.createdAt,
        text: `Checkout ${session.id} is ${session.status}, ${session.paymentStatus}${amount === null ? '' : `: ${amount}`}`,
        ref: { kind: 'session', id: session.id },
      },
    ],
  });
}

function explain({ kind, sessionId, amount, ageMs, leftMs }: Facts): Explanation {
  const checkout = amount === null ? `Checkout ${sessionId}` : `The checkout of ${amount}`;
  switch (kind) {
    case 'open':
      return {
        what:
          leftMs === null || leftMs <= 0
            ? `${checkout} is still open and not paid.`
            : `${checkout} is still open and not paid; it can be finished for another ${inWords(leftMs)}.`,
        why: 'An order is made only once the checkout is completed.',
        next: 'Ask the customer to finish the checkout or to start it again.',
      };
    case 'expired':
      return {
        what: `${checkout} expired ${inWords(ageMs)} ago without being paid.`,
        why: 'An expired checkout can no longer be paid, so no order will come of it.',
        next: 'Ask the customer to start the purchase again, if the server is still wanted.',
      };
    case 'delayed':
      return {
        what: `${checkout} was begun ${inWords(ageMs)} ago with a delayed payment method, and the money has not arrived.`,
        why: 'SEPA, ACH and the like can take days: that is no error, but customers read it as one and pay twice.',
        next: 'Wait for Stripe to report the payment, give no server before that, and tell the customer not to pay again.',
      };
    default:
      return unreachable(kind);
  }
}
