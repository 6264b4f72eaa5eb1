import type { PanelCore } from '../core.ts';
import { findViableNodes } from '../deployment.ts';
import { notFound, validationFailed } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type ListOptions, pageOf } from '../list-query.ts';
import { answerItem, answerPage, type Call, idIn, type Route, toList } from '../route.ts';
import { checkRules } from '../rules.ts';
import { allocationShape, deployableNodeShape, nodeShape, toItem } from '../shapes.ts';
import type { PanelAllocation, PanelNode } from '../state.ts';

const nodeOptions: ListOptions<PanelNode> = {
  filters: {
    uuid: { kind: 'contains', text: (node) => node.uuid },
    name: { kind: 'contains', text: (node) => node.name },
    fqdn: { kind: 'contains', text: (node) => node.fqdn },
    daemon_token_id: { kind: 'contains', text: (node) => node.daemonToken.slice(0, 16) },
  },
  sorts: {
    id: (node) => node.id,
    uuid: (node) => node.uuid,
    memory: (node) => node.memoryMib,
    disk: (node) => node.diskMib,
  },
};

const allocationOptions: ListOptions<PanelAllocation> = {
  filters: {
    ip: { kind: 'equals', text: (allocation) => allocation.ip },
    port: { kind: 'equals', text: (allocation) => String(allocation.port) },
    ip_alias: { kind: 'contains', text: (allocation) => allocation.alias },
    server_id: {
      kind: 'custom',
      matches: ({ serverId }, value) => serverId === (/^[1-9]\d*$/.test(value) ? Number(value) : null),
    },
  },
};

const read = { resource: 'nodes', level: 'read' } as const;

/** `/nodes`; their configuration, which holds the daemon's token, is not served. */
export const nodeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes',
    needs: read,
    open: () => (call) => answerPage(nodeShape, call.core.state.nodes.all(), call, nodeOptions),
  },
  { method: 'GET', path: '/nodes/deployable', needs: read, open: () => answerDeployable },
  {
    method: 'GET',
    path: '/nodes/:id',
    needs: read,
    open(core, parameter) {
      const node = findNode(core, parameter('id'));
      return (call) => answerItem(nodeShape, node, call);
    },
  },
  {
    method: 'GET',
    path: '/nodes/:id/allocations',
    needs: { resource: 'allocations', level: 'read' },
    open(core, parameter) {
      const node = findNode(core, parameter('id'));
      return (call) => {
        const allocations = core.state.allocations.where(({ nodeId }) => nodeId === node.id);
        return answerPage(allocationShape, allocations, call, allocationOptions);
      };
    },
  },
];

function findNode({ state }: PanelCore, id: string): PanelNode {
  const node = state.nodes.get(idIn(id));
  if (node === undefined) throw notFound();
  return node;
}

function answerDeployable(call: Call): Response {
  const asked: JsonObject = {
    ...(call.query.has('memory') ? { memory: call.query.get('memory') || null } : {}),
    ...(call.query.has('disk') ? { disk: call.query.get('disk') || null } : {}),
    ...readLocationIds(call.query),
  };
  const failures = checkRules(asked, {
    memory: ['required', 'integer', 'min:0'],
    disk: ['required', 'integer', 'min:0'],
    location_ids: ['array'],
    'location_ids.*': ['integer'],
  });
  if (failures.length > 0) throw validationFailed(failures);
  const { location_ids: locationIds } = asked;
  const nodes = findViableNodes(call.core, {
    memoryMib: Number(asked['memory']),
    diskMib: Number(asked['disk']),
    locationIds: Array.isArray(locationIds) ? locationIds.map(Number) : [],
  });
  const show = (node: PanelNode): JsonObject => toItem(deployableNodeShape, node, call);
  if (!call.query.has('page')) return Response.json({ object: 'list', data: nodes.map(show) });
  return Response.json(toList(pageOf(nodes, call.query, {}), call.url, show));
}

/** Without brackets the parameter is one text, which fails the array rule. */
function readLocationIds(query: URLSearchParams): JsonObject {
  const listed = [...query].filter(([name]) => /^location_ids\[\d*\]$/.test(name)).map(([, value]) => value);
  if (listed.length > 0) return { location_ids: listed };
  const bare = query.get('location_ids');
  return bare === null ? {} : { location_ids: bare };
}
