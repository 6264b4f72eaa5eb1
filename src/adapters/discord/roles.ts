import type { APIInteraction } from 'discord.js';
import type { Actor } from '../../core/actor.ts';
import type { Role } from '../../core/permission.ts';

/** Ids of Discord roles, for each of ours. */
export interface DiscordRoleIds {
  readonly support: readonly string[];
  readonly operator: readonly string[];
  readonly admin: readonly string[];
}

const fromMost = ['admin', 'operator', 'support'] as const;

/**
 * Who wants something, by the roles that came with it: Discord sends those of the moment along. In a conversation of two
 * there are none. `null`: in a server, and yet without roles.
 */
export function actorOf({ member, user, guild_id }: APIInteraction, ids: DiscordRoleIds): Actor | null {
  const account = member?.user ?? user;
  if (account === undefined || (guild_id !== undefined && member === undefined)) return null;
  const nick = member === undefined || !('nick' in member) ? null : member.nick;
  return {
    surface: 'discord',
    id: account.id,
    name: nick ?? account.global_name ?? account.username,
    role: member === undefined ? 'customer' : roleOf(member.roles, ids),
  };
}

function roleOf(held: readonly string[], ids: DiscordRoleIds): Role | null {
  return fromMost.find((role) => ids[role].some((id) => held.includes(id))) ?? null;
}
