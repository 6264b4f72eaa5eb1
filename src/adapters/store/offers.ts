import { sql } from 'kysely';
import type { OfferStore } from '../../core/store-ports.ts';
import { answer } from './failures.ts';
import { readOffer } from './shapes.ts';
import type { Database } from './tables.ts';
import { opaqueId } from './words.ts';

/** The offers. An expired one is kept for a month, so that an old button still says what it was for. */
export function createOfferStore(database: Database): OfferStore {
  return {
    issue: ({ action, subject, digest, permission, expiresAt }) =>
      answer(() =>
        database.transaction().execute(async (transaction) => {
          await transaction
            .deleteFrom('pterodoc.offers')
            .where('expires_at', '<', sql<Date>`clock_timestamp() - interval '30 days'`)
            .execute();
          const row = await transaction
            .insertInto('pterodoc.offers')
            .values({ id: opaqueId(), action, subject, digest, permission, expires_at: expiresAt })
            .returningAll()
            .executeTakeFirstOrThrow();
          return readOffer(row);
        }),
      ),
    byId: (offerId) =>
      answer(async () => {
        const row = await database
          .selectFrom('pterodoc.offers')
          .selectAll()
          .where('id', '=', offerId)
          .executeTakeFirst();
        return row === undefined ? null : readOffer(row);
      }),
    use: (offerId) =>
      answer(() =>
        database.transaction().execute(async (transaction) => {
          const used = await transaction
            .updateTable('pterodoc.offers')
            .set({ used_at: sql<Date>`clock_timestamp()` })
            .where('id', '=', offerId)
            .where('used_at', 'is', null)
            .where('expires_at', '>', sql<Date>`clock_timestamp()`)
            .returning('id')
            .executeTakeFirst();
          return used !== undefined;
        }),
      ),
  };
}
