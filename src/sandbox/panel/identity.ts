import { createHash } from 'node:crypto';

/** Makes every uuid, key and random choice of one panel repeatable. */
export interface Identity {
  uuid(kind: string, id: number): string;
  /** `prefix` and 43 letters and digits, as the panel's keys are built. */
  key(prefix: 'ptla_' | 'ptlc_', id: number): string;
  /** One of the items, by a sequence that the seed fixes. */
  pick<T>(items: readonly T[]): T | undefined;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Derives identities from a seed: the same seed furnishes the same panel. */
export function createIdentity(seed: string): Identity {
  let picks = 0;
  const digest = (name: string): Buffer => createHash('sha512').update(`${seed}:${name}`).digest();
  return {
    uuid(kind, id) {
      const hex = digest(`${kind}:${id}`).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    key(prefix, id) {
      const bytes = [...digest(`key:${prefix}:${id}`)].slice(0, 43);
      return prefix + bytes.map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
    },
    pick(items) {
      picks += 1;
      return items[digest(`pick:${picks}`).readUInt32BE(0) % Math.max(items.length, 1)];
    },
  };
}
