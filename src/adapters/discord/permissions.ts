import { OAuth2Scopes, OverwriteType, PermissionFlagsBits } from 'discord.js';

/** What the bot does in a channel beside answering commands, by the names of Discord's own settings. */
export const neededInChannels: ReadonlyMap<string, bigint> = new Map([
  ['View Channel', PermissionFlagsBits.ViewChannel],
  ['Send Messages', PermissionFlagsBits.SendMessages],
  ['Send Messages in Threads', PermissionFlagsBits.SendMessagesInThreads],
]);

export const viewChannel = PermissionFlagsBits.ViewChannel;

/** The address that brings the bot into a server with what it needs and nothing else. */
export function invitationTo(applicationId: string, guildId: string): string {
  const address = new URL('https://discord.com/oauth2/authorize');
  const permissions = [...neededInChannels.values()].reduce((all, bit) => all | bit, 0n);
  address.searchParams.set('client_id', applicationId);
  address.searchParams.set('scope', [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '));
  address.searchParams.set('permissions', permissions.toString());
  address.searchParams.set('guild_id', guildId);
  return address.href;
}

export interface Overwrite {
  readonly id: string;
  readonly type: OverwriteType;
  readonly allow: string;
  readonly deny: string;
}

/** A member, or `@everyone` as one without roles. */
export interface Holder {
  readonly userId: string | null;
  readonly roleIds: readonly string[];
}

/**
 * What somebody may do in a channel, as Discord works it out:
 * https://docs.discord.com/developers/topics/permissions#permission-overwrites
 */
export function permissionsIn(
  { permission_overwrites: overwrites }: { readonly permission_overwrites: readonly Overwrite[] },
  { userId, roleIds }: Holder,
  guild: { readonly id: string; readonly roles: readonly { readonly id: string; readonly permissions: string }[] },
): bigint {
  const held = new Set([guild.id, ...roleIds]);
  const base = guild.roles.filter(({ id }) => held.has(id)).reduce((all, role) => all | BigInt(role.permissions), 0n);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return everything;
  const groups = [
    overwrites.filter(({ id }) => id === guild.id),
    overwrites.filter(({ id, type }) => type === OverwriteType.Role && id !== guild.id && held.has(id)),
    overwrites.filter(({ id, type }) => type === OverwriteType.Member && id === userId),
  ];
  return groups.reduce((bits, group) => {
    const deny = group.reduce((all, overwrite) => all | BigInt(overwrite.deny), 0n);
    const allow = group.reduce((all, overwrite) => all | BigInt(overwrite.allow), 0n);
    return (bits & ~deny) | allow;
  }, base);
}

const everything = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);
