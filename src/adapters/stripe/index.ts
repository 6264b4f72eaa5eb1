import type { EndpointWriter, EventReader } from '../../core/action-ports.ts';
import type { PaymentOverview } from '../../core/overview.ts';
import type { PaymentReader } from '../../core/ports.ts';
import { createStripeApi, type StripeConfig } from './api.ts';
import { createBillingReads } from './billing.ts';
import { createEndpointReads, createEndpointWrites } from './endpoints.ts';
import { createEventReads, createPayloadReads } from './events.ts';
import { modeOf } from './mode.ts';
import { createOverviewReads } from './overview.ts';
import { createSessionReads } from './sessions.ts';

export { createStripeProber, type StripeProberConfig } from './prober.ts';
export { createEventSigner, type EventSigner } from './signer.ts';

/** Reads payments from Stripe. No address that Stripe names is ever asked. */
export function createPaymentReader(config: StripeConfig): PaymentReader {
  const mode = modeOf(config.secretKey);
  const api = createStripeApi(config);
  return {
    mode,
    ...createSessionReads(api),
    ...createBillingReads(api),
    ...createEventReads(api),
    ...createEndpointReads(api),
  };
}

/** Looks at the newest purchases of the whole account. */
export function createPaymentOverview(config: StripeConfig): PaymentOverview {
  return createOverviewReads(createStripeApi(config));
}

/** Reads whole events, to be delivered again. */
export function createEventReader(config: StripeConfig): EventReader {
  return createPayloadReads(createStripeApi(config));
}

/** Switches webhook endpoints on; a restricted key needs `rak_webhook_write` for it. */
export function createEndpointWriter(config: StripeConfig): EndpointWriter {
  return createEndpointWrites(createStripeApi(config));
}
