import { z } from 'zod';
import { cutForeign } from './core/foreign-text.ts';
import { parseMerchantSchema } from './core/merchant-schema.ts';

/** Which nest and egg of the panel a plan or game uses. */
export interface PlanEgg {
  readonly nestId: number;
  readonly eggId: number;
}

const mostEggs = 1000;

/** One credential. Neither the messages nor anything built from them repeats it. */
function secret() {
  return z
    .string()
    .refine((value) => !/[\s\p{Cc}\p{Cf}]/u.test(value), {
      error: 'holds a space, a line break or an invisible character: copy the key again, without quotes',
      abort: true,
    })
    .refine((value) => value.length <= 4096, { error: 'is too long to be a key: copy it again', abort: true });
}

/** An address that requests are sent to. Without a trailing slash, so that paths can be joined to it. */
const address = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const fault = faultOfAddress(url);
  if (url === null || fault !== null) {
    context.addIssue({ code: 'custom', message: fault ?? notAnAddress });
    return z.NEVER;
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
});

const notAnAddress = 'is not an address: write it whole, for example https://example.com';

function faultOfAddress(url: URL | null): string | null {
  if (url === null) return notAnAddress;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must start with https:// or http://';
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password: give the address alone';
  if (url.search !== '' || url.hash !== '') return 'must end before any "?" or "#": give the address alone';
  return null;
}

function wholeNumber(unit: string, least: number, most: number, standard: number) {
  const fault = `must be a whole number of ${unit} from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\s*\d{1,9}\s*$/, { error: fault, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: fault })
    .default(standard);
}

/** Several ids in one variable, parted by commas or spaces. */
function list(one: RegExp, fault: string) {
  return z
    .string()
    .transform((value) => [...new Set(value.split(/[\s,]+/).filter((part) => part !== ''))])
    .refine((ids) => ids.every((id) => one.test(id)), { error: fault })
    .default([]);
}

const supabaseKey = secret().check((context) => {
  const fault = faultOfSupabaseKey(context.value);
  if (fault !== null) context.issues.push({ code: 'custom', message: fault, input: context.value });
});

function faultOfSupabaseKey(key: string): string | null {
  const right = 'give the secret key (sb_secret_…) or the service_role key of Settings → API Keys';
  if (key.startsWith('sb_publishable_')) return `is the publishable key, which cannot read orders: ${right}`;
  const role = roleInToken(key);
  if (role === 'anon' || role === 'authenticated') return `is the ${role} key, which cannot read orders: ${right}`;
  return null;
}

/** The role a legacy key (a JSON Web Token) claims; `null` for every other kind of key. */
function roleInToken(key: string): unknown {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(key)?.[1];
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'role' in claims ? claims.role : null;
  } catch {
    return null;
  }
}

const stripeKey = secret()
  .refine((key) => !key.startsWith('pk_'), {
    error: 'is the publishable key: give a secret (sk_…) or restricted (rk_…) key',
    abort: true,
  })
  .regex(
    /^[sr]k_(?:test|live)_\w+$/,
    'is no Stripe key: it starts with sk_test_, sk_live_, rk_test_ or rk_live_ (a restricted rk_ key is enough)',
  );

const panelClientKey = secret().refine((key) => !key.startsWith('ptla_'), {
  error: 'is an application key, which the client API refuses: give an account key (ptlc_…) of a root admin',
});

const snowflake = /^\d{15,21}$/;
const discordId = 'must be a Discord id, a long number (Developer Mode, then Copy ID)';
const discordIds = 'must be Discord ids, long numbers parted by commas (Developer Mode, then Copy ID)';
const slackChannel = /^[CGD][A-Z0-9]{2,}$/;
const slackPeople = list(/^[SUW][A-Z0-9]{2,}$/, 'must be ids of user groups (S…) or users (U…), parted by commas');

const planEggs = z.string().transform((value, context): ReadonlyMap<string, PlanEgg> => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    return refuse('is not valid JSON: write it like {"minecraft": {"nest": 1, "egg": 5}}');
  }
  const id = z.int().positive();
  const parsed = z.record(z.string().min(1), z.strictObject({ nest: id, egg: id })).safeParse(json);
  if (parsed.success && Object.keys(parsed.data).length <= mostEggs) {
    return new Map(Object.entries(parsed.data).map(([plan, { nest, egg }]) => [plan, { nestId: nest, eggId: egg }]));
  }
  const where = parsed.error?.issues[0]?.path[0];
  return refuse(
    where === undefined
      ? 'must name a nest and an egg for each plan or game: {"minecraft": {"nest": 1, "egg": 5}}'
      : `must name a nest and an egg, both numbers, for "${cutForeign(String(where))}": {"nest": 1, "egg": 5}`,
  );
});

const merchantSchema = z.string().transform((value, context) => {
  const schema = parseMerchantSchema(value);
  if (schema.ok) return schema.value;
  for (const fault of schema.failure.split('\n')) {
    context.addIssue({ code: 'custom', message: fault.replace(/^MERCHANT_SCHEMA\.?\s*/, '') });
  }
  return z.NEVER;
});

/** Variables of the merchant's own systems; a sandbox does not look at them. */
export const merchantVariables = {
  SUPABASE_URL: address.optional(),
  SUPABASE_SECRET_KEY: supabaseKey.optional(),
  SUPABASE_FUNCTIONS_URL: address.optional(),
  SUPABASE_ACCESS_TOKEN: secret().optional(),
  SUPABASE_PROJECT_REF: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "must be the project's reference, as in https://<reference>.supabase.co")
    .optional(),
  SUPABASE_MANAGEMENT_URL: address.default('https://api.supabase.com'),
  STRIPE_SECRET_KEY: stripeKey.optional(),
  STRIPE_WEBHOOK_SECRET: secret()
    .regex(/^whsec_/, "is no signing secret: it starts with whsec_ and stands on the endpoint's page")
    .optional(),
  STRIPE_API_URL: address.default('https://api.stripe.com'),
  PTERODACTYL_URL: address.optional(),
  PTERODACTYL_API_KEY: secret().optional(),
  PTERODACTYL_CLIENT_KEY: panelClientKey.optional(),
};

/** Variables that count in every mode. */
export const ownVariables = {
  PTERODOC_MODE: z.enum(['auto', 'sandbox', 'live'], { error: 'must be auto, sandbox or live' }).default('auto'),
  PTERODOC_DATA_DIR: z.string().default('.pterodoc'),
  DATABASE_URL: secret()
    .refine((value) => /^postgres(?:ql)?:\/\//.test(value) && URL.canParse(value), {
      error: 'must be a Postgres address: postgresql://user:password@host:5432/database',
    })
    .optional(),
  HOST: z
    .string()
    .regex(/^[\w.:[\]-]+$/, 'must be a host name or an IP address to listen on')
    .default('127.0.0.1'),
  PORT: wholeNumber('a port', 0, 65_535, 8787),
  PUBLIC_URL: address.optional(),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' })
    .default('info'),

  DISCORD_TOKEN: secret().optional(),
  DISCORD_GUILD_ID: z.string().regex(snowflake, discordId).optional(),
  DISCORD_ALERT_CHANNEL_ID: z.string().regex(snowflake, discordId).optional(),
  DISCORD_SUPPORT_CHANNEL_IDS: list(snowflake, discordIds),
  DISCORD_SUPPORT_ROLE_IDS: list(snowflake, discordIds),
  DISCORD_OPERATOR_ROLE_IDS: list(snowflake, discordIds),
  DISCORD_ADMIN_ROLE_IDS: list(snowflake, discordIds),
  DISCORD_API_URL: address.default('https://discord.com/api'),

  SLACK_BOT_TOKEN: secret()
    .regex(/^xox[be]/, 'is no bot token: it starts with xoxb-')
    .optional(),
  SLACK_APP_TOKEN: secret()
    .regex(/^xapp-/, 'is no app-level token: it starts with xapp-')
    .optional(),
  SLACK_SIGNING_SECRET: secret().optional(),
  SLACK_ALERT_CHANNEL_ID: z.string().regex(slackChannel, 'must be a channel id (C…), not its name').optional(),
  SLACK_SUPPORT_CHANNEL_IDS: list(slackChannel, 'must be channel ids (C…), parted by commas'),
  SLACK_SUPPORT_IDS: slackPeople,
  SLACK_OPERATOR_IDS: slackPeople,
  SLACK_ADMIN_IDS: slackPeople,
  SLACK_API_URL: address.default('https://slack.com/api'),

  PLAN_EGGS: planEggs.optional(),
  MERCHANT_SCHEMA: merchantSchema.optional(),
  CUSTOMER_TEXTS: z.string().optional(),

  GRACE_PAID_S: wholeNumber('seconds', 0, 86_400, 120),
  GRACE_PROVISIONING_S: wholeNumber('seconds', 0, 86_400, 300),
  GRACE_INSTALLING_S: wholeNumber('seconds', 0, 86_400, 900),
  POLL_INTERVAL_S: wholeNumber('seconds', 1, 3600, 15),
  PREFLIGHT_INTERVAL_S: wholeNumber('seconds', 10, 86_400, 900),
  DIAGNOSIS_DEADLINE_MS: wholeNumber('milliseconds', 500, 60_000, 8000),
  EXECUTION_MAX_S: wholeNumber('seconds', 1, 3600, 450),
};
