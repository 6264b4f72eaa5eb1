import { z } from 'zod';
import type { EventReader } from '../../core/action-ports.ts';
import type { StripeEvent } from '../../core/evidence.ts';
import type { PaymentReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { isPlainId, type Listing, listPages, type StripeApi } from './api.ts';
import { eventShape } from './shapes.ts';

const HOUR_MS = 3_600_000;
/** Events can be listed for 30 days: https://docs.stripe.com/api/events/list. One day more for clocks that differ. */
const KEPT_MS = 31 * 24 * HOUR_MS;
/** A session is open for 24 hours at most, and its completed event is made in the moment it completes. */
const COMPLETED_WITHIN_MS = 25 * HOUR_MS;
const MAX_PAGES = 5;

/** The events Stripe keeps. */
export function createEventReads(api: StripeApi): Pick<PaymentReader, 'completedEventOf'> {
  return {
    async completedEventOf(session, signal) {
      const madeAt = session.createdAt.getTime();
      if (madeAt < Date.now() - KEPT_MS) return succeed(null);
      const isOfSession = (event: StripeEvent): boolean => event.objectId === session.id;
      const listing = await api.read<Listing<StripeEvent>>(signal, { items: [], isWhole: true }, (stripe) =>
        listPages(
          eventShape,
          MAX_PAGES,
          (page) =>
            stripe.events.list({
              type: 'checkout.session.completed',
              created: { gte: seconds(madeAt), lte: seconds(madeAt + COMPLETED_WITHIN_MS) },
              ...page,
            }),
          isOfSession,
        ),
      );
      if (!listing.ok) return listing;
      const found = listing.value.items.find(isOfSession);
      if (found !== undefined) return succeed(found);
      if (listing.value.isWhole) return succeed(null);
      return fail({ source: 'stripe', kind: 'not-provided', what: 'the event of one checkout on a day with so many' });
    },
  };
}

/** Events whole, as they are delivered. */
export function createPayloadReads(api: StripeApi): EventReader {
  return {
    async payloadOf(eventId, signal) {
      if (!isPlainId(eventId)) return succeed(null);
      return api.read<string | null>(signal, null, async (stripe) => {
        const event = await stripe.events.retrieve(eventId);
        // Nothing else may ever be signed and delivered as an event.
        storedEvent.parse(event);
        return JSON.stringify(event);
      });
    },
  };
}

const storedEvent = eventShape.and(z.object({ object: z.literal('event') }));

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
