import { announceChannel, announceGuild, intent, openThread } from './messages.ts';
import { createPerson, type Person } from './people.ts';
import { type PermissionName, permissionBits, usualPermissions } from './permissions.ts';
import { type OverwriteInput, type Place, placeOf } from './place.ts';
import { type Channel, channelType, type Guild, type GuildMember, type Role, type User, type World } from './state.ts';
import { guildCreateWire, memberWire, roleWire } from './wire.ts';

export interface GuildInput {
  readonly name?: string;
  /** What everybody may do; by default what a new server lets everybody do. */
  readonly everyone?: readonly PermissionName[];
  /** What the bot may do beyond that; by default nothing. */
  readonly bot?: readonly PermissionName[];
  /** An unavailable guild is announced at the start, but never arrives. */
  readonly isAvailable?: boolean;
  /** Whether the bot is in it. */
  readonly hasBot?: boolean;
}

export interface RoleInput {
  readonly permissions?: readonly PermissionName[];
  readonly isMentionable?: boolean;
}

export interface ChannelInput {
  readonly parent?: Place;
  /** Only these roles, and the bot, see the channel; without it everybody does. */
  readonly onlyFor?: readonly Role[];
  /** Further overwrites by id of a role. */
  readonly overwrites?: Readonly<Record<string, OverwriteInput>>;
}

/** A person as a member of one server. */
export interface Member extends Person {
  give(role: Role): void;
  take(role: Role): void;
  /** Leaves the server. */
  leave(): void;
}

/** A server and its furniture. */
export interface GuildDirector {
  readonly id: string;
  readonly guild: Guild;
  role(name: string, input?: RoleInput): Role;
  /** Removes a role from the server and from everybody who has it. */
  deleteRole(role: Role): void;
  category(name: string, input?: ChannelInput): Place;
  channel(name: string, input?: ChannelInput): Place;
  thread(name: string, parent: Place): Place;
  member(name: string, ...roles: readonly Role[]): Member;
  /** Lets somebody who exists join. */
  join(person: Person, ...roles: readonly Role[]): Member;
  /** Removes the bot. */
  kickBot(): void;
  /** An outage of the server begins or ends. */
  setAvailable(isAvailable: boolean): void;
}

export function createGuild(world: World, input: GuildInput, createUser: (name: string) => User): GuildDirector {
  const id = world.nextId();
  const owner = createUser(`owner of ${id}`);
  const everyone: Role = {
    id,
    name: '@everyone',
    permissions: input.everyone === undefined ? usualPermissions : permissionBits(input.everyone),
    position: 0,
    isMentionable: false,
  };
  const guild: Guild = {
    id,
    name: input.name ?? 'A server',
    ownerId: owner.id,
    roles: new Map([[id, everyone]]),
    members: new Map(),
    isAvailable: input.isAvailable ?? true,
  };
  world.guilds.set(id, guild);
  const botRole = addRole('bot', { permissions: input.bot ?? [] });
  addMember(owner, []);
  if (input.hasBot !== false) addMember(world.bot, [botRole]);
  if (guild.isAvailable && input.hasBot !== false) {
    announceGuild(world, 'GUILD_CREATE', guildCreateWire(world, guild), id);
  }

  function addRole(name: string, { permissions = [], isMentionable = false }: RoleInput): Role {
    const role: Role = {
      id: world.nextId(),
      name,
      permissions: permissionBits(permissions),
      position: guild.roles.size,
      isMentionable,
    };
    guild.roles.set(role.id, role);
    return role;
  }

  function addMember(user: User, roles: readonly Role[]): GuildMember {
    const member: GuildMember = {
      user,
      roleIds: new Set(roles.map((role) => role.id)),
      joinedAt: world.clock.now(),
    };
    guild.members.set(user.id, member);
    return member;
  }

  function addChannel(name: string, type: number, { parent, onlyFor, overwrites = {} }: ChannelInput): Place {
    const channel: Channel = {
      id: world.nextId(),
      type,
      guild,
      name,
      parentId: parent?.id ?? null,
      // A channel starts with what its category says.
      overwrites: (parent?.channel.overwrites ?? []).map((overwrite) => ({ ...overwrite })),
      recipient: null,
      messages: [],
      thread: null,
    };
    world.channels.set(channel.id, channel);
    const view = permissionBits(['viewChannel']);
    if (onlyFor !== undefined) {
      const seeing = [...onlyFor, ...(input.hasBot === false ? [] : [botRole])];
      channel.overwrites.splice(
        0,
        channel.overwrites.length,
        { id, type: 0, allow: 0n, deny: view },
        ...seeing.map((role) => ({ id: role.id, type: 0 as const, allow: view, deny: 0n })),
      );
    }
    const place = placeOf(world, channel);
    announceChannel(world, 'CHANNEL_CREATE', channel);
    for (const [roleId, overwrite] of Object.entries(overwrites)) place.overwrite(roleId, overwrite);
    return place;
  }

  function tellOfMember(member: GuildMember): void {
    world.dispatch({
      name: 'GUILD_MEMBER_UPDATE',
      data: { ...memberWire(member), guild_id: id },
      intents: intent.guildMembers,
      guildId: id,
    });
  }

  const memberPerson = (user: User, roles: readonly Role[]): Member => {
    const member = addMember(user, roles);
    return Object.defineProperties(
      {
        give(role: Role) {
          member.roleIds.add(role.id);
          tellOfMember(member);
        },
        take(role: Role) {
          member.roleIds.delete(role.id);
          tellOfMember(member);
        },
        leave: () => void guild.members.delete(user.id),
      },
      Object.getOwnPropertyDescriptors(createPerson(world, user)),
    ) as Member;
  };

  return {
    id,
    guild,
    role(name, roleInput = {}) {
      const role = addRole(name, roleInput);
      announceGuild(world, 'GUILD_ROLE_CREATE', { guild_id: id, role: roleWire(role) }, id);
      return role;
    },
    deleteRole(role) {
      guild.roles.delete(role.id);
      for (const member of guild.members.values()) member.roleIds.delete(role.id);
      announceGuild(world, 'GUILD_ROLE_DELETE', { guild_id: id, role_id: role.id }, id);
    },
    category: (name, channelInput = {}) => addChannel(name, channelType.category, channelInput),
    channel: (name, channelInput = {}) => addChannel(name, channelType.text, channelInput),
    thread: (name, parent) =>
      placeOf(world, openThread(world, parent.channel, name, channelType.publicThread, owner.id)),
    member: (name, ...roles) => memberPerson(createUser(name), roles),
    join(person, ...roles) {
      const user = world.users.get(person.id);
      if (user === undefined) throw new Error(`${person.name} is unknown here.`);
      return memberPerson(user, roles);
    },
    kickBot() {
      announceGuild(world, 'GUILD_DELETE', { id }, id);
      guild.members.delete(world.bot.id);
    },
    setAvailable(isAvailable) {
      guild.isAvailable = isAvailable;
      if (isAvailable) announceGuild(world, 'GUILD_CREATE', guildCreateWire(world, guild), id);
      else announceGuild(world, 'GUILD_DELETE', { id, unavailable: true }, id);
    },
  };
}
