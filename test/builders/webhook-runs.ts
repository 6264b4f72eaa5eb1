import type { FunctionExecution } from '../../src/core/evidence.ts';
import { ago, HOUR, MINUTE } from './time.ts';

/** A run of `stripe-webhook` right after the builders' checkout was completed; answered 200 unless told otherwise. */
export function aDelivery(
  input: { readonly at?: Date; readonly status?: number; readonly line?: string } = {},
): FunctionExecution {
  const at = input.at ?? ago(HOUR + 2 * MINUTE - 1000);
  return {
    executionId: `exec-delivery-${at.getTime()}`,
    slug: 'stripe-webhook',
    startedAt: at,
    status: input.status ?? 200,
    durationMs: 400,
    lines: input.line === undefined ? [] : [{ at, level: 'error', text: input.line }],
  };
}

/** A delivery whose signature the function refused. */
export function aRefusedSignature(at?: Date): FunctionExecution {
  const line = 'Webhook signature verification failed: StripeSignatureVerificationError: No signatures found matching';
  return aDelivery({ ...(at === undefined ? {} : { at }), status: 400, line });
}

/** A delivery during which the function asked Stripe for an object of the other mode. */
export function aModeClash(): FunctionExecution {
  const line =
    "Webhook error: Error: No such subscription: 'sub_ann'; a similar object exists in test mode, but a live mode key was used";
  return aDelivery({ status: 500, line });
}
