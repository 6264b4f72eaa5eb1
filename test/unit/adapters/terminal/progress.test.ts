import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { showProgress } from '../../../../src/adapters/terminal/index.ts';

function recorder(isTTY: boolean, columns = 40) {
  const written: string[] = [];
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } };
}

test('writes nothing to a file or a pipe', () => {
  const { written, stream } = recorder(false);
  const progress = showProgress('Reading', stream);
  progress.show('Still reading');
  progress.end();
  expect(written).toEqual([]);
});

test('keeps to one line and takes it away at the end', () => {
  const { written, stream } = recorder(true);
  const progress = showProgress('名'.repeat(100), stream);
  progress.show('next\u001b[2J\nline');
  progress.end();
  expect(written).toHaveLength(3);
  expect(written.every((text) => text.startsWith('\r\u001b[K'))).toBe(true);
  expect(stringWidth(written[0]?.slice(4) ?? '')).toBeLessThan(40);
  expect(written[1]).toBe('\r\u001b[Knext[2J line …');
  expect(written[2]).toBe('\r\u001b[K');
});

test('takes a terminal that says it has no columns for one of the usual width', () => {
  const { written, stream } = recorder(true, 0);
  showProgress('x'.repeat(100), stream);
  expect(stringWidth(written[0]?.slice(4) ?? '')).toBe(79);
});
