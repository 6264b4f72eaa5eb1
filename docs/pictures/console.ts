import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../test/support/browser.ts';
import { openShop } from '../../test/support/open-shop.ts';
import {
  ask,
  button,
  buy,
  hasFailed,
  latest,
  outcome,
  press,
  recheckUntil,
  setTrouble,
  titled,
  visit,
} from '../../test/support/visit.ts';
import { animate, type Frame } from './animation.ts';

/** Draws the page of the sandbox: a broken purchase in both themes, and how one is broken and repaired. */
export async function drawConsole(folder: string): Promise<void> {
  const [browser, shop] = await Promise.all([openBrowser(), openShop()]);
  for (const theme of ['light', 'dark'] as const) {
    writeFileSync(join(folder, `console-${theme}.png`), await drawVerdict(browser, shop.url, theme));
  }
  writeFileSync(join(folder, 'console.gif'), animate(await film(browser, shop.url)));
  await browser.close();
  await shop.close();
}

const buyer = 'robin@example.com';

/** The cause is gone by now, and the button that repairs the purchase is there. */
async function drawVerdict(browser: Browser, url: string, theme: 'light' | 'dark'): Promise<Buffer> {
  const windows = await visit(browser, url, { width: 1600, height: 1000, scale: 0.8, theme });
  const page = await windows.open('support');
  if (theme === 'light') {
    await setTrouble(page, 'Nodes disabled', true);
    await buy(page, buyer, 'Skyblock with friends');
  }
  await ask(page, buyer);
  await recheckUntil(page, hasFailed(page));
  await recheckUntil(page, titled(page, /^CAP-001 /));
  if (theme === 'light') await setTrouble(page, 'Nodes disabled', false);
  await recheckUntil(page, button(page, 'Retry provisioning'));
  const picture = await page.screenshot();
  await windows.close();
  return picture;
}

/** Asked, answered, broken, bought, found, mended, retried, repaired: half a minute. */
async function film(browser: Browser, url: string): Promise<readonly Frame[]> {
  const windows = await visit(browser, url, { width: 1300, height: 810, scale: 0.75 });
  const page = await windows.open('operator');
  const frames: Frame[] = [];
  const take = async (showMs: number): Promise<void> => {
    frames.push({ png: await page.screenshot({ caret: 'hide' }), showMs });
  };
  await page.locator('#line').fill('/server-status finn@example.com');
  await take(1_800);
  await page.keyboard.press('Enter');
  await titled(page, /^CAP-002 /).waitFor();
  await take(3_600);
  await setTrouble(page, 'Nodes disabled', true);
  await take(2_400);
  await buy(page, 'jo@example.com', 'Skyblock with friends');
  await take(2_400);
  await page.getByRole('button', { name: 'Ask about it' }).click();
  await titled(page, /./).waitFor();
  await recheckUntil(page, hasFailed(page));
  await recheckUntil(page, titled(page, /^CAP-001 /));
  await take(3_600);
  await setTrouble(page, 'Nodes disabled', false);
  await take(2_000);
  await recheckUntil(page, button(page, 'Retry provisioning'));
  await button(page, 'Retry provisioning').scrollIntoViewIfNeeded();
  await take(2_600);
  await press(page, 'Retry provisioning');
  await titled(page, /^Retry provisioning is under way/).waitFor();
  for (let count = 0; count < 4; count += 1) await take(500);
  await outcome(page, 'Retry provisioning', /Applied/);
  await toTop(page);
  await take(3_600);
  await recheckUntil(page, titled(page, /^Nothing is wrong$/));
  await toTop(page);
  await take(4_500);
  await windows.close();
  return frames;
}

function toTop(page: Page): Promise<void> {
  return latest(page).evaluate((row) => row.scrollIntoView());
}
