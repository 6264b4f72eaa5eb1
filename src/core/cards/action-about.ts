import type { ActionSubject } from '../act.ts';
import type { Action } from '../action.ts';
import { type Field, text, type Text } from '../card.ts';
import type { Links } from '../links.ts';
import { maskEmailsIn } from '../mask.ts';

/** What the cards around one action have in common. */
export interface ActionAbout {
  readonly action: Pick<Action, 'id' | 'label'>;
  readonly subject: ActionSubject;
  readonly links: Links;
  /** `full` only where one person alone reads it. */
  readonly emails: 'masked' | 'full';
  readonly madeAt: Date;
}

/** Cleans, and masks addresses where others read along. */
export function write(value: string, { emails }: Pick<ActionAbout, 'emails'>): Text {
  return emails === 'full' ? text(value) : text(maskEmailsIn(text(value)));
}

/** What the action is about, with the way to its page. */
export function subjectField({ subject, links }: ActionAbout): Field {
  const link = links(subject);
  return {
    label: subject.kind === 'order' ? 'Order' : 'Checkout',
    value: text(subject.id),
    ...(link === null ? {} : { link }),
  };
}
