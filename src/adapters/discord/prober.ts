import { ChannelType, Routes } from 'discord.js';
import { z } from 'zod';
import type { CommandListing } from '../../core/desk.ts';
import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { FailureOf } from '../../core/failure.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import { requestJson } from '../http.ts';
import { isRegistered } from './commands.ts';
import { invitationTo, neededInChannels, permissionsIn, viewChannel } from './permissions.ts';
import type { DiscordRoleIds } from './roles.ts';

export interface DiscordProberConfig {
  readonly token: string;
  readonly guildId: string;
  readonly alertChannelId: string | null;
  readonly supportChannelIds: readonly string[];
  readonly roleIds: DiscordRoleIds;
  readonly apiUrl: string;
  readonly commands: readonly CommandListing[];
}

type Failure = FailureOf<'discord'>;
type Answer<T> = Promise<Result<T, Failure>>;

const applicationShape = z.object({
  id: z.string(),
  name: z.string(),
  interactions_endpoint_url: z.string().nullish(),
});
const guildShape = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.object({ id: z.string(), name: z.string(), permissions: z.string() })),
});
const memberShape = z.object({ roles: z.array(z.string()) });
const channelsShape = z.array(
  z.object({
    id: z.string(),
    type: z.int(),
    name: z.string(),
    parent_id: z.string().nullish(),
    permission_overwrites: z
      .array(z.object({ id: z.string(), type: z.int(), allow: z.string(), deny: z.string() }))
      .default([]),
  }),
);

type Application = z.output<typeof applicationShape>;
type Guild = z.output<typeof guildShape>;
type Channel = z.output<typeof channelsShape>[number];

/** All that several probes look at; each is asked for once. */
interface Server {
  readonly guild: Guild;
  readonly channels: readonly Channel[];
  readonly bot: { readonly userId: string; readonly roleIds: readonly string[] };
}

const requestTimeoutMs = 4000;
/** Discord answers nobody who is called otherwise: https://docs.discord.com/developers/reference#user-agent */
const userAgent = 'DiscordBot (pterodoc, 1)';
const portal = 'https://discord.com/developers/applications';

/** Tries what the bot needs of Discord, by reading alone. */
export function createDiscordProber(config: DiscordProberConfig): CredentialProber {
  const { guildId, alertChannelId, supportChannelIds, commands } = config;
  const get = reader(config);
  const application = once((signal) => get(Routes.currentApplication(), applicationShape, signal));
  const guild = once((signal) => get(Routes.guild(guildId), guildShape, signal));
  const server = once(async (signal): Answer<Server> => {
    const self = await application(signal);
    if (!self.ok) return self;
    const [found, channels, member] = await Promise.all([
      guild(signal),
      get(Routes.guildChannels(guildId), channelsShape, signal),
      get(Routes.guildMember(guildId, self.value.id), memberShape, signal),
    ]);
    if (!found.ok) return found;
    if (!channels.ok) return channels;
    if (!member.ok) return member;
    const bot = { userId: self.value.id, roleIds: member.value.roles };
    return succeed({ guild: found.value, channels: channels.value, bot });
  });
  const invitation = async (signal: AbortSignal): Promise<string> => {
    const self = await application(signal);
    const link = self.ok ? `: ${invitationTo(self.value.id, guildId)}` : '';
    return `Invite the bot with the scopes bot and applications.commands${link}; check DISCORD_GUILD_ID.`;
  };

  return {
    source: 'discord',
    keyRemedy: `Reset the token (${portal} → your application → Bot) and put the new one into DISCORD_TOKEN.`,
    addressRemedy: 'Let the bot reach discord.com over HTTPS; where DISCORD_API_URL is set, check it.',
    probes: [
      {
        name: 'Token',
        needed: 'required',
        remedy: `Put the bot's token (${portal} → your application → Bot) into DISCORD_TOKEN.`,
        run: (signal) => seen(application(signal), whoItIs),
      },
      {
        name: 'Server',
        needed: 'required',
        remedy: 'Invite the bot into the server of DISCORD_GUILD_ID.',
        async run(signal) {
          const found = await guild(signal);
          if (found.ok) return succeed(fine(`The bot is in the server ${found.value.name}.`));
          if (!isAbsence(found.failure)) return found;
          const note = `The bot is not in the server ${guildId}, or there is none.`;
          return succeed({ kind: 'fault', note, remedy: await invitation(signal) });
        },
      },
      {
        name: 'Commands',
        needed: 'required',
        remedy: 'Invite the bot again with the scope applications.commands.',
        async run(signal) {
          const self = await application(signal);
          if (!self.ok) return self;
          const known = await get(
            Routes.applicationGuildCommands(self.value.id, guildId),
            z.array(z.unknown()),
            signal,
          );
          if (known.ok) return succeed(howRegistered(known.value, commands));
          if (!isAbsence(known.failure)) return known;
          const note = 'The bot may not bring commands to the server.';
          return succeed({ kind: 'fault', note, remedy: await invitation(signal) });
        },
      },
      ...roleProbes(config, guild),
      ...supportProbes(supportChannelIds, server),
      alertProbe(alertChannelId, server),
    ],
  };
}

function reader({ apiUrl, token }: DiscordProberConfig) {
  return async <T>(route: string, shape: z.ZodType<T>, signal: AbortSignal): Answer<T> => {
    const answer = await requestJson({
      source: 'discord',
      url: `${apiUrl}/v10${route}`,
      headers: { authorization: `Bot ${token}`, 'user-agent': userAgent },
      timeoutMs: requestTimeoutMs,
      signal,
      codeOf,
    });
    if (!answer.ok) return answer;
    const { status, json } = answer.value;
    // Without a code of Discord's own it is somebody else who answers.
    if (status === 404 && codeOf(json) !== null) return fail({ source: 'discord', kind: 'not-permitted', scope: null });
    const parsed = shape.safeParse(json);
    return parsed.success ? succeed(parsed.data) : fail({ source: 'discord', kind: 'unexpected-shape', path: route });
  };
}

const refusalShape = z.object({ code: z.int() });

function codeOf(json: unknown): string | null {
  const refused = refusalShape.safeParse(json);
  return refused.success ? String(refused.data.code) : null;
}

/** What is not there and what the bot may not see are answered alike. */
function isAbsence({ kind }: Failure): boolean {
  return kind === 'not-permitted';
}

/** Several probes look at the same answer; it is asked for once. */
function once<T>(ask: (signal: AbortSignal) => Answer<T>): (signal: AbortSignal) => Answer<T> {
  let answer: Answer<T> | null = null;
  return (signal) => (answer ??= ask(signal));
}

async function seen<T>(answer: Answer<T>, judge: (value: T) => ProbeFinding): Answer<ProbeFinding> {
  const read = await answer;
  return read.ok ? succeed(judge(read.value)) : read;
}

function fine(note: string): ProbeFinding {
  return { kind: 'fine', note };
}

function whoItIs({ id, name, interactions_endpoint_url: endpoint }: Application): ProbeFinding {
  if ((endpoint ?? '') === '') return fine(`It is the bot ${name}.`);
  return {
    kind: 'fault',
    note: `The application ${name} has an Interactions Endpoint URL: Discord sends all commands there, and none to pterodoc.`,
    remedy: `Empty the field (${portal}/${id}/information), or make an application of its own for pterodoc.`,
  };
}

function howRegistered(known: readonly unknown[], commands: readonly CommandListing[]): ProbeFinding {
  if (isRegistered(known, commands)) return fine('Registered as they are in this version.');
  const note = known.length === 0 ? 'None is registered yet.' : 'Those of another version are registered.';
  return { kind: 'warning', note, remedy: 'Nothing: `pterodoc start` registers them.' };
}

const variables = {
  support: 'DISCORD_SUPPORT_ROLE_IDS',
  operator: 'DISCORD_OPERATOR_ROLE_IDS',
  admin: 'DISCORD_ADMIN_ROLE_IDS',
} as const;

function roleProbes({ roleIds }: DiscordProberConfig, guild: (signal: AbortSignal) => Answer<Guild>): readonly Probe[] {
  return (['support', 'operator', 'admin'] as const).map((role): Probe => ({
    name: `Roles of ${role}`,
    needed: 'required',
    remedy: `Copy the id of a role (Server Settings → Roles → ⋯ → Copy Role ID, with Developer Mode on) into ${variables[role]}.`,
    async run(signal) {
      const ids = roleIds[role];
      if (ids.length === 0) {
        return succeed({
          kind: 'not-configured',
          note: `${variables[role]} is not given: nobody on Discord is ${role}.`,
        });
      }
      return seen(guild(signal), ({ id: everyoneId, roles }): ProbeFinding => {
        if (ids.includes(everyoneId)) {
          return { kind: 'fault', note: `${variables[role]} names @everyone: the whole server is ${role}.` };
        }
        const unknown = ids.filter((id) => roles.every((one) => one.id !== id));
        if (unknown.length > 0) return { kind: 'fault', note: `The server has no role ${unknown.join(', ')}.` };
        return fine(`${roles.flatMap(({ id, name }) => (ids.includes(id) ? [name] : [])).join(', ')}.`);
      });
    },
  }));
}

function supportProbes(ids: readonly string[], server: (signal: AbortSignal) => Answer<Server>): readonly Probe[] {
  if (ids.length === 0) {
    return [
      {
        name: 'Support channels',
        needed: 'optional',
        remedy: 'Put the ids of channels or categories that only staff can read into DISCORD_SUPPORT_CHANNEL_IDS.',
        run: async () =>
          succeed({
            kind: 'not-configured',
            note: 'DISCORD_SUPPORT_CHANNEL_IDS is not given: only the person who asks sees an answer.',
          }),
      },
    ];
  }
  return ids.map((id) => ({
    name: `Support channel ${id}`,
    needed: 'required',
    remedy:
      'Copy the id of the channel or category (Copy Channel ID, with Developer Mode on) into DISCORD_SUPPORT_CHANNEL_IDS.',
    run: (signal) => seen(server(signal), (found) => judgeSupportChannel(id, found)),
  }));
}

function judgeSupportChannel(id: string, server: Server): ProbeFinding {
  const found = server.channels.find((channel) => channel.id === id);
  if (found === undefined) return { kind: 'fault', note: `The server has no channel ${id}, or the bot cannot see it.` };
  const isCategory = found.type === ChannelType.GuildCategory;
  const rooms = isCategory ? server.channels.filter(({ parent_id }) => parent_id === id) : [found];
  if (rooms.length === 0) return { kind: 'warning', note: `The category ${found.name} has no channels.` };
  const closed = rooms.map((room) => lackOf(room, server)).find((lack) => lack !== null);
  if (closed !== undefined) return closed;
  const open = rooms.filter((room) => isOpenToAll(room, server));
  if (open.length > 0) {
    return {
      kind: 'warning',
      note: `Everybody on the server can read ${namesOf(open)}: only the person who asks sees an answer there.`,
      remedy: 'Take View Channel from @everyone there and give it to the roles of staff, and to the bot.',
    };
  }
  return fine(`Only some can read ${namesOf(rooms)}, and the bot may write there.`);
}

function alertProbe(id: string | null, server: (signal: AbortSignal) => Answer<Server>): Probe {
  const remedy = 'Copy the id of a channel (Copy Channel ID, with Developer Mode on) into DISCORD_ALERT_CHANNEL_ID.';
  return {
    name: 'Alert channel',
    needed: 'required',
    remedy,
    async run(signal) {
      if (id === null) return succeed({ kind: 'not-configured', note: 'DISCORD_ALERT_CHANNEL_ID is not given.' });
      return seen(server(signal), (found): ProbeFinding => {
        const channel = found.channels.find((one) => one.id === id);
        if (channel === undefined) {
          return { kind: 'fault', note: `The server has no channel ${id}, or the bot cannot see it.` };
        }
        const lack = lackOf(channel, found);
        if (lack !== null) return lack;
        if (!isOpenToAll(channel, found)) return fine(`The bot may write to #${channel.name}.`);
        return {
          kind: 'warning',
          note: `Everybody on the server can read #${channel.name}, and so what goes wrong in the shop.`,
          remedy: 'Take View Channel from @everyone there and give it to the roles of staff, and to the bot.',
        };
      });
    },
  };
}

/** The answer to a command needs no permission; what comes late, and what others press, is a message of the bot. */
function lackOf(channel: Channel, { guild, bot }: Server): ProbeFinding | null {
  const held = permissionsIn(channel, bot, guild);
  const lacking = [...neededInChannels].filter(([, bit]) => (held & bit) === 0n).map(([name]) => name);
  if (lacking.length === 0) return null;
  return {
    kind: 'fault',
    note: `In #${channel.name} the bot lacks ${lacking.join(', ')}.`,
    remedy: `Give them to the bot's role: Edit Channel #${channel.name} → Permissions.`,
  };
}

function isOpenToAll(channel: Channel, { guild }: Server): boolean {
  return (permissionsIn(channel, { userId: null, roleIds: [] }, guild) & viewChannel) !== 0n;
}

function namesOf(channels: readonly Channel[]): string {
  return channels.map(({ name }) => `#${name}`).join(', ');
}
