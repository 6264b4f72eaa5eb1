/**
 * The part of a text to ask the panel's filter for; empty when there is none. The filter finds parts, without regard to
 * case, takes a comma as "or" and an empty value as everything; up to 1.11.8 `_` and `%` are its wildcards and a
 * backslash escapes. So it lets too much through, and who asks compares afterwards.
 */
export function partToFilterBy(text: string): string {
  const parts = text.split(/[,\\]/).map((part) => part.trim());
  return parts.reduce((best, part) => (part.length > best.length ? part : best), '');
}
