import { Hono, type Context } from 'hono';
import type { PanelCore } from './core.ts';
import {
  accessDenied,
  answerProblem,
  badRequest,
  crashed,
  inMaintenance,
  methodNotAllowed,
  page,
  PanelError,
  routeNotFound,
  tooManyAttempts,
  unauthenticated,
} from './errors.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { Route } from './route.ts';
import { createClientRoutes } from './routes/client.ts';
import { locationRoutes } from './routes/locations.ts';
import { nestRoutes } from './routes/nests.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { serverRoutes } from './routes/servers.ts';
import { userRoutes } from './routes/users.ts';
import type { AclResource, ApiKey, PanelUser } from './state.ts';

type Api = 'application' | 'client';

const applicationRoutes = [...userRoutes, ...serverRoutes, ...nodeRoutes, ...nestRoutes, ...locationRoutes];

/** Answers every request the panel may get: both APIs, and its web app for the rest. */
export function createRouter(core: PanelCore): (request: Request) => Promise<Response> {
  const app = new Hono({ strict: false });
  addRoutes(app, core, 'application', applicationRoutes);
  addRoutes(app, core, 'client', createClientRoutes());
  app.all('*', (context) => answerPlainly(context.req.raw, () => answerWebApp(context)));
  return async (request) =>
    core.settings.inMaintenance ? answerProblem(inMaintenance(), request, {}) : app.fetch(request);
}

function addRoutes(app: Hono, core: PanelCore, api: Api, routes: readonly Route[]): void {
  const base = `/api/${api}`;
  for (const route of routes) {
    app.on(route.method, base + route.path, (context) => answerCall(core, api, route, context));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method);
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    app.all(base + path, ({ req }) =>
      answerPlainly(req.raw, () => {
        throw methodNotAllowed(req.method, req.path, allowed);
      }),
    );
  }
}

/** One call, checked in the panel's order: each refusal below comes before all that follow it. */
async function answerCall(core: PanelCore, api: Api, route: Route, context: Context): Promise<Response> {
  const request = context.req.raw;
  let rateHeaders: Readonly<Record<string, string>> = {};
  try {
    const { key, caller } = authenticate(core, request);
    const body = await readBody(request);
    if (core.settings.requiresTwoFactor && !caller.hasTwoFactor) throw twoFactorRequired();
    refuseForeignAddress(key);
    const perMinute = api === 'application' ? core.settings.applicationPerMinute : core.settings.clientPerMinute;
    const quota = core.rateLimiter.take(`${api}:${caller.id}`, perMinute);
    rateHeaders = quota.headers;
    if (quota.isExceeded) throw tooManyAttempts();
    const answer = route.open(core, (name) => context.req.param(name) ?? '', caller);
    refuseKey(api, route, key, caller);
    const url = new URL(request.url);
    const response = await answer({
      core,
      url,
      query: url.searchParams,
      body,
      key,
      caller,
      include: (url.searchParams.get('include') ?? '').split(',').filter((name) => name !== ''),
      mayRead: (resource) => isAllowed(key, resource, 'read'),
    });
    for (const [name, value] of Object.entries(rateHeaders)) response.headers.set(name, value);
    return response;
  } catch (problem) {
    return answerProblem(problem instanceof PanelError ? problem : crashed('TypeError'), request, rateHeaders);
  }
}

async function answerPlainly(request: Request, answer: () => Response): Promise<Response> {
  try {
    return answer();
  } catch (problem) {
    return answerProblem(problem instanceof PanelError ? problem : crashed('TypeError'), request, {});
  }
}

/** Any path that is not an API answers with a page, which is what a wrong base address looks like. */
function answerWebApp(context: Context): Response {
  const { path, method } = context.req;
  const isRead = method === 'GET' || method === 'HEAD';
  const area = /^\/(api|auth|admin|daemon)(?:\/|$)/.exec(path)?.[1];
  if (area === 'api' || area === 'daemon') throw routeNotFound(path);
  if (!isRead) throw methodNotAllowed(method, path, ['GET', 'HEAD']);
  if (area === 'admin') throw unauthenticated();
  return page('Pterodactyl');
}

function authenticate(core: PanelCore, request: Request): { key: ApiKey; caller: PanelUser } {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) throw unauthenticated();
  if (core.settings.hasLostAppKey) throw crashed('DecryptException');
  const key = core.state.keys.get(token);
  const caller = core.state.users.get(key?.userId ?? 0);
  if (key === undefined || caller === undefined) throw unauthenticated();
  return { key, caller };
}

/** Only a body that is declared as JSON is read; anything else leaves every field missing. */
async function readBody(request: Request): Promise<JsonObject> {
  const text = await request.text();
  if (text === '' || !/[/+]json/i.test(request.headers.get('content-type') ?? '')) return {};
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    throw badRequest(
      'BadRequestHttpException',
      'The JSON data passed in the request appears to be malformed: Syntax error',
    );
  }
  const cleaned = trimTexts(parsed);
  return isJsonObject(cleaned) ? cleaned : {};
}

/** Trims every text and turns empty ones into null, at every depth. */
function trimTexts(value: Json): Json {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (Array.isArray(value)) return value.map(trimTexts);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, trimTexts(inner)]));
}

const twoFactorRequired = (): PanelError =>
  badRequest(
    'TwoFactorAuthRequiredException',
    'Two-factor authentication is required on this account in order to access this endpoint.',
  );

const LOOPBACK = '127.0.0.1';

/** Everybody who reaches this panel comes from loopback. */
function refuseForeignAddress({ allowedIps }: ApiKey): void {
  if (allowedIps.length === 0 || allowedIps.includes(LOOPBACK)) return;
  throw accessDenied(
    `This IP address (${LOOPBACK}) does not have permission to access the API using these credentials.`,
  );
}

function refuseKey(api: Api, route: Route, key: ApiKey, caller: PanelUser): void {
  if (api === 'client') {
    if (key.kind === 'account') return;
    throw accessDenied(
      'You are attempting to use an application API key on an endpoint that requires a client API key.',
    );
  }
  if (!caller.rootAdmin) throw accessDenied('This account does not have permission to access the API.');
  if (route.needs !== null && !isAllowed(key, route.needs.resource, route.needs.level)) throw accessDenied();
}

/** An account key of a root admin may do everything. */
function isAllowed(key: ApiKey, resource: AclResource, level: 'read' | 'write'): boolean {
  const wanted = level === 'read' ? 1 : 2;
  return key.kind === 'account' || (key.permissions[resource] & wanted) !== 0;
}
