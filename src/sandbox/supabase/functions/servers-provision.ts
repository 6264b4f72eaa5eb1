import type { SupabaseClient } from '@supabase/supabase-js';
import { choosePlacement, occupyingStatuses, type PlacementNode } from '../../../core/placement.ts';
import { type EdgeFunction, type FunctionContext, json } from '../edge-function.ts';
import { eggOf } from './game-eggs.ts';
import { callPanel } from './panel.ts';
import { findOrCreatePanelAccount, type PanelAccount } from './panel-account.ts';
import { createProjectClient, readCallerId } from './project-client.ts';

const BRAND = 'Loopback Hosting';

interface OrderWithPlan {
  readonly id: string;
  readonly user_id: string;
  /** Missing where the merchant's orders have no region. */
  readonly region?: string;
  readonly server_name: string;
  readonly plans: {
    readonly id: string;
    readonly game: string | null;
    readonly ram_gb: number;
    readonly vcores: number;
    readonly ssd_gb: number;
  };
}

/** Makes a paid order's server in the panel, the way the shop does: one try, no lock, nothing undone on failure. */
export const serversProvision: EdgeFunction = async (request, context) => {
  if (request.method === 'OPTIONS') return new Response('ok');
  try {
    const { order_id: orderId } = (await request.json()) as { order_id?: string };
    if (!orderId) return json(400, { error: 'order_id is required' });
    if (!(await mayCall(request, context))) return json(401, { error: 'Invalid authentication' });
    return json(200, await provision(orderId, context));
  } catch (error) {
    context.console.error('Server provisioning error:', error);
    return json(500, { error: error instanceof Error ? error.message : 'Unknown error occurred' });
  }
};

/** No header at all passes, and so does anybody's own token, whoever's order it is. */
async function mayCall(request: Request, context: FunctionContext): Promise<boolean> {
  const authorization = request.headers.get('authorization');
  if (authorization === null) return true;
  if (authorization.includes(String(context.env('SUPABASE_SERVICE_ROLE_KEY')))) return true;
  return (await readCallerId(context, authorization)) !== null;
}

async function provision(orderId: string, context: FunctionContext): Promise<object> {
  const project = createProjectClient(context);
  const found = await project.from('orders').select('*, plans (*)').eq('id', orderId).eq('status', 'paid').single();
  if (found.error !== null) throw new Error(`Order not found or not paid: ${orderId}`);
  const order: OrderWithPlan = found.data;
  await project.from('orders').update({ status: 'provisioning' }).eq('id', orderId);

  const account = await panelAccountOf(order, project, context);
  const node = await chooseNode(order, project);
  const allocation = await firstFreeAllocation(node, context);
  const server = await createServer(order, account, allocation.id, context);

  const written = await project
    .from('orders')
    .update({
      status: 'provisioned',
      pterodactyl_server_id: server.id,
      pterodactyl_server_identifier: server.identifier,
      node_id: node.id,
    })
    .eq('id', orderId);
  if (written.error !== null) throw new Error(written.error.message);
  return { id: server.id, identifier: server.identifier, allocation: allocation.port };
}

async function panelAccountOf(
  order: OrderWithPlan,
  project: SupabaseClient,
  context: FunctionContext,
): Promise<PanelAccount> {
  const linked = await project.from('external_accounts').select('*').eq('user_id', order.user_id).single();
  if (linked.error === null) return linked.data as PanelAccount;
  context.console.log('External account not found, creating Pterodactyl user automatically...');
  const profile = await project
    .from('profiles')
    .select('email, first_name, last_name')
    .eq('user_id', order.user_id)
    .single();
  if (profile.error !== null || !profile.data.email) {
    throw new Error('User email not found. Cannot create Pterodactyl account.');
  }
  if (!context.env('PANEL_URL') || !context.env('PTERO_APP_KEY')) throw new Error('Pterodactyl configuration missing');
  const account = await findOrCreatePanelAccount(context, profile.data);
  const stored = await project
    .from('external_accounts')
    .upsert({ user_id: order.user_id, ...account, last_synced_at: new Date(context.now()).toISOString() });
  if (stored.error !== null) throw new Error(`Failed to create external account: ${stored.error.message}`);
  context.console.log('External account created/linked successfully');
  return account;
}

async function chooseNode(order: OrderWithPlan, project: SupabaseClient): Promise<PlacementNode> {
  const rows = await project.from('ptero_nodes').select('*');
  const nodes = await Promise.all(
    (rows.data ?? []).map(async (row): Promise<PlacementNode> => {
      const sold = await project
        .from('orders')
        .select('plans (ram_gb)')
        .eq('node_id', row.id)
        .in('status', [...occupyingStatuses])
        .overrideTypes<{ plans: { ram_gb: number } | null }[], { merge: false }>();
      return {
        id: row.id,
        panelNodeId: row.pterodactyl_node_id,
        region: order.region === undefined ? null : row.region,
        enabled: row.enabled,
        maxRamGb: row.max_ram_gb,
        reservedHeadroomGb: row.reserved_headroom_gb,
        usedGb: (sold.data ?? []).reduce((sum, { plans }) => sum + (plans?.ram_gb ?? 0), 0),
      };
    }),
  );
  const region = order.region ?? null;
  const placement = choosePlacement({ plan: { memoryGb: order.plans.ram_gb }, region, nodes });
  switch (placement.kind) {
    case 'placed':
      return placement.node;
    case 'no-enabled-node':
      throw new Error(`No available nodes in region: ${order.region}`);
    case 'no-capacity':
      throw new Error(`No available capacity for plan ${order.plans.id} in region ${order.region}`);
  }
}

/** Looks at the panel's first page only, and takes no lock on what it finds. */
async function firstFreeAllocation(
  node: PlacementNode,
  context: FunctionContext,
): Promise<{ readonly id: number; readonly port: number }> {
  const answer = await callPanel(context, `/api/application/nodes/${node.panelNodeId}/allocations`);
  if (!answer.ok) throw new Error(`Failed to fetch allocations: ${answer.status}`);
  const page = (await answer.json()) as { data: { attributes: { id: number; port: number; assigned: boolean } }[] };
  const free = page.data.find(({ attributes }) => !attributes.assigned);
  if (free === undefined) throw new Error('No available ports on selected node');
  return free.attributes;
}

async function createServer(
  order: OrderWithPlan,
  account: PanelAccount,
  allocationId: number,
  context: FunctionContext,
): Promise<{ readonly id: number; readonly identifier: string }> {
  const plan = order.plans;
  const egg = eggOf(plan.game);
  const answer = await callPanel(context, '/api/application/servers', {
    method: 'POST',
    body: {
      name: order.server_name,
      description: `${BRAND} ${plan.game} server for ${order.server_name}`,
      user: account.pterodactyl_user_id,
      egg: egg.eggId,
      docker_image: egg.dockerImage,
      startup: egg.startup,
      environment: egg.environment,
      limits: { memory: plan.ram_gb * 1024, swap: 0, disk: plan.ssd_gb * 1024, io: 500, cpu: plan.vcores * 100 },
      feature_limits: { databases: 0, allocations: 1, backups: 0 },
      allocation: { default: allocationId },
    },
  });
  if (!answer.ok) throw new Error(`Failed to create server: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { attributes: { id: number; identifier: string } }).attributes;
}
