import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser.ts';
import { median, print } from './measure.ts';

const rounds = 3;
const program = join(import.meta.dirname, '../bin/pterodoc.js');
const customers = ['finn@example.com', 'ann@example.com', 'pia@example.com', 'hugo@example.com', 'leo@example.com'];

/** Milliseconds, but for the memory. */
interface Round {
  readonly ready: number;
  /** Of the processor, until then: what a machine that does other things at the same time does not change. */
  readonly readyCpu: number;
  readonly painted: number;
  readonly usable: number;
  readonly firstSeen: number;
  readonly firstTold: number;
  readonly seen: number;
  readonly told: number;
  /** The most it ever held; `NaN` where the machine does not tell. */
  readonly peakMb: number;
  readonly heldMb: number;
}

/** The program as a visitor starts it, with its page in a browser; cold is the first start in a new folder. */
export async function benchConsole(): Promise<void> {
  const browser = await openBrowser();
  const cold: Round[] = [];
  const warm: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'pterodoc-bench-'));
    cold.push(await visitOnce(browser, dataDir));
    warm.push(await visitOnce(browser, dataDir));
    await rm(dataDir, { recursive: true, force: true });
  }
  await browser.close();
  for (const [name, taken] of [
    ['cold', cold],
    ['warm', warm],
  ] as const) {
    const words = (key: keyof Round): string => {
      const values = taken.map((one) => one[key]);
      return `${median(values).toFixed(0)} (best ${Math.min(...values).toFixed(0)})`;
    };
    print(
      `console, ${name} start: /readyz ${words('ready')} ms (${words('readyCpu')} ms of the processor), first paint ${words('painted')} ms, ` +
        `usable ${words('usable')} ms, all from the start of the process; ` +
        `from Enter to something visible ${words('seen')} ms (the very first ${words('firstSeen')} ms), ` +
        `to the verdict ${words('told')} ms (the very first ${words('firstTold')} ms); ` +
        `memory ${words('heldMb')} MB, at the most ${words('peakMb')} MB; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    );
  }
}

async function visitOnce(browser: Browser, dataDir: string): Promise<Round> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = Date.now();
  const child = spawn(process.execPath, [program, 'start'], {
    cwd: dataDir,
    env: { PATH: process.env['PATH'] ?? '', PTERODOC_DATA_DIR: dataDir, PORT: String(port) },
    stdio: 'ignore',
  });
  const context = await browser.newContext();
  try {
    await answering(`${url}/readyz`, child);
    const ready = Date.now() - startedAt;
    const readyCpu = await processorMs(child);
    const page = await context.newPage();
    await page.goto(`${url}/?as=support`);
    await page.locator('#log[aria-busy=false]').waitFor();
    const usable = Date.now() - startedAt;
    const painted = (await page.evaluate<number>(paintedAt)) - startedAt;
    const answers: { readonly seenMs: number; readonly toldMs: number }[] = [];
    for (const customer of customers) answers.push(await ask(page, customer));
    const [first] = answers;
    return {
      ready,
      readyCpu,
      painted,
      usable,
      firstSeen: first?.seenMs ?? Number.NaN,
      firstTold: first?.toldMs ?? Number.NaN,
      seen: median(answers.slice(1).map(({ seenMs }) => seenMs)),
      told: median(answers.slice(1).map(({ toldMs }) => toldMs)),
      peakMb: await memoryMb(child, 'VmHWM'),
      heldMb: await memoryMb(child, 'VmRSS'),
    };
  } finally {
    await context.close();
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

const paintedAt = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName('first-contentful-paint');
    if (first !== undefined) resolve(performance.timeOrigin + first.startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

/** From the key until the frame in which it can be seen is drawn. */
async function ask(page: Page, customer: string): Promise<{ readonly seenMs: number; readonly toldMs: number }> {
  await page.locator('#line').fill(`/server-status ${customer}`);
  await page.evaluate(`
    window.times = {};
    document.addEventListener('keydown', () => { window.times.asked = performance.now(); }, { capture: true, once: true });
    window.before = document.querySelectorAll('article').length;
    window.observer?.disconnect();
    window.observer = new MutationObserver(() => {
      const added = [...document.querySelectorAll('article')].slice(window.before);
      const note = (name) => requestAnimationFrame(() => { window.times[name] ??= performance.now(); });
      if (added.length > 0) note('seen');
      if (added.some((one) => one.querySelector('.card') !== null)) note('told');
    });
    window.observer.observe(document.querySelector('#log'), { childList: true, subtree: true });
  `);
  await page.keyboard.press('Enter');
  return page.evaluate<{ readonly seenMs: number; readonly toldMs: number }>(`new Promise((resolve) => {
    const look = () => {
      const { asked, seen, told } = window.times;
      if (told === undefined) requestAnimationFrame(look);
      else resolve({ seenMs: seen - asked, toldMs: told - asked });
    };
    look();
  })`);
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(20);
  }
  throw new Error(`the program ended with ${child.exitCode} before it was ready`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Linux keeps count of it, in hundredths of a second. */
async function processorMs({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return 10 * (Number(user) + Number(system));
}

/** Linux keeps count of it. */
async function memoryMb({ pid }: ChildProcess, what: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = new RegExp(String.raw`^${what}:\s+(\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? Number.NaN : (Number(kib) * 1024) / 1e6;
}
