import type { EggView, PanelNode, PanelServer, PanelUser, PlacementView, WingsView } from '../../src/core/evidence.ts';
import { candidateNodes, choosePlacement } from '../../src/core/placement.ts';
import { known } from '../../src/core/reading.ts';
import { aNode, aPlan, EMAIL } from './merchant.ts';
import { ago, DAY, HOUR } from './time.ts';

export function aPanelUser(over: Partial<PanelUser> = {}): PanelUser {
  return { id: 11, email: EMAIL, username: 'ann', rootAdmin: false, createdAt: ago(DAY), ...over };
}

export function aPanelServer(over: Partial<PanelServer> = {}): PanelServer {
  return {
    id: 501,
    uuid: 'aaaa1111-2222-4333-8444-555566667777',
    identifier: 'aaaa1111',
    externalId: null,
    name: "Ann's world",
    status: null,
    suspended: false,
    ownerId: 11,
    nodeId: 1,
    nestId: 1,
    eggId: 39,
    memoryMib: 8192,
    createdAt: ago(HOUR),
    ...over,
  };
}

export function aPanelNode(over: Partial<PanelNode> = {}): PanelNode {
  return {
    id: 1,
    name: 'eu-1',
    fqdn: 'eu-1.example.com',
    scheme: 'https',
    daemonPort: 8080,
    maintenance: false,
    public: true,
    memoryMib: 65_536,
    memoryAllocatedMib: 24_576,
    ...over,
  };
}

/** What `servers-provision` would decide with these nodes; by default one node with plenty of room and ports. */
export function aPlacement(over: Partial<PlacementView> = {}): PlacementView {
  const nodes = over.nodes ?? [aNode()];
  const plan = over.plan ?? aPlan();
  const region = over.region === undefined ? 'eu' : over.region;
  const decision = choosePlacement({ plan, region, nodes });
  const placed = decision.kind === 'placed' ? decision.node.panelNodeId : null;
  return {
    region,
    plan,
    nodes,
    decision,
    candidates: candidateNodes(nodes, region),
    panelNode: known(placed === null ? null : aPanelNode({ id: placed })),
    allocations: known(placed === null ? null : { nodeId: placed, freeOnFirstPage: 12, freeInAll: 40 }),
    freeElsewhere: [],
    ...over,
  };
}

export function anEgg(over: Partial<EggView> = {}): EggView {
  return {
    nestId: 1,
    eggId: 39,
    knownFrom: 'configuration',
    egg: {
      name: 'Paper',
      variables: [
        {
          envVariable: 'SERVER_JARFILE',
          name: 'Server Jar File',
          rules: 'required|string|max:20',
          defaultValue: 'server.jar',
        },
      ],
    },
    ...over,
  };
}

export function aWings(over: Partial<WingsView> = {}): WingsView {
  return { nodeId: 1, nodeName: 'eu-1', state: 'up', askedThrough: 'panel', power: 'running', ...over };
}
