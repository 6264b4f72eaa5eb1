import { createHash } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The kinds of id, and what follows the prefix: a constant head and the number of characters after it. */
const FORMATS = {
  cs_test: { head: 'a1', length: 56 },
  cs_live: { head: 'a1', length: 56 },
  evt: { head: '1', length: 23 },
  cus: { head: '', length: 14 },
  sub: { head: '1', length: 23 },
  si: { head: '', length: 14 },
  in: { head: '1', length: 23 },
  il: { head: '1', length: 23 },
  inpay: { head: '1', length: 23 },
  li: { head: '1', length: 23 },
  pi: { head: '3', length: 23 },
  ch: { head: '3', length: 23 },
  re: { head: '3', length: 23 },
  du: { head: '1', length: 23 },
  we: { head: '1', length: 23 },
  whsec: { head: '', length: 32 },
  price: { head: '1', length: 23 },
  prod: { head: '', length: 14 },
  req: { head: '', length: 14 },
  acct: { head: '1', length: 15 },
  sk_test: { head: '51', length: 97 },
} as const;

/** A kind of id, named by its prefix. */
export type IdKind = keyof typeof FORMATS;

/** Makes the next id of a kind. */
export type IdSource = (kind: IdKind) => string;

/** Ids in Stripe's formats that are the same for the same seed and the same order of asking. */
export function createIds(seed: string): IdSource {
  const counters = new Map<IdKind, number>();
  return (kind) => {
    const count = (counters.get(kind) ?? 0) + 1;
    counters.set(kind, count);
    const { head, length } = FORMATS[kind];
    return `${kind}_${head}${characters(`${seed}:${kind}:${count}`, length)}`;
  };
}

function characters(source: string, length: number): string {
  let text = '';
  for (let block = 0; text.length < length; block += 1) {
    for (const byte of createHash('sha256').update(`${source}:${block}`).digest()) text += ALPHABET[byte % 62];
  }
  return text.slice(0, length);
}
