import type { ObservedOrder, OrderWriter } from '../../core/action-ports.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import { isRowId } from './identifiers.ts';
import { readHit } from './shapes.ts';
import { createTable } from './table.ts';

type Columns = Readonly<Record<string, string | number>>;

/** Writes to `orders`, each time only into the row as it was seen. */
export function createOrderWriter(api: DataApi, schema: MerchantSchema): OrderWriter {
  const table = createTable(api, schema, 'orders', {
    required: ['pterodactyl_server_id'],
    lackable: ['pterodactyl_server_identifier', 'node_id'],
  });
  const names = schema.columns.orders;

  async function writeIf(
    seen: ObservedOrder,
    serverId: number | null,
    columns: Columns,
    signal: AbortSignal,
  ): Answer<boolean> {
    if (!isRowId(seen.id)) return succeed(false);
    // What was seen is cut to milliseconds, and the database keeps microseconds: equality would never hold.
    const from = seen.updatedAt.toISOString();
    const before = new Date(seen.updatedAt.getTime() + 1).toISOString();
    const answer = await api.write(
      'orders',
      (bound) => {
        const row = api.client
          .from(schema.tables.orders)
          .update(columns)
          .eq(names.id, seen.id)
          .eq(names.status, seen.status)
          .gte(names.updated_at, from)
          .lt(names.updated_at, before);
        const server = names.pterodactyl_server_id;
        return (serverId === null ? row.is(server, null) : row.eq(server, serverId))
          .select(names.id)
          .abortSignal(bound);
      },
      signal,
    );
    return answer.ok ? readHit(answer.value.data, 'orders') : fail(answer.failure.failure);
  }

  return {
    setStatusIf: (seen, status, signal) => writeIf(seen, seen.serverId, { [names.status]: status }, signal),

    async linkServerIf(seen, server, signal) {
      // A write that names a missing column fails as a whole, so what is there is looked up before.
      const looked = await table.read(
        (layout) => (bound) => api.client.from(layout.table).select(layout.columns).limit(0).abortSignal(bound),
        signal,
      );
      if (!looked.ok) return fail(looked.failure.failure);
      const identifier = looked.value.layout.nameOf('pterodactyl_server_identifier');
      const node = looked.value.layout.nameOf('node_id');
      const columns = {
        [names.status]: 'provisioned',
        [names.pterodactyl_server_id]: server.id,
        ...(identifier === null ? {} : { [identifier]: server.identifier }),
        // A node that is not known takes nothing away from what the row says.
        ...(node === null || server.nodeId === null ? {} : { [node]: server.nodeId }),
      };
      return writeIf(seen, null, columns, signal);
    },
  };
}
