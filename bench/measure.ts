/** The median of some figures. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The given quantile (0 to 1) of some figures. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs the work a number of times, one after the other, and gives the milliseconds of each. */
export async function time(runs: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const figures: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    await work();
    figures.push(performance.now() - startedAt);
  }
  return figures;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
