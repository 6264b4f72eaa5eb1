import type { Order, PanelServer } from './evidence.ts';
import { type OwnerReadings, ownerOf } from './ownership.ts';
import { type EvidenceItem, known, type Reading } from './reading.ts';

/** A server of the panel that is this order's, and how that is known. */
export interface OwnMatch {
  readonly server: PanelServer;
  /** Only the panel's administrators can set it, so it proves the order; owner and name only suggest it. */
  readonly byExternalId: boolean;
}

/**
 * Which of the servers found for this order may count as its own: those with its id as external id, and those whose
 * owner is provably its person. The others were found through a link that proves nothing, and are left out.
 */
export function ownMatches(
  order: Order,
  servers: readonly PanelServer[],
  readings: OwnerReadings,
): Reading<readonly OwnMatch[]> {
  const matches: OwnMatch[] = [];
  for (const server of servers) {
    const byExternalId = server.externalId === order.id;
    const owner = ownerOf(server, readings);
    if (!byExternalId && owner.kind === 'unknown') return owner;
    if (byExternalId || (owner.kind === 'known' && owner.value === 'own')) matches.push({ server, byExternalId });
  }
  return known(matches);
}

/** The match as evidence; names nothing but the server's number. */
export function serverMatchEvidence({ server, byExternalId }: OwnMatch): EvidenceItem {
  return {
    source: 'pterodactyl',
    at: server.createdAt,
    text: `Panel server ${server.id} was made then; it is this order's ${byExternalId ? 'by its external id' : 'by owner and name'}`,
    ref: { kind: 'panel-server', id: server.id },
  };
}
