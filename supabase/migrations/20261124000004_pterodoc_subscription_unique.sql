-- Tells whether the database itself refuses a second order for one subscription. Optional: without it pterodoc takes it
-- that nothing does, and does not redeliver an event that Stripe may still deliver. Where the table or the column is
-- called otherwise (see MERCHANT_SCHEMA), change the names here too. Nothing is changed in the table.
-- Only the secret (service_role) key may call it.
-- To take it out again: drop function public.pterodoc_subscription_is_unique();
create or replace function public.pterodoc_subscription_is_unique()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from pg_catalog.pg_index
    join pg_catalog.pg_class on pg_class.oid = pg_index.indrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
    join pg_catalog.pg_attribute on pg_attribute.attrelid = pg_class.oid
    where pg_namespace.nspname = 'public'
      and pg_class.relname = 'orders'
      and pg_attribute.attname = 'stripe_sub_id'
      and pg_index.indisunique
      and pg_index.indisvalid
      -- of this column alone: further ones would let the same subscription in again
      and pg_index.indnkeyatts = 1
      and pg_index.indkey[0] = pg_attribute.attnum
      -- a condition may leave out rows without a subscription and no others
      and (
        pg_index.indpred is null
        or pg_catalog.pg_get_expr(pg_index.indpred, pg_index.indrelid) = '(stripe_sub_id IS NOT NULL)'
      )
  )
$$;

revoke all on function public.pterodoc_subscription_is_unique() from public, anon, authenticated;
grant execute on function public.pterodoc_subscription_is_unique() to service_role;

notify pgrst, 'reload schema';
