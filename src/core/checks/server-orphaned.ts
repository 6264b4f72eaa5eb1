import { defineCheck, found, inconclusive, passed } from '../check.ts';
import { awaitsServer, hasFailed } from '../entry.ts';
import { ownMatches, serverMatchEvidence } from '../own-servers.ts';

interface Facts {
  readonly serverIds: readonly number[];
  /** By the order's id as external id; otherwise by owner and name. */
  readonly byExternalId: boolean;
}

export const serverOrphaned = defineCheck({
  id: 'server-orphaned',
  code: 'SRV-002',
  stage: 'server',
  role: 'cause',
  severity: 'critical',
  title: 'The order does not know its server',
  on: ['order'],
  needs: ['ownServers'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate(readings, { order }, moment) {
    const matches = ownMatches(order, readings.ownServers, readings);
    if (matches.kind === 'unknown') return inconclusive(matches.failure);
    if (matches.value.length === 0) return passed;
    const byExternalId = matches.value.some((match) => match.byExternalId);
    return found<Facts>({
      facts: { serverIds: matches.value.map(({ server }) => server.id), byExternalId },
      // A server that is just being made exists a moment before the order is told of it.
      confidence: byExternalId && hasFailed(order, moment) ? 'confirmed' : 'likely',
      evidence: matches.value.map(serverMatchEvidence),
    });
  },
  explain: ({ serverIds, byExternalId }) => ({
    what:
      `The panel has ${serverIds.length === 1 ? 'server' : 'servers'} ${serverIds.join(', ')} of this order ` +
      `(${byExternalId ? 'by its external id' : 'by owner and name'}), but the order names none.`,
    why: 'The server is there and the customer is not told; provisioning again would make a second one.',
    next: 'Link the server to the order after a look at it in the panel. Do not retry provisioning.',
  }),
  tellCustomer: () => 'Your server exists. We are connecting it with your order; you do not need to do anything.',
  remediation: 'link-server',
});
