/** Stripe counts these in whole units: https://docs.stripe.com/currencies#zero-decimal */
const zeroDecimal: ReadonlySet<string> = new Set(
  'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '),
);
/** Stripe counts these in thousandths: https://docs.stripe.com/currencies#three-decimal */
const threeDecimal: ReadonlySet<string> = new Set('bhd jod kwd omr tnd'.split(' '));

/**
 * An amount in Stripe's smallest unit as a person reads it: 1499 and `eur` give "14.99 EUR". `null` when the amount
 * or its currency is not known. UGX and ISK have no decimals of their own, yet Stripe counts them in hundredths.
 */
export function formatMoney(amountCents: number, currency: string): string;
export function formatMoney(amountCents: number | null, currency: string | null): string | null;
export function formatMoney(amountCents: number | null, currency: string | null): string | null {
  if (amountCents === null || currency === null) return null;
  const code = currency.toLowerCase();
  const decimals = zeroDecimal.has(code) ? 0 : threeDecimal.has(code) ? 3 : 2;
  return `${(amountCents / 10 ** decimals).toFixed(decimals)} ${code.toUpperCase()}`;
}
