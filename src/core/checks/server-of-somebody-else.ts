import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';
import { namesServer } from '../named-server.ts';
import { ownerOf } from '../ownership.ts';

interface Facts {
  /** Nothing else of that server may be told. */
  readonly serverId: number;
}

export const serverOfSomebodyElse = defineCheck({
  id: 'server-of-somebody-else',
  code: 'SRV-006',
  stage: 'server',
  role: 'cause',
  severity: 'critical',
  title: "The order's server belongs to somebody else",
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser'],
  appliesTo: ({ order }) => namesServer(order),
  evaluate(readings, { order }) {
    const { namedServer } = readings;
    if (namedServer === null) return notApplicable;
    const owner = ownerOf(namedServer, readings);
    if (owner.kind === 'unknown') return inconclusive(owner.failure);
    if (owner.value === 'own') return passed;
    return found<Facts>({
      facts: { serverId: namedServer.id },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'pterodactyl',
          at: null,
          text: `Panel server ${namedServer.id} belongs to a panel account without the sign-in e-mail of this order's person`,
          ref: { kind: 'order', id: order.id },
        },
      ],
    });
  },
  explain: ({ serverId }) => ({
    what: `The order names panel server ${serverId}, which is not provably this customer's.`,
    why: "Customers can write such numbers into their own rows: whatever is told or done about that server may be a stranger's.",
    next: 'Tell nothing about that server and run no action on it. Let an operator compare the order with the owner in the panel.',
  }),
  tellCustomer: () => 'We are checking which server belongs to your order. You do not need to do anything.',
  remediation: null,
});
