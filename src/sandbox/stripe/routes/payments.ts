import type { Hono } from 'hono';
import { createdFilter, refersTo } from '../filters.ts';
import { serveResource, type StripeRoutes } from '../resource.ts';

/** Payment intents, charges, refunds and disputes: https://docs.stripe.com/api/payment_intents/list and its neighbours. */
export function servePayments(app: Hono<StripeRoutes>): void {
  serveResource(app, {
    collection: 'paymentIntents',
    path: '/v1/payment_intents',
    filters: { created: createdFilter, customer: refersTo('customers', (intent) => intent.customer) },
  });

  serveResource(app, {
    collection: 'charges',
    path: '/v1/charges',
    filters: {
      created: createdFilter,
      customer: refersTo('customers', (charge) => charge.customer),
      payment_intent: refersTo('paymentIntents', (charge) => charge.payment_intent),
    },
  });

  serveResource(app, {
    collection: 'refunds',
    path: '/v1/refunds',
    filters: {
      created: createdFilter,
      charge: refersTo('charges', (refund) => refund.charge),
      payment_intent: refersTo('paymentIntents', (refund) => refund.payment_intent),
    },
  });

  serveResource(app, {
    collection: 'disputes',
    path: '/v1/disputes',
    filters: {
      created: createdFilter,
      charge: refersTo('charges', (dispute) => dispute.charge),
      payment_intent: refersTo('paymentIntents', (dispute) => dispute.payment_intent),
    },
  });
}
