/** Somebody or something that a text calls on; people are notified by all but `channel`. */
export interface Mention {
  readonly kind: 'user' | 'group' | 'channel' | 'broadcast';
  /** An id, or the range of a broadcast: `here`, `channel`, `everyone`. */
  readonly id: string;
}

/** What Slack brings to life in a text: https://docs.slack.dev/messaging/formatting-message-text */
export interface LiveMarkup {
  readonly mentions: readonly Mention[];
  /** Addresses a click leads to, those included that Slack recognises by itself. */
  readonly links: readonly string[];
  /** `<`, `>` and `&` that are neither markup nor escaped, with what follows them. */
  readonly unescaped: readonly string[];
}

const IN_BRACKETS = /<([^<>\n]*)>/g;

/** Reads mrkdwn, or standard Markdown, in which Slack's own brackets work too. */
export function readMarkup(text: string, isMarkdown = false): LiveMarkup {
  const mentions: Mention[] = [];
  const links: string[] = [];
  const unescaped: string[] = [];
  const rest = text.replaceAll(IN_BRACKETS, (whole, inner: string) => {
    const mention = mentionIn(inner);
    if (mention !== null) mentions.push(mention);
    else if (/^(?:https?|mailto|tel|slack):/i.test(inner)) links.push(inner.split('|')[0] ?? '');
    else if (!inner.startsWith('!date^')) return whole;
    return ' ';
  });
  const outsideCode = rest.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, ' ');
  links.push(...[...outsideCode.matchAll(/\bhttps?:\/\/[^\s<>|)]+/gi)].map(([address]) => address));
  if (isMarkdown) links.push(...[...outsideCode.matchAll(/\]\(\s*([a-z]+:[^)\s]*)/gi)].map((match) => match[1] ?? ''));
  // A `>` at the start of a line is a quotation.
  else unescaped.push(...(rest.replaceAll(/^>+/gm, '').match(/[<>].{0,20}|&(?!(?:amp|lt|gt);).{0,20}/g) ?? []));
  return { mentions, links: [...new Set(links)], unescaped };
}

function mentionIn(inner: string): Mention | null {
  const [target = ''] = inner.split('|');
  if (/^@[UW]\w*$/.test(target)) return { kind: 'user', id: target.slice(1) };
  if (/^#C\w*$/.test(target)) return { kind: 'channel', id: target.slice(1) };
  if (/^!subteam\^S\w*$/.test(target)) return { kind: 'group', id: target.slice('!subteam^'.length) };
  if (/^!(?:here|channel|everyone)$/.test(target)) return { kind: 'broadcast', id: target.slice(1) };
  return null;
}

/** What `link_names: true` or `parse: 'full'` makes of bare names. */
export function readBareNames(text: string): readonly Mention[] {
  return [...text.matchAll(/(?<![\w<!])@(here|channel|everyone)\b/g)].map((match) => ({
    kind: 'broadcast',
    id: match[1] ?? '',
  }));
}

/** Foreign text as Slack stores what a person typed: escaped, with e-mails and addresses linked. */
export function typedText(text: string): string {
  return escapeText(text)
    .replaceAll(/\bhttps?:\/\/[^\s<>|]+/g, (address) => `<${address}>`)
    .replaceAll(/(?<![\w<:/])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, (email) => `<mailto:${email}|${email}>`);
}

/** The three characters that Slack wants escaped, `&` first. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
