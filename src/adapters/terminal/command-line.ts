import type { ActionSubject } from '../../core/act.ts';
import type { ActionId } from '../../core/check.ts';

/** What to type to run an action. */
export function commandFor(action: ActionId, { id }: ActionSubject): string {
  return action === 'retry-provisioning' ? `pterodoc retry ${id}` : `pterodoc act ${action} ${id}`;
}
