import type { AllocationView, EggVariable, PanelNode } from '../../core/evidence.ts';
import type { Answer, PanelReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { PanelApi } from './api.ts';
import { allocationShape, eggShape, itemOf, nodeShape, pageOf } from './shapes.ts';
import { createTtlCache } from './ttl-cache.ts';

const NODES_TTL_MS = 30_000;
const EGGS_TTL_MS = 5 * 60_000;
/** The only page that `servers-provision` reads is the panel's default one. */
const FIRST_PAGE_SIZE = '50';

interface Egg {
  readonly name: string;
  readonly variables: readonly EggVariable[];
}

/** What servers are placed on and made from. */
export function createNodeReads(api: PanelApi): Pick<PanelReader, 'nodes' | 'allocationsOf' | 'egg'> {
  const nodes = createTtlCache<readonly PanelNode[]>(NODES_TTL_MS);
  const eggs = createTtlCache<Egg>(EGGS_TTL_MS);

  async function pageOfAllocations(nodeId: number, query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const read = { path: `/nodes/${nodeId}/allocations`, query, scope: 'allocations: read' };
    return api.one(read, pageOf(allocationShape), signal);
  }

  /** Panels before 1.8 do not know the filter and answer with everything: then nobody can tell. */
  async function countFree(nodeId: number, signal: AbortSignal): Promise<number | null> {
    const free = await pageOfAllocations(nodeId, { 'filter[server_id]': '0', per_page: '1' }, signal);
    if (!free.ok) return null;
    if (free.value === null) return 0;
    return free.value.items.some((allocation) => allocation.assigned) ? null : free.value.total;
  }

  return {
    async nodes(signal) {
      const known = nodes.get('all');
      if (known !== undefined) return succeed(known);
      const found = await api.list({ path: '/nodes', scope: 'nodes: read' }, nodeShape, signal);
      if (found.ok) nodes.set('all', found.value);
      return found;
    },

    async allocationsOf(nodeId, signal): Answer<AllocationView> {
      const [first, freeInAll] = await Promise.all([
        pageOfAllocations(nodeId, { per_page: FIRST_PAGE_SIZE, page: '1' }, signal),
        countFree(nodeId, signal),
      ]);
      if (!first.ok) return first;
      const freeOnFirstPage = (first.value?.items ?? []).filter((allocation) => !allocation.assigned).length;
      return succeed({ nodeId, freeOnFirstPage, freeInAll });
    },

    async egg(nestId, eggId, signal) {
      const path = `/nests/${nestId}/eggs/${eggId}`;
      const known = eggs.get(path);
      if (known !== undefined) return succeed(known);
      const read = { path, query: { include: 'variables' }, scope: 'eggs: read' };
      const found = await api.one(read, itemOf(eggShape), signal);
      if (!found.ok) return found;
      if (found.value === null) return succeed(null);
      const { name, relationships } = found.value;
      if (relationships.variables === null) {
        return fail({ source: 'pterodactyl', kind: 'not-permitted', scope: 'eggs: read' });
      }
      const egg: Egg = { name, variables: relationships.variables };
      eggs.set(path, egg);
      return succeed(egg);
    },
  };
}
