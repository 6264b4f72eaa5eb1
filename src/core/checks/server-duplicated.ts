import { defineCheck, found, inconclusive, passed } from '../check.ts';
import { isGameServer } from '../entry.ts';
import type { EvidenceItem } from '../reading.ts';
import { ownMatches, serverMatchEvidence } from '../own-servers.ts';
import { ownerOf } from '../ownership.ts';

interface Facts {
  readonly serverIds: readonly number[];
  /** `null` when the order names none of them. */
  readonly namedServerId: number | null;
}

export const serverDuplicated = defineCheck({
  id: 'server-duplicated',
  code: 'SRV-003',
  stage: 'server',
  role: 'cause',
  severity: 'critical',
  title: 'Several servers exist for one order',
  on: ['order'],
  needs: ['ownServers', 'namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser'],
  appliesTo: ({ order }) => isGameServer(order) && order.status !== 'canceled',
  evaluate(readings, { order }) {
    const { ownServers, namedServer } = readings;
    const others = ownServers.filter((server) => server.id !== namedServer?.id);
    if (others.length === 0) return passed;
    const matches = ownMatches(order, others, readings);
    if (matches.kind === 'unknown') return inconclusive(matches.failure);
    const namedOwner = namedServer === null ? null : ownerOf(namedServer, readings);
    if (namedOwner?.kind === 'unknown') return inconclusive(namedOwner.failure);
    const named = namedOwner?.value === 'own' ? namedServer : null;
    const serverIds = [...(named === null ? [] : [named.id]), ...matches.value.map(({ server }) => server.id)];
    if (serverIds.length < 2) return passed;
    return found<Facts>({
      facts: { serverIds, namedServerId: named?.id ?? null },
      confidence: named !== null && matches.value.some((match) => match.byExternalId) ? 'confirmed' : 'likely',
      evidence: [
        ...(named === null ? [] : [namedEvidence(named.id, named.createdAt)]),
        ...matches.value.map(serverMatchEvidence),
      ],
    });
  },
  explain: ({ serverIds, namedServerId }) => ({
    what:
      `The panel has ${serverIds.length} servers of this order (${serverIds.join(', ')}); ` +
      (namedServerId === null ? 'the order names none of them.' : `the order names ${namedServerId}.`),
    why: 'Only one was paid for; the others take up memory and ports, and the customer may be playing on any of them.',
    next: 'Find out which one the customer uses, make the order name it, and delete the others in the panel by hand.',
  }),
  tellCustomer: () =>
    'Your order has more than one server. We are tidying that up and will not delete anything you use; you do not need to do anything.',
  remediation: null,
});

function namedEvidence(id: number, createdAt: Date): EvidenceItem {
  return {
    source: 'pterodactyl',
    at: createdAt,
    text: `Panel server ${id} was made then; the order names it`,
    ref: { kind: 'panel-server', id },
  };
}
