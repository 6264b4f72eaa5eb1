import { defineCheck, found, notApplicable, passed } from '../check.ts';
import { formatMoney } from '../money.ts';
import type { EvidenceItem } from '../reading.ts';
import { newestRenewal, renewalFailed as hasFailedRenewal } from '../renewal.ts';

interface Facts {
  readonly serverId: number;
  /** "14.99 EUR"; `null` when no unpaid invoice was read. */
  readonly amount: string | null;
  readonly attemptCount: number;
  /** Stripe's word, for example `past_due`; `null` when the subscription was not read. */
  readonly subscriptionStatus: string | null;
}

export const renewalFailed = defineCheck({
  id: 'renewal-failed',
  code: 'PAY-003',
  stage: 'payment',
  role: 'cause',
  severity: 'warning',
  title: 'A renewal payment failed',
  on: ['order'],
  needs: ['order', 'payment'],
  appliesTo: ({ order }) => order.status === 'error',
  evaluate({ order, payment }) {
    if (payment.backing !== 'own') return notApplicable;
    if (order.serverId === null || !hasFailedRenewal(payment)) return passed;
    const { subscription } = payment;
    const newest = newestRenewal(payment);
    const invoice = newest === null || newest.status === 'paid' ? null : newest;
    const amount = invoice === null ? null : formatMoney(invoice.amountDueCents, invoice.currency);
    const attemptCount = invoice?.attemptCount ?? 0;
    const evidence: EvidenceItem[] = [];
    if (invoice !== null) {
      evidence.push({
        source: 'stripe',
        at: invoice.createdAt,
        text: `Renewal invoice ${invoice.id} is ${invoice.status}: ${amount ?? 'amount unknown'}, ${attemptsInWords(attemptCount)}`,
        ref: { kind: 'invoice', id: invoice.id },
      });
    }
    if (subscription !== null) {
      evidence.push({
        source: 'stripe',
        at: null,
        text: `Subscription ${subscription.id} is ${subscription.status}`,
        ref: { kind: 'subscription', id: subscription.id },
      });
    }
    evidence.push({
      source: 'supabase',
      at: order.updatedAt,
      text: `Order status error, with server ${order.serverId}`,
      ref: { kind: 'order', id: order.id },
    });
    return found<Facts>({
      facts: { serverId: order.serverId, amount, attemptCount, subscriptionStatus: subscription?.status ?? null },
      confidence: 'confirmed',
      evidence,
    });
  },
  explain: ({ serverId, amount, attemptCount, subscriptionStatus }) => ({
    what:
      `The order is in "error" because a renewal ${amount === null ? '' : `of ${amount} `}failed` +
      `${attemptCount === 0 ? '' : ` (${attemptsInWords(attemptCount)})`}` +
      `${subscriptionStatus === null ? '' : `; the subscription is ${subscriptionStatus}`}.`,
    why: `Server ${serverId} was made long ago and provisioning did not fail: running it again would make a second server.`,
    next: 'Ask the customer to pay the open invoice or to change the payment method; never retry provisioning.',
  }),
  tellCustomer: () =>
    'The latest renewal payment for your server did not go through. Please check your payment method and pay the open invoice; you do not need to order again.',
  remediation: null,
});

function attemptsInWords(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`;
}
