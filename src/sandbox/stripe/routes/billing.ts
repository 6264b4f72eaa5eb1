import type { Hono } from 'hono';
import { createdFilter, refersTo } from '../filters.ts';
import { asOneOf, asTable, asText, rejectUnknown } from '../params.ts';
import { serveResource, type StripeRoutes } from '../resource.ts';
import { serveSubscriptionSearch } from './subscription-search.ts';

const ended = ['canceled', 'incomplete_expired'];
const subscriptionStatuses = [
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'trialing',
  'paused',
  'all',
  'ended',
];

/** Customers, subscriptions, invoices and their payments: https://docs.stripe.com/api/subscriptions/list and its neighbours. */
export function serveBilling(app: Hono<StripeRoutes>): void {
  serveResource(app, {
    collection: 'customers',
    path: '/v1/customers',
    filters: {
      created: createdFilter,
      // Case-sensitive: https://docs.stripe.com/api/customers/list
      email(value, name) {
        const email = asText(value, name);
        return (customer) => customer.email === email;
      },
    },
  });

  serveSubscriptionSearch(app);
  serveResource(app, {
    collection: 'subscriptions',
    path: '/v1/subscriptions',
    filters: {
      created: createdFilter,
      customer: refersTo('customers', (subscription) => subscription.customer),
      price(value, name) {
        const id = asText(value, name);
        return (subscription) => subscription.items.data.some((item) => item.price.id === id);
      },
      status(value, name) {
        const status = asOneOf(value, name, subscriptionStatuses);
        if (status === 'all') return () => true;
        if (status === 'ended') return (subscription) => ended.includes(subscription.status);
        return (subscription) => subscription.status === status;
      },
    },
    unlessFiltered: { status: (subscription) => subscription.status !== 'canceled' },
  });

  serveResource(app, {
    collection: 'invoices',
    path: '/v1/invoices',
    filters: {
      created: createdFilter,
      customer: refersTo('customers', (invoice) => invoice.customer),
      status(value, name) {
        const status = asOneOf(value, name, ['draft', 'open', 'paid', 'uncollectible', 'void']);
        return (invoice) => invoice.status === status;
      },
      subscription: refersTo('subscriptions', (invoice) => {
        const subscription = invoice.parent?.subscription_details?.subscription;
        return typeof subscription === 'string' ? subscription : null;
      }),
    },
  });

  serveResource(app, {
    collection: 'invoicePayments',
    path: '/v1/invoice_payments',
    filters: {
      created: createdFilter,
      invoice: refersTo('invoices', (payment) => payment.invoice),
      payment(value, name) {
        const table = asTable(value, name);
        rejectUnknown(table, ['type', 'payment_intent'], name);
        const type = asText(table.get('type') ?? '', `${name}[type]`);
        const intent = asText(table.get('payment_intent') ?? '', `${name}[payment_intent]`);
        return ({ payment }) => payment.type === type && payment.payment_intent === intent;
      },
      status(value, name) {
        const status = asOneOf(value, name, ['open', 'paid', 'canceled']);
        return (payment) => payment.status === status;
      },
    },
  });
}
