import type { Invoice, Payment } from './evidence.ts';

/** Statuses of an invoice that Stripe has not collected. */
const uncollected: readonly (string | null)[] = ['open', 'uncollectible', 'draft'];

/**
 * Whether a renewal of the subscription failed. An order in `error` is then a matter of payment: its server was made
 * long ago, and nothing of its provisioning went wrong.
 */
export function renewalFailed(payment: Payment): boolean {
  const status = payment.subscription?.status;
  if (status === 'past_due' || status === 'unpaid') return true;
  const renewal = newestRenewal(payment);
  return renewal !== null && uncollected.includes(renewal.status) && renewal.attemptCount > 0;
}

/** The latest invoice that is not the purchase itself; `null` before the first renewal. */
export function newestRenewal(payment: Payment): Invoice | null {
  const renewals = payment.invoices.filter((invoice) => invoice.billingReason !== 'subscription_create');
  return renewals.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0] ?? null;
}
