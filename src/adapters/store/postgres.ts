import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, type PostgresQueryResult } from 'kysely';
import { DatabaseError, Pool, type PoolClient, types } from 'pg';
import { codeOf, StoreTrouble } from './failures.ts';
import { migrateStore, type StoreIsNewer, type StoreIsReady } from './migrate.ts';
import type { OpenDatabase, Tables } from './tables.ts';

const connectTimeoutMs = 3000;
/** Of the time a question may take: so the server gives up first, and nothing happens there after it was called lost. */
const serverShare = 0.9;
/** Another process may be at it. */
const migrationTimeoutMs = 30_000;
const maxConnections = 5;
const int8 = 20;

/** Connects and brings the tables up to date; throws the database's own errors. */
export async function openPostgres(databaseUrl: string, timeoutMs: number): Promise<OpenDatabase | StoreIsNewer> {
  const pool = new Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectTimeoutMs,
    max: maxConnections,
    application_name: 'pterodoc',
    types: { getTypeParser: (id, format) => (id === int8 ? Number : types.getTypeParser(id, format)) },
  });
  // A connection that breaks is met by the next question; without a listener it would end the process. The pool's own
  // listener is only there while nobody uses the connection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const migrated = await migrate(pool);
    if (migrated.kind === 'ready') {
      const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: timedPool(pool, timeoutMs) }) });
      return { kind: 'opened', database, close: () => pool.end() };
    }
    await pool.end();
    return migrated;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Whether the tables are there, of whatever version; throws the database's own errors. */
export async function hasTables(databaseUrl: string, timeoutMs: number): Promise<boolean> {
  const pool = new Pool({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs, max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const client = timedClient(await connect(pool), timeoutMs);
    try {
      const { rows } = await client.query("select 1 where to_regclass('pterodoc.migrations') is not null", []);
      return rows.length > 0;
    } finally {
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function migrate(pool: Pool): Promise<StoreIsReady | StoreIsNewer> {
  const client = timedClient(await connect(pool), migrationTimeoutMs);
  const run = async (statements: string): Promise<readonly unknown[]> => (await client.query(statements, [])).rows;
  let isBroken = true;
  try {
    await run('begin');
    const end = await migrateStore({ run });
    await run('commit');
    isBroken = false;
    return end;
  } finally {
    // What was begun and not committed goes with its connection.
    client.release(isBroken);
  }
}

function timedPool(pool: Pool, timeoutMs: number): PostgresPool {
  return {
    options: {},
    connect: async () => timedClient(await connect(pool), timeoutMs),
    end: () => pool.end(),
  };
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (codeOf(error) !== '') throw error;
    // Without a code: the time ran out, for a free connection or for a new one.
    throw new StoreTrouble(pool.totalCount >= maxConnections ? 'lost' : 'unreachable');
  }
}

/**
 * A connection that waits for no answer longer than it may. The driver's own limit leaves the question running on a
 * connection that the next one to come would get.
 */
function timedClient(client: PoolClient, timeoutMs: number): PostgresPoolClient {
  let ended: unknown = null;
  async function query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (ended !== null) throw ended;
    const result = await withinTime(client.query(withLimits(sql, timeoutMs), [...parameters]), timeoutMs).catch(
      (error) => {
        if (error instanceof DatabaseError) throw error;
        // Without a code: the connection broke while the answer was awaited.
        ended = codeOf(error) === '' && !(error instanceof StoreTrouble) ? new StoreTrouble('unreachable') : error;
        throw ended;
      },
    );
    return lastOf(result);
  }
  return { query, release: (destroy) => client.release(destroy === true || ended !== null) } as PostgresPoolClient;
}

/** Limits for one transaction: a transaction pooler hands the connection, and what is set on it, to others. */
function withLimits(sql: string, timeoutMs: number): string {
  if (sql !== 'begin') return sql;
  const limitMs = Math.round(timeoutMs * serverShare);
  return `begin; set local statement_timeout = ${limitMs}; set local idle_in_transaction_session_timeout = ${limitMs}`;
}

/** Several statements at once are answered with one result each, which the types of the driver do not tell. */
function lastOf<R>(result: unknown): PostgresQueryResult<R> {
  return (Array.isArray(result) ? result.at(-1) : result) as PostgresQueryResult<R>;
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreTrouble('lost')), timeoutMs);
  });
  try {
    return await Promise.race([work, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
