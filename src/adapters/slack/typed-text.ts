/**
 * What a person typed, out of what Slack made of it: addresses and links lose their brackets, and what was escaped is
 * as it was: https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function typedText(value: string): string {
  const unescaped = withoutBrackets(value).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  // Text that was copied out of a message may hold brackets of its own.
  return withoutBrackets(unescaped).trim();
}

function withoutBrackets(value: string): string {
  return value.replace(/<mailto:([^|<>]*)(?:\|[^<>]*)?>/g, '$1').replace(/<(https?:[^|<>]*)(?:\|[^<>]*)?>/g, '$1');
}
