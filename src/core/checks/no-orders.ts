import { defineCheck, found, notApplicable, passed } from '../check.ts';

interface Facts {
  readonly accountCreatedAt: Date;
}

export const noOrders = defineCheck({
  id: 'no-orders',
  code: 'ORD-002',
  stage: 'order',
  role: 'symptom',
  severity: 'warning',
  title: 'No orders',
  on: ['person'],
  needs: ['person', 'siblings'],
  evaluate({ person, siblings }) {
    if (person === null) return notApplicable;
    if (siblings.length > 0) return passed;
    return found<Facts>({
      facts: { accountCreatedAt: person.createdAt },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'supabase',
          at: person.createdAt,
          text: 'Sign-in account created',
          ref: { kind: 'person', id: person.userId },
        },
        {
          source: 'supabase',
          at: null,
          text: 'No row of orders belongs to this account',
          ref: { kind: 'table', name: 'orders' },
        },
      ],
    });
  },
  explain: ({ accountCreatedAt }) => ({
    what: `The customer has an account since ${accountCreatedAt.toISOString().slice(0, 10)} and no order.`,
    why: 'Nothing was bought with this account, or the purchase was made under another address.',
    next: 'Ask which e-mail address was used at checkout, or for the number on the receipt, and search for that.',
  }),
  tellCustomer: () =>
    'We find your account, but no order under it. If you have paid, please tell us which e-mail address you used at checkout.',
  remediation: null,
});
