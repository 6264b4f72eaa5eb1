import { createHash } from 'node:crypto';
import type { EdgeFunction, FunctionSecret, SecretComparison } from '../../core/evidence.ts';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema, ReferenceFunction } from '../../core/merchant-schema.ts';
import type { Answer, ExecutionQuery, FunctionReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { composeExecutions, slugInPath, type SlugNames } from './executions.ts';
import { sqlForRuns, sqlForTraces } from './log-sql.ts';
import { createManagementApi, type ManagementConfig } from './management.ts';
import { edgeFunctionList, fit, logAnswer, logRefusal, type LogRow, secretList } from './shapes.ts';

export interface FunctionReaderConfig extends Omit<ManagementConfig, 'timeoutMs'> {
  /** The bot's copies, to be compared with the functions'; `null`: it has none. */
  readonly webhookSecret: string | null;
  readonly panelKey: string | null;
  readonly schema: MerchantSchema;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 8000;
const settingsKeptMs = 60_000;
const logsKeptMs = 20_000;
const mostRuns = 40;
const minuteMs = 60_000;
const longestWindowMs = 24 * 60 * minuteMs;

/** Reads function logs, functions and digests of secrets through the Management API. */
export function createFunctionReader(config: FunctionReaderConfig): FunctionReader {
  const { schema, webhookSecret, panelKey } = config;
  const api = createManagementApi({ ...config, timeoutMs: config.timeoutMs ?? defaultTimeoutMs });
  const merchantSlugs = Object.values(schema.functions);
  const referenceOf = (slug: string): string =>
    referenceFunctions.find((reference) => schema.functions[reference] === slug) ?? slug;

  async function functions(signal: AbortSignal): Answer<readonly EdgeFunction[]> {
    const answer = await api.get('functions', {}, settingsKeptMs, signal);
    if (!answer.ok) return answer;
    const rows = fit(edgeFunctionList, answer.value, 'logs', 'functions');
    if (!rows.ok) return rows;
    return succeed(
      rows.value.map((row) => ({
        id: row.id,
        slug: referenceOf(row.slug),
        status: row.status,
        verifyJwt: row.verify_jwt ?? true,
        updatedAt: new Date(row.updated_at),
      })),
    );
  }

  async function queryLogs(sql: string, window: LogWindow, signal: AbortSignal): Answer<readonly LogRow[]> {
    const answer = await api.get('analytics/endpoints/logs', { sql, ...window }, logsKeptMs, signal);
    if (!answer.ok) return answer;
    // Refusals of a query come with HTTP 200.
    if (logRefusal.safeParse(answer.value).success) return fail(queryRefused);
    const rows = fit(logAnswer, answer.value, 'logs', 'logs');
    return rows.ok ? succeed(rows.value.result) : rows;
  }

  return {
    functions,

    async settings(signal) {
      const answer = await api.get('secrets', {}, settingsKeptMs, signal);
      if (!answer.ok) return answer;
      const rows = fit(secretList, answer.value, 'logs', 'secrets');
      if (!rows.ok) return rows;
      const secrets = rows.value.map((row) => ({
        name: row.name,
        digest: row.value.toLowerCase(),
        updatedAt: row.updated_at,
      }));
      return succeed({ secrets, comparison: compareSecrets(secrets, webhookSecret, panelKey) });
    },

    async executions(query, signal) {
      const window = windowOf(query);
      const sql = sqlForTraces(query.orderIds, query.failedRuns ? merchantSlugs : []);
      if (sql === null) return succeed([]);
      const traces = await queryLogs(sql, window, signal);
      if (!traces.ok) return traces;
      const relevant = traces.value.filter((row) => isMention(row) || isOf(row, merchantSlugs));
      if (relevant.length === 0) return succeed([]);
      const runsSql = sqlForRuns(runsOf(relevant));
      const runs = runsSql === null ? succeed([]) : await queryLogs(runsSql, window, signal);
      if (!runs.ok) return runs;
      const deployed = await functions(signal);
      const slugById = new Map(deployed.ok ? deployed.value.map((found) => [found.id, found.slug]) : []);
      const names: SlugNames = { byId: (id) => slugById.get(id) ?? null, bySlug: referenceOf };
      const neverRun = relevant.filter((row) => row.execution_id === '' && !isMention(row));
      return succeed(composeExecutions([...runs.value, ...neverRun], names));
    },
  };
}

const referenceFunctions: readonly ReferenceFunction[] = ['servers-provision', 'stripe-webhook'];
const queryRefused: UpstreamFailure = { source: 'logs', kind: 'request-refused', status: 200, code: null };

/** Always both, and not longer than a day; without them only the last minute would be searched. */
interface LogWindow extends Readonly<Record<string, string>> {
  readonly iso_timestamp_start: string;
  readonly iso_timestamp_end: string;
}

/** In whole minutes, as the logs are searched, so that the same question asked twice is the same query. */
function windowOf({ from, to }: ExecutionQuery): LogWindow {
  const endMs = Math.ceil(to.getTime() / minuteMs) * minuteMs;
  const startMs = Math.max(Math.floor(from.getTime() / minuteMs) * minuteMs, endMs - longestWindowMs);
  return {
    iso_timestamp_start: new Date(Math.min(startMs, endMs)).toISOString(),
    iso_timestamp_end: new Date(endMs).toISOString(),
  };
}

function isMention(row: LogRow): boolean {
  return row.source === 'function_logs';
}

/** `_` in a function's name stands for any character in a LIKE. */
function isOf(row: LogRow, slugs: readonly string[]): boolean {
  const slug = slugInPath(row.pathname);
  return slug !== null && slugs.includes(slug);
}

/**
 * The runs to read whole, the most telling first: anybody can call the functions with an order's id or make them
 * fail, so what announces an order goes before what merely mentions it, and that before failures of any kind.
 */
function runsOf(rows: readonly LogRow[]): readonly string[] {
  const rank = (row: LogRow): number => {
    if (!isMention(row)) return 2;
    return row.event_message.startsWith('Triggering server provisioning for order:') ? 0 : 1;
  };
  const ids = rows.toSorted((a, b) => rank(a) - rank(b)).map((row) => row.execution_id);
  return [...new Set(ids.filter((id) => id !== ''))].slice(0, mostRuns);
}

function compareSecrets(
  secrets: readonly FunctionSecret[],
  webhookSecret: string | null,
  panelKey: string | null,
): SecretComparison {
  const agrees = (name: string, own: string | null): boolean | null => {
    const theirs = secrets.find((secret) => secret.name === name)?.digest;
    if (own === null || theirs === undefined) return null;
    return createHash('sha256').update(own).digest('hex') === theirs;
  };
  return {
    webhookSecretAgrees: agrees('STRIPE_WEBHOOK_SECRET', webhookSecret),
    panelKeyIsTheFunctions: agrees('PTERO_APP_KEY', panelKey),
  };
}
