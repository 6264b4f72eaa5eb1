const DISCORD_EPOCH_MS = 1_420_070_400_000;

/** Makes ids that carry their moment, ascending, as Discord does. */
export function createSnowflakes(now: () => number): (atMs?: number) => string {
  let count = 0n;
  return (atMs = now()) => {
    count = (count + 1n) % (1n << 22n);
    return ((BigInt(Math.floor(atMs) - DISCORD_EPOCH_MS) << 22n) + count).toString();
  };
}

/** Sorts ids by their age. */
export function compareIds(one: string, other: string): number {
  const difference = BigInt(one) - BigInt(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
