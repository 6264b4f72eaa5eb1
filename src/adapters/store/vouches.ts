import type { VouchStore } from '../../core/store-ports.ts';
import { answer } from './failures.ts';
import { readVouch } from './shapes.ts';
import type { Database } from './tables.ts';
import { keptActor, keptWords } from './words.ts';

/** The vouches; the first one for an order stays. */
export function createVouchStore(database: Database): VouchStore {
  return {
    add: ({ orderId, reason, actor }) =>
      answer(() =>
        database.transaction().execute(async (transaction) => {
          const added = await transaction
            .insertInto('pterodoc.vouches')
            .values({ order_id: orderId, reason: keptWords(reason), actor: keptActor(actor) })
            .onConflict((conflict) => conflict.doNothing())
            .returning('order_id')
            .executeTakeFirst();
          return added !== undefined;
        }),
      ),
    of: (orderId) =>
      answer(async () => {
        const row = await database
          .selectFrom('pterodoc.vouches')
          .selectAll()
          .where('order_id', '=', orderId)
          .executeTakeFirst();
        return row === undefined ? null : readVouch(row);
      }),
  };
}
