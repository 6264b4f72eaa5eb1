import { cleanForeignText } from './foreign-text.ts';
import type { Stage, StageState } from './stage.ts';

declare const cleaned: unique symbol;

/** One line that may quote the outside world. Renderers escape it for their platform. Only {@link text} makes it. */
export type Text = string & { readonly [cleaned]: true };

const longestText = 2000;

/** The door for everything that came from outside: one line, nothing invisible, cut with "…" where it is too long. */
export function text(value: string, maxLength: number = longestText): Text {
  return cleanForeignText(value, maxLength) as Text;
}

/** How the message is meant. Never told by colour alone: {@link toneWords} says it, too. */
export type Tone = 'good' | 'busy' | 'bad' | 'unsure' | 'neutral';

export const toneWords: Readonly<Record<Tone, string>> = {
  good: 'OK',
  busy: 'In progress',
  bad: 'Problem',
  unsure: 'Not known',
  neutral: 'Note',
};

/** How a stage is shown: as it was judged, or as the one the purchase is just in. */
export type StepState = StageState | 'current';

/** One stage of the path of a purchase, and how it stands. */
export interface PathStep {
  readonly stage: Stage;
  readonly state: StepState;
}

/** A labelled value. `at`: when it happened; each platform writes times in its own way. */
export interface Field {
  readonly label: string;
  readonly value: Text;
  readonly at?: Date;
  readonly link?: string;
}

export type Block =
  | { readonly kind: 'paragraph'; readonly heading?: string; readonly body: Text }
  | { readonly kind: 'fields'; readonly heading?: string; readonly fields: readonly Field[] }
  | {
      readonly kind: 'table';
      readonly heading?: string;
      readonly columns: readonly string[];
      /** As many cells as there are columns. */
      readonly rows: readonly (readonly (Text | Date)[])[];
    }
  | { readonly kind: 'progress'; readonly label: Text; readonly done: number; readonly total: number }
  | { readonly kind: 'image'; readonly url: string; readonly alt: Text };

export type Button =
  /** `id` is opaque: it names a stored offer, and carries no meaning of its own. */
  | {
      readonly kind: 'press';
      readonly id: string;
      readonly label: string;
      readonly style: 'primary' | 'plain' | 'danger';
      /** Pressing it asks a second question first: some surfaces must open a dialogue before they know which. */
      readonly asks?: boolean;
    }
  | { readonly kind: 'link'; readonly url: string; readonly label: string };

/** A choice of one out of several. */
export interface Select {
  readonly id: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: Text; readonly description?: Text }[];
}

/** One message in a form that every surface can show. */
export interface Card {
  readonly tone: Tone;
  readonly title: string;
  /** Stands alone in a notification or a screen reader. */
  readonly summary: string;
  readonly path?: readonly PathStep[];
  readonly blocks: readonly Block[];
  readonly buttons?: readonly Button[];
  readonly select?: Select;
  /** The moment it speaks of, for "… ago". */
  readonly madeAt: Date;
}
