import type { ChatWay, PlatformAnswer, PlatformQuestion } from './chat-platform.ts';
import type { ProgramAnswer, ProgramKind, ProgramQuestion } from './chat-program.ts';
import { openProcess } from './process.ts';

/** A platform in one process, and a program that answers on it in another. */
export interface Chat {
  /** Milliseconds to the first answer of as many commands at the same moment. */
  burst(commands: number): Promise<readonly number[]>;
  /** Commands and presses one after the other, twenty under way at any time. */
  stream(commands: number): Promise<void>;
  memory(): Promise<ProgramAnswer['memory']>;
  /** What was not answered, or refused by the platform. */
  troubles(): number;
  close(): void;
}

export async function openChat(way: ChatWay, program: ProgramKind): Promise<Chat> {
  const platform = openProcess<PlatformQuestion, PlatformAnswer>('chat-platform.ts');
  const bot = openProcess<ProgramQuestion, ProgramAnswer>('chat-program.ts');
  const { access } = await platform.ask({ kind: 'open', way });
  if (access === null) throw new Error(`there is no ${way}`);
  const { url } = await bot.ask({ kind: 'open', program, access });
  await platform.ask({ kind: 'connected', url });
  let count = 0;
  return {
    async burst(commands) {
      const { firstMs, troubles } = await platform.ask({ kind: 'burst', commands });
      count += troubles;
      return firstMs;
    },
    async stream(commands) {
      const { troubles } = await platform.ask({ kind: 'stream', commands });
      count += troubles;
    },
    memory: async () => (await bot.ask({ kind: 'memory' })).memory,
    troubles: () => count,
    close() {
      bot.close();
      platform.close();
    },
  };
}
