import { z } from 'zod';
import { fail, type Result, succeed } from './result.ts';

const identifier = z
  .string({ error: 'must be a name; every merchant has this one' })
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a plain name: letters, digits and underscores');
const slug = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'must be a function name: letters, digits, hyphens and underscores');

/** A name that every merchant has. */
const named = (name: string) => identifier.default(name);
/** A name that a merchant may lack: `null` then. */
const lackable = (name: string) => identifier.nullable().default(name);
const calledFunction = (name: string) => slug.default(name);

function only<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `does not know ${issue.keys.join(', ')}; it knows ${known}` : undefined,
  });
}

/**
 * The merchant's names for tables, columns and functions, keyed by those of the reference system. What is left out is
 * called as it is there; a table or column given as `null` is one the merchant does not have.
 */
export const merchantSchema = only({
  tables: only({
    orders: named('orders'),
    external_accounts: lackable('external_accounts'),
    ptero_nodes: lackable('ptero_nodes'),
    plans: lackable('plans'),
    profiles: lackable('profiles'),
  }).prefault({}),
  columns: only({
    orders: only({
      id: named('id'),
      user_id: named('user_id'),
      status: named('status'),
      created_at: named('created_at'),
      updated_at: named('updated_at'),
      pterodactyl_server_id: named('pterodactyl_server_id'),
      pterodactyl_server_identifier: lackable('pterodactyl_server_identifier'),
      item_type: lackable('item_type'),
      plan_id: lackable('plan_id'),
      term: lackable('term'),
      region: lackable('region'),
      server_name: lackable('server_name'),
      stripe_sub_id: lackable('stripe_sub_id'),
      node_id: lackable('node_id'),
    }).prefault({}),
    external_accounts: only({
      user_id: named('user_id'),
      pterodactyl_user_id: named('pterodactyl_user_id'),
      panel_username: lackable('panel_username'),
      last_synced_at: lackable('last_synced_at'),
    }).prefault({}),
    ptero_nodes: only({
      id: named('id'),
      pterodactyl_node_id: named('pterodactyl_node_id'),
      max_ram_gb: named('max_ram_gb'),
      enabled: named('enabled'),
      reserved_headroom_gb: lackable('reserved_headroom_gb'),
      region: lackable('region'),
      last_seen_at: lackable('last_seen_at'),
    }).prefault({}),
    plans: only({
      id: named('id'),
      ram_gb: named('ram_gb'),
      game: lackable('game'),
      is_active: lackable('is_active'),
      stripe_price_id: lackable('stripe_price_id'),
    }).prefault({}),
    profiles: only({
      user_id: named('user_id'),
      email: named('email'),
      first_name: lackable('first_name'),
      last_name: lackable('last_name'),
    }).prefault({}),
  }).prefault({}),
  functions: only({
    'servers-provision': calledFunction('servers-provision'),
    'stripe-webhook': calledFunction('stripe-webhook'),
  }).prefault({}),
});

/** How the merchant calls what pterodoc reads and writes. */
export type MerchantSchema = z.output<typeof merchantSchema>;
export type MerchantTable = keyof MerchantSchema['tables'];
export type ReferenceFunction = keyof MerchantSchema['functions'];

/** The names of the reference system. */
export const referenceSchema: MerchantSchema = merchantSchema.parse({});

/** Reads the variable MERCHANT_SCHEMA; the failure says in words what is wrong with it. */
export function parseMerchantSchema(text: string): Result<MerchantSchema, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail('MERCHANT_SCHEMA is not valid JSON.');
  }
  const parsed = merchantSchema.safeParse(json);
  if (parsed.success) return succeed(parsed.data);
  const faults = parsed.error.issues.map((issue) => `${['MERCHANT_SCHEMA', ...issue.path].join('.')} ${issue.message}`);
  return fail(faults.join('\n'));
}
