import { Hono } from 'hono';
import type { WorldClock } from '../clock.ts';
import type { Endpoints } from './acts/endpoints.ts';
import { Refusal, unrecognizedUrl } from './errors.ts';
import { createFormRoute } from './form.ts';
import type { IdSource } from './ids.ts';
import type { KeyRing } from './keys.ts';
import type { StripeRoutes } from './resource.ts';
import { serveBilling } from './routes/billing.ts';
import { serveCheckoutSessions } from './routes/checkout-sessions.ts';
import { serveEvents } from './routes/events.ts';
import { servePayments } from './routes/payments.ts';
import { serveWebhookEndpoints } from './routes/webhook-endpoints.ts';
import type { StripeState } from './state.ts';

/** The HTTP side of the account: every answer carries a `Request-Id`, and every refusal Stripe's error object. */
export function createApp(parts: {
  readonly state: StripeState;
  readonly clock: WorldClock;
  readonly ids: IdSource;
  readonly keys: KeyRing;
  readonly endpoints: Endpoints;
}): Hono<StripeRoutes> {
  const { state, clock, ids, keys, endpoints } = parts;
  const app = new Hono<StripeRoutes>();

  app.use(async (c, next) => {
    c.header('request-id', ids('req'));
    const version = c.req.header('stripe-version');
    const key = keys.authenticate(c.req.header('authorization') ?? null);
    if (version !== undefined && !/^\d{4}-\d{2}-\d{2}(?:\.[a-z]+)?$/.test(version)) {
      throw new Refusal(400, `Invalid Stripe API version: ${version}`);
    }
    c.header('stripe-version', version ?? state.apiVersion);
    c.set('scope', { state, key, nowS: Math.floor(clock.now() / 1000) });
    await next();
  });

  serveCheckoutSessions(app);
  serveEvents(app);
  serveWebhookEndpoints(app, endpoints, createFormRoute());
  serveBilling(app);
  servePayments(app);

  app.notFound((c) => refuse(unrecognizedUrl(c.req.method, c.req.path), c.res.headers));
  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(error, c.res.headers);
    throw error;
  });
  return app;
}

/** Headers set so far stay; only the body and what the refusal adds are new. */
function refuse(refusal: Refusal, soFar: Headers): Response {
  const headers = new Headers(soFar);
  for (const [name, value] of Object.entries(refusal.detail.headers ?? {})) headers.set(name, value);
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(refusal.toBody()), { status: refusal.status, headers });
}
