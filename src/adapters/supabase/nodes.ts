import { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import { occupyingStatuses } from '../../core/placement.ts';
import type { Answer, NodeReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import type { MerchantFunctions } from './merchant-functions.ts';
import type { PlanReader } from './plans.ts';
import { fit, nodeRow, nodeUsageRow, occupationRow } from './shapes.ts';
import { createTable, notProvided } from './table.ts';

const rowsPerPage = 1000;
/** Beyond so many orders the memory sold can only be had from the database function. */
const mostPages = 50;

/** What is read of a node. */
export const nodeColumns = {
  required: ['id', 'pterodactyl_node_id', 'max_ram_gb', 'enabled'],
  lackable: ['region', 'reserved_headroom_gb', 'last_seen_at'],
} as const;

/** Reads `ptero_nodes` and, at the same time, the memory sold on each. */
export function createNodeReader(
  api: DataApi,
  schema: MerchantSchema,
  functions: MerchantFunctions,
  plans: PlanReader,
): NodeReader {
  const nodes = createTable(api, schema, 'ptero_nodes', nodeColumns);
  const occupation = createTable(api, schema, 'orders', {
    required: ['id', 'status', 'node_id', 'plan_id'],
    lackable: [],
  });

  async function usedGbByNode(signal: AbortSignal): Answer<ReadonlyMap<string, number>> {
    const answer = await functions.call('pterodoc_node_usage', {}, signal);
    if (!answer.ok) return answer;
    if (answer.value.kind === 'not-installed') return addUpOrders(signal);
    const rows = fit(z.array(nodeUsageRow), answer.value.data, 'supabase', 'pterodoc_node_usage');
    return rows.ok ? succeed(new Map(rows.value.map((row) => [row.node_id, row.used_gb]))) : rows;
  }

  async function addUpOrders(signal: AbortSignal): Answer<ReadonlyMap<string, number>> {
    const orders = await occupyingOrders(signal);
    if (!orders.ok) return orders;
    const planIds = orders.value.map((order) => order.plan_id).filter((id) => id !== null);
    const found = await plans.byIds(planIds, signal);
    if (!found.ok) return found;
    if (found.value === null) return fail(notProvided('plans.ram_gb'));
    const usedGb = new Map<string, number>();
    for (const { node_id: nodeId, plan_id: planId } of orders.value) {
      const memoryGb = found.value.get(planId ?? '')?.memoryGb ?? 0;
      usedGb.set(nodeId, (usedGb.get(nodeId) ?? 0) + memoryGb);
    }
    return succeed(usedGb);
  }

  async function occupyingOrders(signal: AbortSignal): Answer<readonly z.output<typeof occupationRow>[]> {
    const { id, status, node_id: node } = schema.columns.orders;
    if (node === null) return fail(notProvided('orders.node_id'));
    const found: z.output<typeof occupationRow>[] = [];
    for (let page = 0; page < mostPages; page += 1) {
      const from = found.length;
      const answer = await occupation.read(
        ({ table, columns }) =>
          (bound) =>
            api.client
              .from(table)
              .select(columns, { count: 'exact' })
              .in(status, occupyingStatuses)
              .not(node, 'is', null)
              .order(id)
              .range(from, from + rowsPerPage - 1)
              .abortSignal(bound),
        signal,
      );
      if (!answer.ok) return fail(asNotProvided(answer.failure.failure));
      const rows = fit(z.array(occupationRow), answer.value.data, 'supabase', 'orders');
      if (!rows.ok) return rows;
      found.push(...rows.value);
      // A server may give shorter pages than asked for, so only the count tells whether this was the last one.
      if (rows.value.length === 0 || found.length >= (answer.value.count ?? Infinity)) return succeed(found);
    }
    return fail(notProvided('pterodoc_node_usage'));
  }

  return {
    async all(signal) {
      const [listed, usedGb] = await Promise.all([
        nodes.read(
          ({ table, columns }) =>
            (bound) =>
              api.client.from(table).select(columns).order(schema.columns.ptero_nodes.id).abortSignal(bound),
          signal,
        ),
        usedGbByNode(signal),
      ]);
      if (!listed.ok) return fail(listed.failure.failure);
      if (!usedGb.ok) return usedGb;
      const rows = fit(z.array(nodeRow), listed.value.data, 'supabase', 'ptero_nodes');
      if (!rows.ok) return rows;
      return succeed(
        rows.value.map((row) => ({
          id: row.id,
          panelNodeId: row.pterodactyl_node_id,
          region: row.region,
          enabled: row.enabled,
          maxRamGb: row.max_ram_gb,
          reservedHeadroomGb: row.reserved_headroom_gb ?? 0,
          usedGb: usedGb.value.get(row.id) ?? 0,
          lastSeenAt: row.last_seen_at,
        })),
      );
    },
  };
}

/** These columns are optional to everybody else. */
function asNotProvided(failure: UpstreamFailure): UpstreamFailure {
  return failure.kind === 'endpoint-missing' && /^orders\.(?:node_id|plan_id)$/.test(failure.path)
    ? notProvided(failure.path)
    : failure;
}
