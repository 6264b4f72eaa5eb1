import type { Context } from 'hono';
import { Refusal } from './errors.ts';
import { expand } from './expand.ts';
import { type ParamTable, parseParams } from './params.ts';
import { expandPaths, type StripeRoutes } from './resource.ts';
import type { RequestScope } from './scope.ts';

/** Answers a POST: reads the form, and honours its `Idempotency-Key`. */
export type FormRoute = (
  c: Context<StripeRoutes>,
  run: (params: ParamTable, scope: RequestScope) => object,
) => Promise<Response>;

interface Remembered {
  readonly path: string;
  readonly body: string;
  readonly answer: object;
}

/** Keeps the answers of one account by idempotency key: https://docs.stripe.com/api/idempotent_requests */
export function createFormRoute(): FormRoute {
  const remembered = new Map<string, Remembered>();
  return async (c, run) => {
    const scope = c.get('scope');
    const body = await c.req.text();
    const idempotencyKey = c.req.header('idempotency-key');
    const earlier = idempotencyKey === undefined ? undefined : remembered.get(idempotencyKey);
    if (idempotencyKey !== undefined && earlier !== undefined) {
      refuseReuse(idempotencyKey, earlier, c.req.path, body);
      c.header('idempotent-replayed', 'true');
      return c.json(earlier.answer);
    }
    const params = parseParams(new URLSearchParams(body));
    const answer = expand(run(params, scope), expandPaths(params), scope);
    if (idempotencyKey !== undefined) remembered.set(idempotencyKey, { path: c.req.path, body, answer });
    return c.json(answer);
  };
}

function refuseReuse(key: string, earlier: Remembered, path: string, body: string): void {
  if (earlier.path !== path) {
    throw new Refusal(
      400,
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${path}' vs '${earlier.path}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    );
  }
  if (earlier.body !== body) {
    throw new Refusal(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    );
  }
}
