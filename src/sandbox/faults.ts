import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a local platform server can be told to do instead of answering properly. */
export type Fault =
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'html-200' }
  | { readonly kind: 'truncated-json' }
  | { readonly kind: 'slow-drip' }
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent as it stands; an object is sent as JSON. */
      readonly body?: string | object;
    };

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

/** Plays a fault on the wire. Answers true when the request should still be answered properly afterwards. */
export async function playFault(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return false;
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
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
      const body = fault.body ?? '';
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(fault.status, {
        'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
        ...fault.headers,
      });
      response.end(text);
      return false;
    }
  }
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
