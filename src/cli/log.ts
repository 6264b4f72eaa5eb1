import type { Config } from '../config.ts';
import type { ChatLog } from '../core/chat.ts';
import { complain } from './output.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** One line for each thing that befalls the program, on standard error: never tokens, addresses or what people wrote. */
export function createLog(least: Config['logLevel']): ChatLog {
  const write = (level: Exclude<Config['logLevel'], 'silent'>, words: string): void => {
    if (levels.indexOf(level) < levels.indexOf(least)) return;
    complain(`${new Date().toISOString()} ${level.padEnd(5)} ${words}`);
  };
  return {
    info: (words) => write('info', words),
    warn: (words) => write('warn', words),
    bug(error) {
      const reference = crypto.randomUUID().slice(0, 8);
      // The words of outside systems never reach an error; those of this program help whoever mends it.
      write('error', `${reference} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return reference;
    },
  };
}
