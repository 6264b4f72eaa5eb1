/** The time one call may take: its own limit, or less when the caller's signal ends it. */
export interface Deadline {
  readonly signal: AbortSignal;
  elapsedMs(): number;
  remainingMs(): number;
}

/** Runs `work` under a deadline; what still runs when it returns is ended with it. */
export async function withDeadline<T>(
  outer: AbortSignal,
  timeoutMs: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  const timer = setTimeout(end, timeoutMs);
  outer.addEventListener('abort', end, { once: true });
  if (outer.aborted) end();
  try {
    return await work({
      signal: controller.signal,
      elapsedMs: () => Math.round(elapsedMs()),
      remainingMs: () => (controller.signal.aborted ? 0 : Math.max(timeoutMs - elapsedMs(), 0)),
    });
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', end);
    end();
  }
}
