import { type Logger, LogLevel } from '@slack/bolt';
import type { ChatLog } from '../../core/chat.ts';
import { cleanForeignText } from '../../core/foreign-text.ts';
import { maskEmailsIn } from '../../core/mask.ts';

const longestLine = 300;

/**
 * What Bolt and its clients have to say, without what must not be written down. Their debug lines hold whole payloads
 * and are dropped.
 */
export function boltLog(log: ChatLog): Logger {
  const note = (...words: unknown[]): void => log.warn(`Slack: ${words.map(lineOf).join(' ')}`);
  const ignore = (): void => undefined;
  return {
    debug: ignore,
    info: ignore,
    warn: note,
    error: note,
    setLevel: ignore,
    getLevel: () => LogLevel.WARN,
    setName: ignore,
  };
}

/** One line without tokens, addresses of any kind or e-mails. */
export function lineOf(value: unknown): string {
  const words = value instanceof Error ? `${value.name}: ${value.message}` : typeof value === 'string' ? value : '…';
  return maskEmailsIn(
    cleanForeignText(words, longestLine)
      .replace(/\bx(?:ox[a-z]|app)-[\w-]+/g, 'xox…')
      .replace(/\b(?:https?|wss?):\/\/\S+/g, '(address)'),
  );
}
