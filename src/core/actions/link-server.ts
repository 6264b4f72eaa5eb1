import { z } from 'zod';
import { type Decision, defineAction, refuse } from '../action.ts';
import { endOfCompareAndSet } from '../effect-step.ts';
import { awaitsServer } from '../entry.ts';
import { describeFailure } from '../failure.ts';
import { ownerOf } from '../ownership.ts';
import {
  couldNotLook,
  findingOf,
  firstOf,
  orderOf,
  refusalOfRunning,
  refusalOfTwinRunning,
  stillLanding,
} from './refusals.ts';

const target = z.object({
  orderId: z.string(),
  seen: z.object({ status: z.string(), updatedAt: z.coerce.date() }),
  serverId: z.number(),
  identifier: z.string(),
  ownerId: z.number(),
  /** The merchant's id of the node; `null`: the merchant's table does not have it. */
  nodeId: z.string().nullable(),
});

/** Writes the ids of a server that the panel has into the order that does not know it. */
export const linkServer = defineAction({
  id: 'link-server',
  label: 'Link server',
  permission: 'act.repair',
  style: 'primary',
  on: ['order'],
  needs: ['orders', 'orderWriter', 'panel'],
  target,
  guard(situation): Decision<z.output<typeof target>> {
    const { entry } = situation;
    const order = orderOf(entry);
    const { ownServers, placement } = entry.readings;
    if (order.serverId !== null) return refuse(`This order already names server ${order.serverId}.`);
    if (!awaitsServer(order)) return refuse('This order does not wait for a game server.');
    if (ownServers.kind === 'unknown') return refuse(couldNotLook("The panel's servers", ownServers.failure));
    const [server, ...others] = ownServers.value;
    if (server === undefined || findingOf(entry, 'SRV-002') === null) {
      return refuse('The panel has no server of this order that could be linked.');
    }
    if (others.length > 0) {
      const ids = ownServers.value.map(({ id }) => id).join(', ');
      return refuse(
        `The panel has servers ${ids} of this order: look which one is the customer's, and put it right by hand.`,
      );
    }
    const owner = ownerOf(server, entry.readings);
    if (owner.kind === 'unknown') return refuse(couldNotLook(`Whose server ${server.id} is`, owner.failure));
    if (owner.value !== 'own') {
      return refuse(`Server ${server.id} belongs to a panel account that is not provably this customer's.`);
    }
    const refusal = firstOf(
      () => findingOf(entry, 'PAY-005')?.explanation.what ?? null,
      () => refusalOfRunning(situation),
      () => (server.externalId === order.id ? null : refusalOfTwinRunning(situation)),
    );
    if (refusal !== null) return refuse(refusal);
    const nodes = placement.kind === 'known' ? placement.value.nodes : [];
    return {
      kind: 'allowed',
      target: {
        orderId: order.id,
        seen: { status: order.status, updatedAt: order.updatedAt },
        serverId: server.id,
        identifier: server.identifier,
        ownerId: server.ownerId,
        nodeId: nodes.find(({ panelNodeId }) => panelNodeId === server.nodeId)?.id ?? null,
      },
      warnings:
        server.externalId === order.id
          ? []
          : [`Server ${server.id} is this order's by owner and name only: look at it in the panel first.`],
    };
  },
  async look({ orders, panel }, given, _situation, signal) {
    const [rows, server] = await Promise.all([
      orders.byServer(given.serverId, signal),
      panel.server(given.serverId, signal),
    ]);
    if (!rows.ok) return refuse(couldNotLook(`Whether another order names server ${given.serverId}`, rows.failure));
    if (!server.ok) return refuse(couldNotLook(`Server ${given.serverId}`, server.failure));
    if (server.value === null || server.value.ownerId !== given.ownerId) {
      return refuse(`Server ${given.serverId} is gone, or has another owner now.`);
    }
    const other = rows.value.find(({ id }) => id !== given.orderId);
    if (other !== undefined) return refuse(`Order ${other.id} names server ${given.serverId} already.`);
    return { kind: 'allowed', target: given, warnings: [] };
  },
  plan: ({ orderId, seen, serverId, identifier }) => ({
    what: `Link server ${serverId} to order ${orderId}.`,
    changes: [
      { thing: 'Server of the order', before: 'none', after: `${serverId} (${identifier})` },
      { thing: 'Status of the order', before: seen.status, after: 'provisioned' },
    ],
    steps: [
      { name: 'link', label: `Write the server into the order, only if it is still "${seen.status}" without one` },
    ],
  }),
  async effect({ orderWriter }, { orderId, seen, serverId, identifier, nodeId }, claim, signal) {
    const row = { id: orderId, status: seen.status, updatedAt: seen.updatedAt, serverId: null };
    await claim.step('link', async () =>
      endOfCompareAndSet(await orderWriter.linkServerIf(row, { id: serverId, identifier, nodeId }, signal), {
        done: `Server ${serverId} was written into the order.`,
        changed: 'The order has changed meanwhile, so nothing was written.',
      }),
    );
  },
  async verify({ orders }, { orderId, serverId }, watch, signal) {
    const order = await orders.byId(orderId, signal);
    if (!order.ok) {
      return {
        kind: 'undecided',
        as: 'unknown',
        words: `The order could not be read: ${describeFailure(order.failure)}`,
      };
    }
    if (order.value?.serverId === serverId) {
      return { kind: 'applied', words: `The order names server ${serverId} now, with status "${order.value.status}".` };
    }
    const landing = stillLanding(watch);
    if (landing !== null) return landing;
    return {
      kind: 'not-applied',
      words: watch.claim.steps.at(-1)?.end?.words ?? 'The order does not name the server.',
    };
  },
});
