/**
 * The sandbox's time. While the world is furnished, history is made at past moments by travelling there;
 * afterwards the clock follows the machine's, so that what a visitor does happens now.
 */
export interface WorldClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves to an absolute moment; time goes on from there. */
  travelTo(atMs: number): void;
  /** Back to the machine's time. */
  release(): void;
}

/** A clock that follows `source` (the machine's by default) until it is told to travel. */
export function createWorldClock(source: () => number = Date.now): WorldClock {
  let offsetMs = 0;
  return {
    now: () => source() + offsetMs,
    travelTo(atMs) {
      offsetMs = atMs - source();
    },
    release() {
      offsetMs = 0;
    },
  };
}
