import type { WorldClock } from './clock.ts';
import { furnishCustomers, keepYoung, type NamedCustomer } from './customers.ts';
import type { PanelWorld } from './panel/index.ts';
import type { StripeWorld } from './stripe/index.ts';
import type { SupabaseWorld } from './supabase/index.ts';
import { createTurns } from './turns.ts';
import {
  type Customer,
  openShop,
  openWorld,
  type Purchase,
  type PurchaseInput,
  type Shop,
  type WorldOptions,
} from './world.ts';

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
  /** The same, without waiting for the delivery: resolves as soon as the payment is complete. */
  checkOut(
    input: Pick<PurchaseInput, 'planId' | 'region' | 'serverName' | 'paymentStatus'> & { readonly email: string },
  ): Promise<{ readonly sessionId: string; readonly email: string }>;
  /** Signs somebody up who buys nothing; whoever has an account keeps it. */
  signUp(email: string): Promise<Customer>;
  /** Opens the payment page and leaves it. */
  openCheckout(email: string): Promise<void>;
  /** Resolves when nothing is on its way any more: deliveries and executions of functions are over. */
  settled(): Promise<void>;
  /** The webhook endpoint in Stripe that leads to the shop. */
  readonly endpointId: string;
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
    const { supabase, stripe, panel, clock, environment, endpointId } = world;
    const customerOf = createReception(shop);
    const deliveries = new Set<Promise<void>>();
    return {
      supabase,
      stripe,
      panel,
      clock,
      environment,
      customers,
      endpointId,
      async purchase({ email, ...input }) {
        const { sessionId, orderId } = await shop.buy(await customerOf(email), input);
        return { sessionId, orderId };
      },
      async checkOut({ email, ...input }) {
        const customer = await customerOf(email);
        const { sessionId, delivered } = shop.checkOut(customer, input);
        deliveries.add(delivered);
        void delivered.finally(() => deliveries.delete(delivered));
        return { sessionId, email: customer.email };
      },
      signUp: customerOf,
      async openCheckout(email) {
        shop.openCheckout(await customerOf(email));
      },
      async settled() {
        await Promise.all(deliveries);
        await supabase.functions.idle();
      },
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

/** Finds or signs up whoever wants to buy, one after the other: two at once may be the same person. */
function createReception(shop: Shop): (email: string) => Promise<Customer> {
  const inTurn = createTurns();
  return (typed) =>
    inTurn(async () => {
      const email = typed.toLowerCase();
      const [known] = await shop.supabase.sql<{ id: string }>('select id from auth.users where email = $1', [email]);
      if (known !== undefined) return { email, userId: known.id };
      return shop.signUp(email, { firstName: await freeFirstName(shop, email) });
    });
}

/** A first name the panel takes as user name: the shop makes its panel accounts of first names alone. */
async function freeFirstName({ supabase, panel }: Shop, email: string): Promise<string> {
  const [local = ''] = email.split('@');
  const letters = local.replace(/[^a-z0-9._-]/g, '').replace(/^[._-]+|[._-]+$/g, '');
  const name = letters.length < 3 ? `visitor${letters}` : letters;
  const profiles = await supabase.sql<{ name: string | null }>('select lower(first_name) as name from public.profiles');
  const taken = new Set([...profiles.map((row) => row.name), ...panel.state.users.all().map((user) => user.username)]);
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}${number}`;
  return free.charAt(0).toUpperCase() + free.slice(1);
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
