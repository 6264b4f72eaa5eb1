import { isPurchase, progressOf } from '../checkout.ts';
import type { CheckoutSession, Order, Payment, Person, Subscription } from '../evidence.ts';
import { isRetryable } from '../failure.ts';
import type { Billing, Sources, VouchReader } from '../ports.ts';
import { known, mapReading, type Reading, valueOrNull } from '../reading.ts';
import type { Asker } from './ask.ts';
import { type ByEmail, type Identity, personIn } from './identity.ts';

/** All that Stripe holds about the person, on its way: sessions arrive a round before what hangs on customers. */
export interface Purchases {
  /** Sessions that are the person's by address or by the query itself, newest first. */
  readonly sessions: Promise<Reading<readonly CheckoutSession[]>>;
  /** Further ones, paid under another address, found through what the shop tagged with the person's id. */
  readonly tagged: Promise<Reading<readonly CheckoutSession[]>>;
  /** What hangs on the person's Stripe customers; unknown as soon as one of them could not be read. */
  readonly billing: Promise<Reading<Billing>>;
}

/** More customers than this for one person is a shop that makes one per checkout; the newest are read. */
const mostCustomers = 10;
/** Clocks of Stripe and the database differ, and a webhook may take its time. */
const sessionToOrderMs = 24 * 60 * 60_000;

/** Whether Stripe ties a session to the person: by the shop's own metadata, else by the confirmed sign-in address. */
function isSessionOf(session: CheckoutSession, userId: string | null, email: string | null): boolean {
  const named = personIn(session);
  if (named !== null) return named === userId;
  return email !== null && session.email?.toLowerCase() === email;
}

/** Whether a subscription is the person's: by metadata, else because its customer's address is the person's. */
function isSubscriptionOf(subscription: Subscription, userId: string | null, customerIsOwn: boolean): boolean {
  const named = personIn(subscription);
  return named === null ? customerIsOwn : named === userId;
}

/** Reads subscriptions, invoices and charges of every customer that may be the person's. */
async function readBilling(customerIds: readonly string[], sources: Sources, asker: Asker): Promise<Reading<Billing>> {
  const readings = await Promise.all(
    [...new Set(customerIds)]
      .slice(0, mostCustomers)
      .map((id) => asker.ask('stripe', sources.payments, (port, signal) => port.billingOf(id, signal))),
  );
  return joinBilling(readings);
}

/**
 * Asks for everything Stripe holds about the person: what the sign-in address leads to, what the query itself led to,
 * and what the shop tagged with the person's id. Sessions that Stripe ties to somebody else are left out.
 */
export function askPurchases(input: {
  readonly identity: Identity;
  readonly typed: ByEmail | null;
  /** What the person's own address leads to, where it is known. */
  readonly own: Promise<ByEmail | null>;
  readonly person: Promise<Reading<Person | null>>;
  readonly tagged: Promise<Reading<readonly Subscription[]>>;
  readonly sources: Sources;
  readonly asker: Asker;
}): Purchases {
  const { identity, typed, own, person, tagged } = input;
  const addresses = readAddresses(typed, own);
  const email = identity.signInEmail ?? person.then((reading) => valueOrNull(reading)?.email ?? null);
  const sessions = Promise.all([addresses, email]).then(([found, address]) =>
    ownSessions([...found.map((one) => one.sessions), identity.sessions], valueOrNull(identity.userId), address),
  );
  const taggedSessions = Promise.all([sessions, tagged]).then(([mine, subscriptions]) =>
    readTagged(valueOrNull(mine) ?? [], subscriptions, valueOrNull(identity.userId), input.sources, input.asker),
  );
  const direct = Promise.all([addresses, sessions]).then(([found, mine]) => ({
    customerIds: joinReadings(
      found.map((one) => one.customerIds),
      (id) => id,
    ),
    ofSessions: (valueOrNull(mine) ?? []).flatMap(({ customerId }) => customerId ?? []),
  }));
  const billing = direct.then(async ({ customerIds, ofSessions }) => {
    const named = identity.named.customerId === null ? [] : [identity.named.customerId];
    const ids = [...ofSessions, ...(valueOrNull(customerIds) ?? []), ...named];
    const ofDirect = readBilling(ids, input.sources, input.asker);
    const further = (valueOrNull(await tagged) ?? []).flatMap(({ customerId: id }) =>
      id === null || ids.includes(id) ? [] : [id],
    );
    const ofFurther = readBilling(further, input.sources, input.asker);
    if (customerIds.kind === 'unknown') return customerIds;
    return joinBilling([await ofDirect, await ofFurther]);
  });
  return { sessions, tagged: taggedSessions, billing };
}

/** More subscriptions than this under other addresses tell nothing new. */
const mostTagged = 5;

/** The checkouts behind subscriptions of the person that no address led to. */
async function readTagged(
  sessions: readonly CheckoutSession[],
  tagged: Reading<readonly Subscription[]>,
  userId: string | null,
  sources: Sources,
  asker: Asker,
): Promise<Reading<readonly CheckoutSession[]>> {
  // Not every account has Stripe's search: where there is none, addresses are all there is to go by.
  if (tagged.kind === 'unknown') return isRetryable(tagged.failure) ? tagged : known([]);
  const met = new Set(sessions.map(({ subscriptionId }) => subscriptionId));
  const further = tagged.value.filter(({ id }) => !met.has(id)).slice(0, mostTagged);
  const readings = await Promise.all(
    further.map(({ id }) =>
      asker.ask('stripe', sources.payments, (port, signal) => port.sessionsBySubscription(id, signal)),
    ),
  );
  return ownSessions(readings, userId, null);
}

function ownSessions(
  readings: readonly Reading<readonly CheckoutSession[]>[],
  userId: string | null,
  email: string | null,
): Reading<readonly CheckoutSession[]> {
  return mapReading(
    joinReadings(readings, (session) => session.id),
    (all) =>
      all
        .filter((session) => (userId === null ? personIn(session) === null : isSessionOf(session, userId, email)))
        .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime()),
  );
}

interface AddressReadings {
  readonly sessions: Reading<readonly CheckoutSession[]>;
  readonly customerIds: Reading<readonly string[]>;
}

/** Answers of the address typed and of the person's own; one of them where both are the same. */
async function readAddresses(typed: ByEmail | null, own: Promise<ByEmail | null>): Promise<readonly AddressReadings[]> {
  const asked = new Set([typed, await own]);
  asked.delete(null);
  return Promise.all(
    [...asked].map(async (one) => ({
      sessions: (await one?.sessions) ?? known([]),
      customerIds: (await one?.customerIds) ?? known([]),
    })),
  );
}

/** All known or unknown: a list of which a part is missing must not pass for the whole. */
function joinReadings<T>(
  readings: readonly Reading<readonly T[]>[],
  idOf: (value: T) => string,
): Reading<readonly T[]> {
  const byId = new Map<string, T>();
  for (const reading of readings) {
    if (reading.kind === 'unknown') return reading;
    for (const value of reading.value) byId.set(idOf(value), value);
  }
  return known([...byId.values()]);
}

function joinBilling(readings: readonly Reading<Billing>[]): Reading<Billing> {
  const parts: Billing[] = [];
  for (const reading of readings) {
    if (reading.kind === 'unknown') return reading;
    parts.push(reading.value);
  }
  return known({
    subscriptions: parts.flatMap((part) => part.subscriptions),
    invoices: parts.flatMap((part) => part.invoices),
    charges: parts.flatMap((part) => part.charges),
  });
}

/** Paid sessions without a row of the person's own, newest first. */
export function lostSessions(
  sessions: readonly CheckoutSession[],
  orders: readonly Order[],
  rows: readonly Order[],
  userId: string | null,
): readonly CheckoutSession[] {
  const own = [...orders, ...rows].filter((row) => userId === null || row.userId === userId);
  const paired = new Set(pairWithSessions(own, sessions).values());
  return sessions.filter(
    (session) =>
      isPurchase(session) &&
      progressOf(session).kind === 'paid' &&
      !paired.has(session) &&
      !own.some((row) => namesSubscriptionOf(row, session)),
  );
}

function namesSubscriptionOf(row: Order, session: CheckoutSession): boolean {
  return (
    !row.lacks.has('stripeSubscriptionId') &&
    session.subscriptionId !== null &&
    row.stripeSubscriptionId === session.subscriptionId
  );
}

/**
 * The checkout each row came from, by order id, where the merchant's rows name no subscription. One checkout makes one
 * row, the earliest first: a row that somebody added beside it stands on nothing.
 */
export function pairWithSessions(
  rows: readonly Order[],
  sessions: readonly CheckoutSession[],
): ReadonlyMap<string, CheckoutSession> {
  const pairs = new Map<string, CheckoutSession>();
  const untold = rows.filter((row) => row.lacks.has('stripeSubscriptionId'));
  for (const row of untold.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) {
    const used = new Set(pairs.values());
    const fitting = sessions.filter((session) => fits(row, session) && !used.has(session));
    const nearest = fitting.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
    if (nearest !== undefined && !pairs.has(row.id)) pairs.set(row.id, nearest);
  }
  return pairs;
}

function fits(row: Order, session: CheckoutSession): boolean {
  const delayMs = row.createdAt.getTime() - session.createdAt.getTime();
  const plan = session.metadata['plan_id'];
  const isPlanUntold = row.lacks.has('plan') && row.planId === null;
  const isCompleted = progressOf(session).kind !== 'open' && progressOf(session).kind !== 'expired';
  return (
    isCompleted &&
    delayMs >= -60_000 &&
    delayMs <= sessionToOrderMs &&
    (plan === undefined || isPlanUntold || plan === row.planId)
  );
}

/**
 * What stands behind an order at Stripe. The subscription a row names must be the person's: a row can be inserted by
 * anyone who can sign in, with anyone's subscription in it.
 */
export async function readPayment(
  order: Order,
  siblings: readonly Order[],
  person: Promise<Reading<Person | null>>,
  purchases: Purchases,
  sources: Sources,
  asker: Asker,
): Promise<Reading<Payment>> {
  if (sources.payments === null) return { kind: 'unknown', failure: { source: 'stripe', kind: 'not-configured' } };
  if (order.lacks.has('stripeSubscriptionId')) return paymentBySession(order, siblings, purchases);
  const id = order.stripeSubscriptionId;
  // The function would have filled it in: an empty one was not written by it.
  if (id === null) return known(none);
  const billing = await purchases.billing;
  let sessions = valueOrNull(await purchases.sessions) ?? [];
  const ofOwnCustomer =
    billing.kind === 'known' ? billing.value.subscriptions.find((candidate) => candidate.id === id) : undefined;
  if (ofOwnCustomer !== undefined && billing.kind === 'known') {
    return isSubscriptionOf(ofOwnCustomer, order.userId, true)
      ? known(paymentOf(ofOwnCustomer, billing.value, sessions))
      : known(foreign);
  }
  const asked = await asker.ask('stripe', sources.payments, (port, signal) => port.subscription(id, signal));
  if (asked.kind === 'unknown') return asked;
  const subscription = asked.value;
  if (subscription === null) return known(none);
  const customerId = subscription.customerId;
  const named = personIn(subscription);
  if (named !== null && named !== order.userId) return known(foreign);
  if (named === null) {
    if (customerId === null) return known(none);
    const customer = await asker.ask('stripe', sources.payments, (port, signal) => port.customer(customerId, signal));
    if (customer.kind === 'unknown') return customer;
    const buyer = await person;
    const email = valueOrNull(buyer)?.email;
    if (email === undefined || customer.value?.email?.toLowerCase() !== email) {
      // An address at checkout that differs is no contradiction where the checkout itself names the person.
      const behind = await asker.ask('stripe', sources.payments, (port, signal) =>
        port.sessionsBySubscription(id, signal),
      );
      if (behind.kind === 'unknown') return behind;
      if (!behind.value.some((session) => personIn(session) === order.userId)) {
        return buyer.kind === 'unknown' ? buyer : known(foreign);
      }
      sessions = behind.value;
    }
  }
  const ownBilling = await readBilling(customerId === null ? [] : [customerId], sources, asker);
  return ownBilling.kind === 'unknown' ? ownBilling : known(paymentOf(subscription, ownBilling.value, sessions));
}

/** Where rows name no subscription: the person's own completed checkout of the same plan, made shortly before. */
async function paymentBySession(
  order: Order,
  siblings: readonly Order[],
  purchases: Purchases,
): Promise<Reading<Payment>> {
  const sessions = joinReadings([await purchases.sessions, await purchases.tagged], ({ id }) => id);
  if (sessions.kind === 'unknown') return sessions;
  const session = pairWithSessions(siblings, sessions.value).get(order.id);
  return session === undefined ? known(none) : paymentOfSession(session, purchases);
}

/**
 * Where nothing in Stripe backs the order, an admin's word stands in. A subscription of somebody else is no such case,
 * and a store that cannot be read vouches for nothing.
 */
export async function withVouch(
  reading: Reading<Payment>,
  order: Order,
  vouches: VouchReader | null,
): Promise<Reading<Payment>> {
  const isUnbacked =
    reading.kind === 'known' ? reading.value.backing === 'none' : reading.failure.kind === 'not-configured';
  if (vouches === null || !isUnbacked) return reading;
  const vouch = await vouches.of(order.id);
  return vouch.ok && vouch.value !== null ? known({ ...none, backing: 'vouched' }) : reading;
}

const none: Payment = { backing: 'none', session: null, subscription: null, invoices: [], charges: [] };
const foreign: Payment = { ...none, backing: 'foreign' };

function paymentOf(subscription: Subscription, billing: Billing, sessions: readonly CheckoutSession[]): Payment {
  const session = sessions.find((candidate) => candidate.subscriptionId === subscription.id) ?? null;
  const invoices = billing.invoices
    .filter((invoice) => invoice.subscriptionId === subscription.id)
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const intents = new Set(invoices.flatMap((invoice) => invoice.paymentIntentIds));
  if (session?.paymentIntentId) intents.add(session.paymentIntentId);
  const charges = billing.charges
    .filter((charge) => charge.paymentIntentId !== null && intents.has(charge.paymentIntentId))
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return { backing: 'own', session, subscription, invoices, charges };
}

/** What Stripe holds for a paid session. */
export async function paymentOfSession(session: CheckoutSession, purchases: Purchases): Promise<Reading<Payment>> {
  const billing = await purchases.billing;
  if (billing.kind === 'unknown') return billing;
  const subscription = billing.value.subscriptions.find(({ id }) => id === session.subscriptionId) ?? null;
  if (subscription !== null) return known(paymentOf(subscription, billing.value, [session]));
  const charges = billing.value.charges.filter(
    (charge) => session.paymentIntentId !== null && charge.paymentIntentId === session.paymentIntentId,
  );
  return known({ backing: 'own', session, subscription: null, invoices: [], charges });
}
