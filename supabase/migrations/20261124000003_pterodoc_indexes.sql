-- Indexes for what pterodoc asks of a large table of orders. Optional: everything works without them, only slower.
-- An index whose column or table is missing (or called otherwise) is left out; `pterodoc doctor` names it then.
--
-- Making an index this way keeps the table from being written to meanwhile: seconds with a million orders. To avoid
-- that, run each statement by itself before this migration, outside a transaction, as in
--   create index concurrently if not exists pterodoc_orders_user_idx on public.orders (user_id, created_at desc);
-- and this migration finds it done.
--
-- To take them out again: drop index public.pterodoc_orders_user_idx; and so on, then
--   drop function public.pterodoc_missing_indexes();
do $migration$
declare
  statement text;
begin
  foreach statement in array array[
    -- the orders of one person, newest first
    'create index if not exists pterodoc_orders_user_idx on public.orders (user_id, created_at desc)',
    -- the order of a payment
    'create index if not exists pterodoc_orders_subscription_idx on public.orders (stripe_sub_id)
       where stripe_sub_id is not null',
    -- the order of a server
    'create index if not exists pterodoc_orders_server_idx on public.orders (pterodactyl_server_id)
       where pterodactyl_server_id is not null',
    -- the memory sold on a node
    'create index if not exists pterodoc_orders_occupying_idx on public.orders (node_id, plan_id)
       where node_id is not null and status in (''paid'', ''provisioning'', ''installing'', ''provisioned'', ''active'')',
    -- recent servers of a plan
    'create index if not exists pterodoc_orders_plan_idx on public.orders (plan_id, created_at desc)
       where pterodactyl_server_id is not null and status in (''provisioned'', ''active'')',
    -- what changed since the last look
    'create index if not exists pterodoc_orders_updated_idx on public.orders (updated_at)',
    -- the people of a panel user
    'create index if not exists pterodoc_external_accounts_panel_user_idx
       on public.external_accounts (pterodactyl_user_id)'
  ] loop
    begin
      execute statement;
    exception when undefined_table or undefined_column then
      raise notice 'left out, its table or column is not there: %', statement;
    end;
  end loop;
end
$migration$;

-- Only the secret (service_role) key may call it.
create or replace function public.pterodoc_missing_indexes()
returns text[]
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(array_agg(wanted.name order by wanted.name), '{}')
  from unnest(array[
    'pterodoc_orders_user_idx',
    'pterodoc_orders_subscription_idx',
    'pterodoc_orders_server_idx',
    'pterodoc_orders_occupying_idx',
    'pterodoc_orders_plan_idx',
    'pterodoc_orders_updated_idx',
    'pterodoc_external_accounts_panel_user_idx'
  ]) as wanted (name)
  where not exists (
    select from pg_catalog.pg_index
    join pg_catalog.pg_class on pg_class.oid = pg_index.indexrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = 'public' and pg_class.relname = wanted.name and pg_index.indisvalid
  )
$$;

revoke all on function public.pterodoc_missing_indexes() from public, anon, authenticated;
grant execute on function public.pterodoc_missing_indexes() to service_role;

notify pgrst, 'reload schema';
