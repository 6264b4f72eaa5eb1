import { parseQuery } from '../../core/query.ts';
import { orderRow, panelUserOf, asCustomer, deleteServer, provisionAgain, writeUnknownStatus } from '../deeds.ts';
import type { Sandbox } from '../index.ts';
import type { Customer } from '../world.ts';

/** What can be told of something that happens once. */
export interface ActStory {
  readonly id: string;
  readonly title: string;
  /** One plain sentence of what it does. */
  readonly what: string;
  /** The codes that the person's orders show then. */
  readonly leadsTo: readonly string[];
}

/** Something that can happen to a person or an order. */
export interface Act extends ActStory {
  /** `who` is an e-mail address or an order's id; of a person, it happens to the newest order that it can happen to. */
  happen(who: string): Promise<void>;
}

interface OrderRow {
  readonly id: string;
  readonly serverId: number | null;
  readonly subscriptionId: string | null;
}

/** Whoever or whatever is asked for, with the parts that an act needs; each part throws when there is none. */
interface Subject {
  readonly customer: Customer;
  order(): OrderRow;
  /** The order with a server, and that server's number. */
  served(): OrderRow & { readonly serverId: number };
  /** The order that a subscription pays for, and the checkout it was bought with. */
  paid(): OrderRow & { readonly subscriptionId: string; readonly sessionId: string };
}

const HOUR_MS = 60 * 60_000;
const PASSING_MS = 2 * HOUR_MS;
/** What the functions write within this time of an event is taken to be about it. */
const DELIVERY_MS = 3000;

/** All acts. `refused` makes the error that tells a visitor why something cannot happen. */
export function actsOf(sandbox: Sandbox, refused: (reason: string) => Error): readonly Act[] {
  const { supabase, stripe, panel } = sandbox;

  async function find(who: string): Promise<Subject> {
    const asked = who.trim().toLowerCase();
    const isEmail = asked.includes('@');
    const rows = await supabase.sql<OrderRow & Customer>(
      `select orders.id, pterodactyl_server_id as "serverId", stripe_sub_id as "subscriptionId",
              users.id as "userId", users.email
       from auth.users left join public.orders on orders.user_id = users.id
       where ${isEmail ? 'users.email' : 'orders.id::text'} = $1
       order by orders.created_at desc, orders.id desc`,
      [asked],
    );
    const [first] = rows;
    if (first === undefined) {
      throw refused(isEmail ? `Nobody has signed up as ${asked}.` : `There is no order ${asked}.`);
    }
    const orders = rows.filter(({ id }) => id !== null);
    return {
      customer: { email: first.email, userId: first.userId },
      order() {
        const [order] = orders;
        if (order === undefined) throw refused(`${first.email} has no order.`);
        return order;
      },
      served() {
        const order = orders.find(({ serverId }) => serverId !== null && panel.state.servers.get(serverId));
        if (order === undefined || order.serverId === null) throw refused(`${first.email} has no order with a server.`);
        return { ...order, serverId: order.serverId };
      },
      paid() {
        for (const order of orders) {
          const session = sessions().find(({ subscription }) => subscription === (order.subscriptionId ?? ''));
          if (order.subscriptionId !== null && session !== undefined) {
            return { ...order, subscriptionId: order.subscriptionId, sessionId: session.id };
          }
        }
        throw refused(`${first.email} has no order that Stripe knows of.`);
      },
    };
  }

  const sessions = () => [...stripe.state.sessions.values()];
  const chargedOf = ({ sessionId }: { readonly sessionId: string }) => {
    const invoice = stripe.state.sessions.get(sessionId)?.invoice;
    const payment = [...stripe.state.invoicePayments.values()].find((one) => one.invoice === invoice);
    return [...stripe.state.charges.values()].find(
      (charge) => charge.payment_intent === payment?.payment.payment_intent,
    );
  };
  const about = (act: (subject: Subject) => unknown) => async (who: string) => {
    await act(await find(who));
  };
  const byAddress = (act: (email: string) => Promise<void>) => async (who: string) => {
    const query = parseQuery(who);
    if (!query.ok || query.value.kind !== 'email') throw refused('Give the e-mail address of somebody.');
    await act(query.value.email);
  };

  return [
    {
      id: 'refund',
      title: 'Refund the payment',
      what: 'The whole payment goes back; the server runs on.',
      leadsTo: ['PAY-004'],
      happen: about(async (subject) => {
        const paid = subject.paid();
        if (chargedOf(paid)?.refunded === true) throw refused('This payment has been refunded already.');
        await stripe.refund(paid.sessionId);
      }),
    },
    {
      id: 'dispute',
      title: 'Dispute the payment',
      what: "The customer's bank takes the money back.",
      leadsTo: ['PAY-004'],
      happen: about(async (subject) => {
        const paid = subject.paid();
        if (chargedOf(paid)?.disputed === true) throw refused('This payment is disputed already.');
        await stripe.dispute(paid.sessionId);
      }),
    },
    {
      id: 'cancel-subscription',
      title: 'Cancel the subscription',
      what: 'The subscription ends now.',
      leadsTo: ['ORD-006', 'PAY-004'],
      happen: about(async (subject) => {
        const { subscriptionId } = subject.paid();
        if (stripe.state.subscriptions.get(subscriptionId)?.status === 'canceled') {
          throw refused('This subscription is canceled already.');
        }
        await stripe.cancelSubscription(subscriptionId);
      }),
    },
    {
      id: 'fail-renewal',
      title: 'Renewal fails',
      what: 'The card is declined for the next month, and the order is set to error.',
      leadsTo: ['PAY-003'],
      happen: about(async (subject) => {
        const { id, subscriptionId } = subject.paid();
        await stripe.failRenewal(subscriptionId);
        // The shop's function reads a field that Stripe's newer events lack; its scheduled job notices instead.
        await supabase.sql("update public.orders set status = 'error' where id = $1", [id]);
      }),
    },
    {
      id: 'update-subscription',
      title: 'Subscription updated',
      what: 'Something small changes about the subscription, and the shop sets the order back to paid.',
      leadsTo: ['ORD-005'],
      happen: about((subject) =>
        stripe.updateSubscription(subject.paid().subscriptionId, { metadata: { note: 'address changed' } }),
      ),
    },
    {
      id: 'deliver-twice',
      title: 'Deliver the event twice',
      what: 'Stripe sends the event of the purchase once more, and the shop makes a second order of it.',
      leadsTo: ['HOOK-009'],
      happen: about(async (subject) => {
        const { sessionId } = subject.paid();
        const event = [...stripe.state.events.values()].find(
          ({ type, data }) =>
            type === 'checkout.session.completed' && 'id' in data.object && data.object.id === sessionId,
        );
        if (event === undefined) throw refused('Stripe has no event of this purchase.');
        await stripe.resend(event.id);
      }),
    },
    {
      id: 'lose-order',
      title: 'Lose the order',
      what: 'The row of the order disappears from the database; the payment stays.',
      leadsTo: ['HOOK-007'],
      happen: about((subject) => supabase.sql('delete from public.orders where id = $1', [subject.order().id])),
    },
    {
      id: 'never-start',
      title: 'Provisioning never started',
      what: 'The order waits in paid, as if nobody had ever started to make its server, two hours ago.',
      leadsTo: ['ORD-003'],
      happen: about((subject) => undoProvisioning(sandbox, subject, 'paid')),
    },
    {
      id: 'cut-off',
      title: 'Provisioning cut off half-way',
      what: 'The order stays in provisioning, as if the run had been cut off, two hours ago.',
      leadsTo: ['ORD-004'],
      happen: about((subject) => undoProvisioning(sandbox, subject, 'provisioning')),
    },
    {
      id: 'fail-unexplained',
      title: 'Failed, and nobody knows why',
      what: 'The order is in error without a server, and no log says why.',
      leadsTo: ['ORD-009'],
      happen: about((subject) => undoProvisioning(sandbox, subject, 'error')),
    },
    {
      id: 'unknown-status',
      title: 'Unknown status',
      what: 'The order gets a status nobody has heard of.',
      leadsTo: ['ORD-007'],
      happen: about((subject) => writeUnknownStatus(sandbox, subject.order().id)),
    },
    {
      id: 'delete-server',
      title: 'Delete the server',
      what: 'Somebody deletes the server in the panel.',
      leadsTo: ['SRV-001'],
      happen: about((subject) => deleteServer(sandbox, subject.served().serverId)),
    },
    {
      id: 'suspend-server',
      title: 'Suspend the server',
      what: 'Somebody suspends the server in the panel.',
      leadsTo: ['SRV-004'],
      happen: about(async (subject) => panel.setServerStatus(subject.served().serverId, 'suspended')),
    },
    {
      id: 'switch-off-server',
      title: 'Switch the server off',
      what: 'The server is installed and switched off.',
      leadsTo: ['SRV-005'],
      happen: about(async (subject) => {
        const { serverId } = subject.served();
        panel.setServerStatus(serverId, null);
        panel.setPower(serverId, 'offline');
      }),
    },
    {
      id: 'forget-server',
      title: 'Order forgets its server',
      what: 'The order is set to error and no longer says which server it has.',
      leadsTo: ['SRV-002'],
      happen: about(async (subject) => {
        const { id, serverId } = subject.served();
        const server = panel.state.servers.get(serverId);
        if (server !== undefined) server.externalId = id;
        await supabase.sql(
          `update public.orders set status = 'error', node_id = null, pterodactyl_server_id = null,
                  pterodactyl_server_identifier = null where id = $1`,
          [id],
        );
      }),
    },
    {
      id: 'provision-again',
      title: 'Provision a second time',
      what: 'Somebody starts provisioning by hand once more, and a second server is made.',
      leadsTo: ['SRV-003'],
      happen: about((subject) => provisionAgain(sandbox, subject.served().id)),
    },
    {
      id: 'swap-server',
      title: "Write somebody else's server into the order",
      what: "Support repairs the order and mistypes: the order now names another customer's server.",
      leadsTo: ['SRV-006'],
      happen: about(async (subject) => {
        const { id, serverId } = subject.served();
        const ownerId = panel.state.servers.get(serverId)?.ownerId;
        const foreign = panel.state.servers.where(
          (server) => server.ownerId !== ownerId && server.ownerId !== panel.admin.id,
        )[0];
        if (foreign === undefined) throw refused('Nobody else has a server.');
        await supabase.sql(
          'update public.orders set pterodactyl_server_id = $2, pterodactyl_server_identifier = $3 where id = $1',
          [id, foreign.id, foreign.identifier],
        );
      }),
    },
    {
      id: 'unlink-panel-account',
      title: 'Unlink the panel account',
      what: 'The shop forgets which panel account the customer has; it finds it again with the next purchase.',
      leadsTo: [],
      happen: about(({ customer }) =>
        supabase.sql('delete from public.external_accounts where user_id = $1', [customer.userId]),
      ),
    },
    {
      id: 'delete-panel-account',
      title: 'Delete the panel account',
      what: 'The panel account of the customer is deleted in the panel; what is bought next has no owner.',
      leadsTo: ['ACC-002'],
      happen: about(async ({ customer }) => panel.state.users.remove(panelUserOf(sandbox, customer.email))),
    },
    {
      id: 'link-foreign-account',
      title: "Link somebody else's panel account",
      what: "The customer writes another customer's panel account into the own row.",
      leadsTo: ['ACC-004'],
      happen: about(async ({ customer }) => {
        const foreign = panel.state.users.where(({ email, rootAdmin }) => email !== customer.email && !rootAdmin)[0];
        if (foreign === undefined) throw refused('Nobody else has a panel account.');
        const path = `external_accounts?user_id=eq.${customer.userId}`;
        await asCustomer(sandbox, customer, 'PATCH', path, { pterodactyl_user_id: foreign.id });
      }),
    },
    {
      id: 'delete-profile',
      title: 'Delete the profile',
      what: "The customer's profile is deleted; for what is bought next no panel account can be made.",
      leadsTo: ['ACC-001', 'ACC-003'],
      happen: about(async ({ customer }) => {
        await supabase.sql('delete from public.external_accounts where user_id = $1', [customer.userId]);
        await supabase.sql('delete from public.profiles where user_id = $1', [customer.userId]);
      }),
    },
    {
      id: 'insert-order',
      title: 'Customer writes a paid order',
      what: 'The customer writes a paid order into the database without paying.',
      leadsTo: ['PAY-005'],
      happen: about(({ customer }) =>
        asCustomer(sandbox, customer, 'POST', 'orders', {
          ...orderRow(customer),
          server_name: 'A free server',
          status: 'paid',
        }),
      ),
    },
    {
      id: 'sign-up',
      title: 'Sign up and buy nothing',
      what: 'Somebody signs up with the shop and buys nothing.',
      leadsTo: ['PAY-001', 'ORD-002'],
      happen: byAddress(async (email) => {
        await sandbox.signUp(email);
      }),
    },
    {
      id: 'leave-checkout',
      title: 'Leave the payment page',
      what: 'Somebody opens the payment page and leaves it.',
      leadsTo: ['PAY-002'],
      happen: byAddress((email) => sandbox.openCheckout(email)),
    },
    {
      id: 'pay-by-link',
      title: 'Pay through a Payment Link',
      what: 'Somebody pays through a Payment Link, which says nothing about what was bought.',
      leadsTo: ['HOOK-008'],
      happen: byAddress(async (email) => {
        await sandbox.signUp(email);
        const session = stripe.createCheckout({ email, amountCents: 900, currency: 'eur', productName: 'Minecraft' });
        await stripe.completeCheckout(session.id);
      }),
    },
    {
      id: 'let-time-pass',
      title: 'Two hours pass',
      what: 'The latest purchase is moved two hours into the past, so that no grace time hides anything.',
      leadsTo: ['ORD-003', 'ORD-004', 'HOOK-007', 'INS-002'],
      happen: about(({ customer }) => backdatePurchases(sandbox, customer, PASSING_MS)),
    },
  ];
}

/** Takes the server of the newest order away, and leaves the order where it was before it had one. */
async function undoProvisioning(
  sandbox: Sandbox,
  { customer, served }: Subject,
  status: 'paid' | 'provisioning' | 'error',
): Promise<void> {
  const { id, serverId } = served();
  await deleteServer(sandbox, serverId);
  await sandbox.supabase.sql(
    `update public.orders set status = $2, node_id = null, pterodactyl_server_id = null,
            pterodactyl_server_identifier = null where id = $1`,
    [id, status],
  );
  await backdatePurchases(sandbox, customer, PASSING_MS);
}

/** Moves everything the platforms know of a person's purchases into the past. */
async function backdatePurchases(
  { supabase, stripe, panel }: Sandbox,
  customer: Customer,
  byMs: number,
): Promise<void> {
  const orders = await supabase.sql<{ id: string; serverId: number | null }>(
    'select id, pterodactyl_server_id as "serverId" from public.orders where user_id = $1',
    [customer.userId],
  );
  // The trigger would set the time of change to now. The constraint refuses any change of a row with an unknown status.
  await supabase.sql(`do $$ begin
    alter table public.orders disable trigger orders_set_updated_at;
    update public.orders set created_at = created_at - interval '${byMs} milliseconds',
                             updated_at = updated_at - interval '${byMs} milliseconds'
      where user_id = '${customer.userId}' and status <> 'on_hold';
    alter table public.orders enable trigger orders_set_updated_at;
  end $$`);
  const sessionIds = new Set<string>();
  for (const session of stripe.state.sessions.values()) {
    if (session.customer_details?.email !== customer.email) continue;
    session.created -= byMs / 1000;
    sessionIds.add(session.id);
  }
  for (const event of stripe.state.events.values()) {
    const { object } = event.data;
    if (!('id' in object) || typeof object.id !== 'string' || !sessionIds.has(object.id)) continue;
    const sentAtMs = event.created * 1000;
    supabase.logs.backdate(({ atMs }) => atMs >= sentAtMs && atMs < sentAtMs + DELIVERY_MS, byMs);
    event.created -= byMs / 1000;
  }
  for (const { serverId } of orders) {
    const server = panel.state.servers.get(serverId ?? 0);
    if (server === undefined) continue;
    server.createdAt -= byMs;
    server.updatedAt -= byMs;
  }
}
