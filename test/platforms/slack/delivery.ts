import { createHmac } from 'node:crypto';
import { isJson, type Json } from './shape.ts';

/** One thing that Slack tells the app. */
export interface Parcel {
  readonly kind: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: Json;
  /** Null on the first attempt. */
  readonly retry: { readonly attempt: number; readonly reason: string } | null;
}

/** What a person reads when the app did not answer properly. */
export type Failure = 'dispatch_failed' | 'operation_timeout' | 'invalid_command_response';

/** How the app answered a parcel. */
export interface Receipt {
  /** Milliseconds until the app had acknowledged; null when it did not in time. */
  readonly ackMs: number | null;
  /** What the acknowledgement carried; null when nothing. */
  readonly answer: Json | null;
  readonly failure: Failure | null;
  /** Why an event is sent again. */
  readonly retryReason: string | null;
}

/** The way to the app: its sockets or its request URL. */
export interface Transport {
  deliver(parcel: Parcel): Promise<Receipt>;
}

export function acknowledged(ackMs: number, answer: unknown): Receipt {
  const isEmpty = answer === undefined || answer === null || answer === '' || (isJson(answer) && isBare(answer));
  const content = typeof answer === 'string' ? { text: answer } : isJson(answer) ? answer : {};
  return { ackMs, answer: isEmpty ? null : content, failure: null, retryReason: null };
}

export function failed(failure: Failure, retryReason: string | null): Receipt {
  return { ackMs: null, answer: null, failure, retryReason };
}

function isBare(answer: Json): boolean {
  return Object.keys(answer).length === 0;
}

/** The address of an app over HTTP, and what it is called with. */
export interface RequestUrl extends Transport {
  /** Sets the address once it has answered Slack's challenge; throws when it does not. */
  verify(url: string): Promise<void>;
  /** Sends a body under a signature of the test's choice; answers with the status. */
  sendForged(body: string, forgery: Forgery): Promise<number>;
}

/** What is wrong with a request that pretends to come from Slack; nothing set is a good one. */
export interface Forgery {
  readonly secret?: string;
  /** Seconds that the timestamp lies before now. */
  readonly agedS?: number;
  readonly withoutSignature?: boolean;
  readonly contentType?: string;
  /** The body that was signed, when another one is sent. */
  readonly signedBody?: string;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

export function createRequestUrl(signingSecret: string, ackWithinMs: number): RequestUrl {
  let address: string | null = null;

  const post = (url: string, body: string, headers: Record<string, string>, contentType: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType, 'user-agent': 'Slackbot 1.0', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(ackWithinMs),
    });

  return {
    async verify(url) {
      const challenge = crypto.randomUUID();
      const body = JSON.stringify({ type: 'url_verification', token: 'legacy', challenge });
      const response = await post(url, body, signed(body, signingSecret), JSON_TYPE);
      const answer = await response.text();
      if (!response.ok || !answer.includes(challenge)) throw new Error(`the request URL answered ${response.status}`);
      address = url;
    },
    async sendForged(body, { secret = signingSecret, agedS = 0, withoutSignature = false, contentType, signedBody }) {
      if (address === null) throw new Error('no request URL is set');
      const headers = withoutSignature ? {} : signed(signedBody ?? body, secret, agedS);
      const response = await post(address, body, headers, contentType ?? JSON_TYPE);
      await response.body?.cancel();
      return response.status;
    },
    async deliver({ kind, payload, retry }) {
      if (address === null) return failed('dispatch_failed', 'connection_failed');
      const body = bodyOf(kind, payload);
      const headers = {
        ...signed(body, signingSecret),
        ...(retry === null ? {} : { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }),
      };
      const startedAt = performance.now();
      try {
        const response = await post(address, body, headers, kind === 'events_api' ? JSON_TYPE : FORM);
        const text = await response.text();
        const mayRetry = response.headers.get('x-slack-no-retry') !== '1';
        if (!response.ok) return failed('dispatch_failed', mayRetry ? 'http_error' : null);
        return acknowledged(performance.now() - startedAt, readAnswer(text));
      } catch (error) {
        const isLate = error instanceof Error && error.name === 'TimeoutError';
        return isLate ? failed('operation_timeout', 'http_timeout') : failed('dispatch_failed', 'connection_failed');
      }
    },
  };
}

/** The headers of https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signed(body: string, secret: string, agedS = 0): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) - agedS);
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` };
}

function bodyOf(kind: Parcel['kind'], payload: Json): string {
  if (kind === 'events_api') return JSON.stringify(payload);
  if (kind === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const fields = Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)]);
  return new URLSearchParams(fields).toString();
}

function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
