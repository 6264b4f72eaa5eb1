import { isUuid } from './identifiers.ts';

/**
 * Queries over the one table `logs`, in the subset of ClickHouse's SQL that the Management API takes. Whatever
 * stands in them is a constant of ours or a checked identifier. https://supabase.com/docs/guides/telemetry/logs
 */
const mostLogRows = 1000;

const columns = [
  'id',
  'timestamp',
  'event_message',
  'source',
  "log_attributes['level'] as level",
  "log_attributes['event_type'] as event_type",
  "log_attributes['execution_id'] as execution_id",
  "log_attributes['function_id'] as function_id",
  "log_attributes['request.pathname'] as pathname",
  "log_attributes['response.status_code'] as status",
  "log_attributes['execution_time_ms'] as ms",
  "log_attributes['request.headers.user_agent'] as user_agent",
].join(', ');

/** Lines that mention one of the orders, and answers of 4xx and 5xx of the functions; `null`: nothing to look for. */
export function sqlForTraces(orderIds: readonly string[], failedSlugs: readonly string[]): string | null {
  const mentions = orderIds.filter(isUuid).map((id) => `event_message like '%${id.toLowerCase()}%'`);
  const failures = failedSlugs.filter(isSlug).map((slug) => `log_attributes['request.pathname'] like '%/${slug}'`);
  const wanted = [
    ...(mentions.length === 0 ? [] : [`(source = 'function_logs' and (${mentions.join(' or ')}))`]),
    ...(failures.length === 0
      ? []
      : [
          `(source = 'function_edge_logs' and (${failures.join(' or ')}) ` +
            "and toInt32OrZero(log_attributes['response.status_code']) >= 400)",
        ]),
  ];
  if (wanted.length === 0) return null;
  return `select ${columns} from logs where ${wanted.join(' or ')} order by timestamp desc limit ${mostLogRows}`;
}

/** Everything these runs wrote, and how they ended; `null`: no run. */
export function sqlForRuns(executionIds: readonly string[]): string | null {
  const ids = executionIds.filter(isUuid).map((id) => `'${id.toLowerCase()}'`);
  if (ids.length === 0) return null;
  return (
    `select ${columns} from logs where source in ('function_logs', 'function_edge_logs') ` +
    `and log_attributes['execution_id'] in (${ids.join(', ')}) order by timestamp limit ${mostLogRows}`
  );
}

function isSlug(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(text);
}
