import type { Hono } from 'hono';
import { exclusiveParameters, invalidValue } from '../errors.ts';
import { createdFilter } from '../filters.ts';
import { asBoolean, asList, asText } from '../params.ts';
import { serveResource, type StripeRoutes } from '../resource.ts';

/** Events can be listed and retrieved for 30 days: https://docs.stripe.com/api/events/list */
const KEPT_S = 30 * 24 * 3600;
const MAX_TYPES = 20;

/** https://docs.stripe.com/api/events/list */
export function serveEvents(app: Hono<StripeRoutes>): void {
  serveResource(app, {
    collection: 'events',
    path: '/v1/events',
    filters: {
      created: createdFilter,
      delivery_success(value, name) {
        const isDelivered = asBoolean(value, name);
        return (event) => (event.pending_webhooks === 0) === isDelivered;
      },
      type(value, name) {
        const pattern = asText(value, name);
        return (event) => matchesType(event.type, pattern);
      },
      types(value, name) {
        const types = asList(value, name);
        if (types.length > MAX_TYPES) {
          throw invalidValue(`Array must have no more than ${MAX_TYPES} elements.`, name);
        }
        return (event) => types.includes(event.type);
      },
    },
    checkParams(params) {
      if (params.has('type') && params.has('types')) throw exclusiveParameters('type', 'types');
    },
    isServed: (event, scope) => event.created > scope.nowS - KEPT_S,
  });
}

/** `checkout.session.*` stands for the whole group, `*` for everything. */
function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
