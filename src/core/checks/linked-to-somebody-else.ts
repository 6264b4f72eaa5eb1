import { defineCheck, found, notApplicable, passed } from '../check.ts';

interface Facts {
  readonly panelUserId: number;
}

export const linkedToSomebodyElse = defineCheck({
  id: 'linked-to-somebody-else',
  code: 'ACC-004',
  stage: 'account',
  role: 'cause',
  severity: 'critical',
  title: 'Linked to a panel account with another e-mail address',
  on: ['order', 'session', 'person'],
  needs: ['externalAccount', 'linkedPanelUser', 'person'],
  appliesTo: (subject) => subject.kind !== 'order' || subject.order.status !== 'canceled',
  evaluate({ externalAccount, linkedPanelUser, person }) {
    if (person === null || externalAccount === null || linkedPanelUser === null) return notApplicable;
    if (linkedPanelUser.email.toLowerCase() === person.email.toLowerCase()) return passed;
    const { panelUserId } = externalAccount;
    return found<Facts>({
      facts: { panelUserId },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'supabase',
          at: null,
          text: `The entry of external_accounts names panel user ${panelUserId}`,
          ref: { kind: 'table', name: 'external_accounts' },
        },
        {
          source: 'pterodactyl',
          at: null,
          text: `The e-mail address of panel user ${panelUserId} is not the customer's sign-in address`,
          ref: { kind: 'panel-user', id: panelUserId },
        },
      ],
    });
  },
  explain: ({ panelUserId }) => ({
    what: `The customer is linked to panel user ${panelUserId}, whose e-mail address is another one.`,
    why: "It may be somebody else's account: customers can write this link themselves, so nothing of that account may be shown or touched.",
    next: 'Find out by another way whose account it is; an administrator then corrects the link or the address by hand.',
  }),
  tellCustomer: () =>
    'Something about your server account has to be checked by a person first. You do not need to do anything.',
  remediation: null,
});
