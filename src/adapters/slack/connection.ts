import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, HTTPReceiver, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { type ChatLog, ChatRefused } from '../../core/chat.ts';
import { type Trouble, troubleOf } from './api.ts';

/** The way from Slack to this program. */
export interface Connection {
  /** The one that Bolt knows. */
  readonly receiver: Receiver;
  start(app: App): Promise<void>;
  stop(): Promise<void>;
  isUp(): boolean;
  /** For the program's own HTTP server; `null` in Socket Mode. */
  readonly requests: SlackRequests | null;
}

/** What the HTTP server hands on to Slack's side of the program, unread: the signature is over the raw body. */
export interface SlackRequests {
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export const requestPath = '/slack/events';

/** Over HTTP everything comes to one signed address. */
export function createHttpConnection(signingSecret: string, logger: Logger): Connection {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: [requestPath], logger });
  let isStarted = false;
  return {
    receiver,
    async start() {
      isStarted = true;
    },
    async stop() {
      isStarted = false;
    },
    isUp: () => isStarted,
    requests: {
      path: requestPath,
      handle(request, response) {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost');
        if (pathname !== requestPath) response.writeHead(404).end();
        else if (request.method !== 'POST') response.writeHead(405, { allow: 'POST' }).end();
        // Slack sends events again; who typed a command reads that it failed.
        else if (!isStarted) response.writeHead(503).end();
        else receiver.requestListener(request, response);
      },
    },
  };
}

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly logger: Logger;
  readonly log: ChatLog;
  readonly lost: (reason: string) => void;
  /** The second connection comes later, so that Slack does not renew both at the same moment. */
  readonly secondAfterMs: number;
}

/** How long a renewed connection stays away, and how long a pong may take: much shorter raises false alarms. */
const pingTimeoutMs = 2000;
const longestPauseMs = 30_000;

/**
 * Two connections: Slack renews each every few hours, and what people do while one is away comes over the other.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export function createSocketConnection(options: SocketOptions): Connection {
  const { log, lost, secondAfterMs } = options;
  const stopped = new AbortController();
  const first = openReceiver(options);
  const second = openReceiver(options);
  const isActive = ({ client }: SocketModeReceiver): boolean => client.websocket?.isActive() === true;

  return {
    receiver: first,
    requests: null,
    async start(app) {
      second.init(app);
      const [connect] = [first, second].map(({ client }) =>
        keepConnected(client, { log, lost, signal: stopped.signal }),
      );
      await connect?.();
      setTimeout(() => {
        if (!stopped.signal.aborted) void second.client.start();
      }, secondAfterMs).unref();
    },
    async stop() {
      stopped.abort();
      await Promise.all([first, second].map(disconnect));
    },
    isUp: () => isActive(first) || isActive(second),
  };

  /** Bolt's own stop does not wait until the socket is closed; the client's waits for ever where there is none. */
  async function disconnect(receiver: SocketModeReceiver): Promise<void> {
    const isOpen = isActive(receiver);
    const closing = receiver.client.disconnect();
    if (isOpen) await Promise.race([closing, sleep(1000, undefined, { ref: false })]);
  }
}

function openReceiver({ appToken, apiUrl, logger }: SocketOptions): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    clientPingTimeout: pingTimeoutMs,
    logger,
    installerOptions: {
      clientOptions: {
        slackApiUrl: apiUrl,
        timeout: 10_000,
        retryConfig: { retries: 2, minTimeout: 500, maxTimeout: 3000 },
      },
    },
  });
}

const unhealable: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'not_allowed_token_type',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'team_disabled',
  'missing_scope',
]);

/** Whether a token will never do. */
export function refusesToken(trouble: Trouble): boolean {
  return trouble.kind === 'refused' && unhealable.has(trouble.code);
}

/** Why a token will never do, in words; `null`: it may do later. */
export function whyRefused(trouble: Trouble, token: string): string | null {
  return trouble.kind === 'refused' && refusesToken(trouble)
    ? `Slack refuses ${token} (${trouble.code}): put the one of the installed app in its place.`
    : null;
}

function whyNeverConnected(error: unknown): string | null {
  try {
    return whyRefused(troubleOf(error), 'SLACK_APP_TOKEN');
  } catch {
    return null;
  }
}

interface KeepOptions {
  readonly log: ChatLog;
  readonly lost: (reason: string) => void;
  readonly signal: AbortSignal;
}

type Client = SocketModeReceiver['client'];
type Connected = Awaited<ReturnType<Client['start']>>;

/**
 * The client gives up at the first trouble that is not over after its few tries, within a timer where nobody could
 * catch it. Its `start`, which it also calls to connect again, is replaced by one that goes on trying, and that tells
 * what will never heal. Answers with what connects for the first time, and throws {@link ChatRefused}.
 */
function keepConnected(client: Client, { log, lost, signal }: KeepOptions): () => Promise<Connected> {
  const tryOnce = client.start.bind(client);
  const connect = async (): Promise<Connected> => {
    for (let pauseMs = 1000; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await tryOnce();
      } catch (error) {
        const reason = whyNeverConnected(error);
        if (reason !== null) throw new ChatRefused(reason, { cause: error });
        if (!signal.aborted) log.warn(`Slack cannot be reached; trying again in ${Math.round(pauseMs / 1000)} s.`);
        await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
      }
    }
    return { ok: false };
  };
  client.start = () =>
    connect().catch((error: unknown) => {
      lost(error instanceof ChatRefused ? error.message : `Slack: ${log.bug(error)}`);
      return { ok: false };
    });
  return connect;
}
