import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { hasFlag } from './message-body.ts';
import { intent } from './messages.ts';
import { ok, type Route } from './route.ts';
import type { GatewayEvent, World } from './state.ts';
import { guildCreateWire, userWire } from './wire.ts';

/** A session of a client, connected or waiting to be resumed. */
export interface GatewaySession {
  readonly id: string;
  readonly intents: number;
  /** The number of the last event. */
  seq: number;
  isConnected: boolean;
  /** How often it was taken up again after a drop. */
  resumes: number;
}

/** What a test can do to the gateway, and see of it. */
export interface GatewayDirector {
  readonly url: string;
  /** All sessions that still could be resumed, oldest first. */
  readonly sessions: readonly GatewaySession[];
  /** IDENTIFYs that were accepted so far. */
  readonly identifies: number;
  /** Why connections were closed, by either side, in order. */
  readonly closes: readonly { readonly by: 'platform' | 'client'; readonly code: number }[];
  /** Cuts every connection: with a close code, or (1006) without a word. Sessions stay resumable, as they do there. */
  drop(code?: number): void;
  /** Asks every client to reconnect and resume (opcode 7). */
  askToReconnect(): void;
  /** Tells every client that its session is invalid (opcode 9). */
  invalidate(isResumable: boolean): void;
  /** Forgets the sessions that are not connected, so that their RESUME is answered by opcode 9. */
  forgetSessions(): void;
  /** While off, heartbeats get no answer: connections look alive and are dead. */
  setHeartbeatAnswers(isOn: boolean): void;
  /** Closes the next connections at their IDENTIFY or RESUME with this code. */
  refuseNext(code: number, times?: number): void;
  /** While true, new connections are cut before HELLO. */
  setDown(isDown: boolean): void;
}

export interface Gateway extends GatewayDirector {
  readonly routes: readonly Route[];
  dispatch(event: GatewayEvent): void;
  /** Drops the events kept for a resume. */
  forgetEvents(): void;
  stop(): Promise<void>;
}

interface Session extends GatewaySession {
  readonly events: { readonly seq: number; readonly name: string; readonly data: unknown }[];
  connection: Connection | null;
}

interface Connection {
  readonly socket: WebSocket;
  session: Session | null;
  lastBeatAt: number;
  sentAt: number[];
}

const opcode = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  presence: 3,
  voiceState: 4,
  resume: 6,
  reconnect: 7,
  requestMembers: 8,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
} as const;

// https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
const closeCode = {
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSeq: 4007,
  rateLimited: 4008,
  sessionTimedOut: 4009,
  invalidShard: 4010,
  invalidVersion: 4012,
  invalidIntents: 4013,
  disallowedIntents: 4014,
} as const;

const privilegedIntents = intent.guildMembers | intent.guildPresences | intent.messageContent;
const knownIntents = 0b11_0011_0001_1111_1111_1111_1111;
// https://docs.discord.com/developers/topics/gateway#rate-limiting
const SENDS_MAX = 120;
const SENDS_WINDOW_MS = 60_000;
// https://docs.discord.com/developers/topics/gateway#session-start-limit-object
const STARTS_MAX = 1000;
const MISSED_BEATS = 1.5;

export async function startGateway(world: World): Promise<Gateway> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sessions: Session[] = [];
  const connections = new Set<Connection>();
  const closes: { by: 'platform' | 'client'; code: number }[] = [];
  const refusals: number[] = [];
  let identifies = 0;
  let lastIdentifyAt = Number.NEGATIVE_INFINITY;
  let answersBeats = true;
  let isDown = false;

  server.on('connection', (socket, request) => {
    if (isDown) {
      socket.terminate();
      return;
    }
    const connection: Connection = { socket, session: null, lastBeatAt: performance.now(), sentAt: [] };
    connections.add(connection);
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => left(connection, code));
    const query = new URL(request.url ?? '/', url).searchParams;
    if (query.get('v') !== '10' || query.get('encoding') !== 'json') {
      close(connection, closeCode.invalidVersion);
      return;
    }
    const { heartbeatMs } = world.settings;
    send(connection, { op: opcode.hello, d: { heartbeat_interval: heartbeatMs, _trace: [] } });
    socket.on('message', (data) => received(connection, String(data)));
    const watch = setInterval(
      () => {
        // The machine's time: a test that lets Discord's time jump kills no connection.
        const silentMs = performance.now() - connection.lastBeatAt;
        if (silentMs > heartbeatMs * MISSED_BEATS) close(connection, closeCode.sessionTimedOut);
      },
      Math.max(20, heartbeatMs / 4),
    );
    socket.on('close', () => clearInterval(watch));
  });

  function send({ socket }: Connection, payload: object): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ s: null, t: null, ...payload }));
  }

  function close(connection: Connection, code: number): void {
    if (!connections.has(connection)) return;
    closes.push({ by: 'platform', code });
    detach(connection);
    if (code === 1006) connection.socket.terminate();
    else connection.socket.close(code);
    world.changed();
  }

  function left(connection: Connection, code: number): void {
    if (!connections.has(connection)) return;
    closes.push({ by: 'client', code });
    const { session } = connection;
    detach(connection);
    // A client that says goodbye in order ends its session; any other close leaves it to be resumed.
    if (session !== null && (code === 1000 || code === 1001)) sessions.splice(sessions.indexOf(session), 1);
    world.changed();
  }

  function detach(connection: Connection): void {
    connections.delete(connection);
    const { session } = connection;
    if (session?.connection === connection) {
      session.connection = null;
      session.isConnected = false;
    }
  }

  function received(connection: Connection, text: string): void {
    if (!connections.has(connection)) return;
    const now = world.clock.now();
    connection.sentAt = [...connection.sentAt.filter((at) => now - at < SENDS_WINDOW_MS), now];
    if (connection.sentAt.length > SENDS_MAX) {
      close(connection, closeCode.rateLimited);
      return;
    }
    const payload = parse(text);
    if (payload === null) {
      close(connection, closeCode.decodeError);
      return;
    }
    switch (payload.op) {
      case opcode.heartbeat:
        connection.lastBeatAt = performance.now();
        if (answersBeats) send(connection, { op: opcode.heartbeatAck });
        return;
      case opcode.identify:
        identify(connection, payload.d);
        return;
      case opcode.resume:
        resume(connection, payload.d);
        return;
      case opcode.presence:
      case opcode.voiceState:
      case opcode.requestMembers:
        if (connection.session === null) close(connection, closeCode.notAuthenticated);
        return;
      default:
        close(connection, closeCode.unknownOpcode);
    }
  }

  function identify(connection: Connection, data: Readonly<Record<string, unknown>>): void {
    const { token, intents, shard } = data;
    const refused = refusals.shift();
    if (refused !== undefined) return close(connection, refused);
    if (connection.session !== null) return close(connection, closeCode.alreadyAuthenticated);
    if (token !== world.token) return close(connection, closeCode.authenticationFailed);
    if (typeof intents !== 'number' || (intents & ~knownIntents) !== 0)
      return close(connection, closeCode.invalidIntents);
    if ((intents & privilegedIntents & ~world.settings.enabledIntents) !== 0) {
      return close(connection, closeCode.disallowedIntents);
    }
    const [index, count] = Array.isArray(shard) ? (shard as readonly unknown[]) : [0, 1];
    if (typeof index !== 'number' || typeof count !== 'number' || index < 0 || index >= count) {
      return close(connection, closeCode.invalidShard);
    }
    const now = world.clock.now();
    if (now - lastIdentifyAt < world.settings.identifyEveryMs) {
      send(connection, { op: opcode.invalidSession, d: false });
      return;
    }
    lastIdentifyAt = now;
    identifies += 1;
    const session: Session = {
      id: Buffer.from(`session ${identifies}`).toString('hex'),
      intents,
      seq: 0,
      isConnected: true,
      resumes: 0,
      events: [],
      connection,
    };
    sessions.push(session);
    connection.session = session;
    greet(session, shard);
    world.changed();
  }

  function greet(session: Session, shard: unknown): void {
    const guilds = [...world.guilds.values()].filter(({ members }) => members.has(world.bot.id));
    push(session, 'READY', {
      v: 10,
      user: { ...userWire(world.bot), verified: true, mfa_enabled: false, email: null },
      guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
      session_id: session.id,
      resume_gateway_url: url,
      session_type: 'normal',
      private_channels: [],
      relationships: [],
      application: { id: world.bot.id, flags: 0 },
      ...(shard === undefined ? {} : { shard }),
    });
    if (!hasFlag(session.intents, intent.guilds)) return;
    for (const guild of guilds) {
      if (guild.isAvailable) push(session, 'GUILD_CREATE', guildCreateWire(world, guild));
    }
  }

  function resume(connection: Connection, data: Readonly<Record<string, unknown>>): void {
    const refused = refusals.shift();
    if (refused !== undefined) return close(connection, refused);
    if (connection.session !== null) return close(connection, closeCode.alreadyAuthenticated);
    if (data['token'] !== world.token) return close(connection, closeCode.authenticationFailed);
    const session = sessions.find(({ id }) => id === data['session_id']);
    const seq = data['seq'];
    if (session === undefined) {
      send(connection, { op: opcode.invalidSession, d: false });
      return;
    }
    if (typeof seq !== 'number' || seq > session.seq) return close(connection, closeCode.invalidSeq);
    session.connection?.socket.close(closeCode.sessionTimedOut);
    session.connection = connection;
    session.isConnected = true;
    session.resumes += 1;
    connection.session = session;
    for (const event of session.events) {
      if (event.seq > seq) send(connection, { op: opcode.dispatch, s: event.seq, t: event.name, d: event.data });
    }
    push(session, 'RESUMED', {});
    world.changed();
  }

  function push(session: Session, name: string, data: unknown): void {
    session.seq += 1;
    // By value: what happens later must not change what was sent.
    session.events.push({ seq: session.seq, name, data: structuredClone(data) });
    if (session.events.length > 2000) session.events.shift();
    if (session.connection !== null)
      send(session.connection, { op: opcode.dispatch, s: session.seq, t: name, d: data });
  }

  const eachConnection = (act: (connection: Connection) => void): void => {
    for (const connection of connections) act(connection);
  };

  return {
    url,
    sessions,
    closes,
    get identifies() {
      return identifies;
    },
    drop: (code = 1006) => eachConnection((connection) => close(connection, code)),
    askToReconnect: () => eachConnection((connection) => send(connection, { op: opcode.reconnect, d: null })),
    invalidate(isResumable) {
      eachConnection((connection) => {
        const { session } = connection;
        send(connection, { op: opcode.invalidSession, d: isResumable });
        if (!isResumable && session !== null) {
          connection.session = null;
          session.connection = null;
          sessions.splice(sessions.indexOf(session), 1);
        }
      });
    },
    forgetSessions() {
      const gone = sessions.filter(({ isConnected }) => !isConnected);
      for (const session of gone) sessions.splice(sessions.indexOf(session), 1);
    },
    setHeartbeatAnswers(isOn) {
      answersBeats = isOn;
    },
    refuseNext(code, times = 1) {
      for (let count = 0; count < times; count += 1) refusals.push(code);
    },
    setDown(down) {
      isDown = down;
    },
    routes: [
      { method: 'GET', path: '/gateway', handle: () => ok({ url }) },
      {
        method: 'GET',
        path: '/gateway/bot',
        handle: () =>
          ok({
            url,
            shards: 1,
            session_start_limit: {
              total: STARTS_MAX,
              remaining: Math.max(0, STARTS_MAX - identifies),
              reset_after: 86_400_000,
              max_concurrency: 1,
            },
          }),
      },
    ],
    dispatch(event) {
      if (event.guildId !== null && world.guilds.get(event.guildId)?.members.has(world.bot.id) !== true) return;
      for (const session of sessions) {
        if (event.intents !== 0 && (session.intents & event.intents) === 0) continue;
        const mayRead = event.isContentPrivileged !== true || hasFlag(session.intents, intent.messageContent);
        push(session, event.name, mayRead ? event.data : withoutContent(event.data));
      }
    },
    forgetEvents() {
      for (const { events } of sessions) events.length = 0;
    },
    async stop() {
      for (const { socket } of connections) socket.terminate();
      connections.clear();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function parse(text: string): { readonly op: unknown; readonly d: Readonly<Record<string, unknown>> } | null {
  try {
    const payload = JSON.parse(text) as { op?: unknown; d?: unknown } | null;
    if (typeof payload !== 'object' || payload === null) return null;
    const { op, d } = payload;
    return { op, d: (typeof d === 'object' && d !== null ? d : {}) as Readonly<Record<string, unknown>> };
  } catch {
    return null;
  }
}

function withoutContent(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...data, content: '', embeds: [], attachments: [], components: [] };
}
