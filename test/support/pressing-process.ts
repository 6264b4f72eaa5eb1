import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openStore } from '../../src/adapters/store/index.ts';
import { type ActionRequest, performAction } from '../../src/core/act.ts';
import { openEngine, operator } from './engine.ts';
import { createWorldTime, type Skip } from './world-time.ts';

/** What a process of its own is told to press. */
export interface PressJob {
  readonly environment: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly skips: readonly Skip[];
  readonly requests: readonly Pick<ActionRequest, 'action' | 'subject'>[];
  readonly callTimeoutMs?: number;
  readonly holdMs?: number;
  readonly followMs?: number;
}

/** Says `ready`, waits for one job on a line of its own, presses everything in it at once, and prints what came of it. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  process.stdout.write('ready\n');
  const [line] = (await once(lines, 'line')) as [string];
  const { environment, databaseUrl, skips, requests, ...patience } = JSON.parse(line) as PressJob;
  const store = await openStore({ databaseUrl, dataDir: 'never-made' });
  if (!store.ok) throw new Error(JSON.stringify(store.failure));
  const engine = openEngine({ environment, store: store.value, time: createWorldTime(skips), ...patience });
  const ends = await Promise.all(
    requests.map((request) => performAction({ ...request, actor: operator, reason: null }, engine)),
  );
  process.stdout.write(`${JSON.stringify(ends)}\n`);
  await store.value.close();
  lines.close();
}

await main();
