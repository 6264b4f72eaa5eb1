import type { Stripe } from 'stripe';
import type { Charge, Subscription } from '../../core/evidence.ts';
import type { Answer, Billing, PaymentReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { isPlainId, type Listing, listPages, type StripeApi } from './api.ts';
import { chargeShape, disputeShape, invoiceShape, type Page, pageOf, payerShape, subscriptionShape } from './shapes.ts';

const MAX_PAGES = 5;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Subscriptions, invoices and charges: whether the money came and stayed. */
export function createBillingReads(
  api: StripeApi,
): Pick<PaymentReader, 'subscription' | 'subscriptionsOfPerson' | 'billingOf' | 'customerOfPaymentIntent'> {
  /** All of it, or a failure: a refund that was not read must not look like none. */
  async function listWhole<T>(
    signal: AbortSignal,
    what: string,
    work: (stripe: Stripe) => Promise<Listing<T>>,
  ): Answer<readonly T[]> {
    const listing = await api.read<Listing<T>>(signal, { items: [], isWhole: true }, work);
    if (!listing.ok) return listing;
    if (listing.value.isWhole) return succeed(listing.value.items);
    return fail({ source: 'stripe', kind: 'not-provided', what: `all ${what} of a customer with so many of them` });
  }

  /** `null` when the key may not read disputes: that there is one is known from the charge. */
  async function disputeStatusOf(charge: Charge, signal: AbortSignal): Answer<string | null> {
    const status = await api.read<string | null>(signal, null, async (stripe) => {
      const disputes = pageOf(disputeShape).parse(await stripe.disputes.list({ charge: charge.id }));
      return disputes.data[0]?.status ?? null;
    });
    return !status.ok && status.failure.kind === 'not-permitted' ? succeed(null) : status;
  }

  async function chargesOf(customer: string, signal: AbortSignal): Answer<readonly Charge[]> {
    const charges = await listWhole(signal, 'charges', (stripe) =>
      listPages(chargeShape, MAX_PAGES, (page) => stripe.charges.list({ customer, ...page })),
    );
    if (!charges.ok) return charges;
    const withDisputes: Charge[] = [];
    for (const charge of charges.value) {
      const status = charge.disputed ? await disputeStatusOf(charge, signal) : succeed(null);
      if (!status.ok) return status;
      withDisputes.push({ ...charge, disputeStatus: status.value });
    }
    return succeed(withDisputes);
  }

  return {
    async subscription(subscriptionId, signal) {
      if (!isPlainId(subscriptionId)) return succeed(null);
      return api.read<Subscription | null>(signal, null, async (stripe) =>
        subscriptionShape.parse(await stripe.subscriptions.retrieve(subscriptionId)),
      );
    },

    async customerOfPaymentIntent(paymentIntentId, signal) {
      if (!isPlainId(paymentIntentId)) return succeed(null);
      // Read from its charges, which a restricted key has to be allowed to read anyway.
      return api.read<string | null>(signal, null, async (stripe) => {
        const charges = pageOf(payerShape).parse(await stripe.charges.list({ payment_intent: paymentIntentId }));
        return charges.data.find(({ customer }) => customer !== null)?.customer ?? null;
      });
    },

    async subscriptionsOfPerson(userId, signal) {
      // Only a uuid may enter the query: its language has quotes and operators.
      if (!uuid.test(userId)) return succeed([]);
      return listWhole(signal, 'subscriptions', (stripe) => searchSubscriptions(stripe, userId));
    },

    async billingOf(customer, signal) {
      if (!isPlainId(customer)) return succeed<Billing>({ subscriptions: [], invoices: [], charges: [] });
      const [subscriptions, invoices, charges] = await Promise.all([
        listWhole(signal, 'subscriptions', (stripe) =>
          listPages(subscriptionShape, MAX_PAGES, (page) =>
            stripe.subscriptions.list({ customer, status: 'all', ...page }),
          ),
        ),
        listWhole(signal, 'invoices', (stripe) =>
          listPages(invoiceShape, MAX_PAGES, (page) =>
            stripe.invoices.list({ customer, expand: ['data.payments'], ...page }),
          ),
        ),
        chargesOf(customer, signal),
      ]);
      if (!charges.ok) return charges;
      if (!invoices.ok) return invoices;
      if (!subscriptions.ok) return subscriptions;
      return succeed<Billing>({
        subscriptions: subscriptions.value,
        invoices: invoices.value,
        charges: charges.value,
      });
    },
  };
}

/** https://docs.stripe.com/search */
async function searchSubscriptions(stripe: Stripe, userId: string): Promise<Listing<Subscription>> {
  const items: Subscription[] = [];
  let next: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const found: Page<Subscription> = pageOf(subscriptionShape).parse(
      await stripe.subscriptions.search({
        query: `metadata['user_id']:'${userId}'`,
        limit: 100,
        ...(next === null ? {} : { page: next }),
      }),
    );
    items.push(...found.data);
    next = found.next_page;
    if (!found.has_more || next === null) return { items, isWhole: !found.has_more };
  }
  return { items, isWhole: false };
}
