import { startPostgres } from '../test/support/postgres.ts';
import { openBench } from './bot.ts';
import { median, print, time } from './measure.ts';

const latencyMs = 150;
const runs = 15;

/**
 * Rounds of a diagnosis: every upstream answers 150 ms late, and nothing is cached. The bare baseline, in the same
 * run, is as many requests one after the other as the critical path may have rounds.
 */
export async function benchRounds(): Promise<void> {
  // A database that answers side by side, as a real one does: the embedded one answers one question at a time.
  const postgres = await startPostgres();
  const bench = await openBench({ latencyMs, databaseUrl: await postgres.createDatabase() });
  const bare = (rounds: number) => async () => {
    for (let round = 0; round < rounds; round += 1) {
      const response = await fetch(`${bench.environment['PTERODACTYL_URL']}/api/application/nodes`, {
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${bench.environment['PTERODACTYL_API_KEY']}`,
        },
      });
      await response.arrayBuffer();
    }
  };
  // Code is warm in both before anything is counted.
  for (let warm = 0; warm < 5; warm += 1) await bench.openBot().ask('failed@example.com');
  await bare(1)();
  for (const [name, rounds, over] of [
    ['without logs', 3, { SUPABASE_ACCESS_TOKEN: '', SUPABASE_PROJECT_REF: '' }],
    ['with logs', 4, {}],
  ] as const) {
    for (const who of ['healthy@example.com', 'failed@example.com']) {
      const pairs: { readonly bareMs: number; readonly wholeMs: number }[] = [];
      // In turns, so that both meet the same moments of a busy machine.
      for (let run = 0; run < runs; run += 1) {
        const [bareMs = Number.NaN] = await time(1, bare(rounds));
        const [wholeMs = Number.NaN] = await time(1, () => bench.openBot(over).ask(who));
        pairs.push({ bareMs, wholeMs });
      }
      print(
        `rounds, ${name}, ${who}: median ${median(pairs.map(({ wholeMs }) => wholeMs)).toFixed(0)} ms; ` +
          `${rounds} bare requests in a row ${median(pairs.map(({ bareMs }) => bareMs)).toFixed(0)} ms; ` +
          `ratio ${median(pairs.map(({ bareMs, wholeMs }) => wholeMs / bareMs)).toFixed(3)}`,
      );
    }
  }
  bench.close();
  await postgres.stop();
}
