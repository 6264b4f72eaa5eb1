import { z } from 'zod';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import type { OrderOverview } from '../../core/overview.ts';
import type { Answer, NodeReader, OrderReader, PeopleReader } from '../../core/ports.ts';
import { succeed } from '../../core/result.ts';
import type { AccountWriter, OrderWriter, SubscriptionIndexReader } from '../../core/action-ports.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { createAccountWriter } from './account-writer.ts';
import { createAuthAdmin } from './auth-admin.ts';
import { createDataApi } from './data-api.ts';
import { createMerchantFunctions } from './merchant-functions.ts';
import { createNodeReader } from './nodes.ts';
import { createOrderWriter } from './order-writer.ts';
import { createOrderReader } from './orders.ts';
import { createPeopleReader } from './people.ts';
import { createPlanReader } from './plans.ts';
import { fit } from './shapes.ts';
import { createSubscriptionIndexReader } from './subscription-index.ts';

export { createFunctionCaller, type FunctionCallerConfig } from './function-caller.ts';
export { createFunctionReader, type FunctionReaderConfig } from './functions.ts';
export { createManagementProber } from './management-prober.ts';
export {
  applyMigrations,
  type Migration,
  type MigrationOutcome,
  type MigrationResult,
  shippedMigrations,
} from './migrate.ts';
export { createSupabaseProber, type SupabaseProberConfig } from './prober.ts';

export interface SupabaseReadersConfig {
  /** The project's address, without a trailing slash. */
  readonly url: string;
  /** An `sb_secret_…` key or the older service_role key. */
  readonly secretKey: string;
  readonly schema: MerchantSchema;
  /** For one question to Supabase, its repetition included. */
  readonly timeoutMs?: number;
}

/** What is read from the merchant's project with its secret key. */
export interface SupabaseReaders {
  readonly orders: OrderReader & OrderOverview;
  readonly people: PeopleReader;
  readonly nodes: NodeReader;
  /** Whether the function that finds accounts by address is installed and granted. */
  lookupInstalled(signal: AbortSignal): Answer<boolean>;
  /** Recommended indexes that are not there; `null`: the function that tells is not installed. */
  missingIndexes(signal: AbortSignal): Answer<readonly string[] | null>;
}

const defaultTimeoutMs = 4000;

/** Opens the merchant's project for reading. Nothing is asked before the first question. */
export function createSupabaseReaders(config: SupabaseReadersConfig): SupabaseReaders {
  const { schema } = config;
  const access = {
    url: config.url.replace(/\/+$/, ''),
    secretKey: config.secretKey,
    timeoutMs: config.timeoutMs ?? defaultTimeoutMs,
  };
  const api = createDataApi(access);
  const functions = createMerchantFunctions(api);
  const plans = createPlanReader(api, schema);
  return {
    orders: createOrderReader(api, schema, plans),
    people: createPeopleReader(api, schema, createAuthAdmin(access), functions),
    nodes: createNodeReader(api, schema, functions, plans),
    async lookupInstalled(signal) {
      const answer = await functions.call('pterodoc_user_id_by_email', { p_email: '' }, signal);
      return answer.ok ? succeed(answer.value.kind === 'answered') : answer;
    },
    async missingIndexes(signal) {
      const answer = await functions.call('pterodoc_missing_indexes', {}, signal);
      if (!answer.ok) return answer;
      if (answer.value.kind === 'not-installed') return succeed(null);
      return fit(z.array(z.string()), answer.value.data, 'supabase', 'pterodoc_missing_indexes');
    },
  };
}

export interface SupabaseWritersConfig {
  /** The project's address, without a trailing slash. */
  readonly url: string;
  /** An `sb_secret_…` key or the older service_role key. */
  readonly secretKey: string;
  readonly schema: MerchantSchema;
  /** For one write. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** What actions write into the merchant's project with its secret key, and look at before they do. */
export interface SupabaseWriters {
  readonly orderWriter: OrderWriter;
  readonly accounts: AccountWriter;
  readonly subscriptionIndex: SubscriptionIndexReader;
}

const defaultWriteTimeoutMs = 10_000;

/** Opens the merchant's project for writing. Nothing is asked before the first write. */
export function createSupabaseWriters(config: SupabaseWritersConfig): SupabaseWriters {
  const { schema } = config;
  const api = createDataApi({
    url: config.url.replace(/\/+$/, ''),
    secretKey: config.secretKey,
    timeoutMs: config.timeoutMs ?? defaultWriteTimeoutMs,
  });
  return {
    orderWriter: createOrderWriter(api, schema),
    accounts: createAccountWriter(api, schema, config.clock ?? systemClock),
    subscriptionIndex: createSubscriptionIndexReader(api),
  };
}
