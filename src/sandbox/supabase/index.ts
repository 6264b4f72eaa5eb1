import type { WorldClock } from '../clock.ts';
import { createFaultBoard } from '../faults.ts';
import { listen, type LocalServer } from '../listen.ts';
import { openDatabase } from './database.ts';
import { createFunctionHost, type FunctionHost } from './function-host.ts';
import { referenceFunctions } from './functions/index.ts';
import { createGateway } from './gateway.ts';
import { deriveUuid, makeProjectKeys, signToken } from './keys.ts';
import { createLogStore, type LogStore } from './logs.ts';
import { createManagementApi, type ManagementAllowances } from './management.ts';

/** A mail the sign-in service would have sent. */
export interface SentMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** A person to be signed up; with a profile and a confirmed address unless told otherwise. */
export interface NewUser {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly withProfile?: boolean;
  readonly confirmed?: boolean;
  readonly createdAt?: Date;
  readonly id?: string;
}

/** A local Supabase project with the shop's schema and functions; its `url` is the project's address. */
export interface SupabaseWorld extends LocalServer {
  readonly functionsUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  readonly management: LocalServer;
  /** The Management API's rate limits, as documented until changed. */
  readonly allowances: ManagementAllowances;
  readonly accessToken: string;
  readonly projectRef: string;
  /** Runs SQL as the database's owner, with parameters `$1`, `$2`, …; times come as ISO text. */
  sql<T = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<T[]>;
  addUser(input: NewUser): Promise<{ readonly id: string }>;
  /** A session token of this person, as signing in would give it. */
  userToken(userId: string): string;
  readonly functions: FunctionHost;
  readonly logs: LogStore;
  readonly mails: readonly SentMail[];
}

/** What may differ from one merchant to the next. */
export interface SupabaseOptions {
  readonly clock: WorldClock;
  readonly port?: number;
  readonly managementPort?: number;
  readonly schema?: 'reference' | 'extended';
  /** An empty Postgres database to use instead of one in this process. */
  readonly databaseUrl?: string;
  /** A folder in which the database of this process keeps what makes its next start two seconds faster. */
  readonly cacheDir?: string;
  /** The same seed gives the same keys and user ids. */
  readonly seed?: string;
  /** Tables and columns this merchant does not have, for example `plans` or `orders.region`. */
  readonly without?: readonly string[];
  /** Whether pterodoc's own migrations are installed (they are by default). */
  readonly migrations?: boolean;
  /** How long a log line stays unseen (not at all by default). */
  readonly logDelayMs?: number;
}

const SESSION_LASTS_S = 3600;

/** Starts a local Supabase: a gateway and a Management API on loopback, with the shop's functions deployed. */
export async function startSupabase(options: SupabaseOptions): Promise<SupabaseWorld> {
  const seed = options.seed ?? 'sandbox';
  const keys = makeProjectKeys(seed);
  const mails: SentMail[] = [];
  const logs = createLogStore(options.clock);
  const database = await openDatabase({
    keys,
    clock: options.clock,
    schema: options.schema ?? 'reference',
    without: options.without ?? [],
    migrations: options.migrations ?? true,
    databaseUrl: options.databaseUrl ?? null,
    cacheDir: options.cacheDir ?? null,
    onMail: ({ to, subject, text }) => mails.push({ to, subject, text: text ?? '' }),
  });
  let projectUrl = '';
  const functions = createFunctionHost({ clock: options.clock, keys, logs, projectUrl: () => projectUrl });
  for (const slug of Object.keys(referenceFunctions)) functions.deploy(slug);

  const gateway = createGateway({ keys, database, functions });
  const allowances: ManagementAllowances = { callsPerMinute: 120, logQueriesPerMinute: 30 };
  const managementApi = createManagementApi({
    allowances,
    clock: options.clock,
    keys,
    functions,
    logs,
    logDelayMs: options.logDelayMs ?? 0,
  });
  const server = await listen((request) => gateway.fetch(request), createFaultBoard(), options.port);
  const management = await listen(
    (request) => managementApi.fetch(request),
    createFaultBoard(),
    options.managementPort,
  );
  projectUrl = server.url;

  return {
    url: server.url,
    faults: server.faults,
    functionsUrl: `${server.url}/functions/v1`,
    secretKey: keys.secretKey,
    publishableKey: keys.publishableKey,
    anonKey: keys.anonKey,
    serviceRoleKey: keys.serviceRoleKey,
    accessToken: keys.accessToken,
    projectRef: keys.projectRef,
    management,
    allowances,
    functions,
    logs,
    mails,
    sql: <T>(text: string, params: readonly unknown[] = []) => database.sql<T>(text, params),
    async addUser(input) {
      const email = input.email.toLowerCase();
      const id = input.id ?? deriveUuid(`${seed}:user:${email}`);
      const createdAt = input.createdAt ?? new Date(options.clock.now());
      const confirmedAt = input.confirmed === false ? null : createdAt.toISOString();
      await database.sql(
        `insert into auth.users (id, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
         values ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $6)`,
        [
          id,
          email,
          confirmedAt,
          JSON.stringify({ provider: 'email', providers: ['email'] }),
          JSON.stringify({ full_name: [input.firstName, input.lastName].filter(Boolean).join(' ') }),
          createdAt.toISOString(),
        ],
      );
      if (input.withProfile !== false) {
        await database.sql(
          'insert into public.profiles (user_id, email, first_name, last_name) values ($1, $2, $3, $4)',
          [id, email, input.firstName ?? null, input.lastName ?? null],
        );
      }
      return { id };
    },
    userToken(userId) {
      const issuedAt = Math.floor(Date.now() / 1000);
      return signToken(keys.jwtSecret, {
        aud: 'authenticated',
        role: 'authenticated',
        sub: userId,
        iat: issuedAt,
        exp: issuedAt + SESSION_LASTS_S,
      });
    },
    async stop() {
      await Promise.all([server.stop(), management.stop()]);
      await database.close();
    },
  };
}
