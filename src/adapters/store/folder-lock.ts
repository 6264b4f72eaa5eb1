import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fail, type Result, succeed } from '../../core/result.ts';

/** Holds the folder against every other process until it is released, or until this process ends in any way. */
export interface FolderLock {
  release(): void;
}

/** Another process holds the folder; `pid`: which, where it could be read. */
export interface FolderInUse {
  readonly pid: number | null;
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

/**
 * Takes the folder, which is made where it is missing. The lock is the operating system's, by way of SQLite, because
 * it goes with its process: a pid in a file stays behind after SIGKILL, may mean another process by then, and means
 * nothing in another container.
 */
export async function lockFolder(folder: string): Promise<Result<FolderLock, FolderInUse>> {
  const [lockFile, pidFile] = [join(folder, 'store.lock'), join(folder, 'store.pid')];
  await mkdir(folder, { recursive: true });
  // Ends with the code of the operating system where the folder takes no files; SQLite has only one for all of them.
  await appendFile(lockFile, '');
  const lock = takeLock(lockFile);
  if (lock === null) return fail({ pid: await pidIn(pidFile) });
  try {
    // For the words of a refusal only.
    await writeFile(pidFile, String(process.pid));
  } catch (error) {
    lock.close();
    throw error;
  }
  return succeed({ release: () => lock.close() });
}

/** `null`: somebody else has it. */
function takeLock(file: string): DatabaseSync | null {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return null;
    throw error;
  }
}

async function pidIn(file: string): Promise<number | null> {
  try {
    const pid = Number(await readFile(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
