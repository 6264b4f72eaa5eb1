import { planEggs, plans, furnishCatalog, priceIdOf } from './catalog.ts';
import { createWorldClock, type WorldClock } from './clock.ts';
import { type PanelWorld, startPanel } from './panel/index.ts';
import { startStripe, type StripeWorld } from './stripe/index.ts';
import { startSupabase, type SupabaseOptions, type SupabaseWorld } from './supabase/index.ts';

/** How the world is set up. */
export interface WorldOptions {
  /** The moment the world begins at; the machine's time when absent. */
  readonly startedAt?: Date;
  readonly ports?: {
    readonly supabase?: number;
    readonly management?: number;
    readonly stripe?: number;
    readonly panel?: number;
  };
  /** A folder in which the embedded database keeps what makes its next start faster. */
  readonly cacheDir?: string;
  readonly schema?: 'reference' | 'extended';
  /** Tables and columns this merchant does not have, for example `plans` or `orders.region`. */
  readonly without?: readonly string[];
  readonly databaseUrl?: string;
  readonly migrations?: boolean;
  /** Real milliseconds an installation takes. */
  readonly installMs?: number;
}

/** The three platforms with the shop set up on them. */
export interface World {
  readonly supabase: SupabaseWorld;
  readonly stripe: StripeWorld;
  readonly panel: PanelWorld;
  readonly clock: WorldClock;
  /** The webhook endpoint in Stripe that leads to the shop. */
  readonly endpointId: string;
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A person who has signed up with the shop. */
export interface Customer {
  readonly email: string;
  readonly userId: string;
}

/** What is bought, and what goes otherwise than usual about it. */
export interface PurchaseInput {
  readonly planId?: string;
  readonly region?: string;
  readonly serverName?: string;
  readonly paymentStatus?: 'paid' | 'unpaid';
  /** False: Stripe has not sent its event yet. */
  readonly deliver?: boolean;
}

/** What came of a purchase. */
export interface Purchase {
  readonly sessionId: string;
  readonly subscriptionId: string;
  /** `null` when the shop wrote no order. */
  readonly orderId: string | null;
}

/** What the shop and its customers do. */
export interface Shop extends World {
  /** Signs somebody up some days before now. */
  signUp(
    email: string,
    options?: { readonly firstName?: string; readonly withProfile?: boolean; readonly confirmed?: boolean },
  ): Promise<Customer>;
  /** Opens the payment page and leaves it. */
  openCheckout(customer: Customer, input?: PurchaseInput): string;
  /** Pays and goes; Stripe's event is on its way when this returns, and has been delivered when `delivered` resolves. */
  checkOut(
    customer: Customer,
    input?: PurchaseInput,
  ): { readonly sessionId: string; readonly delivered: Promise<void> };
  /** Pays; resolves when Stripe's event has been delivered, which includes provisioning. */
  buy(customer: Customer, input?: PurchaseInput): Promise<Purchase>;
  /** Pays while the endpoint is disabled: Stripe never sends the event. */
  buyUnheard(customer: Customer, input?: PurchaseInput): Promise<Purchase>;
  /** Buys and lets the installation succeed at once. */
  buyAndInstall(customer: Customer, input?: PurchaseInput): Promise<Installed>;
}

/** A purchase with its server. */
export interface Installed extends Purchase {
  readonly orderId: string;
  readonly serverId: number;
}

const DAY_MS = 24 * 60 * 60_000;
/** When the shop opened: its functions and secrets are as old as that. */
const OPENED_DAYS_AGO = 120;
/** The key a careful shop gives to pterodoc: it reads, and may switch a webhook endpoint on again. */
const RESTRICTED_KEY = 'rk_test_51SandboxOfPterodocReadsAndEnables';
const KEY_PERMISSIONS = [
  'rak_checkout_session_read',
  'rak_event_read',
  'rak_webhook_write',
  'rak_customer_read',
  'rak_subscription_read',
  'rak_invoice_read',
  'rak_payment_intent_read',
  'rak_charge_read',
  'rak_dispute_read',
];
const DEFAULT_PLAN = 'mc-4';
const DEFAULT_REGION = 'eu';

/** Starts the platforms and sets the shop up on them, without any customers. The clock is back in the present. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const offsetMs = options.startedAt === undefined ? 0 : options.startedAt.getTime() - Date.now();
  const clock = createWorldClock(() => Date.now() + offsetMs);
  clock.travelTo(clock.now() - OPENED_DAYS_AGO * DAY_MS);
  const { ports = {} } = options;
  const starting = [
    startSupabase({ clock, ...supabaseOptionsOf(options) }),
    startStripe({ clock, ...(ports.stripe === undefined ? {} : { port: ports.stripe }) }),
    startPanel({
      clock,
      ...(ports.panel === undefined ? {} : { port: ports.panel }),
      ...(options.installMs === undefined ? {} : { installMs: options.installMs }),
    }),
  ] as const;
  const stop = async (): Promise<void> => {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  try {
    const [supabase, stripe, panel] = await Promise.all(starting);
    return { ...(await setUpShop({ supabase, stripe, panel, clock })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Connects the platforms with each other and puts the catalog on them. */
async function setUpShop(
  platforms: Pick<World, 'supabase' | 'stripe' | 'panel' | 'clock'>,
): Promise<Omit<World, 'stop'>> {
  const { supabase, stripe, panel, clock } = platforms;
  const endpoint = await stripe.createEndpoint({
    url: `${supabase.functionsUrl}/stripe-webhook`,
    enabledEvents: [
      'checkout.session.completed',
      'customer.subscription.updated',
      'customer.subscription.deleted',
      'invoice.payment_failed',
    ],
  });
  stripe.setKey(RESTRICTED_KEY, KEY_PERMISSIONS);
  supabase.functions.setSecret('STRIPE_WEBHOOK_SECRET', endpoint.secret);
  supabase.functions.setSecret('PANEL_URL', panel.url);
  supabase.functions.setSecret('PTERO_APP_KEY', panel.addKey(panel.admin.id, 'application').token);
  await supabase.sql(NUMBERED_ORDERS_SEQUENCE);
  await supabase.sql(NUMBERED_ORDERS_FUNCTION);
  await supabase.sql(NUMBERED_ORDERS_DEFAULT);
  await furnishCatalog(supabase, panel);
  clock.release();
  return {
    ...platforms,
    endpointId: endpoint.id,
    environment: {
      SUPABASE_URL: supabase.url,
      SUPABASE_SECRET_KEY: supabase.secretKey,
      SUPABASE_FUNCTIONS_URL: supabase.functionsUrl,
      SUPABASE_ACCESS_TOKEN: supabase.accessToken,
      SUPABASE_PROJECT_REF: supabase.projectRef,
      SUPABASE_MANAGEMENT_URL: supabase.management.url,
      STRIPE_SECRET_KEY: RESTRICTED_KEY,
      STRIPE_WEBHOOK_SECRET: endpoint.secret,
      STRIPE_API_URL: stripe.url,
      PTERODACTYL_URL: panel.url,
      PTERODACTYL_API_KEY: panel.applicationKey,
      PTERODACTYL_CLIENT_KEY: panel.clientKey,
      PLAN_EGGS: JSON.stringify(planEggs()),
    },
  };
}

/** Order ids that follow from the order of the purchases, so that every start of the sandbox has the same. */
const NUMBERED_ORDERS_SEQUENCE = 'create sequence sandbox.order_number';
const NUMBERED_ORDERS_FUNCTION = `
  create function sandbox.next_order_id() returns uuid language sql volatile security definer set search_path = '' as $$
    select overlay(overlay(md5('order:' || nextval('sandbox.order_number')) placing '4' from 13) placing 'a' from 17)::uuid
  $$`;
const NUMBERED_ORDERS_DEFAULT = 'alter table public.orders alter column id set default sandbox.next_order_id()';

function supabaseOptionsOf(options: WorldOptions): Omit<SupabaseOptions, 'clock'> {
  const { ports = {}, cacheDir, schema, without, databaseUrl, migrations } = options;
  return {
    ...(ports.supabase === undefined ? {} : { port: ports.supabase }),
    ...(ports.management === undefined ? {} : { managementPort: ports.management }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(schema === undefined ? {} : { schema }),
    ...(without === undefined ? {} : { without }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(migrations === undefined ? {} : { migrations }),
  };
}

/** What can be done in the shop of this world. */
export function openShop(world: World): Shop {
  const { supabase, stripe, panel, clock, endpointId } = world;

  async function ordersOf(userId: string): Promise<readonly { id: string; serverId: number | null }[]> {
    return supabase.sql<{ id: string; serverId: number | null }>(
      'select id, pterodactyl_server_id as "serverId" from public.orders where user_id = $1 order by created_at, id',
      [userId],
    );
  }

  function openCheckout(customer: Customer, input: PurchaseInput = {}): string {
    const { planId = DEFAULT_PLAN, region = DEFAULT_REGION } = input;
    const plan = plans.find(({ id }) => id === planId);
    const known = [...stripe.state.customers.values()].find(({ email }) => email === customer.email);
    const session = stripe.createCheckout({
      email: customer.email,
      ...(known === undefined ? {} : { customerId: known.id }),
      priceId: priceIdOf(planId),
      productName: planId,
      amountCents: plan?.amountCents ?? 1200,
      currency: 'eur',
      metadata: {
        user_id: customer.userId,
        item_type: plan?.game === null ? 'vps' : 'game',
        plan_id: planId,
        term: 'monthly',
        region,
        server_name: input.serverName ?? serverNameFor(customer.email),
        addons: '[]',
      },
      subscriptionMetadata: { user_id: customer.userId, plan_id: planId },
    });
    return session.id;
  }

  function checkOut(customer: Customer, input: PurchaseInput = {}): ReturnType<Shop['checkOut']> {
    const { paymentStatus = 'paid', deliver = true } = input;
    const sessionId = openCheckout(customer, input);
    const delivered = stripe.completeCheckout(sessionId, { paymentStatus, deliver }).then(() => undefined);
    return { sessionId, delivered };
  }

  async function buy(customer: Customer, input: PurchaseInput = {}): Promise<Purchase> {
    const before = new Set((await ordersOf(customer.userId)).map(({ id }) => id));
    const { sessionId, delivered } = checkOut(customer, input);
    await delivered;
    const order = (await ordersOf(customer.userId)).find(({ id }) => !before.has(id));
    const subscription = stripe.state.sessions.get(sessionId)?.subscription;
    return { sessionId, subscriptionId: subscription ?? '', orderId: order?.id ?? null };
  }

  return {
    ...world,
    openCheckout,
    checkOut,
    buy,
    async signUp(email, options = {}) {
      const [name = ''] = email.split('@');
      const { id } = await supabase.addUser({
        email,
        firstName: name.charAt(0).toUpperCase() + name.slice(1),
        lastName: 'Example',
        createdAt: new Date(clock.now() - 3 * DAY_MS),
        ...options,
      });
      return { email, userId: id };
    },
    async buyUnheard(customer, input) {
      await stripe.updateEndpoint(endpointId, { disabled: true });
      const purchase = await buy(customer, input);
      await stripe.updateEndpoint(endpointId, { disabled: false });
      return purchase;
    },
    async buyAndInstall(customer, input) {
      const purchase = await buy(customer, input);
      const order = (await ordersOf(customer.userId)).find(({ id }) => id === purchase.orderId);
      const server = panel.state.servers.get(order?.serverId ?? 0);
      if (order === undefined || server === undefined) {
        const delivery = stripe.lastDelivery();
        const why = delivery === null ? 'nothing was delivered' : (delivery.failure ?? delivery.body);
        throw new Error(`${customer.email} got no server: ${why}`);
      }
      panel.installs.cancel(server);
      panel.setServerStatus(server.id, null);
      panel.setPower(server.id, 'running');
      return { ...purchase, orderId: order.id, serverId: server.id };
    },
  };
}

function serverNameFor(email: string): string {
  const [name = ''] = email.split('@');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}'s server`;
}
