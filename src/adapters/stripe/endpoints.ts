import type { EndpointWriter } from '../../core/action-ports.ts';
import type { WebhookEndpoint } from '../../core/evidence.ts';
import type { PaymentReader } from '../../core/ports.ts';
import { fail } from '../../core/result.ts';
import { isPlainId, listPages, type StripeApi } from './api.ts';
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

/** Switches an endpoint on again. */
export function createEndpointWrites(api: StripeApi): EndpointWriter {
  return {
    async enable(endpointId, signal) {
      if (!isPlainId(endpointId)) {
        return fail({ source: 'stripe', kind: 'endpoint-missing', path: '/v1/webhook_endpoints' });
      }
      return api.write(signal, async (stripe, once) => {
        endpointShape.parse(await stripe.webhookEndpoints.update(endpointId, { disabled: false }, once));
      });
    },
  };
}
