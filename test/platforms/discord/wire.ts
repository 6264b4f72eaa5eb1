import { channelPermissions, guildPermissions, isThread } from './permissions.ts';
import {
  type Channel,
  type Command,
  type Guild,
  type GuildMember,
  type Interaction,
  interactionType,
  type Message,
  type Role,
  type User,
  type World,
} from './state.ts';
import { componentWire, embedWire } from './wire-components.ts';

type Wire = Record<string, unknown>;

export function userWire({ id, username, isBot }: User): Wire {
  return {
    id,
    username,
    discriminator: isBot ? '0001' : '0',
    global_name: isBot ? null : username,
    avatar: null,
    bot: isBot,
    public_flags: 0,
    flags: 0,
    primary_guild: null,
  };
}

export function roleWire({ id, name, permissions, position, isMentionable }: Role): Wire {
  return {
    id,
    name,
    description: null,
    permissions: permissions.toString(),
    position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    mentionable: isMentionable,
    icon: null,
    unicode_emoji: null,
    flags: 0,
  };
}

export function memberWire({ user, roleIds, joinedAt }: GuildMember): Wire {
  return {
    user: userWire(user),
    nick: null,
    avatar: null,
    banner: null,
    roles: [...roleIds],
    joined_at: new Date(joinedAt).toISOString(),
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
  };
}

export function channelWire(world: World, channel: Channel): Wire {
  const { id, type, name, guild, parentId, recipient, thread } = channel;
  const last = channel.messages.findLast(({ isDeleted, onlyFor }) => !isDeleted && onlyFor === null)?.id ?? null;
  if (guild === null) {
    return { id, type, flags: 0, last_message_id: last, recipients: recipient === null ? [] : [userWire(recipient)] };
  }
  const base = { id, type, name, guild_id: guild.id, parent_id: parentId, flags: 0, last_message_id: last };
  if (isThread(channel) && thread !== null) {
    return {
      ...base,
      owner_id: thread.ownerId,
      member_count: 1,
      message_count: channel.messages.length,
      total_message_sent: channel.messages.length,
      rate_limit_per_user: 0,
      thread_metadata: {
        archived: thread.isArchived,
        locked: thread.isLocked,
        auto_archive_duration: 1440,
        archive_timestamp: new Date(world.clock.now()).toISOString(),
        create_timestamp: new Date(world.clock.now()).toISOString(),
      },
    };
  }
  return {
    ...base,
    position: 0,
    topic: null,
    nsfw: false,
    rate_limit_per_user: 0,
    permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
      id,
      type,
      allow: allow.toString(),
      deny: deny.toString(),
    })),
  };
}

/** The guild as the gateway announces it: of the members only the bot, since others need a privileged intent. */
export function guildCreateWire(world: World, guild: Guild): Wire {
  const channels = [...world.channels.values()].filter((channel) => channel.guild === guild);
  const own = guild.members.get(world.bot.id);
  return {
    ...guildWire(guild),
    joined_at: new Date(own?.joinedAt ?? 0).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [],
    members: own === undefined ? [] : [memberWire(own)],
    channels: channels.filter((channel) => !isThread(channel)).map((channel) => channelWire(world, channel)),
    threads: channels.filter(isThread).map((channel) => channelWire(world, channel)),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function guildWire({ id, name, ownerId, roles }: Guild): Wire {
  return {
    id,
    name,
    owner_id: ownerId,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    vanity_url_code: null,
    roles: [...roles.values()].map(roleWire),
    emojis: [],
    stickers: [],
    features: [],
    afk_channel_id: null,
    afk_timeout: 300,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    widget_enabled: false,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw_level: 0,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: 'en-US',
    max_members: 500_000,
  };
}

export function messageWire(world: World, message: Message): Wire {
  const { interaction, channel, pings } = message;
  const isAnswer = interaction !== null;
  return {
    id: message.id,
    type: typeOf(message),
    channel_id: channel.id,
    author: userWire(message.author),
    content: message.content,
    embeds: message.embeds.map(embedWire),
    components: message.components.map(componentWire),
    flags: message.flags,
    attachments: message.attachments.map(({ id, filename, size }) => ({
      id,
      filename,
      size,
      url: `https://cdn.discordapp.com/attachments/${channel.id}/${id}/${encodeURIComponent(filename)}`,
      proxy_url: `https://media.discordapp.net/attachments/${channel.id}/${id}/${encodeURIComponent(filename)}`,
      ephemeral: message.onlyFor !== null,
    })),
    timestamp: new Date(message.createdAt).toISOString(),
    edited_timestamp: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
    tts: false,
    pinned: false,
    mention_everyone: pings.everyone,
    mentions: pings.users.flatMap((id) => world.users.get(id) ?? []).map(userWire),
    mention_roles: pings.roles,
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(message.replyTo === null
      ? {}
      : { message_reference: { type: 0, message_id: message.replyTo, channel_id: channel.id } }),
    ...(message.thread === null ? {} : { thread: channelWire(world, message.thread) }),
    ...(isAnswer
      ? { webhook_id: world.bot.id, application_id: world.bot.id, interaction_metadata: metadataOf(interaction) }
      : {}),
  };
}

const messageType = { usual: 0, reply: 19, command: 20 } as const;

function typeOf(message: Message): number {
  const { replyTo, interaction } = message;
  if (replyTo !== null) return messageType.reply;
  const isFirst = interaction !== null && (interaction.original === null || interaction.original === message);
  return isFirst && interaction.type === interactionType.command ? messageType.command : messageType.usual;
}

function metadataOf({ id, type, user, source }: Interaction): Wire {
  return {
    id,
    type,
    user: userWire(user),
    authorizing_integration_owners: {},
    ...(type === interactionType.component && source !== null ? { interacted_message_id: source.id } : {}),
  };
}

export function commandWire(world: World, command: Command): Wire {
  return {
    id: command.id,
    application_id: world.bot.id,
    version: command.version,
    type: command.type ?? 1,
    name: command.name,
    name_localizations: null,
    description: command.description ?? '',
    description_localizations: null,
    default_member_permissions: command.default_member_permissions ?? null,
    dm_permission: command.contexts?.includes(1) ?? true,
    nsfw: false,
    options: command.options ?? [],
    ...(command.guildId === null
      ? { contexts: command.contexts ?? null, integration_types: command.integration_types ?? [0] }
      : { guild_id: command.guildId }),
  };
}

/** What every interaction says about where and by whom, and what may be done there. */
export function placeWire(world: World, channel: Channel, user: User): Wire {
  const { guild } = channel;
  const shared = {
    channel_id: channel.id,
    locale: 'en-US',
    app_permissions: channelPermissions(world, channel, world.bot).toString(),
    entitlements: [],
    attachment_size_limit: 10 * 1024 * 1024,
  };
  if (guild === null) {
    return {
      ...shared,
      channel: channelWire(world, channel),
      context: 1,
      authorizing_integration_owners: { 0: '0' },
      user: userWire(user),
    };
  }
  const member = guild.members.get(user.id);
  return {
    ...shared,
    channel: { ...channelWire(world, channel), permissions: channelPermissions(world, channel, user).toString() },
    context: 0,
    authorizing_integration_owners: { 0: guild.id },
    guild_id: guild.id,
    guild: { id: guild.id, locale: 'en-US', features: [] },
    guild_locale: 'en-US',
    ...(member === undefined
      ? {}
      : {
          member: {
            ...memberWire(member),
            permissions: (channelPermissions(world, channel, user) || guildPermissions(guild, user)).toString(),
          },
        }),
  };
}
