import { openBench } from './bot.ts';
import { median, print, time } from './measure.ts';

const latencyMs = 150;
const runs = 9;

/**
 * Rounds of a diagnosis: every upstream answers 150 ms late, and nothing is cached. The bare baseline, in the same
 * run, is as many requests one after the other as the critical path may have rounds.
 */
export async function benchRounds(): Promise<void> {
  const bench = await openBench({ latencyMs });
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
      const baseline = median(await time(runs, bare(rounds)));
      const figures = await time(runs, () => bench.openBot(over).ask(who));
      print(
        `rounds, ${name}, ${who}: median ${median(figures).toFixed(0)} ms; ` +
          `${rounds} bare requests in a row ${baseline.toFixed(0)} ms; ratio ${(median(figures) / baseline).toFixed(3)}`,
      );
    }
  }
  bench.close();
}
