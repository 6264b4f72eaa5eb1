import { columnsOf, renderCard } from '../adapters/terminal/index.ts';
import type { Card } from '../core/card.ts';

/** The answer of a command. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What is said beside the answer, so that programs can read that alone. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A card as wide as the terminal, with colours where somebody sees them. */
export function printCard(card: Card): void {
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const width = Math.min(columnsOf(process.stdout), 100);
  print(renderCard(card, { width, colours }));
}
