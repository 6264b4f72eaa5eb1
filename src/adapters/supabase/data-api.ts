import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { fail, succeed } from '../../core/result.ts';
import { type Deadline, withDeadline } from '../deadline.ts';
import { readReduced, reducedFetch } from './reduced-fetch.ts';
import { type Answered, nameRefusal, type Refusal } from './refusal.ts';

export interface DataApiConfig {
  readonly url: string;
  readonly secretKey: string;
  /** For one question, its repetition included, or for one write. */
  readonly timeoutMs: number;
}

/** What supabase-js answers, as far as it is trusted. */
export interface DataAnswer {
  readonly status: number;
  readonly data: unknown;
  readonly error: unknown;
  readonly count?: number | null;
}

export interface Rows {
  readonly data: unknown;
  /** All rows that match; `null` unless the query asked for the count. */
  readonly count: number | null;
}

export type Ask = (signal: AbortSignal) => PromiseLike<DataAnswer>;

/** The Data API, asked in a bounded way. */
export interface DataApi {
  readonly client: SupabaseClient;
  /**
   * Asks, and once more when the first answer was a passing one and time is left; so `ask` must only read.
   * `path` names what is asked for, in failures.
   */
  read(path: string, ask: Ask, signal: AbortSignal): Promise<Answered<Rows>>;
  /** Asks exactly once, as a write whose answer was lost may have happened. */
  write(path: string, ask: Ask, signal: AbortSignal): Promise<Answered<Rows>>;
}

const repeatAfterMs = 150;

export function createDataApi({ url, secretKey, timeoutMs }: DataApiConfig): DataApi {
  const client = createClient(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // No `timeout` here: supabase-js lets go of the caller's signal once the headers have come, so that a body which
    // never ends could not be given up. The deadline of `read` bounds body and all.
    db: { retry: false },
    global: { fetch: reducedFetch, headers: { 'user-agent': 'pterodoc' } },
  });
  return {
    client,
    read: (path, ask, outer) =>
      withDeadline(outer, timeoutMs, async (deadline) => {
        const first = await askOnce(path, ask, deadline);
        if (first.ok || !isPassing(first.failure) || deadline.remainingMs() < 2 * repeatAfterMs) return first;
        await pause(repeatAfterMs, undefined, { signal: deadline.signal }).catch(() => undefined);
        return askOnce(path, ask, deadline);
      }),
    write: (path, ask, outer) => withDeadline(outer, timeoutMs, (deadline) => askOnce(path, ask, deadline)),
  };
}

async function askOnce(path: string, ask: Ask, { signal, elapsedMs }: Deadline): Promise<Answered<Rows>> {
  const answered = signal.aborted ? null : nameAnswer(await ask(signal), path);
  if (answered !== null && (answered.ok || !signal.aborted)) return answered;
  return fail({ failure: { source: 'supabase', kind: 'timed-out', afterMs: elapsedMs() }, code: null });
}

function nameAnswer({ status, data, error, count }: DataAnswer, path: string): Answered<Rows> {
  // 204 is what supabase-js makes of an empty 404: nobody said that there is no such row.
  const isProper = error === null && status >= 200 && status < 300 && status !== 204;
  if (isProper) return succeed({ data, count: count ?? null });
  if (status === 0) return fail({ failure: { source: 'supabase', kind: 'unreachable' }, code: null });
  return fail(nameRefusal({ status, ...readReduced(error) }, path));
}

/** Worth one more question. 401 PGRST303 ("issued at future") comes and goes with the clocks behind the gateway. */
function isPassing({ failure, code }: Refusal): boolean {
  return failure.kind === 'unreachable' || failure.kind === 'upstream-broken' || code === 'PGRST303';
}
