import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeOpenFailure, openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import type { StoreFailure } from '../../src/core/store-ports.ts';
import { ADA, describeStore, taken, valueOf } from './store.suite.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'pterodoc-store-'));
const open = (folder = dataDir) => openStore({ databaseUrl: null, dataDir: folder });
let store: OpenStore;

beforeAll(async () => {
  store = valueOf(await open());
});
afterAll(async () => {
  await store?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a store in a folder', () => {
  describeStore(() => store);
});

test('a folder that is open is refused, with the process that has it and what to do', async () => {
  const refused = await open();
  expect(refused).toEqual({ ok: false, failure: { kind: 'in-use', pid: process.pid, dataDir } });
  const told = refused.ok ? '' : describeOpenFailure(refused.failure);
  expect(told).toContain(`the process ${process.pid}`);
  expect(told).toContain('DATABASE_URL');
});

test('what was written is there after the next start, and nobody holds a claim any more', async () => {
  const { id, subject } = await taken(store);
  await store.close();
  store = valueOf(await open());
  expect(valueOf(await store.claims.byId(id))).toMatchObject({ holder: 'one', isHeld: false, closedAt: null });
  expect(valueOf(await store.claims.abandoned()).map((claim) => claim.id)).toContain(id);
  expect(valueOf(await store.audit.list({ subject, limit: 10 }))).toHaveLength(1);
});

test('the embedded database too keeps its audit log from every change', async () => {
  await taken(store);
  await store.close();
  const database = await PGlite.create(join(dataDir, 'store'));
  try {
    for (const statement of [
      'update pterodoc.audit set words = $$nothing$$',
      'delete from pterodoc.audit',
      'truncate pterodoc.audit',
    ]) {
      await expect(database.exec(statement)).rejects.toMatchObject({ code: '23001' });
    }
  } finally {
    await database.close();
  }
  store = valueOf(await open());
});

test('a folder of another embedded database is refused and left as it is', async () => {
  await store.close();
  const file = join(dataDir, 'store-engine');
  const own = readFileSync(file, 'utf8');
  writeFileSync(file, 'pglite 0.4\n');
  expect(await open()).toEqual({
    ok: false,
    failure: { kind: 'other-engine-version', made: 'pglite 0.4', dataDir },
  });
  writeFileSync(file, own);
  store = valueOf(await open());
});

test('the folder is marked with the version of the embedded database that is installed', () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const version = /"@electric-sql\/pglite": "(\d+\.\d+)\./.exec(manifest)?.[1];
  expect(readFileSync(join(dataDir, 'store-engine'), 'utf8')).toBe(`pglite ${version}`);
});

describe('in trouble', () => {
  test('a data folder that cannot be a folder is told without throwing', async () => {
    const file = join(dataDir, 'a-file');
    writeFileSync(file, '');
    const refused = await open(file);
    expect(refused).toMatchObject({ ok: false, failure: { kind: 'store', in: 'embedded' } });
    expect(refused.ok ? '' : describeOpenFailure(refused.failure)).toContain('PTERODOC_DATA_DIR');
  });

  if (canMount()) {
    test('a full disk says so, loses nothing that was kept, and takes writes again once there is room', async () => {
      const disk = smallDisk();
      const filled = valueOf(await open(disk.folder));
      const { id } = await taken(filled);
      disk.fill();
      expect(await fillUp(() => append(filled, 'x'.repeat(900)))).toEqual({ ok: false, failure: { kind: 'full' } });
      expect(valueOf(await filled.claims.byId(id))).toMatchObject({ id });
      disk.empty();
      valueOf(await append(filled, 'There is room again.'));
      await filled.close();
      const again = valueOf(await open(disk.folder));
      expect(valueOf(await again.audit.list({ limit: 1 }))).toMatchObject([{ words: 'There is room again.' }]);
      await again.close();
    });

    test('a disk without room for a database says so at the start', async () => {
      const disk = smallDisk();
      disk.fill();
      expect(await open(disk.folder)).toEqual(failedWith('full'));
    });

    test('a disk that takes no writes says so at the start', async () => {
      const disk = smallDisk();
      disk.freeze();
      expect(await open(disk.folder)).toEqual(failedWith('read-only'));
    });
  } else {
    test('where no disk can be made to fill up, a folder that this user may not write in says so', async () => {
      const folder = join(dataDir, 'closed');
      mkdirSync(folder, { mode: 0o500 });
      const isRoot = process.getuid?.() === 0;
      const end = await open(folder);
      if (end.ok) await end.value.close();
      expect(end).toEqual(isRoot ? { ok: true, value: expect.anything() } : failedWith('read-only'));
    });
  }
});

function failedWith(kind: StoreFailure['kind']) {
  return { ok: false, failure: { kind: 'store', in: 'embedded', failure: { kind } } };
}

function append(store: OpenStore, words: string) {
  return store.audit.append({
    event: 'asked',
    actor: ADA,
    action: 'vouch',
    subject: 'order:o',
    claimId: null,
    words,
  });
}

/** Asks until the answer is no. */
async function fillUp<T extends { readonly ok: boolean }>(ask: () => Promise<T>): Promise<T> {
  for (let count = 0; count < 1000; count += 1) {
    const answer = await ask();
    if (!answer.ok) return answer;
  }
  throw new Error('The disk has more room than it was given.');
}

/** Whether this user, on this system, can make a disk in memory. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pterodoc-disk-'));
  try {
    mount(folder);
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** A disk of its own in memory. */
function smallDisk() {
  const folder = mkdtempSync(join(tmpdir(), 'pterodoc-disk-'));
  const ballast = join(folder, 'ballast');
  mount(folder);
  onTestFinished(() => {
    // Lazily: an embedded database that could not start leaves its files open.
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    fill: () => {
      for (let number = 0, size = 1 << 20; size >= 4096; number += 1) {
        try {
          writeFileSync(`${ballast}${number}`, Buffer.alloc(size));
        } catch {
          size /= 4;
        }
      }
    },
    empty: () => execFileSync('find', [folder, '-maxdepth', '1', '-name', 'ballast*', '-delete']),
    freeze: () => execFileSync('mount', ['-o', 'remount,ro', folder]),
  };
}
