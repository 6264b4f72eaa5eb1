import { type APIInteraction, ChannelType, type Client, PermissionFlagsBits } from 'discord.js';
import type { Place } from '../../core/desk.ts';

/** Tells the channels in which staff are among themselves, from what the gateway has announced: nothing is asked. */
export interface Places {
  placeOf(interaction: APIInteraction): Place;
  /** Why answers in a configured support channel are private, for the log. */
  complaints(): readonly string[];
}

const threadTypes: ReadonlySet<ChannelType> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);

/** Where it cannot be told, nobody else is to see the answer. */
export function createPlaces(client: Client, supportChannelIds: readonly string[]): Places {
  /** `null`: that cannot be told. Threads are read by whoever reads the channel they belong to. */
  const isOpenToAll = (channelId: string): boolean | null => {
    const channel = client.channels.cache.get(channelId);
    if (channel === undefined || channel.isDMBased() || channel.isThread()) return null;
    const everyone = channel.guild.roles.cache.get(channel.guildId);
    return everyone === undefined ? null : channel.permissionsFor(everyone).has(PermissionFlagsBits.ViewChannel);
  };
  const categoryOf = (channelId: string): string | null => {
    const channel = client.channels.cache.get(channelId);
    return channel === undefined || channel.isDMBased() ? null : channel.parentId;
  };

  return {
    placeOf({ channel, guild_id }) {
      if (guild_id === undefined || channel?.id === undefined) return 'private';
      const isThread = threadTypes.has(channel.type);
      const holderId = isThread ? ('parent_id' in channel ? channel.parent_id : null) : channel.id;
      if (typeof holderId !== 'string') return 'private';
      const ids = [channel.id, holderId, categoryOf(holderId)];
      const isSupport = ids.some((id) => id !== null && supportChannelIds.includes(id));
      return isSupport && isOpenToAll(holderId) === false ? 'staff' : 'private';
    },
    complaints: () =>
      supportChannelIds.flatMap((id) => {
        const isOpen = isOpenToAll(id);
        if (isOpen === null) return [`The support channel ${id} is not in the server, or not one for messages.`];
        return isOpen ? [`Everybody can read the support channel ${id}: answers there are private.`] : [];
      }),
  };
}
