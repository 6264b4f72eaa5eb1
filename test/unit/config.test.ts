import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Config, readConfig, variableNames } from '../../src/config.ts';
import { makeProjectKeys } from '../../src/sandbox/supabase/keys.ts';

const keys = makeProjectKeys('config');
const live = {
  SUPABASE_URL: 'https://abcdefghijklmnopqrst.supabase.co/',
  SUPABASE_SECRET_KEY: keys.secretKey,
  STRIPE_SECRET_KEY: 'rk_live_51Abc',
  PTERODACTYL_URL: 'https://panel.example.com/',
  PTERODACTYL_API_KEY: 'ptla_abc',
};

function configOf(environment: Record<string, string | undefined>): Config {
  const read = readConfig(environment);
  if (!read.ok) throw new Error(read.failure.join('\n'));
  return read.value;
}

function faultsOf(environment: Record<string, string | undefined>): readonly string[] {
  const read = readConfig(environment);
  return read.ok ? [] : read.failure;
}

test('is the sandbox, with every default, when nothing is set', () => {
  expect(configOf({})).toMatchObject({
    mode: 'sandbox',
    dataDir: '.pterodoc',
    databaseUrl: null,
    http: { host: '127.0.0.1', port: 8787, publicUrl: null },
    supabase: null,
    functions: null,
    stripe: null,
    pterodactyl: null,
    discord: null,
    slack: null,
    grace: { paidMs: 120_000, provisioningMs: 300_000, installingMs: 900_000 },
    diagnosisDeadlineMs: 8000,
    executionMaxMs: 450_000,
  });
});

test('takes an empty variable for one that is not set', () => {
  expect(configOf({ STRIPE_SECRET_KEY: '', SLACK_BOT_TOKEN: '  ' }).mode).toBe('sandbox');
});

test('is live once everything is there, with addresses that end without a slash', () => {
  expect(configOf(live)).toMatchObject({
    mode: 'live',
    supabase: {
      url: 'https://abcdefghijklmnopqrst.supabase.co',
      functionsUrl: 'https://abcdefghijklmnopqrst.supabase.co/functions/v1',
    },
    functions: null,
    stripe: { webhookSecret: null, apiUrl: 'https://api.stripe.com' },
    pterodactyl: { url: 'https://panel.example.com', clientKey: null },
  });
});

test.each(['STRIPE_SECRET_KEY', 'DISCORD_TOKEN', 'SUPABASE_URL'])(
  'never falls back to the sandbox once %s is set: what is missing is a fault',
  (name) => {
    const faults = faultsOf({ [name]: name.endsWith('URL') ? 'https://a.example' : 'rk_test_1' });
    expect(faults.join('\n')).toContain('PTERODACTYL_API_KEY is missing');
  },
);

test('leaves the merchant alone in a sandbox that was asked for, whatever is set', () => {
  const config = configOf({ ...live, STRIPE_SECRET_KEY: 'nonsense', PTERODOC_MODE: 'sandbox' });
  expect([config.mode, config.stripe, config.supabase, config.pterodactyl]).toEqual(['sandbox', null, null, null]);
});

test('names every fault at once', () => {
  const faults = faultsOf({
    SUPABASE_URL: 'example.com',
    PORT: '99999999',
    SLACK_APP_TOKEN: 'xapp-1',
    GRACE_PAID_S: 'soon',
    LOG_LEVEL: 'loud',
  });
  expect(faults.map((fault) => fault.split(' ')[0]).toSorted()).toEqual(
    [
      'GRACE_PAID_S',
      'LOG_LEVEL',
      'PORT',
      'PTERODACTYL_API_KEY',
      'PTERODACTYL_URL',
      'SLACK_BOT_TOKEN',
      'STRIPE_SECRET_KEY',
      'SUPABASE_SECRET_KEY',
      'SUPABASE_URL',
    ].toSorted(),
  );
});

test.each([
  ['SUPABASE_SECRET_KEY', keys.publishableKey, 'is the publishable key'],
  ['SUPABASE_SECRET_KEY', keys.anonKey, 'is the anon key'],
  ['SUPABASE_SECRET_KEY', `${keys.secretKey}\n`, 'line break'],
  ['SUPABASE_SECRET_KEY', `${keys.secretKey}\u200b`, 'invisible character'],
  ['STRIPE_SECRET_KEY', 'pk_live_51Abc', 'is the publishable key'],
  ['STRIPE_SECRET_KEY', 'whsec_51Abcdef', 'is no Stripe key'],
  ['STRIPE_WEBHOOK_SECRET', 'sk_live_51Abc', 'is no signing secret'],
  ['PTERODACTYL_API_KEY', 'ptla_has space', 'holds a space'],
  ['PTERODACTYL_CLIENT_KEY', 'ptla_application', 'is an application key'],
  ['PTERODACTYL_URL', 'https://admin:hunter2@panel.example.com', 'must not hold a user name'],
  ['PTERODACTYL_URL', 'ftp://panel.example.com', 'must start with https://'],
  ['STRIPE_API_URL', 'http://127.0.0.1:1/?key=hunter2', 'must end before'],
  ['DATABASE_URL', 'mysql://root:hunter2@db/x', 'must be a Postgres address'],
  ['DISCORD_GUILD_ID', 'my-server', 'must be a Discord id'],
  ['SLACK_SUPPORT_CHANNEL_IDS', 'C012345, #support', 'must be channel ids'],
  ['PLAN_EGGS', '{', 'is not valid JSON'],
  ['PLAN_EGGS', '{"minecraft": {"nest": "1"}}', 'for "minecraft"'],
  ['MERCHANT_SCHEMA', '{"tables": {"orders": "drop table"}}', 'tables.orders must be a plain name'],
  ['DIAGNOSIS_DEADLINE_MS', '5', 'from 500 to 60000'],
])('refuses %s in words, and never repeats its value', (name, value, words) => {
  const [fault, ...others] = faultsOf({
    ...live,
    DISCORD_TOKEN: 't',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_APP_TOKEN: 'xapp-1',
    DISCORD_GUILD_ID: '123456789012345678',
    [name]: value,
  });
  expect(others).toEqual([]);
  expect(fault).toContain(words);
  expect(fault?.startsWith(name)).toBe(true);
  if (/KEY|SECRET|URL/.test(name)) expect(fault).not.toMatch(/hunter2|51Abc|has space/);
  if (/KEY|SECRET|URL/.test(name)) expect(fault).not.toContain(value.trim());
});

test('accepts the older service_role key and an account key for the panel', () => {
  const config = configOf({ ...live, SUPABASE_SECRET_KEY: keys.serviceRoleKey, PTERODACTYL_API_KEY: 'ptlc_admin' });
  expect(config.pterodactyl?.applicationKey).toBe('ptlc_admin');
});

test('takes the project reference out of a hosted address', () => {
  expect(configOf({ ...live, SUPABASE_ACCESS_TOKEN: 'sbp_1' }).functions).toEqual({
    accessToken: 'sbp_1',
    projectRef: 'abcdefghijklmnopqrst',
    managementUrl: 'https://api.supabase.com',
  });
});

test.each([
  [{ SUPABASE_ACCESS_TOKEN: 'sbp_1', SUPABASE_URL: 'http://127.0.0.1:54321' }, 'SUPABASE_PROJECT_REF is missing'],
  [{ SUPABASE_PROJECT_REF: 'abc' }, 'SUPABASE_ACCESS_TOKEN is missing'],
  [{ DISCORD_TOKEN: 't' }, 'DISCORD_GUILD_ID is missing'],
  [{ DISCORD_GUILD_ID: '123456789012345678' }, 'DISCORD_TOKEN is missing'],
  [{ SLACK_BOT_TOKEN: 'xoxb-1' }, 'SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing'],
  [{ PTERODACTYL_API_KEY: undefined }, 'PTERODACTYL_API_KEY is missing'],
  [{ STRIPE_SECRET_KEY: undefined, STRIPE_WEBHOOK_SECRET: 'whsec_1' }, 'STRIPE_SECRET_KEY is missing'],
])('names what a half-filled group lacks (%j)', (over, words) => {
  const faults = faultsOf({ ...live, ...over });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(words);
});

test('reads chats, eggs and names that differ', () => {
  const config = configOf({
    PTERODOC_MODE: 'sandbox',
    DISCORD_TOKEN: 'token',
    DISCORD_GUILD_ID: '123456789012345678',
    DISCORD_SUPPORT_ROLE_IDS: '223456789012345678, 323456789012345678',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_SIGNING_SECRET: 'abc',
    PLAN_EGGS: '{"minecraft": {"nest": 1, "egg": 5}}',
    MERCHANT_SCHEMA: '{"tables": {"orders": "purchases"}}',
  });
  expect(config.discord?.roleIds.support).toEqual(['223456789012345678', '323456789012345678']);
  expect(config.slack?.connection).toEqual({ kind: 'http', signingSecret: 'abc' });
  expect([...config.planEggs]).toEqual([['minecraft', { nestId: 1, eggId: 5 }]]);
  expect(config.schema.tables.orders).toBe('purchases');
});

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const exampleLines = example.split('\n').filter((line) => /^[A-Z]/.test(line));

test('.env.example lists exactly the variables that are read', () => {
  expect(exampleLines.map((line) => line.split('=')[0]).toSorted()).toEqual(variableNames.toSorted());
});

test('.env.example as it stands gives the same configuration as nothing at all', () => {
  const environment = Object.fromEntries(exampleLines.map((line) => [line.split('=')[0], line.split(/=(.*)/s)[1]]));
  expect(configOf(environment)).toEqual(configOf({}));
});
