import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violationsOf } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { type FrontOffice, openFrontOffice } from '../support/front-office.ts';

let browser: Browser;
let office: FrontOffice;
let context: BrowserContext;
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  office = await openFrontOffice({ stepMs: 40 });
  complaints = [];
  await look({ width: 1280, height: 900 });
});
afterEach(async () => {
  await context.close();
  await office.stop();
  expect(complaints).toEqual([]);
});

/** Windows of one size and one theme. */
async function look(
  size: { readonly width: number; readonly height: number },
  colorScheme: 'light' | 'dark' = 'light',
) {
  context = await browser.newContext({ viewport: size, colorScheme });
  context.setDefaultTimeout(5_000);
}

/** A window; whatever its console complains about fails the test. */
async function openWindow(address: string, among: BrowserContext = context): Promise<Page> {
  const page = await among.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Cut connections are part of some journeys.
    if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
  });
  await page.goto(`${office.url}/${address}`);
  if (address !== '') await page.locator('#log[aria-busy=false]').waitFor();
  return page;
}

async function type(page: Page, line: string): Promise<void> {
  await page.locator('#line').fill(line);
  await page.keyboard.press('Enter');
}

const finn = '/server-status finn@example.com';
const verdict = /No node has room/;

function titles(page: Page) {
  return page.locator('article h2').allTextContents();
}

/** Nothing but what scrolls by itself is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([360, 768, 1280])('every state is accessible and fits, %i px wide', async (width) => {
    await context.close();
    await look({ width, height: 800 }, theme);
    const chooser = await openWindow('');
    expect(await violationsOf(chooser)).toEqual([]);
    expect(await overflow(chooser)).toBe(0);
    expect((await chooser.locator('.personas').boundingBox())?.width).toBeGreaterThanOrEqual(Math.min(width - 60, 600));
    await chooser.close();
    const page = await openWindow('?as=support');
    expect(await violationsOf(page)).toEqual([]);
    await type(page, finn);
    await page.getByRole('heading', { name: verdict }).waitFor();
    await page.getByRole('button', { name: 'Link server' }).click();
    await page.locator('article', { hasText: 'Olga is at it already.' }).waitFor();
    await type(page, '/server-status hostile@example.com');
    await page.locator('.card[data-tone=unsure]').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(
      await page.evaluate('document.querySelector("#log").scrollWidth - document.querySelector("#log").clientWidth'),
    ).toBe(0);
    await page.locator('#line').fill('/');
    await page.keyboard.press('ArrowDown');
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    if (width < 1240) await page.getByRole('button', { name: 'The shop' }).click();
    await page.getByRole('switch', { name: 'Wings down' }).click();
    await page.getByText('Wings down: broken.').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect((await page.locator('.bar').boundingBox())?.height).toBeLessThan(70);
    if (width < 1240) await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Vouch' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });
});

test('a visitor chooses who they are and asks with one click', async () => {
  const page = await openWindow('');
  await page.getByRole('link', { name: /Sam from support/ }).click();
  await page.locator('#log[aria-busy=false]').waitFor();
  expect(await page.title()).toBe('#support · Sam from support');
  await page
    .locator('#blank')
    .getByRole('button', { name: /finn@example.com/ })
    .click();
  await page.getByRole('heading', { name: verdict }).waitFor();
  expect(await page.locator('#announcer').textContent()).toContain('pterodoc: Problem: CAP-002');
});

test('shows within a tenth of a second that it looks', async () => {
  const page = await openWindow('?as=support');
  await page.evaluate(`
    document.querySelector('#composer').addEventListener('submit', () => { window.sentAt = performance.now(); }, true);
    new MutationObserver(() => {
      if (document.querySelector('article .looking') !== null) window.seenAt ??= performance.now();
    }).observe(document.querySelector('#log'), { childList: true, subtree: true });
  `);
  await type(page, finn);
  await page.getByRole('heading', { name: verdict }).waitFor();
  expect(await page.evaluate('window.seenAt - window.sentAt')).toBeLessThan(100);
});

test('everything can be done with the keyboard alone', async () => {
  const page = await openWindow('?as=operator');
  const focused = () => page.evaluate<string>('document.activeElement.textContent.trim() || document.activeElement.id');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the message field');
  await page.keyboard.press('Enter');
  await page.keyboard.type('/s');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  expect(await page.locator('#line').inputValue()).toBe('/server-status ');
  await page.keyboard.type('full');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await page.locator('#line').inputValue()).toBe(finn);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: verdict }).waitFor();
  for (let count = 0; count < 40 && (await focused()) !== 'Reinstall server'; count += 1)
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  expect(await focused()).toBe('Cancel');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await focused()).toBe('Reinstall server');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Shift+Tab');
  expect(await focused()).toBe('Reinstall server');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();
  expect(await page.evaluate('document.activeElement.closest("article") !== null')).toBe(true);
  expect(office.desk.presses.map(({ form }) => form)).toEqual([null, null, { reason: null }]);
});

test('a reason is asked for, and is needed', async () => {
  const page = await openWindow('?as=admin');
  await type(page, finn);
  await page.getByRole('button', { name: 'Vouch' }).click();
  const dialog = page.getByRole('dialog', { name: 'Vouch for this order' });
  await dialog.getByRole('button', { name: 'Vouch' }).click();
  expect(await dialog.isVisible()).toBe(true);
  await dialog.getByLabel('Why?').fill('A gift of the house');
  await dialog.getByRole('button', { name: 'Vouch' }).click();
  await page.getByText('A gift of the house').waitFor();
  await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();
});

test('two windows see the same message change, and a stranger sees nothing of it', async () => {
  const [sam, olga, stan] = [
    await openWindow('?as=support'),
    await openWindow('?as=operator'),
    await openWindow('?as=stranger'),
  ];
  await type(sam, finn);
  await olga.getByRole('heading', { name: verdict }).waitFor();
  expect(await olga.locator('article').textContent()).not.toContain('finn@example.com');
  await olga.getByRole('button', { name: 'Retry provisioning' }).click();
  await Promise.all(
    [sam, olga].map(async (page) => {
      await page.getByRole('heading', { name: 'Retry provisioning is under way' }).waitFor();
      await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();
      expect(await titles(page)).toEqual(['Nothing is wrong']);
    }),
  );
  await type(stan, finn);
  await stan.getByRole('heading', { name: 'You may not use /server-status' }).waitFor();
  expect(await titles(stan)).toEqual(['You may not use /server-status']);
  expect(await titles(sam)).toEqual(['Nothing is wrong']);
});

test('a reload in the middle shows how things stand, private answers included', async () => {
  await office.stop();
  office = await openFrontOffice({ stepMs: 250 });
  const page = await openWindow('?as=support');
  await type(page, '/server-status hush@example.com');
  await page.getByRole('heading', { name: 'A private word' }).waitFor();
  await type(page, finn);
  await page.getByRole('button', { name: 'Retry provisioning' }).click();
  await page.getByRole('heading', { name: 'Retry provisioning is under way' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Retry provisioning is under way' }).waitFor();
  await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();
  expect(await titles(page)).toEqual(['A private word', 'Nothing is wrong']);
});

test('after a restart of the server the page says so, and keeps what was being written', async () => {
  const page = await openWindow('?as=support');
  await type(page, finn);
  await page.getByRole('heading', { name: verdict }).waitFor();
  await page.locator('#line').fill('/server-status half-writ');
  await office.stop();
  await page.getByText('The connection is lost.').waitFor();
  await page.locator('#line').press('Enter');
  await page.getByText('The server cannot be reached.').waitFor();
  expect(await page.locator('#line').inputValue()).toBe('/server-status half-writ');
  await office.restart();
  await page.locator('.divider', { hasText: 'The server was started anew' }).waitFor();
  await page.getByText('The connection is lost.').waitFor({ state: 'hidden' });
  expect(await titles(page)).toEqual([]);
  expect(await page.locator('#line').inputValue()).toBe('/server-status half-writ');
  await type(page, finn);
  await page.getByRole('heading', { name: verdict }).waitFor();
});

test('a purchase is made, asked about, and the shop broken and mended', async () => {
  const [page, other] = [await openWindow('?as=support'), await openWindow('?as=stranger')];
  await page.getByRole('button', { name: 'Buy' }).click();
  await page.getByText('The shop made order 6f0f2f4e').waitFor();
  await page.getByRole('button', { name: 'Ask about it' }).click();
  await page.getByRole('heading', { name: verdict }).waitFor();
  expect(office.desk.calls[0]?.input).toEqual({ who: 'new.customer@example.com' });
  await page.getByRole('switch', { name: 'Panel key revoked' }).click();
  await other.getByRole('switch', { name: 'Panel key revoked', checked: true }).waitFor();
  await other.getByRole('button', { name: 'Mend all' }).click();
  await page.getByRole('switch', { name: 'Panel key revoked', checked: false }).waitFor();
});

test('what a hostile name holds is shown, and does nothing', async () => {
  const page = await openWindow('?as=support');
  await type(page, '/server-status hostile@example.com');
  await page.locator('.card').waitFor();
  expect(await page.evaluate('window.pwned')).toBeUndefined();
  expect(await page.locator('article :is(script, img, a)').count()).toBe(0);
  expect(await page.locator('article h2').textContent()).toContain('<script>window.pwned = 1</script>');
});

test('among others’ windows a customer writes plainly and chooses nothing', async () => {
  const page = await openWindow('?as=customer');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('pterodoc');
  await page.locator('#line').fill('/');
  expect(await page.locator('#options').isVisible()).toBe(false);
  await type(page, 'where is my server?');
  await page.getByRole('heading', { name: 'Link your account first' }).waitFor();
});

test('a line that was sent comes back with the arrow keys', async () => {
  const page = await openWindow('?as=stranger');
  await type(page, '/my-server');
  await page.keyboard.press('ArrowUp');
  expect(await page.locator('#line').inputValue()).toBe('/my-server');
  await page.keyboard.press('ArrowDown');
  expect(await page.locator('#line').inputValue()).toBe('');
});
