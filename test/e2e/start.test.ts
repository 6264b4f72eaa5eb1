import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { type DiscordServer, openServer } from '../support/discord-surface.ts';
import { openWorkspace, type SlackMode, type SlackWorkspace } from '../support/slack-surface.ts';
import { openTerminal, type Started, type Terminal } from '../support/terminal.ts';
import { ask } from '../support/web-client.ts';
import { signed } from '../platforms/slack/delivery.ts';

type Environment = Readonly<Record<string, string>>;

let clinic: Clinic;
let terminal: Terminal;
let server: DiscordServer;
const workspaces: SlackWorkspace[] = [];
const dataDirs: string[] = [];

beforeAll(async () => {
  [clinic, terminal, server] = await Promise.all([openClinic({ customers: false }), openTerminal(), openServer()]);
});
afterAll(async () => {
  await Promise.all([terminal.close(), server.discord.stop(), ...workspaces.map(({ slack }) => slack.stop())]);
  await clinic.close();
  for (const dataDir of dataDirs) await rm(dataDir, { recursive: true, force: true });
});

async function aWorkspace(mode: SlackMode): Promise<SlackWorkspace> {
  const made = await openWorkspace(mode, { commands });
  workspaces.push(made);
  return made;
}

/** The merchant's systems, on a port of its own, with a memory of its own. */
async function merchantVariables(): Promise<Environment> {
  const dataDir = await makeDataDir();
  dataDirs.push(dataDir);
  return {
    ...clinic.sandbox.environment,
    PTERODOC_MODE: 'live',
    PTERODOC_DATA_DIR: dataDir,
    PORT: '0',
    // What is written at all must hold no token.
    LOG_LEVEL: 'debug',
  };
}

function discordVariables({ discord, guild, channels, roles }: DiscordServer): Environment {
  return {
    DISCORD_TOKEN: discord.token,
    DISCORD_GUILD_ID: guild.id,
    DISCORD_SUPPORT_CHANNEL_IDS: channels.support.id,
    DISCORD_SUPPORT_ROLE_IDS: roles.support.id,
    DISCORD_API_URL: discord.apiUrl,
  };
}

function slackVariables({ slack, channels, groups }: SlackWorkspace): Environment {
  return {
    ...slack.environment,
    SLACK_SUPPORT_CHANNEL_IDS: channels.support.id,
    SLACK_SUPPORT_IDS: groups.support.id,
  };
}

async function startProgram(environment: Environment): Promise<Started & { readonly url: string }> {
  const started = await terminal.start(['start'], '/healthz', environment);
  const url = /(http:\/\/[\d.:]+)\/healthz/.exec(started.printed())?.[1];
  if (url === undefined) throw new Error(started.printed());
  return { ...started, url };
}

async function isReadyAt(url: string): Promise<number> {
  return (await ask(`${url}/readyz`)).status;
}

/** Ends the program as a supervisor does. */
async function end({ child, ended }: Started): Promise<{ readonly exitCode: number | null; readonly tookMs: number }> {
  const startedAt = performance.now();
  child.kill('SIGTERM');
  const { exitCode } = await ended;
  return { exitCode, tookMs: performance.now() - startedAt };
}

async function buy(name: string): Promise<string> {
  const { orderId } = await clinic.sandbox.purchase({ email: `${name.toLowerCase()}@example.net`, serverName: name });
  if (orderId === null) throw new Error('nothing was bought');
  return orderId;
}

test('it is ready once both chats are connected, answers on both, and ends in order when it is told to', async () => {
  const workspace = await aWorkspace('socket');
  const { people, channels, slack } = workspace;
  const orderId = await buy('Birch');
  server.discord.gateway.setDown(true);
  const program = await startProgram({
    ...(await merchantVariables()),
    ...discordVariables(server),
    ...slackVariables(workspace),
  });
  await slack.sockets.connected();
  expect([(await ask(`${program.url}/healthz`)).status, await isReadyAt(program.url)]).toEqual([200, 503]);
  server.discord.gateway.setDown(false);
  await expect.poll(() => isReadyAt(program.url), { timeout: 15_000 }).toBe(200);
  await expect.poll(() => program.complained(), { timeout: 10_000 }).toContain('The commands were registered');

  const { sam } = server.people;
  const { support } = server.channels;
  await Promise.all([
    sam.slash('server-status', { who: orderId }, support, { until: 'answered' }),
    people.sam.slash('/server-status', orderId, channels.support),
  ]);
  await Promise.all([
    support.until((messages) => messages.some(({ text }) => text.includes(orderId))),
    people.olga.sees(orderId, channels.support, 10_000),
  ]);

  const { exitCode, tookMs } = await end(program);
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  expect(slack.sockets.count()).toBe(0);
  expect((await program.ended).err).not.toContain('error');
});

/** No token of anybody's begins like this. */
const wrong = 'not-the-right-one-4711';

test.concurrent('each token that is refused ends it with a sentence that names the variable, and not the token', async () => {
  const workspace = await aWorkspace('socket');
  const wrongs: readonly (readonly [variable: string, token: string, environment: Environment])[] = [
    ['DISCORD_TOKEN', wrong, discordVariables(server)],
    ['SLACK_BOT_TOKEN', `xoxb-${wrong}`, slackVariables(workspace)],
    ['SLACK_APP_TOKEN', `xapp-${wrong}`, slackVariables(workspace)],
  ];
  const ends = await Promise.all(
    wrongs.map(async ([variable, token, environment]) => {
      const variables = { ...(await merchantVariables()), ...environment, [variable]: token };
      const { exitCode, out, err } = await terminal.run(['start'], variables);
      const isNamed = new RegExp(`(?:Discord|Slack) refuses ${variable}.*: put the .* in its place`).test(err);
      return { variable, exitCode, isNamed, isTold: `${out}${err}`.includes(wrong), err: isNamed ? '' : err };
    }),
  );
  expect(ends).toEqual(wrongs.map(([variable]) => ({ variable, exitCode: 78, isNamed: true, isTold: false, err: '' })));
});

test.concurrent('it goes on trying while neither chat can be reached, says so, and still ends in order', async ({
  expect,
}) => {
  const program = await startProgram({
    ...(await merchantVariables()),
    ...discordVariables(server),
    ...slackVariables(await aWorkspace('socket')),
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
    SLACK_API_URL: 'http://127.0.0.1:9/api',
  });
  await expect
    .poll(() => program.complained(), { timeout: 10_000 })
    .toMatch(
      /Discord cannot be reached[^]*Slack cannot be reached|Slack cannot be reached[^]*Discord cannot be reached/,
    );
  expect(await isReadyAt(program.url)).toBe(503);
  const { exitCode, tookMs } = await end(program);
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
});

test('over HTTP Slack is answered on the same port, by whatever name it calls, and nobody else is', async () => {
  const workspace = await aWorkspace('http');
  const { people, channels, slack } = workspace;
  const program = await startProgram({ ...(await merchantVariables()), ...slackVariables(workspace) });
  await expect.poll(() => isReadyAt(program.url), { timeout: 15_000 }).toBe(200);

  const body = JSON.stringify({ type: 'url_verification', token: 'legacy', challenge: 'say-this' });
  const send = (headers: Environment, path = '/slack/events') =>
    ask(`${program.url}${path}`, {
      method: 'POST',
      headers: { host: 'bot.example', 'content-type': 'application/json', ...headers },
      body,
    });
  expect(await send(signed(body, slack.signingSecret))).toMatchObject({
    status: 200,
    text: expect.stringContaining('say-this') as string,
  });
  const refused = await Promise.all([
    send({}),
    send(signed(body, 'another secret')),
    send(signed(`${body} `, slack.signingSecret)),
    send(signed(body, slack.signingSecret, 600)),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  expect((await send(signed(body, slack.signingSecret), '/api/lines')).status).toBe(421);

  await slack.requestUrl.verify(`${program.url}/slack/events`);
  const orderId = await buy('Cedar');
  expect(await people.sam.slash('/server-status', orderId, channels.support)).toMatchObject({ failure: null });
  await people.olga.sees(orderId, channels.support, 10_000);
  expect(await end(program)).toMatchObject({ exitCode: 0 });
});
