import type { StripeEvent } from '../../core/evidence.ts';
import type { PaymentOverview } from '../../core/overview.ts';
import { listPages, type StripeApi } from './api.ts';
import { eventShape, pageOf, sessionShape } from './shapes.ts';

/** Five hundred purchases; what lies beyond is said to be left out. */
const MAX_PAGES = 5;

/** The newest purchases, whoever made them. */
export function createOverviewReads(api: StripeApi): PaymentOverview {
  return {
    recentSessions: (since, signal) =>
      api.read(signal, { sessions: [], isWhole: true }, async (stripe) => {
        const { items, isWhole } = await listPages(sessionShape, MAX_PAGES, (page) =>
          stripe.checkout.sessions.list({
            status: 'complete',
            created: { gte: Math.floor(since.getTime() / 1000) },
            ...page,
          }),
        );
        return { sessions: items, isWhole };
      }),
    recentEvents: (limit, signal) =>
      api.read<readonly StripeEvent[]>(signal, [], async (stripe) => {
        const { data } = pageOf(eventShape).parse(
          await stripe.events.list({ type: 'checkout.session.completed', limit }),
        );
        return data;
      }),
  };
}
