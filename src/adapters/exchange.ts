import { Agent, errors, request } from 'undici';

/** One HTTP request and its whole answer. */
export interface ExchangeInput {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** How a request ended on the wire. Redirects are answers like any other and never followed. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
    }
  /** Nobody there, the name unknown, or the connection was cut. `isUnsent`: surely before anything was sent. */
  | { readonly kind: 'no-connection'; readonly isUnsent: boolean }
  /** Somebody is there, without a certificate that can be trusted. */
  | { readonly kind: 'tls-refused' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'not-http' };

const CONNECT_TIMEOUT_MS = 3000;
const KEEP_ALIVE_MS = 10_000;

/** Connections are kept between calls; their limits are the caller's signal, so undici's own are off. */
const agent = new Agent({
  connect: { timeout: CONNECT_TIMEOUT_MS },
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: 0,
  bodyTimeout: 0,
  allowH2: false,
});

const tlsCodes = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/;

/** Sends the request and reads the answer to its end, at most `maxBytes` of it. */
export async function exchange(input: ExchangeInput): Promise<Exchange> {
  const { url, method, headers, body, maxBytes, signal } = input;
  try {
    const response = await request(url, { dispatcher: agent, method, headers, body, signal });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) return { kind: 'too-large' };
      chunks.push(chunk);
    }
    return {
      kind: 'answered',
      status: response.statusCode,
      headers: flatten(response.headers),
      text: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' };
    return endOf(error);
  }
}

function endOf(error: unknown): Exchange {
  // A request that could not be written (a line break in a key) is our mistake and not the network's.
  if (error instanceof errors.InvalidArgumentError || !(error instanceof Error)) throw error;
  const code = 'code' in error ? String(error.code) : '';
  if (tlsCodes.test(code)) return { kind: 'tls-refused' };
  if (code.startsWith('HPE_')) return { kind: 'not-http' };
  return { kind: 'no-connection', isUnsent: hasNeverConnected(error) };
}

/** By the system call that failed: codes alone do not tell, as a connection can time out while it opens and later. */
function hasNeverConnected(error: unknown): boolean {
  // Several addresses of one name were tried.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(hasNeverConnected);
  if (error instanceof errors.ConnectTimeoutError) return true;
  return (
    error instanceof Error && 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo')
  );
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
