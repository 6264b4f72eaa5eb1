import { logEvidence } from '../cause.ts';
import { defineCheck, found, notApplicable, passed } from '../check.ts';
import { awaitsServer } from '../entry.ts';
import type { FunctionExecution, Order } from '../evidence.ts';
import { lastFailureOf, type LoggedFailure } from '../order-log.ts';
import type { Reading } from '../reading.ts';

interface Facts {
  readonly panelUserId: number;
  /** Whether this order's log shows that the panel refused a second account with the address. */
  readonly wasRefused: boolean;
}

export const panelUserUnlinked = defineCheck({
  id: 'panel-user-unlinked',
  code: 'ACC-003',
  stage: 'account',
  role: 'cause',
  severity: 'warning',
  title: 'The panel has this customer, but nothing links the two',
  on: ['order'],
  needs: ['externalAccount', 'emailPanelUser', 'person'],
  uses: ['executions'],
  appliesTo: ({ order }) => awaitsServer(order),
  evaluate({ externalAccount, emailPanelUser, person, executions }, { order }) {
    if (person === null) return notApplicable;
    if (externalAccount !== null || emailPanelUser === null) return passed;
    if (emailPanelUser.email.toLowerCase() !== person.email.toLowerCase()) return passed;
    const refusal = refusalOfEmail(order, executions);
    return found<Facts>({
      facts: { panelUserId: emailPanelUser.id, wasRefused: refusal !== null },
      // Some functions link such an account by themselves: unless one was seen to fail, it need not be the cause.
      confidence: refusal?.confidence ?? 'likely',
      evidence: [
        {
          source: 'supabase',
          at: null,
          text: 'No entry of external_accounts for this customer',
          ref: { kind: 'table', name: 'external_accounts' },
        },
        {
          source: 'pterodactyl',
          at: null,
          text: `Panel user ${emailPanelUser.id} has exactly the customer's sign-in e-mail address`,
          ref: { kind: 'panel-user', id: emailPanelUser.id },
        },
        ...(refusal === null ? [] : [logEvidence(refusal)]),
      ],
    });
  },
  explain: ({ panelUserId, wasRefused }) => ({
    what: `Panel user ${panelUserId} has the customer's e-mail address, but nothing links the two.`,
    why: wasRefused
      ? 'The provisioning function tried to make a second account with this address, and the panel refused it.'
      : "The provisioning function looks for the address as a part of others, so it may take a stranger's account, or try a second one that the panel refuses.",
    next: 'Create panel account links the one that exists; then retry provisioning.',
  }),
  tellCustomer: () => 'We are connecting your server account with your order. You do not need to do anything.',
  remediation: 'create-panel-account',
});

function refusalOfEmail(order: Order, executions: Reading<readonly FunctionExecution[]>): LoggedFailure | null {
  const logged = executions.kind === 'known' ? lastFailureOf(order, executions.value) : null;
  if (logged?.failure.kind !== 'panel-account-refused') return null;
  return logged.failure.fields.includes('email') ? logged : null;
}
