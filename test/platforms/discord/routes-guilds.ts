import { refusal } from './refusal.ts';
import { type Call, ok, param, type Route } from './route.ts';
import { isThread } from './permissions.ts';
import type { Guild, World } from './state.ts';
import { channelWire, guildWire, memberWire, roleWire, userWire } from './wire.ts';

/** What a bot reads about itself, its servers and the people in them. */
export const guildRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/users/@me',
    handle: ({ world }) =>
      ok({ ...userWire(world.bot), mfa_enabled: false, locale: 'en-US', verified: true, email: null }),
  },
  {
    method: 'GET',
    path: '/users/@me/guilds',
    handle: ({ world }) =>
      ok(
        ownGuilds(world).map(({ id, name }) => ({
          id,
          name,
          icon: null,
          owner: false,
          permissions: '0',
          features: [],
        })),
      ),
  },
  {
    method: 'GET',
    path: '/users/:user',
    handle(call) {
      const user = call.world.users.get(param(call, 'user'));
      if (user === undefined) throw refusal('unknownUser');
      return ok(userWire(user));
    },
  },
  { method: 'GET', path: '/applications/@me', handle: ({ world }) => ok(applicationWire(world)) },
  { method: 'GET', path: '/oauth2/applications/@me', handle: ({ world }) => ok(applicationWire(world)) },
  { method: 'GET', path: '/guilds/:guild', handle: (call) => ok(guildWire(guildOf(call))) },
  {
    method: 'GET',
    path: '/guilds/:guild/roles',
    handle: (call) => ok([...guildOf(call).roles.values()].map(roleWire)),
  },
  {
    method: 'GET',
    path: '/guilds/:guild/channels',
    handle(call) {
      const guild = guildOf(call);
      const channels = [...call.world.channels.values()].filter(
        (channel) => channel.guild === guild && !isThread(channel),
      );
      return ok(channels.map((channel) => channelWire(call.world, channel)));
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/members/:user',
    handle(call) {
      const userId = param(call, 'user');
      const member = guildOf(call).members.get(userId === '@me' ? call.world.bot.id : userId);
      if (member === undefined) throw refusal(call.world.users.has(userId) ? 'unknownMember' : 'unknownUser');
      return ok(memberWire(member));
    },
  },
];

function ownGuilds({ guilds, bot }: World): readonly Guild[] {
  return [...guilds.values()].filter(({ members }) => members.has(bot.id));
}

function guildOf(call: Call): Guild {
  const guild = call.world.guilds.get(param(call, 'guild'));
  if (guild === undefined) throw refusal('unknownGuild');
  if (!guild.members.has(call.world.bot.id)) throw refusal('missingAccess');
  return guild;
}

function applicationWire(world: World): Readonly<Record<string, unknown>> {
  return {
    id: world.bot.id,
    name: world.bot.username,
    icon: null,
    description: '',
    type: null,
    bot: userWire(world.bot),
    summary: '',
    bot_public: false,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: 0,
    owner: userWire(world.bot),
    team: null,
    approximate_guild_count: ownGuilds(world).length,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
  };
}
