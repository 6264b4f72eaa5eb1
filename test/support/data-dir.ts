import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/adapters/store/index.ts';
import { cacheDir } from './clinic.ts';

const storeSource = 'src/adapters/store';
const migrations = join(storeSource, 'migrations');
const pglite = 'node_modules/@electric-sql/pglite/package.json';

/** A data folder of its own with an embedded store that knows nothing: made once, as making one takes seconds. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pterodoc-data-'));
  await cp(await emptyStore(), dataDir, { recursive: true });
  return dataDir;
}

/** Under a name of its own for whatever makes it what it is. */
async function emptyStore(): Promise<string> {
  const template = join(cacheDir, `store-${await fingerprint()}`);
  if (existsSync(template)) return template;
  await mkdir(cacheDir, { recursive: true });
  const unfinished = await mkdtemp(`${template}-`);
  const opened = await openStore({ databaseUrl: null, dataDir: unfinished });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  await opened.value.close();
  try {
    await rename(unfinished, template);
  } catch (error) {
    // Another test file was faster.
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
  return template;
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [pglite, join(storeSource, 'embedded.ts')]) hash.update(await readFile(file));
  for (const name of (await readdir(migrations)).toSorted()) hash.update(await readFile(join(migrations, name)));
  return hash.digest('hex').slice(0, 16);
}
