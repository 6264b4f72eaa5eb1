import type { AccountWriter } from '../../core/action-ports.ts';
import type { Clock } from '../../core/clock.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import { fail, succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import { isUuid } from './identifiers.ts';
import { isDuplicate } from './refusal.ts';
import { readHit } from './shapes.ts';
import { createTable } from './table.ts';

type Columns = Readonly<Record<string, string | number>>;

/** Writes the link of a person to a panel user, only while it is as it was seen. */
export function createAccountWriter(api: DataApi, schema: MerchantSchema, clock: Clock): AccountWriter {
  const reference = 'external_accounts';
  const table = createTable(api, schema, reference, {
    required: ['pterodactyl_user_id'],
    lackable: ['panel_username', 'last_synced_at'],
  });
  const names = schema.columns.external_accounts;

  return {
    async linkIf({ userId, panelUserId, username }, seenPanelUserId, signal) {
      if (!isUuid(userId)) return succeed(false);
      // A write that names a missing column fails as a whole, so what is there is looked up before.
      const looked = await table.read(
        (layout) => (bound) => api.client.from(layout.table).select(layout.columns).limit(0).abortSignal(bound),
        signal,
      );
      if (!looked.ok) return fail(looked.failure.failure);
      const { layout } = looked.value;
      const usernameColumn = layout.nameOf('panel_username');
      const syncedColumn = layout.nameOf('last_synced_at');
      const columns: Columns = {
        [names.pterodactyl_user_id]: panelUserId,
        ...(usernameColumn === null ? {} : { [usernameColumn]: username }),
        ...(syncedColumn === null ? {} : { [syncedColumn]: clock.now().toISOString() }),
      };
      const answer = await api.write(
        reference,
        (bound) => {
          const rows = api.client.from(layout.table);
          const written =
            seenPanelUserId === null
              ? rows.insert<Columns>({ ...columns, [names.user_id]: userId })
              : rows.update(columns).eq(names.user_id, userId).eq(names.pterodactyl_user_id, seenPanelUserId);
          return written.select(names.user_id).abortSignal(bound);
        },
        signal,
      );
      if (answer.ok) return readHit(answer.value.data, reference);
      const appearedMeanwhile = seenPanelUserId === null && isDuplicate(answer.failure);
      return appearedMeanwhile ? succeed(false) : fail(answer.failure.failure);
    },
  };
}
