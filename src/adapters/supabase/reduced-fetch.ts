import { z } from 'zod';
import { exchange } from '../exchange.ts';
import { retryAfterMsOf } from '../http.ts';
import type { RefusedAnswer } from './refusal.ts';

const mostBytes = 8 * 1024 * 1024;
/** Not JSON on purpose: supabase-js then reports an error, where an empty answer would read as "no such row". */
const unreadable = 'unreadable';

/**
 * The `fetch` that is given to supabase-js: it reads the whole body under the caller's signal and a size limit,
 * follows no redirect (the key would go with it), and leaves nothing of a refusal but its code and waiting time.
 */
export const reducedFetch: typeof fetch = async (input, init) => {
  const ended = await exchange({
    url: String(input),
    method: init?.method ?? 'GET',
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: typeof init?.body === 'string' ? init.body : null,
    maxBytes: mostBytes,
    signal: init?.signal ?? new AbortController().signal,
  });
  switch (ended.kind) {
    case 'answered':
      return reduce(ended.status, ended.headers, ended.text);
    case 'too-large':
    case 'not-http':
      return new Response(unreadable);
    case 'no-connection':
    case 'tls-refused':
    case 'aborted':
      throw new TypeError(ended.kind);
  }
};

function reduce(status: number, headers: Readonly<Record<string, string>>, text: string): Response {
  if (status === 204) return new Response(null, { status });
  const contentRange = headers['content-range'];
  if (status >= 200 && status < 300) {
    return new Response(text === '' ? unreadable : text, {
      status,
      headers: contentRange === undefined ? {} : { 'content-range': contentRange },
    });
  }
  const refused = { code: codeOf(text), retryAfterMs: retryAfterMsOf(headers['retry-after']) };
  return new Response(JSON.stringify(refused), { status });
}

const refusalBody = z.object({ code: z.string().max(40).nullish().catch(null) });

function codeOf(text: string): string | null {
  try {
    return refusalBody.safeParse(JSON.parse(text)).data?.code ?? null;
  } catch {
    return null;
  }
}

const reducedBody = z.object({ code: z.string().nullable(), retryAfterMs: z.number().nullable() });

/** Reads back what {@link reducedFetch} left of a refusal, from the `error` of supabase-js. */
export function readReduced(error: unknown): Omit<RefusedAnswer, 'status'> {
  return reducedBody.safeParse(error).data ?? { code: null, retryAfterMs: null };
}
