import type { ActionPorts } from '../action-ports.ts';
import type { Order, PanelServer } from '../evidence.ts';
import type { UpstreamFailure } from '../failure.ts';
import { fail, type Result, succeed } from '../result.ts';
import { comparableServerName } from '../server-name.ts';

/** A server made by hand for an order may be a little older than its row. */
const madeBeforeMs = 5 * 60_000;
/** Each namesake costs a question to the database; shops with more of one name are searched by owner only. */
const mostNamesakes = 40;

type SearchPorts = {
  readonly orders: ActionPorts['orders'];
  readonly people: ActionPorts['people'];
  readonly panel: NonNullable<ActionPorts['panel']>;
};

/** The order whose server is looked for, and who its server would belong to. */
export interface Sought {
  readonly order: Pick<Order, 'id' | 'userId' | 'serverName' | 'serverId' | 'createdAt'>;
  /** Panel users that are, or were linked as, the person's. */
  readonly ownerIds: readonly number[];
}

/**
 * Servers of the panel that may be this order's beside the one it names: those with its id as external id, and those
 * of its name, made since the order was, that no other order accounts for. The owner does not matter: the function
 * takes it from a row that its customer can write.
 */
export async function searchServers(
  { order, ownerIds }: Sought,
  { orders, people, panel }: SearchPorts,
  signal: AbortSignal,
): Promise<Result<readonly PanelServer[], UpstreamFailure>> {
  if (order.serverName === null || comparableServerName(order.serverName) === '') {
    return fail({
      source: 'supabase',
      kind: 'not-provided',
      what: 'the name of this order, by which its server could be found',
    });
  }
  const [byExternalId, named, account] = await Promise.all([
    panel.serverByExternalId(order.id, signal),
    panel.serversNamed(order.serverName, signal),
    people.externalAccountOf(order.userId, signal),
  ]);
  if (!byExternalId.ok) return byExternalId;
  if (!named.ok) return named;
  if (!account.ok) return account;
  const own = new Set([...ownerIds, ...(account.value === null ? [] : [account.value.panelUserId])]);
  const since = order.createdAt.getTime() - madeBeforeMs;
  const namesakes = named.value.filter(
    (server) => server.id !== order.serverId && server.externalId === null && server.createdAt.getTime() >= since,
  );
  const candidates =
    namesakes.length <= mostNamesakes ? namesakes : namesakes.filter(({ ownerId }) => own.has(ownerId));
  const found = new Map<number, PanelServer>();
  if (byExternalId.value !== null && byExternalId.value.id !== order.serverId) {
    found.set(byExternalId.value.id, byExternalId.value);
  }
  const rows = await Promise.all(candidates.map(({ id }) => orders.byServer(id, signal)));
  for (const [index, server] of candidates.entries()) {
    const naming = rows[index];
    if (naming === undefined || !naming.ok) return naming ?? named;
    // A row of somebody else that names a server of this person takes nothing away: it may be forged.
    const accounted = naming.value.some(
      (row) => row.id !== order.id && (row.userId === order.userId || !own.has(server.ownerId)),
    );
    if (!accounted) found.set(server.id, server);
  }
  return succeed([...found.values()]);
}
