import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../../core/clock.ts';
import type { Desk } from '../../core/desk.ts';
import type { ReportBug } from '../../core/front-desk.ts';
import { createApp } from './app.ts';
import { createConversation } from './conversation.ts';
import { addressOf, type Names, namesOf } from './guard.ts';
import { headersTimeoutMs, heartbeatMs, requestTimeoutMs } from './limits.ts';
import type { SandboxControls } from './sandbox-controls.ts';

export interface WebConfig {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Where the page is reached from outside, behind a proxy. */
  readonly publicUrl: string | null;
  /** `null`: live mode, in which nobody can choose who they are. */
  readonly sandbox: SandboxControls | null;
}

export interface WebDeps {
  readonly desk: Desk;
  readonly clock: Clock;
  /** What another surface has to answer on this port, whoever names the host. */
  readonly mounted?: Mounted | null;
  /** For `/readyz`; without it the server is ready as soon as it listens. */
  readonly isReady?: () => boolean;
  /** Takes a bug to the log, under the reference that the page shows. */
  readonly reportBug: ReportBug;
}

/** A path that is handed on as it comes, with its body unread. */
export interface Mounted {
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface WebAdapter {
  start(): Promise<{ readonly url: string }>;
  /** Ends every stream and connection. What is under way at the desk goes on there. */
  stop(): Promise<void>;
}

/** The page of the sandbox: the support channel as a window of a browser shows it. */
export function createWebAdapter(config: WebConfig, deps: WebDeps): WebAdapter {
  let server: Server | null = null;
  let beats: NodeJS.Timeout | null = null;
  const report = deps.reportBug;
  const conversation = createConversation({
    boot: randomBytes(9).toString('base64url'),
    sandbox: config.sandbox,
    desk: deps.desk,
    clock: deps.clock,
    report,
  });
  return {
    async start() {
      let names: Names | null = null;
      const app = createApp({
        sandbox: config.sandbox,
        commands: deps.desk.commands,
        conversation,
        names: () => names,
        isReady: deps.isReady ?? (() => true),
        report,
      });
      const started = createServer(
        { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
        handingOn(deps.mounted ?? null, getRequestListener(app.fetch, { overrideGlobalObjects: false })),
      );
      await conversation.tellTroubles();
      const port = await listen(started, config);
      names = namesOf(config.host, { port }, config.publicUrl);
      server = started;
      beats = setInterval(() => conversation.beat(), heartbeatMs).unref();
      return { url: config.publicUrl ?? addressOf(config.host, port) };
    },
    async stop() {
      if (beats !== null) clearInterval(beats);
      conversation.close();
      const closing = server;
      server = null;
      if (closing === null) return;
      await new Promise<void>((resolve) => {
        closing.close(() => resolve());
        closing.closeAllConnections();
      });
    },
  };
}

function handingOn(mounted: Mounted | null, own: RequestListener): RequestListener {
  if (mounted === null) return own;
  return (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === mounted.path) mounted.handle(request, response);
    else own(request, response);
  };
}

function listen(server: Server, { host, port }: WebConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
