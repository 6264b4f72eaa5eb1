import type { CheckoutSession, Order, PanelServer } from './evidence.ts';

/** What one diagnosis speaks of. */
export type EntrySubject =
  /** A row of `orders`. */
  | { readonly kind: 'order'; readonly order: Order }
  /** A paid Checkout Session without a row. */
  | { readonly kind: 'session'; readonly session: CheckoutSession }
  /** The person alone: neither an order nor a paid session was found. */
  | { readonly kind: 'person'; readonly asked: 'email' | 'order' | 'server' | 'stripe' };

/** How long each status may last before it counts as stuck, in milliseconds. */
export interface Grace {
  readonly paidMs: number;
  readonly provisioningMs: number;
  readonly installingMs: number;
}

/** The moment of judgement: the only clock a check knows. */
export interface Moment {
  readonly now: Date;
  readonly grace: Grace;
}

/** Whether a paid order of this kind is fulfilled by `servers-provision` at all. */
export function isGameServer(order: Order): boolean {
  return order.lacks.has('itemType') || order.itemType === null || order.itemType === 'game';
}

/** An order that should get a server and does not name one: what lies before the server is then worth judging. */
export function awaitsServer(order: Order): boolean {
  return isGameServer(order) && order.serverId === null && order.status !== 'canceled';
}

/** An order that names no server and whose provisioning has visibly not succeeded: there is a failure to explain. */
export function hasFailed(order: Order, moment: Moment): boolean {
  if (!awaitsServer(order)) return false;
  if (order.status === 'error') return true;
  return statusAgeMs(order, moment) > statusGraceMs(order.status, moment.grace);
}

/** Milliseconds since the row changed last, never negative. */
export function statusAgeMs(order: Order, moment: Moment): number {
  return Math.max(0, moment.now.getTime() - order.updatedAt.getTime());
}

/** Milliseconds since the installation of the order's server can have begun at the latest. */
export function installationAgeMs(order: Order, server: PanelServer, moment: Moment): number {
  return moment.now.getTime() - Math.max(order.updatedAt.getTime(), server.createdAt.getTime());
}

/** How long the status may last; zero for a status that is no step on the way. */
export function statusGraceMs(status: string, grace: Grace): number {
  switch (status) {
    case 'pending':
    case 'paid':
      return grace.paidMs;
    case 'provisioning':
      return grace.provisioningMs;
    case 'installing':
      return grace.installingMs;
    default:
      return 0;
  }
}
