import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** How a command in another terminal finds the sandbox that runs on this machine. */
const shape = z.object({ pid: z.number().int().positive(), environment: z.record(z.string(), z.string()) });

const fileName = 'sandbox.json';

/** Writes where the running sandbox can be reached; readable by its owner only. */
export async function announceSandbox(dataDir: string, environment: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, fileName), JSON.stringify({ pid: process.pid, environment }), { mode: 0o600 });
}

/** Takes the announcement away again. */
export async function withdrawSandbox(dataDir: string): Promise<void> {
  await rm(join(dataDir, fileName), { force: true });
}

/** The environment of the sandbox that runs now; `null` when none does. A leftover of a killed one does not count. */
export async function findSandbox(dataDir: string): Promise<Readonly<Record<string, string>> | null> {
  const announced = await readAnnouncement(dataDir);
  if (announced === null || !isAlive(announced.pid)) return null;
  return (await answers(announced.environment['SUPABASE_URL'])) ? announced.environment : null;
}

async function readAnnouncement(dataDir: string): Promise<z.infer<typeof shape> | null> {
  let text: string;
  try {
    text = await readFile(join(dataDir, fileName), 'utf8');
  } catch {
    // No file is the usual case: no sandbox was started here.
    return null;
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    // Half written by a process that was killed.
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The process id may have been given to another program since; its port tells. */
async function answers(url: string | undefined): Promise<boolean> {
  if (url === undefined) return false;
  try {
    const response = await fetch(`${url}/auth/v1/health`, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
