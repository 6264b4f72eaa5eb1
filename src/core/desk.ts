import type { Actor } from './actor.ts';
import type { Card } from './card.ts';

/**
 * Where something is asked. `staff`: a channel that only staff can read; what is answered there is seen by all of
 * them. `private`: only the person who asks sees the answer.
 */
export type Place = 'staff' | 'private';

/** A command as it was typed. */
export interface CommandCall {
  readonly command: string;
  /** What was given, by the names of the command's input. */
  readonly input: Readonly<Record<string, string>>;
  readonly actor: Actor;
  readonly place: Place;
}

/** What a command ends with. A private card is for the person who asked alone, wherever that was. */
export interface Answer {
  readonly card: Card;
  readonly visibility: 'channel' | 'private';
}

/** A button that was pressed, or an option that was chosen: both carry the id of a stored offer. */
export interface Press {
  readonly offerId: string;
  readonly actor: Actor;
  readonly place: Place;
  /** What the person filled in after {@link Form} was asked; `null` at the press itself. */
  readonly form: { readonly reason: string | null } | null;
}

/** A second question before something is done: a dialogue of one surface or another. */
export interface Form {
  readonly title: string;
  /** Plain sentences: what will be done, and what it means. */
  readonly body: readonly string[];
  /** A field for the person's own words; `null`: there is only yes or no. */
  readonly reason: { readonly label: string; readonly maxLength: number } | null;
  readonly confirmLabel: string;
  readonly isDangerous: boolean;
}

/** What pressing leads to. */
export type PressAnswer =
  /** Replaces the message, for everybody who sees it. */
  | { readonly kind: 'card'; readonly card: Card }
  /** For the person who pressed alone; the message stays as it is. */
  | { readonly kind: 'note'; readonly card: Card }
  /** Asks the person who pressed; the same press with the form filled in goes on. */
  | { readonly kind: 'ask'; readonly form: Form };

/** One input of a command, as help and registration tell it. */
export interface CommandInput {
  readonly name: string;
  readonly summary: string;
  readonly isRequired: boolean;
}

/** A command as surfaces offer it. */
export interface CommandListing {
  /** For example `server-status`, or `pterodoc orders`. */
  readonly name: string;
  readonly summary: string;
  readonly inputs: readonly CommandInput[];
}

/** What every surface hands a person's wish to. It speaks cards and knows no surface. */
export interface Desk {
  readonly commands: readonly CommandListing[];
  /** Always answers, within the deadline of a diagnosis; trouble is told on the card. */
  run(call: CommandCall): Promise<Answer>;
  /** `show` gets the card as it changes while an action is under way, before the last one is returned. */
  press(press: Press, show: (card: Card) => void): Promise<PressAnswer>;
}
