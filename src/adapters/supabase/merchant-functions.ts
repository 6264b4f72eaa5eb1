import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import { lacksColumn, lacksFunction, lacksTable } from './refusal.ts';
import { relearnAfterMs } from './table.ts';

/** The functions that pterodoc's migrations install in the merchant's database; each of them is optional. */
export type InstallableFunction =
  | 'pterodoc_user_id_by_email'
  | 'pterodoc_node_usage'
  | 'pterodoc_missing_indexes'
  | 'pterodoc_subscription_is_unique';

export type FunctionAnswer = { readonly kind: 'answered'; readonly data: unknown } | { readonly kind: 'not-installed' };

export interface MerchantFunctions {
  /** A function found missing is not asked for again for ten minutes. All of them only read. */
  call(name: InstallableFunction, args: Readonly<Record<string, string>>, signal: AbortSignal): Answer<FunctionAnswer>;
}

export function createMerchantFunctions(api: DataApi): MerchantFunctions {
  const missingUntilMs = new Map<InstallableFunction, number>();
  return {
    async call(name, args, signal) {
      if (performance.now() < (missingUntilMs.get(name) ?? -Infinity)) return succeed({ kind: 'not-installed' });
      // By POST, so that no address of a customer gets into the gateway's logs.
      const answer = await api.read(name, (bound) => api.client.rpc(name, args).abortSignal(bound), signal);
      if (answer.ok) return succeed({ kind: 'answered', data: answer.value.data });
      // One that speaks of tables or columns which are called otherwise here is as good as none.
      const { failure: refusal } = answer;
      if (!lacksFunction(refusal) && !lacksTable(refusal) && !lacksColumn(refusal)) return fail(refusal.failure);
      missingUntilMs.set(name, performance.now() + relearnAfterMs);
      return succeed({ kind: 'not-installed' });
    },
  };
}
