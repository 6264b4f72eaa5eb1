import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSlackAdapter, type SlackAdapter, slackManifest } from '../../src/adapters/slack/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Desk } from '../../src/core/desk.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { type SlackOptions, startSlack } from '../platforms/slack/index.ts';

export type SlackMode = 'socket' | 'http';

/** The staff of a merchant, a guest and strangers, in a workspace with the app installed from its own manifest. */
export async function openWorkspace(mode: SlackMode, desk: Pick<Desk, 'commands'>, options: SlackOptions = {}) {
  const manifest = slackManifest({
    commands: desk.commands,
    connection: mode === 'socket' ? { mode } : { mode, url: 'https://bot.example' },
  });
  const clock = createWorldClock();
  const slack = await startSlack({ rateLimits: 'off', eventRetriesMs: [50], clock, manifest, ...options });
  const everybody = ['sam', 'sid', 'olga', 'ada', 'casey'] as const;
  const workspace = slack.workspace({
    users: {
      sam: {},
      sid: {},
      olga: {},
      ada: { kind: 'admin' },
      casey: {},
      guest: { kind: 'guest' },
      stranger: { kind: 'stranger' },
    },
    channels: {
      support: { members: everybody },
      lounge: { members: everybody },
      shared: { members: ['sam', 'stranger'], isShared: true },
      visited: { members: ['sam', 'guest'] },
      closed: { kind: 'private', members: ['sam'], withApp: false },
      secluded: { kind: 'private', members: ['sam', 'olga'] },
    },
    groups: { support: ['sam', 'sid', 'guest', 'stranger'], operators: ['olga'] },
  });
  return { slack, clock, ...workspace };
}

export type SlackWorkspace = Awaited<ReturnType<typeof openWorkspace>>;

/** The bot at work in a workspace. */
export interface RunningSlack {
  readonly adapter: SlackAdapter;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly desk: Desk;
  readonly note: (line: string) => void;
  readonly lost?: (reason: string) => void;
  readonly botToken?: string;
}

/** Starts the adapter as the program does, beside an HTTP server of its own where it needs one. */
export async function runSlack(workspace: SlackWorkspace, options: RunOptions): Promise<RunningSlack> {
  const { slack } = workspace;
  const adapter = prepareSlack(workspace, options);
  const server = adapter.requests === null ? null : await serve(adapter);
  await adapter.start();
  if (server === null) await slack.sockets.connected();
  else await slack.requestUrl.verify(`${addressOf(server)}/slack/events`);
  return {
    adapter,
    async stop() {
      await adapter.stop();
      server?.closeAllConnections();
      server?.close();
    },
  };
}

export function prepareSlack(
  { slack, clock, people, groups, channels }: SlackWorkspace,
  options: RunOptions,
): SlackAdapter {
  const now: Clock = { now: () => new Date(clock.now()) };
  return createSlackAdapter(
    {
      botToken: options.botToken ?? slack.botToken,
      connection: slack.state.app.isSocketMode
        ? { kind: 'socket', appToken: slack.appToken, secondAfterMs: 0 }
        : { kind: 'http', signingSecret: slack.signingSecret },
      supportChannelIds: [
        channels.support.id,
        channels.shared.id,
        channels.visited.id,
        channels.closed.id,
        channels.secluded.id,
      ],
      roleIds: { support: [groups.support.id], operator: [groups.operators.id], admin: [people.ada.id] },
      apiUrl: slack.apiUrl,
    },
    {
      desk: options.desk,
      clock: now,
      log: {
        info: options.note,
        warn: options.note,
        bug(error) {
          options.note(`bug: ${error instanceof Error ? error.message : String(error)}`);
          return 'ref-1';
        },
      },
      lost: options.lost ?? options.note,
    },
  );
}

async function serve({ requests }: SlackAdapter): Promise<Server> {
  const server = createServer((request, response) => requests?.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
