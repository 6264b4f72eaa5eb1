import type { WebhookEndpoint } from '../../core/evidence.ts';
import type { PaymentReader } from '../../core/ports.ts';
import { listPages, type StripeApi } from './api.ts';
import { endpointShape } from './shapes.ts';

/** An account has 16 endpoints at most: https://docs.stripe.com/webhooks */
const MAX_PAGES = 2;

/** The account's webhook endpoints in the key's mode. */
export function createEndpointReads(api: StripeApi): Pick<PaymentReader, 'endpoints'> {
  return {
    endpoints: (signal) =>
      api.read<readonly WebhookEndpoint[]>(signal, [], async (stripe) => {
        const listing = await listPages(endpointShape, MAX_PAGES, (page) => stripe.webhookEndpoints.list(page));
        return listing.items;
      }),
  };
}
