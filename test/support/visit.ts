import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

/** Windows of one visit to the page; what their consoles complain about is kept. */
export interface Visit {
  readonly complaints: readonly string[];
  /** A window of somebody, ready to be used. */
  open(persona: string): Promise<Page>;
  close(): Promise<void>;
}

/** Each visit has connections of its own: browsers open few to one server. */
export async function visit(
  browser: Browser,
  url: string,
  look: {
    readonly width?: number;
    readonly height?: number;
    readonly theme?: 'light' | 'dark';
    /** Pixels of a picture for each of the page's. */
    readonly scale?: number;
  } = {},
): Promise<Visit> {
  const { width = 1280, height = 900, theme = 'light', scale = 1 } = look;
  const windows: BrowserContext = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    deviceScaleFactor: scale,
  });
  windows.setDefaultTimeout(12_000);
  const complaints: string[] = [];
  return {
    complaints,
    async open(persona) {
      const page = await windows.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // Cut connections and refusals are part of some journeys.
        const isExpected = /net::ERR_|status of 422/.test(message.text());
        if (message.type() === 'error' && !isExpected) complaints.push(message.text());
      });
      await page.goto(`${url}/?as=${persona}`);
      await page.locator('#log[aria-busy=false]').waitFor();
      return page;
    },
    close: () => windows.close(),
  };
}

export async function type(page: Page, line: string): Promise<void> {
  await page.locator('#line').fill(line);
  await page.keyboard.press('Enter');
}

/** Asks, and waits until something about it is shown. */
export async function ask(page: Page, email: string): Promise<void> {
  const before = await page.locator('article').count();
  await type(page, `/server-status ${email}`);
  await page.locator('article').nth(before).waitFor();
}

export const latest = (page: Page): Locator => page.locator('article').last();
export const title = (page: Page): Locator => latest(page).getByRole('heading', { level: 2 });
export const titled = (page: Page, words: RegExp): Locator => title(page).filter({ hasText: words });
export const button = (page: Page, label: string): Locator =>
  latest(page).getByRole('button', { name: label, exact: true });
export const press = (page: Page, label: string): Promise<void> => button(page, label).click();

/** The shop has given up on the order; what is mended before that is never noticed. */
export const hasFailed = (page: Page): Locator => latest(page).getByText('error · plan');

/** What an action came to, above how things stand now. */
export const outcome = (page: Page, label: string, words: RegExp): Promise<void> =>
  latest(page)
    .locator('.block', { has: page.getByRole('heading', { name: label, exact: true }) })
    .filter({ hasText: words })
    .waitFor();

/** Looks again until it is there: what follows a payment takes a moment, and so do the logs. */
export async function recheckUntil(page: Page, wanted: Locator): Promise<void> {
  const giveUpAt = Date.now() + 15_000;
  while ((await wanted.count()) === 0) {
    if (Date.now() > giveUpAt) throw new Error(`It did not come to that:\n${await latest(page).innerText()}`);
    const again = button(page, 'Re-check');
    if ((await again.count()) > 0 && (await again.getAttribute('aria-disabled')) !== 'true') await again.click();
    await sleep(200);
  }
}

export async function setTrouble(page: Page, name: string, isBroken: boolean): Promise<void> {
  await page.getByRole('switch', { name, exact: true, checked: !isBroken }).click();
  await page.getByText(`${name}: ${isBroken ? 'broken' : 'mended'}.`).waitFor();
}

export async function buy(page: Page, email: string, serverName = ''): Promise<void> {
  const form = page.locator('#purchase');
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Server name').fill(serverName);
  await form.getByRole('button', { name: 'Buy' }).click();
  await form.getByText(`Paid. Now ask about ${email}.`).waitFor();
}

/** Lets something happen to a customer. */
export async function happen(page: Page, act: string, email: string): Promise<void> {
  const form = page.locator('#acts');
  if (!(await form.isVisible())) await page.getByText('Let something happen').click();
  await form.getByLabel('To the customer').fill(email);
  await form.getByRole('button', { name: act, exact: true }).click();
  await form.getByText(`${act}: done.`).waitFor();
}
