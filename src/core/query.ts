import { fail, type Result, succeed } from './result.ts';

/** What support may ask for: `<who>` of every command. */
export type Query =
  | { readonly kind: 'email'; readonly text: string; readonly email: string }
  /** A uuid: an order first; a panel server where there is no such order. */
  | { readonly kind: 'order'; readonly text: string; readonly orderId: string }
  | { readonly kind: 'server'; readonly text: string; readonly server: number | string }
  | {
      readonly kind: 'stripe';
      readonly text: string;
      readonly object: 'session' | 'subscription' | 'customer' | 'payment-intent';
      readonly id: string;
    };

const longestQuery = 320;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const stripeObjects = { cs: 'session', sub: 'subscription', cus: 'customer', pi: 'payment-intent' } as const;

/** The sentence that says what may be asked for. */
const queryHelp =
  'Give an e-mail address, an order id, a panel server id (number, short id or uuid) or a Stripe id (cs_, sub_, cus_, pi_).';

/** Reads what a person typed. The failure is a sentence for that person; it never repeats what was typed. */
export function parseQuery(typed: string): Result<Query, string> {
  const text = typed.trim();
  if (text === '') return fail(`Nothing to look for was given. ${queryHelp}`);
  if (text.length > longestQuery) return fail(`That is too long to be an address or an id. ${queryHelp}`);
  if (/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text)) {
    return fail(`That holds invisible characters, so it cannot be an address or an id. ${queryHelp}`);
  }
  if (text.includes('@')) return parseEmail(text);
  const lower = text.toLowerCase();
  if (uuid.test(lower)) return succeed({ kind: 'order', text, orderId: lower });
  if (/^[1-9]\d{0,8}$/.test(text)) return succeed({ kind: 'server', text, server: Number(text) });
  const stripe = /^([a-z]{2,6})_[A-Za-z0-9_]{3,250}$/.exec(text);
  if (stripe) return parseStripeId(text, stripe[1] ?? '');
  if (/^[0-9a-f]{8}$/.test(lower)) return succeed({ kind: 'server', text, server: lower });
  return fail(`That is neither an address nor an id that could be looked for. ${queryHelp}`);
}

function parseEmail(text: string): Result<Query, string> {
  const email = text.toLowerCase();
  if (!/^[^\s@<>"(),:;[\]\\]{1,64}@[^\s@<>"(),:;[\]\\_]{1,253}\.[^\s@<>"(),:;[\]\\_.]{2,63}$/.test(email)) {
    return fail(`That is not a whole e-mail address (name@domain). ${queryHelp}`);
  }
  return succeed({ kind: 'email', text, email });
}

function parseStripeId(text: string, prefix: string): Result<Query, string> {
  const object = stripeObjects[prefix as keyof typeof stripeObjects];
  if (object === undefined) {
    return fail(`A Stripe id that starts with "${prefix}_" does not lead to a purchase. ${queryHelp}`);
  }
  return succeed({ kind: 'stripe', text, object, id: text });
}
