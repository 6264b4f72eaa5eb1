import type { PanelCore } from './core.ts';
import { findViableNodes, pickAllocation } from './deployment.ts';
import { validationFailed } from './errors.ts';
import { isJsonObject, type Json, type JsonObject, valueAt } from './json.ts';
import { checkRules, type CustomRule, parseRules, type Rule, type Rules } from './rules.ts';
import { externalIdRule } from './server-rules.ts';
import type { PanelAllocation, PanelEgg, PanelServer } from './state.ts';

/**
 * Creates a server in the panel's order: body rules, viable nodes, a free allocation, egg variables, the row, Wings.
 * The row is there before Wings is asked, and goes again when Wings does not take the server.
 */
export async function createServer(core: PanelCore, body: JsonObject): Promise<PanelServer> {
  const failures = checkRules(body, rulesOf(core, body));
  if (failures.length > 0) throw validationFailed(failures);
  const allocations = chooseAllocations(core, body);
  const egg = core.state.eggs.get(Number(body['egg']));
  const allocation = allocations[0];
  if (egg === undefined || allocation === undefined) throw new Error('The body rules let an unknown egg or port pass.');
  const environment = readEnvironment(egg, body['environment']);
  const server = insertServer(core, body, egg, allocation, environment);
  for (const taken of allocations) taken.serverId = server.id;
  try {
    await core.wings.call(server.nodeId);
  } catch (problem) {
    // The panel asks Wings to delete what may be there, and does not care for the answer.
    await core.wings.call(server.nodeId).catch(() => undefined);
    removeServer(core, server);
    throw problem;
  }
  core.installs.begin(server, false);
  return server;
}

/** Deletes the row and frees its allocations. */
export function removeServer(core: PanelCore, server: PanelServer): void {
  core.installs.cancel(server);
  for (const allocation of core.state.allocations.where(({ serverId }) => serverId === server.id)) {
    allocation.serverId = null;
  }
  core.state.servers.remove(server.id);
}

function rulesOf(core: PanelCore, body: JsonObject): Rules {
  const { state } = core;
  const exists = (test: (id: number) => boolean): CustomRule => ({
    name: 'exists',
    detail: (attribute) => `The selected ${attribute} is invalid.`,
    passes: (value) => test(Number(value)),
  });
  const freeAllocation = exists((id) => state.allocations.get(id)?.serverId === null);
  const placement: Record<string, readonly Rule[]> = wantsDeployment(body)
    ? {
        'deploy.locations': ['present', 'array'],
        'deploy.port_range': ['present', 'array'],
      }
    : {
        'allocation.default': ['required', 'integer', freeAllocation],
        'allocation.additional.*': ['integer', freeAllocation],
      };
  return {
    external_id: externalIdRule(core, null),
    name: ['required', 'string', 'min:1', 'max:191'],
    description: ['nullable', 'string'],
    user: ['required', 'integer', exists((id) => state.users.get(id) !== undefined)],
    egg: ['required', 'integer', exists((id) => state.eggs.get(id) !== undefined)],
    docker_image: ['required', 'string', 'max:191'],
    startup: ['required', 'string'],
    environment: ['present', 'array'],
    skip_scripts: ['sometimes', 'boolean'],
    oom_disabled: ['sometimes', 'boolean'],
    limits: ['required', 'array'],
    'limits.memory': ['required', 'numeric', 'min:0'],
    'limits.swap': ['required', 'numeric', 'min:-1'],
    'limits.disk': ['required', 'numeric', 'min:0'],
    'limits.io': ['required', 'numeric', 'between:10,1000'],
    'limits.threads': ['nullable', 'regex:/^[0-9-,]+$/'],
    'limits.cpu': ['required', 'numeric', 'min:0'],
    feature_limits: ['required', 'array'],
    'feature_limits.databases': ['present', 'nullable', 'integer', 'min:0'],
    'feature_limits.allocations': ['sometimes', 'nullable', 'integer', 'min:0'],
    'feature_limits.backups': ['present', 'nullable', 'integer', 'min:0'],
    ...placement,
    deploy: ['sometimes', 'required', 'array'],
    'deploy.locations.*': ['integer', 'min:1'],
    'deploy.dedicated_ip': ['required_with:deploy', 'boolean'],
    'deploy.port_range.*': ['string'],
    start_on_completion: ['sometimes', 'boolean'],
  };
}

function wantsDeployment(body: JsonObject): boolean {
  const deploy = body['deploy'];
  return isJsonObject(deploy) && Object.keys(deploy).length > 0;
}

/** The default allocation first. A named one skips capacity, public and location checks altogether. */
function chooseAllocations(core: PanelCore, body: JsonObject): PanelAllocation[] {
  if (!wantsDeployment(body)) {
    const ids = [valueAt(body, 'allocation.default') ?? null, ...listAt(body, 'allocation.additional')];
    return ids.flatMap((id) => core.state.allocations.get(Number(id)) ?? []);
  }
  const nodes = findViableNodes(core, {
    memoryMib: numberAt(body, 'limits.memory'),
    diskMib: numberAt(body, 'limits.disk'),
    locationIds: listAt(body, 'deploy.locations').map(Number),
  });
  const picked = pickAllocation(core, nodes, {
    dedicatedIp: flagAt(body, 'deploy.dedicated_ip'),
    portRange: listAt(body, 'deploy.port_range').map(String),
  });
  return [picked];
}

/** Egg variables are never filled in from their defaults here: what is required must be sent. */
function readEnvironment(egg: PanelEgg, sent: Json | undefined): Record<string, string> {
  const environment: JsonObject = isJsonObject(sent) ? sent : {};
  const rules: Record<string, readonly Rule[]> = {};
  const names: Record<string, string> = {};
  for (const variable of egg.variables) {
    rules[`environment.${variable.envVariable}`] = parseRules(variable.rules);
    names[`environment.${variable.envVariable}`] = `${variable.name} variable`;
  }
  const failures = checkRules({ environment }, rules, names);
  if (failures.length > 0) throw validationFailed(failures);
  return Object.fromEntries(
    egg.variables.map(({ envVariable }) => [envVariable, String(environment[envVariable] ?? '')]),
  );
}

function insertServer(
  core: PanelCore,
  body: JsonObject,
  egg: PanelEgg,
  allocation: PanelAllocation,
  environment: Record<string, string>,
): PanelServer {
  const now = core.clock.now();
  return core.state.servers.insert((id) => {
    const uuid = core.identity.uuid('server', id);
    return {
      id,
      uuid,
      identifier: uuid.slice(0, 8),
      externalId: textAt(body, 'external_id'),
      name: textAt(body, 'name') ?? '',
      description: textAt(body, 'description') ?? '',
      status: 'installing',
      ownerId: numberAt(body, 'user'),
      nodeId: allocation.nodeId,
      allocationId: allocation.id,
      eggId: egg.id,
      image: textAt(body, 'docker_image') ?? '',
      startup: textAt(body, 'startup') ?? '',
      environment,
      memoryMib: numberAt(body, 'limits.memory'),
      swapMib: numberAt(body, 'limits.swap'),
      diskMib: numberAt(body, 'limits.disk'),
      io: numberAt(body, 'limits.io'),
      cpuPercent: numberAt(body, 'limits.cpu'),
      threads: textAt(body, 'limits.threads'),
      isOomDisabled: valueAt(body, 'oom_disabled') === undefined || flagAt(body, 'oom_disabled'),
      databaseLimit: limitAt(body, 'feature_limits.databases'),
      allocationLimit: limitAt(body, 'feature_limits.allocations'),
      backupLimit: limitAt(body, 'feature_limits.backups'),
      startsOnCompletion: flagAt(body, 'start_on_completion'),
      createdAt: now,
      updatedAt: now,
    };
  });
}

const numberAt = (body: JsonObject, path: string): number => Number(valueAt(body, path) ?? 0);

const limitAt = (body: JsonObject, path: string): number | null => {
  const value = valueAt(body, path) ?? null;
  return value === null ? null : Number(value);
};

const textAt = (body: JsonObject, path: string): string | null => {
  const value = valueAt(body, path) ?? null;
  return value === null ? null : String(value);
};

const flagAt = (body: JsonObject, path: string): boolean => {
  const value = valueAt(body, path);
  return value === true || value === 1 || value === '1';
};

const listAt = (body: JsonObject, path: string): readonly Json[] => {
  const value = valueAt(body, path);
  return Array.isArray(value) ? value : [];
};
