import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema, MerchantTable } from '../../core/merchant-schema.ts';
import { fail, succeed } from '../../core/result.ts';
import type { Ask, DataApi, Rows } from './data-api.ts';
import { type Answered, lacksColumn, lacksTable, type Refusal } from './refusal.ts';

/** What of a table is there. `C` are the reference system's column names. */
export interface Layout<C extends string> {
  /** The merchant's name of the table. */
  readonly table: string;
  /** A select list that gives every column its reference name. */
  readonly columns: string;
  readonly lacks: ReadonlySet<C>;
  /** The merchant's name of a column; `null`: there is none. */
  nameOf(column: C): string | null;
}

export interface TableRows<C extends string> extends Rows {
  readonly layout: Layout<C>;
}

/** A table of the merchant, which may lack optional columns or be missing altogether. */
export interface Table<C extends string> {
  /**
   * Builds the query for what is believed to be there, asks, and when a column turns out to be missing, finds out
   * which and asks again. A failure instead of a query ends it.
   */
  read(build: (layout: Layout<C>) => Ask | UpstreamFailure, signal: AbortSignal): Promise<Answered<TableRows<C>>>;
}

/** How long a missing part is believed to be missing. */
export const relearnAfterMs = 10 * 60_000;

export function notProvided(what: string): UpstreamFailure {
  return { source: 'supabase', kind: 'not-provided', what };
}

function refuseWith(failure: UpstreamFailure): { readonly ok: false; readonly failure: Refusal } {
  return fail({ failure, code: null });
}

/** The table with the reference name `reference`. `lackable` are the columns that a reader can do without. */
export function createTable<T extends MerchantTable, C extends keyof MerchantSchema['columns'][T] & string>(
  api: DataApi,
  schema: MerchantSchema,
  reference: T,
  columns: { readonly required: readonly C[]; readonly lackable: readonly C[] },
): Table<C> {
  const table = schema.tables[reference];
  const names: Readonly<Record<string, string | null>> = schema.columns[reference];
  const mappedAway = columns.lackable.filter((column) => names[column] === null);
  let known = { lacks: new Set<C>(mappedAway), untilMs: Infinity };

  function layoutOf(lacks: ReadonlySet<C>, tableName: string): Layout<C> {
    const nameOf = (column: C): string | null => (lacks.has(column) ? null : (names[column] ?? null));
    const select = [...columns.required, ...columns.lackable].flatMap((column) => {
      const name = nameOf(column);
      if (name === null) return [];
      return [name === column ? column : `${column}:${name}`];
    });
    return { table: tableName, columns: select.join(','), lacks, nameOf };
  }

  /** Error codes do not name the column, so each one is asked for by itself, without rows. */
  async function learn(tableName: string, signal: AbortSignal): Promise<Answered<ReadonlySet<C>>> {
    const asked = [...columns.required, ...columns.lackable].filter((column) => names[column] !== null);
    const probes = await Promise.all(
      asked.map(async (column) => {
        const ask: Ask = (bound) =>
          api.client
            .from(tableName)
            .select(names[column] ?? column)
            .limit(0)
            .abortSignal(bound);
        return { column, answer: await api.read(`${reference}.${column}`, ask, signal) };
      }),
    );
    const lacks = new Set<C>(mappedAway);
    for (const { column, answer } of probes) {
      if (answer.ok) continue;
      if (!lacksColumn(answer.failure) || columns.required.includes(column)) return answer;
      lacks.add(column);
    }
    known = { lacks, untilMs: performance.now() + relearnAfterMs };
    return succeed(lacks);
  }

  return {
    async read(build, signal) {
      if (table === null) return refuseWith(notProvided(reference));
      const mappedAwayNeed = columns.required.find((column) => names[column] === null);
      if (mappedAwayNeed !== undefined) return refuseWith(notProvided(`${reference}.${mappedAwayNeed}`));
      if (performance.now() > known.untilMs) known = { lacks: new Set(mappedAway), untilMs: Infinity };
      const ask = async (lacks: ReadonlySet<C>): Promise<Answered<TableRows<C>>> => {
        const layout = layoutOf(lacks, table);
        const query = build(layout);
        if (typeof query !== 'function') return refuseWith(query);
        const answer = await api.read(reference, query, signal);
        return answer.ok ? succeed({ ...answer.value, layout }) : answer;
      };
      const first = await ask(known.lacks);
      if (first.ok) return first;
      if (lacksTable(first.failure) && reference !== 'orders') return refuseWith(notProvided(reference));
      if (!lacksColumn(first.failure)) return first;
      const learned = await learn(table, signal);
      return learned.ok ? ask(learned.value) : learned;
    },
  };
}
