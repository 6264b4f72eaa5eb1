import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** One start of a browser on a closed network: it must not look for anything outside. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** A Chromium: an installed one if there is any, else the one that comes as an npm package. Close it afterwards. */
export async function openBrowser(): Promise<Browser> {
  const installed = findInstalled();
  if (installed !== null) return launch(installed);
  const packed = await unpack();
  try {
    return await launch(packed, await withPackedFont());
  } catch {
    // An unpacking that was interrupted leaves half a browser behind, which is then taken for the whole.
    await rm(packed, { force: true });
    return launch(await unpack(), await withPackedFont());
  }
}

function launch(executablePath: string, environment: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const own = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return chromium.launch({
    executablePath,
    headless: true,
    args: flags,
    env: { ...Object.fromEntries(own), ...environment },
  });
}

async function unpack(): Promise<string> {
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}

/** The packed one brings a font that reads well; other scripts come from whatever the machine has. */
async function withPackedFont(): Promise<Readonly<Record<string, string>>> {
  const config = join(tmpdir(), 'pterodoc-fonts.conf');
  const fonts = `<dir>${join(tmpdir(), 'fonts')}</dir><dir>/usr/share/fonts</dir>`;
  const usual = '<alias><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>';
  await writeFile(config, `<?xml version="1.0"?><fontconfig>${fonts}${usual}</fontconfig>`);
  return { FONTCONFIG_FILE: config };
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function findInstalled(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...usualPlaces];
  return candidates.find((path) => existsSync(path)) ?? null;
}
