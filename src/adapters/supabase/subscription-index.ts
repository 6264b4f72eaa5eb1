import { z } from 'zod';
import type { SubscriptionIndexReader } from '../../core/action-ports.ts';
import { succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import { createMerchantFunctions } from './merchant-functions.ts';
import { fit } from './shapes.ts';

/** Asks the merchant's database whether it refuses a second order for one subscription. */
export function createSubscriptionIndexReader(api: DataApi): SubscriptionIndexReader {
  const name = 'pterodoc_subscription_is_unique';
  return {
    async isUnique(signal) {
      // Anew each time: what an action relies on is not remembered, not even that the function is missing.
      const answer = await createMerchantFunctions(api).call(name, {}, signal);
      if (!answer.ok) return answer;
      return answer.value.kind === 'answered' ? fit(z.boolean(), answer.value.data, 'supabase', name) : succeed(null);
    },
  };
}
