import { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import type { Answer, PeopleReader } from '../../core/ports.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import type { AuthAdmin } from './auth-admin.ts';
import type { DataApi } from './data-api.ts';
import { isUuid } from './identifiers.ts';
import type { MerchantFunctions } from './merchant-functions.ts';
import { externalAccountRow, fit, profileRow } from './shapes.ts';
import { createTable, type Layout, type Table } from './table.ts';

/** What is read of a profile. */
export const profileColumns = { required: ['email'], lackable: ['first_name', 'last_name'] } as const;

/** What is read of the link to a panel user. */
export const accountColumns = { required: ['pterodactyl_user_id'], lackable: ['last_synced_at'] } as const;

/** Reads sign-in accounts, profiles and the links to panel users. */
export function createPeopleReader(
  api: DataApi,
  schema: MerchantSchema,
  auth: AuthAdmin,
  functions: MerchantFunctions,
): PeopleReader {
  const profiles = createTable(api, schema, 'profiles', profileColumns);
  const accounts = createTable(api, schema, 'external_accounts', accountColumns);

  /** The one row of the person, read as `shape`. */
  async function rowOf<C extends string, S extends z.ZodType>(
    table: Table<C>,
    reference: 'profiles' | 'external_accounts',
    shape: S,
    userId: string,
    signal: AbortSignal,
  ): Answer<z.output<S> | null> {
    if (!isUuid(userId)) return succeed(null);
    const userColumn = schema.columns[reference].user_id;
    const answer = await table.read(
      ({ table, columns }: Layout<C>) =>
        (bound) =>
          api.client.from(table).select(columns).eq(userColumn, userId).abortSignal(bound).maybeSingle(),
      signal,
    );
    if (!answer.ok) return fail(answer.failure.failure);
    return answer.value.data === null ? succeed(null) : fit(shape, answer.value.data, 'supabase', reference);
  }

  return {
    async idByEmail(typed, signal) {
      const email = typed.trim().toLowerCase();
      if (!/^[^\s@\p{Cc}]{1,255}@[^\s@\p{Cc}]{1,255}$/u.test(email)) return succeed(null);
      const answer = await functions.call('pterodoc_user_id_by_email', { p_email: email }, signal);
      if (!answer.ok) return answer;
      if (answer.value.kind === 'not-installed') return auth.idByEmail(email, signal);
      return fit(z.uuid().nullable(), answer.value.data, 'supabase', 'pterodoc_user_id_by_email');
    },

    async byId(userId, signal) {
      return isUuid(userId) ? auth.byId(userId, signal) : succeed(null);
    },

    async profileOf(userId, signal) {
      const row = await rowOf(profiles, 'profiles', profileRow, userId, signal);
      if (!row.ok || row.value === null) return row as Result<null, UpstreamFailure>;
      const { email, first_name: firstName, last_name: lastName } = row.value;
      return succeed({ email, firstName, lastName });
    },

    async externalAccountOf(userId, signal) {
      const row = await rowOf(accounts, 'external_accounts', externalAccountRow, userId, signal);
      if (!row.ok || row.value === null) return row as Result<null, UpstreamFailure>;
      return succeed({ panelUserId: row.value.pterodactyl_user_id, lastSyncedAt: row.value.last_synced_at });
    },
  };
}
