import { fork } from 'node:child_process';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { type Diagnosis, diagnose } from '../src/core/diagnosis.ts';
import { parseQuery } from '../src/core/query.ts';
import { assemble } from '../src/main.ts';
import type { MerchantReady, MerchantWish } from './merchant.ts';

/** A doctor as a running bot has it. */
export interface Bot {
  ask(who: string): Promise<Diagnosis>;
}

/** A merchant in another process, and bots that ask about its customers. */
export interface Bench extends MerchantReady {
  /** A new bot: nothing is cached and no connection is open yet. */
  openBot(over?: Readonly<Record<string, string>>): Bot;
  close(): void;
}

const nobodyElse: MerchantWish = { databaseUrl: null, customers: false, latencyMs: 0, orders: 0, failures: 0 };

export async function openBench(wish: Partial<MerchantWish>): Promise<Bench> {
  const child = fork(join(import.meta.dirname, 'merchant.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ready = new Promise<MerchantReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as MerchantReady));
    child.once('exit', () => reject(new Error('the merchant process ended before it was ready')));
  });
  child.send({ ...nobodyElse, ...wish });
  const { environment, emails, failed } = await ready;
  return {
    environment,
    emails,
    failed,
    openBot(over = {}) {
      const config = readConfig({ ...environment, PTERODOC_MODE: 'live', ...over });
      if (!config.ok) throw new Error(config.failure.join('\n'));
      const { doctor } = assemble(config.value);
      return {
        async ask(who) {
          const query = parseQuery(who);
          if (!query.ok) throw new Error(query.failure);
          return diagnose(query.value, doctor);
        },
      };
    },
    close: () => child.disconnect(),
  };
}
