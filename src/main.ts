import { createPanelReader } from './adapters/pterodactyl/index.ts';
import { createPaymentReader } from './adapters/stripe/index.ts';
import { createFunctionReader, createSupabaseReaders } from './adapters/supabase/index.ts';
import type { Config } from './config.ts';
import { checks } from './core/checks/index.ts';
import { systemClock } from './core/clock.ts';
import type { Doctor } from './core/diagnosis.ts';
import { createLinks, type Links } from './core/links.ts';

/** The doctor over the configured systems, and the way to their pages. */
export interface Assembly {
  readonly doctor: Doctor;
  readonly links: Links;
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
  return {
    doctor: {
      checks,
      sources: {
        orders: readers.orders,
        people: readers.people,
        nodes: readers.nodes,
        payments,
        panel: pterodactyl === null ? null : createPanelReader(pterodactyl),
        functions:
          functions === null
            ? null
            : createFunctionReader({
                ...functions,
                schema,
                webhookSecret: stripe?.webhookSecret ?? null,
                panelKey: pterodactyl?.applicationKey ?? null,
              }),
      },
      settings: {
        planEggs: config.planEggs,
        addresses: {
          supabaseUrl: supabase.url,
          functionsUrl: supabase.functionsUrl,
          webhookFunction: schema.functions['stripe-webhook'],
        },
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
  };
}

/** Only hosted projects have a page in the dashboard; it is named by the ref in their address. */
function supabaseProjectPage(url: string): string | null {
  const ref = /^https:\/\/([a-z0-9]+)\.supabase\.co$/.exec(url)?.[1];
  return ref === undefined ? null : `https://supabase.com/dashboard/project/${ref}`;
}
