import type { SourceId } from '../src/core/failure.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { openBench } from './bot.ts';
import { print, quantile, time } from './measure.ts';

const askers = 200;

/** 200 diagnoses at once by one bot, beside one alone, with the memory of the bot's process. */
export async function benchCrowd(): Promise<void> {
  const postgres = await startPostgres();
  const bench = await openBench({ customers: true, databaseUrl: await postgres.createDatabase() });
  const bot = bench.openBot();
  const ask = (index: number) => bot.ask(bench.emails[index % bench.emails.length] ?? '');
  const alone = await time(20, () => ask(1));
  const before = process.memoryUsage().rss;
  const each: number[] = [];
  const startedAt = performance.now();
  const diagnoses = await Promise.all(
    Array.from({ length: askers }, async (_, index) => {
      const from = performance.now();
      const diagnosis = await ask(index);
      each.push(performance.now() - from);
      return diagnosis;
    }),
  );
  const wholeMs = performance.now() - startedAt;
  const after = process.memoryUsage().rss;
  const readBy = (source: SourceId) =>
    diagnoses.filter(({ sources }) => sources.some((report) => report.source === source && report.status === 'ok'))
      .length;
  print(
    `crowd: ${askers} at once in ${wholeMs.toFixed(0)} ms (${((askers / wholeMs) * 1000).toFixed(0)}/s), ` +
      `p50 ${quantile(each, 0.5).toFixed(0)} ms, p95 ${quantile(each, 0.95).toFixed(0)} ms, ` +
      `slowest ${Math.max(...each).toFixed(0)} ms; one alone ${quantile(alone, 0.5).toFixed(0)} ms`,
  );
  print(
    `crowd: read in time by Supabase ${readBy('supabase')}, Stripe ${readBy('stripe')}, ` +
      `the panel ${readBy('pterodactyl')}, logs ${readBy('logs')} of ${askers} (logs go one query at a time, 25 a minute)`,
  );
  print(`crowd: memory of the bot ${(before / 1e6).toFixed(0)} MB before, ${(after / 1e6).toFixed(0)} MB after`);
  bench.close();
  await postgres.stop();
}
