import { createWorldClock, type WorldClock } from '../../../src/sandbox/clock.ts';
import { createFaultBoard, type Fault, type FaultBoard, isLate } from '../../../src/sandbox/faults.ts';
import { listen } from '../../../src/sandbox/listen.ts';
import { joinMarkup } from './block-text.ts';
import { createRequestUrl, type RequestUrl, type Transport } from './delivery.ts';
import { createEvents, type Events } from './events.ts';
import { settingsOf, validateManifest } from './manifest.ts';
import type { LiveMarkup } from './markup.ts';
import { createPerson, type Person } from './person.ts';
import { createRateCounter, type RateLimits, SLACK_RATE_LIMITS } from './rate-limits.ts';
import { createResponseUrls } from './response-urls.ts';
import { isJson } from './shape.ts';
import { openSockets, type Sockets } from './sockets.ts';
import {
  APP_ID,
  BOT_USER_ID,
  type Channel,
  createState,
  FOREIGN_TEAM_ID,
  type LoggedCall,
  type Message,
  type State,
  TEAM_ID,
} from './state.ts';
import { createTriggers } from './views.ts';
import { createWebApi } from './web-api.ts';
import { buildWorkspace, type UserPlan, type Workspace, type WorkspacePlan } from './workspace.ts';

/** How the platform is set up. */
export interface SlackOptions {
  /** The manifest the app is installed from; throws when Slack would not take it. */
  readonly manifest?: unknown;
  /** Slack's own unless told otherwise. */
  readonly rateLimits?: RateLimits | 'off';
  /** Slack waits 3 s for an acknowledgement. */
  readonly ackWithinMs?: number;
  /** When an event is sent again; Slack does so nearly at once, after a minute and after five. */
  readonly eventRetriesMs?: readonly number[];
  /** Between the announcement that a socket will be closed, and closing it. */
  readonly warningMs?: number;
  readonly clock?: WorldClock;
}

/** A Slack on loopback with one app installed, strict where Slack is. */
export interface SlackPlatform {
  /** For `SLACK_API_URL` and `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly botUserId: string;
  /** The variables that lead pterodoc here, on the transport of the manifest. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: WorldClock;
  readonly state: State;
  readonly sockets: Sockets;
  /** The app's address when it does not use Socket Mode. */
  readonly requestUrl: RequestUrl;
  readonly events: Events;
  /** Every call and how it was answered; of one that met a fault instead, only the fault. */
  readonly calls: readonly LoggedCall[];
  /** What Slack tolerates, and a careful app does not do. */
  readonly complaints: readonly string[];
  readonly faults: FaultBoard;
  /** Lets a method (or `response_url`) meet a fault, a number of times or until the returned function is called. */
  failMethod(method: string, fault: Fault, times?: number): () => void;
  workspace<Name extends string, Place extends string = never, Handle extends string = never>(
    plan: WorkspacePlan<Name, Place, Handle>,
  ): Workspace<Name, Place, Handle>;
  /** Everything in a channel, ephemeral and deleted messages included. */
  messagesIn(channel: Channel): readonly Message[];
  /** The mentions, links and unescaped characters of everything the app ever showed, whoever saw it. */
  liveByApp(): LiveMarkup;
  /** Changes what the installation granted, as before a reinstall. */
  grantScopes(scopes: readonly string[]): void;
  scopesUsed(): readonly string[];
  revokeBotToken(): void;
  /** Forgets messages, calls and events, as a long measurement must. */
  forget(): void;
  stop(): Promise<void>;
}

/** A manifest with everything a test may need, for Socket Mode or for an address. */
export function aManifest(options: { readonly url?: string; readonly commands?: readonly string[] } = {}): object {
  const { url, commands = ['/server-status', '/my-server', '/pterodoc'] } = options;
  const address = url === undefined ? {} : { request_url: url };
  return {
    _metadata: { major_version: 2 },
    display_information: { name: 'pterodoc' },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'pterodoc', always_online: true },
      slash_commands: commands.map((command) => ({
        command,
        description: `What ${command} does`,
        ...(url === undefined ? {} : { url }),
      })),
    },
    oauth_config: { scopes: { bot: [...DEFAULT_SCOPES] } },
    settings: {
      event_subscriptions: { ...address, bot_events: ['app_home_opened', 'app_mention', 'message.im'] },
      interactivity: { ...address, is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}

const DEFAULT_SCOPES = [
  'app_mentions:read',
  'channels:read',
  'chat:write',
  'commands',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
];

/** Starts the platform and installs the app. */
export async function startSlack(options: SlackOptions = {}): Promise<SlackPlatform> {
  const {
    clock = createWorldClock(),
    ackWithinMs = 3000,
    warningMs = 10_000,
    rateLimits = SLACK_RATE_LIMITS,
  } = options;
  const { manifest = aManifest(), eventRetriesMs = [0, 60_000, 300_000] } = options;
  const problems = validateManifest(manifest);
  if (problems.length > 0 || !isJson(manifest)) throw new Error(`not a valid manifest:\n${problems.join('\n')}`);

  const state = createState(clock, settingsOf(manifest));
  const tokens = { bot: `xoxb-1-${crypto.randomUUID()}`, app: `xapp-1-${APP_ID}-1-${crypto.randomUUID()}` };
  const signingSecret = crypto.randomUUID().replaceAll('-', '');
  const sockets = await openSockets(APP_ID, { ackWithinMs, warningMs });
  const requestUrl = createRequestUrl(signingSecret, ackWithinMs);
  const transport: Transport = state.app.isSocketMode ? sockets : requestUrl;
  const events = createEvents(state, transport, eventRetriesMs);
  const triggers = createTriggers(state);
  const responseUrls = createResponseUrls(state, () => server.url);
  const rates = createRateCounter(clock, rateLimits === 'off' ? null : rateLimits);
  const callMethod = createWebApi({ state, triggers, events, sockets }, tokens, rates);
  const board = createFaultBoard();
  const counted: { readonly method: string; readonly match: RegExp; readonly fault: Fault; left: number }[] = [];
  const faults: FaultBoard = {
    ...board,
    match(request) {
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      const rule = counted.find(({ match, left }) => left > 0 && match.test(line));
      if (rule === undefined) return board.match(request);
      rule.left -= 1;
      if (!isLate(rule.fault) && rule.fault.kind !== 'delay') {
        const error = `fault: ${rule.fault.kind}`;
        state.calls.push({ method: rule.method, args: {}, status: 0, error, atMs: Date.now() });
      }
      return rule.fault;
    },
    clear() {
      counted.length = 0;
      board.clear();
    },
  };
  const server = await listen((request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/response/') && request.method === 'POST') return responseUrls.handle(pathname, request);
    if (pathname.startsWith('/api/')) return callMethod(pathname.slice('/api/'.length), request);
    return new Response('not found', { status: 404 });
  }, faults);
  state.users.set(BOT_USER_ID, {
    id: BOT_USER_ID,
    teamId: TEAM_ID,
    name: 'pterodoc',
    email: null,
    kind: 'bot',
    isDeactivated: false,
  });

  const addPerson = (name: string, { email, kind = 'member' }: UserPlan): Person => {
    const user = {
      id: state.nextId('U'),
      teamId: kind === 'stranger' ? FOREIGN_TEAM_ID : TEAM_ID,
      name,
      email: email ?? `${name}@merchant.example`,
      kind,
      isDeactivated: false,
    };
    state.users.set(user.id, user);
    return createPerson(user, { state, transport, events, triggers, responseUrls });
  };

  return {
    apiUrl: `${server.url}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    signingSecret,
    teamId: TEAM_ID,
    botUserId: BOT_USER_ID,
    environment: {
      SLACK_BOT_TOKEN: tokens.bot,
      SLACK_API_URL: `${server.url}/api/`,
      ...(state.app.isSocketMode ? { SLACK_APP_TOKEN: tokens.app } : { SLACK_SIGNING_SECRET: signingSecret }),
    },
    clock,
    state,
    sockets,
    requestUrl,
    events,
    calls: state.calls,
    complaints: state.complaints,
    faults,
    failMethod(method, fault, times = Number.POSITIVE_INFINITY) {
      const path = method === 'response_url' ? '/response/' : `/api/${method.replaceAll('.', String.raw`\.`)}$`;
      const rule = { method, match: new RegExp(`^POST ${path}`), fault, left: times };
      counted.push(rule);
      return () => {
        rule.left = 0;
      };
    },
    workspace: (plan) => buildWorkspace(state, plan, addPerson),
    messagesIn: (channel) => state.messages.filter(({ channelId }) => channelId === channel.id),
    liveByApp() {
      const ofApp = state.messages.filter(({ userId }) => userId === BOT_USER_ID);
      const inMessages = ofApp.flatMap(({ revisions }) => revisions.map(({ live }) => live));
      return joinMarkup([...inMessages, ...state.liveInViews]);
    },
    grantScopes(scopes) {
      state.grantedScopes.clear();
      for (const scope of scopes) state.grantedScopes.add(scope);
    },
    scopesUsed: () => [...state.usedScopes].sort(),
    revokeBotToken() {
      state.botTokenIsRevoked = true;
    },
    forget() {
      for (const list of [state.messages, state.calls, state.complaints, state.liveInViews]) list.length = 0;
      events.forget();
    },
    async stop() {
      events.stop();
      await Promise.all([server.stop(), sockets.stop()]);
    },
  };
}
