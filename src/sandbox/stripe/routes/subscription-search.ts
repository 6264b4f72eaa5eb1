import type { Hono } from 'hono';
import { invalidValue } from '../errors.ts';
import { newestFirst } from '../paging.ts';
import { asInteger, asText, rejectUnknown } from '../params.ts';
import { queryOf, type StripeRoutes } from '../resource.ts';
import { isInMode } from '../scope.ts';
import type { Subscription } from '../shapes.ts';

const path = '/v1/subscriptions/search';

/**
 * https://docs.stripe.com/api/subscriptions/search, with the clauses on metadata only and an index that is never
 * behind. Serve it before `/v1/subscriptions/:id`.
 */
export function serveSubscriptionSearch(app: Hono<StripeRoutes>): void {
  app.get(path, (c) => {
    const scope = c.get('scope');
    scope.key.require('rak_subscription_read');
    const params = queryOf(c.req.url);
    rejectUnknown(params, ['query', 'limit', 'page', 'expand']);
    const clauses = parseQuery(asText(params.get('query') ?? '', 'query'));
    const limit = asInteger(params.get('limit') ?? '10', 'limit');
    const from = asInteger(params.get('page') ?? '0', 'page');
    if (limit < 1 || limit > 100) throw invalidValue('Invalid limit: must be between 1 and 100', 'limit');
    const matching = newestFirst(scope.state.subscriptions.values()).filter(
      (subscription) => isInMode(subscription, scope) && clauses.every((matches) => matches(subscription)),
    );
    const hasMore = matching.length > from + limit;
    return c.json({
      object: 'search_result',
      data: matching.slice(from, from + limit),
      has_more: hasMore,
      next_page: hasMore ? String(from + limit) : null,
      url: path,
    });
  });
}

function parseQuery(query: string): ((subscription: Subscription) => boolean)[] {
  return query.split(/\s+AND\s+/).map((clause) => {
    const [, name, value] = /^metadata\[(?:'|")([^'"]+)(?:'|")\]:(?:'|")([^'"]*)(?:'|")$/.exec(clause.trim()) ?? [];
    if (name === undefined || value === undefined) {
      throw invalidValue('We were unable to parse your search query.', 'query');
    }
    return (subscription) => subscription.metadata[name] === value;
  });
}
