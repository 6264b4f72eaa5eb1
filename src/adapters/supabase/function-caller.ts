import { z } from 'zod';
import type { FunctionCaller, Invocation } from '../../core/action-ports.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import { withDeadline } from '../deadline.ts';
import { type Exchange, exchange } from '../exchange.ts';

export interface FunctionCallerConfig {
  /** Where the project's functions are served. */
  readonly functionsUrl: string;
  /** An `sb_secret_…` key or the older service_role key. */
  readonly secretKey: string;
  readonly schema: MerchantSchema;
  /** Makes the `stripe-signature` of a payload; `null`: there is no signing secret. */
  readonly sign: ((payload: string) => string | Promise<string>) | null;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 45_000;
const mostBytes = 1024 * 1024;
const longestBody = 2000;

/** Calls the merchant's functions as the shop itself and Stripe do. */
export function createFunctionCaller(config: FunctionCallerConfig): FunctionCaller {
  const { secretKey, sign, timeoutMs = defaultTimeoutMs } = config;
  const base = config.functionsUrl.replace(/\/+$/, '');
  const slugs = config.schema.functions;

  function call(
    slug: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    outer: AbortSignal,
  ): Promise<Invocation> {
    return withDeadline(outer, timeoutMs, async ({ signal }) => {
      if (signal.aborted) return withoutAnswer('not-run');
      const ended = await exchange({
        url: `${base}/${slug}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'pterodoc', ...headers },
        body,
        maxBytes: mostBytes,
        signal,
      });
      return toInvocation(ended);
    });
  }

  return {
    provision: (orderId, signal) =>
      call(slugs['servers-provision'], keyHeaders(secretKey), JSON.stringify({ order_id: orderId }), signal),
    deliver:
      sign === null
        ? null
        : async (payload, signal) =>
            call(slugs['stripe-webhook'], { 'stripe-signature': await sign(payload) }, payload, signal),
  };
}

/** Only the older key is a token: the gateway refuses any other bearer before the function sees the request. */
function keyHeaders(secretKey: string): Readonly<Record<string, string>> {
  const isToken = secretKey.split('.').length === 3;
  return { apikey: secretKey, ...(isToken ? { authorization: `Bearer ${secretKey}` } : {}) };
}

function withoutAnswer(kind: 'not-run' | 'unanswered'): Invocation {
  return { kind, status: null, body: '', executionId: null };
}

function toInvocation(ended: Exchange): Invocation {
  if (ended.kind === 'no-connection' && ended.isUnsent) return withoutAnswer('not-run');
  if (ended.kind !== 'answered') return withoutAnswer('unanswered');
  const executionId = executionIdOf(ended.headers['x-deno-execution-id']);
  return {
    kind: kindOf(ended, executionId !== null),
    status: ended.status,
    body: ended.text.slice(0, longestBody).toWellFormed(),
    executionId,
  };
}

function executionIdOf(header: string | undefined): string | null {
  return header !== undefined && /^[\w-]{1,64}$/.test(header) ? header : null;
}

/** How the gateway answers by itself. */
const gatewayBody = z.object({ code: z.string(), error: z.undefined().optional() });
/** How functions say that they failed; gateways and proxies speak of a `code` or a `message`. */
const ownBody = z.looseObject({
  error: z.unknown().refine((error) => error !== undefined),
  code: z.undefined().optional(),
  message: z.undefined().optional(),
});

/**
 * What an answer proves. In doubt `unanswered`: whoever is told that nothing ran, or that a run is over, may start
 * another one.
 */
function kindOf(
  { status, headers, text }: Extract<Exchange, { kind: 'answered' }>,
  hasExecution: boolean,
): Invocation['kind'] {
  const json = parsed(text);
  if (status >= 200 && status < 300) return json === undefined ? 'unanswered' : 'succeeded';
  if (status < 400) return 'unanswered';
  const isOwn = ownBody.safeParse(json).success;
  const code = headers['sb-error-code'] ?? gatewayBody.safeParse(json).data?.code;
  // The gateway's word for a function that threw, and for one that answered 5xx in its own words.
  if (code === 'EDGE_FUNCTION_ERROR') return isOwn ? 'failed' : 'died';
  if (code !== undefined) return kindOfCode(code, hasExecution);
  if (!isOwn || status === 504) return 'unanswered';
  // Proxies have words of their own for these: only a named execution shows that the function spoke.
  return (status === 502 || status === 503) && !hasExecution ? 'unanswered' : 'failed';
}

/** https://supabase.com/docs/guides/functions/error-codes */
const unstartedCode =
  /^(?:BOOT_ERROR|NOT_FOUND|NOT_FOUND_FUNCTION_BLOB|INVALID_URL|UNAUTHORIZED_\w+|LOAD_FUNCTION_\w+)$/;
const endedCode = /^(?:WORKER_ERROR|WORKER_RESOURCE_LIMIT|WORKER_LIMIT|INVALID_RESPONSE_STATUS_CODE)$/;

function kindOfCode(code: string, hasExecution: boolean): Invocation['kind'] {
  if (endedCode.test(code)) return 'died';
  // An execution has a name only once it began; the one that does not boot has one too.
  const isUnstarted = unstartedCode.test(code) && (!hasExecution || code === 'BOOT_ERROR');
  return isUnstarted ? 'not-run' : 'unanswered';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
