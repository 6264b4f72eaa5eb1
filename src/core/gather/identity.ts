import { progressOf } from '../checkout.ts';
import type { CheckoutSession, Order, PanelServer, PanelUser } from '../evidence.ts';
import type { Sources } from '../ports.ts';
import type { Query } from '../query.ts';
import { known, mapReading, type Reading, unknown } from '../reading.ts';
import type { Asker } from './ask.ts';

/** Who a query leads to, and what was met on the way. */
export interface Identity {
  /** `null`: nobody; unknown: it could not be found out. */
  readonly userId: Reading<string | null>;
  /** The person's sign-in address, where the query itself proved it. Lower-case. */
  readonly signInEmail: string | null;
  /** Sessions the query led to; known empty when it led to none. */
  readonly sessions: Reading<readonly CheckoutSession[]>;
  /** Objects the query named directly. */
  readonly named: {
    readonly order: Order | null;
    readonly customerId: string | null;
  };
}

const nothingNamed: Identity['named'] = {
  order: null,
  customerId: null,
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The person a Stripe object names in its metadata, as the shop's own checkout code wrote it. */
export function personIn(object: {
  readonly metadata: Readonly<Record<string, string>>;
  readonly clientReferenceId?: string | null;
}): string | null {
  const named = object.metadata['user_id'] ?? object.clientReferenceId ?? null;
  return named !== null && uuid.test(named) ? named.toLowerCase() : null;
}

/** The person several sessions name: a paid one tells more than one that anybody may have begun. */
function personOf(sessions: readonly CheckoutSession[]): string | undefined {
  const named = sessions.filter((session) => personIn(session) !== null);
  const telling = named.find((session) => progressOf(session).kind === 'paid') ?? named[0];
  return telling === undefined ? undefined : (personIn(telling) ?? undefined);
}

/** Finds the person behind a query. `typed` holds what is being asked about the address typed, if one was. */
export function identify(query: Query, typed: ByEmail | null, sources: Sources, asker: Asker): Promise<Identity> {
  switch (query.kind) {
    case 'email':
      return identifyByEmail(query.email, typed ?? askByEmail(query.email, sources, asker), sources, asker);
    case 'order':
      return identifyByOrder(query.orderId, sources, asker);
    case 'server':
      return identifyByServer(query.server, sources, asker);
    case 'stripe':
      return identifyByStripe(query.object, query.id, sources, asker);
  }
}

/** What an address alone leads to, each question on its way. */
export interface ByEmail {
  readonly customerIds: Promise<Reading<readonly string[]>>;
  readonly sessions: Promise<Reading<readonly CheckoutSession[]>>;
  readonly panelUser: Promise<Reading<PanelUser | null>>;
}

/** Asks Stripe and the panel for an address. */
export function askByEmail(email: string, sources: Sources, asker: Asker): ByEmail {
  return {
    customerIds: asker
      .ask('stripe', sources.payments, (port, signal) => port.customersByEmail(email, signal))
      .then((reading) => mapReading(reading, (customers) => customers.map(({ id }) => id))),
    sessions: asker.ask('stripe', sources.payments, (port, signal) => port.sessionsByEmail(email, signal)),
    panelUser: asker.ask('pterodactyl', sources.panel, (port, signal) => port.userByEmail(email, signal)),
  };
}

async function identifyByEmail(email: string, typed: ByEmail, sources: Sources, asker: Asker): Promise<Identity> {
  const found = await asker.ask('supabase', sources.people, (port, signal) => port.idByEmail(email, signal));
  if (found.kind === 'known' && found.value !== null) {
    return { userId: found, signInEmail: email, sessions: await typed.sessions, named: nothingNamed };
  }
  const sessions = await typed.sessions;
  // Anybody may type any address at a checkout: whose it is to sign in with comes first, so that must have been read.
  if (found.kind === 'unknown') return { userId: found, signInEmail: null, sessions, named: nothingNamed };
  // A person whose address at checkout is not the sign-in address is known to Stripe only; the shop wrote who it is.
  const named = sessions.kind === 'known' ? personOf(sessions.value) : undefined;
  const userId = named === undefined ? found : known(named);
  return { userId, signInEmail: null, sessions, named: nothingNamed };
}

async function identifyByOrder(orderId: string, sources: Sources, asker: Asker): Promise<Identity> {
  const [order, server] = await Promise.all([
    asker.ask('supabase', sources.orders, (port, signal) => port.byId(orderId, signal)),
    asker.ask('pterodactyl', sources.panel, (port, signal) => port.serverByIdentifier(orderId, signal)),
  ]);
  if (order.kind === 'known' && order.value === null && server.kind === 'known' && server.value !== null) {
    return identityOfServer(server.value, sources, asker);
  }
  // That there is neither can only be said when both were looked for.
  const nothing = server.kind === 'unknown' ? server : known(null);
  return {
    userId: order.kind === 'known' && order.value !== null ? known(order.value.userId) : worse(order, nothing),
    signInEmail: null,
    sessions: known([]),
    named: { ...nothingNamed, order: order.kind === 'known' ? order.value : null },
  };
}

/** Nobody, where both were read and led to nobody. */
function worse(one: Reading<unknown>, other: Reading<unknown>): Reading<null> {
  if (one.kind === 'unknown') return one;
  return other.kind === 'unknown' ? other : known(null);
}

async function identifyByServer(asked: number | string, sources: Sources, asker: Asker): Promise<Identity> {
  const server = await asker.ask('pterodactyl', sources.panel, (port, signal) =>
    typeof asked === 'number' ? port.server(asked, signal) : port.serverByIdentifier(asked, signal),
  );
  if (server.kind === 'known' && server.value !== null) return identityOfServer(server.value, sources, asker);
  if (typeof asked === 'string') {
    return {
      userId: server.kind === 'known' ? known(null) : server,
      signInEmail: null,
      sessions: known([]),
      named: nothingNamed,
    };
  }
  const rows = await asker.ask('supabase', sources.orders, (port, signal) => port.byServer(asked, signal));
  const order = rows.kind === 'known' ? (rows.value[0] ?? null) : null;
  return {
    userId: order === null ? worse(rows, server) : known(order.userId),
    signInEmail: null,
    sessions: known([]),
    named: { ...nothingNamed, order },
  };
}

/** The owner in the panel leads to the person; a row that merely names the server does not. */
async function identityOfServer(server: PanelServer, sources: Sources, asker: Asker): Promise<Identity> {
  const [owner, rows] = await Promise.all([
    asker.ask('pterodactyl', sources.panel, (port, signal) => port.user(server.ownerId, signal)),
    asker.ask('supabase', sources.orders, (port, signal) => port.byServer(server.id, signal)),
  ]);
  const email = owner.kind === 'known' ? (owner.value?.email.toLowerCase() ?? null) : null;
  const userId =
    email === null
      ? mapReading(owner, () => null)
      : await asker.ask('supabase', sources.people, (port, signal) => port.idByEmail(email, signal));
  const candidates = rows.kind === 'known' ? rows.value : [];
  // Where the owner has no account to sign in with, a row that names the server is all there is.
  const isOwnerKnown = userId.kind === 'known' && userId.value !== null;
  const order = (isOwnerKnown ? candidates.find((row) => row.userId === userId.value) : candidates[0]) ?? null;
  const byRow = order === null ? worse(userId, rows) : known(order.userId);
  const resolved = isOwnerKnown ? userId : byRow;
  const proven = isOwnerKnown ? email : null;
  return { userId: resolved, signInEmail: proven, sessions: known([]), named: { ...nothingNamed, order } };
}

async function identifyByStripe(
  object: Extract<Query, { kind: 'stripe' }>['object'],
  id: string,
  sources: Sources,
  asker: Asker,
): Promise<Identity> {
  switch (object) {
    case 'session': {
      const { payments } = sources;
      // Only the ids of sessions tell their mode; with a key of the other one they can be neither found nor denied.
      if (payments !== null && !id.startsWith(`cs_${payments.mode}_`) && /^cs_(?:test|live)_/.test(id)) {
        const what = `anything of the other mode: the key is one of ${payments.mode} mode`;
        return identityOfSession(unknown({ source: 'stripe', kind: 'not-provided', what }), sources, asker);
      }
      const session = await asker.ask('stripe', payments, (port, signal) => port.session(id, signal));
      return identityOfSession(session, sources, asker);
    }
    case 'payment-intent': {
      const sessions = await asker.ask('stripe', sources.payments, (port, signal) =>
        port.sessionsByPaymentIntent(id, signal),
      );
      if (sessions.kind === 'unknown') return identityOfSession(sessions, sources, asker);
      const session = sessions.value[0];
      if (session !== undefined) return identityOfSession(known(session), sources, asker);
      // The payments of a subscription hang on its invoices: only the customer leads back to the checkout.
      const customerId = await asker.ask('stripe', sources.payments, (port, signal) =>
        port.customerOfPaymentIntent(id, signal),
      );
      if (customerId.kind === 'unknown') return identityOfSession(customerId, sources, asker);
      return customerId.value === null
        ? identityOfSession(known(null), sources, asker)
        : identifyByCustomer(customerId.value, sources, asker);
    }
    case 'subscription': {
      const [subscription, sessions] = await Promise.all([
        asker.ask('stripe', sources.payments, (port, signal) => port.subscription(id, signal)),
        asker.ask('stripe', sources.payments, (port, signal) => port.sessionsBySubscription(id, signal)),
      ]);
      const found = subscription.kind === 'known' ? subscription.value : null;
      const named = found === null ? null : personIn(found);
      if (named !== null && found !== null) {
        return {
          userId: known(named),
          signInEmail: null,
          sessions,
          named: { ...nothingNamed, customerId: found.customerId },
        };
      }
      if (subscription.kind === 'unknown') {
        return { userId: subscription, signInEmail: null, sessions, named: nothingNamed };
      }
      const first = sessions.kind === 'known' ? known(sessions.value[0] ?? null) : sessions;
      const isWithoutCheckout = first.kind === 'known' && first.value === null;
      return isWithoutCheckout && found !== null && found.customerId !== null
        ? identifyByCustomer(found.customerId, sources, asker)
        : identityOfSession(first, sources, asker);
    }
    case 'customer':
      return identifyByCustomer(id, sources, asker);
  }
}

async function identifyByCustomer(id: string, sources: Sources, asker: Asker): Promise<Identity> {
  const [customer, sessions] = await Promise.all([
    asker.ask('stripe', sources.payments, (port, signal) => port.customer(id, signal)),
    asker.ask('stripe', sources.payments, (port, signal) => port.sessionsByCustomer(id, signal)),
  ]);
  const named = sessions.kind === 'known' ? personOf(sessions.value) : undefined;
  const email = customer.kind === 'known' ? (customer.value?.email?.toLowerCase() ?? null) : null;
  const userId = named === undefined ? await personByEmail(email, customer, sources, asker) : known(named);
  return { userId, signInEmail: null, sessions, named: { ...nothingNamed, customerId: id } };
}

async function identityOfSession(
  reading: Reading<CheckoutSession | null>,
  sources: Sources,
  asker: Asker,
): Promise<Identity> {
  if (reading.kind === 'unknown') return { userId: reading, signInEmail: null, sessions: reading, named: nothingNamed };
  const session = reading.value;
  if (session === null) return { userId: known(null), signInEmail: null, sessions: known([]), named: nothingNamed };
  const named = personIn(session);
  const userId = named === null ? await personByEmail(session.email, reading, sources, asker) : known(named);
  return {
    userId,
    signInEmail: null,
    sessions: known([session]),
    named: { ...nothingNamed, customerId: session.customerId },
  };
}

async function personByEmail(
  email: string | null,
  origin: Reading<unknown>,
  sources: Sources,
  asker: Asker,
): Promise<Reading<string | null>> {
  if (email !== null) return asker.ask('supabase', sources.people, (port, signal) => port.idByEmail(email, signal));
  return origin.kind === 'unknown' ? origin : known(null);
}
