import { notFound } from '../errors.ts';
import type { ListOptions } from '../list-query.ts';
import { answerItem, answerPage, idIn, type Route } from '../route.ts';
import { locationShape } from '../shapes.ts';
import type { PanelLocation } from '../state.ts';

const listOptions: ListOptions<PanelLocation> = {
  filters: {
    short: { kind: 'contains', text: (location) => location.short },
    long: { kind: 'contains', text: (location) => location.long },
  },
  sorts: { id: (location) => location.id },
};

const read = { resource: 'locations', level: 'read' } as const;

/** `/locations` */
export const locationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/locations',
    needs: read,
    open: () => (call) => answerPage(locationShape, call.core.state.locations.all(), call, listOptions),
  },
  {
    method: 'GET',
    path: '/locations/:id',
    needs: read,
    open(core, parameter) {
      const location = core.state.locations.get(idIn(parameter('id')));
      if (location === undefined) throw notFound();
      return (call) => answerItem(locationShape, location, call);
    },
  },
];
