import { z } from 'zod';
import { type Decision, defineAction, refuse } from '../action.ts';
import { endOfCompareAndSet } from '../effect-step.ts';
import { describeFailure } from '../failure.ts';
import { cleanForeignText } from '../foreign-text.ts';
import { couldNotLook, findingOf, orderOf, stillLanding } from './refusals.ts';

const target = z.object({
  orderId: z.string(),
  seen: z.object({ status: z.string(), updatedAt: z.coerce.date() }),
  serverId: z.number(),
});

/** The status of an order whose server exists: what the provisioning function writes itself. */
const restoredStatus = 'provisioned';

/** Puts the status of an order right whose server exists. */
export const restoreStatus = defineAction({
  id: 'restore-status',
  label: 'Restore status',
  permission: 'act.repair',
  style: 'primary',
  on: ['order'],
  needs: ['orders', 'orderWriter', 'panel'],
  target,
  guard({ entry }): Decision<z.output<typeof target>> {
    const order = orderOf(entry);
    const { namedServer } = entry.readings;
    if (order.serverId === null)
      return refuse('This order names no server, so there is nothing to take its status from.');
    if (namedServer.kind === 'unknown') return refuse(couldNotLook(`Server ${order.serverId}`, namedServer.failure));
    if (namedServer.value === null) return refuse(`The panel does not have server ${order.serverId}.`);
    const renewal = findingOf(entry, 'PAY-003');
    if (renewal !== null) {
      return refuse(`The order is in "error" because a renewal was not paid (PAY-003): ${renewal.explanation.next}`);
    }
    if (findingOf(entry, 'ORD-005') === null) {
      const open = entry.open.find(({ code }) => code === 'ORD-005');
      return refuse(
        open === undefined
          ? `The status "${cleanForeignText(order.status, 40)}" is not one that went backwards.`
          : couldNotLook('Whether the status went backwards', open.failure),
      );
    }
    const { id: orderId, status, updatedAt, serverId } = order;
    return { kind: 'allowed', target: { orderId, seen: { status, updatedAt }, serverId }, warnings: [] };
  },
  plan: ({ orderId, seen, serverId }) => ({
    what: `Restore the status of order ${orderId}, whose server ${serverId} exists.`,
    changes: [{ thing: 'Status of the order', before: seen.status, after: restoredStatus }],
    steps: [{ name: 'restore', label: `Set the status to "${restoredStatus}", only if it is still "${seen.status}"` }],
  }),
  async effect({ orderWriter }, { orderId, seen, serverId }, claim, signal) {
    const row = { id: orderId, status: seen.status, updatedAt: seen.updatedAt, serverId };
    await claim.step('restore', async () =>
      endOfCompareAndSet(await orderWriter.setStatusIf(row, restoredStatus, signal), {
        done: `The status was set from "${seen.status}" to "${restoredStatus}".`,
        changed: 'The order has changed meanwhile, so nothing was written.',
      }),
    );
  },
  async verify({ orders, panel }, { orderId, serverId }, watch, signal) {
    const [order, server] = await Promise.all([orders.byId(orderId, signal), panel.server(serverId, signal)]);
    if (!order.ok) return unknownBut(`The order could not be read: ${describeFailure(order.failure)}`);
    if (!server.ok) return unknownBut(`Server ${serverId} could not be looked at: ${describeFailure(server.failure)}`);
    if (order.value?.status === restoredStatus && server.value !== null) {
      return {
        kind: 'applied',
        words: `The order says "${restoredStatus}" now, and the panel has its server ${serverId}.`,
      };
    }
    const landing = stillLanding(watch);
    if (landing !== null) return landing;
    return { kind: 'not-applied', words: watch.claim.steps.at(-1)?.end?.words ?? 'The status was not changed.' };
  },
});

function unknownBut(words: string): { readonly kind: 'undecided'; readonly as: 'unknown'; readonly words: string } {
  return { kind: 'undecided', as: 'unknown', words };
}
