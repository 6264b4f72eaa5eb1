import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderCard } from '../../../../src/adapters/terminal/index.ts';
import { actionCards } from '../../../builders/action-cards.ts';

const golden = new URL('../../../golden/actions/', import.meta.url);
const shown = Object.entries(actionCards).flatMap(([name, card]) =>
  [40, 80].map((width) => ({ file: `${name}.${width}.terminal.txt`, card, width })),
);

describe('golden cards', () => {
  test.each(shown)('$file', async ({ file, card, width }) => {
    const rendered = renderCard(card, { width, colours: false });
    await expect(`${rendered}\n`).toMatchFileSnapshot(new URL(file, golden).pathname);
  });

  test('there is no golden file without its card', () => {
    const files = readdirSync(golden).filter((file) => file.endsWith('.terminal.txt'));
    expect(files.toSorted()).toEqual(shown.map(({ file }) => file).toSorted());
  });
});
