import type { Json, JsonObject } from './json.ts';

/** One entry of the panel's error envelope. */
export interface ErrorEntry {
  readonly code: string;
  readonly detail: string;
  readonly meta?: JsonObject;
}

/** A refusal the panel answers with; thrown anywhere below the router. */
export class PanelError extends Error {
  readonly status: number;
  readonly entries: readonly ErrorEntry[];
  /** Where a caller that does not ask for JSON is sent; `null` shows an HTML page instead. */
  readonly browserGoesTo: 'back' | 'login' | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    entries: readonly ErrorEntry[],
    rest: { browserGoesTo?: 'back' | 'login'; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(entries.map((entry) => entry.detail).join(' '));
    this.status = status;
    this.entries = entries;
    this.browserGoesTo = rest.browserGoesTo ?? null;
    this.headers = rest.headers ?? {};
  }
}

const plain = (status: number, code: string, detail: string): PanelError => new PanelError(status, [{ code, detail }]);

/** A refusal in words meant for people: a DisplayException or one of its kin. */
export const refusal = (code: string, detail: string, status = 400): PanelError =>
  new PanelError(status, [{ code, detail }], { browserGoesTo: 'back' });

export const unauthenticated = (): PanelError =>
  new PanelError(401, [{ code: 'AuthenticationException', detail: 'Unauthenticated.' }], { browserGoesTo: 'login' });

export const accessDenied = (detail = 'This action is unauthorized.'): PanelError =>
  plain(403, 'AccessDeniedHttpException', detail);

export const notFound = (): PanelError =>
  plain(404, 'NotFoundHttpException', 'The requested resource could not be found on the server.');

export const routeNotFound = (path: string): PanelError =>
  plain(404, 'NotFoundHttpException', `The route ${path.replace(/^\//, '')} could not be found.`);

export const methodNotAllowed = (method: string, path: string, allowed: readonly string[]): PanelError =>
  new PanelError(
    405,
    [
      {
        code: 'MethodNotAllowedHttpException',
        detail: `The ${method} method is not supported for route ${path.replace(/^\//, '')}. Supported methods: ${allowed.join(', ')}.`,
      },
    ],
    { headers: { Allow: allowed.join(', ') } },
  );

export const badRequest = (code: string, detail: string): PanelError => plain(400, code, detail);

export const tooManyAttempts = (): PanelError => plain(429, 'ThrottleRequestsException', 'Too Many Attempts.');

export const inMaintenance = (): PanelError => plain(503, 'HttpException', 'Service Unavailable');

/** An unexpected failure: the class says what, the detail never does. */
export const crashed = (code: string): PanelError =>
  plain(500, code, 'An unexpected error was encountered while processing this request, please try again.');

/** Body rules that failed, one entry each. */
export const validationFailed = (failures: readonly RuleFailure[]): PanelError =>
  new PanelError(
    422,
    failures.map(({ field, rule, detail }) => ({
      code: 'ValidationException',
      detail,
      meta: { source_field: field, rule },
    })),
    { browserGoesTo: 'back' },
  );

/** One failed rule of one field. */
export interface RuleFailure {
  readonly field: string;
  readonly rule: string;
  readonly detail: string;
}

/** The answer to a refusal: the JSON envelope, or what the panel shows a browser. */
export function answerProblem(
  problem: PanelError,
  request: Request,
  extra: Readonly<Record<string, string>>,
): Response {
  const headers = new Headers({ ...extra, ...problem.headers });
  if (asksForJson(request)) {
    headers.set('content-type', 'application/json');
    const errors: Json = problem.entries.map((entry) => ({
      code: entry.code,
      status: String(problem.status),
      detail: entry.detail,
      ...(entry.meta === undefined ? {} : { meta: entry.meta }),
    }));
    return new Response(JSON.stringify({ errors }), { status: problem.status, headers });
  }
  if (problem.browserGoesTo === null) return page(`${problem.status}`, problem.status, headers);
  const origin = new URL(request.url).origin;
  headers.set(
    'location',
    problem.browserGoesTo === 'login' ? `${origin}/auth/login` : (request.headers.get('referer') ?? origin),
  );
  return page('Redirecting', 302, headers);
}

/** A page of the panel's web app. */
export function page(title: string, status = 200, headers = new Headers()): Response {
  headers.set('content-type', 'text/html; charset=UTF-8');
  const html = `<!doctype html><html lang="en"><head><title>${title}</title></head><body><div id="app"></div></body></html>`;
  return new Response(html, { status, headers });
}

/** The panel looks at the first accepted type only: a caller that accepts anything counts as a browser. */
function asksForJson(request: Request): boolean {
  const first = (request.headers.get('accept') ?? '').split(',')[0] ?? '';
  return /[/+]json/i.test(first);
}
