import { type Channel, channelType, type Guild, type User, type World } from './state.ts';

// https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
export const permission = {
  administrator: 1n << 3n,
  manageChannels: 1n << 4n,
  manageGuild: 1n << 5n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
  mentionEveryone: 1n << 17n,
  manageRoles: 1n << 28n,
  useApplicationCommands: 1n << 31n,
  manageThreads: 1n << 34n,
  createPublicThreads: 1n << 35n,
  createPrivateThreads: 1n << 36n,
  sendMessagesInThreads: 1n << 38n,
} as const;

export type PermissionName = keyof typeof permission;

const everything = Object.values(permission).reduce((all, bit) => all | bit, 0n);
const inDirectMessages =
  permission.viewChannel |
  permission.sendMessages |
  permission.embedLinks |
  permission.attachFiles |
  permission.readMessageHistory |
  permission.useApplicationCommands;

/** What `@everyone` may do in a new guild. */
export const usualPermissions = inDirectMessages | permission.createPublicThreads | permission.sendMessagesInThreads;

export function permissionBits(names: readonly PermissionName[]): bigint {
  return names.reduce((all, name) => all | permission[name], 0n);
}

/** What somebody may do in a guild, before any channel says otherwise; nothing for who is not in it. */
export function guildPermissions(guild: Guild, user: User): bigint {
  const member = guild.members.get(user.id);
  if (member === undefined) return 0n;
  if (guild.ownerId === user.id) return everything;
  const roles = [guild.id, ...member.roleIds].map((id) => guild.roles.get(id)?.permissions ?? 0n);
  const all = roles.reduce((sum, bits) => sum | bits, 0n);
  return (all & permission.administrator) === 0n ? all : everything;
}

/** What somebody may do in a channel; a thread follows the channel it belongs to. */
export function channelPermissions(world: World, channel: Channel, user: User): bigint {
  if (channel.guild === null) return channel.recipient === user || user === world.bot ? inDirectMessages : 0n;
  const { guild } = channel;
  const base = guildPermissions(guild, user);
  if (base === everything || base === 0n) return base;
  const holder = isThread(channel) ? world.channels.get(channel.parentId ?? '') : channel;
  const overwrites = holder?.overwrites ?? [];
  const roleIds = guild.members.get(user.id)?.roleIds ?? new Set<string>();
  const everyone = overwrites.filter(({ id }) => id === guild.id);
  const ofRoles = overwrites.filter(({ id, type }) => type === 0 && roleIds.has(id));
  const own = overwrites.filter(({ id, type }) => type === 1 && id === user.id);
  return [everyone, ofRoles, own].reduce((bits, group) => {
    const deny = group.reduce((sum, overwrite) => sum | overwrite.deny, 0n);
    const allow = group.reduce((sum, overwrite) => sum | overwrite.allow, 0n);
    return (bits & ~deny) | allow;
  }, base);
}

export function may(world: World, channel: Channel, user: User, name: PermissionName): boolean {
  const bits = channelPermissions(world, channel, user);
  // Who cannot see a channel can do nothing in it.
  return (bits & permission.viewChannel) !== 0n && (bits & permission[name]) !== 0n;
}

export function isThread({ type }: Channel): boolean {
  return type === channelType.publicThread || type === channelType.privateThread;
}
