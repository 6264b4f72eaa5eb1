import { setTimeout as sleep } from 'node:timers/promises';
import { App } from '@slack/bolt';
import { type ChatAdapter, type ChatDeps, ChatRefused } from '../../core/chat.ts';
import { createSlackApi } from './api.ts';
import { boltLog } from './bolt-log.ts';
import {
  type Connection,
  createHttpConnection,
  createSocketConnection,
  type SlackRequests,
  whyRefused,
} from './connection.ts';
import { createDelivery } from './delivery.ts';
import { registerInteractions } from './interactions.ts';
import { drainMs } from './limits.ts';
import { createPeople } from './people.ts';
import { createPlaces } from './places.ts';
import { createRoles, type SlackRoleIds } from './roles.ts';

export interface SlackAdapterConfig {
  readonly botToken: string;
  readonly connection:
    | { readonly kind: 'socket'; readonly appToken: string; readonly secondAfterMs?: number }
    | { readonly kind: 'http'; readonly signingSecret: string };
  readonly supportChannelIds: readonly string[];
  readonly roleIds: SlackRoleIds;
  readonly apiUrl: string;
}

/** Slack as the rest of the program sees it. */
export interface SlackAdapter extends ChatAdapter {
  readonly name: 'slack';
  /** What the program's HTTP server hands on; `null` in Socket Mode. */
  readonly requests: SlackRequests | null;
}

const secondAfterMs = 30_000;
const longestPauseMs = 30_000;

/** The same desk as everywhere, in Slack. */
export function createSlackAdapter(config: SlackAdapterConfig, deps: ChatDeps): SlackAdapter {
  const { desk, clock, log, lost } = deps;
  const logger = boltLog(log);
  let identity: { readonly team_id: string; readonly user_id: string; readonly bot_id: string } | null = null;
  const stopped = new AbortController();
  const teamId = (): string | null => identity?.team_id ?? null;
  const api = createSlackApi({ botToken: config.botToken, apiUrl: config.apiUrl, logger });
  const people = createPeople(api, teamId, clock);
  const roles = createRoles(config.roleIds, { api, people, clock, log });
  const places = createPlaces(config.supportChannelIds, { api, people, clock, log });
  const delivery = createDelivery({ api, clock, log });
  const connection = connectionOf(config, deps);
  const app = new App({
    receiver: connection.receiver,
    logger,
    // Bolt's own check of the token would stand between every command and its acknowledgement.
    authorize: async () => ({
      botToken: config.botToken,
      ...(identity === null ? {} : { botId: identity.bot_id, botUserId: identity.user_id, teamId: identity.team_id }),
    }),
    clientOptions: { slackApiUrl: config.apiUrl, timeout: 5000, retryConfig: { retries: 0 }, logger },
  });
  app.error(async (error) => {
    log.bug(error);
  });
  const underWay = registerInteractions(app, { desk, clock, log, api, delivery, roles, places, teamId });

  return {
    name: 'slack',
    requests: connection.requests,
    async start() {
      for (let pauseMs = 1000; identity === null; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        const found = await api.identity();
        if (stopped.signal.aborted) return;
        if (found.ok) identity = found.value;
        else {
          const reason = whyRefused(found.failure, 'SLACK_BOT_TOKEN');
          if (reason !== null) throw new ChatRefused(reason);
          log.warn(`Slack cannot be reached; trying again in ${Math.round(pauseMs / 1000)} s.`);
          await sleep(pauseMs, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
        }
      }
      await connection.start(app);
      void Promise.all([places.warm(), roles.warm()]).catch(log.bug);
    },
    async stop() {
      stopped.abort();
      await connection.stop();
      await Promise.race([Promise.allSettled(underWay), sleep(drainMs, undefined, { ref: false })]);
    },
    isConnected: () => identity !== null && connection.isUp(),
  };

  function connectionOf({ connection: way, apiUrl }: SlackAdapterConfig, { log: to }: ChatDeps): Connection {
    if (way.kind === 'http') return createHttpConnection(way.signingSecret, logger);
    return createSocketConnection({
      appToken: way.appToken,
      apiUrl,
      logger,
      log: to,
      lost,
      secondAfterMs: way.secondAfterMs ?? secondAfterMs,
    });
  }
}
