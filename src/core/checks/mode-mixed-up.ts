import { defineCheck, found, inconclusive, notApplicable, passed } from '../check.ts';
import { awaitsDelivery, readRefusals } from '../delivery-log.ts';
import type { CheckoutSession, StripeEvent, StripeMode, WebhookSetup } from '../evidence.ts';
import { type EvidenceItem, valueOrNull } from '../reading.ts';
import { refusalEvidence } from '../refusal-evidence.ts';

interface Facts {
  readonly paidIn: StripeMode;
  /** What lies in the other mode. */
  readonly strays: readonly string[];
}

export const modeMixedUp = defineCheck({
  id: 'mode-mixed-up',
  code: 'HOOK-006',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: 'Test mode and live mode are mixed up',
  on: ['session'],
  needs: [],
  uses: ['webhooks', 'completedEvent', 'executions'],
  evaluate({ webhooks, completedEvent, executions }, { session }, moment) {
    const event = valueOrNull(completedEvent);
    const paidIn = modeOf(session.livemode);
    const strays = [...straySetup(session, valueOrNull(webhooks)), ...strayEvent(session, event)];
    if (strays.length > 0) {
      return found<Facts>({
        facts: { paidIn, strays: strays.map(({ name }) => name) },
        confidence: 'confirmed',
        evidence: strays.map(({ evidence }) => evidence),
      });
    }
    const read = readRefusals(event, session, executions);
    const refused = read.kind === 'known' ? read.value.filter(({ refusal }) => refusal.kind === 'mode') : [];
    if (refused.length > 0) {
      return found<Facts>({
        facts: { paidIn, strays: ["the webhook function's Stripe key"] },
        confidence: 'likely',
        standing: 'unseen',
        evidence: refused.slice(-3).map(refusalEvidence),
      });
    }
    if (webhooks.kind === 'unknown') return inconclusive(webhooks.failure);
    if (completedEvent.kind === 'unknown') return inconclusive(completedEvent.failure);
    if (read.kind === 'known') return passed;
    return awaitsDelivery(event, session, moment) ? notApplicable : inconclusive(read.failure);
  },
  explain: ({ paidIn, strays }) => ({
    what: `The checkout was paid in ${paidIn} mode, but ${strays.join(' and ')} ${strays.length === 1 ? 'belongs' : 'belong'} to ${paidIn === 'test' ? 'live' : 'test'} mode.`,
    why: 'The two modes of Stripe know nothing of each other: what is paid in one is not found with the keys and endpoints of the other.',
    next: 'Give the shop, the functions and the bot keys of the same mode, and an endpoint with its own signing secret in that mode; then redeliver.',
  }),
  tellCustomer: () =>
    'Your payment has been recorded. We are repairing something on our side before your order can be set up; you do not need to do anything.',
  remediation: null,
});

interface Stray {
  readonly name: string;
  readonly evidence: EvidenceItem;
}

function straySetup(session: CheckoutSession, webhooks: WebhookSetup | null): readonly Stray[] {
  if (webhooks === null) return [];
  const strays: Stray[] = webhooks.ours
    .filter(({ livemode }) => livemode !== session.livemode)
    .map(({ id, livemode }) => ({
      name: `endpoint ${id}`,
      evidence: {
        source: 'stripe',
        at: null,
        text: `Endpoint ${id} is of ${modeOf(livemode)} mode`,
        ref: { kind: 'endpoint', id },
      },
    }));
  if (webhooks.mode === modeOf(session.livemode)) return strays;
  const text = `The bot's Stripe key, with which endpoints are read, is of ${webhooks.mode} mode`;
  return [{ name: "the bot's Stripe key", evidence: { source: 'stripe', at: null, text, ref: null } }, ...strays];
}

function strayEvent(session: CheckoutSession, event: StripeEvent | null): readonly Stray[] {
  if (event === null || event.livemode === session.livemode) return [];
  const { id, createdAt, livemode } = event;
  const text = `Event ${id} is of ${modeOf(livemode)} mode`;
  return [{ name: `event ${id}`, evidence: { source: 'stripe', at: createdAt, text, ref: { kind: 'event', id } } }];
}

function modeOf(livemode: boolean): StripeMode {
  return livemode ? 'live' : 'test';
}
