import { judgeCause, type LiveCondition } from '../cause.ts';
import { defineCheck, notApplicable } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { ExternalAccount, PanelUser } from '../evidence.ts';
import { type EvidenceItem, known, type Reading, valueOrNull } from '../reading.ts';

interface Facts {
  /** `null` when only the log line is known. */
  readonly panelUserId: number | null;
}

export const panelUserGone = defineCheck({
  id: 'panel-user-gone',
  code: 'ACC-002',
  stage: 'account',
  role: 'cause',
  severity: 'warning',
  title: 'The linked panel user is gone',
  on: ['order'],
  needs: [],
  uses: ['externalAccount', 'linkedPanelUser', 'executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ externalAccount, linkedPanelUser, executions }, { order }, moment) {
    const panelUserId = valueOrNull(externalAccount)?.panelUserId ?? null;
    const outcome = judgeCause<Facts, 'panel-user-gone'>({
      order,
      moment,
      executions,
      kinds: ['panel-user-gone'],
      live: liveCondition(externalAccount, linkedPanelUser),
      factsOf: () => ({ panelUserId }),
    });
    const hasNoEntry = externalAccount.kind === 'known' && externalAccount.value === null;
    return hasNoEntry && outcome.kind !== 'found' ? notApplicable : outcome;
  },
  explain: ({ panelUserId }) => ({
    what:
      panelUserId === null
        ? 'The panel did not know the user that the server was to belong to.'
        : `The customer is linked to panel user ${panelUserId}, whom the panel does not have.`,
    why: 'The panel refuses to make a server for a user it does not have.',
    next: 'Create the panel account, which also corrects the link; then retry provisioning.',
  }),
  tellCustomer: () => 'We are setting up your server account again. You do not need to do anything.',
  remediation: 'create-panel-account',
});

function liveCondition(
  externalAccount: Reading<ExternalAccount | null>,
  linkedPanelUser: Reading<PanelUser | null>,
): Reading<LiveCondition<Facts>> {
  if (externalAccount.kind === 'unknown') return externalAccount;
  if (externalAccount.value === null) {
    return known({
      present: false,
      facts: { panelUserId: null },
      evidence: [entryEvidence('No entry of external_accounts for this customer any more')],
    });
  }
  if (linkedPanelUser.kind === 'unknown') return linkedPanelUser;
  const { panelUserId } = externalAccount.value;
  const isGone = linkedPanelUser.value === null;
  return known({
    present: isGone,
    facts: { panelUserId },
    evidence: [
      entryEvidence(`The entry of external_accounts names panel user ${panelUserId}`),
      {
        source: 'pterodactyl',
        at: null,
        text: isGone ? `The panel has no user ${panelUserId}` : `The panel has user ${panelUserId} now`,
        ref: { kind: 'panel-user', id: panelUserId },
      },
    ],
  });
}

function entryEvidence(text: string): EvidenceItem {
  return { source: 'supabase', at: null, text, ref: { kind: 'table', name: 'external_accounts' } };
}
