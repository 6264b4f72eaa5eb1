import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openBrowser } from '../support/browser.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import {
  ask,
  buy,
  hasFailed,
  latest,
  outcome,
  press,
  recheckUntil,
  setTrouble,
  title,
  titled,
  visit,
} from '../support/visit.ts';

// The program as a visitor starts it, with nothing in between: a process, its page, and a browser.

let terminal: Terminal;
let running: Awaited<ReturnType<Terminal['start']>>;
let browser: Browser;

beforeAll(async () => {
  [browser, terminal] = await Promise.all([openBrowser(), openTerminal()]);
});
afterAll(async () => {
  await browser.close();
  running.child.kill('SIGTERM');
  expect((await running.ended).exitCode).toBe(0);
  await terminal.close();
});

const announcement = z.object({ environment: z.object({ PUBLIC_URL: z.url() }) });

async function startProgram(port: string): Promise<string> {
  running = await terminal.start(['start'], 'It runs. Open ', { PORT: port, LOG_LEVEL: 'debug' });
  const announced: unknown = JSON.parse(await readFile(join(terminal.dataDir, 'sandbox.json'), 'utf8'));
  return announcement.parse(announced).environment.PUBLIC_URL;
}

/** For whoever reads along: on a machine that does nothing else they are far below what is asserted. */
function measure(what: string, sinceMs: number): number {
  const tookMs = Math.round(performance.now() - sinceMs);
  process.stdout.write(`${what}: ${tookMs} ms\n`);
  return tookMs;
}

test('a visitor starts it, breaks something, sees it found and repaired, and what is written outlasts a restart', async () => {
  const startedAt = performance.now();
  const url = await startProgram('0');
  const windows = await visit(browser, url);
  const page = await windows.open('support');
  expect(measure('from start to a usable page', startedAt)).toBeLessThan(30_000);

  await setTrouble(page, 'Nodes disabled', true);
  await buy(page, 'nora@example.org');
  await page.evaluate(`
    document.addEventListener('click', (event) => {
      if (event.target.closest('[data-line]') !== null) window.askedAt = performance.now();
    }, true);
    new MutationObserver(() => {
      if (document.querySelector('article .looking') !== null) window.seenAt ??= performance.now();
      if (document.querySelector('article .card') !== null) window.toldAt ??= performance.now();
    }).observe(document.querySelector('#log'), { childList: true, subtree: true });
  `);
  await page.getByRole('button', { name: 'Ask about it' }).click();
  await title(page).waitFor();
  const [seenMs, toldMs] = await page.evaluate<readonly [number, number]>(
    '[window.seenAt - window.askedAt, window.toldAt - window.askedAt]',
  );
  process.stdout.write(`from the question to the first visible answer: ${Math.round(seenMs)} ms, `);
  process.stdout.write(`to the verdict: ${Math.round(toldMs)} ms\n`);
  expect(toldMs).toBeLessThan(5_000);
  await recheckUntil(page, hasFailed(page));
  await recheckUntil(page, titled(page, /^CAP-001 /));
  await setTrouble(page, 'Nodes disabled', false);
  await press(page, 'Re-check');
  await press(page, 'Retry provisioning');
  await outcome(page, 'Retry provisioning', /Applied/);

  await page.locator('#line').fill('/server-status half-writ');
  running.child.kill('SIGTERM');
  await page.getByText('The connection is lost.').waitFor();
  expect((await running.ended).exitCode).toBe(0);
  const restartedAt = performance.now();
  await startProgram(new URL(url).port);
  await page.locator('.divider', { hasText: 'The server was started anew' }).waitFor();
  measure('from the second start to a connected page', restartedAt);
  await page.getByText('The connection is lost.').waitFor({ state: 'hidden' });
  expect(await page.locator('article').count()).toBe(0);
  expect(await page.locator('#line').inputValue()).toBe('/server-status half-writ');
  await ask(page, 'nora@example.org');
  await latest(page).getByText('ORD-001').waitFor();
  await windows.close();
  expect(windows.complaints).toEqual([]);
}, 90_000);
