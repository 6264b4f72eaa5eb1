import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';

interface Facts {
  readonly subscriptionId: string;
  readonly orderIds: readonly string[];
  /** How many of them name a server. */
  readonly withServer: number;
}

export const duplicateOrder = defineCheck({
  id: 'duplicate-order',
  code: 'HOOK-009',
  stage: 'webhook',
  role: 'symptom',
  severity: 'warning',
  title: 'One purchase made more than one order',
  on: ['order'],
  needs: ['sameSubscription', 'payment'],
  appliesTo: ({ order }) => order.status !== 'canceled',
  evaluate({ sameSubscription, payment }, { order }) {
    if (order.lacks.has('stripeSubscriptionId')) {
      return inconclusive({ source: 'supabase', kind: 'not-provided', what: 'the subscription of an order' });
    }
    const subscriptionId = order.stripeSubscriptionId;
    const isBacked = payment.backing === 'own' || payment.backing === 'vouched';
    if (subscriptionId === null || !isBacked) return notApplicable;
    // Rows of other people prove nothing: one that was forged must not taint its victim.
    const rows = sameSubscription.filter(
      (row) => row.userId === order.userId && row.stripeSubscriptionId === subscriptionId && row.status !== 'canceled',
    );
    const all = rows.some((row) => row.id === order.id) ? rows : [order, ...rows];
    if (all.length < 2) return passed;
    return found<Facts>({
      facts: {
        subscriptionId,
        orderIds: all.map(({ id }) => id),
        withServer: all.filter(({ serverId }) => serverId !== null).length,
      },
      confidence: 'confirmed',
      evidence: all.map((row) => ({
        source: 'supabase',
        at: row.createdAt,
        text: `Order ${row.id}: ${row.status}, ${row.serverId === null ? 'no server' : `server ${row.serverId}`}`,
        ref: { kind: 'order', id: row.id },
      })),
    });
  },
  explain: ({ subscriptionId, orderIds, withServer }) => ({
    what: `Subscription ${subscriptionId} has ${orderIds.length} orders of the same customer, ${withServer === 0 ? 'none' : withServer} of them with a server.`,
    why: 'It was paid once: every delivery of the same event writes another order, and each order may get a server of its own.',
    next:
      withServer > 1
        ? 'Ask the customer which server is in use, keep that order, and cancel the other orders and remove their servers by hand.'
        : 'Keep one order, the one with a server if there is one, and cancel the others by hand before anything is retried.',
  }),
  tellCustomer: () =>
    'Your purchase was recorded more than once on our side. We are putting that in order; you do not need to do anything.',
  remediation: null,
});
