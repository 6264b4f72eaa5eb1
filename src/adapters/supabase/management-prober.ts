import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { EdgeFunction } from '../../core/evidence.ts';
import type { ReferenceFunction } from '../../core/merchant-schema.ts';
import type { FunctionReader } from '../../core/ports.ts';
import { succeed } from '../../core/result.ts';
import { createFunctionReader, type FunctionReaderConfig } from './functions.ts';

const minuteMs = 60_000;
/** No order has this id. */
const noOrder = '00000000-0000-4000-8000-000000000000';

/** What the functions have to be given, and what does not work without. */
const secrets: readonly { readonly name: string; readonly without: string }[] = [
  { name: 'PANEL_URL', without: 'no server can be made (PRV-002)' },
  { name: 'PTERO_APP_KEY', without: 'no server can be made (PRV-002)' },
  { name: 'STRIPE_WEBHOOK_SECRET', without: 'every webhook is refused, and no purchase becomes an order (HOOK-005)' },
];

/** Tries what the access token may read of the project's functions, and looks at how they are set up. */
export function createManagementProber(config: FunctionReaderConfig): CredentialProber {
  const reader = createFunctionReader(config);
  const { schema } = config;
  return {
    source: 'logs',
    keyRemedy:
      'Make an access token (https://supabase.com/dashboard/account/tokens) and put it into SUPABASE_ACCESS_TOKEN.',
    addressRemedy: 'Let the bot reach api.supabase.com over HTTPS; where SUPABASE_MANAGEMENT_URL is set, check it.',
    probes: [
      {
        name: 'Edge functions: Read',
        needed: 'required',
        remedy: tokenRemedy('edge functions'),
        async run(signal) {
          const answer = await reader.functions(signal);
          return answer.ok ? succeed({ kind: 'fine' }) : answer;
        },
      },
      {
        name: 'Secrets: Read',
        needed: 'required',
        remedy: tokenRemedy('secrets (only digests come back)'),
        async run(signal) {
          const answer = await reader.settings(signal);
          return answer.ok ? succeed({ kind: 'fine' }) : answer;
        },
      },
      {
        name: 'Logs: Read',
        needed: 'required',
        remedy: tokenRemedy('logs'),
        async run(signal) {
          const now = Date.now();
          const window = { from: new Date(now - minuteMs), to: new Date(now) };
          const answer = await reader.executions({ orderIds: [noOrder], failedRuns: false, ...window }, signal);
          return answer.ok ? succeed({ kind: 'fine' }) : answer;
        },
      },
      deployedProbe(reader, 'stripe-webhook', schema.functions['stripe-webhook'], judgeWebhook),
      deployedProbe(reader, 'servers-provision', schema.functions['servers-provision'], judgeProvision),
      ...secrets.map((secret) => secretProbe(reader, secret)),
      agreementProbe(reader),
    ],
  };
}

function tokenRemedy(area: string): string {
  return `Let the access token read the ${area} of this project, and check that SUPABASE_PROJECT_REF names the project.`;
}

function deployedProbe(
  reader: FunctionReader,
  reference: ReferenceFunction,
  name: string,
  judge: (deployed: EdgeFunction, name: string) => ProbeFinding,
): Probe {
  return {
    name: `Function ${name}`,
    needed: 'required',
    remedy: tokenRemedy('edge functions'),
    async run(signal) {
      const functions = await reader.functions(signal);
      if (!functions.ok) return functions;
      const deployed = functions.value.find(({ slug }) => slug === reference);
      if (deployed === undefined || deployed.status === 'REMOVED') {
        return succeed({
          kind: 'fault',
          note: `${name} is not deployed.`,
          remedy: `Deploy it (supabase functions deploy ${name}); where it is called otherwise, say so in MERCHANT_SCHEMA.`,
        });
      }
      return succeed(judge(deployed, name));
    },
  };
}

/** The gateway asks for a token before the function runs, and Stripe has none. */
function judgeWebhook({ verifyJwt }: EdgeFunction, name: string): ProbeFinding {
  if (!verifyJwt) return { kind: 'fine', note: 'Deployed.' };
  return {
    kind: 'fault',
    note: `${name} is deployed with verify_jwt on: Stripe's deliveries are refused with 401.`,
    remedy: `Deploy it with verify_jwt off (supabase functions deploy ${name} --no-verify-jwt); it checks Stripe's signature itself.`,
  };
}

function judgeProvision({ verifyJwt }: EdgeFunction, name: string): ProbeFinding {
  if (verifyJwt) return { kind: 'fine', note: 'Deployed; it asks for a key.' };
  return {
    kind: 'warning',
    note: `PRV-008: deployed, and callable without a key: anyone can invoke ${name}.`,
    remedy: 'Deploy it with verify_jwt on, or let its code demand a secret that only the webhook function has.',
  };
}

function secretProbe(
  reader: FunctionReader,
  { name, without }: { readonly name: string; readonly without: string },
): Probe {
  return {
    name: `Secret ${name} of the functions`,
    needed: 'required',
    remedy: tokenRemedy('secrets (only digests come back)'),
    async run(signal) {
      const settings = await reader.settings(signal);
      if (!settings.ok) return settings;
      if (settings.value.secrets.some((secret) => secret.name === name)) return succeed({ kind: 'fine', note: 'Set.' });
      const remedy = `Set ${name} in the secrets of the project's edge functions.`;
      return succeed({ kind: 'fault', note: `Not set: ${without}.`, remedy });
    },
  };
}

function agreementProbe(reader: FunctionReader): Probe {
  return {
    name: 'Webhook secret: same here and there',
    needed: 'required',
    remedy: tokenRemedy('secrets (only digests come back)'),
    async run(signal) {
      const settings = await reader.settings(signal);
      if (!settings.ok) return settings;
      const agrees = settings.value.comparison.webhookSecretAgrees;
      if (agrees === true) return succeed({ kind: 'fine', note: 'The digests agree.' });
      const remedy =
        "Copy the endpoint's signing secret from Stripe into STRIPE_WEBHOOK_SECRET of the bot and of the functions, without a space or line break.";
      return succeed(
        agrees === false
          ? { kind: 'fault', note: "HOOK-005: the function's secret is not the one the bot was given.", remedy }
          : { kind: 'not-configured', note: 'One of the two is missing: there is nothing to compare.', remedy },
      );
    },
  };
}
