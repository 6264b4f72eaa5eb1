import { z } from 'zod';
import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { MerchantSchema, MerchantTable } from '../../core/merchant-schema.ts';
import { fail, succeed } from '../../core/result.ts';
import { createAuthAdmin } from './auth-admin.ts';
import { createDataApi, type DataApi } from './data-api.ts';
import { createMerchantFunctions, type InstallableFunction, type MerchantFunctions } from './merchant-functions.ts';
import { nodeColumns } from './nodes.ts';
import { orderColumns } from './orders.ts';
import { accountColumns, profileColumns } from './people.ts';
import { planColumns } from './plans.ts';
import { fit } from './shapes.ts';
import { createTable, type Table } from './table.ts';

export interface SupabaseProberConfig {
  readonly url: string;
  readonly secretKey: string;
  readonly schema: MerchantSchema;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 4000;
/** Nobody has this id. */
const nobody = '00000000-0000-4000-8000-000000000000';

const migrationOf: Readonly<Record<InstallableFunction, string>> = {
  pterodoc_user_id_by_email: '20261124000001_pterodoc_user_lookup.sql',
  pterodoc_node_usage: '20261124000002_pterodoc_node_usage.sql',
  pterodoc_missing_indexes: '20261124000003_pterodoc_indexes.sql',
  pterodoc_subscription_is_unique: '20261124000004_pterodoc_subscription_unique.sql',
};

/** Tries what the project's secret key may read, and what is installed in the merchant's database. */
export function createSupabaseProber({
  url,
  secretKey,
  schema,
  timeoutMs = defaultTimeoutMs,
}: SupabaseProberConfig): CredentialProber {
  const access = { url: url.replace(/\/+$/, ''), secretKey, timeoutMs };
  const api = createDataApi(access);
  const functions = createMerchantFunctions(api);
  return {
    source: 'supabase',
    keyRemedy:
      'Copy a secret key (sb_secret_…) from Settings → API Keys of this very project into SUPABASE_SECRET_KEY.',
    addressRemedy:
      "Check SUPABASE_URL: it is the project's own address (https://REF.supabase.co), and the project is not paused.",
    probes: [
      keyProbe(secretKey),
      tableProbe(api, schema, 'orders', orderColumns),
      tableProbe(api, schema, 'external_accounts', accountColumns),
      tableProbe(api, schema, 'profiles', profileColumns),
      tableProbe(api, schema, 'plans', planColumns),
      tableProbe(api, schema, 'ptero_nodes', nodeColumns),
      {
        name: 'Auth: read accounts',
        needed: 'required',
        remedy: 'Only a secret key (sb_secret_…) or the service_role key may: put one into SUPABASE_SECRET_KEY.',
        async run(signal) {
          const answer = await createAuthAdmin(access).byId(nobody, signal);
          return answer.ok ? succeed(fine) : answer;
        },
      },
      functionProbe(functions, {
        name: 'Accounts by e-mail, quickly',
        calls: 'pterodoc_user_id_by_email',
        args: { p_email: '' },
        without: 'accounts are looked for page by page',
      }),
      functionProbe(functions, {
        name: 'Memory sold per node, quickly',
        calls: 'pterodoc_node_usage',
        args: {},
        without: 'all orders are read to add it up',
      }),
      indexProbe(functions),
    ],
  };
}

const fine: ProbeFinding = { kind: 'fine' };

/** A publishable key is let in everywhere and sees no rows: every customer would seem to have no orders. */
function keyProbe(secretKey: string): Probe {
  return {
    name: 'Kind of key',
    needed: 'required',
    remedy: 'Copy a secret key (sb_secret_…) from Settings → API Keys into SUPABASE_SECRET_KEY.',
    async run() {
      if (secretKey.startsWith('sb_secret_')) return succeed({ kind: 'fine', note: 'A secret key.' });
      const role = roleOf(secretKey);
      if (role === 'service_role') return succeed({ kind: 'fine', note: 'The older service_role key.' });
      const isPublic = role === 'anon' || secretKey.startsWith('sb_publishable_');
      return succeed(
        isPublic
          ? {
              kind: 'fault',
              note: 'This is a publishable key: row level security hides all rows from it, so that orders seem to be missing.',
            }
          : { kind: 'warning', note: 'Neither a secret key (sb_secret_…) nor a service_role key by its form.' },
      );
    },
  };
}

const claims = z.object({ role: z.string() });

/** The role that an older key names; whether it is genuine, the project says. */
function roleOf(key: string): string | null {
  try {
    const body: unknown = JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return claims.safeParse(body).data?.role ?? null;
  } catch {
    return null;
  }
}

function tableProbe<T extends MerchantTable, C extends keyof MerchantSchema['columns'][T] & string>(
  api: DataApi,
  schema: MerchantSchema,
  reference: T,
  columns: { readonly required: readonly C[]; readonly lackable: readonly C[] },
): Probe {
  const name = schema.tables[reference];
  const table: Table<C> = createTable(api, schema, reference, columns);
  const names: Readonly<Record<string, string | null>> = schema.columns[reference];
  return {
    name: `Table ${name ?? reference}: read`,
    needed: 'required',
    remedy: `Run "grant select on public.${name ?? reference} to service_role;" in the SQL editor; where the table or a column is called otherwise, say so in MERCHANT_SCHEMA.`,
    async run(signal) {
      if (name === null) {
        const note = `MERCHANT_SCHEMA says that there is no ${reference}.`;
        return succeed({ kind: 'not-configured', note, remedy: 'Nothing, unless there is one after all.' });
      }
      const answer = await table.read(
        ({ table: from, columns: select }) =>
          (bound) =>
            api.client.from(from).select(select).limit(1).abortSignal(bound),
        signal,
      );
      if (!answer.ok) {
        const { failure } = answer.failure;
        if (failure.kind !== 'not-provided') return fail(failure);
        return succeed({
          kind: 'warning',
          note: `The project has no table ${name}; what needs it cannot be told.`,
          remedy: `Name it in MERCHANT_SCHEMA, or say there that it is null: {"tables":{"${reference}":null}}.`,
        });
      }
      const lacks = [...answer.value.layout.lacks].filter((column) => names[column] !== null);
      if (lacks.length === 0) return succeed(fine);
      return succeed({
        kind: 'warning',
        note: `Readable, without the optional ${lacks.length === 1 ? 'column' : 'columns'} ${lacks.join(', ')}.`,
        remedy: `Name ${lacks.length === 1 ? 'it' : 'them'} in MERCHANT_SCHEMA, or say there that the table has none: {"columns":{"${reference}":{"${lacks[0] ?? ''}":null}}}.`,
      });
    },
  };
}

function howToInstall(name: InstallableFunction): string {
  return `Run \`pterodoc migrate\`, or paste supabase/migrations/${migrationOf[name]} into the SQL editor.`;
}

function functionProbe(
  functions: MerchantFunctions,
  asked: {
    readonly name: string;
    readonly calls: InstallableFunction;
    readonly args: Readonly<Record<string, string>>;
    readonly without: string;
  },
): Probe {
  return {
    name: asked.name,
    needed: 'optional',
    remedy: howToInstall(asked.calls),
    async run(signal) {
      const answer = await functions.call(asked.calls, asked.args, signal);
      if (!answer.ok) return answer;
      if (answer.value.kind === 'answered') return succeed({ kind: 'fine', note: `${asked.calls} is installed.` });
      const note = `${asked.calls} is not installed, or not granted to service_role: ${asked.without}.`;
      return succeed({ kind: 'warning', note });
    },
  };
}

function indexProbe(functions: MerchantFunctions): Probe {
  const name = 'pterodoc_missing_indexes';
  return {
    name: 'Indexes',
    needed: 'optional',
    remedy: howToInstall(name),
    async run(signal) {
      const answer = await functions.call(name, {}, signal);
      if (!answer.ok) return answer;
      if (answer.value.kind === 'not-installed') {
        return succeed({ kind: 'warning', note: 'The recommended indexes are not installed: large tables are slow.' });
      }
      const missing = fit(z.array(z.string().max(63)), answer.value.data, 'supabase', name);
      if (!missing.ok) return missing;
      if (missing.value.length === 0) return succeed({ kind: 'fine', note: 'All recommended indexes are there.' });
      return succeed({ kind: 'warning', note: `Missing: ${missing.value.join(', ')}.` });
    },
  };
}
