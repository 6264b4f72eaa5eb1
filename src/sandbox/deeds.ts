import type { Customer, World } from './world.ts';

/** The platforms on which something is done. */
export type Platforms = Pick<World, 'supabase' | 'stripe' | 'panel'>;

/** The least a row of `orders` is made of. */
export function orderRow(customer: Customer): Readonly<Record<string, unknown>> {
  return { user_id: customer.userId, item_type: 'game', plan_id: 'mc-4', term: 'monthly', region: 'eu' };
}

/** The panel account that the shop makes for people who open its panel before they buy. */
export async function linkPanelAccount(shop: Platforms, customer: Customer): Promise<number> {
  const { id, username } = shop.panel.addUser({ email: customer.email });
  await shop.supabase.sql(
    'insert into public.external_accounts (user_id, pterodactyl_user_id, panel_username) values ($1, $2, $3)',
    [customer.userId, id, username],
  );
  return id;
}

/** The panel account with this address, by its number. */
export function panelUserOf(shop: Platforms, email: string): number {
  const user = shop.panel.state.users.where((row) => row.email === email)[0];
  if (user === undefined) throw new Error(`The panel has no account of ${email}.`);
  return user.id;
}

/** The key with which the functions call the panel. */
export function functionKey({ supabase }: Platforms): string {
  const secret = supabase.functions.secrets().find(({ name }) => name === 'PTERO_APP_KEY');
  if (secret === undefined) throw new Error('The function has no key of the panel.');
  return secret.value;
}

/** What a customer can do to the merchant's tables with the own sign-in alone. */
export async function asCustomer(
  { supabase }: Platforms,
  customer: Customer,
  method: 'POST' | 'PATCH',
  path: string,
  row: object,
): Promise<void> {
  const answer = await fetch(`${supabase.url}/rest/v1/${path}`, {
    method,
    headers: {
      apikey: supabase.publishableKey,
      authorization: `Bearer ${supabase.userToken(customer.userId)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(row),
  });
  if (!answer.ok) throw new Error(`${customer.email} may not ${method} ${path}: ${await answer.text()}`);
}

/** Deletes a server in the panel, whatever its Wings says. */
export async function deleteServer({ panel }: Platforms, serverId: number): Promise<void> {
  const answer = await fetch(`${panel.url}/api/application/servers/${serverId}/force`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${panel.applicationKey}`, accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`Server ${serverId} was not deleted: ${answer.status}`);
}

/** The row is older than the constraint that would refuse it now. */
export async function writeUnknownStatus(shop: Platforms, orderId: string): Promise<void> {
  const { supabase } = shop;
  const [constraint] = await supabase.sql<{ definition: string }>(
    "select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'orders_status_check'",
  );
  const definition = (constraint?.definition ?? '').replace(/ not valid$/i, '');
  await supabase.sql('alter table public.orders drop constraint orders_status_check');
  await supabase.sql(`update public.orders set status = 'on_hold' where id = $1`, [orderId]);
  await supabase.sql(`alter table public.orders add constraint orders_status_check ${definition} not valid`);
}

/** Calls `servers-provision` once more for an order that already has its server. */
export async function provisionAgain({ supabase }: Platforms, orderId: string): Promise<void> {
  await supabase.sql("update public.orders set status = 'paid' where id = $1", [orderId]);
  const answer = await fetch(`${supabase.functionsUrl}/servers-provision`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ order_id: orderId }),
  });
  await answer.body?.cancel();
}
