-- Finds a sign-in account by its e-mail address, so that pterodoc does not have to page through all accounts.
-- Only the secret (service_role) key may call it: whoever could call it freely could ask which addresses have an account.
-- To take it out again: drop function public.pterodoc_user_id_by_email(text);
create or replace function public.pterodoc_user_id_by_email(p_email text)
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select id
  from auth.users
  where email = lower(p_email)
    and deleted_at is null
  limit 1
$$;

revoke all on function public.pterodoc_user_id_by_email(text) from public, anon, authenticated;
grant execute on function public.pterodoc_user_id_by_email(text) to service_role;

notify pgrst, 'reload schema';
