import { cleanForeignText } from '../../core/foreign-text.ts';
import { inertMarkdown } from './markdown.ts';

/** How much of a card is written out. */
export interface Measure {
  /** Characters of one text. */
  readonly prose: number;
  /** Rows of one table, fields of one list. */
  readonly rows: number;
  /** Paragraphs, lists and tables. */
  readonly parts: number;
}

/** Writes the texts of one message within a measure, and keeps count of what it leaves out. */
export interface Pen {
  readonly measure: Measure;
  /** One line without anything invisible, cut with "…", for where Discord reads no markup. */
  plain(value: string, mostAllowed?: number): string;
  /** The same, escaped for where it does. */
  write(value: string): string;
  /** The first of them, as many as there is room for. */
  first<T>(things: readonly T[], most: number, what: string): readonly T[];
  /** Notes that something is not there. */
  leaveOut(what: string): void;
  /** What was left out, in words; `null`: nothing. */
  leftOut(): string | null;
}

const endless = 1_000_000;

export function createPen(measure: Measure): Pen {
  let characters = 0;
  const things = new Map<string, number>();
  const note = (what: string, count: number): void => {
    things.set(what, (things.get(what) ?? 0) + count);
  };
  const plain = (value: string, mostAllowed: number): string => {
    const whole = cleanForeignText(value, endless);
    const written = cleanForeignText(whole, mostAllowed);
    if (written !== whole) characters += whole.length - written.length + 1;
    return written;
  };
  return {
    measure,
    plain: (value, mostAllowed = measure.prose) => plain(value, mostAllowed),
    write: (value) => inertMarkdown(plain(value, measure.prose)),
    first(all, most, what) {
      if (all.length <= most) return all;
      note(what, all.length - most);
      return all.slice(0, most);
    },
    leaveOut: (what) => note(what, 1),
    leftOut() {
      const counts = [
        ...(characters === 0 ? [] : [`${characters} characters`]),
        ...[...things].map(([what, count]) => `${count} ${what}`),
      ];
      return counts.length === 0 ? null : `Left out to fit into one message: ${counts.join(', ')}.`;
    },
  };
}
