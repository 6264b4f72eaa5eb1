import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCard } from '../../src/adapters/terminal/index.ts';
import { readConfig } from '../../src/config.ts';
import { diagnosisCard } from '../../src/core/cards/diagnosis-card.ts';
import { diagnose } from '../../src/core/diagnosis.ts';
import { parseQuery } from '../../src/core/query.ts';
import { assemble } from '../../src/main.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { drawChats } from './chats.ts';
import { drawConsole } from './console.ts';

/** Draws the README's pictures: what the terminal and the page really show for customers of the sandbox. */
const who = 'finn@example.com';
const charWidth = 8.4;
const lineHeight = 19;
const margin = 22;
const columns = 80;

const styles: Readonly<Record<string, string>> = {
  '1': 'font-weight="700"',
  '2': 'opacity="0.65"',
  '31': 'fill="#ff7b72"',
  '32': 'fill="#7ee787"',
  '33': 'fill="#e3b341"',
  '34': 'fill="#79c0ff"',
  '35': 'fill="#d2a8ff"',
  '36': 'fill="#76e3ea"',
  '90': 'fill="#8b949e"',
};
const endings: Readonly<Record<string, readonly string[]>> = {
  '0': Object.keys(styles),
  '22': ['1', '2'],
  '39': ['31', '32', '33', '34', '35', '36', '90'],
};

/** One line as SVG text; every stretch of one style stands at its own column, whatever font draws it. */
function drawLine(line: string, y: number): string {
  const open = new Set<string>();
  let column = 0;
  const parts: string[] = [];
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
    if (codes === undefined) {
      if (piece.trim() !== '') parts.push(drawPiece(piece, column, y, open));
      column += [...piece].length;
      continue;
    }
    for (const code of codes === '' ? ['0'] : codes.split(';')) {
      for (const ended of endings[code] ?? []) open.delete(ended);
      if (code in styles) open.add(code);
    }
  }
  return parts.join('');
}

function drawPiece(text: string, column: number, y: number, open: ReadonlySet<string>): string {
  const indent = text.length - text.trimStart().length;
  const shown = text.trim();
  const x = margin + (column + indent) * charWidth;
  const attributes = [...open].map((code) => styles[code]).join(' ');
  const width = [...shown].length * charWidth;
  return `<text x="${x.toFixed(1)}" y="${y}" textLength="${width.toFixed(1)}" ${attributes}>${escape(shown)}</text>\n`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const sandbox = await startSandbox();
const config = readConfig({ ...sandbox.environment, PTERODOC_MODE: 'live' });
const query = parseQuery(who);
if (!config.ok || !query.ok) throw new Error('the sandbox could not be asked');
const { doctor } = assemble(config.value);
const diagnosis = await diagnose(query.value, doctor);
await sandbox.stop();
const card = diagnosisCard(diagnosis, { links: () => null, emails: 'full' });
const lines = [`$ pterodoc status ${who}`, '', ...renderCard(card, { width: columns, colours: true }).split('\n')];
const width = Math.ceil(columns * charWidth + 2 * margin);
const height = lines.length * lineHeight + 2 * margin;
writeFileSync(
  join(import.meta.dirname, 'status.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="pterodoc status for a customer whose region is full">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${lines.map((line, index) => drawLine(line, margin + (index + 1) * lineHeight - 5)).join('')}</g>
</svg>
`,
);
await drawConsole(import.meta.dirname);
await drawChats(import.meta.dirname);
process.exit(0);
