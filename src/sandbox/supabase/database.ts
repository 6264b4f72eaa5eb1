import { readFileSync, readdirSync } from 'node:fs';
import type { EmailMessage } from '@supabase/lite';
import type { WorldClock } from '../clock.ts';
import { asHostedAnswer } from './database-errors.ts';
import { type Engine, openEmbedded, openPostgres } from './engine.ts';
import type { ProjectKeys } from './keys.ts';
import { withoutLiteOutput } from './quiet.ts';

/** The project's database with the Data API and the sign-in service in front of it. */
export interface Database {
  readonly answer: (request: Request) => Promise<Response>;
  readonly sql: <T>(text: string, params: readonly unknown[]) => Promise<T[]>;
  readonly close: () => Promise<void>;
}

/** Which merchant's database this is. */
export interface DatabaseOptions {
  readonly keys: ProjectKeys;
  readonly clock: WorldClock;
  /** `extended` also allows the statuses `installing` and `active`. */
  readonly schema: 'reference' | 'extended';
  /** Tables (`plans`) and columns (`orders.region`) this merchant does not have. */
  readonly without: readonly string[];
  readonly migrations: boolean;
  /** An empty Postgres database; null for one in this process. */
  readonly databaseUrl: string | null;
  /** Where an embedded database keeps what makes its next start faster; null for nowhere. */
  readonly cacheDir: string | null;
  readonly onMail: (message: EmailMessage) => void;
}

/** The hosted Data API notices these by itself. */
const CHANGES_SCHEMA = /^\s*(create|alter|drop)\b/i;
const MIGRATIONS = new URL('../../../supabase/migrations/', import.meta.url);

/** Opens the database and furnishes it with the schema of a shop, without any rows. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return withoutLiteOutput(() => open(options));
}

async function open(options: DatabaseOptions): Promise<Database> {
  const { App } = await import('@supabase/lite');
  const engine =
    options.databaseUrl === null ? await openEmbedded(options.cacheDir) : await openPostgres(options.databaseUrl);
  engine.connection.normalizeDbError = asHostedAnswer;
  const app = new App({
    connection: engine.connection,
    auth: {
      enabled: true,
      jwt_secret: options.keys.jwtSecret,
      secret_key: options.keys.secretKey,
      publishable_key: options.keys.publishableKey,
    },
    options: { drivers: { email: { send: async (message) => options.onMail(message) } } },
  });
  await app.ensureSystemSchema();
  await engine.exec(ROLES_AND_CLOCK);
  // lite hands all tables to all roles the first time it sees row level security: let it do so before there are any.
  await engine.connection.withContext({ auth: { role: 'anon' } }, async () => undefined);
  await engine.exec(schemaOf(options));
  if (options.migrations) for (const migration of migrations()) await engine.exec(migration);
  await engine.connection.clearSchemaCache();

  const clock = createClockWriter(options.clock, engine);
  return {
    answer: (request) =>
      engine.inTurn(async () => {
        await clock.sync();
        return withoutLiteOutput(async () => app.server.fetch(request));
      }),
    sql: <T>(text: string, params: readonly unknown[]) =>
      engine.inTurn(async () => {
        await clock.sync();
        const rows = await engine.query<T>(text, params);
        if (CHANGES_SCHEMA.test(text)) await engine.connection.clearSchemaCache();
        return rows;
      }),
    close: () => engine.connection.close(),
  };
}

const ROLES_AND_CLOCK = `
  do $$ begin
    if not exists (select from pg_roles where rolname = 'anon') then create role anon nologin; end if;
    if not exists (select from pg_roles where rolname = 'authenticated') then create role authenticated nologin; end if;
    if not exists (select from pg_roles where rolname = 'service_role') then
      create role service_role nologin bypassrls;
    end if;
  end $$;
  create schema sandbox;
  create table sandbox.clock (offset_ms double precision not null);
  insert into sandbox.clock values (0);
  alter table sandbox.clock enable row level security;
  create function sandbox.now() returns timestamptz language sql stable security definer set search_path = '' as $$
    select date_trunc('milliseconds', now() + offset_ms * interval '1 millisecond') from sandbox.clock
  $$;
  grant usage on schema sandbox to anon, authenticated, service_role;
`;

const EXTENDED_STATUSES = `
  alter table public.orders drop constraint orders_status_check;
  alter table public.orders add constraint orders_status_check check (status in
    ('pending', 'paid', 'provisioning', 'installing', 'provisioned', 'active', 'error', 'canceled'));
`;

function schemaOf({ schema, without }: DatabaseOptions): string {
  return [
    readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'),
    schema === 'extended' ? EXTENDED_STATUSES : '',
    ...without.map(dropStatement),
  ].join('\n');
}

function dropStatement(name: string): string {
  const [, table, column] = /^([a-z_]+)(?:\.([a-z_]+))?$/.exec(name) ?? [];
  if (table === undefined) throw new Error(`Not a table or column of the sandbox: ${name}`);
  return column === undefined
    ? `drop table public.${table} cascade;`
    : `alter table public.${table} drop column ${column} cascade;`;
}

function migrations(): string[] {
  return readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFileSync(new URL(file, MIGRATIONS), 'utf8'));
}

/** A clock that follows the machine is only ever this far off by the time it is read twice. */
const CLOCK_TOLERANCE_MS = 20;

function createClockWriter(clock: WorldClock, engine: Engine): { sync(): Promise<void> } {
  let writtenMs = 0;
  return {
    async sync() {
      const offsetMs = clock.now() - Date.now();
      if (Math.abs(offsetMs - writtenMs) <= CLOCK_TOLERANCE_MS) return;
      writtenMs = offsetMs;
      await engine.query('update sandbox.clock set offset_ms = $1', [offsetMs]);
    },
  };
}
