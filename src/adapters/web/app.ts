import { readFileSync } from 'node:fs';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CommandListing } from '../../core/desk.ts';
import type { Window } from './channel.ts';
import { type Conversation, lookUpLine, type Taken } from './conversation.ts';
import { type Names, securityHeaders } from './guard.ts';
import { longestBody, longestLine } from './limits.ts';
import { isStaff, personaOf } from './personas.ts';
import { renderChooser, renderClosed, renderConsole } from './render-page.ts';
import type { SandboxControls } from './sandbox-controls.ts';

type Env = { readonly Bindings: HttpBindings };

export interface AppOptions {
  readonly sandbox: SandboxControls | null;
  readonly commands: readonly CommandListing[];
  readonly conversation: Conversation;
  /** `null` until the server listens. */
  readonly names: () => Names | null;
  readonly isReady: () => boolean;
  readonly report: (error: unknown) => string;
}

/** Everything that can be asked of the server. */
export function createApp(options: AppOptions): Hono<Env> {
  const { sandbox, names, isReady, report } = options;
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    await next();
    if (c.res === RESPONSE_ALREADY_SENT) return;
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
  });
  // Probes of an orchestrator come by whatever name; they learn nothing but these two words.
  app.get('/healthz', (c) => c.text('alive'));
  app.get('/readyz', (c) => (isReady() ? c.text('ready') : c.text('not ready', 503)));
  app.use(async (c, next) => {
    if (names()?.answersTo(c.env.incoming) !== true) {
      return c.text('This server does not answer to that name. Set PUBLIC_URL to the address you use.', 421);
    }
    return next();
  });
  for (const [file, type] of assets) {
    const body = readFileSync(new URL(`page/${file}`, import.meta.url));
    app.get(`/page/${file}`, (c) => c.body(new Uint8Array(body), 200, { 'content-type': type }));
  }
  if (sandbox === null) app.get('/', (c) => c.html(renderClosed()));
  else addConsole(app, { ...options, sandbox });
  app.notFound((c) => c.text('There is nothing here.', 404));
  app.onError((error, c) =>
    c.json({ trouble: `Something went wrong. The reference for the log is ${report(error)}.` }, 500),
  );
  return app;
}

const assets = [
  ['style.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
  ...['console.js', 'stream.js', 'messages.js', 'composer.js', 'question.js', 'shop.js', 'panels.js', 'post.js'].map(
    (file) => [file, 'text/javascript; charset=utf-8'] as const,
  ),
] as const;

const windowShape = { as: z.string().max(20), window: z.uuid() };
const emailShape = z.email().max(200);
const idShape = z.string().min(1).max(200);
const shapes = {
  line: z.object({ ...windowShape, line: z.string().trim().min(1).max(longestLine) }),
  press: z.object({
    ...windowShape,
    messageId: idShape,
    offerId: idShape,
    form: z.object({ reason: z.string().trim().max(1000).nullable() }).nullable(),
  }),
  purchase: z.object({
    email: emailShape,
    planId: idShape,
    region: idShape,
    serverName: z.string().trim().max(longestLine),
  }),
  trouble: z.object({ id: idShape, isBroken: z.boolean() }),
  nothing: z.object({}),
  act: z.object({ id: idShape, email: emailShape.nullable() }),
};

function addConsole(app: Hono<Env>, options: AppOptions & { readonly sandbox: SandboxControls }): void {
  const { sandbox, commands, conversation, names } = options;

  app.get('/', async (c) => {
    const persona = personaOf(c.req.query('as'));
    if (persona === null) return c.html(renderChooser());
    const askAbout = (email: string) => ({ line: lookUpLine(commands, email) ?? email, what: email });
    return c.html(
      renderConsole({
        persona,
        sandbox,
        troubles: await sandbox.troubles(),
        askAbout: isStaff(persona) && commands.length > 0 ? askAbout : null,
      }),
    );
  });

  app.get('/api/events', (c) => {
    const window = windowOf({ as: c.req.query('as'), window: c.req.query('window') });
    if (window === null) return c.text('Say who you are, and in which window.', 400);
    const lastEventId = c.req.header('last-event-id') ?? c.req.query('after') ?? null;
    return conversation.listen(window, c.env.outgoing, lastEventId)
      ? RESPONSE_ALREADY_SENT
      : c.text('Too many windows are open.', 503);
  });

  app.use('/api/*', async (c, next) => {
    if (names()?.comesFromItself(c.env.incoming) !== true) return refuse(c, 403, 'This did not come from this page.');
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return refuse(c, 415, 'Only JSON is read here.');
    return next();
  });
  app.use('/api/*', bodyLimit({ maxSize: longestBody, onError: (c) => refuse(c, 413, 'That is too long.') }));

  const post = <Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    answer: (c: Context<Env>, input: z.output<Shape>) => Response | Promise<Response>,
  ): void => {
    app.post(path, async (c) => {
      const input = shape.safeParse(await c.req.json().catch(() => null));
      return input.success ? answer(c, input.data) : refuse(c, 400, 'That could not be read.');
    });
  };

  post('/api/lines', shapes.line, (c, input) => {
    const window = windowOf(input);
    return window === null ? refuse(c, 400, 'Nobody is called that.') : taken(c, conversation.ask(window, input.line));
  });
  post('/api/presses', shapes.press, (c, { messageId, offerId, form, ...input }) => {
    const window = windowOf(input);
    return window === null
      ? refuse(c, 400, 'Nobody is called that.')
      : taken(c, conversation.press(window, { messageId, offerId, form }));
  });
  post('/api/purchases', shapes.purchase, async (c, { serverName, ...wish }) => {
    const end = await sandbox.purchase({ ...wish, serverName: serverName === '' ? null : serverName });
    return 'refused' in end ? refuse(c, 422, end.refused) : c.json(end);
  });
  post('/api/troubles', shapes.trouble, async (c, { id, isBroken }) => {
    const known = await sandbox.troubles();
    if (known.every((trouble) => trouble.id !== id)) return refuse(c, 404, 'There is no such trouble.');
    await (isBroken ? sandbox.break(id) : sandbox.mend(id)).finally(() => conversation.tellTroubles());
    return c.json({});
  });
  post('/api/troubles/mend-all', shapes.nothing, async (c) => {
    try {
      for (const { id, isBroken } of await sandbox.troubles()) if (isBroken) await sandbox.mend(id);
    } finally {
      await conversation.tellTroubles();
    }
    return c.json({});
  });
  post('/api/acts', shapes.act, async (c, { id, email }) => {
    const act = sandbox.acts.find((one) => one.id === id);
    if (act === undefined) return refuse(c, 404, 'There is no such act.');
    if (act.to === 'customer' && email === null) return refuse(c, 400, 'Say which customer.');
    const end = await sandbox.act(id, act.to === 'customer' ? email : null);
    await conversation.tellTroubles();
    return 'refused' in end ? refuse(c, 422, end.refused) : c.json(end);
  });
}

function windowOf(input: { readonly as: string | undefined; readonly window: string | undefined }): Window | null {
  const persona = personaOf(input.as);
  if (persona === null || !windowShape.window.safeParse(input.window).success) return null;
  return { key: `${persona.id}/${input.window}`, persona };
}

function taken(c: Context<Env>, outcome: Taken): Response {
  switch (outcome) {
    case 'taken':
      return c.json({}, 202);
    case 'too-many':
      return refuse(c, 429, 'One after the other, please: wait for the answers that are still to come.');
    case 'no-such-message':
      return refuse(c, 404, 'That message is gone. Ask again.');
  }
}

function refuse(c: Context, status: 400 | 403 | 404 | 413 | 415 | 422 | 429, trouble: string): Response {
  return c.json({ trouble }, status);
}
