import { createInterface } from 'node:readline';
import { openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import { type ActionRequest, performAction } from '../../src/core/act.ts';
import { type EngineOptions, openEngine, operator } from './engine.ts';
import { createWorldTime, type Skip } from './world-time.ts';

/** What a process of its own is told to press, all at once. */
export interface PressJob {
  readonly environment: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly skips: readonly Skip[];
  readonly requests: readonly Pick<ActionRequest, 'action' | 'subject'>[];
  readonly patience?: Pick<EngineOptions, 'callTimeoutMs' | 'holdMs' | 'followMs'>;
}

/** Says `ready`, then answers each job, a line of JSON, with a line of what came of its presses. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  process.stdout.write('ready\n');
  let store: OpenStore | null = null;
  for await (const line of lines) {
    const { environment, databaseUrl, skips, requests, patience } = JSON.parse(line) as PressJob;
    store ??= await storeOf(databaseUrl);
    const engine = openEngine({ environment, store, time: createWorldTime(skips), ...patience });
    const ends = await Promise.all(
      requests.map((request) => performAction({ ...request, actor: operator, reason: null }, engine)),
    );
    process.stdout.write(`${JSON.stringify(ends)}\n`);
  }
  await store?.close();
}

async function storeOf(databaseUrl: string): Promise<OpenStore> {
  const opened = await openStore({ databaseUrl, dataDir: 'never-made' });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  return opened.value;
}

await main();
