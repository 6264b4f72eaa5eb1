import { randomUUID } from 'node:crypto';
import type { WorldClock } from '../clock.ts';

/** One row of the log table, as a log query sees it. */
export interface LogRow {
  readonly id: string;
  readonly atMs: number;
  readonly source: string;
  readonly eventMessage: string;
  readonly severityText: string;
  /** A missing key reads as an empty string. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A row to be written; without `atMs` it happens now. */
export interface NewLogRow {
  readonly source: 'function_logs' | 'function_edge_logs' | 'edge_logs' | 'postgres_logs' | 'auth_logs';
  readonly eventMessage: string;
  readonly severityText?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly atMs?: number;
}

/** The project's logs. */
export interface LogStore {
  append(row: NewLogRow): LogRow;
  /** Everything written so far, oldest first, whatever its age. */
  rows(): readonly LogRow[];
  /** Moves rows back in time, as if they had been written that much earlier. */
  backdate(belongs: (row: LogRow) => boolean, byMs: number): void;
  clear(): void;
}

/** https://supabase.com/docs/guides/functions/limits */
const LONGEST_MESSAGE = 10_000;

/** An empty log store that stamps rows with the world's time. */
export function createLogStore(clock: WorldClock): LogStore {
  let rows: LogRow[] = [];
  return {
    append(row) {
      const written: LogRow = {
        id: randomUUID(),
        atMs: row.atMs ?? clock.now(),
        source: row.source,
        eventMessage: row.eventMessage.slice(0, LONGEST_MESSAGE),
        severityText: row.severityText ?? 'INFO',
        attributes: row.attributes ?? {},
      };
      rows.push(written);
      return written;
    },
    rows: () => rows,
    backdate(belongs, byMs) {
      rows = rows
        .map((row) => (belongs(row) ? { ...row, atMs: row.atMs - byMs } : row))
        .toSorted((one, other) => one.atMs - other.atMs);
    },
    clear() {
      rows = [];
    },
  };
}
