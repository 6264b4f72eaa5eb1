/** Writes values that replace each other: the newest wins, one at a time. */
export interface LatestWriter<T> {
  /** Is written unless something newer comes first. */
  put(value: T): void;
  /** Is written in any case, after what is on its way; nothing put before comes after it. Tells whether it worked. */
  finish(value: T): Promise<boolean>;
}

export interface LatestWriterOptions<T> {
  readonly write: (value: T, isFinal: boolean) => Promise<boolean>;
  /** Waits until the next value that is not final may be written. */
  readonly pace: () => Promise<void>;
}

/** A writer for one message that changes while people look at it. */
export function createLatestWriter<T>({ write, pace }: LatestWriterOptions<T>): LatestWriter<T> {
  const finals: { readonly value: T; readonly done: (worked: boolean) => void }[] = [];
  let pending: { readonly value: T } | null = null;
  let isBusy = false;
  let wake: () => void = () => undefined;

  const work = async (): Promise<void> => {
    for (;;) {
      const final = finals.shift();
      if (final !== undefined) {
        final.done(await write(final.value, true));
        continue;
      }
      if (pending === null) return;
      // What is final does not wait for its turn.
      await Promise.race([
        pace(),
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      ]);
      if (finals.length > 0 || pending === null) continue;
      const { value } = pending;
      pending = null;
      await write(value, false);
    }
  };
  const begin = (): void => {
    wake();
    if (isBusy) return;
    isBusy = true;
    void work().finally(() => {
      isBusy = false;
      if (finals.length > 0 || pending !== null) begin();
    });
  };
  return {
    put(value) {
      pending = { value };
      if (!isBusy) begin();
    },
    finish(value) {
      pending = null;
      return new Promise((done) => {
        finals.push({ value, done });
        begin();
      });
    },
  };
}
