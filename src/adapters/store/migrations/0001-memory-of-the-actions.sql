-- The bot's own memory. Nobody but the role that applies this has anything to do here.

create table pterodoc.claims (
  id text primary key,
  subject text not null check (subject ~ '^(order|session|endpoint|person):.'),
  action text not null,
  attempt integer not null check (attempt > 0),
  actor jsonb not null check (actor ->> 'surface' in ('terminal', 'web', 'discord', 'slack')),
  reason text,
  -- Not jsonb, which refuses some strings that JSON allows.
  target json not null,
  holder text not null,
  held_until timestamptz not null,
  taken_at timestamptz not null default clock_timestamp(),
  watched_until timestamptz not null,
  outcome_kind text check (outcome_kind in ('applied', 'not-applied', 'pending', 'unknown')),
  outcome_words text,
  closed_at timestamptz,
  unique (subject, action, attempt),
  check ((outcome_kind is null) = (outcome_words is null)),
  check (closed_at is null or outcome_kind is not null)
);

-- The guard itself: over all actions, over all processes.
create unique index claims_one_live on pterodoc.claims (subject) where closed_at is null;
create index claims_of_subject on pterodoc.claims (subject, taken_at);

create table pterodoc.claim_steps (
  claim_id text not null references pterodoc.claims (id),
  number bigint generated always as identity,
  name text not null,
  begun_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  end_kind text check (end_kind in ('done', 'refused', 'failed', 'unclear')),
  end_words text,
  end_data json,
  primary key (claim_id, name),
  check ((ended_at is null) = (end_kind is null) and (ended_at is null) = (end_words is null))
);

create table pterodoc.offers (
  id text primary key,
  action text not null,
  subject text not null check (subject ~ '^(order|session|endpoint|person):.'),
  digest text not null,
  permission text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create index offers_by_expiry on pterodoc.offers (expires_at);

create table pterodoc.audit (
  number bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  event text not null check (event in ('asked', 'refused', 'begun', 'step', 'outcome')),
  actor jsonb not null check (actor ->> 'surface' in ('terminal', 'web', 'discord', 'slack')),
  action text not null,
  subject text not null check (subject ~ '^(order|session|endpoint|person):.'),
  claim_id text,
  words text not null
);

create index audit_of_subject on pterodoc.audit (subject, number);

create function pterodoc.keep_audit() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception 'pterodoc.audit is only ever added to' using errcode = 'restrict_violation';
end;
$$;

create trigger audit_is_only_added_to before update or delete or truncate on pterodoc.audit
  for each statement execute function pterodoc.keep_audit();

create table pterodoc.vouches (
  order_id text primary key,
  reason text not null,
  actor jsonb not null check (actor ->> 'surface' in ('terminal', 'web', 'discord', 'slack')),
  at timestamptz not null default clock_timestamp()
);

-- A Supabase project may hand everything new to the roles that strangers come with.
do $$
declare
  stranger text;
begin
  for stranger in
    select 'public' union all select quote_ident(rolname) from pg_roles where rolname in ('anon', 'authenticated')
  loop
    execute format('revoke all on schema pterodoc from %s', stranger);
    execute format('revoke all on all tables in schema pterodoc from %s', stranger);
    execute format('revoke all on all sequences in schema pterodoc from %s', stranger);
    execute format('revoke all on all functions in schema pterodoc from %s', stranger);
  end loop;
end;
$$;
