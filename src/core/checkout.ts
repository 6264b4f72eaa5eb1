import type { CheckoutSession } from './evidence.ts';

/**
 * How far a checkout has come. `delayed`: completed with a method such as SEPA or ACH whose money is still on its
 * way. `unreadable`: Stripe used a word this version does not know, at the given path.
 */
export type CheckoutProgress =
  | { readonly kind: 'paid' | 'delayed' | 'open' | 'expired' }
  | { readonly kind: 'unreadable'; readonly path: string };

/** Reads Stripe's two statuses together. A free checkout or a trial (`no_payment_required`) counts as paid. */
export function progressOf(session: CheckoutSession): CheckoutProgress {
  if (session.status === 'open' || session.status === 'expired') return { kind: session.status };
  if (session.status !== 'complete') return { kind: 'unreadable', path: 'checkout.session.status' };
  switch (session.paymentStatus) {
    case 'paid':
    case 'no_payment_required':
      return { kind: 'paid' };
    case 'unpaid':
      return { kind: 'delayed' };
    default:
      return { kind: 'unreadable', path: 'checkout.session.payment_status' };
  }
}

/** Whether the checkout buys something; one in mode `setup` only stores a payment method. */
export function isPurchase(session: CheckoutSession): boolean {
  return session.mode !== 'setup';
}

/** The metadata keys `stripe-webhook` needs to write an order and this checkout does not carry. */
export function missingMetadata(session: CheckoutSession): readonly string[] {
  const needed = ['user_id', 'plan_id', 'term', ...(session.metadata['item_type'] === 'vps' ? [] : ['region'])];
  return needed.filter((key) => (session.metadata[key] ?? '').trim() === '');
}

/** Whether the checkout carries what `stripe-webhook` needs; it refuses others, however well they are delivered. */
export function isDigestible(session: CheckoutSession): boolean {
  return session.mode === 'subscription' && session.subscriptionId !== null && missingMetadata(session).length === 0;
}
