import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail, type Result, succeed } from '../../core/result.ts';
import { describeStoreFailure, type Store, type StoreFailure } from '../../core/store-ports.ts';
import { codeOf, storeFailureOf } from './failures.ts';
import type { FolderLock } from './folder-lock.ts';
import type { OpenDatabase } from './tables.ts';

/** Where the bot keeps what is its own. */
export interface StoreOptions {
  /** A Postgres that several processes may share; `null`: embedded, in `dataDir`, for one process. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** For one question to a Postgres. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 5000;

/** A store that must be closed. */
export interface OpenStore extends Store {
  readonly kind: 'embedded' | 'postgres';
  close(): Promise<void>;
}

/** Why the store could not be opened. */
export type OpenFailure =
  | { readonly kind: 'in-use'; readonly pid: number | null; readonly dataDir: string }
  /** The tables were changed by a later version of this program. */
  | { readonly kind: 'newer'; readonly version: number }
  /** The folder was made with another version of the embedded database. */
  | { readonly kind: 'other-engine-version'; readonly made: string; readonly dataDir: string }
  | { readonly kind: 'login-refused' }
  | { readonly kind: 'no-such-database' }
  | { readonly kind: 'certificate-refused'; readonly code: string }
  | { readonly kind: 'store'; readonly in: 'embedded' | 'postgres'; readonly failure: StoreFailure };

/** Opens the bot's own memory, which is made where there is none. */
export function openStore(options: StoreOptions): Promise<Result<OpenStore, OpenFailure>> {
  const { databaseUrl, dataDir, timeoutMs } = options;
  return databaseUrl === null ? openFolder(dataDir) : openServer(databaseUrl, timeoutMs ?? defaultTimeoutMs);
}

/** Whether anything was ever remembered; makes nothing. */
export async function storeExists(options: StoreOptions): Promise<Result<boolean, OpenFailure>> {
  const { databaseUrl, dataDir, timeoutMs } = options;
  if (databaseUrl === null) return succeed(existsSync(join(dataDir, 'store')));
  try {
    const { hasTables } = await import('./postgres.ts');
    return succeed(await hasTables(databaseUrl, timeoutMs ?? defaultTimeoutMs));
  } catch (error) {
    return fail(openFailureOf(error));
  }
}

async function openServer(databaseUrl: string, timeoutMs: number): Promise<Result<OpenStore, OpenFailure>> {
  try {
    const { openPostgres } = await import('./postgres.ts');
    const opened = await openPostgres(databaseUrl, timeoutMs);
    return opened.kind === 'opened' ? await storeOn(opened, 'postgres') : fail(opened);
  } catch (error) {
    return fail(openFailureOf(error));
  }
}

function openFailureOf(error: unknown): OpenFailure {
  const code = codeOf(error);
  if (code === '28P01' || code === '28000') return { kind: 'login-refused' };
  if (code === '3D000') return { kind: 'no-such-database' };
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return { kind: 'certificate-refused', code };
  return { kind: 'store', in: 'postgres', failure: storeFailureOf(error) };
}

async function openFolder(dataDir: string): Promise<Result<OpenStore, OpenFailure>> {
  let lock: FolderLock | null = null;
  try {
    const { lockFolder } = await import('./folder-lock.ts');
    const locked = await lockFolder(dataDir);
    if (!locked.ok) return fail({ kind: 'in-use', pid: locked.failure.pid, dataDir });
    lock = locked.value;
    const { openEmbedded } = await import('./embedded.ts');
    const opened = await openEmbedded(dataDir);
    if (opened.kind === 'opened') return await storeOn(opened, 'embedded', lock);
    lock.release();
    return fail(opened.kind === 'newer' ? opened : { ...opened, dataDir });
  } catch (error) {
    lock?.release();
    return fail({ kind: 'store', in: 'embedded', failure: storeFailureOf(error) });
  }
}

/** The query builder is loaded with the first store, not with a program that opens none. */
async function storeOn(
  { database, close }: OpenDatabase,
  kind: OpenStore['kind'],
  lock?: FolderLock,
): Promise<Result<OpenStore, never>> {
  const { createStore } = await import('./database-store.ts');
  return succeed({
    ...createStore(database),
    kind,
    async close() {
      await close();
      lock?.release();
    },
  });
}

/** For the administrator: what is wrong and what to do. */
export function describeOpenFailure(failure: OpenFailure): string {
  switch (failure.kind) {
    case 'in-use': {
      const who = failure.pid === null ? 'another process' : `the process ${failure.pid}`;
      return `The data folder ${failure.dataDir} is in use by ${who}. Stop that one first, or set DATABASE_URL to a Postgres, which several processes can share.`;
    }
    case 'newer':
      return `The bot's own database was written by a newer version of pterodoc (its tables are at ${failure.version}). Start that version, or a later one.`;
    case 'other-engine-version':
      return `The data folder ${failure.dataDir} was made with another version of the embedded database (${failure.made}). Start the version of pterodoc that made it, or name another folder in PTERODOC_DATA_DIR.`;
    case 'login-refused':
      return 'The database of DATABASE_URL refuses the user name or password.';
    case 'no-such-database':
      return 'The server of DATABASE_URL has no database of that name.';
    case 'certificate-refused':
      return `The certificate of the server in DATABASE_URL cannot be verified (${failure.code}): name the project's certificate with sslrootcert=FILE in the address.`;
    case 'store':
      return `${describeStoreFailure(failure.failure)} Look at ${failure.in === 'postgres' ? 'DATABASE_URL' : 'the data folder (PTERODOC_DATA_DIR)'}.`;
  }
}
