import { createInterface } from 'node:readline';

/** Asks a person; `null`: the input ended, or Ctrl-C was pressed. */
export async function askQuestion(
  question: string,
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
): Promise<string | null> {
  const lines = createInterface(streams);
  try {
    const answer = await new Promise<string | null>((resolve) => {
      lines.once('SIGINT', () => lines.close());
      lines.once('close', () => resolve(null));
      lines.question(question, resolve);
    });
    if (answer === null) streams.output.write('\n');
    return answer;
  } finally {
    lines.close();
  }
}
