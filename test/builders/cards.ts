import type { Card } from '../../src/core/card.ts';
import { diagnosisCard } from '../../src/core/cards/diagnosis-card.ts';
import { known } from '../../src/core/reading.ts';
import { aDiagnosis, anOrderEntry, aPersonEntry, aSessionEntry, LINKS } from './diagnosis.ts';
import { aFailedOrder, aFunction, aNode, anOrder, aWebhookRun, threw } from './merchant.ts';
import { aPlacement } from './panel.ts';
import { notConfigured, outage, refusedKey } from './readings.ts';
import { anEndpoint, aSession, theWebhooks } from './stripe.ts';
import { ago, DAY, HOUR, MINUTE } from './time.ts';

const full = { links: LINKS, emails: 'full' } as const;

/** A failed order that no node has room for, an older purchase that is well, and a function anyone can invoke. */
function noRoom() {
  const full = aNode({ usedGb: 56 });
  const entry = anOrderEntry(aFailedOrder(), {
    placement: aPlacement({
      candidates: [full],
      nodes: [full],
      decision: { kind: 'no-capacity', emptiest: full, freeGb: 4 },
    }),
    executions: [aWebhookRun({ failed: threw('No available capacity for plan mc-8 in region eu') })],
    functions: [aFunction({ verifyJwt: false })],
  });
  const older = anOrderEntry(
    anOrder({ id: '11111111-2222-4333-8444-555555555555', createdAt: ago(40 * DAY), updatedAt: ago(40 * DAY) }),
  );
  return aDiagnosis([entry, older]);
}

/** One card of every kind, for the golden files of each surface. */
export const cards: Readonly<Record<string, Card>> = {
  'no-room': diagnosisCard(noRoom(), full),
  'no-room-details': diagnosisCard(noRoom(), { ...full, details: true }),
  'lost-purchase': diagnosisCard(
    aDiagnosis([
      aSessionEntry(aSession({ createdAt: ago(3 * HOUR) }), {
        webhooks: theWebhooks({ ours: [anEndpoint({ status: 'disabled' })] }),
      }),
    ]),
    { ...full, emails: 'masked' },
  ),
  'panel-silent': diagnosisCard(
    aDiagnosis(
      [
        anOrderEntry(anOrder(), {
          linkedPanelUser: outage('pterodactyl'),
          emailPanelUser: outage('pterodactyl'),
          placement: outage('pterodactyl'),
          egg: outage('pterodactyl'),
          panelAccess: outage('pterodactyl'),
          namedServer: outage('pterodactyl'),
          ownServers: outage('pterodactyl'),
          wings: outage('pterodactyl'),
        }),
      ],
      {
        sources: [
          { source: 'supabase', status: 'ok', failure: null, ms: 90 },
          { source: 'stripe', status: 'ok', failure: null, ms: 300 },
          {
            source: 'pterodactyl',
            status: 'failed',
            failure: { source: 'pterodactyl', kind: 'timed-out', afterMs: 4000 },
            ms: 4000,
          },
          { source: 'logs', status: 'ok', failure: null, ms: 500 },
        ],
      },
    ),
    full,
  ),
  'no-logs': diagnosisCard(
    aDiagnosis([
      anOrderEntry(aFailedOrder(), {
        functions: notConfigured('logs'),
        settings: notConfigured('logs'),
        executions: notConfigured('logs'),
        webhooks: refusedKey('stripe'),
      }),
    ]),
    full,
  ),
  healthy: diagnosisCard(aDiagnosis([anOrderEntry()]), full),
  'on-its-way': diagnosisCard(
    aDiagnosis([
      anOrderEntry(
        anOrder({
          status: 'provisioning',
          serverId: null,
          serverIdentifier: null,
          createdAt: ago(MINUTE),
          updatedAt: ago(40_000),
        }),
      ),
    ]),
    full,
  ),
  nobody: diagnosisCard(aDiagnosis([aPersonEntry()], { person: known(null), userId: null }), full),
};
