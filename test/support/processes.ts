import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Performed, Refusal } from '../../src/core/act.ts';
import { cacheDir } from './clinic.ts';
import type { PressJob } from './pressing-process.ts';

/** A process of its own that is loaded and waits to be told what to press. */
export interface PressingProcess {
  /** What came of each press; `null`: the process was killed before it could tell. */
  press(job: PressJob): Promise<readonly (Performed | Refusal)[] | null>;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Lets it end by itself. */
  close(): Promise<void>;
}

const program = join(import.meta.dirname, 'pressing-process.ts');

export async function startPressingProcess(): Promise<PressingProcess> {
  const child = spawn(process.execPath, [program], {
    // Compiled once for all of them.
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: join(cacheDir, 'compiled') },
    stdio: 'pipe',
  });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  // A killed process does not read what is written to it.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'ready') throw new Error(`the process did not start: ${complaint}`);
  return {
    async press(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const { value } = await lines.next();
      if (typeof value === 'string') return JSON.parse(value) as readonly (Performed | Refusal)[];
      await exited;
      if (child.signalCode !== 'SIGKILL') throw new Error(`the process failed: ${complaint}`);
      return null;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
