import stringWidth from 'string-width';
import { cleanForeignText } from '../../core/foreign-text.ts';

/** The part of a stream that a progress line needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line that says what is being waited for. */
export interface Progress {
  show(words: string): void;
  /** Takes the line away, so that what follows starts on a clean one. */
  end(): void;
}

/** Columns of a terminal; some that nobody looks at say that they have none. */
export function columnsOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : usualColumns;
}

const eraseLine = '\r\u001b[K';
const usualColumns = 80;

/** Shows a progress line on a terminal; where the stream is none (a file, a pipe), nothing is ever written. */
export function showProgress(words: string, stream: ProgressStream = process.stderr): Progress {
  if (stream.isTTY !== true) return { show() {}, end() {} };
  const show = (next: string): void => {
    stream.write(`${eraseLine}${fitted(`${next} …`, columnsOf(stream) - 1)}`);
  };
  show(words);
  return {
    show,
    end() {
      stream.write(eraseLine);
    },
  };
}

/** A line that wrapped could not be erased again. */
function fitted(words: string, width: number): string {
  let line = cleanForeignText(words, Math.max(1, width));
  while (stringWidth(line) > width) line = cleanForeignText(line, line.length - 1);
  return line;
}
