import type { PanelCore } from '../core.ts';
import { createServer, removeServer } from '../create-server.ts';
import { notFound, validationFailed } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ListOptions } from '../list-query.ts';
import { answerCreated, answerItem, answerNothing, answerPage, type Call, idIn, type Route } from '../route.ts';
import { checkRules } from '../rules.ts';
import { externalIdRule } from '../server-rules.ts';
import { deleteServer, reinstallServer, setSuspension } from '../server-actions.ts';
import { serverShape } from '../shapes.ts';
import type { PanelServer } from '../state.ts';

const listOptions: ListOptions<PanelServer> = {
  filters: {
    uuid: { kind: 'contains', text: (server) => server.uuid },
    uuidShort: { kind: 'contains', text: (server) => server.identifier },
    name: { kind: 'contains', text: (server) => server.name },
    description: { kind: 'contains', text: (server) => server.description },
    image: { kind: 'contains', text: (server) => server.image },
    external_id: { kind: 'contains', text: (server) => server.externalId },
  },
  sorts: { id: (server) => server.id, uuid: (server) => server.uuid },
};

const read = { resource: 'servers', level: 'read' } as const;
const write = { resource: 'servers', level: 'write' } as const;

/** `/servers` */
export const serverRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/servers',
    needs: read,
    open: () => (call) => answerPage(serverShape, call.core.state.servers.all(), call, listOptions),
  },
  {
    method: 'GET',
    path: '/servers/external/:externalId',
    needs: read,
    open: (core, parameter) => (call) => {
      const server = core.state.servers.where(({ externalId }) => externalId === parameter('externalId'))[0];
      if (server === undefined) throw notFound();
      return answerItem(serverShape, server, call);
    },
  },
  {
    method: 'POST',
    path: '/servers',
    needs: write,
    open: () => async (call) => answerCreated(serverShape, await createServer(call.core, call.body), call, null),
  },
  onServer('GET', '', read, (call, server) => answerItem(serverShape, server, call)),
  onServer('PATCH', '/details', write, (call, server) => {
    changeDetails(call.core, server, call.body);
    return answerItem(serverShape, server, call);
  }),
  onServer('POST', '/reinstall', write, (call, server) => acted(reinstallServer(call.core, server))),
  onServer('POST', '/suspend', write, (call, server) => acted(setSuspension(call.core, server, true))),
  onServer('POST', '/unsuspend', write, (call, server) => acted(setSuspension(call.core, server, false))),
  onServer('DELETE', '', write, (call, server) => acted(deleteServer(call.core, server))),
  onServer('DELETE', '/force', write, (call, server) => {
    removeServer(call.core, server);
    return answerNothing();
  }),
];

function onServer(
  method: Route['method'],
  below: string,
  needs: Route['needs'],
  answer: (call: Call, server: PanelServer) => Response | Promise<Response>,
): Route {
  return {
    method,
    path: `/servers/:id${below}`,
    needs,
    open(core, parameter) {
      const server = core.state.servers.get(idIn(parameter('id')));
      if (server === undefined) throw notFound();
      return (call) => answer(call, server);
    },
  };
}

async function acted(action: Promise<void>): Promise<Response> {
  await action;
  return answerNothing();
}

/** Overwrites all four fields: an external id or description that is not sent is cleared. */
function changeDetails(core: PanelCore, server: PanelServer, body: JsonObject): void {
  const failures = checkRules(body, {
    external_id: externalIdRule(core, server.id),
    name: ['required', 'string', 'min:1', 'max:191'],
    user: [
      'required',
      'integer',
      {
        name: 'exists',
        detail: (attribute) => `The selected ${attribute} is invalid.`,
        passes: (value) => core.state.users.get(Number(value)) !== undefined,
      },
    ],
    description: ['nullable', 'string'],
  });
  if (failures.length > 0) throw validationFailed(failures);
  const externalId = body['external_id'] ?? null;
  server.externalId = externalId === null ? null : String(externalId);
  server.name = String(body['name']);
  server.ownerId = Number(body['user']);
  server.description = String(body['description'] ?? '');
  server.updatedAt = core.clock.now();
}
