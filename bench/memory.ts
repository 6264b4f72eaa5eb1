import { setTimeout as sleep } from 'node:timers/promises';
import { openChat } from './chat.ts';
import type { ChatWay } from './chat-platform.ts';
import { print } from './measure.ts';

const marks = [500, 1000, 2000, 3000, 4000, 5000];
/** What the libraries sweep by the minute is gone after this. */
const restMs = 65_000;

/**
 * The memory of pterodoc's adapters over 5,000 commands, each second one answered to all, and 2,000 presses on the
 * answers.
 */
export async function benchMemory(): Promise<void> {
  await Promise.all((['slack-socket', 'slack-http', 'discord'] as const).map(watch));
}

async function watch(way: ChatWay): Promise<void> {
  const chat = await openChat(way, 'pterodoc');
  const lines: string[] = [];
  const heaps: (readonly [number, number])[] = [];
  let done = 0;
  const look = async (name: string): Promise<void> => {
    const { rss, heap } = await chat.memory();
    heaps.push([done, heap]);
    lines.push(`${name}: heap ${(heap / 1e6).toFixed(1)} MB, RSS ${(rss / 1e6).toFixed(0)} MB`);
  };
  for (const mark of marks) {
    await chat.stream(mark - done);
    done = mark;
    await look(String(mark));
  }
  const bytes = slope(heaps.filter(([commands]) => commands >= 1000));
  await sleep(restMs);
  await look('after a minute of rest');
  print(
    `memory, ${way}: ${lines.join('; ')}; ` +
      `${bytes.toFixed(0)} bytes of heap for each command from 1,000 on; ${chat.troubles()} troubles`,
  );
  chat.close();
}

/** Of the straight line nearest to the points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
