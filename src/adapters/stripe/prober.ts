import type { Stripe } from 'stripe';
import { z } from 'zod';
import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { WebhookSetup } from '../../core/evidence.ts';
import { succeed } from '../../core/result.ts';
import { type FunctionAddresses, splitEndpoints } from '../../core/webhook-address.ts';
import { completedType, listensToCompleted } from '../../core/webhook-endpoint.ts';
import { createStripeApi, type StripeApi, type StripeConfig } from './api.ts';
import { createEndpointReads } from './endpoints.ts';
import { modeOf } from './mode.ts';
import { pageOf } from './shapes.ts';

export interface StripeProberConfig extends StripeConfig {
  /** Where the endpoint has to lead. */
  readonly addresses: FunctionAddresses;
  /** The bot's copy of the endpoint's signing secret; only whether there is one is looked at. */
  readonly webhookSecret: string | null;
}

interface Row {
  /** As the dashboard calls it. */
  readonly name: string;
  readonly needed: Probe['needed'];
  readonly without: string;
  ask(stripe: Stripe): Promise<unknown>;
}

const one = { limit: 1 };
const retryNeedsIt = 'Without it the payment of an order cannot be verified, and no retry is offered';

/** The rows of a restricted key that are read. https://docs.stripe.com/keys/restricted-api-keys */
const rows: readonly Row[] = [
  {
    name: 'Checkout Sessions',
    needed: 'required',
    without: 'Without it no purchase can be found',
    ask: (stripe) => stripe.checkout.sessions.list(one),
  },
  {
    name: 'Events',
    needed: 'required',
    without: 'Without it a lost purchase cannot be told from a late one, nor redelivered',
    ask: (stripe) => stripe.events.list(one),
  },
  {
    name: 'Webhook Endpoints',
    needed: 'required',
    without: 'Without it a missing or disabled endpoint goes unseen',
    ask: (stripe) => stripe.webhookEndpoints.list(one),
  },
  { name: 'Customers', needed: 'optional', without: retryNeedsIt, ask: (stripe) => stripe.customers.list(one) },
  { name: 'Subscriptions', needed: 'optional', without: retryNeedsIt, ask: (stripe) => stripe.subscriptions.list(one) },
  { name: 'Invoices', needed: 'optional', without: retryNeedsIt, ask: (stripe) => stripe.invoices.list(one) },
  {
    name: 'PaymentIntents',
    needed: 'optional',
    without: retryNeedsIt,
    ask: (stripe) => stripe.paymentIntents.list(one),
  },
  { name: 'Charges', needed: 'optional', without: retryNeedsIt, ask: (stripe) => stripe.charges.list(one) },
];

const listed = pageOf(z.object({ id: z.string() }));
const keysPage = 'https://dashboard.stripe.com/apikeys';

/** Tries what the Stripe key may read, and looks at the way from Stripe to the webhook function. */
export function createStripeProber(config: StripeProberConfig): CredentialProber {
  const api = createStripeApi(config);
  return {
    source: 'stripe',
    keyRemedy: `Put a key that is still valid into STRIPE_SECRET_KEY (${keysPage}); a restricted key is enough.`,
    addressRemedy: 'Let the bot reach api.stripe.com over HTTPS; where STRIPE_API_URL is set, check it.',
    probes: [
      keyProbe(config.secretKey),
      ...rows.map((row) => rowProbe(api, row)),
      endpointProbe(api, config),
      secretProbe(config),
    ],
  };
}

function keyProbe(secretKey: string): Probe {
  const remedy = `Make a restricted key with Read on ${rows.map(({ name }) => name).join(', ')} (${keysPage}/create) and put it into STRIPE_SECRET_KEY.`;
  return {
    name: 'Kind of key',
    needed: 'optional',
    remedy,
    async run() {
      const mode = modeOf(secretKey);
      const scope = mode === 'test' ? 'test mode: live purchases are not seen with it' : 'live mode';
      return succeed<ProbeFinding>(
        secretKey.startsWith('sk_')
          ? {
              kind: 'warning',
              note: `This is a full SECRET KEY: whoever gets hold of it can move money. pterodoc only needs a restricted key that reads. (${scope})`,
            }
          : { kind: 'fine', note: `A restricted key, ${scope}.` },
      );
    },
  };
}

function rowProbe(api: StripeApi, { name, needed, without, ask }: Row): Probe {
  return {
    name: `${name}: Read`,
    needed,
    remedy: `Edit the restricted key (${keysPage}) and set the row ${name} to Read. ${without}.`,
    run: (signal) =>
      api.read<ProbeFinding>(signal, { kind: 'fine' }, async (stripe) => {
        listed.parse(await ask(stripe));
        return { kind: 'fine' };
      }),
  };
}

function endpointProbe(api: StripeApi, { secretKey, addresses }: StripeProberConfig): Probe {
  const { endpoints } = createEndpointReads(api);
  return {
    name: 'Endpoint of the webhook function',
    needed: 'required',
    remedy: `Edit the restricted key (${keysPage}) and set the row Webhook Endpoints to Read.`,
    async run(signal) {
      const found = await endpoints(signal);
      if (!found.ok) return found;
      return succeed(judge(splitEndpoints(found.value, modeOf(secretKey), addresses), addresses));
    },
  };
}

/** As the checks HOOK-001, HOOK-002 and HOOK-003 see it. */
function judge({ mode, ours }: WebhookSetup, { functionsUrl, webhookFunction }: FunctionAddresses): ProbeFinding {
  const enabled = ours.filter(({ status }) => status !== 'disabled');
  const receiving = enabled.filter(listensToCompleted);
  if (receiving.length > 0) return { kind: 'fine', note: `Stripe sends ${completedType} to ${idsOf(receiving)}.` };
  if (ours.length === 0) {
    return {
      kind: 'fault',
      note: `HOOK-001: no webhook endpoint in ${mode} mode leads to ${webhookFunction}.`,
      remedy: `In Stripe, create an endpoint for ${functionsUrl}/${webhookFunction} that listens to ${completedType}, and give the function its signing secret.`,
    };
  }
  if (enabled.length === 0) {
    return {
      kind: 'fault',
      note: `HOOK-002: ${idsOf(ours)} is disabled; Stripe sends nothing to ${webhookFunction}.`,
      remedy: 'In Stripe, enable the endpoint, then redeliver what was paid in the meantime.',
    };
  }
  return {
    kind: 'fault',
    note: `HOOK-003: ${idsOf(enabled)} does not listen to ${completedType}.`,
    remedy: `In Stripe, add ${completedType} to the events of the endpoint, then redeliver what was paid in the meantime.`,
  };
}

function idsOf(endpoints: WebhookSetup['ours']): string {
  return endpoints.map(({ id }) => id).join(', ');
}

function secretProbe({ webhookSecret }: StripeProberConfig): Probe {
  return {
    name: "The endpoint's signing secret",
    needed: 'optional',
    remedy:
      "Copy the endpoint's signing secret (whsec_…) from Stripe into STRIPE_WEBHOOK_SECRET; without it no webhook can be redelivered, and a wrong secret of the function is only seen in its logs.",
    run: async () =>
      succeed<ProbeFinding>(
        webhookSecret === null
          ? { kind: 'not-configured', note: 'STRIPE_WEBHOOK_SECRET is not given.' }
          : { kind: 'fine', note: 'Given.' },
      ),
  };
}
