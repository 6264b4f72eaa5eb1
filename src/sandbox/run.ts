import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type NamedCustomer, startSandbox } from './index.ts';
import { announceSandbox, findSandbox, withdrawSandbox } from './rendezvous.ts';

/** Runs the sandbox until it is told to stop, and says what can be tried with it. */
export async function runSandbox(input: {
  readonly dataDir: string;
  readonly print: (text: string) => void;
}): Promise<void> {
  const { dataDir, print } = input;
  if ((await findSandbox(dataDir)) !== null) {
    print('A sandbox already runs on this machine. Try: npm run pterodoc -- status ann@example.com');
    return;
  }
  print('Starting a small merchant world: a shop, its database, its payments and its panel …');
  const sandbox = await startSandbox({ cacheDir: join(dataDir, 'cache') });
  const memory = await freshFolder(join(dataDir, 'sandbox-store'));
  await announceSandbox(dataDir, { ...sandbox.environment, PTERODOC_DATA_DIR: memory });
  const stopped = untilToldToStop();
  print(introduction(sandbox.customers));
  await stopped;
  await withdrawSandbox(dataDir);
  await sandbox.stop();
  await rm(memory, { recursive: true, force: true });
}

/**
 * Where actions on this world are remembered: what was remembered of an earlier one would be taken for this one's, whose
 * ids are the same. A command that still works on an earlier one keeps to its own folder, as each has its own name.
 */
async function freshFolder(parent: string): Promise<string> {
  await rm(parent, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'world-'));
}

function introduction(customers: readonly NamedCustomer[]): string {
  const width = Math.max(...customers.map(({ email }) => email.length));
  return [
    '',
    'It runs. In a second terminal, ask about one of its customers:',
    '',
    '  npm run pterodoc -- status ann@example.com',
    '',
    ...customers.map(({ email, code, story }) => `  ${email.padEnd(width)}  ${(code ?? '').padEnd(8)}  ${story}`),
    '',
    'Ctrl-C ends it; nothing of it is kept.',
  ].join('\n');
}

function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
