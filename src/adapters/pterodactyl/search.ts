import type { PanelSearch } from '../../core/action-ports.ts';
import { succeed } from '../../core/result.ts';
import { comparableServerName } from '../../core/server-name.ts';
import type { PanelApi } from './api.ts';
import { partToFilterBy } from './filter.ts';
import { serverShape } from './shapes.ts';

/** Servers by what is no id of theirs. */
export function createServerSearch(api: PanelApi): PanelSearch {
  return {
    async serversNamed(name, signal) {
      const wanted = comparableServerName(name);
      if (wanted === '') return succeed([]);
      const part = partToFilterBy(name);
      const query = part === '' ? {} : { 'filter[name]': part };
      const read = { path: '/servers', query, scope: 'servers: read' };
      const found = await api.list(read, serverShape, signal);
      return found.ok ? succeed(found.value.filter((server) => comparableServerName(server.name) === wanted)) : found;
    },
  };
}
