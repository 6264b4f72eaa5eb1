import type { UpstreamFailure } from '../../core/failure.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { type HttpAnswer, requestJson } from '../http.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { createTurnstile } from './turnstile.ts';

export interface ManagementConfig {
  /** For example `https://api.supabase.com`. */
  readonly managementUrl: string;
  readonly accessToken: string;
  readonly projectRef: string;
  readonly timeoutMs: number;
}

/** Supabase's Management API for one project: one request at a time, within its rate limit, answers kept for a while. */
export interface ManagementApi {
  /** `path` below the project. The answer is not older than `keptMs`. */
  get(
    path: ManagementPath,
    query: Readonly<Record<string, string>>,
    keptMs: number,
    signal: AbortSignal,
  ): Answer<unknown>;
}

export type ManagementPath = 'functions' | 'secrets' | 'analytics/endpoints/logs';

/** Below the documented limits of 120 and 30 a minute, which all tokens of one person share. */
const requestsPerMinute = 100;
const logQueriesPerMinute = 25;
/** How long to hold back after a 429 that names no time. */
const unnamedPauseMs = 15_000;
const mostKept = 200;

export function createManagementApi(config: ManagementConfig): ManagementApi {
  const { accessToken, projectRef, timeoutMs } = config;
  const project = `${config.managementUrl.replace(/\/+$/, '')}/v1/projects/${projectRef}`;
  const source = 'logs';
  const turnstile = createTurnstile();
  const kept = new Map<string, { readonly json: unknown; readonly atMs: number }>();
  const allowances: Readonly<Record<ManagementPath, Allowance>> = {
    functions: createAllowance(requestsPerMinute),
    secrets: createAllowance(requestsPerMinute),
    'analytics/endpoints/logs': createAllowance(logQueriesPerMinute),
  };

  async function ask(
    path: ManagementPath,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Answer<unknown> {
    const allowance = allowances[path];
    const waitMs = allowance.take();
    if (waitMs !== null) return fail({ source, kind: 'rate-limited', retryAfterMs: waitMs });
    const answer = await requestJson({
      source,
      url: `${project}/${path}`,
      headers: { authorization: `Bearer ${accessToken}`, 'user-agent': 'pterodoc' },
      query,
      timeoutMs,
      signal,
      readRefusal: (refused) => nameRefusal(refused, path),
    });
    if (answer.ok) {
      allowance.note(answer.value.headers);
      return succeed(answer.value.json);
    }
    if (answer.failure.kind === 'rate-limited') allowance.close(answer.failure.retryAfterMs ?? unnamedPauseMs);
    return answer;
  }

  return {
    async get(path, query, keptMs, signal) {
      const key = JSON.stringify([path, query]);
      const startedAt = performance.now();
      const fresh = (): { readonly json: unknown } | null => {
        const entry = kept.get(key);
        return entry !== undefined && performance.now() - entry.atMs < keptMs ? entry : null;
      };
      const answer = await turnstile.pass(async () => {
        // Whoever was before in the queue may have asked the same.
        const known = fresh();
        if (known !== null) return succeed(known.json);
        const asked = await ask(path, query, signal);
        if (asked.ok) {
          kept.delete(key);
          kept.set(key, { json: asked.value, atMs: performance.now() });
          const [oldest] = kept.keys();
          if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
        }
        return asked;
      }, signal);
      return answer ?? fail({ source, kind: 'timed-out', afterMs: Math.round(performance.now() - startedAt) });
    },
  };
}

function nameRefusal({ status, headers }: HttpAnswer, path: string): UpstreamFailure | null {
  // 410 is what remains of addresses that were taken away; a project that is not there is a 404 as well.
  if (status === 404 || status === 410) return { source: 'logs', kind: 'endpoint-missing', path };
  if (status !== 429) return null;
  const resetS = Number(headers['retry-after'] ?? headers['x-ratelimit-reset'] ?? NaN);
  return { source: 'logs', kind: 'rate-limited', retryAfterMs: Number.isFinite(resetS) ? resetS * 1000 : null };
}
