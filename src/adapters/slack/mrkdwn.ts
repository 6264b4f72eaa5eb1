/**
 * The three characters Slack wants escaped, `&` first: https://docs.slack.dev/messaging/formatting-message-text. Once
 * only, and never inside `plain_text` or rich text, which show them as they are.
 */
export function escapeMrkdwn(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Escaped, and without addresses that Slack would turn into links by itself. */
export function inertMrkdwn(value: string): string {
  return escapeMrkdwn(value.replaceAll('://', ':\u2060//'));
}

/** A moment that Slack shows in the reader's own time zone. */
export function dateToken(at: Date, words: string, fallback: string): string {
  return `<!date^${Math.floor(at.getTime() / 1000)}^${words}|${escapeMrkdwn(fallback)}>`;
}
