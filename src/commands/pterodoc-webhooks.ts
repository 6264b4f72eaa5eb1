import { type Block, type Card, text, type Tone } from '../core/card.ts';
import { noteCard } from '../core/cards/action-cards.ts';
import { defineCommand } from '../core/command.ts';
import type { CheckoutSession, StripeEvent, WebhookSetup } from '../core/evidence.ts';
import { describeFailure } from '../core/failure.ts';
import { maskEmailsIn } from '../core/mask.ts';
import { formatMoney } from '../core/money.ts';
import { chooseAmong } from '../core/office.ts';
import { lostPurchases } from '../core/overview.ts';
import { known, type Reading, readingOf, unknown } from '../core/reading.ts';
import { splitEndpoints } from '../core/webhook-address.ts';

const lookBackMs = 7 * 24 * 60 * 60_000;
const mostEvents = 10;

/** Paid checkouts without an order. */
interface Lost {
  readonly purchases: readonly CheckoutSession[];
  /** Whether all checkouts of the time were looked at. */
  readonly isWhole: boolean;
}

/** Shows how the events of Stripe reach the shop, and what was lost on the way. */
export const pterodocWebhooks = defineCommand({
  name: 'pterodoc webhooks',
  summary: 'Show the webhook endpoint, the last deliveries, and purchases without an order',
  permission: 'overview.read',
  input: {},
  async run(_input, { place, office }) {
    const { doctor, engine, overview, links } = office;
    const now = engine.clock.now();
    const visibility = place === 'staff' ? 'channel' : 'private';
    const { payments, orders } = doctor.sources;
    if (payments === null || overview.payments === null) {
      return {
        card: noteCard('Stripe is not configured', 'Without it nothing can be said about webhooks.', now),
        visibility,
      };
    }
    const signal = AbortSignal.timeout(doctor.settings.deadlineMs);
    const [endpoints, events, sessions] = await Promise.all([
      payments.endpoints(signal).then(readingOf),
      overview.payments.recentEvents(mostEvents, signal).then(readingOf),
      overview.payments.recentSessions(new Date(now.getTime() - lookBackMs), signal).then(readingOf),
    ]);
    const setup: Reading<WebhookSetup> =
      endpoints.kind === 'unknown'
        ? endpoints
        : known(splitEndpoints(endpoints.value, payments.mode, doctor.settings.addresses));
    const lost: Reading<Lost> =
      sessions.kind === 'unknown'
        ? sessions
        : await orders
            .bySubscriptions(
              sessions.value.sessions.flatMap(({ subscriptionId }) => subscriptionId ?? []),
              signal,
            )
            .then((rows) =>
              rows.ok
                ? known({
                    purchases: lostPurchases(sessions.value.sessions, rows.value, now, doctor.grace.paidMs),
                    isWhole: sessions.value.isWhole,
                  })
                : unknown(rows.failure),
            );
    const select =
      lost.kind === 'unknown'
        ? null
        : await chooseAmong(
            office,
            'Look at a lost purchase',
            lost.value.purchases.map((session) => ({
              subject: `session:${session.id}` as const,
              label: `${session.id.slice(0, 24)}…`,
              description: formatMoney(session.amountCents, session.currency) ?? 'paid',
            })),
          );
    const card: Card = {
      ...headOf(setup, lost),
      blocks: [
        endpointsBlock(setup),
        eventsBlock(events, setup),
        lostBlock(lost, place === 'private', (id) => links({ kind: 'session', id })),
      ],
      ...(select === null ? {} : { select }),
      madeAt: now,
    };
    return { card, visibility };
  },
});

function headOf(
  setup: Reading<WebhookSetup>,
  lost: Reading<Lost>,
): { readonly tone: Tone; readonly title: string; readonly summary: string } {
  if (lost.kind === 'known' && lost.value.purchases.length > 0) {
    const { length } = lost.value.purchases;
    const count = length === 1 ? 'One purchase' : `${length} purchases`;
    return {
      tone: 'bad',
      title: `${count} of the last seven days ${length === 1 ? 'has' : 'have'} no order`,
      summary: 'They were paid in Stripe and never became an order: redeliver their events.',
    };
  }
  if (setup.kind === 'unknown') return { tone: 'unsure', title: 'Webhooks', summary: describeFailure(setup.failure) };
  const enabled = setup.value.ours.filter(({ status }) => status === 'enabled');
  if (enabled.length !== 1) {
    return {
      tone: 'bad',
      title: enabled.length === 0 ? 'No endpoint is at work' : `${enabled.length} endpoints lead to the same function`,
      summary:
        enabled.length === 0
          ? 'Stripe sends nothing to the webhook function now, and never sends it later.'
          : 'Every purchase is written once for each of them.',
    };
  }
  if (lost.kind === 'unknown') {
    return {
      tone: 'unsure',
      title: 'The endpoint is at work',
      summary: `Whether purchases were lost could not be told: ${describeFailure(lost.failure)}`,
    };
  }
  if (!lost.value.isWhole) {
    return {
      tone: 'neutral',
      title: 'The endpoint is at work',
      summary: 'The newest paid purchases have their orders; those of the last seven days are too many to look at all.',
    };
  }
  return {
    tone: 'good',
    title: 'The endpoint is at work',
    summary: 'Every paid purchase of the last seven days has its order.',
  };
}

function endpointsBlock(setup: Reading<WebhookSetup>): Block {
  const heading = 'Endpoints of the webhook function';
  if (setup.kind === 'unknown') return { kind: 'paragraph', heading, body: text(describeFailure(setup.failure)) };
  const { ours, others, mode } = setup.value;
  if (ours.length === 0) {
    return {
      kind: 'paragraph',
      heading,
      body: text(`None in ${mode} mode (HOOK-001); ${others.length} lead elsewhere.`),
    };
  }
  return {
    kind: 'table',
    heading,
    columns: ['Endpoint', 'Status', 'Listens to completed checkouts'],
    rows: ours.map(({ id, status, enabledEvents }) => [
      text(id),
      text(status, 20),
      text(
        enabledEvents.some((name) => name === '*' || name === 'checkout.session.completed') ? 'yes' : 'no (HOOK-003)',
      ),
    ]),
  };
}

function eventsBlock(events: Reading<readonly StripeEvent[]>, setup: Reading<WebhookSetup>): Block {
  const heading = 'Latest completed checkouts';
  if (events.kind === 'unknown') return { kind: 'paragraph', heading, body: text(describeFailure(events.failure)) };
  if (events.value.length === 0) return { kind: 'paragraph', heading, body: text('None in the last 30 days.') };
  const isShared = setup.kind === 'known' && setup.value.others.length > 0;
  return {
    kind: 'table',
    heading: isShared ? `${heading} (counted over all endpoints of the account)` : heading,
    columns: ['Made', 'Event', 'Deliveries not answered yet'],
    rows: events.value.map(({ createdAt, id, pendingWebhooks }) => [
      createdAt,
      text(id),
      text(String(pendingWebhooks)),
    ]),
  };
}

function lostBlock(lost: Reading<Lost>, isPrivate: boolean, linkTo: (sessionId: string) => string | null): Block {
  const heading = 'Paid without an order';
  if (lost.kind === 'unknown') return { kind: 'paragraph', heading, body: text(describeFailure(lost.failure)) };
  const { purchases, isWhole } = lost.value;
  if (purchases.length === 0) {
    const where = isWhole ? 'in the last seven days' : 'among the newest of the last seven days';
    return { kind: 'paragraph', heading, body: text(`None ${where}.`) };
  }
  return {
    kind: 'fields',
    heading,
    fields: purchases.map((session) => {
      const link = linkTo(session.id);
      const who = session.email === null ? 'no address' : isPrivate ? session.email : maskEmailsIn(session.email);
      return {
        label: formatMoney(session.amountCents, session.currency) ?? 'paid',
        value: text(`${who} · ${session.id}`),
        at: session.createdAt,
        ...(link === null ? {} : { link }),
      };
    }),
  };
}
