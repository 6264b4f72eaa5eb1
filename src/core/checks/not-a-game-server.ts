import { defineCheck, found, passed } from '../check.ts';
import { cutForeign } from '../foreign-text.ts';

interface Facts {
  readonly itemType: string;
}

export const notAGameServer = defineCheck({
  id: 'not-a-game-server',
  code: 'ORD-008',
  stage: 'order',
  role: 'notice',
  severity: 'notice',
  title: 'Not a game server: fulfilled by hand',
  on: ['order'],
  needs: ['order'],
  appliesTo: ({ order }) => !order.lacks.has('itemType') && order.itemType !== null,
  evaluate({ order }) {
    if (order.itemType === null || order.itemType === 'game') return passed;
    const itemType = cutForeign(order.itemType);
    return found<Facts>({
      facts: { itemType },
      confidence: 'confirmed',
      evidence: [
        { source: 'supabase', at: null, text: `The order's type is ${itemType}`, ref: { kind: 'order', id: order.id } },
      ],
    });
  },
  explain: ({ itemType }) => ({
    what: `The order is of type "${itemType}", not a game server.`,
    why: 'Only game servers are made automatically; everything else is set up by hand.',
    next: 'Hand the order to whoever sets these up.',
  }),
  tellCustomer: () => 'Your order is set up by a person. You do not need to do anything.',
  remediation: null,
});
