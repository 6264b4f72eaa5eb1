/**
 * The part of a text to ask the panel's filter for; empty when there is none. The filter finds parts, without regard to
 * case, takes a comma as "or" and an empty value as everything; up to 1.11.8 `_` and `%` are its wildcards and a
 * backslash escapes. So it lets too much through, and who asks compares afterwards. Invisible characters may be gone
 * from what it stores, and the capital İ becomes two characters where the filter makes it small.
 */
export function partToFilterBy(text: string): string {
  const parts = text.split(/[,\\İ\u0085]|\p{Cf}/u).map((part) => part.trim());
  return parts.reduce((best, part) => (part.length > best.length ? part : best), '');
}
