import type { Check, CheckResult, Finding } from '../../src/core/check.ts';
import type { EntrySubject, Moment } from '../../src/core/entry.ts';
import type { CheckoutSession, EntryReadings, Order, ReadingKey } from '../../src/core/evidence.ts';
import type { SourceId, UpstreamFailure } from '../../src/core/failure.ts';
import { type Known, known, unknown } from '../../src/core/reading.ts';
import { aFunction, anAccount, anOrder, aPerson, aProfile, aWebhookRun, theSettings } from './merchant.ts';
import { anEgg, aPanelServer, aPanelUser, aPlacement, aWings } from './panel.ts';
import { anEvent, aPayment, aSession, theWebhooks } from './stripe.ts';
import { MOMENT } from './time.ts';

/** Values to set known; a reading that could not be had is given as a failure made by {@link outage}. */
export type Overrides = { readonly [K in ReadingKey]?: Known<EntryReadings[K]> | Outage };

interface Outage {
  readonly outage: UpstreamFailure;
}

/** In place of a value: the source timed out. */
export function outage(source: SourceId): Outage {
  return { outage: { source, kind: 'timed-out', afterMs: 4000 } };
}

/** In place of a value: the source refused the bot's key. */
export function refusedKey(source: SourceId): Outage {
  return { outage: { source, kind: 'credentials-rejected' } };
}

/** In place of a value: the panel forbids it; `null`: whatever is asked with this key. */
export function forbidden(scope: string | null): Outage {
  return { outage: { source: 'pterodactyl', kind: 'not-permitted', scope } };
}

/** In place of a value: nobody configured the source. */
export function notConfigured(source: SourceId): Outage {
  return { outage: { source, kind: 'not-configured' } };
}

/** The readings of a healthy, running order; a test names only what it is about. */
export function readingsOf(over: Overrides = {}): EntryReadings {
  const healthy: { readonly [K in ReadingKey]: Known<EntryReadings[K]> } = {
    person: aPerson(),
    profile: aProfile(),
    externalAccount: anAccount(),
    linkedPanelUser: aPanelUser(),
    emailPanelUser: aPanelUser(),
    order: anOrder(),
    siblings: [anOrder()],
    sameSubscription: [anOrder()],
    payment: aPayment(),
    checkouts: [aSession()],
    completedEvent: anEvent(),
    webhooks: theWebhooks(),
    placement: aPlacement(),
    egg: anEgg(),
    functions: [aFunction(), aFunction({ id: 'fn-webhook', slug: 'stripe-webhook', verifyJwt: false })],
    settings: theSettings(),
    executions: [aWebhookRun()],
    panelAccess: 'answers',
    namedServer: aPanelServer(),
    ownServers: [aPanelServer()],
    wings: aWings(),
  };
  const merged = { ...healthy, ...over };
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => [key, isOutage(value) ? unknown(value.outage) : known(value)]),
  ) as unknown as EntryReadings;
}

function isOutage(value: unknown): value is Outage {
  return typeof value === 'object' && value !== null && 'outage' in value;
}

/** Runs a check on an order entry; the order is also the reading. */
export function checkOrder(check: Check, order: Order, over: Overrides = {}, moment: Moment = MOMENT): CheckResult {
  const readings = readingsOf({
    order,
    siblings: [order],
    sameSubscription: [order],
    ...namedServerOf(order),
    ...over,
  });
  return check.run(readings, { kind: 'order', order }, moment);
}

/** Runs a check on a paid checkout without a row. */
export function checkSession(
  check: Check,
  session: CheckoutSession,
  over: Overrides = {},
  moment: Moment = MOMENT,
): CheckResult {
  const readings = readingsOf({
    siblings: [],
    sameSubscription: [],
    namedServer: null,
    ownServers: [],
    executions: [],
    checkouts: [session],
    payment: aPayment({ session }),
    ...over,
  });
  return check.run(readings, { kind: 'session', session }, moment);
}

/** Somebody without any order, paid checkout or panel account. */
export const nothingBought: Overrides = {
  siblings: [],
  sameSubscription: [],
  checkouts: [],
  completedEvent: null,
  namedServer: null,
  ownServers: [],
  externalAccount: null,
  linkedPanelUser: null,
  emailPanelUser: null,
  executions: [],
};

/** Runs a check on a person without any order or paid checkout. */
export function checkPerson(check: Check, over: Overrides = {}, moment: Moment = MOMENT): CheckResult {
  const subject: EntrySubject = { kind: 'person', asked: 'email' };
  const readings = readingsOf({ ...nothingBought, ...over });
  return check.run(readings, subject, moment);
}

/** The finding of a result, or a failure of the test that says what came instead. */
export function findingOf(result: CheckResult): Finding {
  if (result.kind !== 'found') throw new Error(`expected a finding, got ${JSON.stringify(result)}`);
  return result.finding;
}

function namedServerOf(order: Order): Overrides {
  return order.serverId === null ? { namedServer: null, ownServers: [] } : {};
}
