import type { Hono } from 'hono';
import { createdFilter, refersTo } from '../filters.ts';
import { pageOf, pagingParams } from '../paging.ts';
import { asOneOf, asTable, asText, rejectUnknown } from '../params.ts';
import { queryOf, serveResource, type StripeRoutes } from '../resource.ts';
import { findRecord } from '../scope.ts';

/** https://docs.stripe.com/api/checkout/sessions/list */
export function serveCheckoutSessions(app: Hono<StripeRoutes>): void {
  serveResource(app, {
    collection: 'sessions',
    path: '/v1/checkout/sessions',
    filters: {
      created: createdFilter,
      customer: refersTo('customers', (session) => session.customer),
      customer_details(value, name) {
        const table = asTable(value, name);
        rejectUnknown(table, ['email'], name);
        const email = asText(table.get('email') ?? '', `${name}[email]`);
        return (session) => session.customer_details?.email === email;
      },
      payment_intent: refersTo('paymentIntents', (session) => session.payment_intent),
      payment_link(value, name) {
        const id = asText(value, name);
        return (session) => session.payment_link === id;
      },
      status(value, name) {
        const status = asOneOf(value, name, ['open', 'complete', 'expired']);
        return (session) => session.status === status;
      },
      subscription: refersTo('subscriptions', (session) => session.subscription),
    },
  });

  app.get('/v1/checkout/sessions/:id/line_items', (c) => {
    const scope = c.get('scope');
    scope.key.require('rak_checkout_session_read');
    const params = queryOf(c.req.url);
    rejectUnknown(params, pagingParams);
    const id = c.req.param('id');
    findRecord(scope, 'sessions', id, { param: 'session', status: 404 });
    const items = (scope.state.lineItems.get(id) ?? []).map((item) => ({ ...item, created: 0 }));
    const page = pageOf(items, params, {
      url: `/v1/checkout/sessions/${id}/line_items`,
      noun: 'item',
      cursorExists: (itemId) => items.find((item) => item.id === itemId) ?? null,
    });
    return c.json({ ...page, data: page.data.map(({ created: _created, ...item }) => item) });
  });
}
