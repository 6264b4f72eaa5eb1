import type { PanelSearch } from '../../core/action-ports.ts';
import { succeed } from '../../core/result.ts';
import type { PanelApi } from './api.ts';
import { partToFilterBy } from './filter.ts';
import { serverShape } from './shapes.ts';

/** Servers by what is no id of theirs. */
export function createServerSearch(api: PanelApi): PanelSearch {
  return {
    async serversNamed(name, signal) {
      // The panel trims what it stores.
      const wanted = name.trim();
      if (wanted === '') return succeed([]);
      const part = partToFilterBy(wanted);
      const query = part === '' ? {} : { 'filter[name]': part };
      const read = { path: '/servers', query, scope: 'servers: read' };
      const found = await api.list(read, serverShape, signal);
      return found.ok ? succeed(found.value.filter((server) => server.name === wanted)) : found;
    },
  };
}
