import type { ActionPorts } from '../action-ports.ts';
import { awaitsServer } from '../entry.ts';
import type { Order, PanelServer } from '../evidence.ts';
import type { UpstreamFailure } from '../failure.ts';
import type { Answer } from '../ports.ts';
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
  ports: SearchPorts,
  signal: AbortSignal,
): Promise<Result<readonly PanelServer[], UpstreamFailure>> {
  if (order.serverName === null || comparableServerName(order.serverName) === '') {
    return fail({
      source: 'supabase',
      kind: 'not-provided',
      what: 'the name of this order, by which its server could be found',
    });
  }
  const [byExternalId, named, owners] = await Promise.all([
    ports.panel.serverByExternalId(order.id, signal),
    ports.panel.serversNamed(order.serverName, signal),
    ownersOf({ order, ownerIds }, ports, signal),
  ]);
  if (!byExternalId.ok) return byExternalId;
  if (!named.ok) return named;
  if (!owners.ok) return owners;
  const own = owners.value;
  const namesakes = named.value.filter((server) => isSince(server, order));
  const candidates =
    namesakes.length <= mostNamesakes ? namesakes : namesakes.filter(({ ownerId }) => own.has(ownerId));
  const unaccounted = await withoutAccounted(candidates, order, own, ports, signal);
  if (!unaccounted.ok) return unaccounted;
  const marked = byExternalId.value;
  return succeed([
    ...(marked === null || marked.id === order.serverId ? [] : [marked]),
    ...unaccounted.value.filter(({ id }) => id !== marked?.id),
  ]);
}

/**
 * Servers of the person's panel accounts, made since the order was, that no order accounts for, whatever they are
 * called now: customers can rename their servers. Left out is what carries an external id, by which an administrator
 * has told what it is, and what bears the name of another order that waits for its server.
 */
export async function searchRenamed(
  { order, ownerIds }: Sought,
  ports: SearchPorts,
  signal: AbortSignal,
): Promise<Result<readonly PanelServer[], UpstreamFailure>> {
  const [owners, siblings] = await Promise.all([
    ownersOf({ order, ownerIds }, ports, signal),
    ports.orders.ofPerson(order.userId, signal),
  ]);
  if (!owners.ok) return owners;
  if (!siblings.ok) return siblings;
  const waiting = new Set(
    siblings.value
      .filter((sibling) => sibling.id !== order.id && awaitsServer(sibling))
      .map(({ serverName }) => comparableServerName(serverName ?? '')),
  );
  const lists = await Promise.all([...owners.value].map((ownerId) => ports.panel.serversOf(ownerId, signal)));
  const candidates: PanelServer[] = [];
  for (const list of lists) {
    if (!list.ok) return list;
    candidates.push(
      ...list.value.filter(
        (server) =>
          server.externalId === null && isSince(server, order) && !waiting.has(comparableServerName(server.name)),
      ),
    );
  }
  return withoutAccounted(candidates, order, owners.value, ports, signal);
}

/** The panel users that a server of this order may belong to, as far as they are known now. */
async function ownersOf(
  { order, ownerIds }: Sought,
  { people }: SearchPorts,
  signal: AbortSignal,
): Answer<ReadonlySet<number>> {
  const account = await people.externalAccountOf(order.userId, signal);
  if (!account.ok) return account;
  return succeed(new Set([...ownerIds, ...(account.value === null ? [] : [account.value.panelUserId])]));
}

function isSince(server: PanelServer, order: Sought['order']): boolean {
  return server.id !== order.serverId && server.createdAt.getTime() >= order.createdAt.getTime() - madeBeforeMs;
}

/** Those of the servers that are no other order's. */
async function withoutAccounted(
  servers: readonly PanelServer[],
  order: Sought['order'],
  own: ReadonlySet<number>,
  { orders }: SearchPorts,
  signal: AbortSignal,
): Promise<Result<readonly PanelServer[], UpstreamFailure>> {
  const judged = await Promise.all(
    servers.map(async (server) => {
      const [naming, marked] = await Promise.all([
        orders.byServer(server.id, signal),
        // Shops number their servers as they like: only the id of another order tells whose it is.
        server.externalId === null ? succeed(null) : orders.byId(server.externalId, signal),
      ]);
      if (!naming.ok) return naming;
      if (!marked.ok) return marked;
      // A row of somebody else that names a server of this person takes nothing away: it may be forged.
      const isNamed = naming.value.some(
        (row) => row.id !== order.id && (row.userId === order.userId || !own.has(server.ownerId)),
      );
      const isMarked = marked.value !== null && marked.value.id !== order.id;
      return succeed(isNamed || isMarked ? [] : [server]);
    }),
  );
  const left: PanelServer[] = [];
  for (const one of judged) {
    if (!one.ok) return one;
    left.push(...one.value);
  }
  return succeed(left);
}
