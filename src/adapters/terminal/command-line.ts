import type { ActionSubject } from '../../core/act.ts';
import type { ActionId } from '../../core/check.ts';

/** What to type to run an action. */
export function commandFor(action: ActionId, { id }: ActionSubject): string {
  switch (action) {
    case 'retry-provisioning':
      return `pterodoc retry ${id}`;
    case 'vouch':
      return `pterodoc act vouch ${id} --reason "…"`;
    default:
      return `pterodoc act ${action} ${id}`;
  }
}
