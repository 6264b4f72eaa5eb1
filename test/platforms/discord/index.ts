import { createWorldClock } from '../../../src/sandbox/clock.ts';
import { listen } from '../../../src/sandbox/listen.ts';
import { type GatewayDirector, startGateway } from './gateway.ts';
import { createGuild, type GuildDirector, type GuildInput } from './guild.ts';
import { createPerson, type Person } from './people.ts';
import { type PermissionName, permission } from './permissions.ts';
import { type Place, placeOf } from './place.ts';
import type { RateLimits } from './rate-limits.ts';
import { createRest, type LoggedRequest, type RestFaults } from './rest.ts';
import { createSnowflakes } from './snowflake.ts';
import type { Command, GatewayEvent, Settings, User, World } from './state.ts';

export type { Exchange } from './exchange.ts';
export type { GatewayDirector } from './gateway.ts';
export type { GuildDirector, Member } from './guild.ts';
export type { Person } from './people.ts';
export type { PermissionName } from './permissions.ts';
export type { Place } from './place.ts';
export type { LoggedRequest } from './rest.ts';
export type { SeenMessage } from './seen.ts';
export type { Role, Settings } from './state.ts';

/** A Discord on loopback: strict like the real one towards the bot, open to the test that directs it. */
export interface Discord {
  /** What `DISCORD_API_URL` is set to. */
  readonly apiUrl: string;
  readonly token: string;
  readonly applicationId: string;
  readonly gateway: GatewayDirector;
  readonly faults: RestFaults;
  readonly rateLimits: RateLimits;
  /** All requests so far, faulted ones included. */
  readonly requests: readonly LoggedRequest[];
  /** Can be changed at any time. */
  readonly settings: Settings;
  /** The commands that are registered now. */
  readonly commands: readonly Command[];
  /** A server, with the bot in it. */
  guild(input?: GuildInput): GuildDirector;
  /** Somebody who is in no server yet. */
  person(name: string): Person;
  /** Any channel, thread or conversation by its id. */
  place(channelId: string): Place;
  /** Discord's time goes on by this much at once: tokens and rate limits age, pending interactions fail. */
  travel(ms: number): void;
  /** Switches the privileged intent on in the developer portal. */
  enableIntents(bits: number): void;
  /** Waits until the test holds. */
  until(holds: () => boolean, withinMs?: number): Promise<void>;
  /** Answers of 401, 403 and 429 within the last ten minutes. */
  invalidRequests(): number;
  /** Drops all messages, interactions and logged requests, so that a long run does not measure them. */
  forgetHistory(): void;
  stop(): Promise<void>;
}

const usualSettings: Settings = {
  firstAnswerMs: 3000,
  tokenMs: 15 * 60_000,
  enabledIntents: 0,
  heartbeatMs: 41_250,
  identifyEveryMs: 0,
  newDmsPerTenMinutes: 50,
  sendsChannelType: true,
  invalidRequestsMax: 10_000,
};

/** The bit set that a list of permissions makes, as text, as commands carry it. */
export function permissionText(...names: readonly PermissionName[]): string {
  return names.reduce((all, name) => all | permission[name], 0n).toString();
}

/** Starts an empty Discord that knows one application. */
export async function startDiscord(settings: Partial<Settings> = {}): Promise<Discord> {
  const waiters = new Set<() => void>();
  const clock = createWorldClock();
  const nextId = createSnowflakes(() => clock.now());
  const changed = (): void => {
    for (const look of waiters) look();
  };
  const botId = nextId();
  const bot: User = { id: botId, username: 'pterodoc', isBot: true, areDmsOpen: false };
  let dispatch: (event: GatewayEvent) => void = () => undefined;
  const world: World = {
    clock,
    nextId,
    token: `${Buffer.from(botId).toString('base64url')}.loopback.only`,
    bot,
    users: new Map([[botId, bot]]),
    guilds: new Map(),
    channels: new Map(),
    commands: new Map(),
    commandCreates: [],
    interactions: new Map(),
    tokens: new Map(),
    newDms: [],
    settings: { ...usualSettings, ...settings },
    dispatch: (event) => dispatch(event),
    changed,
    until: (holds, withinMs, words) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          clearInterval(poll);
          waiters.delete(look);
        };
        const look = (): void => {
          if (!holds()) return;
          end();
          resolve();
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(words()));
        }, withinMs);
        // What a test waits for may be something of its own, of which the platform is not told.
        const poll = setInterval(look, 20);
        waiters.add(look);
        look();
      }),
  };
  const gateway = await startGateway(world);
  dispatch = (event) => gateway.dispatch(event);
  const rest = createRest(world, gateway.routes);
  const server = await listen((request) => rest.handle(request), rest.faults);
  const createUser = (username: string): User => {
    const user: User = { id: nextId(), username, isBot: false, areDmsOpen: true };
    world.users.set(user.id, user);
    return user;
  };
  return {
    apiUrl: `${server.url}/api`,
    token: world.token,
    applicationId: botId,
    gateway,
    faults: rest.faults,
    rateLimits: rest.rateLimits,
    requests: rest.requests,
    settings: world.settings,
    get commands() {
      return [...world.commands.values()];
    },
    guild: (input = {}) => createGuild(world, input, createUser),
    person: (name) => createPerson(world, createUser(name)),
    place(channelId) {
      const channel = world.channels.get(channelId);
      if (channel === undefined) throw new Error(`There is no channel ${channelId}.`);
      return placeOf(world, channel);
    },
    travel(ms) {
      clock.travelTo(clock.now() + ms);
      for (const interaction of world.interactions.values()) {
        if (interaction.answer === null && clock.now() - interaction.createdAt > world.settings.firstAnswerMs) {
          interaction.hasFailed = true;
        }
      }
      changed();
    },
    enableIntents(bits) {
      world.settings.enabledIntents |= bits;
    },
    until: (holds, withinMs = 10_000) =>
      world.until(holds, withinMs, () => `What was waited for did not happen within ${withinMs} ms.`),
    invalidRequests: () => rest.invalidRequests(),
    forgetHistory() {
      rest.requests.length = 0;
      world.interactions.clear();
      world.tokens.clear();
      for (const { messages } of world.channels.values()) messages.length = 0;
      gateway.forgetEvents();
    },
    async stop() {
      await Promise.all([server.stop(), gateway.stop()]);
    },
  };
}
