/** What of a text Discord would bring to life, and how it reads. */
export interface DiscordReading {
  /** As people see it: escapes are gone. */
  readonly words: string;
  /** Whom or what it would mention: people, roles, channels, commands, everybody. */
  readonly mentions: readonly string[];
  /** Addresses that can be clicked, masked or bare. */
  readonly links: readonly string[];
  /** Moments, as written. */
  readonly times: readonly string[];
  /** Bold, italic, spoiler, code and other markup beyond what is allowed, as written. */
  readonly markup: readonly string[];
}

/** Reads the markup of one text, as Discord's client does: https://docs.discord.com/developers/reference#message-formatting */
export function readDiscordMarkdown(source: string): DiscordReading {
  const mentions: string[] = [];
  const links: string[] = [];
  const times: string[] = [];
  const markup: string[] = [];
  let words = '';
  const rules: readonly (readonly [RegExp, (match: RegExpExecArray) => void])[] = [
    [/\\([^0-9A-Za-z\s])/y, (match) => void (words += match[1] ?? '')],
    [/<t:-?\d+(?::[tTdDfFRsS])?>/y, (match) => void times.push(match[0])],
    [/<(?:@[!&]?\d+|#\d+|\/[^:>]+:\d+|a?:\w+:\d+|id:\w+)>/y, (match) => void mentions.push(match[0])],
    [/@(?:everyone|here)/y, (match) => void mentions.push(match[0])],
    [
      /\[((?:\\.|[^\]\\])*)\]\(<?([^\s)>]*)>?[^)]*\)/y,
      (match) => {
        links.push(match[2] ?? '');
        words += match[1] ?? '';
      },
    ],
    [/<?[a-z][a-z0-9+.-]*:\/\/[^\s<]+/iy, (match) => void links.push(match[0])],
    [/\|\||```|``|`|~~|\*{1,3}|__|_/y, (match) => void markup.push(match[0])],
    [/(?<=^|\n)(?:#{1,3} |-# |>>> |> |[-*] |\d+\. )/y, (match) => void markup.push(match[0])],
  ];
  for (let at = 0; at < source.length;) {
    const met = rules.find(([pattern]) => {
      pattern.lastIndex = at;
      return pattern.test(source);
    });
    if (met === undefined) {
      words += source[at] ?? '';
      at += 1;
      continue;
    }
    const [pattern, note] = met;
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) throw new Error('A pattern that matched does not match.');
    note(match);
    at += match[0].length;
  }
  return { words, mentions, links, times, markup };
}
