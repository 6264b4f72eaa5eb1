import type { PanelCore } from '../core.ts';
import { notFound } from '../errors.ts';
import { answerItem, answerPage, idIn, type Route } from '../route.ts';
import { eggShape, nestShape, toItem } from '../shapes.ts';
import type { PanelNest } from '../state.ts';

const readNests = { resource: 'nests', level: 'read' } as const;
const readEggs = { resource: 'eggs', level: 'read' } as const;

/** `/nests` and the eggs below them. */
export const nestRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nests',
    needs: readNests,
    open: () => (call) => answerPage(nestShape, call.core.state.nests.all(), call, {}),
  },
  {
    method: 'GET',
    path: '/nests/:nest',
    needs: readNests,
    open(core, parameter) {
      const nest = findNest(core, parameter('nest'));
      return (call) => answerItem(nestShape, nest, call);
    },
  },
  {
    method: 'GET',
    path: '/nests/:nest/eggs',
    needs: readEggs,
    open(core, parameter) {
      const nest = findNest(core, parameter('nest'));
      return (call) => {
        const eggs = core.state.eggs.where(({ nestId }) => nestId === nest.id);
        return Response.json({ object: 'list', data: eggs.map((egg) => toItem(eggShape, egg, call)) });
      };
    },
  },
  {
    method: 'GET',
    path: '/nests/:nest/eggs/:egg',
    needs: readEggs,
    open(core, parameter) {
      const nest = findNest(core, parameter('nest'));
      const egg = core.state.eggs.get(idIn(parameter('egg')));
      if (egg === undefined || egg.nestId !== nest.id) throw notFound();
      return (call) => answerItem(eggShape, egg, call);
    },
  },
];

function findNest({ state }: PanelCore, id: string): PanelNest {
  const nest = state.nests.get(idIn(id));
  if (nest === undefined) throw notFound();
  return nest;
}
