import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type APIInteraction,
  Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Options,
  Status,
} from 'discord.js';
import { type ChatAdapter, type ChatDeps, ChatRefused } from '../../core/chat.ts';
import { createChannelMessages } from './channel-messages.ts';
import { whyClosedForGood } from './close-codes.ts';
import { registerCommands } from './commands.ts';
import { createInteractions, type Interactions } from './interactions.ts';
import { drainMs, longestQueuedMs, requestTimeoutMs, waitForGuildsMs } from './limits.ts';
import { createPlaces } from './places.ts';
import { createReplies } from './reply.ts';
import { errorCode, troubleWords } from './requests.ts';
import type { DiscordRoleIds } from './roles.ts';

export interface DiscordAdapterConfig {
  readonly token: string;
  /** The only server in which anything is answered. */
  readonly guildId: string;
  /** Channels, or categories with all that is in them. */
  readonly supportChannelIds: readonly string[];
  readonly roleIds: DiscordRoleIds;
  readonly apiUrl: string;
}

interface Connected {
  readonly client: Client<true>;
  readonly interactions: Interactions;
}

const longestPauseMs = 60_000;
const registerAgainMs = 60_000;

/** The same desk as everywhere, in Discord. */
export function createDiscordAdapter(config: DiscordAdapterConfig, deps: ChatDeps): ChatAdapter {
  const { desk, clock, log, lost } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  const replies = createReplies(config.apiUrl);
  let connected: Connected | null = null;

  /** `null`: it may work later. */
  const connect = async (): Promise<Connected | null> => {
    const client = createClient(config.apiUrl);
    const interactions = createInteractions({
      desk,
      clock,
      log,
      replies,
      messages: createChannelMessages(client.rest),
      places: createPlaces(client, config.supportChannelIds),
      guildId: config.guildId,
      roleIds: config.roleIds,
    });
    let reason: string | null = null;
    client.on(Events.Error, log.bug);
    client.on(Events.ShardReconnecting, () => {
      if (!signal.aborted) log.warn('The connection to Discord broke; it is being restored.');
    });
    client.on(Events.ShardError, (error) => log.warn(`The connection to Discord has trouble (${error.name}).`));
    client.on(Events.ShardDisconnect, ({ code }) => {
      reason = whyClosedForGood(code);
      if (connected?.client === client && reason !== null) lost(reason);
    });
    // As it comes in: the library's own event waits until all servers have been announced.
    client.ws.on(GatewayDispatchEvents.InteractionCreate, (interaction: APIInteraction) =>
      interactions.take(interaction),
    );
    const ready = new Promise<Client<true>>((resolve) => {
      client.once(Events.ClientReady, resolve);
    });
    const end = (): void => void client.destroy();
    signal.addEventListener('abort', end, { once: true });
    try {
      const opened = await Promise.race([client.login(config.token).then(() => ready), aborted(signal)]);
      return opened === null ? null : { client: opened, interactions };
    } catch (error) {
      await client.destroy();
      if (error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid) reason ??= wrongToken;
      if (reason !== null) throw new ChatRefused(reason);
      return null;
    } finally {
      signal.removeEventListener('abort', end);
    }
  };

  /** `null`: it was stopped before. */
  const connectAtLast = async (): Promise<Connected | null> => {
    for (let pauseMs = 1000; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const opened = await connect();
      if (opened !== null || signal.aborted) return opened;
      log.warn(`Discord cannot be reached; trying again in ${Math.round(pauseMs / 1000)} s.`);
      await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted) return null;
    }
  };

  const register = async (client: Client<true>): Promise<void> => {
    const where = { applicationId: client.application.id, guildId: config.guildId };
    const registered = await registerCommands(client.rest, where, desk.commands);
    if (registered.ok) {
      if (registered.value === 'registered') log.info('The commands were registered with Discord.');
      return;
    }
    const { failure } = registered;
    if (failure.kind === 'refused' && failure.code === errorCode.missingAccess)
      throw new ChatRefused(notInvited(config));
    if (failure.kind === 'refused') throw new Error(`Discord refuses the commands (error ${failure.code}).`);
    log.warn(`The commands could not be registered (${troubleWords(failure)}); trying again in a minute.`);
    setTimeout(() => {
      if (!signal.aborted) void register(client).catch(log.bug);
    }, registerAgainMs).unref();
  };

  return {
    name: 'discord',
    async start() {
      const opened = await connectAtLast();
      if (opened === null) return;
      connected = opened;
      const { client } = opened;
      try {
        if (!client.guilds.cache.has(config.guildId)) throw new ChatRefused(notInvited(config));
        await register(client);
      } catch (error) {
        connected = null;
        await client.destroy();
        throw error;
      }
      for (const complaint of createPlaces(client, config.supportChannelIds).complaints()) log.warn(complaint);
    },
    async stop() {
      connected?.interactions.refuse();
      const pending = [...(connected?.interactions.underWay ?? [])];
      await Promise.race([Promise.allSettled(pending), sleep(drainMs, undefined, { ref: false })]);
      stopped.abort();
      await connected?.client.destroy();
      replies.close();
    },
    isConnected: () =>
      connected !== null &&
      connected.client.isReady() &&
      connected.client.ws.shards.every(({ status }) => status === Status.Ready),
  };
}

const wrongToken = whyClosedForGood(4004) ?? '';

function notInvited({ guildId }: DiscordAdapterConfig): string {
  return `The bot is not in the server ${guildId} (DISCORD_GUILD_ID), or may not bring commands there: invite it with the scopes bot and applications.commands.`;
}

function createClient(apiUrl: string): Client {
  return new Client({
    // None of them is privileged: commands and buttons arrive without any.
    intents: [GatewayIntentBits.Guilds],
    waitGuildTimeout: waitForGuildsMs,
    allowedMentions: { parse: [] },
    rest: {
      api: apiUrl,
      timeout: requestTimeoutMs,
      // What may be repeated, and when, is decided where the request is made.
      retries: 0,
      handlerSweepInterval: 60_000,
      rejectOnRateLimit: ({ retryAfter }) => retryAfter > longestQueuedMs,
    },
    // Who asks comes with every event; of the servers only the channels and roles are needed.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ThreadMemberManager: 0,
      GuildMemberManager: { maxSize: 0, keepOverLimit: ({ id, client }) => id === client.user.id },
      UserManager: { maxSize: 0, keepOverLimit: ({ id, client }) => id === client.user?.id },
    }),
  });
}

async function aborted(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}
