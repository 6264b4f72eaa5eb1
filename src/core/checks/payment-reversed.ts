import { defineCheck, type Explanation, found, type Found, notApplicable, passed } from '../check.ts';
import type { Charge, Payment, Subscription } from '../evidence.ts';
import { formatMoney } from '../money.ts';
import type { EvidenceItem } from '../reading.ts';
import { unreachable } from '../result.ts';

type Facts =
  | { readonly kind: 'refunded'; readonly amount: string }
  /** `status` null: Stripe says that there is a dispute, and not how it stands. */
  | { readonly kind: 'disputed'; readonly amount: string; readonly status: string | null }
  | { readonly kind: 'ended'; readonly subscriptionId: string; readonly status: string; readonly on: string | null }
  | { readonly kind: 'partly-refunded'; readonly refunded: string; readonly amount: string }
  | { readonly kind: 'ending'; readonly subscriptionId: string; readonly on: string | null };

/** Disputes over which nothing more is taken back; `lost` is none of them, the money is gone. */
const settledDisputes: readonly (string | null)[] = ['won', 'warning_closed', 'prevented'];

export const paymentReversed = defineCheck({
  id: 'payment-reversed',
  code: 'PAY-004',
  stage: 'payment',
  role: 'cause',
  severity: 'warning',
  title: 'The payment was taken back or the subscription has ended',
  on: ['order', 'session'],
  needs: ['payment'],
  // An order that says so itself is no news.
  appliesTo: (subject) => subject.kind === 'session' || subject.order.status !== 'canceled',
  evaluate({ payment }, subject) {
    if (subject.kind === 'order' && payment.backing !== 'own') return notApplicable;
    const reversal = reversalOf(payment) ?? endOf(payment.subscription) ?? noticeOf(payment);
    if (reversal !== null) return reversal;
    return payment.charges.length === 0 && payment.subscription === null && payment.session === null
      ? notApplicable
      : passed;
  },
  explain,
  tellCustomer: (facts) => {
    switch (facts.kind) {
      case 'refunded':
        return 'The payment for this order was refunded, so the order has ended. If you did not expect that, please write to us.';
      case 'disputed':
        return 'A question about the payment of this order was raised with the bank, and it has to be settled first. Please write to us if you did not expect that.';
      case 'ended':
        return 'The subscription of this order has ended. If you did not expect that, please write to us.';
      case 'partly-refunded':
        return 'A part of your payment was refunded. Your order goes on as before; you do not need to do anything.';
      case 'ending':
        return 'Your subscription is set to end with the period that is paid. Until then nothing changes; if you did not expect that, please write to us.';
      default:
        return unreachable(facts);
    }
  },
  remediation: null,
});

function reversalOf({ charges }: Payment): Found<Facts> | null {
  const latest = latestOf(charges);
  if (latest?.refunded === true) {
    return reversed(
      { kind: 'refunded', amount: amountOf(latest) },
      chargeEvidence(latest, `is refunded in full: ${amountOf(latest)}`),
    );
  }
  // An open dispute weighs whichever period it is about; a lost one only when it is about the present period.
  const disputed = charges.find(isOpenlyDisputed) ?? (latest?.disputeStatus === 'lost' ? latest : null);
  if (disputed === null) return null;
  return reversed(
    { kind: 'disputed', amount: amountOf(disputed), status: disputed.disputeStatus },
    chargeEvidence(
      disputed,
      `is disputed: ${amountOf(disputed)}, ${disputed.disputeStatus ?? 'its state was not read'}`,
    ),
  );
}

function endOf(subscription: Subscription | null): Found<Facts> | null {
  if (subscription === null) return null;
  const { id, status, endedAt, canceledAt } = subscription;
  if (status !== 'canceled' && status !== 'incomplete_expired' && endedAt === null) return null;
  const at = endedAt ?? canceledAt;
  return reversed(
    { kind: 'ended', subscriptionId: id, status, on: dayOf(at) },
    { source: 'stripe', at, text: `Subscription ${id} is ${status}`, ref: { kind: 'subscription', id } },
  );
}

function noticeOf({ charges, subscription }: Payment): Found<Facts> | null {
  const latest = latestOf(charges);
  if (latest !== null && latest.amountRefundedCents > 0) {
    const refunded = money(latest.amountRefundedCents, latest.currency);
    return notice(
      { kind: 'partly-refunded', refunded, amount: amountOf(latest) },
      chargeEvidence(latest, `is refunded in part: ${refunded} of ${amountOf(latest)}`),
    );
  }
  if (subscription === null || !subscription.cancelAtPeriodEnd) return null;
  const on = dayOf(subscription.currentPeriodEndAt);
  return notice(
    { kind: 'ending', subscriptionId: subscription.id, on },
    {
      source: 'stripe',
      at: subscription.canceledAt,
      text: `Subscription ${subscription.id} ends with its period${on === null ? '' : ` on ${on}`}`,
      ref: { kind: 'subscription', id: subscription.id },
    },
  );
}

function reversed(facts: Facts, evidence: EvidenceItem): Found<Facts> {
  return found({ facts, confidence: 'confirmed', evidence: [evidence] });
}

function notice(facts: Facts, evidence: EvidenceItem): Found<Facts> {
  return found({ facts, confidence: 'confirmed', role: 'notice', severity: 'notice', evidence: [evidence] });
}

function latestOf(charges: readonly Charge[]): Charge | null {
  const collected = charges.filter((charge) => charge.status === 'succeeded');
  return collected.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0] ?? null;
}

function isOpenlyDisputed(charge: Charge): boolean {
  return charge.disputed && charge.disputeStatus !== 'lost' && !settledDisputes.includes(charge.disputeStatus);
}

function amountOf(charge: Charge): string {
  return money(charge.amountCents, charge.currency);
}

function money(amountCents: number, currency: string | null): string {
  return formatMoney(amountCents, currency) ?? 'an unknown amount';
}

function dayOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString().slice(0, 10);
}

function chargeEvidence(charge: Charge, text: string): EvidenceItem {
  return { source: 'stripe', at: null, text: `Charge ${charge.id} ${text}`, ref: { kind: 'charge', id: charge.id } };
}

const neverProvision = 'Do not provision; cancel the order, and decide what becomes of its server if it has one.';

function explain(facts: Facts): Explanation {
  switch (facts.kind) {
    case 'refunded':
      return {
        what: `The payment of ${facts.amount} was refunded in full; the order does not know it.`,
        why: 'Nothing is owed any more, and a server made now would be given away.',
        next: neverProvision,
      };
    case 'disputed':
      return {
        what:
          facts.status === 'lost'
            ? `The dispute over the payment of ${facts.amount} was lost: the money is gone.`
            : `The payment of ${facts.amount} is disputed${facts.status === null ? '' : ` (${facts.status})`}.`,
        why: 'The bank takes a disputed payment back until the dispute is won.',
        next:
          facts.status === 'lost'
            ? neverProvision
            : 'Answer the dispute in Stripe, and provision nothing until it is settled.',
      };
    case 'ended':
      return {
        what: `Subscription ${facts.subscriptionId} is ${facts.status}${facts.on === null ? '' : ` since ${facts.on}`}; the order does not know it.`,
        why: 'Nothing more will be paid for this order.',
        next: neverProvision,
      };
    case 'partly-refunded':
      return {
        what: `${facts.refunded} of ${facts.amount} was refunded.`,
        why: 'A partial refund is often a gesture and ends nothing.',
        next: 'Nothing needs to be done; read the reason of the refund in Stripe if in doubt.',
      };
    case 'ending':
      return {
        what: `Subscription ${facts.subscriptionId} is set to end${facts.on === null ? ' with its period' : ` on ${facts.on}`}.`,
        why: 'Until then it is paid, and the customer may use the server.',
        next: 'Nothing needs to be done; the order is canceled when the subscription ends.',
      };
    default:
      return unreachable(facts);
  }
}
