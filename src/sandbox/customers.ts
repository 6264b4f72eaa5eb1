import { panelNodeId } from './catalog.ts';
import {
  asCustomer,
  deleteServer,
  functionKey,
  linkPanelAccount,
  orderRow,
  panelUserOf,
  provisionAgain,
  writeUnknownStatus,
} from './deeds.ts';
import type { Customer, Purchase, PurchaseInput, Shop } from './world.ts';

/** Somebody to try pterodoc on. */
export interface NamedCustomer {
  readonly name: string;
  readonly email: string;
  /** One sentence for people trying it. */
  readonly story: string;
  readonly state: 'healthy' | 'in_progress' | 'broken';
  /** The expected verdict; `null` where there is none. */
  readonly code: string | null;
}

/** A customer and how things came to be that way. */
interface Story extends Omit<NamedCustomer, 'email'> {
  /** When it began, before the world did. */
  readonly agoMs: number;
  readonly account?: 'none' | 'no-profile' | 'unconfirmed';
  happen(shop: Shop, customer: Customer): Promise<unknown>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An order of the shop as SQL sees it. */
const ORDER = 'update public.orders set';

/**
 * The stories, oldest first. They lie apart in time, because log lines of one purchase are looked for around its
 * time: a delivery that is refused counts for every purchase of the three hours before.
 */
const stories: readonly Story[] = [
  broken('yuri', 'ORD-009', 60 * DAY_MS, 'The order failed so long ago that the logs which say why are gone.', {
    async happen(shop, customer) {
      await whileFunctionSuffers(shop, { kind: 'crash' }, () => shop.buy(customer));
      shop.supabase.logs.clear();
    },
  }),
  broken('karl', 'PAY-003', 40 * DAY_MS, 'The server ran for a month, then the renewal could not be charged.', {
    async happen(shop, customer) {
      const { subscriptionId, orderId } = await shop.buyAndInstall(customer);
      later(shop, 31 * DAY_MS);
      await shop.stripe.failRenewal(subscriptionId);
      // The shop's function reads a field that Stripe's newer events lack; the scheduled job noticed instead.
      await shop.supabase.sql(`${ORDER} status = 'error' where id = $1`, [orderId]);
    },
  }),
  broken(
    'uma',
    'ORD-005',
    35 * DAY_MS,
    'The server runs, but a change of the subscription set the order back to paid.',
    {
      async happen(shop, customer) {
        const { subscriptionId } = await shop.buyAndInstall(customer);
        later(shop, 20 * DAY_MS);
        await shop.stripe.updateSubscription(subscriptionId, { metadata: { note: 'address changed' } });
      },
    },
  ),
  healthy('ann', 30 * DAY_MS, 'Everything is fine: a Minecraft server that runs.', (shop, customer) =>
    shop.buyAndInstall(customer),
  ),
  healthy('ben', 28 * DAY_MS, 'Everything is fine: two servers, both running.', async (shop, customer) => {
    await shop.buyAndInstall(customer, { serverName: "Ben's castle" });
    later(shop, 8 * DAY_MS);
    await shop.buyAndInstall(customer, { planId: 'terraria-4', serverName: "Ben's cave" });
  }),
  healthy('cora', 26 * DAY_MS, 'Everything is fine: a big Palworld server that runs.', (shop, customer) =>
    shop.buyAndInstall(customer, { planId: 'palworld-16' }),
  ),
  healthy('dora', 25 * DAY_MS, 'Everything is fine: the server that took the last room in region asia.', (shop, who) =>
    shop.buyAndInstall(who, { region: 'asia' }),
  ),
  healthy('walt', 24 * DAY_MS, 'The server runs; the order has a status nobody has heard of (ORD-007, a notice).', {
    async happen(shop, customer) {
      const { orderId } = await shop.buyAndInstall(customer);
      await writeUnknownStatus(shop, orderId);
    },
  }),
  healthy('yara', 23 * DAY_MS, 'The server is installed and switched off (SRV-005, a notice).', {
    async happen(shop, customer) {
      const { serverId } = await shop.buyAndInstall(customer);
      shop.panel.setPower(serverId, 'offline');
    },
  }),
  healthy('xena', 22 * DAY_MS, 'Bought a VPS, which people fulfil by hand (ORD-008, a notice).', (shop, customer) =>
    shop.buy(customer, { planId: 'vps-8' }),
  ),
  broken('vera', 'ORD-006', 21 * DAY_MS, 'Canceled the subscription after a week.', {
    async happen(shop, customer) {
      const { subscriptionId } = await shop.buyAndInstall(customer);
      later(shop, 7 * DAY_MS);
      await shop.stripe.cancelSubscription(subscriptionId);
    },
  }),
  broken('rosa', 'HOOK-009', 20 * DAY_MS, 'Stripe delivered one purchase twice, and the shop made two orders of it.', {
    async happen(shop, customer) {
      const { functions } = shop.supabase;
      functions.setFault('stripe-webhook', { kind: 'crash', afterWork: true });
      await shop.buyAndInstall(customer);
      functions.setFault('stripe-webhook', null);
      later(shop, HOUR_MS);
      await shop.stripe.redeliverPending();
      finishInstalls(shop, customer);
    },
  }),
  broken('lena', 'PAY-004', 19 * DAY_MS, 'Got the money back; the server still runs.', {
    async happen(shop, customer) {
      const { sessionId } = await shop.buyAndInstall(customer);
      later(shop, 4 * DAY_MS);
      await shop.stripe.refund(sessionId);
    },
  }),
  broken('wes', 'SRV-004', 18 * DAY_MS, 'The server is suspended in the panel.', {
    async happen(shop, customer) {
      const { serverId } = await shop.buyAndInstall(customer);
      shop.panel.setServerStatus(serverId, 'suspended');
    },
  }),
  broken('tara', 'SRV-001', 17 * DAY_MS, 'Somebody deleted the server in the panel.', {
    async happen(shop, customer) {
      const { serverId } = await shop.buyAndInstall(customer);
      await deleteServer(shop, serverId);
    },
  }),
  broken('vito', 'SRV-003', 16 * DAY_MS, 'Provisioning was started by hand a second time, and made a second server.', {
    async happen(shop, customer) {
      const { orderId } = await shop.buyAndInstall(customer);
      later(shop, MINUTE_MS);
      await provisionAgain(shop, orderId);
      finishInstalls(shop, customer);
    },
  }),
  broken('zack', 'SRV-006', 15 * DAY_MS, "Support repaired the order and wrote another customer's server into it.", {
    async happen(shop, customer) {
      const { orderId, serverId } = await shop.buyAndInstall(customer);
      await deleteServer(shop, serverId);
      const foreign = shop.panel.state.servers.where(({ name }) => name === "Dora's server")[0];
      await shop.supabase.sql(`${ORDER} pterodactyl_server_id = $2, pterodactyl_server_identifier = $3 where id = $1`, [
        orderId,
        foreign?.id,
        foreign?.identifier,
      ]);
    },
  }),
  broken('dina', 'ACC-004', 14 * DAY_MS, "Linked the own account to somebody else's panel account.", {
    async happen(shop, customer) {
      await shop.buyAndInstall(customer);
      const foreign = panelUserOf(shop, 'ben@example.com');
      await asCustomer(shop, customer, 'PATCH', `external_accounts?user_id=eq.${customer.userId}`, {
        pterodactyl_user_id: foreign,
      });
    },
  }),
  broken('ulf', 'SRV-002', 12 * DAY_MS, 'The panel has the server, but the order was never told of it.', {
    async happen(shop, customer) {
      const { orderId, serverId } = await shop.buyAndInstall(customer);
      const server = shop.panel.state.servers.get(serverId);
      if (server !== undefined) server.externalId = orderId;
      await shop.supabase.sql(
        `${ORDER} status = 'error', node_id = null, pterodactyl_server_id = null, pterodactyl_server_identifier = null
         where id = $1`,
        [orderId],
      );
    },
  }),
  broken('milo', 'PAY-005', 9 * DAY_MS, 'Wrote a paid order into the database without ever paying.', {
    happen: (shop, customer) =>
      asCustomer(shop, customer, 'POST', 'orders', {
        ...orderRow(customer),
        server_name: 'A free server',
        status: 'paid',
      }),
  }),
  broken('gus', 'PAY-001', 8 * DAY_MS, 'Signed up and never bought anything.', { happen: nothingMore }),
  broken('sam', 'ORD-003', 7 * DAY_MS, 'The event was lost; support entered the order by hand, and nothing started.', {
    happen: (shop, customer) => enterByHand(shop, customer, 'paid'),
  }),
  broken('tess', 'ORD-004', 6.5 * DAY_MS, 'A run of provisioning was cut off half-way and left no word.', {
    happen: (shop, customer) => enterByHand(shop, customer, 'provisioning'),
  }),
  broken('carl', 'ACC-003', 6 * DAY_MS, 'Has a panel account with the same address, and nothing links the two.', {
    async happen(shop, customer) {
      shop.panel.addUser({ email: customer.email });
      await enterByHand(shop, customer, 'paid');
    },
  }),
  broken('pia', 'HOOK-007', 5 * DAY_MS, 'Paid while the webhook endpoint was disabled: there is no order.', {
    happen: (shop, customer) => shop.buyUnheard(customer),
  }),
  broken('otto', 'HOOK-005', 4 * DAY_MS, "Paid while the function had the wrong signing secret; it's right again.", {
    async happen(shop, customer) {
      const { functions } = shop.supabase;
      functions.setSecret('STRIPE_WEBHOOK_SECRET', 'whsec_of_another_endpoint');
      await shop.buy(customer);
      later(shop, HOUR_MS);
      functions.setSecret('STRIPE_WEBHOOK_SECRET', shop.environment['STRIPE_WEBHOOK_SECRET'] ?? null);
    },
  }),
  broken('quin', 'HOOK-008', 2 * DAY_MS, 'Paid through a Payment Link, which says nothing about what was bought.', {
    async happen({ stripe }, { email }) {
      const session = stripe.createCheckout({ email, amountCents: 900, currency: 'eur', productName: 'Minecraft' });
      await stripe.completeCheckout(session.id);
    },
  }),
  broken('arlo', 'ACC-001', 44 * HOUR_MS, 'Has no profile, so no panel account could be made.', {
    account: 'no-profile',
    happen: (shop, customer) => shop.buy(customer),
  }),
  broken('bea', 'ACC-002', 42 * HOUR_MS, 'The linked panel account was deleted.', {
    async happen(shop, customer) {
      const panelUserId = await linkPanelAccount(shop, customer);
      shop.panel.state.users.remove(panelUserId);
      await shop.buy(customer);
    },
  }),
  broken('elif', 'CAP-001', 40 * HOUR_MS, 'Bought in region us, where every node is disabled.', {
    happen: (shop, customer) => shop.buy(customer, { region: 'us' }),
  }),
  broken('finn', 'CAP-002', 38 * HOUR_MS, 'Bought in region asia, which is full.', {
    happen: (shop, customer) => shop.buy(customer, { region: 'asia' }),
  }),
  broken('greta', 'CAP-003', 36 * HOUR_MS, 'Bought in region ca, where free ports are beyond the first page.', {
    happen: (shop, customer) => shop.buy(customer, { region: 'ca' }),
  }),
  broken('hugo', 'CAP-004', 34 * HOUR_MS, 'Bought in region au, whose node is in maintenance.', {
    async happen(shop, customer) {
      const nodeId = panelNodeId('syd-1');
      shop.panel.setMaintenance(nodeId, true);
      await shop.panel.wings.setMode(nodeId, 'down');
      await shop.buy(customer, { region: 'au' });
      await shop.panel.wings.setMode(nodeId, 'up');
    },
  }),
  broken('ines', 'PRV-002', 32 * HOUR_MS, 'Bought while the function had no key of the panel.', {
    async happen(shop, customer) {
      const { functions } = shop.supabase;
      const key = functionKey(shop);
      functions.setSecret('PTERO_APP_KEY', null);
      await shop.buy(customer);
      later(shop, 20 * MINUTE_MS);
      functions.setSecret('PTERO_APP_KEY', key);
    },
  }),
  broken('jack', 'PRV-003', 30 * HOUR_MS, "Bought after the function's key was revoked and before it had a new one.", {
    async happen(shop, customer) {
      await linkPanelAccount(shop, customer);
      shop.panel.revokeKey(functionKey(shop));
      await shop.buy(customer);
      later(shop, HOUR_MS);
      const { token } = shop.panel.addKey(shop.panel.admin.id, 'application');
      shop.supabase.functions.setSecret('PTERO_APP_KEY', token);
    },
  }),
  broken('kira', 'PRV-004', 28 * HOUR_MS, 'Bought a Factorio server, whose egg is gone from the panel.', {
    happen: (shop, customer) => shop.buy(customer, { planId: 'factorio-4' }),
  }),
  broken('leo', 'PRV-005', 26 * HOUR_MS, 'Bought while the panel was down.', {
    happen: (shop, customer) => buyWhilePanelIsDown(shop, customer),
  }),
  broken(
    'nora',
    'HOOK-004',
    24 * HOUR_MS,
    'Bought a plan that was taken out of the shop: the function fails each time.',
    {
      happen: (shop, customer) => shop.buy(customer, { planId: 'mc-2' }),
    },
  ),
  broken(
    'june',
    'PAY-002',
    22 * HOUR_MS,
    'Pays by bank transfer, which takes days; making the server failed as well.',
    {
      happen: (shop, customer) => buyWhilePanelIsDown(shop, customer, { paymentStatus: 'unpaid' }),
    },
  ),
  broken('maya', 'PRV-006', 20 * HOUR_MS, 'The provisioning function crashed.', {
    happen: (shop, customer) => whileFunctionSuffers(shop, { kind: 'crash' }, () => shop.buy(customer)),
  }),
  broken('nils', 'PRV-007', 18 * HOUR_MS, "Bought while the panel's rate limit was reached.", {
    async happen(shop, customer) {
      await linkPanelAccount(shop, customer);
      shop.panel.setRateLimit(0);
      await shop.buy(customer);
      shop.panel.setRateLimit(FURNISHING_RATE);
    },
  }),
  broken(
    'olga',
    'PRV-009',
    16 * HOUR_MS,
    'The panel answered with an error of its own when the server was to be made.',
    {
      async happen(shop, customer) {
        const detail = 'An unexpected error was encountered while processing this request, please try again.';
        const heal = shop.panel.faults.inject(/^POST \/api\/application\/servers$/, {
          kind: 'status',
          status: 500,
          body: { errors: [{ code: 'HttpException', status: '500', detail }] },
        });
        await shop.buy(customer);
        heal();
      },
    },
  ),
  broken('seth', 'INS-003', 14 * HOUR_MS, 'Bought in region br, where Wings on the node is down.', {
    async happen(shop, customer) {
      await shop.panel.wings.setMode(panelNodeId('sao-1'), 'down');
      await shop.buy(customer, { region: 'br' });
    },
  }),
  broken('paul', 'INS-001', 12 * HOUR_MS, 'The install script of the server failed.', {
    async happen(shop, customer) {
      const { serverId } = await shop.buyAndInstall(customer);
      shop.panel.setServerStatus(serverId, 'install_failed');
      shop.panel.setPower(serverId, 'offline');
    },
  }),
  broken('rita', 'INS-002', 10 * HOUR_MS, 'The server has been installing for hours.', {
    happen: buyAndKeepInstalling,
  }),
  broken(
    'hana',
    'PAY-001',
    3 * HOUR_MS,
    'Signed up today, has not confirmed the address and has no orders (ORD-002).',
    {
      account: 'unconfirmed',
      happen: nothingMore,
    },
  ),
  broken('ivo', 'PAY-002', 20 * MINUTE_MS, 'Opened the payment page and has not paid yet.', {
    happen: async (shop, customer) => shop.openCheckout(customer),
  }),
  broken('zoe', 'ORD-001', 10 * MINUTE_MS, 'An address that nobody has signed up with.', {
    account: 'none',
    happen: nothingMore,
  }),
  {
    name: 'fay',
    code: null,
    state: 'in_progress',
    agoMs: MINUTE_MS,
    story: 'The server is being installed right now.',
    happen: buyAndKeepInstalling,
  },
  {
    name: 'emil',
    code: null,
    state: 'in_progress',
    agoMs: 5_000,
    story: 'Paid seconds ago; the server is about to be made.',
    happen: (shop, customer) => enterByHand(shop, customer, 'paid'),
  },
];

/** Who stays young for as long as the sandbox runs. */
const youngNames: readonly string[] = ['fay', 'emil'];

/** The panel's limit would be met by history that is told within seconds. */
const FURNISHING_RATE = 100_000;
const PANEL_RATE = 240;
/** However busy the machine is: history does not fail. */
const FURNISHING_TIMEOUT_MS = 5 * 60_000;

/** Lets all stories happen, one after the other, and comes back to the present. */
export async function furnishCustomers(shop: Shop): Promise<readonly NamedCustomer[]> {
  const { clock, panel, stripe } = shop;
  const beganAtMs = clock.now();
  const usualTimeoutMs = stripe.deliveries.timeoutMs;
  stripe.deliveries.timeoutMs = FURNISHING_TIMEOUT_MS;
  panel.setRateLimit(FURNISHING_RATE);
  for (const { name, account, agoMs, happen } of stories) {
    clock.travelTo(beganAtMs - agoMs);
    const email = emailOf(name);
    const customer =
      account === 'none'
        ? { email, userId: '' }
        : await shop.signUp(email, {
            withProfile: account !== 'no-profile',
            confirmed: account !== 'unconfirmed',
          });
    await happen(shop, customer);
  }
  panel.setRateLimit(PANEL_RATE);
  stripe.deliveries.timeoutMs = usualTimeoutMs;
  clock.release();
  return stories.map(({ name, story, state, code }) => ({ name, email: emailOf(name), story, state, code }));
}

/** Moves what is in progress into the present: who paid seconds ago always did. */
export async function keepYoung(shop: Shop): Promise<void> {
  const emails = youngNames.map(emailOf);
  const nowS = Math.floor(shop.clock.now() / 1000);
  for (const session of shop.stripe.state.sessions.values()) {
    if (session.customer_details?.email === emailOf('emil')) session.created = nowS;
  }
  await shop.supabase.sql(
    `${ORDER} created_at = case status when 'paid' then sandbox.now() else created_at end
     where status in ('paid', 'provisioned')
       and user_id in (select id from auth.users where email = any (string_to_array($1, ',')))`,
    [emails.join(',')],
  );
}

function emailOf(name: string): string {
  return `${name}@example.com`;
}

function broken(
  name: string,
  code: string,
  agoMs: number,
  story: string,
  rest: Pick<Story, 'happen' | 'account'>,
): Story {
  return { name, code, state: 'broken', agoMs, story, ...rest };
}

function healthy(
  name: string,
  agoMs: number,
  story: string,
  happening: Story['happen'] | { readonly happen: Story['happen'] },
): Story {
  const happen = typeof happening === 'function' ? happening : happening.happen;
  return { name, code: null, state: 'healthy', agoMs, story, happen };
}

async function nothingMore(): Promise<void> {}

function later(shop: Shop, ms: number): void {
  shop.clock.travelTo(shop.clock.now() + ms);
}

async function whileFunctionSuffers<T>(
  shop: Shop,
  fault: Parameters<Shop['supabase']['functions']['setFault']>[1],
  act: () => Promise<T>,
): Promise<T> {
  const { functions } = shop.supabase;
  functions.setFault('servers-provision', fault);
  const result = await act();
  functions.setFault('servers-provision', null);
  return result;
}

/** A proxy in front of the panel answers in its place. */
async function buyWhilePanelIsDown(shop: Shop, customer: Customer, input?: PurchaseInput): Promise<void> {
  await linkPanelAccount(shop, customer);
  const heal = shop.panel.faults.inject(/ \/api\//, {
    kind: 'status',
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><head><title>502 Bad Gateway</title></head></html>',
  });
  await shop.buy(customer, input);
  heal();
}

async function buyAndKeepInstalling(shop: Shop, customer: Customer): Promise<void> {
  const { serverId } = await shop.buyAndInstall(customer);
  shop.panel.setServerStatus(serverId, 'installing');
  shop.panel.setPower(serverId, 'offline');
}

function finishInstalls(shop: Shop, customer: Customer): void {
  const { installs, state } = shop.panel;
  const ownerId = panelUserOf(shop, customer.email);
  for (const server of state.servers.where((row) => row.ownerId === ownerId && row.status === 'installing')) {
    installs.cancel(server);
    shop.panel.setServerStatus(server.id, null);
    shop.panel.setPower(server.id, 'running');
  }
}

/** Stripe's event was lost, and the order came about in another way: no function ever ran for it. */
async function enterByHand(shop: Shop, customer: Customer, status: 'paid' | 'provisioning'): Promise<Purchase> {
  const purchase = await shop.buyUnheard(customer);
  const serverName = shop.stripe.state.sessions.get(purchase.sessionId)?.metadata?.['server_name'];
  await shop.supabase.sql(
    `insert into public.orders (user_id, item_type, plan_id, term, region, server_name, stripe_sub_id, status)
     values ($1, 'game', 'mc-4', 'monthly', 'eu', $2, $3, $4)`,
    [customer.userId, serverName, purchase.subscriptionId, status],
  );
  return purchase;
}
