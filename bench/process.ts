import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A program of this folder that runs in a process of its own and is asked one thing after the other. */
export interface Process<Question, Answer> {
  ask(question: Question): Promise<Answer>;
  close(): void;
}

/** Starts it; it ends when it is closed, or this process does. */
export function openProcess<Question, Answer>(file: string): Process<Question, Answer> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error(`${file} ended before it answered`));
        child.once('exit', ended);
        child.once('message', (message) => {
          child.off('exit', ended);
          resolve(message as Answer);
        });
        child.send(question as object);
      }),
    close: () => child.disconnect(),
  };
}

/** The other side: answers what the process that started this one asks. */
export function answerParent<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('message', (question) => {
    void answer(question as Question).then((found) => process.send?.(found));
  });
  process.once('disconnect', () => process.exit(0));
}
