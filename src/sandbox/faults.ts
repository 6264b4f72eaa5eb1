import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/** What a local platform server can be told to do instead of handling a request and answering it properly. */
export type Fault = EarlyFault | LateFault;

/** The request is not handled, or only after a while. */
export type EarlyFault =
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'html-200' }
  | { readonly kind: 'truncated-json' }
  | { readonly kind: 'slow-drip' }
  | { readonly kind: 'redirect'; readonly location: string }
  | ({ readonly kind: 'status' } & PlainAnswer);

/** The request is really handled, at once; only its answer is lost, replaced or late. */
export type LateFault =
  | { readonly kind: 'reset-after' }
  | { readonly kind: 'delay-after'; readonly ms: number }
  | ({ readonly kind: 'status-after' } & PlainAnswer);

interface PlainAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it stands; an object is sent as JSON. */
  readonly body?: string | object;
}

/** The faults of one server, matched against method and path of each request; the latest that matches wins. */
export interface FaultBoard {
  /** Lets every request whose `METHOD /path` matches meet the fault, until the returned function is called. */
  inject(match: RegExp, fault: Fault): () => void;
  clear(): void;
  /** The fault this request meets, if any. */
  match(request: IncomingMessage): Fault | null;
}

export function createFaultBoard(): FaultBoard {
  const rules: { readonly match: RegExp; readonly fault: Fault }[] = [];
  return {
    inject(match, fault) {
      const rule = { match, fault };
      rules.push(rule);
      return () => {
        const at = rules.indexOf(rule);
        if (at >= 0) rules.splice(at, 1);
      };
    },
    clear() {
      rules.length = 0;
    },
    match(request) {
      const line = `${request.method ?? 'GET'} ${request.url ?? '/'}`;
      return rules.findLast((rule) => rule.match.test(line))?.fault ?? null;
    },
  };
}

/** Whether the request is handled before the fault is met. */
export function isLate(fault: Fault): fault is LateFault {
  return fault.kind === 'reset-after' || fault.kind === 'delay-after' || fault.kind === 'status-after';
}

/** What the caller gets for a request that was handled. */
export async function answerLate(fault: LateFault, proper: Response, request: IncomingMessage): Promise<Response> {
  switch (fault.kind) {
    case 'reset-after':
      request.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case 'delay-after':
      await pause(fault.ms);
      return proper;
    case 'status-after': {
      const { headers, text } = plainAnswer(fault);
      return new Response(text, { status: fault.status, headers });
    }
  }
}

/** Plays a fault on the wire. Answers true when the request should still be answered properly afterwards. */
export async function playFault(
  fault: EarlyFault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return false;
    case 'delay':
      await pause(fault.ms);
      return true;
    case 'reset':
      request.socket.resetAndDestroy();
      return false;
    case 'html-200':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<!doctype html><html><head><title>Sign in</title></head><body>Please sign in</body></html>');
      return false;
    case 'truncated-json':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"object":"list","data":[{"id":"');
      return false;
    case 'slow-drip':
      drip(response);
      return false;
    case 'redirect':
      response.writeHead(302, { location: fault.location }).end();
      return false;
    case 'status': {
      const { headers, text } = plainAnswer(fault);
      response.writeHead(fault.status, headers);
      response.end(text);
      return false;
    }
  }
}

function plainAnswer({ headers, body = '' }: PlainAnswer): { headers: Record<string, string>; text: string } {
  const isText = typeof body === 'string';
  return {
    headers: { 'content-type': isText ? 'text/plain' : 'application/json', ...headers },
    text: isText ? body : JSON.stringify(body),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** One byte every 50 ms, bounded to a minute: a body that never seems to end, and never goes silent. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (sent === 1) response.write('[');
    else if (sent > 1200) response.end();
    else response.write(' ');
  }, 50);
  response.on('close', () => clearInterval(timer));
}
