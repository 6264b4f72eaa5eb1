import type { z } from 'zod';
import type { Person } from '../../core/evidence.ts';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import { requestJson } from '../http.ts';
import type { DataApiConfig } from './data-api.ts';
import { authRefusal, authUser, authUserList, fit } from './shapes.ts';

/** The administration part of Supabase Auth. */
export interface AuthAdmin {
  byId(userId: string, signal: AbortSignal): Answer<Person | null>;
  /** Looks through the accounts whose address contains this one. `email` is lower-case. */
  idByEmail(email: string, signal: AbortSignal): Answer<string | null>;
}

const path = '/auth/v1/admin/users';
const perPage = 200;
const mostPages = 50;

export function createAuthAdmin({ url, secretKey, timeoutMs }: DataApiConfig): AuthAdmin {
  const get = (address: string, query: Readonly<Record<string, string>>, signal: AbortSignal) =>
    requestJson({
      source: 'supabase',
      url: `${url}${address}`,
      headers: {
        apikey: secretKey,
        authorization: `Bearer ${secretKey}`,
        'user-agent': 'pterodoc',
        'x-supabase-api-version': '2024-01-01',
      },
      query,
      timeoutMs,
      signal,
    });

  return {
    async byId(userId, signal) {
      const answer = await get(`${path}/${userId}`, {}, signal);
      if (!answer.ok) return answer;
      const { status, json } = answer.value;
      if (status === 404) return saysNoSuchUser(json) ? succeed(null) : fail(missing);
      const user = fit(authUser, json, 'supabase', 'users');
      if (!user.ok) return user;
      const { id, email, email_confirmed_at: confirmedAt, created_at: createdAt, deleted_at: deletedAt } = user.value;
      if (deletedAt !== null) return succeed(null);
      return succeed({
        userId: id,
        email: (email ?? '').toLowerCase(),
        emailConfirmed: confirmedAt !== null,
        createdAt,
      });
    },

    async idByEmail(email, signal) {
      // The filter is a LIKE: `_` and `%` of an address match too much, which the comparison below undoes, but a
      // backslash would match something else. https://github.com/supabase/auth/blob/master/internal/models/user.go
      const filter = email.includes('\\') ? email.slice(email.lastIndexOf('@')) : email;
      for (let page = 1; page <= mostPages; page += 1) {
        const found: Result<Listed, UpstreamFailure> = await list(filter, page, signal);
        if (!found.ok) return found;
        const match = found.value.find((user) => user.email?.toLowerCase() === email && user.deleted_at === null);
        if (match !== undefined) return succeed(match.id);
        if (found.value.length < perPage) return succeed(null);
      }
      return fail({ source: 'supabase', kind: 'not-provided', what: 'pterodoc_user_id_by_email' });
    },
  };

  async function list(filter: string, page: number, signal: AbortSignal): Answer<Listed> {
    // The pages are counted here, because supabase-js misreads the page number in the answer from page 10 on.
    const answer = await get(path, { page: String(page), per_page: String(perPage), filter }, signal);
    if (!answer.ok) return answer;
    if (answer.value.status === 404) return fail(missing);
    const users = fit(authUserList, answer.value.json, 'supabase', 'users');
    return users.ok ? succeed(users.value.users) : users;
  }
}

type Listed = z.output<typeof authUserList>['users'];

const missing: UpstreamFailure = { source: 'supabase', kind: 'endpoint-missing', path };

/** A gateway that knows no such address answers 404 as well; only Auth itself can say that there is nobody. */
function saysNoSuchUser(json: unknown): boolean {
  const refusal = authRefusal.safeParse(json).data;
  return refusal?.code === 'user_not_found' || refusal?.error_code === 'user_not_found';
}
