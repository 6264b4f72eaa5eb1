/** Keeps to an upstream's rate limit from this side, so that it never has to refuse. */
export interface Allowance {
  /** Counts a request in; otherwise how long to wait, in milliseconds. */
  take(): number | null;
  /** Reads what an answer says about the rest of the allowance. */
  note(headers: Readonly<Record<string, string>>): void;
  /** Nothing more until then. */
  close(forMs: number): void;
}

const minuteMs = 60_000;

/** At most `perMinute` requests in any minute, fewer when the upstream says so. */
export function createAllowance(perMinute: number): Allowance {
  let taken: readonly number[] = [];
  let closedUntilMs = -Infinity;
  return {
    take() {
      const nowMs = performance.now();
      if (nowMs < closedUntilMs) return Math.ceil(closedUntilMs - nowMs);
      taken = taken.filter((atMs) => atMs > nowMs - minuteMs);
      const oldest = taken[0];
      if (taken.length >= perMinute && oldest !== undefined) return Math.ceil(oldest + minuteMs - nowMs);
      taken = [...taken, nowMs];
      return null;
    },
    note(headers) {
      if (headers['x-ratelimit-remaining']?.trim() !== '0') return;
      const resetS = Number(headers['x-ratelimit-reset']);
      if (Number.isFinite(resetS) && resetS > 0 && resetS <= 600) this.close(resetS * 1000);
    },
    close(forMs) {
      closedUntilMs = Math.max(closedUntilMs, performance.now() + forMs);
    },
  };
}
