import type { PanelWorld } from './panel/index.ts';
import { eggOf, gameEggs } from './supabase/functions/game-eggs.ts';
import type { SupabaseWorld } from './supabase/index.ts';
import { deriveUuid } from './supabase/keys.ts';

/** What the shop sells. */
export interface CatalogPlan {
  readonly id: string;
  readonly title: string;
  /** `null`: not a game server. */
  readonly game: string | null;
  readonly ramGb: number;
  readonly vcores: number;
  readonly ssdGb: number;
  /** Monthly. */
  readonly amountCents: number;
}

/** Where the shop has machines. */
export interface CatalogRegion {
  readonly id: string;
  readonly title: string;
}

/** A machine of the shop, as the panel and `ptero_nodes` have it. */
export interface CatalogNode {
  readonly name: string;
  readonly region: string;
  readonly memoryGb: number;
  readonly headroomGb: number;
  readonly isEnabled: boolean;
  readonly ports: number;
}

/** The plans; the egg of `factorio-4` is gone from the panel. */
export const plans: readonly CatalogPlan[] = [
  { id: 'mc-4', title: 'Minecraft, 4 GB', game: 'minecraft', ramGb: 4, vcores: 2, ssdGb: 20, amountCents: 900 },
  { id: 'mc-8', title: 'Minecraft, 8 GB', game: 'minecraft', ramGb: 8, vcores: 3, ssdGb: 40, amountCents: 1700 },
  { id: 'terraria-4', title: 'Terraria, 4 GB', game: 'terraria', ramGb: 4, vcores: 1, ssdGb: 10, amountCents: 800 },
  { id: 'rust-8', title: 'Rust, 8 GB', game: 'rust', ramGb: 8, vcores: 4, ssdGb: 50, amountCents: 2100 },
  { id: 'palworld-16', title: 'Palworld, 16 GB', game: 'palworld', ramGb: 16, vcores: 4, ssdGb: 60, amountCents: 3200 },
  { id: 'factorio-4', title: 'Factorio, 4 GB', game: 'factorio', ramGb: 4, vcores: 2, ssdGb: 20, amountCents: 1000 },
  { id: 'vps-8', title: 'Virtual server, 8 GB', game: null, ramGb: 8, vcores: 4, ssdGb: 80, amountCents: 1500 },
];

/** The nodes. Only `eu` is well: each other region has one trouble of its own, or gets it from a story. */
export const nodes: readonly CatalogNode[] = [
  { name: 'fra-1', region: 'eu', memoryGb: 98, headroomGb: 2, isEnabled: true, ports: 48 },
  { name: 'fra-2', region: 'eu', memoryGb: 130, headroomGb: 2, isEnabled: true, ports: 48 },
  { name: 'nyc-1', region: 'us', memoryGb: 64, headroomGb: 4, isEnabled: false, ports: 20 },
  { name: 'sin-1', region: 'asia', memoryGb: 8, headroomGb: 2, isEnabled: true, ports: 20 },
  { name: 'tor-1', region: 'ca', memoryGb: 64, headroomGb: 4, isEnabled: true, ports: 60 },
  { name: 'syd-1', region: 'au', memoryGb: 64, headroomGb: 4, isEnabled: true, ports: 20 },
  { name: 'sao-1', region: 'br', memoryGb: 64, headroomGb: 4, isEnabled: true, ports: 20 },
];

/** The regions by the names that customers see. */
export const regions: readonly CatalogRegion[] = [
  { id: 'eu', title: 'Europe' },
  { id: 'us', title: 'United States' },
  { id: 'asia', title: 'Asia' },
  { id: 'ca', title: 'Canada' },
  { id: 'au', title: 'Australia' },
  { id: 'br', title: 'Brazil' },
];

/** The node of that name, by its number in the panel. */
export function panelNodeId(name: string): number {
  const at = nodes.findIndex((node) => node.name === name);
  if (at === -1) throw new Error(`The shop has no node ${name}.`);
  return at + 1;
}

/** The node of that name, by its row in `ptero_nodes`. */
export function nodeRowId(name: string): string {
  return deriveUuid(`sandbox:node:${name}`);
}

/** The value of PLAN_EGGS: which egg each game plan uses. */
export function planEggs(): Readonly<Record<string, { readonly nest: number; readonly egg: number }>> {
  return Object.fromEntries(
    plans
      .filter(({ game }) => game !== null)
      .map(({ id, game }) => {
        const { nestId, eggId } = eggOf(game);
        return [id, { nest: nestId, egg: eggId }];
      }),
  );
}

/** Where the price of a plan stands in Stripe. */
export function priceIdOf(planId: string): string {
  return `price_${planId.replaceAll('-', '_')}`;
}

/** Puts plans, nodes and eggs into the panel and the merchant's tables; parts the merchant lacks are left out. */
export async function furnishCatalog(supabase: SupabaseWorld, panel: PanelWorld): Promise<void> {
  addEggs(panel);
  await addNodes(panel);
  const write = await createRowWriter(supabase);
  for (const plan of plans) {
    await write('plans', {
      id: plan.id,
      game: plan.game,
      ram_gb: plan.ramGb,
      vcores: plan.vcores,
      ssd_gb: plan.ssdGb,
      stripe_price_id: priceIdOf(plan.id),
    });
  }
  for (const node of nodes) {
    await write('ptero_nodes', {
      id: nodeRowId(node.name),
      pterodactyl_node_id: panelNodeId(node.name),
      region: node.region,
      max_ram_gb: node.memoryGb,
      reserved_headroom_gb: node.headroomGb,
      enabled: node.isEnabled,
    });
  }
}

/** The panel numbers by itself: nests and eggs that only lie in between are made and thrown away. */
function addEggs(panel: PanelWorld): void {
  const games = Object.entries(gameEggs).filter(([game]) => game !== 'factorio');
  const nestNames = new Map([
    [16, 'Minecraft'],
    [19, 'Rust'],
    [6, 'Community'],
  ]);
  while (panel.state.nests.all().at(-1)?.id !== Math.max(...nestNames.keys())) {
    const nest = panel.addNest({});
    const name = nestNames.get(nest.id);
    if (name === undefined) nest.name = 'Unused';
    else nest.name = name;
  }
  for (const nest of panel.state.nests.all()) if (!nestNames.has(nest.id)) panel.state.nests.remove(nest.id);

  const lastEggId = Math.max(...games.map(([, { eggId }]) => eggId));
  for (let id = 1; id <= lastEggId; id += 1) {
    const [game, wanted] = games.find(([, { eggId }]) => eggId === id) ?? [null, null];
    const egg = panel.addEgg({
      nestId: wanted?.nestId ?? 6,
      ...(game === null ? {} : { name: titleOf(game) }),
      ...(wanted === null
        ? {}
        : {
            startup: wanted.startup,
            dockerImages: { Default: wanted.dockerImage },
            variables: Object.entries(wanted.environment).map(([envVariable, defaultValue]) => ({
              envVariable,
              defaultValue,
              rules: 'required|string|max:60',
            })),
          }),
    });
    if (wanted === null) panel.state.eggs.remove(egg.id);
  }
}

function titleOf(game: string): string {
  return game.charAt(0).toUpperCase() + game.slice(1);
}

/** What `servers-provision` reads of a node's allocations. */
const FIRST_PAGE = 50;

async function addNodes(panel: PanelWorld): Promise<void> {
  const locations = new Map<string, number>();
  for (const node of nodes) {
    const locationId = locations.get(node.region) ?? panel.addLocation({ short: node.region }).id;
    locations.set(node.region, locationId);
    const { id } = panel.addNode({ name: node.name, locationId, memoryMib: node.memoryGb * 1024 });
    const allocations = panel.addAllocations(id, { ports: { from: 25_565, to: 25_564 + node.ports } });
    if (node.ports <= FIRST_PAGE) continue;
    const proxy = panel.addServer({ ownerId: panel.admin.id, nodeId: id, eggId: eggOf(null).eggId, name: 'Proxy' });
    for (const allocation of allocations.slice(0, FIRST_PAGE)) allocation.serverId = proxy.id;
  }
  await Promise.all(nodes.map(({ name }) => panel.wings.expose(panelNodeId(name))));
}

/** Writes a row with those of its columns that exist. */
async function createRowWriter(
  supabase: SupabaseWorld,
): Promise<(table: string, row: Readonly<Record<string, unknown>>) => Promise<void>> {
  const existing = await supabase.sql<{ name: string }>(
    "select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'",
  );
  const names = new Set(existing.map(({ name }) => name));
  return async (table, row) => {
    const entries = Object.entries(row).filter(([column]) => names.has(`${table}.${column}`));
    if (entries.length === 0) return;
    const columns = entries.map(([column]) => column).join(', ');
    const places = entries.map((_, index) => `$${index + 1}`).join(', ');
    await supabase.sql(
      `insert into public.${table} (${columns}) values (${places})`,
      entries.map(([, value]) => value),
    );
  };
}
