import { randomUUID } from 'node:crypto';
import {
  createPanelProber,
  createPanelReader,
  createPanelSearch,
  createPanelWriter,
} from './adapters/pterodactyl/index.ts';
import {
  createEndpointWriter,
  createEventReader,
  createEventSigner,
  createPaymentOverview,
  createPaymentReader,
  createStripeProber,
} from './adapters/stripe/index.ts';
import {
  createFunctionCaller,
  createFunctionReader,
  createManagementProber,
  createSupabaseProber,
  createSupabaseReaders,
  createSupabaseWriters,
} from './adapters/supabase/index.ts';
import { commands } from './commands/index.ts';
import type { Config } from './config.ts';
import type { ActionEngine, ActionSettings } from './core/act.ts';
import type { ActionPorts } from './core/action-ports.ts';
import { actions } from './core/actions/index.ts';
import { checks } from './core/checks/index.ts';
import { systemClock } from './core/clock.ts';
import type { Doctor } from './core/diagnosis.ts';
import type { CredentialProber, NotConfigured } from './core/doctor.ts';
import { nameOfSource, type SourceId } from './core/failure.ts';
import { createFrontDesk, type FrontDesk, type ReportBug } from './core/front-desk.ts';
import { createLinks, type Links } from './core/links.ts';
import type { Office } from './core/office.ts';
import type { Sources, VouchReader } from './core/ports.ts';
import type { Store } from './core/store-ports.ts';

/** The doctor over the configured systems, and the way to their pages. */
export interface Assembly {
  readonly doctor: Doctor;
  readonly links: Links;
  /** What tries every credential of these systems, for `pterodoc doctor`. */
  readonly probers: readonly (CredentialProber | NotConfigured)[];
}

/** Answers must be out before the deadline: what is left is for judging and drawing. */
const reserveMs = 250;

/**
 * Builds the adapters for a live configuration and hands them to core as ports. Without the bot's own store nobody's
 * word stands in for Stripe.
 */
export function assemble(config: Config, store: { readonly vouches: VouchReader } | null = null): Assembly {
  const { supabase, functions, stripe, pterodactyl, schema } = live(config);
  const { doctor, functionReader, addresses } = openDoctor(config, store);
  return {
    doctor,
    links: createLinks({
      supabaseProject: supabaseProjectPage(supabase.url),
      stripeDashboard: stripe?.apiUrl === 'https://api.stripe.com' ? 'https://dashboard.stripe.com' : null,
      stripeMode: doctor.sources.payments?.mode ?? 'test',
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
      functions === null || functionReader === null
        ? absent('logs', 'SUPABASE_ACCESS_TOKEN and SUPABASE_PROJECT_REF')
        : createManagementProber(functionReader),
    ],
  };
}

/** What tries the chats that are configured, for `pterodoc doctor`. Loads only those: each takes a while. */
export async function assembleChatProbers({ discord, slack }: Config): Promise<readonly CredentialProber[]> {
  const probers: CredentialProber[] = [];
  if (discord !== null) {
    const { createDiscordProber } = await import('./adapters/discord/index.ts');
    probers.push(createDiscordProber({ ...discord, commands }));
  }
  if (slack !== null) {
    const { createSlackProber } = await import('./adapters/slack/index.ts');
    probers.push(createSlackProber(slack));
  }
  return probers;
}

/** Every guard opens readers of its own, and every process has a name of its own among the holders of claims. */
export function assembleActions(
  config: Config,
  store: Store,
  settings: Partial<Omit<ActionSettings, 'executionMaxMs'>> = {},
): ActionEngine {
  return {
    actions,
    openDoctor: () => openDoctor(config, store).doctor,
    openPorts: () => openPorts(config, store),
    store,
    clock: systemClock,
    holder: randomUUID(),
    settings: { ...patience, ...settings, executionMaxMs: config.executionMaxMs },
  };
}

/**
 * The desk behind the chats and the web page. What it starts it follows to the end, since its messages can change for
 * as long as that takes.
 */
export function assembleDesk(
  config: Config,
  store: Store,
  reportBug: ReportBug,
  stopping?: AbortSignal,
): { readonly desk: FrontDesk; readonly engine: ActionEngine } {
  const { doctor, links } = assemble(config, store);
  const { supabase, stripe, schema } = live(config);
  const engine = {
    ...assembleActions(config, store, { followMs: config.executionMaxMs + followMarginMs }),
    ...(stopping === undefined ? {} : { stopping }),
  };
  const office: Office = {
    doctor,
    engine,
    links,
    overview: {
      orders: createSupabaseReaders({ url: supabase.url, secretKey: supabase.secretKey, schema }).orders,
      payments: stripe === null ? null : createPaymentOverview(stripe),
    },
  };
  return { desk: createFrontDesk(office, commands, reportBug), engine };
}

/** A little longer than anything is watched. */
const followMarginMs = 4 * 60_000;

/** A process that is silent for half a minute is taken for dead; a person follows an action for a minute and a half. */
const patience = { holdMs: 30_000, pollMs: 700, followMs: 90_000 };

function openDoctor(config: Config, store: { readonly vouches: VouchReader } | null) {
  const { supabase, functions, stripe, pterodactyl, schema } = live(config);
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
  const readers = createSupabaseReaders({ url: supabase.url, secretKey: supabase.secretKey, schema });
  const sources: Sources = {
    orders: readers.orders,
    people: readers.people,
    nodes: readers.nodes,
    payments: stripe === null ? null : createPaymentReader(stripe),
    panel: pterodactyl === null ? null : createPanelReader(pterodactyl),
    functions: functionReader === null ? null : createFunctionReader(functionReader),
    vouches: store?.vouches ?? null,
  };
  const doctor: Doctor = {
    checks,
    sources,
    settings: {
      planEggs: config.planEggs,
      addresses,
      deadlineMs: Math.max(500, config.diagnosisDeadlineMs - reserveMs),
    },
    grace: config.grace,
    clock: systemClock,
  };
  return { doctor, functionReader, addresses };
}

function openPorts(config: Config, store: Store): ActionPorts {
  const { supabase, stripe, pterodactyl, schema } = live(config);
  const { doctor } = openDoctor(config, store);
  const access = { url: supabase.url, secretKey: supabase.secretKey, schema };
  const secret = stripe?.webhookSecret ?? null;
  const signer = secret === null ? null : createEventSigner(secret);
  const { sources } = doctor;
  return {
    orders: sources.orders,
    people: sources.people,
    payments: sources.payments,
    ...createSupabaseWriters(access),
    caller: createFunctionCaller({
      functionsUrl: supabase.functionsUrl,
      secretKey: supabase.secretKey,
      schema,
      sign: signer === null ? null : (payload) => signer(payload, systemClock.now()),
    }),
    events: stripe === null ? null : createEventReader(stripe),
    endpoints: stripe === null ? null : createEndpointWriter(stripe),
    panel:
      pterodactyl === null || sources.panel === null ? null : { ...sources.panel, ...createPanelSearch(pterodactyl) },
    panelWriter: pterodactyl === null ? null : createPanelWriter(pterodactyl),
    vouches: store.vouches,
  };
}

/** The reader of the configuration lets nobody through to live mode without Supabase. */
function live(config: Config): Config & { readonly supabase: NonNullable<Config['supabase']> } {
  const { supabase } = config;
  if (supabase === null) throw new Error('a live configuration always names Supabase');
  return { ...config, supabase };
}

function absent(source: SourceId, variables: string): NotConfigured {
  return { source, note: `${nameOfSource(source)} is not configured.`, remedy: `Set ${variables}.` };
}

/** Only hosted projects have a page in the dashboard; it is named by the ref in their address. */
function supabaseProjectPage(url: string): string | null {
  const ref = /^https:\/\/([a-z0-9]+)\.supabase\.co$/.exec(url)?.[1];
  return ref === undefined ? null : `https://supabase.com/dashboard/project/${ref}`;
}
