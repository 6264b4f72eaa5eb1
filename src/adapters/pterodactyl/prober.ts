import { z } from 'zod';
import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { UpstreamFailure } from '../../core/failure.ts';
import type { Answer } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import { requestJson } from '../http.ts';
import { baseOf, panelHeaders, parseAs } from './api.ts';
import { codeOf, readPanelRefusal } from './failures.ts';
import { itemOf } from './shapes.ts';

export interface PanelProberConfig {
  readonly url: string;
  readonly applicationKey: string;
  readonly clientKey: string | null;
  /** Of one request, repetitions included. */
  readonly timeoutMs?: number;
}

/** What the panel let a key see, and what it says of its rate limit. */
interface Seen<T> {
  /** `null`: the panel has no such thing. */
  readonly value: T | null;
  readonly perMinute: string | null;
}

type Get = <T>(path: string, scope: string, shape: z.ZodType<T>, signal: AbortSignal) => Answer<Seen<T>>;

const TIMEOUT_MS = 4000;

const list = z.object({ data: z.array(z.unknown()) });
const idList = z.object({ data: z.array(itemOf(z.object({ id: z.int() }))) }).transform(({ data }) => data);
const serverList = z.object({ data: z.array(itemOf(z.object({ nest: z.int() }))) }).transform(({ data }) => data);
const account = itemOf(z.object({ admin: z.boolean() }));

const fine: ProbeFinding = { kind: 'fine' };

/** Tries what the panel's keys may read. */
export function createPanelProber(config: PanelProberConfig): CredentialProber {
  const get = reader(config, '/api/application', config.applicationKey);
  return {
    source: 'pterodactyl',
    keyRemedy:
      'Make an application key in the panel (Admin → Application API) as a root admin, and put it into PTERODACTYL_API_KEY.',
    addressRemedy:
      "Check PTERODACTYL_URL: it is the panel's own address, reachable from here and without a sign-in page in front.",
    probes: [
      keyProbe(get),
      listProbe(get, 'Users', '/users', 'Without it nobody can be matched with a panel account.'),
      listProbe(get, 'Servers', '/servers', 'Without it no server can be looked at.'),
      nodesProbe(get),
      allocationsProbe(get),
      nestsProbe(get),
      eggsProbe(get),
      clientProbe(config),
    ],
  };
}

function reader(
  { url, timeoutMs = TIMEOUT_MS }: PanelProberConfig,
  area: '/api/application' | '/api/client',
  key: string,
): Get {
  return async (path, scope, shape, signal) => {
    const address = new URL(`${baseOf(url)}${area}${path}`);
    const answer = await requestJson({
      source: 'pterodactyl',
      url: address.href,
      headers: panelHeaders(key),
      timeoutMs,
      signal,
      codeOf,
      readRefusal: (refused) => readPanelRefusal(scope, address.pathname, refused),
    });
    if (!answer.ok) return answer;
    const { status, headers, json } = answer.value;
    const perMinute = headers['x-ratelimit-limit'] ?? null;
    if (status === 404) return succeed({ value: null, perMinute });
    const parsed = parseAs(shape, json, address.pathname);
    return parsed.ok ? succeed({ value: parsed.value, perMinute }) : parsed;
  };
}

/** In the panel a key's permissions cannot be changed after it was made. */
function permissionRemedy(row: string, without: string): string {
  return `Make a new application key (Admin → Application API) with ${row} set to Read, and put it into PTERODACTYL_API_KEY. ${without}`;
}

function keyProbe(get: Get): Probe {
  return {
    name: 'Application key',
    needed: 'required',
    remedy: 'The owner of the key has to be a root admin of the panel, and the key usable from the address of the bot.',
    async run(signal) {
      const users = await get('/users?per_page=1', 'users: read', list, signal);
      if (!users.ok) return isAboutPermission(users.failure) ? succeed({ kind: 'fine', note: 'Accepted.' }) : users;
      const { perMinute } = users.value;
      return succeed(
        perMinute === null
          ? { kind: 'fine', note: 'Accepted.' }
          : {
              kind: 'fine',
              note: `Accepted; the panel allows ${perMinute} requests a minute, shared by all keys of this admin.`,
            },
      );
    },
  };
}

/** A key that lacks one permission has been accepted; one that is refused for everything has not. */
function isAboutPermission(failure: UpstreamFailure): boolean {
  return failure.kind === 'not-permitted' && failure.scope !== null;
}

function listProbe(get: Get, row: string, path: string, without: string): Probe {
  return {
    name: `${row}: Read`,
    needed: 'required',
    remedy: permissionRemedy(row, without),
    async run(signal) {
      const found = await get(`${path}?per_page=1`, `${row.toLowerCase()}: read`, list, signal);
      return found.ok ? succeed(fine) : found;
    },
  };
}

function nodesProbe(get: Get): Probe {
  const plain = listProbe(get, 'Nodes', '/nodes', 'Without it room and Wings cannot be judged.');
  return {
    ...plain,
    async run(signal) {
      const found = await plain.run(signal);
      if (!found.ok) return found;
      return succeed({
        kind: 'warning',
        note: "Works. The panel hands the token of every node's Wings to any key that may read nodes; pterodoc never asks for it.",
        remedy: 'Guard PTERODACTYL_API_KEY like a root password; the panel has no narrower permission.',
      });
    },
  };
}

function allocationsProbe(get: Get): Probe {
  return {
    name: 'Allocations: Read',
    needed: 'required',
    remedy: permissionRemedy('Allocations (and Nodes)', 'Without it nobody sees that free ports have run out.'),
    async run(signal) {
      const nodes = await get('/nodes?per_page=1', 'nodes: read', idList, signal);
      if (!nodes.ok) return nodes;
      const nodeId = nodes.value.value?.[0]?.id;
      if (nodeId === undefined) return succeed(untried('the panel has no node'));
      const path = `/nodes/${nodeId}/allocations?per_page=1`;
      const found = await get(path, 'allocations: read', list, signal);
      return found.ok ? succeed(fine) : found;
    },
  };
}

function nestsProbe(get: Get): Probe {
  const without = 'Only the doctor needs it, to find an egg to try.';
  return { ...listProbe(get, 'Nests', '/nests', without), needed: 'optional' };
}

function eggsProbe(get: Get): Probe {
  return {
    name: 'Eggs: Read',
    needed: 'required',
    remedy: permissionRemedy('Eggs', 'Without it a missing egg, or a variable that fails its rules, cannot be told.'),
    async run(signal) {
      const nestId = await anyNest(get, signal);
      if (!nestId.ok) return nestId;
      if (nestId.value === null) return succeed(untried('no nest is known'));
      const found = await get(`/nests/${nestId.value}/eggs`, 'eggs: read', list, signal);
      return found.ok ? succeed(fine) : found;
    },
  };
}

/** A key without Nests: Read still learns of one from a server. */
async function anyNest(get: Get, signal: AbortSignal): Answer<number | null> {
  const nests = await get('/nests?per_page=1', 'nests: read', idList, signal);
  if (nests.ok) return succeed(nests.value.value?.[0]?.id ?? null);
  if (!isAboutPermission(nests.failure)) return fail(nests.failure);
  const servers = await get('/servers?per_page=1', 'servers: read', serverList, signal);
  if (servers.ok) return succeed(servers.value.value?.[0]?.nest ?? null);
  return isAboutPermission(servers.failure) ? succeed(null) : fail(servers.failure);
}

/** Nothing was examined, so nothing is said to be fine. */
function untried(why: string): ProbeFinding {
  return {
    kind: 'warning',
    note: `Could not be tried: ${why}.`,
    remedy: 'Run the doctor again once the panel has its nodes and eggs and the key may read them.',
  };
}

function clientProbe(config: PanelProberConfig): Probe {
  const remedy =
    "Make a client key in the panel (Account → API Credentials) as a root admin, and put it into PTERODACTYL_CLIENT_KEY; without it a server's power state is unknown, and Wings can only be knocked at from here.";
  const { clientKey } = config;
  return {
    name: 'Client key',
    needed: 'optional',
    remedy,
    async run(signal) {
      if (clientKey === null) return succeed({ kind: 'not-configured', note: 'PTERODACTYL_CLIENT_KEY is not given.' });
      const found = await reader(config, '/api/client', clientKey)('/account', 'a client key', account, signal);
      if (!found.ok) {
        // The remedy for a refused key speaks of the other one.
        return found.failure.kind === 'credentials-rejected'
          ? succeed({ kind: 'fault', note: 'The panel refuses the client key.' })
          : found;
      }
      return succeed(
        found.value.value?.admin === true
          ? { kind: 'fine', note: 'Accepted; it belongs to a root admin.' }
          : { kind: 'warning', note: 'Accepted, but its owner is no root admin: it only sees its owner’s servers.' },
      );
    },
  };
}
