import { readdir, readFile } from 'node:fs/promises';
import { Client, DatabaseError } from 'pg';
import { cleanForeignText } from '../../core/foreign-text.ts';
import { fail, type Result, succeed } from '../../core/result.ts';

/** One file of SQL for the merchant's database. */
export interface Migration {
  /** Its name, which is also its place in the order. */
  readonly file: string;
  readonly sql: string;
}

export type MigrationOutcome =
  /** `notes` are what the file says was left out. */
  | { readonly kind: 'applied'; readonly notes: readonly string[] }
  /** Nothing of it remains. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** One before it failed. */
  | { readonly kind: 'skipped' };

export interface MigrationResult {
  readonly file: string;
  readonly outcome: MigrationOutcome;
}

const shippedFolder = new URL('../../../supabase/migrations/', import.meta.url);

/** The migrations that come with pterodoc, in their order. */
export async function shippedMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(shippedFolder)).filter((file) => file.endsWith('.sql')).toSorted();
  return Promise.all(files.map(async (file) => ({ file, sql: await readFile(new URL(file, shippedFolder), 'utf8') })));
}

const connectTimeoutMs = 10_000;
/** "pterodoc" as bytes: any number that nobody else is likely to take. */
const lockId = '8103213171715895139';
const longestNote = 300;

/**
 * Applies the files in order to the merchant's database, each in a transaction of its own, and ends at the first that
 * fails. All of them may be applied again. Refuses a database that is not the merchant's.
 */
export async function applyMigrations(
  databaseUrl: string,
  files: readonly Migration[],
): Promise<Result<readonly MigrationResult[], string>> {
  const opened = await open(databaseUrl);
  if (!opened.ok) return opened;
  const client = opened.value;
  try {
    const refusal = await refusalOf(client);
    if (refusal !== null) return fail(refusal);
    const results: MigrationResult[] = [];
    for (const { file, sql } of files) {
      const hasFailed = results.some(({ outcome }) => outcome.kind !== 'applied');
      results.push({ file, outcome: hasFailed ? { kind: 'skipped' } : await apply(client, sql) });
    }
    return succeed(results);
  } catch (error) {
    return fail(`The database of DATABASE_URL stopped answering (${codeOf(error)}).`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function open(databaseUrl: string): Promise<Result<Client, string>> {
  try {
    const client = new Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'pterodoc migrate',
    });
    // A connection that breaks later is met by the next query; without a listener it would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return succeed(client);
  } catch (error) {
    return fail(describeRefusedConnection(codeOf(error)));
  }
}

/** Says what is wrong by code alone: messages of the driver may repeat the address, with the password in it. */
function describeRefusedConnection(code: string): string {
  if (code === '28P01' || code === '28000') return 'The database of DATABASE_URL refuses the user name or password.';
  if (code === '3D000') return 'The server of DATABASE_URL has no database of that name.';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return `The certificate of the server in DATABASE_URL cannot be verified (${code}): name the project's certificate with sslrootcert=FILE in the address.`;
  }
  return `The database of DATABASE_URL cannot be reached (${code}).`;
}

/** Looks into the catalog, which may be read by every role, whatever else it may not do. */
const lookAround = `
  select exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relname = 'orders'
    ) as has_orders,
    exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'auth' and c.relname = 'users'
    ) as has_users`;

/** Why this is not the merchant's database; `null`: it is. */
async function refusalOf(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ has_orders: boolean; has_users: boolean }>(lookAround);
  const missing = [
    rows[0]?.has_orders === true ? [] : ['public.orders'],
    rows[0]?.has_users === true ? [] : ['auth.users'],
  ].flat();
  if (missing.length === 0) return null;
  return `DATABASE_URL is not the merchant's database: it has no ${missing.join(' and no ')}. Nothing was changed. Run migrate with the connection string of the Supabase project (Connect → Session pooler), or paste the files into its SQL editor.`;
}

async function apply(client: Client, sql: string): Promise<MigrationOutcome> {
  const notes: string[] = [];
  const listen = ({
    code,
    message,
  }: {
    readonly code?: string | undefined;
    readonly message?: string | undefined;
  }): void => {
    // Others announce that something exists already, which is how a second run goes.
    if (code === '00000') notes.push(cleanForeignText(message ?? '', longestNote));
  };
  client.on('notice', listen);
  try {
    await client.query('begin');
    await client.query("set local lock_timeout = '30s'; set local statement_timeout = '15min'");
    await client.query('select pg_advisory_xact_lock($1::bigint)', [lockId]);
    await client.query(sql);
    await client.query('commit');
    return { kind: 'applied', notes };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await client.query('rollback');
    const reason = error.code === '55P03' ? 'another session holds a lock on it; try again' : error.message;
    return { kind: 'failed', reason: cleanForeignText(`${reason} (${codeOf(error)})`, longestNote) };
  } finally {
    client.off('notice', listen);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
}
