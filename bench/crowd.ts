import { openClinic } from '../test/support/clinic.ts';
import { print, quantile, time } from './measure.ts';

const askers = 200;

/** 200 diagnoses at once, against the same 200 one after the other, with the memory of the whole process. */
export async function benchCrowd(): Promise<void> {
  const clinic = await openClinic();
  const emails = clinic.sandbox.customers.map(({ email }) => email);
  const ask = (index: number) => clinic.ask(emails[index % emails.length] ?? '');
  await time(3, () => ask(0));
  const before = process.memoryUsage().rss;
  const alone = await time(20, () => ask(1));
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
  const complete = diagnoses.filter(({ sources }) => sources.every(({ status }) => status === 'ok')).length;
  print(
    `crowd: ${askers} at once in ${wholeMs.toFixed(0)} ms (${((askers / wholeMs) * 1000).toFixed(0)}/s), ` +
      `p50 ${quantile(each, 0.5).toFixed(0)} ms, p95 ${quantile(each, 0.95).toFixed(0)} ms; ` +
      `one alone ${quantile(alone, 0.5).toFixed(0)} ms; ${complete} of ${askers} with every source read; ` +
      `memory of bot and sandbox together ${(before / 1e6).toFixed(0)} MB before, ${(after / 1e6).toFixed(0)} MB after`,
  );
  await clinic.close();
}
