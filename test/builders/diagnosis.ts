import { checks } from '../../src/core/checks/index.ts';
import { diagnoseEntry, type EntryDiagnosis } from '../../src/core/diagnose.ts';
import { type Diagnosis, summarize } from '../../src/core/diagnosis.ts';
import type { CheckoutSession, Order } from '../../src/core/evidence.ts';
import type { SourceReport } from '../../src/core/gather/ask.ts';
import { createLinks } from '../../src/core/links.ts';
import { known } from '../../src/core/reading.ts';
import { anOrder, aPerson, EMAIL, USER_ID } from './merchant.ts';
import { nothingBought, type Overrides, readingsOf } from './readings.ts';
import { aPayment } from './stripe.ts';
import { MOMENT, NOW } from './time.ts';

/** Links as a live installation has them. */
export const LINKS = createLinks({
  supabaseProject: 'https://supabase.com/dashboard/project/abcdefghijklmnopqrst',
  stripeDashboard: 'https://dashboard.stripe.com',
  stripeMode: 'test',
  panelUrl: 'https://panel.example.com',
});

/** An order judged by the real checks. */
export function anOrderEntry(order: Order = anOrder(), over: Overrides = {}): EntryDiagnosis {
  const server = order.serverId === null ? { namedServer: null, ownServers: [] } : {};
  const readings = readingsOf({ order, siblings: [order], sameSubscription: [order], ...server, ...over });
  return diagnoseEntry(checks, { kind: 'order', order }, readings, MOMENT);
}

/** A paid checkout without a row, judged by the real checks. */
export function aSessionEntry(session: CheckoutSession, over: Overrides = {}): EntryDiagnosis {
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
  return diagnoseEntry(checks, { kind: 'session', session }, readings, MOMENT);
}

/** Nobody: neither an account nor a purchase, judged by the real checks. */
export function aPersonEntry(over: Overrides = {}): EntryDiagnosis {
  const readings = readingsOf({ ...nothingBought, person: null, ...over });
  return diagnoseEntry(checks, { kind: 'person', asked: 'email' }, readings, MOMENT);
}

const allAnswered: readonly SourceReport[] = (['supabase', 'stripe', 'pterodactyl', 'logs'] as const).map((source) => ({
  source,
  status: 'ok',
  failure: null,
  ms: 120,
}));

/** The diagnosis of one person with these entries, newest first. */
export function aDiagnosis(entries: readonly EntryDiagnosis[], over: Partial<Diagnosis> = {}): Diagnosis {
  return {
    query: { kind: 'email', text: EMAIL, email: EMAIL },
    person: known(aPerson()),
    userId: USER_ID,
    ...summarize(entries),
    entries,
    sources: allAnswered,
    madeAt: NOW,
    durationMs: 640,
    ...over,
  };
}
