import { cleanForeignText } from '../../core/foreign-text.ts';

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
  /** One line without anything invisible, cut with "…"; never more than `mostAllowed` characters. */
  write(value: string, mostAllowed?: number): string;
  /** The first of them, as many as the measure has room for. */
  first<T>(things: readonly T[], most: number, what: string): readonly T[];
  /** What was left out, in words; `null`: nothing. */
  leftOut(): string | null;
}

const endless = 1_000_000;

export function createPen(measure: Measure): Pen {
  let characters = 0;
  const things = new Map<string, number>();
  return {
    measure,
    write(value, mostAllowed = endless) {
      const whole = cleanForeignText(value, endless);
      const written = cleanForeignText(whole, Math.min(measure.prose, mostAllowed));
      if (written !== whole) characters += whole.length - written.length + 1;
      return written;
    },
    first(all, most, what) {
      if (all.length <= most) return all;
      things.set(what, (things.get(what) ?? 0) + all.length - most);
      return all.slice(0, most);
    },
    leftOut() {
      const counts = [
        ...(characters === 0 ? [] : [`${characters} characters`]),
        ...[...things].map(([what, count]) => `${count} ${what}`),
      ];
      return counts.length === 0 ? null : `Left out to fit into one message: ${counts.join(', ')}.`;
    },
  };
}
