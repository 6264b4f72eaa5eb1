import type { StripeMode } from '../../core/evidence.ts';

/** The mode of a secret or restricted key, which decides what it sees. */
export function modeOf(secretKey: string): StripeMode {
  const mode = /^[sr]k_(test|live)_/.exec(secretKey)?.[1];
  if (mode !== 'test' && mode !== 'live') throw new Error('The Stripe key begins with neither sk_ nor rk_ and a mode.');
  return mode;
}
