import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheDir } from './clinic.ts';
import { nodeFlags } from './node-flags.ts';

/** What a command printed and how it ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that goes on. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything on standard output so far. */
  printed(): string;
  /** The same of standard error. */
  complained(): string;
}

/** A terminal with a data folder of its own and nothing configured but what is given. */
export interface Terminal {
  readonly dataDir: string;
  run(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Starts a command that goes on; resolves once it has printed `until`. */
  start(words: readonly string[], until: string, environment?: Readonly<Record<string, string>>): Promise<Started>;
  close(): Promise<void>;
}

const cli = join(import.meta.dirname, '../../src/cli.ts');
// Compiled once for all of them.
const compiled = resolve(cacheDir, 'compiled');

export async function openTerminal(): Promise<Terminal> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pterodoc-test-'));
  const launch = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [...nodeFlags, cli, ...words], {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_COMPILE_CACHE: compiled,
        PTERODOC_DATA_DIR: dataDir,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((settle) => {
      child.on('close', (exitCode) => settle({ exitCode, out, err }));
    });
    return { child, ended, printed: () => out, complained: () => err };
  };
  return {
    dataDir,
    run: (words, environment) => launch(words, environment).ended,
    async start(words, until, environment) {
      const started = launch(words, environment);
      const { child, ended, printed } = started;
      const early = ended.then(({ out, err }) => {
        throw new Error(`it ended before it printed "${until}":\n${out}\n${err}`);
      });
      const ready = new Promise<void>((settle) => {
        child.stdout?.on('data', () => {
          if (printed().includes(until)) settle();
        });
      });
      await Promise.race([ready, early]);
      early.catch(() => {});
      return started;
    },
    close: () => rm(dataDir, { recursive: true, force: true }),
  };
}
