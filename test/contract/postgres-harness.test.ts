import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { availableOrigins, type PostgresOrigin, type PrivatePostgres, startPostgres } from '../support/postgres.ts';

interface ServerFacts {
  readonly folder: string;
  readonly addresses: string;
  readonly fsync: string;
}

async function factsOf(url: string): Promise<ServerFacts> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<ServerFacts>(
      `select current_setting('data_directory') as folder, current_setting('listen_addresses') as addresses,
              current_setting('fsync') as fsync`,
    );
    const [facts] = rows;
    if (facts === undefined) throw new Error('A select without a table has one row.');
    return facts;
  } finally {
    await client.end();
  }
}

async function started(origin: PostgresOrigin): Promise<PrivatePostgres> {
  const postgres = await startPostgres(origin);
  onTestFinished(() => postgres.stop());
  return postgres;
}

async function keepsItsWord(origin: PostgresOrigin): Promise<void> {
  const postgres = await started(origin);
  expect(postgres.origin).toBe(origin);
  const first = await postgres.createDatabase();
  const second = await postgres.createDatabase('shop "of" two words');
  expect(second).not.toBe(first);
  const { folder, ...settings } = await factsOf(first);
  expect(settings).toEqual({ addresses: '127.0.0.1', fsync: 'off' });
  expect(existsSync(folder)).toBe(true);
  const withoutPassword = new URL(first);
  withoutPassword.password = 'guessed';
  await expect(factsOf(withoutPassword.href)).rejects.toMatchObject({ code: '28P01' });
  await postgres.stop();
  await postgres.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(factsOf(first)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
}

test('the server of the package lets nobody in but its starter, and is gone with its data when it was stopped', () =>
  keepsItsWord('package'));

test(
  availableOrigins().includes('machine')
    ? 'the server of this machine lets nobody in but its starter, and is gone with its data when it was stopped'
    : 'a machine without a Postgres of its own says so, and the one of the package stands in',
  async () => {
    if (availableOrigins().includes('machine')) return keepsItsWord('machine');
    await expect(startPostgres('machine')).rejects.toThrow('no Postgres');
    expect((await started('package')).origin).toBe('package');
  },
);

test('two servers do not get into each other’s way', async () => {
  const [one, other] = await Promise.all([started('package'), started('package')]);
  expect(one.url('postgres')).not.toBe(other.url('postgres'));
});

test('the server goes with the process that started it, even when that is killed', async () => {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { startPostgres } = await import(${JSON.stringify(new URL('../support/postgres.ts', import.meta.url).href)});
       process.stdout.write((await startPostgres('package')).url('postgres'));`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { folder } = await factsOf(url);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const deadline = Date.now() + 10_000;
  while (existsSync(folder) && Date.now() < deadline) await sleep(50);
  expect(existsSync(folder)).toBe(false);
});
