import { Hono } from 'hono';
import { createAuthAdmin } from './auth-admin.ts';
import type { Database } from './database.ts';
import type { FunctionRuntime } from './function-host.ts';
import { type ProjectKeys, readToken } from './keys.ts';

/** Who is calling, by the `apikey` of the request. */
type Caller = 'anon' | 'service_role';

/** The project's one address: Data API, sign-in service and edge functions behind the same checks as on the platform. */
export function createGateway(options: {
  readonly keys: ProjectKeys;
  readonly database: Database;
  readonly functions: FunctionRuntime;
}): Hono {
  const { keys, database, functions } = options;
  const app = new Hono();

  app.all('/functions/v1/:slug{[^/]+}', (context) => functions.serve(context.req.param('slug'), context.req.raw));
  app.all('/functions/v1/:slug/*', (context) => functions.serve(context.req.param('slug'), context.req.raw));

  const authAdmin = createAuthAdmin(database, (request) => roleOf(request, keys) === 'service_role');
  const guarded =
    (answer: (request: Request) => Response | Promise<Response>) => (context: { req: { raw: Request } }) =>
      credentialRefusal(context.req.raw, keys) ?? answer(context.req.raw);
  app.all(
    '/auth/v1/admin/*',
    guarded((request) => authAdmin.fetch(request)),
  );
  app.post(
    '/auth/v1/verify',
    guarded(async (request) => database.answer(await forLite(request, keys, asLiteOtp))),
  );
  for (const path of ['/auth/v1/*', '/rest/v1/*']) {
    app.all(
      path,
      guarded(async (request) => database.answer(await forLite(request, keys))),
    );
  }
  app.notFound(() => Response.json({ message: 'no Route matched with those values' }, { status: 404 }));
  return app;
}

function callerOf(apiKey: string, keys: ProjectKeys): Caller | null {
  if (apiKey === keys.secretKey || apiKey === keys.serviceRoleKey) return 'service_role';
  return apiKey === keys.publishableKey || apiKey === keys.anonKey ? 'anon' : null;
}

function apiKeyOf(request: Request): string {
  return request.headers.get('apikey') ?? new URL(request.url).searchParams.get('apikey') ?? '';
}

function bearerOf(request: Request): string | null {
  return /^Bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

/** A bearer that is the API key itself says nothing new; a token of its own outranks the key. */
function roleOf(request: Request, keys: ProjectKeys): string {
  const apiKey = apiKeyOf(request);
  const bearer = bearerOf(request);
  if (bearer === null || bearer === apiKey) return callerOf(apiKey, keys) ?? 'anon';
  return readToken(keys.jwtSecret, bearer)?.role ?? 'anon';
}

/** https://supabase.com/docs/guides/api/api-keys: secret keys are refused where a browser could hold them. */
function credentialRefusal(request: Request, keys: ProjectKeys): Response | null {
  const apiKey = apiKeyOf(request);
  if (apiKey === '') {
    const hint = 'No `apikey` request header or url param was found.';
    return Response.json({ message: 'No API key found in request', hint }, { status: 401 });
  }
  if (callerOf(apiKey, keys) === null) {
    const hint = 'Double check your Supabase `anon` or `service_role` API key.';
    return Response.json({ message: 'Invalid API key', hint }, { status: 401 });
  }
  const bearer = bearerOf(request);
  if (bearer !== null && bearer !== apiKey && bearer.split('.').length !== 3) {
    const message = `Expected 3 parts in JWT; got ${bearer.split('.').length}`;
    return Response.json({ code: 'PGRST301', message, details: null, hint: null }, { status: 401 });
  }
  if (apiKey === keys.secretKey && /^\s*Mozilla\/5\.0/i.test(request.headers.get('user-agent') ?? '')) {
    const hint =
      'Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.';
    return Response.json({ message: 'Forbidden use of secret API key in browser', hint }, { status: 401 });
  }
  return null;
}

/** lite knows the two opaque keys only: the older signed keys are turned into them. */
async function forLite(
  request: Request,
  keys: ProjectKeys,
  rewriteBody: (body: ArrayBuffer) => ArrayBuffer | string = (body) => body,
): Promise<Request> {
  const headers = new Headers(request.headers);
  const apiKey = apiKeyOf(request);
  const bearer = bearerOf(request);
  const legacyBearer = bearer === null ? null : callerOf(bearer, keys);
  const caller = (bearer?.startsWith('ey') ? legacyBearer : null) ?? callerOf(apiKey, keys);
  headers.set('apikey', caller === 'service_role' ? keys.secretKey : keys.publishableKey);
  if (bearer === apiKey || legacyBearer !== null) headers.delete('authorization');
  headers.delete('content-length');
  const body = await request.arrayBuffer();
  return new Request(request.url, {
    method: request.method,
    headers,
    ...(body.byteLength > 0 ? { body: rewriteBody(body) } : {}),
  });
}

/** lite has no code of type `email`; to it, a code that was mailed for signing in is a magic link's. */
function asLiteOtp(body: ArrayBuffer): string {
  const asked = JSON.parse(new TextDecoder().decode(body)) as { type?: string };
  return JSON.stringify(asked.type === 'email' ? { ...asked, type: 'magiclink' } : asked);
}
