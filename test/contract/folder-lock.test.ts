import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from '../../src/adapters/store/folder-lock.ts';
import { valueOf } from './store.suite.ts';

const fileOf = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Takes the lock alone, says how that ended, and stays. */
const LOCK = `
  const { lockFolder } = await import(${fileOf('../../src/adapters/store/folder-lock.ts')});
  const taken = await lockFolder(process.argv[1]);
  process.stdout.write(JSON.stringify(taken.ok ? 'taken' : taken.failure));
  setInterval(() => taken, 1000);`;

/** Opens the store, takes a claim where it is open, says how that ended, and stays. */
const STORE = `
  const { describeOpenFailure, openStore } = await import(${fileOf('../../src/adapters/store/index.ts')});
  const opened = await openStore({ databaseUrl: null, dataDir: process.argv[1] });
  let said;
  if (opened.ok) {
    const subject = 'order:o-1';
    said = { live: await opened.value.claims.liveOf(subject), taken: await opened.value.claims.take({
      subject, action: 'retry-provisioning', actor: { surface: 'terminal', id: 'root', name: 'root', role: 'admin' },
      reason: null, target: null, holder: 'killed', holdMs: 60000, watchedUntil: new Date(), words: 'Asked.',
    }) };
  } else said = describeOpenFailure(opened.failure);
  process.stdout.write(JSON.stringify(said));
  setInterval(() => opened, 1000);`;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pterodoc-lock-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function start(script: string, dataDir: string): { readonly child: ChildProcess; readonly said: Promise<unknown> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => kill(child));
  return { child, said: once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => JSON.parse(String(text))) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('a second process is refused and told which has the folder; a killed one leaves no lock and no half database', async () => {
  const dataDir = folder();
  const killed = start(STORE, dataDir);
  killed.said.catch(() => undefined);
  while (!existsSync(join(dataDir, 'store-unfinished', 'PG_VERSION'))) await sleep(5);
  await kill(killed.child);
  expect(existsSync(join(dataDir, 'store'))).toBe(false);

  const first = start(STORE, dataDir);
  expect(await first.said).toMatchObject({ live: { value: null }, taken: { value: { kind: 'taken' } } });
  const second = start(STORE, dataDir);
  expect(await second.said).toBe(
    `The data folder ${dataDir} is in use by the process ${first.child.pid}. Stop that one first, or set DATABASE_URL to a Postgres, which several processes can share.`,
  );
  await kill(first.child);
  const live = { holder: 'killed', isHeld: false, attempt: 1 };
  expect(await start(STORE, dataDir).said).toMatchObject({ live: { value: live }, taken: { value: { kind: 'live' } } });
});

test('of five processes that race for a folder whose holder was killed, one gets it', async () => {
  const dataDir = folder();
  const killed = start(LOCK, dataDir);
  expect(await killed.said).toBe('taken');
  await kill(killed.child);
  const racers = Array.from({ length: 5 }, () => start(LOCK, dataDir));
  const said = await Promise.all(racers.map((racer) => racer.said));
  expect(said.filter((end) => end === 'taken')).toHaveLength(1);
});

test('a lock that was released can be taken again', async () => {
  const dataDir = folder();
  valueOf(await lockFolder(dataDir)).release();
  const again = valueOf(await lockFolder(dataDir));
  expect(await lockFolder(dataDir)).toEqual({ ok: false, failure: { pid: process.pid } });
  again.release();
});

test('a pid that is left behind, of whatever process, keeps nobody out', async () => {
  const dataDir = folder();
  writeFileSync(join(dataDir, 'store.pid'), String(process.ppid));
  writeFileSync(join(dataDir, 'store.lock'), '');
  valueOf(await lockFolder(dataDir)).release();
});

test('a folder that is in use is refused without a pid where none can be read', async () => {
  const dataDir = folder();
  const lock = valueOf(await lockFolder(dataDir));
  writeFileSync(join(dataDir, 'store.pid'), 'nonsense');
  expect(await lockFolder(dataDir)).toEqual({ ok: false, failure: { pid: null } });
  lock.release();
});
