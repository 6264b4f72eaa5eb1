import { type Confidence, defineCheck, found, inconclusive, notApplicable, passed, type Standing } from '../check.ts';
import { awaitsDelivery, readRefusals } from '../delivery-log.ts';
import type { EdgeFunction, FunctionSettings, WebhookSetup } from '../evidence.ts';
import { type Reading, valueOrNull } from '../reading.ts';
import { refusalEvidence } from '../refusal-evidence.ts';
import { countSharers } from '../webhook-endpoint.ts';

interface Facts {
  /** Whether the bot's copy of the endpoint's secret is the function's; `null`: nothing to compare. */
  readonly agrees: boolean | null;
  readonly refusedCount: number;
}

export const signatureMismatch = defineCheck({
  id: 'signature-mismatch',
  code: 'HOOK-005',
  stage: 'webhook',
  role: 'cause',
  severity: 'critical',
  title: "The webhook function refuses Stripe's signature",
  on: ['session'],
  needs: [],
  uses: ['settings', 'completedEvent', 'webhooks', 'executions', 'functions'],
  evaluate({ settings, completedEvent, webhooks, executions, functions }, { session }, moment) {
    const event = valueOrNull(completedEvent);
    const agrees = valueOrNull(settings)?.comparison.webhookSecretAgrees ?? null;
    const read = readRefusals(event, session, executions);
    const refused = read.kind === 'known' ? read.value : [];
    const signatures = refused.filter(({ refusal }) => refusal.kind === 'signature');
    const logged = signatures.slice(-3).map(refusalEvidence);
    const facts: Facts = { agrees, refusedCount: signatures.length };
    if (agrees === false) {
      return found({
        facts,
        confidence: 'confirmed',
        evidence: [
          {
            source: 'logs',
            at: null,
            text: "The digest of the function's STRIPE_WEBHOOK_SECRET is not that of the endpoint's secret the bot was given",
            ref: { kind: 'function-secrets' },
          },
          ...logged,
        ],
      });
    }
    const last = signatures.at(-1);
    if (last !== undefined && refused[0]?.refusal.kind === 'signature') {
      const isAll = signatures.length === refused.length;
      return found({
        facts,
        confidence: isAll ? confidenceOf(event?.pendingWebhooks ?? 0, webhooks) : 'likely',
        standing: isAll ? standingOf(agrees, last.at, settings, functions) : 'unseen',
        evidence: logged,
      });
    }
    if (agrees === true || read.kind === 'known') return passed;
    if (awaitsDelivery(event, session, moment)) return notApplicable;
    return inconclusive(settings.kind === 'unknown' ? settings.failure : read.failure);
  },
  explain: ({ agrees, refusedCount }) => ({
    what:
      refusedCount === 0
        ? "The function's STRIPE_WEBHOOK_SECRET is not the signing secret of the endpoint."
        : `stripe-webhook refused the signature of ${refusedCount === 1 ? 'one delivery' : `${refusedCount} deliveries`} around this purchase${because(agrees)}.`,
    why: 'A delivery whose signature is refused is thrown away: what was paid becomes no order.',
    next:
      agrees === true
        ? "The secrets agree, so look at how the function verifies (constructEvent throws in Deno, constructEventAsync does not) and at whether the endpoint's secret was rolled; then redeliver."
        : "Copy the endpoint's signing secret from Stripe into STRIPE_WEBHOOK_SECRET of the functions, without a space or line break, then redeliver.",
  }),
  tellCustomer: () =>
    'Your payment has arrived. We are repairing something on our side before your order can be set up; you do not need to do anything.',
  remediation: 'redeliver-webhook',
});

/** Outstanding and ours alone to answer: then the refusals are Stripe's own deliveries, not a stranger's posts. */
function confidenceOf(pending: number, webhooks: Reading<WebhookSetup>): Confidence {
  return pending > 0 && webhooks.kind === 'known' && countSharers(webhooks.value) === 0 ? 'confirmed' : 'likely';
}

function standingOf(
  agrees: boolean | null,
  refusedAt: Date,
  settings: Reading<FunctionSettings>,
  functions: Reading<readonly EdgeFunction[]>,
): Standing {
  const secret = valueOrNull(settings)?.secrets.find(({ name }) => name === 'STRIPE_WEBHOOK_SECRET');
  const code = valueOrNull(functions)?.find(({ slug }) => slug === 'stripe-webhook');
  const isChanged = [secret?.updatedAt, code?.updatedAt].some((at) => at != null && at > refusedAt);
  return agrees === true && isChanged ? 'cleared' : 'unseen';
}

function because(agrees: boolean | null): string {
  if (agrees === null) return '';
  return agrees
    ? ", although its secret is now the endpoint's"
    : ": its STRIPE_WEBHOOK_SECRET is not the endpoint's signing secret";
}
