import type { z } from 'zod';
import { merchantVariables, ownVariables, type PlanEgg } from './config-values.ts';
import type { Grace } from './core/entry.ts';
import { type MerchantSchema, referenceSchema } from './core/merchant-schema.ts';
import { fail, type Result, succeed } from './core/result.ts';

/** Everything the administrator decides, read once at the start. */
export interface Config {
  readonly mode: 'sandbox' | 'live';
  readonly dataDir: string;
  /** `null`: an embedded database in the data folder. */
  readonly databaseUrl: string | null;
  readonly http: { readonly host: string; readonly port: number; readonly publicUrl: string | null };
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `null` in the sandbox only, as are Stripe and the panel. */
  readonly supabase: SupabaseConfig | null;
  /** `null`: function logs, functions and secrets cannot be looked at. */
  readonly functions: FunctionsConfig | null;
  readonly stripe: StripeConfig | null;
  readonly pterodactyl: PterodactylConfig | null;
  /** `null`: the platform is off. */
  readonly discord: DiscordConfig | null;
  readonly slack: SlackConfig | null;
  /** By plan id or game. */
  readonly planEggs: ReadonlyMap<string, PlanEgg>;
  readonly schema: MerchantSchema;
  /** The file with the wordings for customers; `null`: the built-in ones. */
  readonly customerTextsPath: string | null;
  readonly grace: Grace;
  readonly pollIntervalMs: number;
  readonly preflightIntervalMs: number;
  readonly diagnosisDeadlineMs: number;
  /** The longest a run of an edge function can last. */
  readonly executionMaxMs: number;
}

export interface SupabaseConfig {
  readonly url: string;
  readonly secretKey: string;
  readonly functionsUrl: string;
}

export interface FunctionsConfig {
  readonly accessToken: string;
  readonly projectRef: string;
  readonly managementUrl: string;
}

export interface StripeConfig {
  readonly secretKey: string;
  readonly webhookSecret: string | null;
  readonly apiUrl: string;
}

export interface PterodactylConfig {
  readonly url: string;
  readonly applicationKey: string;
  readonly clientKey: string | null;
}

/** Who holds which staff role on one chat platform. */
export interface RoleIds {
  readonly support: readonly string[];
  readonly operator: readonly string[];
  readonly admin: readonly string[];
}

export interface DiscordConfig {
  readonly token: string;
  readonly guildId: string;
  readonly alertChannelId: string | null;
  /** Channels, or categories with all that is in them. */
  readonly supportChannelIds: readonly string[];
  readonly roleIds: RoleIds;
  readonly apiUrl: string;
}

export interface SlackConfig {
  readonly botToken: string;
  /** Socket Mode where an app token is given, else HTTP with the signing secret. */
  readonly connection:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string };
  readonly alertChannelId: string | null;
  readonly supportChannelIds: readonly string[];
  /** User groups or users. */
  readonly roleIds: RoleIds;
  readonly apiUrl: string;
}

/** The names of all variables there are. */
export const variableNames: readonly string[] = [...Object.keys(ownVariables), ...Object.keys(merchantVariables)];

type Environment = Readonly<Record<string, string | undefined>>;
type Schemas = Readonly<Record<string, z.ZodType>>;
/** What was read; a variable at fault is left out, its fault noted. */
type Values<S extends Schemas> = { readonly [K in keyof S]?: z.output<S[K]> };
type Own = Values<typeof ownVariables>;
type Merchant = Values<typeof merchantVariables>;

/**
 * Reads the configuration from an environment. The failure lists every fault in words that name the variable and what
 * to do about it; no value of a variable is repeated in them.
 */
export function readConfig(environment: Environment): Result<Config, readonly string[]> {
  const given = withoutEmpty(environment);
  const faults: string[] = [];
  const own: Own = readValues(ownVariables, given, faults);
  const mode = modeOf(own, given);
  const merchant: Merchant = mode === 'live' ? readValues(merchantVariables, given, faults) : {};
  if (mode === 'live') faults.push(...missingForLive(given, merchant));
  faults.push(...missingForChats(given));
  if (faults.length > 0) return fail(faults);
  const sources = mode === 'live' ? sourcesOf(merchant) : noSources;
  return succeed({
    mode,
    dataDir: present(own.PTERODOC_DATA_DIR),
    databaseUrl: own.DATABASE_URL ?? null,
    http: { host: present(own.HOST), port: present(own.PORT), publicUrl: own.PUBLIC_URL ?? null },
    logLevel: present(own.LOG_LEVEL),
    ...sources,
    discord: discordOf(own),
    slack: slackOf(own),
    planEggs: own.PLAN_EGGS ?? new Map(),
    schema: own.MERCHANT_SCHEMA ?? referenceSchema,
    customerTextsPath: own.CUSTOMER_TEXTS ?? null,
    grace: {
      paidMs: 1000 * present(own.GRACE_PAID_S),
      provisioningMs: 1000 * present(own.GRACE_PROVISIONING_S),
      installingMs: 1000 * present(own.GRACE_INSTALLING_S),
    },
    pollIntervalMs: 1000 * present(own.POLL_INTERVAL_S),
    preflightIntervalMs: 1000 * present(own.PREFLIGHT_INTERVAL_S),
    diagnosisDeadlineMs: present(own.DIAGNOSIS_DEADLINE_MS),
    executionMaxMs: 1000 * present(own.EXECUTION_MAX_S),
  });
}

/** A variable that is there but empty counts as not given: compose files and shells pass those. */
function withoutEmpty(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variableNames.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value.trim() === '' ? [] : [[name, value]];
    }),
  );
}

function readValues<S extends Schemas>(schemas: S, given: Environment, faults: string[]): Values<S> {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const parsed = schema.safeParse(given[name]);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(...parsed.error.issues.map((issue) => `${name} ${issue.message}.`));
  }
  return values as Values<S>;
}

/** Every variable without which the program is not connected to anything real. */
const liveVariables: readonly string[] = [
  'SUPABASE_URL',
  'SUPABASE_SECRET_KEY',
  'SUPABASE_ACCESS_TOKEN',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'PTERODACTYL_URL',
  'PTERODACTYL_API_KEY',
  'PTERODACTYL_CLIENT_KEY',
  'DISCORD_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
];

/** A half-configured installation must not run on invented data unnoticed: one credential makes it live. */
function modeOf(own: Own, given: Environment): 'sandbox' | 'live' {
  if (own.PTERODOC_MODE === 'sandbox' || own.PTERODOC_MODE === 'live') return own.PTERODOC_MODE;
  return liveVariables.some((name) => given[name] !== undefined) ? 'live' : 'sandbox';
}

function missingForLive(given: Environment, merchant: Merchant): readonly string[] {
  const faults: string[] = [];
  const need = (name: string, why: string): void => {
    if (given[name] === undefined) faults.push(`${name} is missing: ${why}.`);
  };
  need('SUPABASE_URL', "the address of the merchant's Supabase project");
  need('SUPABASE_SECRET_KEY', 'the secret key (sb_secret_…) or the service_role key of Settings → API Keys');
  need('STRIPE_SECRET_KEY', 'a restricted key (rk_…) with read access is enough');
  need('PTERODACTYL_URL', "the panel's address");
  need('PTERODACTYL_API_KEY', 'an application key (ptla_…), made under Admin → Application API');
  // An address that is at fault itself has been named already, and may well hold the reference.
  const addressIsAtFault = given['SUPABASE_URL'] !== undefined && merchant.SUPABASE_URL === undefined;
  const mayHoldReference = addressIsAtFault || given['SUPABASE_PROJECT_REF'] !== undefined;
  if (given['SUPABASE_ACCESS_TOKEN'] !== undefined && projectRefOf(merchant) === null && !mayHoldReference) {
    faults.push(
      'SUPABASE_PROJECT_REF is missing: SUPABASE_ACCESS_TOKEN needs it, and it does not stand in SUPABASE_URL.',
    );
  }
  if (given['SUPABASE_PROJECT_REF'] !== undefined) {
    need('SUPABASE_ACCESS_TOKEN', 'function logs need it beside SUPABASE_PROJECT_REF; remove that one to do without');
  }
  return faults;
}

function missingForChats(given: Environment): readonly string[] {
  const faults: string[] = [];
  const others = (prefix: string): readonly string[] =>
    Object.keys(given).filter((name) => name.startsWith(prefix) && !name.endsWith('_API_URL'));
  const discord = others('DISCORD_');
  if (given['DISCORD_TOKEN'] === undefined && discord.length > 0) {
    faults.push(`DISCORD_TOKEN is missing: without it Discord is off, yet ${inWords(discord)} given.`);
  }
  if (given['DISCORD_TOKEN'] !== undefined && given['DISCORD_GUILD_ID'] === undefined) {
    faults.push('DISCORD_GUILD_ID is missing: the bot answers in one server only, and must know which.');
  }
  const slack = others('SLACK_');
  if (given['SLACK_BOT_TOKEN'] === undefined && slack.length > 0) {
    faults.push(`SLACK_BOT_TOKEN is missing: without it Slack is off, yet ${inWords(slack)} given.`);
  }
  if (
    given['SLACK_BOT_TOKEN'] !== undefined &&
    given['SLACK_APP_TOKEN'] === undefined &&
    given['SLACK_SIGNING_SECRET'] === undefined
  ) {
    faults.push('SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing: Slack needs one of them.');
  }
  return faults;
}

function inWords(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
}

type Sources = Pick<Config, 'supabase' | 'functions' | 'stripe' | 'pterodactyl'>;

const noSources: Sources = { supabase: null, functions: null, stripe: null, pterodactyl: null };

/** Only for values without a fault: what is required is then there. */
function sourcesOf(values: Merchant): Sources {
  const url = present(values.SUPABASE_URL);
  const projectRef = projectRefOf(values);
  return {
    supabase: {
      url,
      secretKey: present(values.SUPABASE_SECRET_KEY),
      functionsUrl: values.SUPABASE_FUNCTIONS_URL ?? `${url}/functions/v1`,
    },
    functions:
      values.SUPABASE_ACCESS_TOKEN === undefined || projectRef === null
        ? null
        : {
            accessToken: values.SUPABASE_ACCESS_TOKEN,
            projectRef,
            managementUrl: present(values.SUPABASE_MANAGEMENT_URL),
          },
    stripe: {
      secretKey: present(values.STRIPE_SECRET_KEY),
      webhookSecret: values.STRIPE_WEBHOOK_SECRET ?? null,
      apiUrl: present(values.STRIPE_API_URL),
    },
    pterodactyl: {
      url: present(values.PTERODACTYL_URL),
      applicationKey: present(values.PTERODACTYL_API_KEY),
      clientKey: values.PTERODACTYL_CLIENT_KEY ?? null,
    },
  };
}

/** The project's reference: as given, or out of a hosted project's address. */
function projectRefOf(values: Merchant): string | null {
  if (values.SUPABASE_PROJECT_REF !== undefined) return values.SUPABASE_PROJECT_REF;
  return /^https:\/\/([a-z0-9-]+)\.supabase\.co$/.exec(values.SUPABASE_URL ?? '')?.[1] ?? null;
}

function discordOf(own: Own): DiscordConfig | null {
  if (own.DISCORD_TOKEN === undefined) return null;
  return {
    token: own.DISCORD_TOKEN,
    guildId: present(own.DISCORD_GUILD_ID),
    alertChannelId: own.DISCORD_ALERT_CHANNEL_ID ?? null,
    supportChannelIds: own.DISCORD_SUPPORT_CHANNEL_IDS ?? [],
    roleIds: {
      support: own.DISCORD_SUPPORT_ROLE_IDS ?? [],
      operator: own.DISCORD_OPERATOR_ROLE_IDS ?? [],
      admin: own.DISCORD_ADMIN_ROLE_IDS ?? [],
    },
    apiUrl: present(own.DISCORD_API_URL),
  };
}

function slackOf(own: Own): SlackConfig | null {
  if (own.SLACK_BOT_TOKEN === undefined) return null;
  return {
    botToken: own.SLACK_BOT_TOKEN,
    connection:
      own.SLACK_APP_TOKEN === undefined
        ? { kind: 'http', signingSecret: present(own.SLACK_SIGNING_SECRET) }
        : { kind: 'socket', appToken: own.SLACK_APP_TOKEN },
    alertChannelId: own.SLACK_ALERT_CHANNEL_ID ?? null,
    supportChannelIds: own.SLACK_SUPPORT_CHANNEL_IDS ?? [],
    roleIds: {
      support: own.SLACK_SUPPORT_IDS ?? [],
      operator: own.SLACK_OPERATOR_IDS ?? [],
      admin: own.SLACK_ADMIN_IDS ?? [],
    },
    apiUrl: present(own.SLACK_API_URL),
  };
}

/** A value that has a default or was found present before: its absence here is a mistake of this file. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A configuration value that was checked to be present is absent.');
  return value;
}
