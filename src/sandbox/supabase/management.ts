import { createHash } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import type { WorldClock } from '../clock.ts';
import type { FunctionHost } from './function-host.ts';
import type { ProjectKeys } from './keys.ts';
import { LogQueryError, parseLogQuery, runLogQuery } from './log-query.ts';
import type { LogStore } from './logs.ts';

const MINUTE_MS = 60_000;
const LONGEST_WINDOW_MS = 24 * 60 * MINUTE_MS;
/**
 * Requests a minute and endpoint that the Management API answers; a test that asks more than people do may raise them.
 * https://supabase.com/docs/reference/api/introduction
 */
export interface ManagementAllowances {
  callsPerMinute: number;
  logQueriesPerMinute: number;
}
const LOGS_PATH = '/v1/projects/:ref/analytics/endpoints/logs';

/** The platform's Management API, as far as it tells how a project is doing. */
export function createManagementApi(options: {
  readonly clock: WorldClock;
  readonly keys: ProjectKeys;
  readonly functions: FunctionHost;
  readonly logs: LogStore;
  /** How long a written row stays unseen. */
  readonly logDelayMs: number;
  readonly allowances: Readonly<ManagementAllowances>;
}): Hono {
  const { clock, keys, functions, logs } = options;
  const app = new Hono();

  app.use('/v1/projects/:ref/*', async (context, next) => refusal(context.req.raw, keys) ?? (await next()));
  app.use('/v1/projects/:ref', async (context, next) => refusal(context.req.raw, keys) ?? (await next()));
  app.use(rateLimit(options.allowances));

  app.get('/v1/projects/:ref', (context) =>
    context.json({
      id: keys.projectRef,
      ref: keys.projectRef,
      name: 'sandbox',
      region: 'eu-central-1',
      status: 'ACTIVE_HEALTHY',
    }),
  );

  app.get('/v1/projects/:ref/functions', (context) =>
    context.json(
      functions.deployed().map((deployed) => ({
        id: deployed.id,
        slug: deployed.slug,
        name: deployed.slug,
        status: 'ACTIVE',
        version: deployed.version,
        created_at: deployed.createdAtMs,
        updated_at: deployed.updatedAtMs,
        verify_jwt: deployed.verifyJwt,
        import_map: false,
        entrypoint_path: `file:///functions/${deployed.slug}/index.ts`,
        ezbr_sha256: sha256(`${deployed.slug}:${deployed.version}`),
      })),
    ),
  );

  app.get('/v1/projects/:ref/secrets', (context) =>
    context.json(
      functions.secrets().map(({ name, value, updatedAtMs }) => ({
        name,
        value: sha256(value),
        updated_at: new Date(updatedAtMs).toISOString(),
      })),
    ),
  );

  app.get('/v1/projects/:ref/health', (context) => {
    const services = context.req.queries('services')?.flatMap((names) => names.split(',')) ?? [];
    if (services.length === 0) return context.json({ message: 'services: Required' }, 400);
    return context.json(services.map((name) => ({ name, healthy: true, status: 'ACTIVE_HEALTHY' })));
  });

  app.get(`${LOGS_PATH}.all`, (context) =>
    context.json({ message: 'This endpoint has been removed. Use /analytics/endpoints/logs instead.' }, 410),
  );

  app.get(LOGS_PATH, (context) => {
    const { sql, iso_timestamp_start: start, iso_timestamp_end: end } = context.req.query();
    const window = windowOf(start, end, clock.now());
    if (typeof window === 'string') return context.json({ message: window }, 400);
    try {
      const query = parseLogQuery(sql ?? "select id, timestamp, event_message from logs where source = 'edge_logs'");
      const visibleUntilMs = Math.min(window.endMs, clock.now() - options.logDelayMs);
      const rows = logs.rows().filter((row) => row.atMs >= window.startMs && row.atMs <= visibleUntilMs);
      return context.json({ result: runLogQuery(query, rows) });
    } catch (error) {
      if (!(error instanceof LogQueryError)) throw error;
      return context.json({ error: error.message });
    }
  });

  app.notFound((context) => context.json({ message: `Cannot ${context.req.method} ${context.req.path}` }, 404));
  return app;
}

function refusal(request: Request, keys: ProjectKeys): Response | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (bearer !== keys.accessToken) return Response.json({ message: 'Unauthorized' }, { status: 401 });
  const ref = new URL(request.url).pathname.split('/')[3];
  if (ref === keys.projectRef) return undefined;
  const message = 'Your account does not have the necessary privileges to access this endpoint.';
  return Response.json({ message }, { status: 403 });
}

function rateLimit(allowances: Readonly<ManagementAllowances>): MiddlewareHandler {
  const windows = new Map<string, { readonly endsAtMs: number; calls: number }>();
  return async (context, next) => {
    const endpoint = context.req.path;
    const limit = endpoint.includes('/analytics/endpoints/')
      ? allowances.logQueriesPerMinute
      : allowances.callsPerMinute;
    const nowMs = Date.now();
    const known = windows.get(endpoint);
    const window = known !== undefined && known.endsAtMs > nowMs ? known : { endsAtMs: nowMs + MINUTE_MS, calls: 0 };
    windows.set(endpoint, window);
    window.calls += 1;
    const isOver = window.calls > limit;
    if (isOver) context.res = Response.json({ message: 'ThrottlerException: Too Many Requests' }, { status: 429 });
    else await next();
    context.header('X-RateLimit-Limit', String(limit));
    context.header('X-RateLimit-Remaining', String(Math.max(0, limit - window.calls)));
    context.header('X-RateLimit-Reset', String(Math.ceil((window.endsAtMs - nowMs) / 1000)));
    return isOver ? context.res : undefined;
  };
}

/** The window a query looks at, or why it is refused. Whole minutes: the minute it ends in is still seen. */
function windowOf(
  start: string | undefined,
  end: string | undefined,
  nowMs: number,
): { readonly startMs: number; readonly endMs: number } | string {
  const startMs = start === undefined ? null : Date.parse(start);
  const endMs = end === undefined ? null : Date.parse(end);
  if (Number.isNaN(startMs) || Number.isNaN(endMs))
    return 'iso_timestamp_start and iso_timestamp_end: Invalid datetime';
  const until = endMs ?? (startMs === null ? nowMs : startMs + MINUTE_MS);
  const from = startMs ?? until - MINUTE_MS;
  if (until - from > LONGEST_WINDOW_MS || until < from) {
    return 'iso_timestamp_start and iso_timestamp_end must be at most 24 hours apart';
  }
  return { startMs: Math.floor(from / MINUTE_MS) * MINUTE_MS, endMs: Math.ceil(until / MINUTE_MS) * MINUTE_MS };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
