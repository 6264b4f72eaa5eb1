import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { showProgress } from '../adapters/terminal/index.ts';
import { type Config, readConfig } from '../config.ts';
import { Ending, exits } from './ending.ts';

/** Configuration as it stands, or an ending that lists every fault at once. */
export function ownConfig(): Config {
  return configFrom(process.env);
}

function configFrom(environment: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(environment);
  if (config.ok) return config.value;
  throw new Ending(
    exits.configuration,
    ['The configuration is not complete:', ...config.failure.map((fault) => `- ${fault}`)].join('\n'),
  );
}

/** The configuration of a sandbox, over what the administrator set besides. */
export function sandboxConfig(environment: Readonly<Record<string, string>>): Config {
  return configFrom(liveIn(environment));
}

/**
 * Runs a command against the configured merchant. Without credentials that is the sandbox that runs on this machine;
 * where none runs, the same world is started for this one answer.
 */
export async function withMerchant(work: (config: Config) => Promise<number>): Promise<void> {
  // Set last: an embedded database that shuts down sets the exit code of the process itself.
  process.exitCode = await workOnMerchant(work);
}

async function workOnMerchant(work: (config: Config) => Promise<number>): Promise<number> {
  const own = ownConfig();
  if (own.mode === 'live') return work(own);
  const { findSandbox } = await import('../sandbox/rendezvous.ts');
  const running = await findSandbox(own.dataDir);
  if (running !== null) return work(sandboxConfig(running));
  const progress = showProgress('No sandbox runs here: starting one for this answer');
  const { startSandbox } = await import('../sandbox/index.ts');
  const sandbox = await startSandbox({ cacheDir: join(own.dataDir, 'cache') }).finally(() => progress.end());
  const dataDir = await mkdtemp(join(tmpdir(), 'pterodoc-'));
  try {
    return await work(sandboxConfig({ ...sandbox.environment, PTERODOC_DATA_DIR: dataDir }));
  } finally {
    await sandbox.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/**
 * The sandbox's own addresses over what the administrator set besides (graces, deadlines). Its ids return in every
 * sandbox, so what is remembered of one goes into a folder of its own and never into DATABASE_URL.
 */
function liveIn(environment: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return { ...process.env, DATABASE_URL: undefined, ...environment, PTERODOC_MODE: 'live' };
}
