import type { StripeMode, WebhookEndpoint, WebhookSetup } from './evidence.ts';

/** Where the merchant's functions can be reached from outside. */
export interface FunctionAddresses {
  /** `SUPABASE_URL`. */
  readonly supabaseUrl: string;
  /** `SUPABASE_FUNCTIONS_URL`, usually `SUPABASE_URL/functions/v1`. */
  readonly functionsUrl: string;
  /** The project's reference where it is known beside its address, which may be a custom domain. */
  readonly projectRef: string | null;
  /** The function's name in the merchant's project. */
  readonly webhookFunction: string;
}

/**
 * Whether a Stripe endpoint leads to the merchant's webhook function: `…/functions/v1/NAME` on the project's own
 * host or on a custom domain, or the older form `REF.functions.supabase.co/NAME`. Another project's host does not.
 * https://supabase.com/docs/guides/functions
 */
export function leadsToWebhook(url: string, addresses: FunctionAddresses): boolean {
  const target = URL.parse(url);
  if (target === null) return false;
  const path = target.pathname.replace(/\/+$/, '');
  const own = URL.parse(addresses.functionsUrl);
  const base = own === null ? null : own.pathname.replace(/\/+$/, '');
  if (own !== null && target.host === own.host && path === `${base}/${addresses.webhookFunction}`) return true;
  const ref = projectRefOf(addresses.supabaseUrl) ?? addresses.projectRef;
  const foreignRef = projectRefOf(target.href);
  if (foreignRef !== null && ref !== null && foreignRef !== ref) return false;
  if (target.host.endsWith('.functions.supabase.co')) return path === `/${addresses.webhookFunction}`;
  return path === `/functions/v1/${addresses.webhookFunction}`;
}

/** The project ref in a hosted address; `null` for a custom domain or a local server. */
function projectRefOf(url: string): string | null {
  const host = URL.parse(url)?.hostname ?? '';
  return /^([a-z0-9-]+)\.(?:functions\.)?supabase\.(?:co|in)$/.exec(host)?.[1] ?? null;
}

/** Splits the account's endpoints by whether they lead to the webhook function. */
export function splitEndpoints(
  endpoints: readonly WebhookEndpoint[],
  mode: StripeMode,
  addresses: FunctionAddresses,
): WebhookSetup {
  const ours = endpoints.filter((endpoint) => leadsToWebhook(endpoint.url, addresses));
  return { mode, ours, others: endpoints.filter((endpoint) => !ours.includes(endpoint)) };
}
