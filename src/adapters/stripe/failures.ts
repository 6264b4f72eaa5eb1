import { Stripe } from 'stripe';
import { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import { plainErrorCode } from '../error-code.ts';
import { retryAfterMsOf } from '../http.ts';

/** What was seen on the wire in one call: its latest request and the answer to it. */
export interface Trace {
  path: string;
  answer: { readonly status: number; readonly headers: Headers } | null;
}

/** Whether Stripe says that an object of the request does not exist in this mode. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';
}

/** Names what went wrong, by status and code. An error that is not Stripe's or the network's is thrown on. */
export function failureOf(error: unknown, trace: Trace): UpstreamFailure {
  if (error instanceof z.ZodError) return unexpectedShape(trace);
  if (!(error instanceof Stripe.errors.StripeError)) {
    // The client library stumbles over JSON that is not an object: only then was there an answer at all.
    if (trace.answer !== null) return unexpectedShape(trace);
    throw error;
  }
  if (error instanceof Stripe.errors.StripeConnectionError) return { source: 'stripe', kind: 'unreachable' };
  // The library keeps no status of an answer that is not JSON, for example a proxy's error page.
  const status = error.statusCode ?? trace.answer?.status;
  return status === undefined || status < 400 ? unexpectedShape(trace) : refusal(error, status, trace);
}

function refusal(error: Stripe.errors.StripeError, status: number, trace: Trace): UpstreamFailure {
  if (status === 401) return { source: 'stripe', kind: 'credentials-rejected' };
  if (status === 403) return { source: 'stripe', kind: 'not-permitted', scope: scopeOf(error) };
  if (status === 404) return { source: 'stripe', kind: 'endpoint-missing', path: trace.path };
  if (status === 429 || error instanceof Stripe.errors.StripeRateLimitError) {
    const retryAfter = trace.answer?.headers.get('retry-after') ?? undefined;
    return { source: 'stripe', kind: 'rate-limited', retryAfterMs: retryAfterMsOf(retryAfter) };
  }
  if (status >= 500) return { source: 'stripe', kind: 'upstream-broken', status };
  return { source: 'stripe', kind: 'request-refused', status, code: plainErrorCode(error.code) };
}

/** Which permission a restricted key lacks stands in the message only: https://docs.stripe.com/keys/restricted-api-keys */
function scopeOf({ message }: Stripe.errors.StripeError): string | null {
  return /'(rak_\w+)'/.exec(message)?.[1] ?? null;
}

function unexpectedShape({ path }: Trace): UpstreamFailure {
  return { source: 'stripe', kind: 'unexpected-shape', path };
}
