import { bodyOf, type Method, type Methods, needScope, readArguments, Refusal } from './call.ts';
import { chatMethods } from './chat-methods.ts';
import { conversationMethods } from './conversation-methods.ts';
import { peopleMethods } from './people-methods.ts';
import type { RateCounter } from './rate-limits.ts';
import type { Json } from './shape.ts';
import { viewMethods } from './view-methods.ts';

/** The tokens of the installation. */
export interface Tokens {
  readonly bot: string;
  readonly app: string;
}

const methods: Readonly<Record<string, Method>> = {
  ...peopleMethods,
  ...chatMethods,
  ...conversationMethods,
  ...viewMethods,
};

/** Serves `POST /api/<method>`. */
export function createWebApi(
  world: Methods,
  tokens: Tokens,
  rates: RateCounter,
): (name: string, request: Request) => Promise<Response> {
  const { state } = world;

  const check = (method: Method | undefined, name: string, request: Request, body: Json): Method => {
    const header = request.headers.get('authorization')?.replace(/^Bearer ?/, '');
    const token = header ?? (typeof body['token'] === 'string' ? body['token'] : '');
    if (token === '') throw new Refusal('not_authed');
    if (token !== tokens.bot && token !== tokens.app) throw new Refusal('invalid_auth');
    if (token === tokens.bot && state.botTokenIsRevoked) throw new Refusal('token_revoked');
    if (method === undefined) {
      state.complaints.push(`${name} is a method this platform does not have`);
      throw new Refusal('unknown_method', { req_method: name });
    }
    const kind = token === tokens.bot ? 'bot' : 'app';
    if (method.token !== 'any' && method.token !== kind) throw new Refusal('not_allowed_token_type');
    if (kind === 'app' && header === undefined) throw new Refusal('invalid_auth');
    for (const scope of method.scopes ?? []) needScope(state, scope);
    return method;
  };

  return async (name, request) => {
    const body = await bodyOf(request);
    const { token: _secret, ...args } = body ?? {};
    const log = (status: number, error: string | null): void => {
      state.calls.push({ method: name, args, status, error, atMs: Date.now() });
    };
    const scopes = { 'x-oauth-scopes': [...state.grantedScopes].join(',') };
    try {
      if (request.method !== 'POST') throw new Refusal('insecure_request');
      if (body === null) throw new Refusal('invalid_form_data');
      const method = check(methods[name], name, request, body);
      const waitS = rates.take(name, method.tier, String(args['channel'] ?? ''));
      if (waitS !== null) {
        log(429, 'ratelimited');
        return Response.json(
          { ok: false, error: 'ratelimited' },
          { status: 429, headers: { 'retry-after': String(waitS) } },
        );
      }
      const answer = method.run(readArguments(args), world);
      log(200, null);
      return Response.json({ ok: true, ...answer }, { headers: scopes });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      log(200, refusal.message);
      return Response.json({ ok: false, error: refusal.message, ...refusal.details }, { headers: scopes });
    }
  };
}
