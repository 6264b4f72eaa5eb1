import { isJson, type Json } from './shape.ts';
import { type LiveMarkup, readMarkup } from './markup.ts';

/** A text in a message, and whether Slack reads markup in it. */
export interface TextPiece {
  readonly kind: 'mrkdwn' | 'plain_text' | 'markdown';
  readonly text: string;
}

/** All texts of blocks in reading order, labels of buttons and options included. */
export function textsOf(blocks: unknown): readonly TextPiece[] {
  if (Array.isArray(blocks)) return blocks.flatMap(textsOf);
  if (!isJson(blocks)) return [];
  if (blocks['type'] === 'mrkdwn') return [{ kind: 'mrkdwn', text: String(blocks['text']) }];
  if (blocks['type'] === 'markdown') return [{ kind: 'markdown', text: String(blocks['text']) }];
  const own = typeof blocks['text'] === 'string' ? [{ kind: 'plain_text' as const, text: blocks['text'] }] : [];
  const inner = Object.entries(blocks).filter(([key]) => key !== 'value' && key !== 'style');
  return [...own, ...inner.flatMap(([, value]) => textsOf(value))];
}

/** All texts of blocks, line by line. */
export function readingOf(blocks: unknown): string {
  return textsOf(blocks)
    .map(({ text }) => text)
    .join('\n');
}

/** The characters of all texts together. */
export function blocksTextLength(blocks: unknown): number {
  return textsOf(blocks).reduce((sum, { text }) => sum + text.length, 0);
}

/** What is live in blocks: mentions, links and characters that were not escaped. */
export function liveMarkupOf(blocks: unknown): LiveMarkup {
  const parts = [
    ...textsOf(blocks)
      .filter(({ kind }) => kind !== 'plain_text')
      .map(({ text, kind }) => readMarkup(text, kind === 'markdown')),
    ...richMentions(blocks),
  ];
  return joinMarkup(parts);
}

/** Several findings as one. */
export function joinMarkup(parts: readonly LiveMarkup[]): LiveMarkup {
  return {
    mentions: parts.flatMap(({ mentions }) => mentions),
    links: parts.flatMap(({ links }) => links),
    unescaped: parts.flatMap(({ unescaped }) => unescaped),
  };
}

function richMentions(value: unknown): readonly LiveMarkup[] {
  if (Array.isArray(value)) return value.flatMap(richMentions);
  if (!isJson(value)) return [];
  const found = richMention(value);
  return [...(found === null ? [] : [found]), ...Object.values(value).flatMap(richMentions)];
}

function richMention(element: Json): LiveMarkup | null {
  const mention = (kind: 'user' | 'group' | 'channel' | 'broadcast', id: unknown): LiveMarkup => ({
    mentions: [{ kind, id: String(id) }],
    links: [],
    unescaped: [],
  });
  if (element['type'] === 'user' && 'user_id' in element) return mention('user', element['user_id']);
  if (element['type'] === 'usergroup' && 'usergroup_id' in element) return mention('group', element['usergroup_id']);
  if (element['type'] === 'channel' && 'channel_id' in element) return mention('channel', element['channel_id']);
  if (element['type'] === 'broadcast') return mention('broadcast', element['range']);
  if (element['type'] === 'link') return { mentions: [], links: [String(element['url'])], unescaped: [] };
  return null;
}
