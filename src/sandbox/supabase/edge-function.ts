/** The code of an edge function. It sees a request and its surroundings, and nothing else of the process. */
export type EdgeFunction = (request: Request, context: FunctionContext) => Promise<Response>;

/** What the platform gives to an execution. */
export interface FunctionContext {
  /** A secret, or one of the variables that every function is given. */
  env(name: string): string | undefined;
  /** Where the project's functions are served, without a trailing slash. */
  readonly functionsUrl: string;
  readonly console: FunctionConsole;
  /** The world's time in milliseconds. */
  now(): number;
}

/** What an execution prints ends up in the function's logs. */
export interface FunctionConsole {
  log(...parts: readonly unknown[]): void;
  info(...parts: readonly unknown[]): void;
  warn(...parts: readonly unknown[]): void;
  error(...parts: readonly unknown[]): void;
}

/** What a function can be made to suffer. */
export type FunctionFault =
  /** The code does not start: a syntax error, a broken import. */
  | { readonly kind: 'boot-error' }
  /** Something nobody caught. With `afterWork` everything was done by then. */
  | { readonly kind: 'crash'; readonly message?: string; readonly afterWork?: boolean }
  /** The platform gives up on it. With `worksOn` the execution goes on and ends later. */
  | { readonly kind: 'idle-timeout'; readonly afterMs?: number; readonly worksOn?: boolean }
  | { readonly kind: 'resource-limit' }
  | { readonly kind: 'slow'; readonly ms: number };

/** A JSON answer of a function. */
export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
