import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Performed, Refusal } from '../../src/core/act.ts';
import type { PressJob } from './pressing-process.ts';

type Ends = readonly (Performed | Refusal)[];

/** A process of its own that is loaded and waits to be told what to press. */
export interface PressingProcess {
  /** What came of each press; `null`: the process ended before it could tell. */
  press(job: PressJob): Promise<Ends | null>;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
}

const program = join(import.meta.dirname, 'pressing-process.ts');

export async function startPressingProcess(): Promise<PressingProcess> {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'] ?? '' }, stdio: 'pipe' });
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
      await exited;
      if (child.signalCode === null && child.exitCode !== 0) throw new Error(`the process failed: ${complaint}`);
      return typeof value === 'string' ? (JSON.parse(value) as Ends) : null;
    },
    async kill() {
      if (isOver(child)) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
