import type { SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import type { OptionalOrderColumn, Order, Plan } from '../../core/evidence.ts';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import type { OrderOverview } from '../../core/overview.ts';
import type { Answer, OrderReader } from '../../core/ports.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import type { Ask, DataApi } from './data-api.ts';
import { isPanelId, isRowId, isStripeId } from './identifiers.ts';
import { type PlanReader, toPlan } from './plans.ts';
import { type Answered, isUnreadableId } from './refusal.ts';
import { embeddedPlan, fit, orderRow, serverIdRow } from './shapes.ts';
import { createTable, type Layout, notProvided, type TableRows } from './table.ts';

const requiredColumns = ['id', 'user_id', 'status', 'created_at', 'updated_at', 'pterodactyl_server_id'] as const;
const optionalColumns = {
  pterodactyl_server_identifier: 'serverIdentifier',
  item_type: 'itemType',
  plan_id: 'plan',
  term: 'term',
  region: 'region',
  server_name: 'serverName',
  stripe_sub_id: 'stripeSubscriptionId',
  node_id: 'nodeId',
} as const satisfies Readonly<Record<string, OptionalOrderColumn>>;
const lackableColumns = Object.keys(optionalColumns) as (keyof typeof optionalColumns)[];

/** What is read of an order. */
export const orderColumns = { required: requiredColumns, lackable: lackableColumns };

type OrderColumn = (typeof requiredColumns)[number] | keyof typeof optionalColumns;
type OrderLayout = Layout<OrderColumn>;
type Query = ReturnType<ReturnType<SupabaseClient['from']>['select']>;
/** Narrows a query down to the orders wanted, or says what the merchant lacks for that. */
type Narrow = (layout: OrderLayout) => ((query: Query) => Query) | UpstreamFailure;

const newestOfPerson = 10;
const troubledOfPerson = 50;
const ofOneServer = 20;
const fewServers = 5;
const subscriptionsPerQuery = 100;
const runningStatuses = ['provisioned', 'active'];
/** Statuses that say no trouble by themselves; a word nobody knows does. */
const calmStatuses = [...runningStatuses, 'canceled'];

/** Reads `orders` and, with every order, its plan. */
export function createOrderReader(
  api: DataApi,
  schema: MerchantSchema,
  plans: PlanReader,
): OrderReader & OrderOverview {
  const table = createTable(api, schema, 'orders', orderColumns);
  const names = schema.columns.orders;
  const newestFirst = { ascending: false };

  function readRows(
    narrow: Narrow,
    select: (layout: OrderLayout) => string,
    signal: AbortSignal,
  ): Promise<Answered<TableRows<OrderColumn>>> {
    return table.read((layout): Ask | UpstreamFailure => {
      const narrowed = narrow(layout);
      if (typeof narrowed !== 'function') return narrowed;
      return (bound) => narrowed(api.client.from(layout.table).select(select(layout))).abortSignal(bound);
    }, signal);
  }

  async function readOrders(narrow: Narrow, signal: AbortSignal): Answer<readonly Order[]> {
    const embed = plans.embed();
    if (embed !== null) {
      const withPlan = (layout: OrderLayout): string =>
        layout.lacks.has('plan_id') ? layout.columns : `${layout.columns},${embed}`;
      const embedded = await readRows(narrow, withPlan, signal);
      if (embedded.ok) return ordersWithPlan(embedded.value);
      if (isUnreadableId(embedded.failure)) return succeed([]);
      if (!plans.noteRefusal(embedded.failure)) return fail(embedded.failure.failure);
    }
    const plain = await readRows(narrow, (layout) => layout.columns, signal);
    if (plain.ok) return ordersWithoutPlan(plain.value, signal);
    return isUnreadableId(plain.failure) ? succeed([]) : fail(plain.failure.failure);
  }

  async function ordersWithoutPlan(
    { data, layout }: TableRows<OrderColumn>,
    signal: AbortSignal,
  ): Answer<readonly Order[]> {
    const rows = fit(z.array(orderRow), data, 'supabase', 'orders');
    if (!rows.ok) return rows;
    const planIds = rows.value.map((row) => row.plan_id).filter((id) => id !== null);
    const found = await plans.byIds(planIds, signal);
    if (!found.ok) return found;
    const lacks = lackedBy(layout, found.value === null);
    return succeed(rows.value.map((row) => toOrder(row, found.value?.get(row.plan_id ?? '') ?? null, lacks)));
  }

  async function newest(narrow: Narrow, limit: number, signal: AbortSignal): Answer<readonly Order[]> {
    return readOrders((layout) => {
      const narrowed = narrow(layout);
      if (typeof narrowed !== 'function') return narrowed;
      return (query) => narrowed(query).order(names.created_at, newestFirst).order(names.id, newestFirst).limit(limit);
    }, signal);
  }

  return {
    async byId(orderId, signal) {
      if (!isRowId(orderId)) return succeed(null);
      const orders = await newest(() => (query) => query.eq(names.id, orderId), 1, signal);
      return orders.ok ? succeed(orders.value[0] ?? null) : orders;
    },

    async ofPerson(userId, signal) {
      if (!isRowId(userId)) return succeed([]);
      const own = (query: Query): Query => query.eq(names.user_id, userId);
      const [recent, troubled] = await Promise.all([
        newest(() => own, newestOfPerson, signal),
        newest(
          () => (query) => own(query).not(names.status, 'in', `(${calmStatuses.join(',')})`),
          troubledOfPerson,
          signal,
        ),
      ]);
      if (!recent.ok) return recent;
      if (!troubled.ok) return troubled;
      return succeed(mergeNewestFirst([...recent.value, ...troubled.value]));
    },

    async bySubscriptions(subscriptionIds, signal) {
      const wanted = [...new Set(subscriptionIds)].filter(isStripeId);
      const found: Order[] = [];
      for (let at = 0; at < wanted.length; at += subscriptionsPerQuery) {
        const some = wanted.slice(at, at + subscriptionsPerQuery);
        const orders: Result<readonly Order[], UpstreamFailure> = await readOrders((layout) => {
          const column = layout.nameOf('stripe_sub_id');
          if (column === null) return notProvided('orders.stripe_sub_id');
          return (query) => query.in(column, some).order(names.created_at, newestFirst);
        }, signal);
        if (!orders.ok) return orders;
        found.push(...orders.value);
      }
      return succeed(mergeNewestFirst(found));
    },

    async byServer(serverId, signal) {
      if (!isPanelId(serverId)) return succeed([]);
      return newest(() => (query) => query.eq(names.pterodactyl_server_id, serverId), ofOneServer, signal);
    },

    unsettled: (limit, signal) =>
      newest(() => (query) => query.not(names.status, 'in', `(${calmStatuses.join(',')})`), limit, signal),

    async serversOfPlan(planId, signal) {
      const server = names.pterodactyl_server_id;
      const answer = await readRows(
        (layout) => {
          const plan = layout.nameOf('plan_id');
          if (plan === null) return notProvided('orders.plan_id');
          return (query) =>
            query
              .eq(plan, planId)
              .in(names.status, runningStatuses)
              .not(server, 'is', null)
              .order(names.created_at, newestFirst)
              .limit(fewServers);
        },
        () => `pterodactyl_server_id:${server}`,
        signal,
      );
      if (!answer.ok) return isUnreadableId(answer.failure) ? succeed([]) : fail(answer.failure.failure);
      const rows = fit(z.array(serverIdRow), answer.value.data, 'supabase', 'orders');
      return rows.ok ? succeed([...new Set(rows.value.map((row) => row.pterodactyl_server_id))]) : rows;
    },
  };
}

function ordersWithPlan({ data, layout }: TableRows<OrderColumn>): Result<readonly Order[], UpstreamFailure> {
  const rows = fit(z.array(orderRow.extend(embeddedPlan.shape)), data, 'supabase', 'orders');
  if (!rows.ok) return rows;
  const lacks = lackedBy(layout, false);
  return succeed(rows.value.map((row) => toOrder(row, row.plan === null ? null : toPlan(row.plan), lacks)));
}

function lackedBy(layout: OrderLayout, lacksPlans: boolean): ReadonlySet<OptionalOrderColumn> {
  const lacked = lackableColumns.filter((column) => layout.lacks.has(column)).map((column) => optionalColumns[column]);
  return new Set(lacksPlans ? [...lacked, 'plan'] : lacked);
}

function toOrder(row: z.output<typeof orderRow>, plan: Plan | null, lacks: ReadonlySet<OptionalOrderColumn>): Order {
  return {
    id: row.id,
    userId: row.user_id,
    itemType: row.item_type,
    planId: row.plan_id,
    plan,
    term: row.term,
    region: row.region,
    serverName: row.server_name,
    stripeSubscriptionId: row.stripe_sub_id,
    status: row.status,
    nodeId: row.node_id,
    serverId: row.pterodactyl_server_id,
    serverIdentifier: row.pterodactyl_server_identifier,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lacks,
  };
}

function mergeNewestFirst(orders: readonly Order[]): readonly Order[] {
  return [...new Map(orders.map((order) => [order.id, order])).values()].toSorted(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime(),
  );
}
