import type { StripeMode } from '../../core/evidence.ts';
import type { PaymentReader } from '../../core/ports.ts';
import { createStripeApi, type StripeConfig } from './api.ts';
import { createBillingReads } from './billing.ts';
import { createEndpointReads } from './endpoints.ts';
import { createEventReads } from './events.ts';
import { createSessionReads } from './sessions.ts';

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

function modeOf(secretKey: string): StripeMode {
  const mode = /^[sr]k_(test|live)_/.exec(secretKey)?.[1];
  if (mode !== 'test' && mode !== 'live') throw new Error('The Stripe key begins with neither sk_ nor rk_ and a mode.');
  return mode;
}
