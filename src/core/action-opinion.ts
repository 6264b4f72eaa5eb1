import { decideActions } from './act.ts';
import type { Action } from './action.ts';
import type { ActionId } from './check.ts';
import type { EntryDiagnosis } from './diagnose.ts';
import type { Diagnosis, Doctor } from './diagnosis.ts';

/** What an action says to an entry beforehand; it asks again before it does anything. */
export interface ActionOpinion {
  readonly id: ActionId;
  readonly label: string;
  /** Why it would be refused; `null`: it is allowed, as far as the diagnosis tells. */
  readonly refusal: string | null;
}

/** The opinions of all actions that could act on an entry, in the order of the list. */
export type Opinions = (entry: EntryDiagnosis) => readonly ActionOpinion[];

/** Opinions on the entries of one diagnosis. Nothing is asked of the outside, nor of the bot's own memory. */
export function opinionsOn(
  { madeAt }: Diagnosis,
  {
    actions,
    grace,
    executionMaxMs,
  }: { readonly actions: readonly Action[]; readonly executionMaxMs: number } & Pick<Doctor, 'grace'>,
): Opinions {
  const context = { moment: { now: madeAt, grace }, executionMaxMs, history: [] };
  return (entry) =>
    decideActions(entry, actions, context).map(({ action: { id, label }, decision }) => ({
      id,
      label,
      refusal: decision.kind === 'refused' ? decision.reason : null,
    }));
}
