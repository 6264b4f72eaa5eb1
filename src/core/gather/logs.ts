import { awaitsServer } from '../entry.ts';
import type { CheckoutSession, FunctionExecution, Order } from '../evidence.ts';
import type { Sources } from '../ports.ts';
import { known, type Reading, unknown } from '../reading.ts';
import type { Asker } from './ask.ts';

/** One log query may span a day at most; a little less leaves room for its rounding to minutes. */
const windowMs = 24 * 60 * 60_000 - 5 * 60_000;
/** Each window costs two queries of an allowance of 30 a minute. */
const mostWindows = 2;
const marginMs = 10 * 60_000;

/** What is to be looked for in the logs for one entry, and when. */
interface Wanted {
  readonly key: string;
  readonly orderId: string | null;
  readonly from: number;
  readonly to: number;
}

/** Runs of the functions by entry key (order or session id). Entries beyond the newest windows are unknown. */
export type ExecutionReadings = (key: string) => Reading<readonly FunctionExecution[]>;

/** Reads the logs of what has no server yet, in as few windows as fit, newest first. */
export async function readExecutions(
  orders: readonly Order[],
  sessions: readonly CheckoutSession[],
  now: Date,
  sources: Sources,
  asker: Asker,
): Promise<ExecutionReadings> {
  const wanted = [
    ...orders.filter(awaitsServer).map((order) => ofOrder(order, now)),
    ...sessions.map((s) => ofSession(s, now)),
  ];
  const windows = group(wanted.toSorted((a, b) => b.to - a.to));
  const readings = await Promise.all(
    windows.slice(0, mostWindows).map((window) =>
      asker.ask('logs', sources.functions, (port, signal) =>
        port.executions(
          {
            orderIds: window.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])),
            failedRuns: true,
            from: new Date(Math.min(...window.map(({ from }) => from))),
            to: new Date(Math.max(...window.map(({ to }) => to))),
          },
          signal,
        ),
      ),
    ),
  );
  const byKey = new Map<string, Reading<readonly FunctionExecution[]>>();
  for (const [index, window] of windows.entries()) {
    const reading =
      readings[index] ?? unknown({ source: 'logs', kind: 'not-provided', what: 'logs of older orders in one go' });
    for (const { key } of window) byKey.set(key, reading);
  }
  return (key) => byKey.get(key) ?? known([]);
}

function ofOrder(order: Order, now: Date): Wanted {
  const to = Math.min(now.getTime(), order.updatedAt.getTime() + marginMs);
  const from = Math.max(order.createdAt.getTime() - marginMs, to - windowMs);
  return { key: order.id, orderId: order.id, from, to: Math.max(to, from + 60_000) };
}

function ofSession(session: CheckoutSession, now: Date): Wanted {
  const from = session.createdAt.getTime() - 60_000;
  return {
    key: session.id,
    orderId: null,
    from,
    to: Math.max(Math.min(now.getTime(), from + windowMs), from + 60_000),
  };
}

/** Puts neighbours into one window while all of them together span no more than a day. */
function group(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const windows: Wanted[][] = [];
  for (const next of wanted) {
    const fitting = windows.find((window) => {
      const all = [...window, next];
      return Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from }) => from)) <= windowMs;
    });
    if (fitting === undefined) windows.push([next]);
    else fitting.push(next);
  }
  return windows;
}
