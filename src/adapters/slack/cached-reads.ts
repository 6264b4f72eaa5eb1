import type { Clock } from '../../core/clock.ts';
import type { Result } from '../../core/result.ts';

/** Reads by key, each kept for a while. Failures are not kept; whoever asks at the same time shares one answer. */
export interface CachedReads<T, F> {
  get(key: string): Promise<Result<T, F>>;
}

const mostKept = 2000;

export function createCachedReads<T, F>(
  read: (key: string) => Promise<Result<T, F>>,
  { lastsMs, clock }: { readonly lastsMs: number; readonly clock: Clock },
): CachedReads<T, F> {
  const kept = new Map<string, { readonly answer: Promise<Result<T, F>>; readonly untilMs: number }>();
  const keepIfRead = async (key: string): Promise<Result<T, F>> => {
    let isRead = false;
    try {
      const result = await read(key);
      isRead = result.ok;
      return result;
    } finally {
      if (!isRead) kept.delete(key);
    }
  };
  return {
    get(key) {
      const now = clock.now().getTime();
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > now) return known.answer;
      const answer = keepIfRead(key);
      kept.delete(key);
      kept.set(key, { answer, untilMs: now + lastsMs });
      const [oldest] = kept.keys();
      if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
      return answer;
    },
  };
}
