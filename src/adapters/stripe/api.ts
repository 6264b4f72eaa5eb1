import { AsyncLocalStorage } from 'node:async_hooks';
import { Stripe } from 'stripe';
import type { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import { withDeadline } from '../deadline.ts';
import { failureOf, isMissing, type Trace } from './failures.ts';
import { pageOf } from './shapes.ts';

export interface StripeConfig {
  /** `sk_…` or `rk_…`; a restricted key that may only read is enough for everything but enabling an endpoint. */
  readonly secretKey: string;
  /** `null`: Stripe's own. */
  readonly apiUrl: string | null;
  /** Of one call, its pages and repetitions included. */
  readonly timeoutMs?: number;
}

/** Calls through the client library, each under one deadline and with its trouble named. */
export interface StripeApi {
  /** `whenMissing` is the answer when an object that the request names does not exist. */
  read<T>(signal: AbortSignal, whenMissing: T, work: (stripe: Stripe) => Promise<T>): Answer<T>;
  /** `work` hands `once` to the library with its request. After a failure it may have been done. */
  write<T>(signal: AbortSignal, work: (stripe: Stripe, once: Stripe.RequestOptions) => Promise<T>): Answer<T>;
}

const TIMEOUT_MS = 8000;
const PAGE_SIZE = 100;

/** The client library with what it lacks: an end by signal, no redirects, and the status of answers it cannot read. */
export function createStripeApi({ secretKey, apiUrl, timeoutMs = TIMEOUT_MS }: StripeConfig): StripeApi {
  const calls = new AsyncLocalStorage<{ readonly signal: AbortSignal; readonly trace: Trace }>();
  const stripe = new Stripe(secretKey, {
    ...addressOf(apiUrl),
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(async (...[url, init]: Parameters<typeof fetch>) => {
      const call = calls.getStore();
      if (call === undefined) throw new Error('Stripe was asked outside of a read or write');
      call.trace.path = new URL(String(url)).pathname;
      call.trace.answer = null;
      const response = await fetch(url, { ...init, redirect: 'manual', signal: call.signal });
      call.trace.answer = { status: response.status, headers: response.headers };
      return response;
    }),
  });

  async function ask<T>(
    outer: AbortSignal,
    work: (stripe: Stripe) => Promise<T>,
    nameOf: (error: unknown, trace: Trace) => Result<T, UpstreamFailure>,
  ): Answer<T> {
    return withDeadline(outer, timeoutMs, async ({ signal, elapsedMs }) => {
      const trace: Trace = { path: '/', answer: null };
      try {
        return succeed(await calls.run({ signal, trace }, () => endingWith(signal, () => work(stripe))));
      } catch (error) {
        if (signal.aborted) return fail({ source: 'stripe', kind: 'timed-out', afterMs: elapsedMs() });
        return nameOf(error, trace);
      }
    });
  }

  return {
    read: (signal, whenMissing, work) =>
      ask(signal, work, (error, trace) => (isMissing(error) ? succeed(whenMissing) : fail(failureOf(error, trace)))),
    write: (signal, work) =>
      ask(
        signal,
        (client) => work(client, { maxNetworkRetries: 0 }),
        (error, trace) => fail(failureOf(error, trace)),
      ),
  };
}

/** What was listed; `isWhole` is false when pages were left unread. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly isWhole: boolean;
}

/** Reads a list page by page, newest first, until it ends, `maxPages` are read or an item is the one looked for. */
export async function listPages<T extends { readonly id: string }>(
  item: z.ZodType<T>,
  maxPages: number,
  ask: (page: { limit: number; starting_after?: string }) => Promise<unknown>,
  isSought: (item: T) => boolean = () => false,
): Promise<Listing<T>> {
  const items: T[] = [];
  for (let page = 0; page < maxPages; page += 1) {
    const after = items.at(-1)?.id;
    const { data, has_more: hasMore } = pageOf(item).parse(
      await ask({ limit: PAGE_SIZE, ...(after === undefined ? {} : { starting_after: after }) }),
    );
    items.push(...data);
    if (!hasMore || data.length === 0 || data.some(isSought)) return { items, isWhole: !hasMore };
  }
  return { items, isWhole: false };
}

/** Whether the text can be an id: anything else would be a malformed request or another address. */
export function isPlainId(text: string): boolean {
  return /^[\w-]{1,255}$/.test(text);
}

function addressOf(apiUrl: string | null): Stripe.StripeConfig {
  if (apiUrl === null) return {};
  const { protocol, hostname, port } = new URL(apiUrl);
  const isPlain = protocol === 'http:';
  return { host: hostname, port: port === '' ? (isPlain ? 80 : 443) : port, protocol: isPlain ? 'http' : 'https' };
}

/** The library's own end may come half a second later, after a repetition that is bound to fail. */
function endingWith<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('The deadline passed'));
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    work().then(resolve, reject);
  });
}
