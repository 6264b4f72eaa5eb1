import { type EdgeFunction, type FunctionContext, json } from '../edge-function.ts';
import { callPanel } from './panel.ts';
import { createProjectClient } from './project-client.ts';

/**
 * The shop's scheduled job. It closes every node while the panel does not answer well (a refused key is enough), and
 * its retry of failed orders forgets to say which order, so that it has no effect.
 */
export const schedulerReconcile: EdgeFunction = async (_request, context) => {
  const project = createProjectClient(context);
  const nodes = await project.from('ptero_nodes').select('id, pterodactyl_node_id');
  for (const node of nodes.data ?? []) {
    const isUp = await answers(context, node.pterodactyl_node_id);
    await project
      .from('ptero_nodes')
      .update({ enabled: isUp, ...(isUp ? { last_seen_at: new Date(context.now()).toISOString() } : {}) })
      .eq('id', node.id);
  }
  const failed = await project.from('orders').select('id').eq('status', 'error');
  for (const order of failed.data ?? []) {
    const answer = await fetch(`${context.functionsUrl}/servers-provision`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({}),
    });
    context.console.log(`Retried order ${order.id}: ${answer.status}`);
  }
  return json(200, { nodes: nodes.data?.length ?? 0, retried: failed.data?.length ?? 0 });
};

async function answers(context: FunctionContext, panelNodeId: number): Promise<boolean> {
  try {
    const answer = await callPanel(context, `/api/application/nodes/${panelNodeId}`);
    if (!answer.ok) context.console.error(`Node ${panelNodeId} health check failed: ${answer.status}`);
    return answer.ok;
  } catch (error) {
    context.console.error(`Node ${panelNodeId} health check failed:`, error);
    return false;
  }
}
