import { Hono } from 'hono';
import type { Database } from './database.ts';

interface UserRow {
  readonly id: string;
  readonly aud: string;
  readonly role: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly email_confirmed_at: string | null;
  readonly last_sign_in_at: string | null;
  readonly raw_app_meta_data: object | null;
  readonly raw_user_meta_data: object | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly is_anonymous: boolean;
}

const DEFAULT_PER_PAGE = 50;
const API_VERSION = '2024-01-01';

/** The administration part of the sign-in service, for callers the gateway has found to be `service_role` or not. */
export function createAuthAdmin(database: Database, isServiceRole: (request: Request) => boolean): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    if (!isServiceRole(context.req.raw)) return refused(context.req.raw, 403, 'not_admin', 'User not allowed');
    await next();
    return undefined;
  });

  app.get('/auth/v1/admin/users', async (context) => {
    const { page, per_page: perPage, filter } = context.req.query();
    const current = Math.max(1, Number(page) || 1);
    const size = Math.max(1, Number(perPage) || DEFAULT_PER_PAGE);
    // Like the real service: a plain LIKE, so the case counts in an address and `%` and `_` are wildcards.
    const where = `where deleted_at is null and ($1 = '' or email like '%' || $1 || '%'
      or raw_user_meta_data->>'full_name' ilike '%' || $1 || '%')`;
    const [counted] = await database.sql<{ total: number }>(`select count(*)::int as total from auth.users ${where}`, [
      filter ?? '',
    ]);
    const users = await database.sql<UserRow>(
      `select * from auth.users ${where} order by created_at desc limit $2::int offset $3::int`,
      [filter ?? '', size, (current - 1) * size],
    );
    const total = counted?.total ?? 0;
    context.header('X-Total-Count', String(total));
    context.header('Link', pageLinks(context.req.url, current, Math.ceil(total / size)));
    return context.json({ users: users.map(userAnswer), aud: 'authenticated' });
  });

  app.get('/auth/v1/admin/users/:id', async (context) => {
    const id = context.req.param('id');
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
      return refused(context.req.raw, 404, 'validation_failed', 'user_id must be an UUID');
    }
    const [user] = await database.sql<UserRow>('select * from auth.users where id = $1 and deleted_at is null', [id]);
    if (user === undefined) return refused(context.req.raw, 404, 'user_not_found', 'User not found');
    return context.json({ ...userAnswer(user), identities: [] });
  });
  return app;
}

function pageLinks(url: string, page: number, lastPage: number): string {
  const { pathname, searchParams } = new URL(url);
  const link = (target: number, rel: string): string => {
    searchParams.set('page', String(target));
    return `<${pathname.replace('/auth/v1', '')}?${searchParams.toString()}>; rel="${rel}"`;
  };
  const last = link(lastPage, 'last');
  return page < lastPage ? `${link(page + 1, 'next')}, ${last}` : last;
}

function userAnswer(row: UserRow): object {
  return {
    id: row.id,
    aud: row.aud,
    role: row.role,
    email: row.email ?? '',
    email_confirmed_at: row.email_confirmed_at,
    confirmed_at: row.email_confirmed_at,
    phone: row.phone ?? '',
    last_sign_in_at: row.last_sign_in_at,
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    identities: null,
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_anonymous: row.is_anonymous,
  };
}

/** Newer clients name the API version they understand and get the newer form of an error. */
function refused(request: Request, status: number, code: string, message: string): Response {
  const isNewForm = (request.headers.get('x-supabase-api-version') ?? '') >= API_VERSION;
  const body = isNewForm ? { code, message } : { code: status, error_code: code, msg: message };
  return Response.json(body, { status, headers: isNewForm ? { 'x-supabase-api-version': API_VERSION } : {} });
}
