import type { PanelCore } from '../core.ts';
import { crashed, notFound, refusal, validationFailed } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ListOptions } from '../list-query.ts';
import { answerCreated, answerItem, answerNothing, answerPage, type Call, idIn, type Route } from '../route.ts';
import { checkRules, type CustomRule } from '../rules.ts';
import { userShape } from '../shapes.ts';
import type { PanelUser } from '../state.ts';

const listOptions: ListOptions<PanelUser> = {
  filters: {
    email: { kind: 'contains', text: (user) => user.email },
    uuid: { kind: 'contains', text: (user) => user.uuid },
    username: { kind: 'contains', text: (user) => user.username },
    external_id: { kind: 'contains', text: (user) => user.externalId },
  },
  sorts: { id: (user) => user.id, uuid: (user) => user.uuid },
};

const read = { resource: 'users', level: 'read' } as const;
const write = { resource: 'users', level: 'write' } as const;

/** `/users` */
export const userRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/users',
    needs: read,
    open: () => (call) => answerPage(userShape, call.core.state.users.all(), call, listOptions),
  },
  {
    method: 'GET',
    path: '/users/external/:externalId',
    needs: read,
    open: (core, parameter) => (call) => {
      const user = core.state.users.where(({ externalId }) => externalId === parameter('externalId'))[0];
      if (user === undefined) throw notFound();
      return answerItem(userShape, user, call);
    },
  },
  {
    method: 'GET',
    path: '/users/:id',
    needs: read,
    open(core, parameter) {
      const user = findUser(core, parameter('id'));
      return (call) => answerItem(userShape, user, call);
    },
  },
  {
    method: 'POST',
    path: '/users',
    needs: write,
    open: () => (call) => {
      const user = createUser(call);
      // The row is committed before the mail about it is queued.
      if (call.core.settings.hasDeadMailQueue) throw crashed('RedisException');
      const resource = `${call.url.origin}/api/application/users/${user.id}`;
      return answerCreated(userShape, user, call, { resource });
    },
  },
  {
    method: 'PATCH',
    path: '/users/:id',
    needs: write,
    open(core, parameter) {
      const user = findUser(core, parameter('id'));
      return (call) => {
        Object.assign(user, readUser(core, call.body, user));
        user.updatedAt = core.clock.now();
        return answerItem(userShape, user, call);
      };
    },
  },
  {
    method: 'DELETE',
    path: '/users/:id',
    needs: write,
    open(core, parameter) {
      const user = findUser(core, parameter('id'));
      return () => {
        if (core.state.servers.where(({ ownerId }) => ownerId === user.id).length > 0) {
          throw refusal(
            'DisplayException',
            'Cannot delete a user with active servers attached to their account. Please delete their servers before continuing.',
          );
        }
        core.state.users.remove(user.id);
        return answerNothing();
      };
    },
  },
];

function findUser({ state }: PanelCore, id: string): PanelUser {
  const user = state.users.get(idIn(id));
  if (user === undefined) throw notFound();
  return user;
}

function createUser({ core, body }: Call): PanelUser {
  const fields = readUser(core, body, null);
  const now = core.clock.now();
  return core.state.users.insert((id) => ({
    id,
    uuid: core.identity.uuid('user', id),
    hasTwoFactor: false,
    createdAt: now,
    updatedAt: now,
    ...fields,
  }));
}

type WritableUser = Pick<
  PanelUser,
  'externalId' | 'email' | 'username' | 'firstName' | 'lastName' | 'language' | 'rootAdmin'
>;

/** Checks and reads a user's fields; a change must send the required ones again. */
function readUser({ state }: PanelCore, sent: JsonObject, own: PanelUser | null): WritableUser {
  const username = sent['username'];
  const body: JsonObject = typeof username === 'string' ? { ...sent, username: username.toLowerCase() } : sent;
  const unique = (textOf: (user: PanelUser) => string | null): CustomRule => ({
    name: 'unique',
    detail: (attribute) => `The ${attribute} has already been taken.`,
    passes: (value) =>
      state.users.where((user) => user.id !== own?.id && textOf(user)?.toLowerCase() === String(value).toLowerCase())
        .length === 0,
  });
  const failures = checkRules(body, {
    external_id: ['sometimes', 'nullable', 'string', 'max:191', unique((user) => user.externalId)],
    email: ['required', 'email', 'between:1,191', unique((user) => user.email)],
    username: ['required', 'between:1,191', unique((user) => user.username), USERNAME],
    first_name: ['required', 'string', 'between:1,191'],
    last_name: ['required', 'string', 'between:1,191'],
    password: ['sometimes', 'nullable', 'string'],
    language: ['sometimes', 'string'],
    root_admin: ['sometimes', 'boolean'],
  });
  if (failures.length > 0) throw validationFailed(failures);
  const rootAdmin = body['root_admin'];
  return {
    externalId: body['external_id'] === undefined ? (own?.externalId ?? null) : text(body, 'external_id'),
    email: text(body, 'email') ?? '',
    username: text(body, 'username') ?? '',
    firstName: text(body, 'first_name') ?? '',
    lastName: text(body, 'last_name') ?? '',
    language: text(body, 'language') ?? own?.language ?? 'en',
    rootAdmin: rootAdmin === undefined ? (own?.rootAdmin ?? false) : rootAdmin === true || Number(rootAdmin) === 1,
  };
}

const USERNAME: CustomRule = {
  name: 'p_username',
  detail: (attribute) =>
    `The ${attribute} must start and end with alpha-numeric characters and contain only letters, numbers, dashes, underscores, and periods.`,
  passes: (value) => /^[a-z0-9]([\w.-]+)[a-z0-9]$/.test(String(value)),
};

const text = (body: JsonObject, key: string): string | null => {
  const value = body[key] ?? null;
  return value === null ? null : String(value);
};
