import { createEventSigner } from '../../src/adapters/stripe/index.ts';
import { createFunctionCaller } from '../../src/adapters/supabase/index.ts';
import { readConfig } from '../../src/config.ts';
import type { ActionEngine } from '../../src/core/act.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { Store } from '../../src/core/store-ports.ts';
import { assembleActions } from '../../src/main.ts';
import { inWorldTime, type WorldTime } from './world-time.ts';

export interface EngineOptions {
  /** The sandbox's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly store: Store;
  readonly time: WorldTime;
  /** How long an answer of a function is waited for. */
  readonly callTimeoutMs?: number;
  readonly holdMs?: number;
  readonly followMs?: number;
}

export const operator: Actor = { surface: 'terminal', id: 'ada', name: 'ada', role: 'operator' };

/** An engine as the program assembles it, which is impatient, and lives in the world's time. */
export function openEngine(options: EngineOptions): ActionEngine {
  const { environment, time, callTimeoutMs = 10_000, holdMs = 5000, followMs = 100 } = options;
  const config = readConfig({ ...environment, PTERODOC_MODE: 'live' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  const { supabase, stripe, schema } = config.value;
  if (supabase === null || stripe === null || stripe.webhookSecret === null)
    throw new Error('the sandbox has them all');
  const sign = createEventSigner(stripe.webhookSecret);
  const store = inWorldTime(options.store, time);
  const engine = assembleActions(config.value, store, { holdMs, pollMs: 50, followMs });
  return {
    ...engine,
    clock: time,
    openDoctor: () => ({ ...engine.openDoctor(), clock: time }),
    openPorts: () => ({
      ...engine.openPorts(),
      caller: createFunctionCaller({
        functionsUrl: supabase.functionsUrl,
        secretKey: supabase.secretKey,
        schema,
        sign: (payload) => sign(payload, time.now()),
        timeoutMs: callTimeoutMs,
      }),
    }),
  };
}
