import { existsSync } from 'node:fs';
import { readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { releaseAll } from './claims.ts';
import { StoreTrouble } from './failures.ts';
import { migrateStore, type StoreIsNewer } from './migrate.ts';
import type { OpenDatabase, Tables } from './tables.ts';

/** Whose folders this program can open. Another one of these numbers is another major of Postgres. */
const engine = 'pglite 0.5';

/** Two files of its log, which it makes in full size. */
const startsWithBytes = 2 * 16 * 1024 * 1024;

/** The folder holds a database that this program cannot open. */
export interface OtherEngine {
  readonly kind: 'other-engine-version';
  readonly made: string;
}

/**
 * Opens the database within the folder, which must be locked, and brings the tables up to date; throws the database's
 * own errors.
 */
export async function openEmbedded(dataDir: string): Promise<OpenDatabase | StoreIsNewer | OtherEngine> {
  const folder = join(dataDir, 'store');
  const engineFile = join(dataDir, 'store-engine');
  if (!existsSync(folder)) await makeDatabase(folder);
  const made = await engineOf(engineFile);
  if (made === null) await writeFile(engineFile, engine);
  else if (made !== engine) return { kind: 'other-engine-version', made };
  const pglite = await start(folder);
  try {
    const migrated = await pglite.transaction((transaction) =>
      migrateStore({ run: async (statements) => (await transaction.exec(statements)).at(-1)?.rows ?? [] }),
    );
    if (migrated.kind === 'ready') {
      const database = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
      // Whoever held them is no more: the folder belongs to one process at a time.
      await releaseAll(database);
      return { kind: 'opened', database, close: () => pglite.close() };
    }
    await pglite.close();
    return migrated;
  } catch (error) {
    if (!pglite.closed) await pglite.close();
    throw error;
  }
}

/** Under another name until it is whole: a start that was killed meanwhile must leave nothing that looks like a store. */
async function makeDatabase(folder: string): Promise<void> {
  const unfinished = `${folder}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const pglite = await start(unfinished);
  await pglite.close();
  await rename(unfinished, folder);
}

async function start(folder: string): Promise<PGlite> {
  try {
    // The default of 128 MB is what a server would take.
    return await PGlite.create(folder, {
      postgresqlconf: ['shared_buffers = 16MB'],
      parsers: { [types.INT8]: Number },
    });
  } catch (error) {
    // At the start it ends without a code, whatever was wrong.
    if (await isFull(dirname(folder))) throw new StoreTrouble('full');
    throw error;
  }
}

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < startsWithBytes;
}

/** `null`: no database was opened here so far. */
async function engineOf(file: string): Promise<string | null> {
  return existsSync(file) ? (await readFile(file, 'utf8')).trim() : null;
}
