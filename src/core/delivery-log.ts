import type { Moment } from './entry.ts';
import type { CheckoutSession, FunctionExecution, StripeEvent } from './evidence.ts';
import { known, type Reading, unknown } from './reading.ts';

/** Why `stripe-webhook` refused a delivery, read from its anchored, known lines. */
export type DeliveryRefusal =
  | { readonly kind: 'signature' }
  | { readonly kind: 'mode' }
  | { readonly kind: 'gateway-needs-key' }
  | { readonly kind: 'not-deployed' }
  | { readonly kind: 'crashed'; readonly status: number }
  | { readonly kind: 'other'; readonly status: number; readonly text: string | null };

/** A run of `stripe-webhook` that did not answer 2xx while the session's event was being delivered. */
export interface RefusedDelivery {
  readonly refusal: DeliveryRefusal;
  readonly at: Date;
  readonly executionId: string;
  readonly line: string | null;
}

/** Stripe delivers at once, then again with growing gaps; the first attempts are the ones looked for. */
const deliveryWindowMs = 3 * 60 * 60_000;

/**
 * Refused runs of the webhook function that fit the event in time, oldest first. No line names the event, and
 * anybody may post to the function: by itself such a run is never more than likely.
 */
function refusedDeliveries(
  event: StripeEvent | null,
  session: CheckoutSession,
  executions: readonly FunctionExecution[],
): readonly RefusedDelivery[] {
  return runsInWindow(event, session, executions)
    .filter((run) => run.status !== null && run.status >= 400)
    .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
    .map((run) => {
      const { refusal, line } = classifyRefusal(run);
      return { refusal, at: run.startedAt, executionId: run.executionId, line };
    });
}

/**
 * The refusals as a reading. Logs without a single run of the function from that time (not kept that long, or nothing
 * was delivered) are silent, and silence must not be read as "nothing was refused".
 */
export function readRefusals(
  event: StripeEvent | null,
  session: CheckoutSession,
  executions: Reading<readonly FunctionExecution[]>,
): Reading<readonly RefusedDelivery[]> {
  if (executions.kind === 'unknown') return executions;
  if (runsInWindow(event, session, executions.value).length === 0) {
    return unknown({ source: 'logs', kind: 'not-provided', what: 'any run of stripe-webhook around this purchase' });
  }
  return known(refusedDeliveries(event, session, executions.value));
}

/** Whether the checkout is so young that its delivery may simply not have happened, or not be logged, yet. */
export function awaitsDelivery(event: StripeEvent | null, session: CheckoutSession, moment: Moment): boolean {
  const since = event?.createdAt ?? session.createdAt;
  return moment.now.getTime() - since.getTime() < moment.grace.paidMs;
}

function runsInWindow(
  event: StripeEvent | null,
  session: CheckoutSession,
  executions: readonly FunctionExecution[],
): readonly FunctionExecution[] {
  const since = (event?.createdAt ?? session.createdAt).getTime() - 5_000;
  return executions
    .filter((run) => run.slug === 'stripe-webhook')
    .filter((run) => run.startedAt.getTime() >= since && run.startedAt.getTime() <= since + deliveryWindowMs);
}

function classifyRefusal(run: FunctionExecution): { readonly refusal: DeliveryRefusal; readonly line: string | null } {
  // The platform's own word at the end of a run says nothing about why.
  const lines = run.lines.filter((line) => line.text.trim() !== 'shutdown');
  const texts = lines.map((line) => line.text.trim());
  const status = run.status ?? 0;
  const signature = texts.find((text) => text.startsWith('Webhook signature verification failed'));
  if (signature !== undefined) return { refusal: { kind: 'signature' }, line: signature };
  const mode = texts.find((text) =>
    /a similar object exists in (?:live|test) mode, but a (?:live|test) mode key/.test(text),
  );
  if (mode !== undefined) return { refusal: { kind: 'mode' }, line: mode };
  if (status === 401) return { refusal: { kind: 'gateway-needs-key' }, line: null };
  if (status === 404 && texts.length === 0) return { refusal: { kind: 'not-deployed' }, line: null };
  if (status === 503 || status === 504 || status === 546) return { refusal: { kind: 'crashed', status }, line: null };
  const errors = lines.filter((line) => line.level === 'error').map((line) => line.text.trim());
  const line = errors.at(-1) ?? texts.at(-1) ?? null;
  return { refusal: { kind: 'other', status, text: line }, line };
}
