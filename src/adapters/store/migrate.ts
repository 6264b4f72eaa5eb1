import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

/** One transaction of the database that is to be brought up to date. */
export interface MigrationSession {
  /** Runs statements without parameters; answers with the rows of the last one. */
  run(statements: string): Promise<readonly unknown[]>;
}

/** The tables are as this version of the program expects them. */
export interface StoreIsReady {
  readonly kind: 'ready';
}

/** A later version of this program has changed the tables already. */
export interface StoreIsNewer {
  readonly kind: 'newer';
  readonly version: number;
}

interface Migration {
  readonly version: number;
  readonly file: string;
  readonly sql: string;
}

const folder = new URL('./migrations/', import.meta.url);
/** "pterodoc" as bytes and one more: another lock than that of the merchant's migrations. */
const lockId = '8103213171715895140';
const versions = z.array(z.object({ version: z.int() }));

/**
 * Brings the tables up to date. What is up to date is only read, so that a process may start on a database that takes
 * no writes at the moment. Runs within one transaction; of any number of processes at once, one does the work.
 */
export async function migrateStore({ run }: MigrationSession): Promise<StoreIsReady | StoreIsNewer> {
  const migrations = await shippedMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  if ((await appliedVersion(run)) < newest) {
    await run(`select pg_advisory_xact_lock(${lockId})`);
    const applied = await appliedVersion(run);
    if (applied === 0) {
      await run(`create schema if not exists pterodoc;
        create table if not exists pterodoc.migrations (
          version integer primary key, file text not null, applied_at timestamptz not null default clock_timestamp()
        )`);
    }
    for (const { version, file, sql } of migrations.filter(({ version }) => version > applied)) {
      await run(sql);
      await run(`insert into pterodoc.migrations (version, file) values (${version}, '${file}')`);
    }
  }
  const version = await appliedVersion(run);
  return version > newest ? { kind: 'newer', version } : { kind: 'ready' };
}

/** As a query: a function such as `to_regclass` remembers that the schema was missing before the lock was waited for. */
const tableExists = `
  select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'pterodoc' and c.relname = 'migrations'`;

/** 0: nothing was ever applied. */
async function appliedVersion(run: MigrationSession['run']): Promise<number> {
  const [exists] = await run(tableExists);
  if (exists === undefined) return 0;
  const [row] = versions.parse(await run('select coalesce(max(version), 0) as version from pterodoc.migrations'));
  return row?.version ?? 0;
}

async function shippedMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      version: Number(file.slice(0, 4)),
      file,
      sql: await readFile(new URL(file, folder), 'utf8'),
    })),
  );
}
