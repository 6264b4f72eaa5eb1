import { z } from 'zod';
import { noteCard } from '../core/cards/action-cards.ts';
import { auditCard } from '../core/cards/audit-card.ts';
import { defineCommand } from '../core/command.ts';
import { parseQuery } from '../core/query.ts';
import { describeStoreFailure } from '../core/store-ports.ts';

const mostListed = 20;

/** Shows who asked for what, and what became of it. */
export const pterodocAudit = defineCommand({
  name: 'pterodoc audit',
  summary: 'Show who did what, newest first',
  permission: 'audit.read',
  input: { order: z.string().optional().describe('only what was done to this order (order id)') },
  async run({ order }, { office }) {
    const { engine } = office;
    const now = engine.clock.now();
    const query = order === undefined ? null : parseQuery(order);
    if (query !== null && (!query.ok || query.value.kind !== 'order')) {
      return {
        card: noteCard('That is not an order id', 'Give the whole id of an order.', now),
        visibility: 'private',
      };
    }
    const subject =
      query === null || !query.ok || query.value.kind !== 'order' ? null : (`order:${query.value.orderId}` as const);
    const records = await engine.store.audit.list({ ...(subject === null ? {} : { subject }), limit: mostListed });
    if (!records.ok) {
      return {
        card: noteCard('The audit log could not be read', describeStoreFailure(records.failure), now),
        visibility: 'private',
      };
    }
    // Names of colleagues and what they were refused are not for the whole channel.
    return { card: auditCard(records.value, { subject, limit: mostListed, madeAt: now }), visibility: 'private' };
  },
});
