import type { CommandListing, Form } from '../../core/desk.ts';

/** A message as one window sees it. A later view of the same id replaces it. */
export interface MessageView {
  readonly id: string;
  /** Messages stand in this order. */
  readonly order: number;
  readonly html: string;
  /** What a screen reader says when it changes; `null`: nothing is to be said yet. */
  readonly announce: string | null;
}

/** A line that can be sent with one click. */
export interface Suggestion {
  readonly line: string;
  readonly what: string;
}

/** Everything a window needs to start from, or to start anew from. */
export interface Snapshot {
  /** Another one than before: the server was started anew, and the world with it. */
  readonly boot: string;
  readonly nowMs: number;
  /** Empty where commands are not offered. */
  readonly commands: readonly CommandListing[];
  readonly suggestions: readonly Suggestion[];
  readonly messages: readonly MessageView[];
  readonly broken: readonly string[];
}

/** The person who pressed is asked before anything is done. */
export interface Question {
  readonly messageId: string;
  readonly offerId: string;
  readonly form: Form;
}

/** Everything the server says by itself, by the names of the events. */
export interface WireEvents {
  readonly snapshot: Snapshot;
  readonly message: MessageView;
  readonly question: Question;
  /** A press has been answered, in whatever way. */
  readonly pressed: { readonly messageId: string; readonly offerId: string };
  readonly broken: { readonly broken: readonly string[] };
  readonly beat: { readonly nowMs: number };
}
