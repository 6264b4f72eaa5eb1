import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OpenStore, StoreOptions } from '../adapters/store/index.ts';
import type { Config } from '../config.ts';
import { fail, succeed } from '../core/result.ts';
import type { VouchReader } from '../core/ports.ts';
import { Ending, exits } from './ending.ts';

/** Opens the bot's own memory, which is made where there is none; whoever opens it closes it. */
export async function openOwnStore(config: Config): Promise<OpenStore> {
  const { describeOpenFailure, openStore } = await import('../adapters/store/index.ts');
  const opened = await openStore(placeOf(config));
  if (opened.ok) return opened.value;
  const page = config.http.publicUrl;
  const hint = opened.failure.kind === 'in-use' && page !== null ? ` Or use its page: ${page}` : '';
  throw new Ending(exits.failed, `${describeOpenFailure(opened.failure)} Nothing was changed.${hint}`);
}

/**
 * Makes the embedded memory of a folder ahead of time, beside whatever this thread does. Where that fails, opening it
 * makes it, or says why it cannot.
 */
export function makeOwnStore(dataDir: string): Promise<void> {
  const program = new URL(`make-store${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(program, { workerData: { dataDir } });
  return new Promise((resolve) => {
    worker.once('error', () => resolve());
    worker.once('exit', () => resolve());
  });
}

/** Runs work on the bot's own memory. */
export async function withStore(config: Config, work: (store: OpenStore) => Promise<number>): Promise<number> {
  const store = await openOwnStore(config);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The bot's own memory where there is one; `null`: nothing was ever remembered. */
export async function withStoreIfAny(
  config: Config,
  work: (store: OpenStore | null) => Promise<number>,
): Promise<number> {
  const { storeExists } = await import('../adapters/store/index.ts');
  const exists = await storeExists(placeOf(config));
  return exists.ok && !exists.value ? work(null) : withStore(config, work);
}

/** Vouches that open the memory only once somebody asks for one. */
export interface LateVouches {
  readonly vouches: VouchReader;
  /** Why the memory could not be asked; `null`: it could, or nobody asked. */
  trouble(): string | null;
  close(): Promise<void>;
}

/** For a command that only reads: it makes no memory, and does without one that cannot be opened. */
export function lateVouches(config: Config): LateVouches {
  let opening: Promise<OpenStore | null> | null = null;
  let trouble: string | null = null;
  const open = async (): Promise<OpenStore | null> => {
    const { describeOpenFailure, openStore, storeExists } = await import('../adapters/store/index.ts');
    const exists = await storeExists(placeOf(config));
    if (exists.ok && !exists.value) return null;
    const opened = exists.ok ? await openStore(placeOf(config)) : exists;
    if (opened.ok) return opened.value;
    trouble = describeOpenFailure(opened.failure);
    return null;
  };
  return {
    vouches: {
      async of(orderId) {
        opening ??= open();
        const store = await opening;
        if (store !== null) return store.vouches.of(orderId);
        return trouble === null ? succeed(null) : fail(trouble);
      },
    },
    trouble: () => trouble,
    async close() {
      await (await opening)?.close();
    },
  };
}

function placeOf({ databaseUrl, dataDir }: Config): StoreOptions {
  return { databaseUrl, dataDir };
}
