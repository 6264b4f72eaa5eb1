import { nodeRowId, nodes, panelNodeId } from '../catalog.ts';
import type { Sandbox } from '../index.ts';
import type { InstallOutcome } from '../panel/installs.ts';
import type { PanelServer } from '../panel/state.ts';
import { gameEggs } from '../supabase/functions/game-eggs.ts';
import { type EdgeFunction, json } from '../supabase/edge-function.ts';
import { type Setting, type SharedSetting, shareSetting } from './lever.ts';

/** The only region in which nothing is wrong by itself: what is broken of nodes is broken there. */
export const HEALTHY_REGION = 'eu';

/** Everything of the world that a trouble may set. */
export function settingsOf(sandbox: Sandbox) {
  const panelNodeIds = nodes.filter(({ region }) => region === HEALTHY_REGION).map(({ name }) => panelNodeId(name));
  return {
    secret: remembered((name: string) => secretSetting(sandbox, name)),
    functionFault: remembered((slug: string) => ({
      read: () => sandbox.supabase.functions.fault(slug),
      write: (fault: ReturnType<typeof sandbox.supabase.functions.fault>) =>
        sandbox.supabase.functions.setFault(slug, fault),
    })),
    deployment: remembered((slug: string) => deploymentSetting(sandbox, slug)),
    endpoint: endpointSettings(sandbox),
    panelKey: panelKeySetting(sandbox),
    eggs: eggSettings(sandbox),
    panelMaintenance: shareSetting({
      read: () => sandbox.panel.settings.inMaintenance,
      write: (isDown: boolean) => void (sandbox.panel.settings.inMaintenance = isDown),
    }),
    nodes: panelNodeIds.map((id) => nodeSettings(sandbox, id)),
  };
}

/** One shared setting for each name that is asked for. */
function remembered<T>(make: (name: string) => Setting<T>): (name: string) => SharedSetting<T> {
  const made = new Map<string, SharedSetting<T>>();
  return (name) => {
    const known = made.get(name) ?? shareSetting(make(name));
    made.set(name, known);
    return known;
  };
}

function secretSetting({ supabase }: Sandbox, name: string): Setting<string | null> {
  return {
    read: () => supabase.functions.secrets().find((secret) => secret.name === name)?.value ?? null,
    write: (value) => supabase.functions.setSecret(name, value),
  };
}

/** How a function is deployed: the shop's own code, not at all, behind a token, or with Stripe's key of the other mode. */
type Deployed = 'as-usual' | 'absent' | 'behind-token' | 'with-live-key';

function deploymentSetting({ supabase }: Sandbox, slug: string): Setting<Deployed> {
  const { functions } = supabase;
  const verifyJwt = functions.deployed().find((deployed) => deployed.slug === slug)?.verifyJwt ?? false;
  let written: Deployed = 'as-usual';
  return {
    read: () => (functions.deployed().some((deployed) => deployed.slug === slug) ? written : 'absent'),
    write(how) {
      written = how;
      if (how === 'absent') functions.undeploy(slug);
      else if (how === 'behind-token') functions.deploy(slug, { verifyJwt: true });
      else if (how === 'with-live-key') functions.deploy(slug, { verifyJwt, code: refuseTestMode });
      else functions.deploy(slug, { verifyJwt });
    },
  };
}

const refuseTestMode: EdgeFunction = async (_request, context) => {
  const error =
    "No such subscription: 'sub_1'; a similar object exists in test mode, but a live mode key was used to make this request.";
  context.console.error(error);
  return json(500, { error });
};

function endpointSettings({ stripe, endpointId }: Sandbox) {
  const { endpoints, endpointSecrets } = stripe.state;
  const endpoint = endpoints.get(endpointId);
  const secret = endpointSecrets.get(endpointId);
  if (endpoint === undefined || secret === undefined) throw new Error('The shop has no webhook endpoint.');
  return {
    exists: shareSetting({
      read: () => endpoints.has(endpointId),
      async write(exists: boolean) {
        if (!exists) return stripe.removeEndpoint(endpointId);
        endpoints.set(endpointId, endpoint);
        endpointSecrets.set(endpointId, secret);
      },
    }),
    status: shareSetting({ read: () => endpoint.status, write: (status: string) => void (endpoint.status = status) }),
    url: shareSetting({ read: () => endpoint.url, write: (url: string) => void (endpoint.url = url) }),
    events: shareSetting<readonly string[]>({
      read: () => [...endpoint.enabled_events],
      write: (events) => void (endpoint.enabled_events = [...events]),
    }),
  };
}

/** The key that the functions use: whether the panel knows it, and what it may do to servers. */
function panelKeySetting({ supabase, panel }: Sandbox) {
  const token = supabase.functions.secrets().find(({ name }) => name === 'PTERO_APP_KEY')?.value;
  const key = panel.state.keys.get(token ?? '');
  if (key === undefined) throw new Error('The functions have no key of the panel.');
  return {
    isKnown: shareSetting({
      read: () => panel.state.keys.has(key.token),
      write: (isKnown: boolean) =>
        void (isKnown ? panel.state.keys.set(key.token, key) : panel.state.keys.delete(key.token)),
    }),
    serversLevel: shareSetting({
      read: () => key.permissions.servers,
      write: (level: typeof key.permissions.servers) => void (key.permissions.servers = level),
    }),
  };
}

/** The eggs of the games, each with whether it is there, what its installation comes to and what its values must fit. */
function eggSettings({ panel }: Sandbox) {
  const ids = new Set(Object.values(gameEggs).map(({ eggId }) => eggId));
  return panel.state.eggs
    .where(({ id }) => ids.has(id))
    .map((egg) => ({
      exists: shareSetting({
        read: () => panel.state.eggs.get(egg.id) !== undefined,
        write: (exists: boolean) => (exists ? panel.state.eggs.restore(egg) : panel.state.eggs.remove(egg.id)),
      }),
      outcome: shareSetting<InstallOutcome>({
        read: () => panel.installs.eggOutcome(egg.id),
        write: (outcome) => panel.installs.setEggOutcome(egg.id, outcome),
      }),
      rules: egg.variables.map((variable) =>
        shareSetting({ read: () => variable.rules, write: (rules: string) => void (variable.rules = rules) }),
      ),
    }));
}

function nodeSettings({ supabase, panel }: Sandbox, panelNodeId: number) {
  const node = panel.state.nodes.get(panelNodeId);
  if (node === undefined) throw new Error(`The panel has no node ${panelNodeId}.`);
  const column = <T>(name: string): SharedSetting<T> =>
    shareSetting({
      async read() {
        const [row] = await supabase.sql<{ value: T }>(
          `select ${name} as value from public.ptero_nodes where id = $1`,
          [rowId],
        );
        if (row === undefined) throw new Error(`ptero_nodes has no row of node ${node.name}.`);
        return row.value;
      },
      async write(value) {
        await supabase.sql(`update public.ptero_nodes set ${name} = $2 where id = $1`, [rowId, value]);
      },
    });
  const rowId = nodeRowId(node.name);
  return {
    isEnabled: column<boolean>('enabled'),
    maxRamGb: column<number>('max_ram_gb'),
    panelNumber: column<number>('pterodactyl_node_id'),
    isInMaintenance: shareSetting({
      read: () => node.inMaintenance,
      write: (isInMaintenance: boolean) => panel.setMaintenance(node.id, isInMaintenance),
    }),
    wings: shareSetting({
      read: () => panel.wings.modeOf(node.id),
      write: (mode: ReturnType<typeof panel.wings.modeOf>) => panel.wings.setMode(node.id, mode),
    }),
    hasFreePorts: portsSetting(panel, node.id),
  };
}

/** Whether the node has free ports; a server that holds all of them takes them away. */
function portsSetting(panel: Sandbox['panel'], nodeId: number): SharedSetting<boolean> {
  let holder: PanelServer | null = null;
  const { allocations, servers } = panel.state;
  return shareSetting({
    read: () => holder === null,
    write(hasFreePorts) {
      if (hasFreePorts) {
        for (const port of allocations.where(({ serverId }) => serverId === holder?.id)) port.serverId = null;
        if (holder !== null) servers.remove(holder.id);
        holder = null;
        return;
      }
      const free = allocations.where((port) => port.nodeId === nodeId && port.serverId === null);
      const eggId = panel.state.eggs.all()[0]?.id;
      if (free.length === 0 || eggId === undefined) return;
      holder = panel.addServer({ ownerId: panel.admin.id, nodeId, eggId, name: 'Load test', memoryMib: 128 });
      for (const port of free) port.serverId = holder.id;
    },
  });
}
