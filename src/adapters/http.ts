import { setTimeout as sleep } from 'node:timers/promises';
import { type FailureOf, isRetryable, type SourceId, type SystemId } from '../core/failure.ts';
import { fail, type Result, succeed } from '../core/result.ts';
import { type Deadline, withDeadline } from './deadline.ts';
import { plainErrorCode } from './error-code.ts';
import { type Exchange, exchange } from './exchange.ts';

/** An answer of an HTTP upstream. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined`: the answer has no JSON body, which only 2xx without content and 404 may lack. */
  readonly json: unknown;
}

export interface JsonRequest<S extends SystemId = SourceId> {
  readonly source: S;
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: URLSearchParams | Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the whole call, repetitions included. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
  /** How often a read is repeated after trouble that may pass. Writes are never repeated. */
  readonly retries?: number;
  /** The upstream's own short code in the body of a refused request; never its words. */
  readonly codeOf?: (json: unknown) => string | null;
  /**
   * What a status of 400 and above means, where this upstream has rules of its own: a failure, `'answer'` to hand it
   * to the caller as it is, or `null` for the common meaning.
   */
  readonly readRefusal?: (answer: HttpAnswer) => FailureOf<S> | 'answer' | null;
}

const TIMEOUT_MS = 4000;
const MAX_BYTES = 4 * 1024 * 1024;
const PAUSE_MS = 100;
/** A source that asks for more patience than this is reported instead of waited for. */
const MAX_RETRY_AFTER_MS = 1000;

/**
 * One call to an HTTP upstream that speaks JSON, with every trouble named. 404 is an answer, because "not there" is a
 * value. Failures never hold text of the upstream or of the request beyond its path.
 */
export async function requestJson<S extends SystemId>(
  input: JsonRequest<S>,
): Promise<Result<HttpAnswer, FailureOf<S>>> {
  const isRead = input.method === undefined || input.method === 'GET' || input.method === 'HEAD';
  const retries = isRead ? (input.retries ?? 1) : 0;
  return withDeadline(input.signal, input.timeoutMs ?? TIMEOUT_MS, async (deadline) => {
    for (let attempt = 0; ; attempt += 1) {
      const ended = await exchange(exchangeOf(input, deadline));
      const outcome = readExchange(input, ended, deadline);
      if (outcome.ok || attempt >= retries) return outcome;
      const pauseMs = pauseAfter(outcome.failure, ended);
      if (pauseMs === null || pauseMs >= deadline.remainingMs()) return outcome;
      await sleep(pauseMs, undefined, { signal: deadline.signal }).catch(() => undefined);
    }
  });
}

/** `Retry-After`, in seconds or as a date, in milliseconds from now; `null` when there is none. */
export function retryAfterMsOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(at - Date.now(), 0);
}

function exchangeOf(input: JsonRequest<SystemId>, deadline: Deadline): Parameters<typeof exchange>[0] {
  const hasBody = input.body !== undefined;
  return {
    url: addressOf(input).href,
    method: input.method ?? 'GET',
    headers: {
      accept: 'application/json',
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...lowerCased(input.headers ?? {}),
    },
    body: hasBody ? JSON.stringify(input.body) : null,
    maxBytes: input.maxBytes ?? MAX_BYTES,
    signal: deadline.signal,
  };
}

function addressOf({ url, query }: JsonRequest<SystemId>): URL {
  const address = new URL(url);
  for (const [name, value] of new URLSearchParams(query)) address.searchParams.append(name, value);
  return address;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function readExchange<S extends SystemId>(
  input: JsonRequest<S>,
  ended: Exchange,
  deadline: Deadline,
): Result<HttpAnswer, FailureOf<S>> {
  const { source } = input;
  switch (ended.kind) {
    case 'answered':
      return readAnswer(input, ended);
    case 'aborted':
      return fail({ source, kind: 'timed-out', afterMs: deadline.elapsedMs() });
    case 'no-connection':
    case 'tls-refused':
      return fail({ source, kind: 'unreachable' });
    case 'too-large':
    case 'not-http':
      return fail({ source, kind: 'unexpected-shape', path: addressOf(input).pathname });
  }
}

function readAnswer<S extends SystemId>(
  input: JsonRequest<S>,
  answered: Extract<Exchange, { kind: 'answered' }>,
): Result<HttpAnswer, FailureOf<S>> {
  const { status, headers } = answered;
  const answer: HttpAnswer = { status, headers, json: jsonOf(answered) };
  if (status >= 400) {
    const meaning = input.readRefusal?.(answer) ?? commonMeaning(input, answer);
    return meaning === 'answer' ? succeed(answer) : fail(meaning);
  }
  const isWithoutContent = status !== 200 && status < 300 && answered.text === '';
  if (status < 300 && (answer.json !== undefined || isWithoutContent)) return succeed(answer);
  return fail({ source: input.source, kind: 'unexpected-shape', path: addressOf(input).pathname });
}

function jsonOf({ headers, text }: Extract<Exchange, { kind: 'answered' }>): unknown {
  if (!/[/+]json\b/i.test(headers['content-type'] ?? '')) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function commonMeaning<S extends SystemId>(
  { source, codeOf }: JsonRequest<S>,
  { status, headers, json }: HttpAnswer,
): FailureOf<S> | 'answer' {
  if (status === 404) return 'answer';
  if (status === 401) return { source, kind: 'credentials-rejected' };
  if (status === 403) return { source, kind: 'not-permitted', scope: null };
  if (status === 429) return { source, kind: 'rate-limited', retryAfterMs: retryAfterMsOf(headers['retry-after']) };
  if (status >= 500) return { source, kind: 'upstream-broken', status };
  return { source, kind: 'request-refused', status, code: plainErrorCode(codeOf?.(json)) };
}

/** How long to wait before the call is repeated; `null`: repeating would not help, or not soon enough. */
function pauseAfter(failure: FailureOf<SystemId>, ended: Exchange): number | null {
  if (!isRetryable(failure) || failure.kind === 'timed-out') return null;
  const asked = ended.kind === 'answered' ? retryAfterMsOf(ended.headers['retry-after']) : null;
  if (asked !== null) return asked <= MAX_RETRY_AFTER_MS ? asked : null;
  // Half of the pause is left to chance, so that callers that failed together do not come back together.
  return failure.kind === 'rate-limited' ? null : PAUSE_MS * (1 + Math.random());
}
