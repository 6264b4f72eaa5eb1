import { isDigestible } from '../checkout.ts';
import { type Confidence, defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';
import { awaitsDelivery, type DeliveryRefusal, readRefusals, type RefusedDelivery } from '../delivery-log.ts';
import type { StripeEvent, WebhookSetup } from '../evidence.ts';
import type { EvidenceItem } from '../reading.ts';
import { answerOf, refusalEvidence } from '../refusal-evidence.ts';
import { unreachable } from '../result.ts';
import { countSharers, receivers } from '../webhook-endpoint.ts';

interface Facts {
  /** Deliveries that Stripe still owes, over all endpoints of the account. */
  readonly pending: number;
  /** Endpoints of others that the count may speak of. */
  readonly sharers: number;
  readonly refusedCount: number;
  /** The function's latest answer; `null` when the logs do not tell. */
  readonly refusal: DeliveryRefusal | null;
}

export const deliveryFailing = defineCheck({
  id: 'delivery-failing',
  code: 'HOOK-004',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'Deliveries to the webhook function fail',
  on: ['session'],
  needs: ['completedEvent', 'webhooks'],
  uses: ['executions'],
  evaluate({ completedEvent: event, webhooks, executions }, { session }, moment) {
    // What the function refuses for the checkout's own sake has a check of its own.
    if (!isDigestible(session)) return passed;
    if (receivers(webhooks.ours).length === 0) return notApplicable;
    const read = readRefusals(event, session, executions);
    const refused = read.kind === 'known' ? read.value : [];
    const reasons = refused.filter(({ refusal }) => refusal.kind !== 'signature' && refusal.kind !== 'mode');
    if (refused.length > 0 && reasons.length === 0) return passed;
    const isYoung = awaitsDelivery(event, session, moment);
    const pending = event?.pendingWebhooks ?? 0;
    if (reasons.length === 0 && (pending === 0 || isYoung)) {
      if (pending > 0) return notApplicable;
      if (event !== null || read.kind === 'known') return passed;
      return isYoung ? notApplicable : inconclusive(read.failure);
    }
    return found<Facts>({
      facts: {
        pending,
        sharers: countSharers(webhooks),
        refusedCount: reasons.length,
        refusal: reasons.at(-1)?.refusal ?? null,
      },
      confidence: confidenceOf(pending, webhooks, isYoung),
      standing: pending > 0 ? 'standing' : 'unseen',
      evidence: [...pendingEvidence(event), ...latest(reasons).map(refusalEvidence)],
    });
  },
  explain: ({ pending, sharers, refusedCount, refusal }) => ({
    what:
      (pending > 0
        ? `Stripe still owes ${deliveries(pending)} of this purchase${sharers === 0 ? '' : `, a count shared with ${endpoints(sharers)}`}`
        : `Around this purchase ${deliveries(refusedCount)} failed`) +
      (refusal === null ? '.' : `: stripe-webhook ${answerOf(refusal)}.`),
    why: 'Stripe repeats a failed delivery for up to three days and then gives up; until one succeeds there is no order.',
    next: `${cureOf(refusal)} Then redeliver the event.`,
  }),
  tellCustomer: () =>
    'Your payment has arrived. Handing your order over to us has failed so far; we are repairing that. You do not need to do anything.',
  remediation: 'redeliver-webhook',
});

/** The outstanding count is seen live, but it may be somebody else's, or simply the first attempt on its way. */
function confidenceOf(pending: number, webhooks: WebhookSetup, isYoung: boolean): Confidence {
  return pending > 0 && !isYoung && countSharers(webhooks) === 0 ? 'confirmed' : 'likely';
}

function pendingEvidence(event: StripeEvent | null): readonly EvidenceItem[] {
  if (event === null) return [];
  return [
    {
      source: 'stripe',
      at: event.createdAt,
      text: `Event ${event.id}: ${deliveries(event.pendingWebhooks)} outstanding`,
      ref: { kind: 'event', id: event.id },
    },
  ];
}

function latest(refused: readonly RefusedDelivery[]): readonly RefusedDelivery[] {
  return refused.slice(-3);
}

function deliveries(count: number): string {
  return count === 1 ? '1 delivery' : `${count} deliveries`;
}

function endpoints(count: number): string {
  return count === 1 ? '1 other endpoint' : `${count} other endpoints`;
}

function cureOf(refusal: DeliveryRefusal | null): string {
  switch (refusal?.kind) {
    case undefined:
      return "Read the function's logs of that time, and the endpoint's deliveries in Stripe.";
    case 'gateway-needs-key':
      return 'Switch verify_jwt off for stripe-webhook: Stripe has no key to show.';
    case 'not-deployed':
      return 'Deploy stripe-webhook.';
    case 'crashed':
      return "Read the function's logs of that time and repair what makes it crash or take too long.";
    case 'signature':
    case 'mode':
    case 'other':
      return 'Repair what the log line names; it fails again with every attempt until then.';
    default:
      return unreachable(refusal);
  }
}
