import { cleanForeignText } from '../../core/foreign-text.ts';

/** Markup that is safe to send. Only {@link html} and {@link attribute} make it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | readonly Html[];

const longestText = 4000;

/** A template whose parts are cleaned and escaped, unless they are markup already; `null` leaves nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = strings.reduce((before, string, at) => `${before}${markupOf(parts[at - 1] ?? null)}${string}`);
  return { markup };
}

/** A value that must arrive whole, such as an address: escaped, never cut. */
export function attribute(value: string): Html {
  return { markup: escape(value.toWellFormed()) };
}

function markupOf(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escape(cleanForeignText(part, longestText));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
