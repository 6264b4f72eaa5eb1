import { z } from 'zod';
import type { Plan } from '../../core/evidence.ts';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { MerchantSchema } from '../../core/merchant-schema.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import type { DataApi } from './data-api.ts';
import { lacksColumn, lacksRelationship, lacksTable, type Refusal } from './refusal.ts';
import { fit, planRow } from './shapes.ts';
import { createTable, relearnAfterMs } from './table.ts';

/** The merchant's plans, embedded in orders where the database ties the two, else looked up by id. */
export interface PlanReader {
  /** A select item that gives every order its `plan`; `null` where that was found not to be possible. */
  embed(): string | null;
  /** Takes note when a query failed because of the embedded plan; answers whether that was it. */
  noteRefusal(refusal: Refusal): boolean;
  /** `null`: the merchant has no such table, or it does not tell the memory. */
  byIds(planIds: readonly string[], signal: AbortSignal): Answer<ReadonlyMap<string, Plan> | null>;
}

/** What is read of a plan. */
export const planColumns = { required: ['id', 'ram_gb'], lackable: ['game'] } as const;

const idsPerQuery = 100;

export function createPlanReader(api: DataApi, schema: MerchantSchema): PlanReader {
  const table = createTable(api, schema, 'plans', planColumns);
  const names = schema.columns.plans;
  let cannotEmbedUntilMs = -Infinity;

  async function chunk(planIds: readonly string[], signal: AbortSignal): Answer<readonly Plan[] | null> {
    const answer = await table.read(
      ({ table: plans, columns }) =>
        (bound) =>
          api.client.from(plans).select(columns).in(names.id, planIds).abortSignal(bound),
      signal,
    );
    if (!answer.ok) return isLacking(answer.failure) ? succeed(null) : fail(answer.failure.failure);
    const rows = fit(z.array(planRow), answer.value.data, 'supabase', 'plans');
    return rows.ok ? succeed(rows.value.map(toPlan).filter((plan) => plan !== null)) : rows;
  }

  return {
    embed() {
      if (schema.tables.plans === null || performance.now() < cannotEmbedUntilMs) return null;
      const game = names.game === null ? '' : `,game:${names.game}`;
      return `plan:${schema.tables.plans}(id:${names.id},ram_gb:${names.ram_gb}${game})`;
    },
    noteRefusal(refusal) {
      if (!lacksRelationship(refusal) && !lacksColumn(refusal) && !lacksTable(refusal)) return false;
      cannotEmbedUntilMs = performance.now() + relearnAfterMs;
      return true;
    },
    async byIds(planIds, signal) {
      // Without a foreign key a customer may have written anything here.
      const asked = [...new Set(planIds)].filter((id) => /^[\w.:-]{1,100}$/.test(id));
      const found = new Map<string, Plan>();
      for (let at = 0; at < asked.length; at += idsPerQuery) {
        const plans: Result<readonly Plan[] | null, UpstreamFailure> = await chunk(
          asked.slice(at, at + idsPerQuery),
          signal,
        );
        if (!plans.ok) return plans;
        if (plans.value === null) return succeed(null);
        for (const plan of plans.value) found.set(plan.id, plan);
      }
      return succeed(found);
    },
  };
}

/** `null`: what has no memory of its own is no plan for a game server. */
export function toPlan(row: z.output<typeof planRow>): Plan | null {
  return row.ram_gb === null ? null : { id: row.id, game: row.game, memoryGb: row.ram_gb };
}

function isLacking({ failure }: Refusal): boolean {
  return failure.kind === 'not-provided' || (failure.kind === 'endpoint-missing' && failure.path.startsWith('plans'));
}
