import type { IncomingMessage } from 'node:http';
import { createFaultBoard, type Fault, type FaultBoard, isLate } from '../../../src/sandbox/faults.ts';
import type { UploadedFile } from './messages.ts';
import { createRateLimits, type RateLimits } from './rate-limits.ts';
import { refusal, Refusal } from './refusal.ts';
import { matchPath, type Route } from './route.ts';
import { channelRoutes } from './routes-channels.ts';
import { commandRoutes } from './routes-commands.ts';
import { guildRoutes } from './routes-guilds.ts';
import { interactionRoutes } from './routes-interactions.ts';
import type { World } from './state.ts';

/** One request as it reached the platform. */
export interface LoggedRequest {
  readonly at: number;
  readonly method: string;
  /** Below `/api/v10`, with the query. */
  readonly path: string;
  /** The pattern of the route, as `rateLimits.set` takes it; `null` for a route that does not exist. */
  readonly route: string | null;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  /** `null` when a fault kept the request from being handled. */
  readonly status: number | null;
  /** Discord's own error code. */
  readonly code: number | null;
  readonly fault: RestFault['kind'] | null;
}

/** Besides the faults of every local server: a connection closed in order, without an answer. */
export type RestFault = Fault | { readonly kind: 'cut' };

/** Faults that can also be met a number of times only. */
export interface RestFaults extends FaultBoard {
  /** Lets the next requests whose `METHOD /path` matches meet the fault. */
  next(match: RegExp, fault: RestFault, times?: number): void;
}

export interface Rest {
  readonly requests: LoggedRequest[];
  readonly rateLimits: RateLimits;
  readonly faults: RestFaults;
  /** Answers of 401, 403 and 429 within the last ten minutes. */
  invalidRequests(): number;
  handle(request: Request): Promise<Response>;
}

const API_PATH = /^\/api\/v(\d+)(\/.*)$/;
// https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
const INVALID_WINDOW_MS = 10 * 60_000;
// https://docs.discord.com/developers/resources/message#create-message
const REQUEST_BYTES_MAX = 25 * 1024 * 1024;

export function createRest(world: World, furtherRoutes: readonly Route[]): Rest {
  const routes = [...interactionRoutes, ...commandRoutes, ...channelRoutes, ...guildRoutes, ...furtherRoutes];
  const requests: LoggedRequest[] = [];
  const invalidAt: number[] = [];
  const rateLimits = createRateLimits(world.clock);

  const invalidRequests = (): number => {
    const earliest = world.clock.now() - INVALID_WINDOW_MS;
    return invalidAt.filter((at) => at >= earliest).length;
  };

  const log = (entry: Omit<LoggedRequest, 'at'>, isShared = false): void => {
    requests.push({ at: world.clock.now(), ...entry });
    world.changed();
    // A limit that a resource shares with others is nobody's fault.
    if (isShared) return;
    if (entry.status === 401 || entry.status === 403 || entry.status === 429) invalidAt.push(world.clock.now());
  };

  const handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api\/v\d+/, '') + url.search;
    if (invalidRequests() >= world.settings.invalidRequestsMax) {
      log({ method: request.method, path, route: null, body: null, files: [], status: 429, code: null, fault: null });
      return new Response('error code: 1015', { status: 429, headers: { 'content-type': 'text/html' } });
    }
    let route: Route | null = null;
    let body: unknown = null;
    let files: readonly UploadedFile[] = [];
    let headers: Record<string, string> = { via: '1.1 google' };
    let answer: { readonly status: number; readonly body?: unknown };
    try {
      const [, version, inner] = API_PATH.exec(url.pathname) ?? [];
      if (version !== '10' || inner === undefined) throw refusal('notFound');
      const found = findRoute(routes, request.method, inner);
      route = found.route;
      ({ body, files } = await readBody(request));
      refuseStranger(world, request, route);
      const limited = route.isUnlimited === true ? null : countRate(rateLimits, route, found.params);
      headers = { ...headers, ...limited?.headers };
      if (limited?.tooMany) {
        const retryAfterS = limited.tooMany.retryAfterMs / 1000;
        headers['retry-after'] = String(Math.ceil(retryAfterS * 1000) / 1000);
        answer = {
          status: 429,
          body: {
            message: 'You are being rate limited.',
            retry_after: retryAfterS,
            global: limited.tooMany.scope === 'global',
          },
        };
      } else {
        answer = route.handle({ world, params: found.params, query: url.searchParams, body, files });
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = { status: error.status, body: error.body };
      if (error.retryAfterS !== null) headers['retry-after'] = String(error.retryAfterS);
    }
    const code = answer.status < 400 ? null : ((answer.body as { code?: number } | undefined)?.code ?? null);
    log({
      method: request.method,
      path,
      route: route === null ? null : nameOf(route),
      body,
      files,
      status: answer.status,
      code,
      fault: null,
    });
    if (answer.body === undefined) return new Response(null, { status: answer.status, headers });
    return Response.json(answer.body, { status: answer.status, headers });
  };

  return { requests, rateLimits, faults: createRestFaults(log), invalidRequests, handle };
}

function createRestFaults(log: (entry: Omit<LoggedRequest, 'at'>, isShared?: boolean) => void): RestFaults {
  const board = createFaultBoard();
  const limited: { readonly match: RegExp; readonly fault: RestFault; left: number }[] = [];
  return {
    ...board,
    next(match, fault, times = 1) {
      limited.push({ match, fault, left: times });
    },
    clear() {
      limited.length = 0;
      board.clear();
    },
    match(request: IncomingMessage) {
      const method = request.method ?? 'GET';
      const line = `${method} ${request.url ?? '/'}`;
      const rule = limited.find(({ match, left }) => left > 0 && match.test(line));
      if (rule !== undefined) rule.left -= 1;
      const fault = rule?.fault ?? board.match(request);
      if (fault !== null && (fault.kind === 'cut' || (!isLate(fault) && fault.kind !== 'delay'))) {
        const path = (request.url ?? '').replace(/^\/api\/v\d+/, '');
        const status = fault.kind === 'status' ? fault.status : null;
        const isShared = fault.kind === 'status' && fault.headers?.['x-ratelimit-scope'] === 'shared';
        log({ method, path, route: null, body: null, files: [], status, code: null, fault: fault.kind }, isShared);
      }
      if (fault?.kind !== 'cut') return fault;
      request.socket.end();
      return { kind: 'hang' };
    },
  };
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } {
  let isPathKnown = false;
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === null) continue;
    if (route.method === method) return { route, params };
    isPathKnown = true;
  }
  throw refusal(isPathKnown ? 'methodNotAllowed' : 'notFound');
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

function refuseStranger(world: World, request: Request, route: Route): void {
  if (!(request.headers.get('user-agent') ?? '').startsWith('DiscordBot (')) throw refusal('blocked');
  if (route.isByToken === true) return;
  if (request.headers.get('authorization') !== `Bot ${world.token}`) throw refusal('unauthorized');
}

function countRate(
  limits: RateLimits,
  route: Route,
  params: Readonly<Record<string, string>>,
): ReturnType<RateLimits['count']> {
  const major = params['channel'] ?? params['guild'] ?? params['token'] ?? '';
  return limits.count(nameOf(route), major, route.isByToken !== true);
}

async function readBody(
  request: Request,
): Promise<{ readonly body: unknown; readonly files: readonly UploadedFile[] }> {
  if (request.method === 'GET') return { body: null, files: [] };
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length > REQUEST_BYTES_MAX) throw refusal('tooLarge');
  if (bytes.length === 0) return { body: {}, files: [] };
  const type = request.headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) return { body: parseJson(bytes.toString()), files: [] };
  if (!type.startsWith('multipart/form-data')) {
    throw new Refusal(400, 50035, 'Invalid Form Body', [
      {
        path: [],
        code: 'CONTENT_TYPE_INVALID',
        message: 'Expected "Content-Type" header to be one of {application/json}.',
      },
    ]);
  }
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const files: UploadedFile[] = [];
  for (const [, part] of form) {
    if (typeof part !== 'string') files.push({ filename: part.name, size: part.size, text: await part.text() });
  }
  const payload = form.get('payload_json');
  return { body: typeof payload === 'string' ? parseJson(payload) : {}, files };
}

/** Half a character, left over when text is cut between its two UTF-16 units, is no valid JSON for Discord. */
function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal('invalidJson');
  }
  if (/\\ud[89a-f]/i.test(text) && hasHalfCharacter(value)) throw refusal('invalidJson');
  return value;
}

function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => !key.isWellFormed() || hasHalfCharacter(inner));
}
