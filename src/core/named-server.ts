import { inconclusive, notApplicable, type Outcome } from './check.ts';
import { isGameServer } from './entry.ts';
import type { Order, PanelServer } from './evidence.ts';
import { type OwnerReadings, ownerOf } from './ownership.ts';

/** An order that still counts and names a server: what the panel says of that server is then worth judging. */
export function namesServer(order: Order): boolean {
  return isGameServer(order) && order.serverId !== null && order.status !== 'canceled';
}

/**
 * Judges the server that the order names, only where it is provably this person's. A missing server and one of
 * somebody else are other checks' affair, and nothing of the latter may be told.
 */
export function judgeOwnServer<F>(
  readings: OwnerReadings & { readonly namedServer: PanelServer | null },
  judge: (server: PanelServer) => Outcome<F>,
): Outcome<F> {
  const { namedServer } = readings;
  if (namedServer === null) return notApplicable;
  const owner = ownerOf(namedServer, readings);
  if (owner.kind === 'unknown') return inconclusive(owner.failure);
  return owner.value === 'own' ? judge(namedServer) : notApplicable;
}
