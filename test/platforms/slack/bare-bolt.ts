import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { SlackPlatform } from './index.ts';

/** A Bolt program without anything of ours in it. */
export interface BareBolt {
  readonly app: App;
  /** What Bolt logged as a warning or an error. */
  readonly troubles: readonly string[];
  stop(): Promise<void>;
}

/** How often and how long Bolt tries; few and short by default, so that a test sees what Slack answered. */
export interface BareBoltOptions {
  readonly retries?: number;
  readonly timeoutMs?: number;
  /** The shortest wait before it connects again, and the longest for a pong. */
  readonly clientPingTimeoutMs?: number;
}

/** What Bolt needs of a platform, which may be in another process. */
export interface BoltPlace extends Pick<SlackPlatform, 'apiUrl' | 'botToken' | 'appToken' | 'signingSecret'> {
  readonly state: { readonly app: { readonly isSocketMode: boolean } };
  readonly requestUrl: Pick<SlackPlatform['requestUrl'], 'verify'>;
}

/** Starts Bolt on the transport that the manifest of the platform's app names. */
export async function startBareBolt(
  slack: BoltPlace,
  register: (app: App) => void,
  { retries = 0, timeoutMs = 2000, clientPingTimeoutMs = 1000 }: BareBoltOptions = {},
): Promise<BareBolt> {
  const troubles: string[] = [];
  const logger = silentLogger(troubles);
  const receiver = slack.state.app.isSocketMode
    ? new SocketModeReceiver({
        appToken: slack.appToken,
        clientPingTimeout: clientPingTimeoutMs,
        logger,
        installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
      })
    : new HTTPReceiver({ signingSecret: slack.signingSecret, logger });
  const app = new App({
    token: slack.botToken,
    receiver,
    logger,
    deferInitialization: true,
    clientOptions: {
      slackApiUrl: slack.apiUrl,
      timeout: timeoutMs,
      retryConfig: { retries, minTimeout: 10, maxTimeout: 20 },
    },
  });
  register(app);
  await app.init();
  if (receiver instanceof SocketModeReceiver) {
    await app.start();
    return { app, troubles, stop: () => disconnect(receiver) };
  }
  const server = await receiver.start({ host: '127.0.0.1', port: 0 });
  const { port } = server.address() as AddressInfo;
  await slack.requestUrl.verify(`http://127.0.0.1:${port}/slack/events`);
  return {
    app,
    troubles,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** Bolt's own stop does not wait until the socket is closed. */
async function disconnect({ client }: SocketModeReceiver): Promise<void> {
  if (client.websocket?.isActive() !== true) {
    void client.disconnect();
    return;
  }
  await client.disconnect();
}

function silentLogger(troubles: string[]): Logger {
  const note = (...words: unknown[]): void => {
    troubles.push(words.map(String).join(' '));
  };
  const ignore = (): void => undefined;
  return {
    debug: ignore,
    info: ignore,
    warn: note,
    error: note,
    setLevel: ignore,
    getLevel: () => LogLevel.WARN,
    setName: ignore,
  };
}
