import { inspect } from 'node:util';
import type { FunctionConsole } from './edge-function.ts';
import type { LogStore } from './logs.ts';

/** Whose lines these are. */
export interface Execution {
  readonly slug: string;
  readonly functionId: string;
  readonly executionId: string;
  readonly version: number;
}

/** How a line came about. */
export type FunctionEvent = 'Boot' | 'Log' | 'Shutdown' | 'UncaughtException';

/** Writes one line of an execution to the function logs. */
export function writeFunctionLog(
  logs: LogStore,
  execution: Execution,
  line: { readonly level: 'log' | 'info' | 'warning' | 'error'; readonly event: FunctionEvent; readonly text: string },
): void {
  logs.append({
    source: 'function_logs',
    eventMessage: line.text,
    severityText: line.level.toUpperCase(),
    attributes: {
      level: line.level,
      event_type: line.event,
      execution_id: execution.executionId,
      function_id: execution.functionId,
      version: String(execution.version),
    },
  });
}

/** The console of one execution. */
export function createFunctionConsole(logs: LogStore, execution: Execution): FunctionConsole {
  const write =
    (level: 'log' | 'info' | 'warning' | 'error') =>
    (...parts: readonly unknown[]): void =>
      writeFunctionLog(logs, execution, { level, event: 'Log', text: printed(parts, execution.slug) });
  return { log: write('log'), info: write('info'), warn: write('warning'), error: write('error') };
}

/** Text as Deno's console prints it: strings as they are, errors with their stack, the rest inspected. */
export function printed(parts: readonly unknown[], slug: string): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      return part instanceof Error ? withStack(part, slug) : inspect(part, { breakLength: 80, depth: 4 });
    })
    .join(' ');
}

/** A stack as it looks on the platform, so that no path of this machine gets into the logs. */
function withStack(error: Error, slug: string): string {
  return `${error.name}: ${error.message}\n    at async Server.<anonymous> (file:///functions/${slug}/index.ts:1:1)`;
}
