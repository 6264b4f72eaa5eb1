-- Adds up the memory sold on each node, so that pterodoc does not have to page through all orders for it.
-- Optional: without it pterodoc reads the orders themselves. Where tables or columns are called otherwise than below
-- (see MERCHANT_SCHEMA), change the names here too; plpgsql looks them up when the function is called, not before.
-- Only the secret (service_role) key may call it.
-- To take it out again: drop function public.pterodoc_node_usage();
create or replace function public.pterodoc_node_usage()
returns table (node_id text, used_gb numeric)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- The statuses that servers-provision counts as taking up memory.
  return query
    select orders.node_id::text, sum(plans.ram_gb)::numeric
    from public.orders
    join public.plans on plans.id = orders.plan_id
    where orders.node_id is not null
      and orders.status in ('paid', 'provisioning', 'installing', 'provisioned', 'active')
    group by orders.node_id;
end
$$;

revoke all on function public.pterodoc_node_usage() from public, anon, authenticated;
grant execute on function public.pterodoc_node_usage() to service_role;

notify pgrst, 'reload schema';
