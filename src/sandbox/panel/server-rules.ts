import type { PanelCore } from './core.ts';
import type { Rule } from './rules.ts';

/** The rules of a server's external id; `ownId` is the server that may keep its own. */
export function externalIdRule({ state }: PanelCore, ownId: number | null): readonly Rule[] {
  return [
    'sometimes',
    'nullable',
    'string',
    'between:1,191',
    {
      name: 'unique',
      detail: (attribute) => `The ${attribute} has already been taken.`,
      passes: (value) =>
        state.servers.where(({ id, externalId }) => id !== ownId && externalId === String(value)).length === 0,
    },
  ];
}
