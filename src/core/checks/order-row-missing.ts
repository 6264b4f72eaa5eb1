import { progressOf } from '../checkout.ts';
import { defineCheck, found, passed } from '../check.ts';
import { awaitsDelivery } from '../delivery-log.ts';
import { inWords } from '../duration.ts';
import { formatMoney } from '../money.ts';
import { valueOrNull } from '../reading.ts';

interface Facts {
  readonly sessionId: string;
  /** "14.99 EUR"; `null` when Stripe names no amount. */
  readonly amount: string | null;
  /** Since it was paid, or begun where nobody could read when it was paid. */
  readonly ageMs: number;
  readonly since: 'paid' | 'begun';
}

/** Stripe keeps a checkout open no longer: an older one that is paid was paid some time ago. */
const longestOpenMs = 24 * 60 * 60_000;

export const orderRowMissing = defineCheck({
  id: 'order-row-missing',
  code: 'HOOK-007',
  stage: 'webhook',
  role: 'symptom',
  severity: 'critical',
  title: 'Paid in Stripe, but there is no order',
  on: ['session'],
  needs: ['sameSubscription'],
  uses: ['completedEvent'],
  appliesTo: ({ session }) => progressOf(session).kind === 'paid',
  evaluate({ sameSubscription, completedEvent }, { session }, moment) {
    const buyerId = session.metadata['user_id'];
    // Anybody can insert a row that names this subscription: only the buyer's own shows that the event arrived.
    if (sameSubscription.some((row) => buyerId === undefined || row.userId === buyerId)) return passed;
    const event = valueOrNull(completedEvent);
    if (awaitsDelivery(event, session, moment)) return passed;
    const since = event?.createdAt ?? session.createdAt;
    const ageMs = moment.now.getTime() - since.getTime();
    const isUntimed = completedEvent.kind === 'unknown';
    const amount = formatMoney(session.amountCents, session.currency);
    return found<Facts>({
      facts: { sessionId: session.id, amount, ageMs, since: isUntimed ? 'begun' : 'paid' },
      // Paid a moment ago for all that is known, it would only be on its way.
      confidence: isUntimed && ageMs <= longestOpenMs ? 'likely' : 'confirmed',
      evidence: [
        {
          source: 'stripe',
          at: since,
          text: `Checkout ${session.id} is ${session.status}, ${session.paymentStatus}${amount === null ? '' : `: ${amount}`}`,
          ref: { kind: 'session', id: session.id },
        },
        {
          source: 'supabase',
          at: null,
          text: `No order of the buyer names ${session.subscriptionId === null ? 'this checkout' : `subscription ${session.subscriptionId}`}`,
          ref: { kind: 'table', name: 'orders' },
        },
      ],
    });
  },
  explain: ({ sessionId, amount, ageMs, since }) => ({
    what:
      `Checkout ${sessionId}${amount === null ? '' : ` of ${amount}`}` +
      `${since === 'paid' ? ` was paid ${inWords(ageMs)} ago` : `, begun ${inWords(ageMs)} ago, is paid`}, and there is no order for it.`,
    why: 'The order is written when Stripe reports the checkout: that report was lost, refused or never sent, and Stripe may not send it again.',
    next: 'Remove the cause that stands beside this one, if any, then redeliver the event; never enter the order by hand while Stripe may still deliver it.',
  }),
  tellCustomer: () =>
    'Your payment has arrived, but your order has not been set up yet. We are looking into it; you do not need to pay again.',
  remediation: 'redeliver-webhook',
});
