import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askQuestion } from '../../../../src/adapters/terminal/index.ts';

function streams() {
  const output = new PassThrough();
  let shown = '';
  output.setEncoding('utf8').on('data', (text: string) => (shown += text));
  return { input: new PassThrough(), output, shown: () => shown };
}

test('gives the line that was typed', async () => {
  const { input, output, shown } = streams();
  const answer = askQuestion('Do it? ', { input, output });
  input.write('yes\n');
  expect(await answer).toBe('yes');
  expect(shown()).toBe('Do it? ');
});

test('is not answered where the input ends, and leaves the cursor on a new line', async () => {
  const { input, output, shown } = streams();
  const answer = askQuestion('Do it? ', { input, output });
  input.end();
  expect(await answer).toBeNull();
  expect(shown()).toBe('Do it? \n');
});

test('can be asked again on the same input', async () => {
  const { input, output } = streams();
  const first = askQuestion('One? ', { input, output });
  input.write('1\n');
  await first;
  const second = askQuestion('Two? ', { input, output });
  input.write('2\n');
  expect(await second).toBe('2');
});
