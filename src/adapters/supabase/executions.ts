import type { FunctionExecution } from '../../core/evidence.ts';
import { probeEventId, probeUserAgent } from '../../core/probe.ts';
import type { LogRow } from './shapes.ts';
import { readTimestamp } from './shapes.ts';

/** The reference name of a function, by its id or its own name. */
export interface SlugNames {
  byId(functionId: string): string | null;
  bySlug(slug: string): string;
}

/** Puts rows of both logs together into runs, oldest first. The bot's own probes are left out. */
export function composeExecutions(rows: readonly LogRow[], names: SlugNames): readonly FunctionExecution[] {
  const runs = new Map<string, LogRow[]>();
  for (const row of rows) {
    // What the gateway refused by itself was never run: such a row stands alone.
    const key = row.execution_id === '' ? row.id : row.execution_id;
    const run = runs.get(key);
    if (run === undefined) runs.set(key, [row]);
    else run.push(row);
  }
  return [...runs]
    .filter(([, run]) => !run.some(isProbe))
    .map(([executionId, run]) => composeExecution(executionId, run, names))
    .filter((run) => run !== null)
    .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

/** The run's name in the address, in both address forms: `/functions/v1/NAME` and `/NAME`. */
export function slugInPath(pathname: string): string | null {
  return /^(?:\/functions\/v1)?\/([A-Za-z][\w-]*)(?:\/|$)/.exec(pathname)?.[1] ?? null;
}

function composeExecution(executionId: string, rows: readonly LogRow[], names: SlugNames): FunctionExecution | null {
  const answers = rows.filter((row) => row.source === 'function_edge_logs');
  const lines = rows
    .filter((row) => row.source === 'function_logs' && !isGreeting(row))
    .flatMap((row) => {
      const at = readTimestamp(row.timestamp);
      return at === null ? [] : [{ at, level: row.level, text: row.event_message }];
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const moments = [
    ...rows.filter((row) => row.source === 'function_logs').map((row) => readTimestamp(row.timestamp)?.getTime()),
    ...answers.map(beganAtMs),
  ].filter((ms) => ms !== undefined);
  if (moments.length === 0) return null;
  // One worker may serve several requests under one execution id: then nothing ties an answer to a line.
  const [answer, ...others] = answers;
  const end = answer !== undefined && others.length === 0 ? answer : null;
  const functionId = rows.find((row) => row.function_id !== '')?.function_id;
  const named = functionId === undefined ? null : names.byId(functionId);
  const inPath = slugInPath(answer?.pathname ?? '');
  return {
    executionId,
    slug: named ?? (inPath === null ? null : names.bySlug(inPath)),
    startedAt: new Date(Math.min(...moments)),
    status: end === null ? null : wholeNumber(end.status),
    durationMs: end === null ? null : wholeNumber(end.ms),
    lines,
  };
}

/** The row is written when the answer has been given. */
function beganAtMs(answer: LogRow): number | undefined {
  const endedAt = readTimestamp(answer.timestamp);
  return endedAt === null ? undefined : endedAt.getTime() - (wholeNumber(answer.ms) ?? 0);
}

/** "booted (time: 24ms)" says nothing; a boot that failed does. */
function isGreeting(row: LogRow): boolean {
  return row.event_type === 'Boot' && row.level !== 'error';
}

function isProbe(row: LogRow): boolean {
  return row.event_message.includes(probeEventId) || row.user_agent.includes(probeUserAgent);
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}(?:\.\d+)?$/.test(text) ? Math.round(Number(text)) : null;
}
