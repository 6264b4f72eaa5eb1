import { defineCheck, found, passed } from '../check.ts';
import type { EntryReadings, Subscription } from '../evidence.ts';
import { judgeOwnServer, namesServer } from '../named-server.ts';
import type { EvidenceItem } from '../reading.ts';

interface Facts {
  readonly serverId: number;
  /** The subscription's status at Stripe where a payment is open; `null` where none is known to be. */
  readonly owing: 'past_due' | 'unpaid' | null;
}

export const serverSuspended = defineCheck({
  id: 'server-suspended',
  code: 'SRV-004',
  stage: 'server',
  role: 'cause',
  severity: 'warning',
  title: 'The server is suspended',
  on: ['order'],
  needs: ['namedServer'],
  uses: ['person', 'linkedPanelUser', 'emailPanelUser', 'payment'],
  appliesTo: ({ order }) => namesServer(order),
  evaluate(readings) {
    return judgeOwnServer<Facts>(readings, ({ id, suspended, status }) => {
      if (!suspended && status !== 'suspended') return passed;
      const subscription = ownSubscription(readings.payment);
      const owing = owingStatus(subscription);
      return found({
        facts: { serverId: id, owing },
        confidence: 'confirmed',
        evidence: [
          {
            source: 'pterodactyl',
            at: null,
            text: `Panel server ${id} is suspended`,
            ref: { kind: 'panel-server', id },
          },
          ...(subscription === null || owing === null ? [] : [owingEvidence(subscription, owing)]),
        ],
      });
    });
  },
  explain: ({ serverId, owing }) => ({
    what: `Panel server ${serverId} is suspended.` + (owing === null ? '' : ` Its subscription is ${owing} at Stripe.`),
    why: 'A suspended server cannot be started or opened by its owner.',
    next:
      owing === null
        ? 'Find out who suspended it and why, then unsuspend it in the panel.'
        : 'Have the payment settled first, then unsuspend the server in the panel.',
  }),
  tellCustomer: ({ owing }) =>
    owing === null
      ? 'Your server is paused. We are looking into the reason; you do not need to do anything.'
      : 'Your server is paused, and a payment for it is still open. Please look at your payment details.',
  remediation: null,
});

function ownSubscription(payment: EntryReadings['payment']): Subscription | null {
  return payment.kind === 'known' && payment.value.backing === 'own' ? payment.value.subscription : null;
}

function owingStatus(subscription: Subscription | null): Facts['owing'] {
  return subscription?.status === 'past_due' || subscription?.status === 'unpaid' ? subscription.status : null;
}

function owingEvidence(subscription: Subscription, owing: string): EvidenceItem {
  return {
    source: 'stripe',
    at: null,
    text: `Subscription ${subscription.id} is ${owing}`,
    ref: { kind: 'subscription', id: subscription.id },
  };
}
