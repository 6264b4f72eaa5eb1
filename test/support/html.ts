/** A piece of HTML: an element that opens or closes, or text with its entities read. */
export type Token =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: Readonly<Record<string, string>> }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z][\w-]*(?:="[^"<>]*")?)*)\s*\/?>/y;
const attributeOf = /([a-z][\w-]*)(?:="([^"]*)")?/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
/** These have no end. */
const empty = new Set(['img', 'input', 'br', 'meta', 'link']);

/** Reads HTML far more strictly than a browser does: whatever is not plainly well-formed is a fault. */
export function readHtml(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] !== '<') {
      const end = source.indexOf('<', at) === -1 ? source.length : source.indexOf('<', at);
      tokens.push({ kind: 'text', text: decode(source.slice(at, end)) });
      at = end;
      continue;
    }
    tag.lastIndex = at;
    const found = tag.exec(source);
    if (found === null) throw new Error(`no tag: ${source.slice(at, at + 60)}`);
    const [whole, slash, name = '', rest = ''] = found;
    at += whole.length;
    if (slash === '/') {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> where </${expected}> belongs`);
      tokens.push({ kind: 'close', name });
    } else {
      const attributes = [...rest.matchAll(attributeOf)].map(
        ([, key = '', value = '']) => [key, decode(value)] as const,
      );
      tokens.push({ kind: 'open', name, attributes: Object.fromEntries(attributes) });
      if (!empty.has(name)) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  return tokens;
}

function decode(text: string): string {
  return text.replace(/&([^;&\s]*;?)/g, (_, rest: string) => {
    const character = rest.endsWith(';') ? entities[rest.slice(0, -1)] : undefined;
    if (character === undefined) throw new Error(`a bare ampersand: &${rest}`);
    return character;
  });
}
