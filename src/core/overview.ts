import { isPurchase, progressOf } from './checkout.ts';
import type { CheckoutSession, Order, StripeEvent } from './evidence.ts';
import { personIn } from './gather/identity.ts';
import type { Answer } from './ports.ts';

/** Looks at the whole shop instead of one person. */
export interface OrderOverview {
  /** Orders whose status alone says that they are not where they should be, newest first. */
  unsettled(limit: number, signal: AbortSignal): Answer<readonly Order[]>;
}

export interface PaymentOverview {
  /** Checkouts completed by sessions made since then, newest first; `isWhole`: all of them. */
  recentSessions(
    since: Date,
    signal: AbortSignal,
  ): Answer<{ readonly sessions: readonly CheckoutSession[]; readonly isWhole: boolean }>;
  /** The newest completed checkouts' events. */
  recentEvents(limit: number, signal: AbortSignal): Answer<readonly StripeEvent[]>;
}

/** Paid checkouts older than `graceMs` without an order of their buyer, newest first. Rows of others prove nothing. */
export function lostPurchases(
  sessions: readonly CheckoutSession[],
  rows: readonly Order[],
  now: Date,
  graceMs: number,
): readonly CheckoutSession[] {
  return sessions.filter((session) => {
    if (!isPurchase(session) || progressOf(session).kind !== 'paid') return false;
    if (now.getTime() - session.createdAt.getTime() < graceMs) return false;
    const buyer = personIn(session);
    return !rows.some(
      (row) =>
        session.subscriptionId !== null &&
        row.stripeSubscriptionId === session.subscriptionId &&
        (buyer === null || row.userId === buyer),
    );
  });
}
