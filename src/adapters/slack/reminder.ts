/** Something that is said unless it is cancelled in time. */
export interface Reminder {
  cancel(): void;
  /** Cancels it, or waits until it is said: what is being said comes before what follows. */
  done(): Promise<void>;
}

/** Says it after a while. */
export function createReminder(afterMs: number, say: () => Promise<void>): Reminder {
  let saying: Promise<void> = Promise.resolve();
  const timer = setTimeout(() => {
    saying = say().catch(() => undefined);
  }, afterMs);
  const cancel = (): void => clearTimeout(timer);
  return {
    cancel,
    done(): Promise<void> {
      cancel();
      return saying;
    },
  };
}
