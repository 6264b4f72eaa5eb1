import type { PanelServer, PanelUser } from '../../core/evidence.ts';
import type { PanelReader } from '../../core/ports.ts';
import { fail, succeed } from '../../core/result.ts';
import type { PanelApi } from './api.ts';
import { partToFilterBy } from './filter.ts';
import { itemOf, userShape, userWithServersShape } from './shapes.ts';

/** Panel users and what they own. */
export function createUserReads(api: PanelApi): Pick<PanelReader, 'userByEmail' | 'user' | 'serversOf'> {
  return {
    async userByEmail(email, signal) {
      const wanted = email.trim().toLowerCase();
      const part = partToFilterBy(wanted);
      if (part === '') return succeed(null);
      const isWanted = (user: PanelUser): boolean => user.email.toLowerCase() === wanted;
      const read = { path: '/users', query: { 'filter[email]': part }, scope: 'users: read' };
      const found = await api.list(read, userShape, signal, isWanted);
      return found.ok ? succeed(found.value.find(isWanted) ?? null) : found;
    },

    user: (userId, signal) =>
      api.one<PanelUser>({ path: `/users/${userId}`, scope: 'users: read' }, itemOf(userShape), signal),

    async serversOf(userId, signal) {
      const read = { path: `/users/${userId}`, query: { include: 'servers' }, scope: 'users: read' };
      const user = await api.one(read, itemOf(userWithServersShape), signal);
      if (!user.ok) return user;
      if (user.value === null) return succeed<readonly PanelServer[]>([]);
      const { servers } = user.value.relationships;
      return servers === null
        ? fail({ source: 'pterodactyl', kind: 'not-permitted', scope: 'servers: read' })
        : succeed(servers);
    },
  };
}
