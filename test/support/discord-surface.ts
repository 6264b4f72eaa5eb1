import { createDiscordAdapter } from '../../src/adapters/discord/index.ts';
import type { ChatAdapter } from '../../src/core/chat.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Desk } from '../../src/core/desk.ts';
import { startDiscord } from '../platforms/discord/index.ts';

/** The staff of a merchant, a customer and a stranger, in a server with the bot in it. */
export async function openServer(settings: Parameters<typeof startDiscord>[0] = {}) {
  const discord = await startDiscord(settings);
  const guild = discord.guild({ name: 'Merchant' });
  const roles = {
    support: guild.role('support'),
    operators: guild.role('operators'),
    admins: guild.role('admins'),
    /** May read along in the support channel, and nothing else. */
    visitors: guild.role('visitors'),
  };
  const onlyFor = Object.values(roles);
  const desk = guild.category('desk', { onlyFor });
  const channels = {
    support: guild.channel('support', { onlyFor }),
    lounge: guild.channel('lounge'),
    /** Configured as a support channel, and open to all. */
    open: guild.channel('open'),
    /** A configured category. */
    desk,
    inDesk: guild.channel('in-desk', { parent: desk }),
  };
  const people = {
    sam: guild.member('sam', roles.support),
    sid: guild.member('sid', roles.support),
    olga: guild.member('olga', roles.operators),
    ada: guild.member('ada', roles.admins),
    casey: guild.member('casey', roles.visitors),
  };
  return { discord, guild, roles, channels, people };
}

export type DiscordServer = Awaited<ReturnType<typeof openServer>>;

export interface PrepareOptions {
  readonly desk: Desk;
  readonly note: (line: string) => void;
  readonly lost?: (reason: string) => void;
  readonly token?: string;
  readonly guildId?: string;
  readonly clock?: Clock;
}

/** The adapter, configured for this server. */
export function prepareDiscord(
  { discord, guild, roles, channels }: DiscordServer,
  options: PrepareOptions,
): ChatAdapter {
  return createDiscordAdapter(
    {
      token: options.token ?? discord.token,
      guildId: options.guildId ?? guild.id,
      supportChannelIds: [channels.support.id, channels.open.id, channels.desk.id],
      roleIds: { support: [roles.support.id], operator: [roles.operators.id], admin: [roles.admins.id] },
      apiUrl: discord.apiUrl,
    },
    {
      desk: options.desk,
      clock: options.clock ?? { now: () => new Date() },
      log: {
        info: options.note,
        warn: options.note,
        bug(error) {
          options.note(`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
          return 'ref-1';
        },
      },
      lost: options.lost ?? options.note,
    },
  );
}
