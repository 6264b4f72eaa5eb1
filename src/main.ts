import { createPanelProber, createPanelReader } from './adapters/pterodactyl/index.ts';
import { createPaymentReader, createStripeProber } from './adapters/stripe/index.ts';
import {
  createFunctionReader,
  createManagementProber,
  createSupabaseProber,
  createSupabaseReaders,
} from './adapters/supabase/index.ts';
import type { Config } from './config.ts';
import { checks } from './core/checks/index.ts';
import { systemClock } from './core/clock.ts';
import type { Doctor } from './core/diagnosis.ts';
import type { CredentialProber, NotConfigured } from './core/doctor.ts';
import { nameOfSource, type SourceId } from './core/failure.ts';
import { createLinks, type Links } from './core/links.ts';

/** The doctor over the configured systems, and the way to their pages. */
export interface Assembly {
  readonly doctor: Doctor;
  readonly links: Links;
  /** What tries every credential, for `pterodoc doctor`. */
  readonly probers: readonly (CredentialProber | NotConfigured)[];
}

/** Answers must be out before the deadline: what is left is for judging and drawing. */
const reserveMs = 250;

/** Builds the adapters for a live configuration and hands them to core as ports. */
export function assemble(config: Config): Assembly {
  const { supabase, functions, stripe, pterodactyl, schema } = config;
  // The reader of the configuration lets nobody through to live mode without Supabase.
  if (supabase === null) throw new Error('a live configuration always names Supabase');
  const readers = createSupabaseReaders({ url: supabase.url, secretKey: supabase.secretKey, schema });
  const payments = stripe === null ? null : createPaymentReader({ secretKey: stripe.secretKey, apiUrl: stripe.apiUrl });
  const addresses = {
    supabaseUrl: supabase.url,
    functionsUrl: supabase.functionsUrl,
    projectRef: functions?.projectRef ?? null,
    webhookFunction: schema.functions['stripe-webhook'],
  };
  const functionReader =
    functions === null
      ? null
      : {
          ...functions,
          schema,
          webhookSecret: stripe?.webhookSecret ?? null,
          panelKey: pterodactyl?.applicationKey ?? null,
        };
  return {
    doctor: {
      checks,
      sources: {
        orders: readers.orders,
        people: readers.people,
        nodes: readers.nodes,
        payments,
        panel: pterodactyl === null ? null : createPanelReader(pterodactyl),
        functions: functionReader === null ? null : createFunctionReader(functionReader),
      },
      settings: {
        planEggs: config.planEggs,
        addresses,
        deadlineMs: Math.max(500, config.diagnosisDeadlineMs - reserveMs),
      },
      grace: config.grace,
      clock: systemClock,
    },
    links: createLinks({
      supabaseProject: supabaseProjectPage(supabase.url),
      stripeDashboard: stripe?.apiUrl === 'https://api.stripe.com' ? 'https://dashboard.stripe.com' : null,
      stripeMode: payments?.mode ?? 'test',
      panelUrl: pterodactyl?.url ?? null,
    }),
    probers: [
      createSupabaseProber({ url: supabase.url, secretKey: supabase.secretKey, schema }),
      stripe === null
        ? absent('stripe', 'STRIPE_SECRET_KEY')
        : createStripeProber({
            secretKey: stripe.secretKey,
            apiUrl: stripe.apiUrl,
            webhookSecret: stripe.webhookSecret,
            addresses,
          }),
      pterodactyl === null
        ? absent('pterodactyl', 'PTERODACTYL_URL and PTERODACTYL_API_KEY')
        : createPanelProber(pterodactyl),
      functionReader === null
        ? absent('logs', 'SUPABASE_ACCESS_TOKEN and SUPABASE_PROJECT_REF')
        : createManagementProber(functionReader),
    ],
  };
}

function absent(source: SourceId, variables: string): NotConfigured {
  return { source, note: `${nameOfSource(source)} is not configured.`, remedy: `Set ${variables}.` };
}

/** Only hosted projects have a page in the dashboard; it is named by the ref in their address. */
function supabaseProjectPage(url: string): string | null {
  const ref = /^https:\/\/([a-z0-9]+)\.supabase\.co$/.exec(url)?.[1];
  return ref === undefined ? null : `https://supabase.com/dashboard/project/${ref}`;
}
