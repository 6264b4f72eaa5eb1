import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { FunctionContext } from '../edge-function.ts';

/** A client of the function's own project, with all rights. */
export function createProjectClient(context: FunctionContext): SupabaseClient {
  return createClient(String(context.env('SUPABASE_URL')), String(context.env('SUPABASE_SERVICE_ROLE_KEY')), {
    auth: { persistSession: false, autoRefreshToken: false },
  });
}

/** Whose token the caller sent; null when it is no signed-in person's. */
export async function readCallerId(context: FunctionContext, authorization: string | null): Promise<string | null> {
  const token = authorization?.replace(/^Bearer\s+/i, '') ?? '';
  const { data, error } = await createProjectClient(context).auth.getUser(token);
  return error === null ? data.user.id : null;
}
