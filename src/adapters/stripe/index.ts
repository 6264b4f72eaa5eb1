import type { PaymentReader } from '../../core/ports.ts';
import { createStripeApi, type StripeConfig } from './api.ts';
import { createBillingReads } from './billing.ts';
import { createEndpointReads } from './endpoints.ts';
import { createEventReads } from './events.ts';
import { modeOf } from './mode.ts';
import { createSessionReads } from './sessions.ts';

export { createStripeProber, type StripeProberConfig } from './prober.ts';

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
