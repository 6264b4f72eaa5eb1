/** Text from outside for use within a sentence: on one line and at most so many characters. Renderers escape it. */
export function cutForeign(text: string, maxLength = 40): string {
  const characters = [...text.replace(/[\p{Cc}\s]+/gu, ' ').trim()];
  return characters.length <= maxLength ? characters.join('') : `${characters.slice(0, maxLength - 1).join('')}…`;
}
