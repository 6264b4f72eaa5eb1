-- The merchant's tables, as a shop on Supabase has them. sandbox.now() stands in for now(), so that history can be made.

create table public.plans (
  id text primary key,
  game text,
  ram_gb integer not null,
  vcores integer not null default 1,
  ssd_gb integer not null default 10,
  stripe_price_id text,
  is_active boolean not null default true
);

create table public.ptero_nodes (
  id uuid primary key default gen_random_uuid(),
  pterodactyl_node_id integer not null unique,
  region text not null,
  max_ram_gb integer not null,
  reserved_headroom_gb integer not null default 2,
  enabled boolean not null default true,
  last_seen_at timestamptz
);

create table public.profiles (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text,
  first_name text,
  last_name text
);

create table public.external_accounts (
  user_id uuid primary key references auth.users (id) on delete cascade,
  pterodactyl_user_id integer not null,
  panel_username text,
  last_synced_at timestamptz
);

create table public.orders (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  item_type text not null check (item_type in ('game', 'vps')),
  plan_id text not null references public.plans (id),
  term text not null check (term in ('monthly', 'quarterly', 'yearly')),
  region text not null,
  server_name text not null,
  addons jsonb not null default '[]',
  stripe_sub_id text,
  status text not null default 'pending',
  node_id uuid references public.ptero_nodes (id),
  pterodactyl_server_id integer,
  pterodactyl_server_identifier text,
  created_at timestamptz not null default sandbox.now(),
  updated_at timestamptz not null default sandbox.now(),
  constraint orders_status_check check (status in ('pending', 'paid', 'provisioning', 'provisioned', 'error', 'canceled'))
);

create index orders_user_id_idx on public.orders (user_id);
-- Plain on purpose: nothing in the shop keeps one subscription from having two orders.
create index orders_stripe_sub_id_idx on public.orders (stripe_sub_id);

create function public.set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = sandbox.now();
  return new;
end
$$;

create trigger orders_set_updated_at before update on public.orders
  for each row execute function public.set_updated_at();

alter table public.plans enable row level security;
alter table public.ptero_nodes enable row level security;
alter table public.profiles enable row level security;
alter table public.external_accounts enable row level security;
alter table public.orders enable row level security;

create policy plans_read on public.plans for select to anon, authenticated using (is_active);

create policy profiles_read_own on public.profiles for select to authenticated using (auth.uid() = user_id);
create policy profiles_insert_own on public.profiles for insert to authenticated with check (auth.uid() = user_id);
create policy profiles_update_own on public.profiles for update to authenticated
  using (auth.uid() = user_id) with check (auth.uid() = user_id);

create policy external_accounts_read_own on public.external_accounts for select to authenticated using (auth.uid() = user_id);
create policy external_accounts_insert_own on public.external_accounts for insert to authenticated
  with check (auth.uid() = user_id);
create policy external_accounts_update_own on public.external_accounts for update to authenticated
  using (auth.uid() = user_id) with check (auth.uid() = user_id);

create policy orders_read_own on public.orders for select to authenticated using (auth.uid() = user_id);
create policy orders_insert_own on public.orders for insert to authenticated with check (auth.uid() = user_id);

grant usage on schema public to anon, authenticated, service_role;
-- Tables of this age were granted to every role; row level security alone keeps visitors out.
grant select, insert, update, delete
  on public.plans, public.ptero_nodes, public.profiles, public.external_accounts, public.orders
  to anon, authenticated, service_role;
