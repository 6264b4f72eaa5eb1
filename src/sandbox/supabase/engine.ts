import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { App } from '@supabase/lite';
import { CompiledQuery, type Kysely } from 'kysely';
import { createTurns } from '../turns.ts';

/** The Postgres under the project. */
export interface Engine {
  readonly connection: App['connection'];
  exec(sql: string): Promise<unknown>;
  query<T>(text: string, params: readonly unknown[]): Promise<T[]>;
  /** Lets nothing else speak to the database meanwhile, where there is only one connection to speak over. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

const TIMESTAMPTZ_OID = 1184;

/** A Postgres in this process, empty and gone when it stops. */
export async function openEmbedded(cacheDir: string | null): Promise<Engine> {
  const { createPgliteConnection, PGlite } = await import('@supabase/lite/pglite');
  const snapshot = cacheDir === null ? null : readSnapshot(cacheDir);
  const connection = await createPgliteConnection({
    url: 'memory://',
    pgliteOptions: {
      parsers: { [TIMESTAMPTZ_OID]: asIsoTimestamp },
      // Saves a hundred megabytes; the sandbox is small.
      startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
      ...(snapshot === null ? {} : { loadDataDir: snapshot }),
    },
  });
  await connection.driver.waitReady;
  Object.assign(connection, { applyJwtSessionContext: introduceCaller });
  if (cacheDir !== null && snapshot === null) {
    writeSnapshot(cacheDir, await (await connection.driver.dumpDataDir('gzip')).arrayBuffer());
  }
  return {
    connection,
    exec: (sql) => connection.driver.exec(sql),
    query: async <T>(text: string, params: readonly unknown[]) =>
      (await connection.driver.query<T>(text, [...params])).rows,
    // lite begins transactions on the one connection there is without waiting for the one that is open.
    inTurn: createTurns(),
  };
}

/** Who asks, as the database's policies read it. */
interface Caller {
  readonly auth?: { readonly role?: string; readonly uid?: unknown; readonly jwt?: unknown };
  readonly storage?: { readonly operation?: unknown };
}

/**
 * What lite's own method of this name does in six statements, before each statement of its own; here they are one, since
 * in an embedded database each costs more than what it does.
 */
async function introduceCaller(transaction: Kysely<unknown>, { auth, storage }: Caller): Promise<void> {
  const role = auth?.role ?? 'anon';
  const settings = {
    role,
    'request.jwt.claim.sub': String(auth?.uid ?? ''),
    'request.jwt.claim.role': role,
    'storage.operation': String(storage?.operation ?? ''),
    ...(typeof auth?.jwt === 'object' && auth.jwt !== null ? { 'request.jwt.claims': JSON.stringify(auth.jwt) } : {}),
  };
  const calls = Object.keys(settings).map((name, index) => `set_config('${name}', $${index + 1}, true)`);
  await transaction.executeQuery(CompiledQuery.raw(`select ${calls.join(', ')}`, Object.values(settings)));
}

/** A Postgres server; the driver for it, the package `postgres`, is installed by whoever wants this. */
export async function openPostgres(url: string): Promise<Engine> {
  const { createPostgresConnection } = await import('@supabase/lite/postgres');
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      onnotice: () => undefined,
      types: {
        timestamptz: { to: TIMESTAMPTZ_OID, from: [TIMESTAMPTZ_OID], serialize: String, parse: asIsoTimestamp },
      },
    },
  });
  return {
    connection,
    exec: (sql) => connection.driver.unsafe(sql),
    query: async <T>(text: string, params: readonly unknown[]) =>
      [...(await connection.driver.unsafe(text, params as string[]))] as T[],
    inTurn: (work) => work(),
  };
}

/** `2026-11-24 00:08:53.035+00` as the hosted Data API writes it: `2026-11-24T00:08:53.035+00:00`. */
function asIsoTimestamp(text: string): string {
  return text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
}

/** An empty cluster of the pinned PGlite: making one anew takes two seconds. */
const SNAPSHOT_FILE = 'sandbox-cluster-0.4.5.tar.gz';

/** Unpacked here: PGlite's own unpacking takes longer than all the rest of the start. */
function readSnapshot(cacheDir: string): Blob | null {
  try {
    return new Blob([gunzipSync(readFileSync(join(cacheDir, SNAPSHOT_FILE)))]);
  } catch {
    return null;
  }
}

/** Renamed into place, so that a second process never reads half of it. */
function writeSnapshot(cacheDir: string, bytes: ArrayBuffer): void {
  mkdirSync(cacheDir, { recursive: true });
  const written = join(cacheDir, `${SNAPSHOT_FILE}.${process.pid}`);
  writeFileSync(written, Buffer.from(bytes));
  renameSync(written, join(cacheDir, SNAPSHOT_FILE));
}
