import type { Mounted } from '../adapters/web/index.ts';
import type { Config } from '../config.ts';
import { type ChatAdapter, type ChatDeps, type ChatLog, ChatRefused } from '../core/chat.ts';
import { systemClock } from '../core/clock.ts';
import type { Desk } from '../core/desk.ts';
import { Ending, exits } from './ending.ts';

/** The chats that are configured, as one thing. */
export interface Chats {
  /** Connects, and goes on trying; the rest of the program does not wait for it. */
  start(): void;
  stop(): Promise<void>;
  areConnected(): boolean;
  /** What a chat wants to be asked over HTTP; `null`: none does. */
  readonly mounted: Mounted | null;
  /** Rejects with the ending of the program once a chat is lost for good. */
  readonly lost: Promise<never>;
}

/** Loads only the platforms that are configured: each takes a while and some memory. */
export async function openChats(config: Config, desk: Desk, log: ChatLog): Promise<Chats> {
  const lost = Promise.withResolvers<never>();
  // Whoever does not wait for it is not to be surprised by it.
  lost.promise.catch(() => undefined);
  const deps: ChatDeps = {
    desk,
    clock: systemClock,
    log,
    lost: (reason) => lost.reject(new Ending(exits.failed, reason)),
  };
  const adapters: ChatAdapter[] = [];
  let mounted: Mounted | null = null;
  if (config.discord !== null) {
    const { createDiscordAdapter } = await import('../adapters/discord/index.ts');
    adapters.push(createDiscordAdapter(config.discord, deps));
  }
  if (config.slack !== null) {
    const { createSlackAdapter } = await import('../adapters/slack/index.ts');
    const slack = createSlackAdapter(config.slack, deps);
    mounted = slack.requests;
    adapters.push(slack);
  }
  return {
    mounted,
    lost: lost.promise,
    start() {
      for (const adapter of adapters) {
        adapter.start().catch((error: unknown) => {
          const isRefused = error instanceof ChatRefused;
          const words = isRefused
            ? error.message
            : `${adapter.name} could not be started (reference ${log.bug(error)}).`;
          lost.reject(new Ending(isRefused ? exits.configuration : exits.internal, words));
        });
      }
    },
    stop: async () => {
      await Promise.allSettled(adapters.map((adapter) => adapter.stop()));
    },
    areConnected: () => adapters.every((adapter) => adapter.isConnected()),
  };
}
