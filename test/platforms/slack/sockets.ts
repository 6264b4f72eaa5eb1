import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { acknowledged, failed, type Parcel, type Receipt, type Transport } from './delivery.ts';
import { isJson } from './shape.ts';

/** Slack's side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export interface Sockets extends Transport {
  /** A single-use address for one connection; null once Socket Mode was switched off. */
  issueUrl(): string | null;
  /** Connections that are open now. */
  count(): number;
  /** Resolves once as many connections are open. */
  connected(connections?: number, withinMs?: number): Promise<void>;
  /** Tells one connection that it will be closed soon, and closes it after a while. */
  warn(): void;
  /** Tells one connection to come again, and closes it. */
  refresh(): void;
  /** Switches Socket Mode off for the app. */
  disable(): void;
  /** Cuts all connections without a word. */
  drop(): void;
  /** Stays connected, but answers no ping and sends nothing, until thawed. */
  freeze(): void;
  thaw(): void;
  pingsAnswered(): number;
  /** How often each connection was given something, in the order they were opened. */
  deliveriesPerConnection(): readonly number[];
  /** Acknowledgements that came after the deadline or for nothing. */
  readonly strayAcks: readonly string[];
  stop(): Promise<void>;
}

/** Timing of the sockets. */
export interface SocketTiming {
  readonly ackWithinMs: number;
  /** Between the announcement that a connection will be closed, and closing it. */
  readonly warningMs: number;
}

const MAX_CONNECTIONS = 10;
const TICKET_LIVES_MS = 30_000;
const PING_EVERY_MS = 5000;
const LIFE_S = 18_060;

interface Connection {
  readonly socket: WebSocket;
  deliveries: number;
}

export async function openSockets(appId: string, timing: SocketTiming): Promise<Sockets> {
  const tickets = new Map<string, number>();
  const connections: Connection[] = [];
  const waiting = new Map<string, (answer: unknown) => void>();
  const strayAcks: string[] = [];
  let turn = 0;
  let isEnabled = true;
  let isFrozen = false;
  let pingsAnswered = 0;

  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    autoPong: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => {
      const ticket = new URL(req.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      const expiresAt = tickets.get(ticket) ?? 0;
      tickets.delete(ticket);
      return expiresAt > Date.now();
    },
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const open = (): Connection[] => connections.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
  const debugInfo = { host: 'applink-local', build_number: 1, approximate_connection_time: LIFE_S };
  const say = (socket: WebSocket, message: object): void => {
    if (!isFrozen) socket.send(JSON.stringify(message));
  };
  const dismiss = (socket: WebSocket, reason: string, inMs: number): void => {
    say(socket, { type: 'disconnect', reason, debug_info: debugInfo });
    setTimeout(() => socket.close(1000), inMs).unref();
  };

  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    if (open().length >= MAX_CONNECTIONS) {
      dismiss(socket, 'too_many_websockets', 0);
      return;
    }
    connections.push({ socket, deliveries: 0 });
    socket.on('ping', (data) => {
      if (isFrozen) return;
      pingsAnswered += 1;
      socket.pong(data);
    });
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data));
      const id = isJson(message) ? String(message['envelope_id']) : '';
      const settle = waiting.get(id);
      if (settle === undefined) strayAcks.push(id);
      else settle(isJson(message) ? message['payload'] : undefined);
    });
    const pings = setInterval(() => {
      if (!isFrozen) socket.ping();
    }, PING_EVERY_MS);
    pings.unref();
    socket.on('close', () => clearInterval(pings));
    say(socket, {
      type: 'hello',
      num_connections: open().length,
      debug_info: debugInfo,
      connection_info: { app_id: appId },
    });
    server.emit('greeted');
  });

  const deliverTo = (connection: Connection, { kind, payload, retry }: Parcel): Promise<Receipt> => {
    const envelopeId = crypto.randomUUID();
    connection.deliveries += 1;
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const settle = (receipt: Receipt): void => {
        waiting.delete(envelopeId);
        clearTimeout(deadline);
        resolve(receipt);
      };
      const deadline = setTimeout(() => settle(failed('operation_timeout', 'timeout')), timing.ackWithinMs);
      waiting.set(envelopeId, (answer) => settle(acknowledged(performance.now() - startedAt, answer)));
      say(connection.socket, {
        envelope_id: envelopeId,
        type: kind,
        payload,
        accepts_response_payload: kind !== 'events_api',
        ...(kind === 'events_api' ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' } : {}),
      });
    });
  };

  return {
    strayAcks,
    issueUrl() {
      if (!isEnabled) return null;
      const ticket = crypto.randomUUID();
      tickets.set(ticket, Date.now() + TICKET_LIVES_MS);
      return `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${appId}`;
    },
    count: () => open().length,
    async connected(wanted = 1, withinMs = 10_000) {
      const signal = AbortSignal.timeout(withinMs);
      while (open().length < wanted) await once(server, 'greeted', { signal });
    },
    async deliver(parcel) {
      const candidates = open();
      const connection = candidates[turn % Math.max(1, candidates.length)];
      turn += 1;
      return connection === undefined ? failed('dispatch_failed', 'connection_failed') : deliverTo(connection, parcel);
    },
    warn() {
      for (const { socket } of open().slice(0, 1)) dismiss(socket, 'warning', timing.warningMs);
    },
    refresh() {
      for (const { socket } of open().slice(0, 1)) dismiss(socket, 'refresh_requested', 0);
    },
    disable() {
      isEnabled = false;
      for (const { socket } of open()) dismiss(socket, 'link_disabled', 0);
    },
    drop() {
      for (const { socket } of open()) socket.terminate();
    },
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
    },
    pingsAnswered: () => pingsAnswered,
    deliveriesPerConnection: () => connections.map(({ deliveries }) => deliveries),
    async stop() {
      for (const { socket } of connections) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
