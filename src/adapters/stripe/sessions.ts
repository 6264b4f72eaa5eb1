import type { Stripe } from 'stripe';
import type { CheckoutSession } from '../../core/evidence.ts';
import type { Answer, PaymentReader, StripeCustomer } from '../../core/ports.ts';
import { succeed } from '../../core/result.ts';
import { isPlainId, listPages, type StripeApi } from './api.ts';
import { customerShape, sessionShape } from './shapes.ts';

/** Enough for any person; who has more checkouts than this is shown the newest. */
const MAX_PAGES = 3;

type SessionReads = Pick<
  PaymentReader,
  | 'session'
  | 'sessionsByEmail'
  | 'sessionsByCustomer'
  | 'sessionsBySubscription'
  | 'sessionsByPaymentIntent'
  | 'customer'
  | 'customersByEmail'
>;

/** Checkout Sessions, and the customers they lead to. */
export function createSessionReads(api: StripeApi): SessionReads {
  async function list(
    signal: AbortSignal,
    filter: Stripe.Checkout.SessionListParams,
  ): Answer<readonly CheckoutSession[]> {
    return api.read<readonly CheckoutSession[]>(signal, [], async (stripe) => {
      const listing = await listPages(sessionShape, MAX_PAGES, (page) =>
        stripe.checkout.sessions.list({ ...filter, ...page }),
      );
      return listing.items;
    });
  }

  const listBy = async (
    id: string,
    signal: AbortSignal,
    filter: Stripe.Checkout.SessionListParams,
  ): Answer<readonly CheckoutSession[]> => (isPlainId(id) ? list(signal, filter) : succeed([]));

  return {
    async session(sessionId, signal) {
      if (!isPlainId(sessionId)) return succeed(null);
      return api.read<CheckoutSession | null>(signal, null, async (stripe) =>
        sessionShape.parse(await stripe.checkout.sessions.retrieve(sessionId)),
      );
    },
    sessionsByEmail: (email, signal) =>
      mergedByEmail(email, (spelling) => list(signal, { customer_details: { email: spelling } })).then((found) =>
        found.ok
          ? succeed([...found.value].sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime()))
          : found,
      ),
    sessionsByCustomer: (id, signal) => listBy(id, signal, { customer: id }),
    sessionsBySubscription: (id, signal) => listBy(id, signal, { subscription: id }),
    sessionsByPaymentIntent: (id, signal) => listBy(id, signal, { payment_intent: id }),

    async customer(customerId, signal) {
      if (!isPlainId(customerId)) return succeed(null);
      return api.read<StripeCustomer | null>(signal, null, async (stripe) => {
        const { isDeleted, ...customer } = customerShape.parse(await stripe.customers.retrieve(customerId));
        return isDeleted ? null : customer;
      });
    },
    customersByEmail: (email, signal) =>
      mergedByEmail(email, (spelling) =>
        api.read<readonly StripeCustomer[]>(signal, [], async (stripe) => {
          const { items } = await listPages(customerShape, MAX_PAGES, (page) =>
            stripe.customers.list({ email: spelling, ...page }),
          );
          return items.map(({ id, email }) => ({ id, email }));
        }),
      ),
  };
}

/** Stripe compares e-mails by case, so the address is asked for as typed and in lower case. */
async function mergedByEmail<T extends { readonly id: string }>(
  email: string,
  ask: (spelling: string) => Answer<readonly T[]>,
): Answer<readonly T[]> {
  const typed = email.trim();
  if (typed === '') return succeed([]);
  const answers = await Promise.all([...new Set([typed, typed.toLowerCase()])].map(ask));
  const found = new Map<string, T>();
  for (const answer of answers) {
    if (!answer.ok) return answer;
    for (const item of answer.value) found.set(item.id, item);
  }
  return succeed([...found.values()]);
}
