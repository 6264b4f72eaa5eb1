import type { ActionSubject, Performed, Prepared, Refusal } from '../../src/core/act.ts';
import { actions } from '../../src/core/actions/index.ts';
import type { Card } from '../../src/core/card.ts';
import { auditCard } from '../../src/core/cards/audit-card.ts';
import type { OutcomeAbout } from '../../src/core/cards/outcome-card.ts';
import { outcomeCard, refusalCard } from '../../src/core/cards/outcome-card.ts';
import { planCard, type PlanAbout } from '../../src/core/cards/plan-card.ts';
import type { ActionId } from '../../src/core/check.ts';
import type { AuditRecord } from '../../src/core/store-ports.ts';
import { aClaim, anActor, aStep } from './actions.ts';
import { anOrderEntry, LINKS } from './diagnosis.ts';
import { aFailedOrder, ORDER_ID } from './merchant.ts';
import { ago, HOUR, MINUTE, NOW } from './time.ts';

const order: ActionSubject = { kind: 'order', id: ORDER_ID };

/** What the cards of an action speak of: an order, to one person alone. */
export function anAbout(id: ActionId, over: Partial<PlanAbout & OutcomeAbout> = {}): PlanAbout & OutcomeAbout {
  const action = actions.find((one) => one.id === id);
  if (action === undefined) throw new Error(`there is no action ${id}`);
  return {
    action,
    subject: order,
    links: LINKS,
    emails: 'full',
    madeAt: NOW,
    actor: anActor(),
    reason: null,
    lookAgain: `pterodoc status ${ORDER_ID}`,
    goOn: `pterodoc retry ${ORDER_ID} goes on watching and never acts twice.`,
    ...over,
  };
}

/** A retry that the guard allows, with one thing that is not known to be gone. */
export function aPrepared(over: Partial<Prepared> = {}): Prepared {
  return {
    kind: 'prepared',
    entry: anOrderEntry(aFailedOrder()),
    plan: {
      what: `Give order ${ORDER_ID} to the provisioning function again.`,
      changes: [
        { thing: 'Status of the order', before: 'error', after: 'paid, then what the provisioning function writes' },
        { thing: 'Server of the order', before: 'none', after: 'one, made by the provisioning function' },
      ],
      steps: [
        { name: 'reset', label: 'Set the status to "paid", only if it is still "error"' },
        { name: 'invoke', label: 'Call the provisioning function once' },
      ],
    },
    warnings: ['PRV-005 is not known to be gone: The panel could not be reached.'],
    ...over,
  };
}

/** A retry that was verified. */
export function aPerformed(over: Partial<Performed> = {}): Performed {
  return {
    kind: 'performed',
    claim: aClaim({
      steps: [
        aStep('reset', { kind: 'done', words: 'The status was set from "error" to "paid".' }),
        aStep('invoke', { kind: 'done', words: 'The provisioning function answered that it is done.' }),
      ],
    }),
    outcome: { kind: 'applied', words: 'The order has server 501 (1a2b3c4d), and the panel has it: installing.' },
    watchedUntil: null,
    ...over,
  };
}

/** A retry whose answer was lost. */
export function anUndecided(): Performed {
  return aPerformed({
    claim: aClaim({
      steps: [
        aStep('reset', { kind: 'done', words: 'The status was set from "error" to "paid".' }),
        aStep('invoke', { kind: 'unclear', words: 'The provisioning function did not answer in time.' }),
      ],
    }),
    outcome: {
      kind: 'unknown',
      words:
        'The provisioning function did not answer in time. It may still be at work. No server is there yet. Watching until 12:07:10 UTC; nobody should retry before.',
    },
    watchedUntil: new Date(NOW.getTime() + 10 * MINUTE),
  });
}

export function aRefusal(over: Partial<Refusal> = {}): Refusal {
  return { kind: 'refused', by: 'guard', reason: 'This order already names server 501.', claim: null, ...over };
}

export function anAuditRecord(over: Partial<AuditRecord> = {}): AuditRecord {
  return {
    number: 1,
    at: ago(HOUR),
    event: 'asked',
    actor: anActor(),
    action: 'retry-provisioning',
    subject: `order:${ORDER_ID}`,
    claimId: null,
    words: 'Asked for retry-provisioning.',
    ...over,
  };
}

const audit: readonly AuditRecord[] = [
  anAuditRecord({
    number: 3,
    at: ago(MINUTE),
    event: 'outcome',
    claimId: 'claim-1',
    words: 'applied: The order has server 501.',
  }),
  anAuditRecord({ number: 2, event: 'step', claimId: 'claim-1', words: 'reset: done: The status was set.' }),
  anAuditRecord(),
];

/** One card of every kind around actions, for golden files. */
export const actionCards: Readonly<Record<string, Card>> = {
  plan: planCard(aPrepared(), anAbout('retry-provisioning')),
  applied: outcomeCard(aPerformed(), anAbout('retry-provisioning')),
  undecided: outcomeCard(anUndecided(), anAbout('retry-provisioning')),
  refused: refusalCard(aRefusal(), anAbout('retry-provisioning')),
  'at-work': refusalCard(
    aRefusal({
      by: 'claim',
      reason: 'Attempt 1 at "retry-provisioning" of Ada is at work on this since 11:59:00 UTC.',
      claim: aClaim(),
    }),
    anAbout('retry-provisioning'),
  ),
  audit: auditCard(audit, { subject: null, limit: 20, madeAt: NOW }),
  'audit-of-nothing': auditCard([], { subject: `order:${ORDER_ID}`, limit: 20, madeAt: NOW }),
};
