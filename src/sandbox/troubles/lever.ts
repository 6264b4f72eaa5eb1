import { isDeepStrictEqual } from 'node:util';
import type { Fault, FaultBoard } from '../faults.ts';

/** One thing of the world that can be set: a secret, the status of an endpoint, the mode of a node's Wings. */
export interface Setting<T> {
  read(): T | Promise<T>;
  write(value: T): void | Promise<void>;
}

/** A setting that several troubles may hold at once: the latest one shows, and the last to let go restores it. */
export interface SharedSetting<T> {
  /** What it is, or was before the first trouble. */
  original(): Promise<T>;
  /** A lever that holds it at this value. */
  heldAt(value: T): Lever;
}

/** What a trouble pulls when it begins, and releases when it is mended. */
export interface Lever {
  pull(): Promise<void>;
  release(): Promise<void>;
  /** False also when somebody else has set it right meanwhile, for example an operator with one of the actions. */
  isPulled(): Promise<boolean>;
}

/** Keeps what a setting was, and who holds it at what. */
export function shareSetting<T>(setting: Setting<T>): SharedSetting<T> {
  let before: { readonly value: T } | null = null;
  let holds: readonly { readonly lever: Lever; readonly value: T }[] = [];

  /** Whoever sets it from outside has the last word: no trouble holds it any more. */
  async function current(): Promise<T> {
    const value = await setting.read();
    const shown = holds.at(-1);
    if (shown !== undefined && !isDeepStrictEqual(shown.value, value)) {
      holds = [];
      before = null;
    }
    return value;
  }

  return {
    async original() {
      const value = await current();
      return before === null ? value : before.value;
    },
    heldAt(value) {
      const lever: Lever = {
        async pull() {
          const found = await current();
          if (holds.some((hold) => hold.lever === lever)) return;
          before ??= { value: found };
          holds = [...holds, { lever, value }];
          await setting.write(value);
        },
        async release() {
          const found = await current();
          if (before === null || !holds.some((hold) => hold.lever === lever)) return;
          holds = holds.filter((hold) => hold.lever !== lever);
          const shown = holds.at(-1) ?? before;
          if (holds.length === 0) before = null;
          if (!isDeepStrictEqual(shown.value, found)) await setting.write(shown.value);
        },
        async isPulled() {
          await current();
          return holds.some((hold) => hold.lever === lever);
        },
      };
      return lever;
    },
  };
}

/** A lever that makes the requests to one server meet a fault. */
export function faultLever(board: FaultBoard, match: RegExp, fault: Fault): Lever {
  let heal: (() => void) | null = null;
  return {
    async pull() {
      heal ??= board.inject(match, fault);
    },
    async release() {
      heal?.();
      heal = null;
    },
    isPulled: async () => heal !== null,
  };
}
