import { longestLink } from './limits.ts';

/**
 * A clean line that Discord shows as it is: https://docs.discord.com/developers/reference#message-formatting. A backslash
 * before anything that is neither letter nor digit takes its meaning away, and is not shown.
 */
export function inertMarkdown(line: string): string {
  return (
    line
      .replace(/[\\*_~|`[\]<>]/g, '\\$&')
      // Addresses are made links wherever they stand.
      .replace(/:(?=\/\/)/g, '\\:')
      // What counts at the start of a line only: headings, subtext, quotes and lists.
      .replace(/^[#+-]/, '\\$&')
      .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
      // A backslash does not keep these two from calling on everybody.
      .replace(/@(?=everyone|here)/gi, '@\u200b')
  );
}

/** How long ago, or when to come, as the reader's own client puts it. */
export function relativeTime(at: Date): string {
  return `<t:${Math.floor(at.getTime() / 1000)}:R>`;
}

/** A web address in the form a link needs; `null`: it leads nowhere. */
export function webAddress(url: string, longest: number): string | null {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const { href } = new URL(url);
  return href.length > longest ? null : href;
}

/** A link with words of ours; `null`: the address leads nowhere or is too long. */
export function linkTo(url: string, words: string): string | null {
  const address = webAddress(url, longestLink);
  if (address === null) return null;
  const inert = address.replace(/[^\w\-.~:/?#@!$&'+,;=%]/g, (found) => encodeURIComponent(found));
  // `encodeURIComponent` leaves these, which end a link.
  return `[${words}](<${inert.replace(/[()*]/g, (found) => `%${found.charCodeAt(0).toString(16)}`)}>)`;
}
