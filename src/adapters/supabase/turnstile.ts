/** Lets one piece of work through at a time, in the order of arrival. */
export interface Turnstile {
  /** Runs `work` when its turn has come; `null` when `signal` ended before that. */
  pass<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | null>;
}

export function createTurnstile(): Turnstile {
  let last: Promise<void> = Promise.resolve();
  return {
    async pass(work, signal) {
      const before = last;
      const done = Promise.withResolvers<void>();
      // Whoever leaves early still keeps the place, so that the next one does not overtake the one before.
      last = before.then(() => done.promise);
      const gone = Promise.withResolvers<void>();
      const leave = (): void => gone.resolve();
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      try {
        await Promise.race([before, gone.promise]);
        return signal.aborted ? null : await work();
      } finally {
        signal.removeEventListener('abort', leave);
        done.resolve();
      }
    },
  };
}
