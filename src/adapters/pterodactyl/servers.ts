import type { PanelServer } from '../../core/evidence.ts';
import type { PanelReader } from '../../core/ports.ts';
import { succeed } from '../../core/result.ts';
import type { PanelApi } from './api.ts';
import { itemOf, serverShape } from './shapes.ts';

const scope = 'servers: read';
const shortId = /^[0-9a-f]{8}$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Single servers, by any of their names. */
export function createServerReads(
  api: PanelApi,
): Pick<PanelReader, 'server' | 'serverByExternalId' | 'serverByIdentifier'> {
  return {
    server: (serverId, signal) =>
      api.one<PanelServer>({ path: `/servers/${serverId}`, scope }, itemOf(serverShape), signal),

    async serverByExternalId(externalId, signal) {
      // These would be another address of the panel instead of an id.
      if (externalId.trim() === '' || externalId.includes('/') || /^\.{1,2}$/.test(externalId)) return succeed(null);
      const path = `/servers/external/${encodeURIComponent(externalId)}`;
      const found = await api.one<PanelServer>({ path, scope }, itemOf(serverShape), signal);
      // The panel's database may compare without case.
      return found.ok && found.value?.externalId !== externalId ? succeed(null) : found;
    },

    async serverByIdentifier(identifier, signal) {
      const wanted = identifier.trim().toLowerCase();
      if (!shortId.test(wanted) && !uuid.test(wanted)) return succeed(null);
      // The short id is the beginning of the uuid, and the filter finds parts.
      const isWanted = (server: PanelServer): boolean => [server.identifier, server.uuid].includes(wanted);
      const read = { path: '/servers', query: { 'filter[uuid]': wanted }, scope };
      const found = await api.list(read, serverShape, signal, isWanted);
      return found.ok ? succeed(found.value.find(isWanted) ?? null) : found;
    },
  };
}
