const whitespace = /[\s\u0085]+/gu;
/** Control characters, bidi overrides, zero-width characters and everything else that is invisible by design. */
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text from outside in a form that can be quoted in a sentence: one line, nothing invisible, at most `maxLength`
 * UTF-16 units. What was cut ends in "…". It is still foreign: renderers escape it.
 */
export function cleanForeignText(text: string, maxLength: number): string {
  const clean = text.toWellFormed().replace(whitespace, ' ').replace(invisible, '').replace(/ +/g, ' ').trim();
  if (clean.length <= maxLength) return clean;
  if (maxLength < 1) return '';
  return `${withoutHalfCharacter(clean.slice(0, maxLength - 1)).trimEnd()}…`;
}

/** A cut between the two units of one character leaves the first of them behind. */
function withoutHalfCharacter(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}

/** A foreign word or name for use within a sentence, short unless said otherwise. */
export function cutForeign(text: string, maxLength = 40): string {
  return cleanForeignText(text, maxLength);
}
