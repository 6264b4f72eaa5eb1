import type { WorldClock } from './clock.ts';
import { furnishCustomers, keepYoung, type NamedCustomer } from './customers.ts';
import type { PanelWorld } from './panel/index.ts';
import type { StripeWorld } from './stripe/index.ts';
import type { SupabaseWorld } from './supabase/index.ts';
import { openShop, openWorld, type Purchase, type PurchaseInput, type Shop, type WorldOptions } from './world.ts';

export type { NamedCustomer } from './customers.ts';

/** A whole shop on loopback, with customers to try pterodoc on. */
export interface Sandbox {
  readonly supabase: SupabaseWorld;
  readonly stripe: StripeWorld;
  readonly panel: PanelWorld;
  readonly clock: WorldClock;
  readonly customers: readonly NamedCustomer[];
  /** The environment that makes pterodoc talk to this world. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Buys a server through the real way: checkout, completion, webhook, provisioning. Signs up who has no account yet.
   * Resolves when the delivery is over; `orderId` is `null` when the shop wrote no order.
   */
  purchase(
    input: Pick<PurchaseInput, 'planId' | 'region' | 'serverName' | 'deliver'> & { readonly email: string },
  ): Promise<Pick<Purchase, 'sessionId' | 'orderId'>>;
  stop(): Promise<void>;
}

/** How the sandbox is set up. */
export interface SandboxOptions extends WorldOptions {
  /** False: a shop with its catalog only. */
  readonly customers?: boolean;
}

const YOUNG_EVERY_MS = 30_000;

/** Starts the three platforms, sets the shop up on them and lets its history happen. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = await openWorld(options);
  const shop = openShop(world);
  const hasCustomers = options.customers !== false;
  try {
    const customers = hasCustomers ? await furnishCustomers(shop) : [];
    if (hasCustomers) await keepYoung(shop);
    const stopRenewal = hasCustomers ? renewYoung(shop) : async () => undefined;
    const { supabase, stripe, panel, clock, environment } = world;
    return {
      supabase,
      stripe,
      panel,
      clock,
      environment,
      customers,
      purchase: (input) => purchase(shop, input),
      async stop() {
        await stopRenewal();
        await world.stop();
      },
    };
  } catch (error) {
    await world.stop();
    throw error;
  }
}

async function purchase(
  shop: Shop,
  { email, ...input }: PurchaseInput & { readonly email: string },
): Promise<Pick<Purchase, 'sessionId' | 'orderId'>> {
  const address = email.toLowerCase();
  const [known] = await shop.supabase.sql<{ id: string }>('select id from auth.users where email = $1', [address]);
  const customer = known === undefined ? await shop.signUp(address) : { email: address, userId: known.id };
  const { sessionId, orderId } = await shop.buy(customer, input);
  return { sessionId, orderId };
}

/** Keeps the young ones young; the returned function ends that. */
function renewYoung(shop: Shop): () => Promise<void> {
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // One that fails is made up for by the next.
    renewal = keepYoung(shop).catch(() => undefined);
  }, YOUNG_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await renewal;
  };
}
