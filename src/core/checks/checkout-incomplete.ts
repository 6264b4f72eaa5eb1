import { isDigestible, missingMetadata } from '../checkout.ts';
import { defineCheck, found, passed } from '../check.ts';

interface Facts {
  readonly sessionId: string;
  readonly mode: string;
  readonly hasSubscription: boolean;
  /** Metadata keys the function needs and does not find. */
  readonly missing: readonly string[];
  /** Whether there is any metadata at all. */
  readonly isBare: boolean;
}

export const checkoutIncomplete = defineCheck({
  id: 'checkout-incomplete',
  code: 'HOOK-008',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'The checkout lacks what an order is made of',
  on: ['session'],
  needs: [],
  evaluate(_readings, { session }) {
    if (isDigestible(session)) return passed;
    const missing = missingMetadata(session);
    const isBare = Object.keys(session.metadata).length === 0;
    const shortfalls = [
      `mode ${session.mode}`,
      ...(session.subscriptionId === null ? ['no subscription'] : []),
      isBare ? 'no metadata' : missing.length === 0 ? 'metadata complete' : `metadata without ${missing.join(', ')}`,
    ];
    return found<Facts>({
      facts: {
        sessionId: session.id,
        mode: session.mode,
        hasSubscription: session.subscriptionId !== null,
        missing,
        isBare,
      },
      confidence: 'confirmed',
      evidence: [
        {
          source: 'stripe',
          at: session.createdAt,
          text: `Checkout ${session.id}: ${shortfalls.join(', ')}`,
          ref: { kind: 'session', id: session.id },
        },
      ],
    });
  },
  explain: (facts) => ({
    what: `Checkout ${facts.sessionId} ${shortfallInWords(facts)}.`,
    why: 'The webhook function cannot tell from it who bought what, and refuses it however often it is delivered.',
    next: 'Find out from the customer what was bought and set it up by hand or refund it; redelivering does not help.',
  }),
  tellCustomer: () =>
    'Your payment has arrived, but a detail of your order is missing on our side. A person is completing it; you do not need to pay again.',
  remediation: null,
});

function shortfallInWords({ mode, hasSubscription, missing, isBare }: Facts): string {
  if (isBare) return `has no metadata: it was made elsewhere (a Payment Link, the Dashboard or old code)`;
  const parts = [
    ...(mode === 'subscription' ? [] : [`is in mode "${mode}" instead of "subscription"`]),
    ...(mode === 'subscription' && !hasSubscription ? ['has no subscription'] : []),
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')} in its metadata`]),
  ];
  return parts.join(' and ');
}
