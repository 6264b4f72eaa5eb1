import { startPostgres } from '../test/support/postgres.ts';
import { type Bench, openBench } from './bot.ts';
import { median, print, time } from './measure.ts';

const runs = 31;

/** The same diagnosis with a thousand and with a million orders in a real Postgres, the optional indexes installed. */
export async function benchOrders(): Promise<void> {
  const postgres = await startPostgres();
  try {
    const small = await openBench({ databaseUrl: await postgres.createDatabase(), orders: 1_000 });
    const large = await openBench({ databaseUrl: await postgres.createDatabase(), orders: 1_000_000 });
    const figures = { small: [] as number[], large: [] as number[] };
    for (let warm = 0; warm < 5; warm += 1) for (const bench of [small, large]) await once(bench);
    // In turns, so that both meet the same moments of a busy machine.
    for (let run = 0; run < runs; run += 1) {
      figures.small.push(...(await time(1, () => once(small))));
      figures.large.push(...(await time(1, () => once(large))));
    }
    print(
      `orders: median ${median(figures.small).toFixed(1)} ms with a thousand orders, ` +
        `${median(figures.large).toFixed(1)} ms with a million; ` +
        `ratio ${(median(figures.large) / median(figures.small)).toFixed(3)}`,
    );
    small.close();
    large.close();
  } finally {
    await postgres.stop();
  }
}

function once(bench: Bench): Promise<unknown> {
  return bench.openBot().ask('failed@example.com');
}
