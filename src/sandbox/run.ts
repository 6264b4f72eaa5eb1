import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type NamedCustomer, type Sandbox, startSandbox } from './index.ts';
import { announceSandbox, findSandbox, withdrawSandbox } from './rendezvous.ts';

/** A sandbox that other commands on this machine find. */
export interface HostedSandbox {
  readonly sandbox: Sandbox;
  /** What makes a command talk to this world and remember what it did to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Lets other commands find it. `page`: where its page is, if it has one. */
  announce(page: string | null): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the sandbox of this data folder; `null`: one runs there already. `prepare` gets the folder in which actions on
 * it will be remembered, while it starts.
 */
export async function hostSandbox(
  dataDir: string,
  prepare: (memory: string) => Promise<void> = async () => undefined,
): Promise<HostedSandbox | null> {
  if ((await findSandbox(dataDir)) !== null) return null;
  const [sandbox, memory] = await Promise.all([
    startSandbox({ cacheDir: join(dataDir, 'cache') }),
    freshFolder(join(dataDir, 'sandbox-store'), prepare),
  ]);
  const environment = { ...sandbox.environment, PTERODOC_DATA_DIR: memory };
  return {
    sandbox,
    environment,
    announce: (page) => announceSandbox(dataDir, { ...environment, ...(page === null ? {} : { PUBLIC_URL: page }) }),
    async stop() {
      await withdrawSandbox(dataDir);
      await sandbox.stop();
      await rm(memory, { recursive: true, force: true });
    },
  };
}

/**
 * Where actions on this world are remembered: what was remembered of an earlier one would be taken for this one's, whose
 * ids are the same. A command that still works on an earlier one keeps to its own folder, as each has its own name.
 */
async function freshFolder(parent: string, prepare: (folder: string) => Promise<void>): Promise<string> {
  await rm(parent, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'world-'));
  await prepare(folder);
  return folder;
}

/** What can be tried, for the terminal it was started in. */
export function introduction(customers: readonly NamedCustomer[]): string {
  const width = Math.max(...customers.map(({ email }) => email.length));
  return [
    'In a second terminal, ask about one of its customers:',
    '',
    '  npm run pterodoc -- status ann@example.com',
    '',
    ...customers.map(({ email, code, story }) => `  ${email.padEnd(width)}  ${(code ?? '').padEnd(8)}  ${story}`),
    '',
    'Ctrl-C ends it; nothing of it is kept.',
  ].join('\n');
}
