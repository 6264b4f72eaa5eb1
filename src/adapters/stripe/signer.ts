import { Stripe } from 'stripe';

/** The `Stripe-Signature` header of a payload that is sent now. It holds for this text and no other. */
export type EventSigner = (payload: string, now: Date) => string;

/** Signs as the owner of the endpoint's signing secret: https://docs.stripe.com/webhooks/signature */
export function createEventSigner(webhookSecret: string): EventSigner {
  return (payload, now) =>
    Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: webhookSecret,
      timestamp: Math.floor(now.getTime() / 1000),
    });
}
