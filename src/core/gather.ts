import { awaitsServer, type EntrySubject, hasFailed, isGameServer, type Moment } from './entry.ts';
import type { CheckoutSession, EntryReadings, Order, Person, ReadingKey } from './evidence.ts';
import { type Asker, createAsker, type SourceReport } from './gather/ask.ts';
import { askByEmail, type ByEmail, identify, type Identity } from './gather/identity.ts';
import { readExecutions } from './gather/logs.ts';
import { type PlanEggs, readEgg, readNamedServer, readOwnServers, readPlacement, readWings } from './gather/panel.ts';
import { askPurchases, lostSessions, paymentOfSession, readPayment, withVouch } from './gather/purchases.ts';
import type { PanelReader, Sources } from './ports.ts';
import type { Query } from './query.ts';
import { known, mapReading, type Reading, unknown, valueOrNull } from './reading.ts';
import { type FunctionAddresses, splitEndpoints } from './webhook-address.ts';

/** What gathering needs to know beside the sources. */
export interface GatherSettings {
  readonly planEggs: PlanEggs;
  readonly addresses: FunctionAddresses;
  /** All questions end at the latest this many milliseconds after the first. */
  readonly deadlineMs: number;
}

/** One entry with everything it is judged on. */
export interface GatheredEntry {
  readonly subject: EntrySubject;
  readonly readings: EntryReadings;
}

/** All evidence for one query, read once. */
export interface Gathered {
  readonly person: Reading<Person | null>;
  readonly userId: string | null;
  /** Newest first; one for the person alone where there is nothing else. */
  readonly entries: readonly GatheredEntry[];
  readonly sources: readonly SourceReport[];
}

/** More lost purchases of one person than this tell nothing new. */
const mostSessions = 10;
/** Only the newest servers are asked for their power state: each costs the node a question. */
const mostWings = 3;
/**
 * Each order costs the panel some of the 240 questions a minute it answers, and a customer can insert any number of
 * rows: only so many, the newest, are looked for there.
 */
const mostInPanel = 20;

/** Gathers everything about the person behind a query, in parallel; each source fails alone. */
export async function gather(
  query: Query,
  upstream: Sources,
  settings: GatherSettings,
  moment: Moment,
): Promise<Gathered> {
  const sources = sharing(upstream);
  const asker = createAsker(settings.deadlineMs);
  try {
    const world = askWorld(sources, settings, asker);
    // Stripe tells capitals apart and keeps the address as it was typed at checkout.
    const typed = query.kind === 'email' ? askByEmail(query.text, sources, asker) : null;
    const identity = await identify(query, typed, sources, asker);
    const person = askPerson(identity, typed, sources, asker);
    const entries = await gatherEntries({ query, sources, settings, moment, asker, world, person });
    return {
      person: await person.person,
      userId: valueOrNull(identity.userId),
      entries,
      sources: asker.reports(),
    };
  } finally {
    asker.close();
  }
}

/** Orders of one plan and region look at the same nodes and egg: each is asked about once in a diagnosis. */
function sharing(sources: Sources): Sources {
  const { panel } = sources;
  if (panel === null) return sources;
  const allocations = new Map<number, ReturnType<PanelReader['allocationsOf']>>();
  const eggs = new Map<string, ReturnType<PanelReader['egg']>>();
  return {
    ...sources,
    panel: {
      ...panel,
      allocationsOf: (nodeId, signal) => askOnce(allocations, nodeId, () => panel.allocationsOf(nodeId, signal)),
      egg: (nestId, eggId, signal) => askOnce(eggs, `${nestId}/${eggId}`, () => panel.egg(nestId, eggId, signal)),
    },
  };
}

function askOnce<K, T>(asked: Map<K, T>, key: K, ask: () => T): T {
  const answer = asked.get(key) ?? ask();
  asked.set(key, answer);
  return answer;
}

/** Readings on their way. */
type Asked<K extends ReadingKey> = { readonly [P in K]: Promise<EntryReadings[P]> };

/** What depends on nobody: asked first, before the person is known. */
function askWorld(sources: Sources, settings: GatherSettings, asker: Asker) {
  const { payments } = sources;
  return {
    nodes: asker.ask('supabase', sources.nodes, (port, signal) => port.all(signal)),
    panelNodes: asker.ask('pterodactyl', sources.panel, (port, signal) => port.nodes(signal)),
    webhooks: asker
      .ask('stripe', payments, (port, signal) => port.endpoints(signal))
      .then((reading) =>
        mapReading(reading, (endpoints) => splitEndpoints(endpoints, payments?.mode ?? 'test', settings.addresses)),
      ),
    functions: asker.ask('logs', sources.functions, (port, signal) => port.functions(signal)),
    settings: asker.ask('logs', sources.functions, (port, signal) => port.settings(signal)),
  };
}

/** What depends on who the person is. */
function askPerson(identity: Identity, typed: ByEmail | null, sources: Sources, asker: Asker) {
  const { people, orders, panel, payments } = sources;
  const { userId } = identity;
  const ask = <T>(question: (id: string) => Promise<Reading<T>>, nobody: T): Promise<Reading<T>> => {
    if (userId.kind === 'unknown') return Promise.resolve(userId);
    return userId.value === null ? Promise.resolve(known(nobody)) : question(userId.value);
  };
  const person = ask<Person | null>(
    (id) => asker.ask('supabase', people, (port, signal) => port.byId(id, signal)),
    null,
  );
  const externalAccount = ask(
    (id) => asker.ask('supabase', people, (port, signal) => port.externalAccountOf(id, signal)),
    null,
  );
  const byEmail = askOwnAddress(identity, typed, person, sources, asker);
  const emailPanelUser = byEmail.then(async (asked) =>
    asked === null ? mapReading(await person, () => null) : asked.panelUser,
  );
  return {
    userId: valueOrNull(userId),
    person,
    externalAccount,
    profile: ask((id) => asker.ask('supabase', people, (port, signal) => port.profileOf(id, signal)), null),
    orders: ask<readonly Order[]>(
      (id) => asker.ask('supabase', orders, (port, signal) => port.ofPerson(id, signal)),
      [],
    ).then((reading) => withNamed(reading, identity)),
    linkedPanelUser: externalAccount.then((account) => {
      if (account.kind === 'unknown') return account;
      const linked = account.value?.panelUserId;
      if (linked === undefined) return known(null);
      return asker.ask('pterodactyl', panel, (port, signal) => port.user(linked, signal));
    }),
    emailPanelUser,
    servers: emailPanelUser.then((user) => {
      if (user.kind === 'unknown') return user;
      const owner = user.value?.id;
      if (owner === undefined) return known([]);
      return asker.ask('pterodactyl', panel, (port, signal) => port.serversOf(owner, signal));
    }),
    purchases: askPurchases({
      identity,
      typed,
      own: byEmail,
      person,
      tagged: ask((id) => asker.ask('stripe', payments, (port, signal) => port.subscriptionsOfPerson(id, signal)), []),
      sources,
      asker,
    }),
  };
}

/** The order asked for by its id stands among the person's, however old it is. */
function withNamed(reading: Reading<readonly Order[]>, { named }: Identity): Reading<readonly Order[]> {
  const { order } = named;
  if (order === null) return reading;
  if (reading.kind === 'unknown') return known([order]);
  const isListed = reading.value.some(({ id }) => id === order.id);
  return known(isListed ? reading.value : [...reading.value, order]);
}

/** What the sign-in address leads to; `null` when nobody with an address was found, or it could not be read. */
async function askOwnAddress(
  identity: Identity,
  typed: ByEmail | null,
  person: Promise<Reading<Person | null>>,
  sources: Sources,
  asker: Asker,
): Promise<ByEmail | null> {
  // The address typed may be Stripe's alone; it is the person's own only when Auth said so.
  if (identity.signInEmail !== null) return typed ?? askByEmail(identity.signInEmail, sources, asker);
  const email = valueOrNull(await person)?.email;
  return email === undefined ? null : askByEmail(email, sources, asker);
}

interface EntryInput {
  readonly query: Query;
  readonly sources: Sources;
  readonly settings: GatherSettings;
  readonly moment: Moment;
  readonly asker: Asker;
  readonly world: ReturnType<typeof askWorld>;
  readonly person: ReturnType<typeof askPerson>;
}

async function gatherEntries(input: EntryInput): Promise<readonly GatheredEntry[]> {
  const { sources, moment, asker, world, person } = input;
  const { purchases } = person;
  const byAddress = await purchases.sessions;
  const rowsByAddress = askRows(subscriptionsIn(valueOrNull(byAddress)), sources, asker);
  const [ordersReading, tagged] = await Promise.all([person.orders, purchases.tagged]);
  const rowsOfTagged = askRows(subscriptionsIn(valueOrNull(tagged)), sources, asker);
  const checkouts = joinSessions(byAddress, tagged);
  const sessions = valueOrNull(checkouts) ?? [...(valueOrNull(byAddress) ?? []), ...(valueOrNull(tagged) ?? [])];
  const orders = valueOrNull(ordersReading) ?? [];
  const asked = new Set(sessions.map(({ subscriptionId }) => subscriptionId));
  const rowsOfOrders = askRows(
    orders.flatMap(({ stripeSubscriptionId: id }) => (id === null || asked.has(id) ? [] : [id])),
    sources,
    asker,
  );
  const sessionRows = joinRows(await rowsByAddress, await rowsOfTagged, known([]));
  const rows = rowsOfOrders.then((more) => joinRows(sessionRows, more, ordersReading));
  const lost = lostSessions(sessions, orders, valueOrNull(sessionRows) ?? [], person.userId).slice(0, mostSessions);
  const executions = readExecutions(orders, lost, moment.now, sources, asker);

  const shared: Asked<SharedKey> = {
    person: person.person,
    profile: person.profile,
    externalAccount: person.externalAccount,
    linkedPanelUser: person.linkedPanelUser,
    emailPanelUser: person.emailPanelUser,
    siblings: Promise.resolve(ordersReading),
    checkouts: Promise.resolve(checkouts),
    webhooks: world.webhooks,
    functions: world.functions,
    settings: world.settings,
    panelAccess: judgeAccess(world.panelNodes, person.servers),
  };
  const context = { ...input, orders, rows, executions, shared };
  const gathered = await Promise.all([
    ...orders.map((order, index) => gatherOrder(order, index, context)),
    ...lost.map((session) => gatherSession(session, context)),
  ]);
  if (gathered.length > 0) return gathered.toSorted((a, b) => createdAt(b.subject) - createdAt(a.subject));
  return [
    {
      subject: { kind: 'person', asked: input.query.kind },
      readings: await settle({ ...shared, ...nothingBesides, sameSubscription: rows }),
    },
  ];
}

type SharedKey =
  | 'person'
  | 'profile'
  | 'externalAccount'
  | 'linkedPanelUser'
  | 'emailPanelUser'
  | 'siblings'
  | 'checkouts'
  | 'webhooks'
  | 'functions'
  | 'settings'
  | 'panelAccess';

interface EntryContext extends EntryInput {
  readonly orders: readonly Order[];
  readonly rows: Promise<Reading<readonly Order[]>>;
  readonly executions: ReturnType<typeof readExecutions>;
  readonly shared: Asked<SharedKey>;
}

async function gatherOrder(order: Order, index: number, context: EntryContext): Promise<GatheredEntry> {
  const { sources, asker, world, person, orders, rows, executions, shared } = context;
  const isInReach = index < mostInPanel;
  const namedServer = person.servers.then((servers) =>
    isInReach || order.serverId === null ? readNamedServer(order, servers, sources, asker) : outOfReach,
  );
  const placement = awaitsServer(order)
    ? Promise.all([world.nodes, world.panelNodes]).then(([nodes, panelNodes]) =>
        readPlacement(order, nodes, panelNodes, sources, asker),
      )
    : Promise.resolve(unread('placement'));
  const isLive = isGameServer(order) && order.status !== 'canceled';
  return {
    subject: { kind: 'order', order },
    readings: await settle({
      ...shared,
      order: Promise.resolve(known(order)),
      sameSubscription: rows.then((reading) => rowsNaming(reading, order.stripeSubscriptionId)),
      payment: readPayment(order, orders, person.person, person.purchases, sources, asker).then((payment) =>
        withVouch(payment, order, sources.vouches),
      ),
      completedEvent: Promise.resolve(known(null)),
      placement,
      egg: eggOf(order, isInReach, context),
      executions: executions.then((readingOf) => readingOf(order.id)),
      namedServer,
      ownServers: isLive
        ? Promise.all([person.servers, namedServer]).then(([servers, named]) =>
            isInReach ? readOwnServers(order, orders, servers, named, sources, asker) : outOfReach,
          )
        : Promise.resolve(known([])),
      wings:
        isLive && index < mostWings
          ? Promise.all([namedServer, placement, world.panelNodes, person.emailPanelUser]).then(
              ([server, place, panelNodes, owner]) =>
                readWings(order, server, place, panelNodes, owner, sources, asker),
            )
          : Promise.resolve(known(null)),
    }),
  };
}

async function eggOf(order: Order, isInReach: boolean, context: EntryContext): Promise<EntryReadings['egg']> {
  if (!hasFailed(order, context.moment)) return known(null);
  return isInReach ? readEgg(order, context.settings.planEggs, context.sources, context.asker) : outOfReach;
}

async function gatherSession(session: CheckoutSession, context: EntryContext): Promise<GatheredEntry> {
  const { sources, asker, person, rows, executions, shared } = context;
  return {
    subject: { kind: 'session', session },
    readings: await settle({
      ...shared,
      ...nothingBesides,
      sameSubscription: rows.then((reading) => rowsNaming(reading, session.subscriptionId)),
      payment: paymentOfSession(session, person.purchases),
      completedEvent: asker.ask('stripe', sources.payments, (port, signal) => port.completedEventOf(session, signal)),
      executions: executions.then((readingOf) => readingOf(session.id)),
    }),
  };
}

const outOfReach = unknown({ source: 'pterodactyl', kind: 'not-provided', what: 'the servers of so many orders' });

/** A reading that no check of this kind of entry asks for. */
function unread(what: string) {
  return unknown({ source: 'supabase', kind: 'not-provided', what });
}

/** For an entry without an order: there is no row, so there is nothing of it in the panel either. */
const nothingBesides = {
  order: Promise.resolve(unread('an order')),
  payment: Promise.resolve(unread('a payment')),
  completedEvent: Promise.resolve(known(null)),
  placement: Promise.resolve(unread('placement')),
  egg: Promise.resolve(known(null)),
  executions: Promise.resolve(known([])),
  namedServer: Promise.resolve(known(null)),
  ownServers: Promise.resolve(known([])),
  wings: Promise.resolve(known(null)),
};

async function settle(asked: Asked<ReadingKey>): Promise<EntryReadings> {
  const pairs = await Promise.all(Object.entries(asked).map(async ([key, reading]) => [key, await reading] as const));
  return Object.fromEntries(pairs) as unknown as EntryReadings;
}

function subscriptionsIn(sessions: readonly CheckoutSession[] | null): readonly string[] {
  return (sessions ?? []).flatMap(({ subscriptionId }) => subscriptionId ?? []);
}

function joinSessions(
  byAddress: Reading<readonly CheckoutSession[]>,
  tagged: Reading<readonly CheckoutSession[]>,
): Reading<readonly CheckoutSession[]> {
  if (byAddress.kind === 'unknown') return byAddress;
  return mapReading(tagged, (further) => [...byAddress.value, ...further]);
}

function askRows(
  subscriptionIds: readonly string[],
  sources: Sources,
  asker: Asker,
): Promise<Reading<readonly Order[]>> {
  const ids = [...new Set(subscriptionIds)];
  if (ids.length === 0) return Promise.resolve(known([]));
  return asker.ask('supabase', sources.orders, (port, signal) => port.bySubscriptions(ids, signal));
}

/** Rows by subscription; without anything to ask by, as good as the person's own orders could be read. */
function joinRows(
  ofSessions: Reading<readonly Order[]>,
  ofOrders: Reading<readonly Order[]>,
  orders: Reading<readonly Order[]>,
): Reading<readonly Order[]> {
  if (orders.kind === 'unknown') return orders;
  if (ofSessions.kind === 'unknown') return ofSessions;
  if (ofOrders.kind === 'unknown') return ofOrders;
  return known([...ofSessions.value, ...ofOrders.value]);
}

function rowsNaming(reading: Reading<readonly Order[]>, subscriptionId: string | null): Reading<readonly Order[]> {
  return mapReading(reading, (rows) =>
    rows.filter((row) => subscriptionId !== null && row.stripeSubscriptionId === subscriptionId),
  );
}

/** The panel answers when either of two unlike questions was answered: a key may lack the right to one of them. */
async function judgeAccess(
  panelNodes: Promise<Reading<unknown>>,
  servers: Promise<Reading<readonly unknown[]>>,
): Promise<EntryReadings['panelAccess']> {
  const nodes = await panelNodes;
  if (nodes.kind === 'known') return known('answers');
  const listed = await servers;
  return listed.kind === 'known' && listed.value.length > 0 ? known('answers') : nodes;
}

function createdAt(subject: EntrySubject): number {
  switch (subject.kind) {
    case 'order':
      return subject.order.createdAt.getTime();
    case 'session':
      return subject.session.createdAt.getTime();
    case 'person':
      return 0;
  }
}
