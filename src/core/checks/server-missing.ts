import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';
import { hasFailed, isGameServer, type Moment } from '../entry.ts';
import type { Order } from '../evidence.ts';
import { namesServer } from '../named-server.ts';
import { statusEvidence } from '../order-evidence.ts';

interface Facts {
  readonly status: string;
  /** `null` when the order names no server. */
  readonly serverId: number | null;
}

/** Statuses that claim that a server was made. */
const statusesWithServer: readonly string[] = ['installing', 'provisioned', 'active'];

export const serverMissing = defineCheck({
  id: 'server-missing',
  code: 'SRV-001',
  stage: 'server',
  role: 'cause',
  severity: 'critical',
  title: 'The panel does not have the server',
  on: ['order'],
  needs: [],
  uses: ['namedServer', 'ownServers'],
  appliesTo: ({ order }, moment) => namesServer(order) || claimsUnnamedServer(order, moment),
  evaluate({ namedServer, ownServers }, { order }) {
    const { serverId, status } = order;
    if (serverId === null) {
      if (ownServers.kind === 'unknown') return inconclusive(ownServers.failure);
      if (ownServers.value.length > 0) return notApplicable;
    } else {
      if (namedServer.kind === 'unknown') return inconclusive(namedServer.failure);
      if (namedServer.value !== null) return passed;
    }
    return found<Facts>({
      facts: { status, serverId },
      confidence: 'confirmed',
      evidence: [
        statusEvidence(order),
        {
          source: 'pterodactyl',
          at: null,
          text: serverId === null ? 'The panel has no server of this order' : `The panel has no server ${serverId}`,
          ref: null,
        },
      ],
    });
  },
  explain: ({ status, serverId }) => ({
    what:
      serverId === null
        ? `The order says "${status}", but it names no server and the panel has none of it.`
        : `The order names panel server ${serverId}, which the panel does not have.`,
    why: 'The customer has paid for a server that does not exist, and the order looks as if all were well.',
    next: 'Find out in the panel who deleted it and when; whether the order is provisioned anew is for an operator to decide.',
  }),
  tellCustomer: () =>
    'We cannot find the server of your order and are looking into it. You do not need to do anything.',
  remediation: null,
});

function claimsUnnamedServer(order: Order, moment: Moment): boolean {
  return (
    isGameServer(order) &&
    order.serverId === null &&
    statusesWithServer.includes(order.status) &&
    hasFailed(order, moment)
  );
}
