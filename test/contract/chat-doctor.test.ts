import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createDiscordAdapter,
  createDiscordProber,
  type DiscordProberConfig,
} from '../../src/adapters/discord/index.ts';
import { createSlackProber, type SlackProberConfig } from '../../src/adapters/slack/index.ts';
import { commands } from '../../src/commands/index.ts';
import { type CredentialProber, type DoctorLine, type DoctorReport, examine } from '../../src/core/doctor.ts';
import { createChatDesk } from '../support/chat-desk.ts';
import { type DiscordServer, openServer } from '../support/discord-surface.ts';
import { openWorkspace, type SlackWorkspace } from '../support/slack-surface.ts';

const DEADLINE_MS = 10_000;

async function reportOf(prober: CredentialProber): Promise<DoctorReport> {
  return examine([prober], DEADLINE_MS);
}

function lineNamed({ lines }: DoctorReport, name: string): DoctorLine {
  const line = lines.find((each) => each.name === name);
  if (line === undefined) throw new Error(`No line ${name} among ${lines.map((each) => each.name).join(', ')}`);
  return line;
}

/** Everything that is not fine, as `name: status`. */
function troubles({ lines }: DoctorReport): readonly string[] {
  return lines.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name}: ${status}`);
}

/** Whatever is not fine says what to do, and nothing holds a secret. */
function expectHelpful(report: DoctorReport, secrets: readonly string[]): void {
  for (const { status, remedy } of report.lines) if (status !== 'ok') expect(remedy).toMatch(/\w/);
  for (const secret of secrets) expect(JSON.stringify(report)).not.toContain(secret);
}

describe('Discord', () => {
  let server: DiscordServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.discord.stop());

  const configOf = (over: Partial<DiscordProberConfig> = {}): DiscordProberConfig => {
    const { discord, guild, roles, channels } = server;
    return {
      token: discord.token,
      guildId: guild.id,
      alertChannelId: channels.inDesk.id,
      supportChannelIds: [channels.support.id, channels.desk.id],
      roleIds: { support: [roles.support.id], operator: [roles.operators.id], admin: [roles.admins.id] },
      apiUrl: discord.apiUrl,
      commands,
      ...over,
    };
  };
  const examineWith = (over: Partial<DiscordProberConfig> = {}): Promise<DoctorReport> =>
    reportOf(createDiscordProber(configOf(over)));
  const writes = (): readonly string[] =>
    server.discord.requests.flatMap(({ method, path }) => (method === 'GET' ? [] : [`${method} ${path}`]));

  /** As `pterodoc start` does. */
  async function register(): Promise<void> {
    const adapter = createDiscordAdapter(configOf(), {
      desk: { ...createChatDesk(), commands },
      clock: { now: () => new Date() },
      log: { info: () => undefined, warn: () => undefined, bug: () => 'ref-1' },
      lost: () => undefined,
    });
    await adapter.start();
    await adapter.stop();
  }

  test('is fine once pterodoc has registered its commands, and only reads', async () => {
    await register();
    const before = writes().length;
    const report = await examineWith();
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(lineNamed(report, 'Server').text).toContain('Merchant');
    expect(lineNamed(report, `Support channel ${server.channels.desk.id}`).text).toContain('#in-desk');
    expect(writes()).toHaveLength(before);
    expectHelpful(report, [server.discord.token]);
  });

  test('says that commands are registered by the first start', async () => {
    const report = await examineWith();
    expect(troubles(report)).toEqual(['Commands: warning']);
    expect(lineNamed(report, 'Commands').remedy).toContain('pterodoc start');
  });

  test('points to the token when Discord refuses it', async () => {
    const report = await examineWith({ token: 'a-token-of-nobody' });
    expect(report.exitCode).toBe(1);
    expect(lineNamed(report, 'Token')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('DISCORD_TOKEN'),
    });
    expectHelpful(report, ['a-token-of-nobody']);
  });

  test('gives the address that invites the bot where it is not in the server', async () => {
    server.guild.kickBot();
    const report = await examineWith();
    const { text, remedy } = lineNamed(report, 'Server');
    expect(text).toContain(server.guild.id);
    const address = new URL(/https:\S+(?=;)/.exec(remedy ?? '')?.[0] ?? '');
    expect(Object.fromEntries(address.searchParams)).toEqual({
      client_id: server.discord.applicationId,
      scope: 'bot applications.commands',
      permissions: '274877910016',
      guild_id: server.guild.id,
    });
    expect(lineNamed(report, 'Commands').status).toBe('failed');
  });

  test('names roles that are gone, roles of nobody, and a role that everybody has', async () => {
    const { guild, roles } = server;
    guild.deleteRole(roles.operators);
    const report = await examineWith({
      roleIds: { support: [guild.id], operator: [roles.operators.id], admin: [] },
    });
    expect(lineNamed(report, 'Roles of support')).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('@everyone'),
    });
    expect(lineNamed(report, 'Roles of operator')).toMatchObject({
      status: 'failed',
      text: expect.stringContaining(roles.operators.id),
    });
    expect(lineNamed(report, 'Roles of admin').status).toBe('not-configured');
    expectHelpful(report, []);
  });

  test('warns of channels that everybody can read', async () => {
    const { open, lounge } = server.channels;
    const report = await examineWith({ supportChannelIds: [open.id], alertChannelId: lounge.id });
    expect(lineNamed(report, `Support channel ${open.id}`)).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('Everybody on the server can read #open'),
    });
    expect(lineNamed(report, 'Alert channel').status).toBe('warning');
    expect(report.exitCode).toBe(0);
  });

  test('names what the bot may not do in a channel, and channels that are gone', async () => {
    const { support, inDesk } = server.channels;
    support.overwrite(server.guild.id, { deny: ['viewChannel', 'sendMessages'] });
    inDesk.delete();
    const report = await examineWith();
    expect(lineNamed(report, `Support channel ${support.id}`)).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('Send Messages'),
    });
    expect(lineNamed(report, 'Alert channel').status).toBe('failed');
    expect(lineNamed(report, `Support channel ${server.channels.desk.id}`)).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('no channels'),
    });
  });

  test('says what it means that no channels are given', async () => {
    const report = await examineWith({ supportChannelIds: [], alertChannelId: null });
    expect(lineNamed(report, 'Support channels')).toMatchObject({
      status: 'not-configured',
      text: expect.stringContaining('only the person who asks'),
    });
    expect(lineNamed(report, 'Alert channel').status).toBe('not-configured');
    expect(report.exitCode).toBe(0);
  });

  test('points to the address where somebody else answers', async () => {
    const report = await examineWith({ apiUrl: server.discord.apiUrl.replace(/\/api$/, '/elsewhere') });
    expect(report.exitCode).toBe(1);
    expect(lineNamed(report, 'Token').status).toBe('failed');
  });

  test('is done in time when Discord does not answer', async () => {
    server.discord.faults.next(/.*/, { kind: 'hang' }, 100);
    const report = await examine([createDiscordProber(configOf())], 600);
    expect(lineNamed(report, 'Token')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('discord.com'),
    });
  });
});

describe('Slack', () => {
  let workspace: SlackWorkspace;
  beforeEach(async () => {
    workspace = await openWorkspace('socket', { commands });
  });
  afterEach(() => workspace.slack.stop());

  const configOf = (over: Partial<SlackProberConfig> = {}): SlackProberConfig => {
    const { slack, channels, groups, people } = workspace;
    return {
      botToken: slack.botToken,
      connection: { kind: 'socket', appToken: slack.appToken },
      alertChannelId: channels.secluded.id,
      supportChannelIds: [channels.secluded.id],
      roleIds: { support: [groups.support.id], operator: [groups.operators.id], admin: [people.ada.id] },
      apiUrl: slack.apiUrl,
      ...over,
    };
  };
  const examineWith = (over: Partial<SlackProberConfig> = {}): Promise<DoctorReport> =>
    reportOf(createSlackProber(configOf(over)));

  test('is fine with the app of the manifest and channels of staff alone, and only reads', async () => {
    const report = await examineWith();
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    const { slack } = workspace;
    const reads = ['auth.test', 'apps.connections.open', 'conversations.info', 'conversations.members', 'users.info'];
    expect(slack.calls.map(({ method }) => method).filter((method) => !reads.includes(method))).toEqual([
      'usergroups.users.list',
      'usergroups.users.list',
    ]);
    expectHelpful(report, [slack.botToken, slack.appToken]);
  });

  test('points to the token when Slack refuses it', async () => {
    const report = await examineWith({ botToken: 'xoxb-of-nobody' });
    expect(report.exitCode).toBe(1);
    expect(lineNamed(report, 'Token')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('SLACK_BOT_TOKEN'),
    });
    expectHelpful(report, ['xoxb-of-nobody']);
  });

  test('names the scopes that the installation lacks', async () => {
    workspace.slack.grantScopes(['chat:write', 'commands', 'im:history', 'users:read', 'channels:read']);
    const report = await examineWith();
    expect(lineNamed(report, 'Scopes')).toMatchObject({
      status: 'failed',
      text: 'The app lacks groups:read, usergroups:read.',
      remedy: expect.stringContaining('pterodoc manifest slack'),
    });
    expect(lineNamed(report, `Role of support: ${workspace.groups.support.id}`).text).toContain('usergroups:read');
  });

  test('tells an app-level token that is none', async () => {
    const { slack } = workspace;
    const wrong = await examineWith({ connection: { kind: 'socket', appToken: slack.botToken } });
    expect(lineNamed(wrong, 'Socket Mode')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('SLACK_APP_TOKEN'),
    });
    expectHelpful(wrong, [slack.botToken]);
  });

  test('asks for nothing over HTTP but the signing secret', async () => {
    const report = await examineWith({ connection: { kind: 'http', signingSecret: 'signed-by-nobody' } });
    expect(lineNamed(report, 'Signing secret').status).toBe('ok');
    expectHelpful(report, ['signed-by-nobody']);
  });

  test('names groups and people of whom no role comes', async () => {
    const { people, groups, slack } = workspace;
    groups.operators.members.clear();
    const report = await examineWith({
      roleIds: { support: ['S0NOSUCH'], operator: [groups.operators.id], admin: [people.guest.id, 'U0NOBODY'] },
    });
    expect(lineNamed(report, 'Role of support: S0NOSUCH')).toMatchObject({ status: 'failed' });
    expect(lineNamed(report, `Role of operator: ${groups.operators.id}`)).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('empty'),
    });
    expect(lineNamed(report, `Role of admin: ${people.guest.id}`)).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('guest'),
    });
    expect(lineNamed(report, 'Role of admin: U0NOBODY').status).toBe('failed');
    expectHelpful(report, []);
    slack.state.planHasUserGroups = false;
    const poor = await examineWith();
    expect(lineNamed(poor, `Role of support: ${groups.support.id}`).remedy).toContain('member ids');
  });

  test('tells who else reads a support channel, and where the bot is not', async () => {
    const { support, shared, visited, closed } = workspace.channels;
    const report = await examineWith({
      supportChannelIds: [support.id, shared.id, visited.id, closed.id, 'C0NOSUCH'],
      alertChannelId: shared.id,
    });
    const textOf = (id: string): string => {
      const { status, text } = lineNamed(report, `Support channel ${id}`);
      return `${status}: ${text}`;
    };
    expect(textOf(support.id)).toBe(
      'warning: Everybody in the workspace can read #support, though only staff are in it.',
    );
    expect(textOf(shared.id)).toContain('warning: Only the person who asks sees an answer in #shared: it is shared');
    expect(textOf(visited.id)).toContain('it has guests');
    expect(textOf(closed.id)).toMatch(/^failed: .*the bot is not in/);
    expect(textOf('C0NOSUCH')).toMatch(/^failed: There is no channel/);
    expect(lineNamed(report, 'Alert channel')).toMatchObject({ status: 'warning' });
    expectHelpful(report, []);
  });

  test('says what it means that no channels and no roles are given', async () => {
    const none = { support: [], operator: [], admin: [] };
    const report = await examineWith({ supportChannelIds: [], alertChannelId: null, roleIds: none });
    expect(troubles(report)).toEqual([
      'Roles of support: not-configured',
      'Roles of operator: not-configured',
      'Roles of admin: not-configured',
      'Support channels: not-configured',
      'Alert channel: not-configured',
    ]);
    expect(report.exitCode).toBe(0);
  });

  test('is done in time when Slack does not answer', async () => {
    for (const method of ['auth.test', 'usergroups.users.list', 'apps.connections.open']) {
      workspace.slack.failMethod(method, { kind: 'hang' });
    }
    const report = await examine([createSlackProber(configOf())], 600);
    expect(lineNamed(report, 'Token')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('slack.com'),
    });
  });
});
