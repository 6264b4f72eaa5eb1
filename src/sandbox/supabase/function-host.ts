import { randomUUID } from 'node:crypto';
import type { WorldClock } from '../clock.ts';
import type { EdgeFunction, FunctionContext, FunctionFault } from './edge-function.ts';
import { createFunctionConsole, type Execution, printed, writeFunctionLog } from './function-console.ts';
import { referenceFunctions } from './functions/index.ts';
import { deriveUuid, type ProjectKeys, readToken } from './keys.ts';
import type { LogStore } from './logs.ts';

/** A function as the Management API lists it. */
export interface DeployedFunction {
  readonly id: string;
  readonly slug: string;
  readonly verifyJwt: boolean;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A secret that functions can read. */
export interface FunctionSecret {
  readonly name: string;
  readonly value: string;
  readonly updatedAtMs: number;
}

/** The project's edge functions, and what a merchant can do to them. */
export interface FunctionHost {
  /** Deploys one of the shop's functions, or `code` of one's own; again to make a new version. */
  deploy(slug: string, options?: { readonly verifyJwt?: boolean; readonly code?: EdgeFunction }): void;
  undeploy(slug: string): void;
  deployed(): readonly DeployedFunction[];
  /** `null` takes the secret away. */
  setSecret(name: string, value: string | null): void;
  secrets(): readonly FunctionSecret[];
  /** What every call of the function meets from now on; `null` heals it. */
  setFault(slug: string, fault: FunctionFault | null): void;
  /** What every call of the function meets now. */
  fault(slug: string): FunctionFault | null;
  /** Resolves once no execution is running, those whose caller has left included. */
  idle(): Promise<void>;
}

/** The host as the gateway sees it. */
export interface FunctionRuntime extends FunctionHost {
  serve(slug: string, request: Request): Promise<Response>;
}

interface Deployment extends DeployedFunction {
  readonly load: () => Promise<EdgeFunction>;
}

/** How an execution ended for its caller. */
interface Outcome {
  readonly status: number;
  readonly body: ArrayBuffer | string;
  readonly headers: Headers;
  /** A code of the platform; null when the function answered itself. */
  readonly code: string | null;
}

/** https://supabase.com/docs/guides/functions/limits */
const IDLE_TIMEOUT_MS = 150_000;

/** A host with the shop's functions deployed and the variables every function is given. */
export function createFunctionHost(options: {
  readonly clock: WorldClock;
  readonly keys: ProjectKeys;
  readonly logs: LogStore;
  /** The gateway's address, which is known only once it listens. */
  readonly projectUrl: () => string;
}): FunctionRuntime {
  const { clock, keys, logs } = options;
  const deployments = new Map<string, Deployment>();
  const secrets = new Map<string, FunctionSecret>();
  const faults = new Map<string, FunctionFault>();
  const running = new Set<Promise<unknown>>();

  const contextOf = (execution: Execution): FunctionContext => ({
    env(name) {
      const given: Readonly<Record<string, string>> = {
        SUPABASE_URL: options.projectUrl(),
        SUPABASE_ANON_KEY: keys.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
      };
      return secrets.get(name)?.value ?? given[name];
    },
    functionsUrl: `${options.projectUrl()}/functions/v1`,
    console: createFunctionConsole(logs, execution),
    now: () => clock.now(),
  });

  async function execute(deployment: Deployment, execution: Execution, request: Request): Promise<Outcome> {
    const fault = faults.get(deployment.slug) ?? null;
    if (fault?.kind === 'boot-error') {
      const text = `worker boot error: Uncaught SyntaxError: Unexpected token\n    at file:///functions/${deployment.slug}/index.ts:1:1`;
      writeFunctionLog(logs, execution, { level: 'error', event: 'Boot', text });
      return refused(503, 'BOOT_ERROR', 'Function failed to start (please check logs)');
    }
    writeFunctionLog(logs, execution, { level: 'log', event: 'Boot', text: 'booted (time: 24ms)' });
    if (fault?.kind === 'resource-limit') {
      writeFunctionLog(logs, execution, { level: 'error', event: 'Shutdown', text: 'CPU Time exceeded' });
      return refused(
        546,
        'WORKER_RESOURCE_LIMIT',
        'Function failed due to not having enough compute resources (please check logs)',
      );
    }
    if (fault?.kind === 'slow') await track(pause(fault.ms));
    if (fault?.kind === 'crash' && fault.afterWork !== true) return crashed(execution, crashOf(fault));
    if (fault?.kind === 'idle-timeout' && fault.worksOn !== true) {
      await pause(fault.afterMs ?? 0);
      writeFunctionLog(logs, execution, { level: 'log', event: 'Shutdown', text: 'shutdown' });
      return idleTimeout();
    }
    const work = track(workOf(deployment, execution, request, fault));
    const limitMs = fault?.kind === 'idle-timeout' ? (fault.afterMs ?? 0) : IDLE_TIMEOUT_MS;
    return Promise.race([work, pause(limitMs).then(idleTimeout)]);
  }

  async function workOf(
    deployment: Deployment,
    execution: Execution,
    request: Request,
    fault: FunctionFault | null,
  ): Promise<Outcome> {
    try {
      const run = await deployment.load();
      const response = await run(request, contextOf(execution));
      const body = await response.arrayBuffer();
      if (fault?.kind === 'crash') return crashed(execution, crashOf(fault));
      writeFunctionLog(logs, execution, { level: 'log', event: 'Shutdown', text: 'shutdown' });
      // The gateway marks an answer of 5xx as the function's own: https://supabase.com/docs/guides/functions/error-codes
      const code = response.status >= 500 ? 'EDGE_FUNCTION_ERROR' : null;
      return { status: response.status, body, headers: new Headers(response.headers), code };
    } catch (error) {
      return crashed(execution, error);
    }
  }

  function crashed(execution: Execution, error: unknown): Outcome {
    const text = `event loop error: ${printed([error], execution.slug)}`;
    writeFunctionLog(logs, execution, { level: 'error', event: 'UncaughtException', text });
    return refused(500, 'WORKER_ERROR', 'Function exited due to an error (please check logs)');
  }

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    void work.finally(() => running.delete(work));
    return work;
  }

  return {
    deploy(slug, { verifyJwt, code } = {}) {
      const reference = referenceFunctions[slug];
      const load = code === undefined ? reference?.load : async () => code;
      if (load === undefined) throw new Error(`The shop has no function ${slug}: give its code.`);
      const before = deployments.get(slug);
      deployments.set(slug, {
        id: deriveUuid(`${keys.projectRef}:function:${slug}`),
        slug,
        verifyJwt: verifyJwt ?? before?.verifyJwt ?? reference?.verifyJwt ?? true,
        version: (before?.version ?? 0) + 1,
        createdAtMs: before?.createdAtMs ?? clock.now(),
        updatedAtMs: clock.now(),
        load,
      });
    },
    undeploy(slug) {
      deployments.delete(slug);
    },
    deployed: () => [...deployments.values()],
    setSecret(name, value) {
      if (value === null) secrets.delete(name);
      else secrets.set(name, { name, value, updatedAtMs: clock.now() });
    },
    secrets: () => [...secrets.values()],
    setFault(slug, fault) {
      if (fault === null) faults.delete(slug);
      else faults.set(slug, fault);
    },
    fault: (slug) => faults.get(slug) ?? null,
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    async serve(slug, request) {
      const startedAtMs = Date.now();
      const deployment = deployments.get(slug) ?? null;
      const executionId = randomUUID();
      const body = await request.arrayBuffer();
      const refusal = deployment === null ? notFound() : tokenRefusal(deployment, request, keys.jwtSecret);
      const hasRun = deployment !== null && refusal === null;
      const outcome = hasRun
        ? await execute(
            deployment,
            { slug, functionId: deployment.id, executionId, version: deployment.version },
            new Request(request.url, {
              method: request.method,
              headers: request.headers,
              ...(body.byteLength > 0 ? { body } : {}),
            }),
          )
        : (refusal ?? notFound());
      const requestId = randomUUID();
      logs.append({
        source: 'function_edge_logs',
        eventMessage: `${request.method} | ${outcome.status} | ${request.url}`,
        attributes: {
          'request.method': request.method,
          'request.url': request.url,
          'request.pathname': new URL(request.url).pathname,
          'request.headers.user_agent': request.headers.get('user-agent') ?? '',
          'response.status_code': String(outcome.status),
          execution_id: hasRun ? executionId : '',
          execution_time_ms: String(Date.now() - startedAtMs),
          function_id: deployment?.id ?? '',
          version: String(deployment?.version ?? ''),
          request_id: requestId,
        },
      });
      outcome.headers.set('sb-request-id', requestId);
      if (hasRun) outcome.headers.set('x-deno-execution-id', executionId);
      if (outcome.code !== null) outcome.headers.set('sb-error-code', outcome.code);
      return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
    },
  };
}

/** What the gateway answers to a caller without a proper token; null lets the request through. */
function tokenRefusal(deployment: Deployment, request: Request, jwtSecret: string): Outcome | null {
  if (!deployment.verifyJwt || request.method === 'OPTIONS') return null;
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (bearer === undefined) return refused(401, 'UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header');
  if (readToken(jwtSecret, bearer) === null) return refused(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT');
  return null;
}

function refused(status: number, code: string, message: string): Outcome {
  const headers = new Headers({ 'content-type': 'application/json' });
  return { status, body: JSON.stringify({ code, message }), headers, code };
}

function notFound(): Outcome {
  return refused(404, 'NOT_FOUND', 'Requested function was not found');
}

function idleTimeout(): Outcome {
  return refused(504, 'IDLE_TIMEOUT', 'Request idle timeout limit (150s) reached');
}

function crashOf(fault: { readonly message?: string }): Error {
  return new TypeError(fault.message ?? "Cannot read properties of undefined (reading 'attributes')");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
