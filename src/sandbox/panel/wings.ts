import { setTimeout as sleep } from 'node:timers/promises';
import { createFaultBoard, type FaultBoard } from '../faults.ts';
import { listen, type LocalServer } from '../listen.ts';
import { PanelError, refusal } from './errors.ts';
import type { Identity } from './identity.ts';
import type { PanelNode, PanelServer, PanelState } from './state.ts';

/**
 * How a node's Wings behaves: `down` refuses connections, `token-mismatch` refuses the panel's token, `refuses` answers
 * 500 because its Docker is gone.
 */
export type WingsMode = 'up' | 'down' | 'token-mismatch' | 'refuses';

/** What a server's process does, as Wings reports it. */
export type PowerState = 'offline' | 'starting' | 'running' | 'stopping';

/** The Wings daemons of all nodes, seen from the panel and from outside. */
export interface Wings {
  modeOf(nodeId: number): WingsMode;
  /** Going back up is a restart of Wings, which also makes the panel forget its unfinished installs. */
  setMode(nodeId: number, mode: WingsMode): Promise<void>;
  /** How long this node takes to answer, or to be given up as unreachable. */
  setLatencyMs(nodeId: number, latencyMs: number): void;
  /** Opens the node's own listener and points its address there. */
  expose(nodeId: number): Promise<{ readonly url: string; readonly faults: FaultBoard }>;
  /** Called by the panel: resolves when Wings accepted, throws the panel's DaemonConnectionException otherwise. */
  call(nodeId: number): Promise<void>;
  /** The same about one server, which Wings may not know. */
  callAbout(server: PanelServer): Promise<void>;
  knows(server: PanelServer): boolean;
  setKnown(server: PanelServer, isKnown: boolean): void;
  powerOf(server: PanelServer): PowerState;
  setPower(server: PanelServer, power: PowerState): void;
  stop(): Promise<void>;
}

interface Daemon {
  mode: WingsMode;
  latencyMs: number;
  listener: LocalServer | null;
  /** Kept over a stop, so that the node comes back at the same address. */
  port: number;
  readonly faults: FaultBoard;
}

/** Creates the Wings side of the panel; nodes get their daemon when they are first met. */
export function createWings(state: PanelState, identity: Identity, onRestart: (nodeId: number) => void): Wings {
  const daemons = new Map<number, Daemon>();
  const powers = new Map<number, PowerState>();
  const unknown = new Set<number>();
  let requests = 0;

  const daemonOf = (nodeId: number): Daemon => {
    const known = daemons.get(nodeId);
    if (known !== undefined) return known;
    const daemon: Daemon = { mode: 'up', latencyMs: 0, listener: null, port: 0, faults: createFaultBoard() };
    daemons.set(nodeId, daemon);
    return daemon;
  };

  const nextRequestId = (): string => {
    requests += 1;
    return identity.uuid('request', requests);
  };

  async function open(node: PanelNode, daemon: Daemon): Promise<LocalServer> {
    const listener = await listen(
      (request) => answerOutside(request, node, daemon.mode, nextRequestId()),
      daemon.faults,
      daemon.port,
    );
    daemon.listener = listener;
    daemon.port = Number(new URL(listener.url).port);
    return listener;
  }

  async function call(nodeId: number, isServerKnown: boolean): Promise<void> {
    const daemon = daemonOf(nodeId);
    if (daemon.latencyMs > 0) await sleep(daemon.latencyMs, undefined, { ref: false });
    const id = nextRequestId();
    switch (daemon.mode) {
      case 'down':
        throw new DaemonError(504, UNREACHABLE, null);
      case 'token-mismatch':
        throw refusedByWings(403, 'You are not authorized to access this endpoint.', id);
      case 'refuses':
        throw refusedByWings(500, '', id);
      case 'up':
        if (!isServerKnown) throw refusedByWings(404, 'The requested resource does not exist on this instance.', id);
    }
  }

  return {
    modeOf: (nodeId) => daemonOf(nodeId).mode,
    async setMode(nodeId, mode) {
      const daemon = daemonOf(nodeId);
      const wasDown = daemon.mode === 'down';
      daemon.mode = mode;
      if (mode === 'down') {
        await daemon.listener?.stop();
        daemon.listener = null;
        return;
      }
      if (!wasDown) return;
      const node = state.nodes.get(nodeId);
      if (daemon.port !== 0 && node !== undefined) await open(node, daemon);
      if (mode === 'up') onRestart(nodeId);
    },
    setLatencyMs(nodeId, latencyMs) {
      daemonOf(nodeId).latencyMs = latencyMs;
    },
    async expose(nodeId) {
      const node = state.nodes.get(nodeId);
      if (node === undefined) throw new Error(`There is no node ${nodeId}.`);
      const daemon = daemonOf(nodeId);
      const { url } = daemon.listener ?? (await open(node, daemon));
      node.scheme = 'http';
      node.fqdn = '127.0.0.1';
      node.daemonListen = daemon.port;
      if (daemon.mode === 'down') {
        await daemon.listener?.stop();
        daemon.listener = null;
      }
      return { url, faults: daemon.faults };
    },
    call: (nodeId) => call(nodeId, true),
    callAbout: (server) => call(server.nodeId, !unknown.has(server.id)),
    knows: (server) => !unknown.has(server.id),
    setKnown: (server, isKnown) => void (isKnown ? unknown.delete(server.id) : unknown.add(server.id)),
    powerOf: (server) => powers.get(server.id) ?? 'offline',
    setPower: (server, power) => void powers.set(server.id, power),
    async stop() {
      await Promise.all([...daemons.values()].map((daemon) => daemon.listener?.stop()));
    },
  };
}

const UNREACHABLE = 'Could not establish a connection to the machine running this server. Please try again.';

/** A DaemonConnectionException; its status is what Wings answered, so it says nothing about the caller's own key. */
export class DaemonError extends PanelError {
  /** `null` when Wings did not answer at all. */
  readonly wingsStatus: number | null;
  readonly requestId: string | null;

  constructor(status: number, detail: string, answered: { wingsStatus: number; requestId: string } | null) {
    super(status, [{ code: 'DaemonConnectionException', detail }], { browserGoesTo: 'back' });
    this.wingsStatus = answered?.wingsStatus ?? null;
    this.requestId = answered?.requestId ?? null;
  }
}

/** What the panel says when Wings answered with an error. */
function refusedByWings(wingsStatus: number, text: string, requestId: string): DaemonError {
  const detail =
    wingsStatus < 500
      ? `An error occurred on the remote host: ${text}. (request id: ${requestId})`
      : communicationError(wingsStatus, requestId);
  return new DaemonError(wingsStatus, detail, { wingsStatus, requestId });
}

/** The Client API hides the status of Wings behind a 504, and tells it in words. */
export function asGatewayTimeout(problem: unknown): unknown {
  if (!(problem instanceof DaemonError)) return problem;
  const { wingsStatus, requestId } = problem;
  if (wingsStatus === null || requestId === null) return problem;
  return new DaemonError(504, communicationError(wingsStatus, requestId), { wingsStatus, requestId });
}

const communicationError = (code: number, requestId: string): string =>
  `There was an error while communicating with the machine running this server. This error has been logged, please try again. (code: ${code}) (request_id: ${requestId})`;

/** Wings refuses a second installation of a server that is being installed. */
export const alreadyInstalling = (requestId: string): PanelError =>
  refusal(
    'DaemonConnectionException',
    `An error occurred on the remote host: Another installation is already running for this server. (request id: ${requestId})`,
    409,
  );

/** What anybody on the network sees of Wings. */
function answerOutside(request: Request, node: PanelNode, mode: WingsMode, requestId: string): Response {
  const reply = (status: number, body: object, headers: Record<string, string> = {}): Response =>
    Response.json(body, { status, headers: { 'X-Request-Id': requestId, ...headers } });
  const { pathname } = new URL(request.url);
  if (request.method !== 'GET' || pathname !== '/api/system') return reply(404, { error: 'Not Found' });
  const [scheme, token] = (request.headers.get('authorization') ?? '').split(' ');
  if (scheme !== 'Bearer' || token === undefined) {
    const error = 'The required authorization heads were not present in the request.';
    return reply(401, { error }, { 'WWW-Authenticate': 'Bearer' });
  }
  if (mode === 'token-mismatch' || token !== node.daemonToken) {
    return reply(403, { error: 'You are not authorized to access this endpoint.' });
  }
  if (mode === 'refuses') {
    return reply(500, { error: 'An unexpected error was encountered while processing this request.' });
  }
  return reply(200, { architecture: 'amd64', cpu_count: 8, kernel_version: '6.8.0', os: 'linux', version: '1.11.13' });
}
