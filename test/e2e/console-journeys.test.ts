import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { violationsOf } from '../support/axe.ts';
import { openBrowser } from '../support/browser.ts';
import { type OpenShop, openShop } from '../support/open-shop.ts';
import {
  ask,
  button,
  buy,
  happen,
  hasFailed,
  latest,
  outcome,
  press,
  recheckUntil,
  setTrouble,
  title,
  titled,
  type,
  type Visit,
  visit,
} from '../support/visit.ts';

let shop: OpenShop;
let browser: Browser;
let windows: Visit;

beforeAll(async () => {
  [browser, shop] = await Promise.all([openBrowser(), openShop()]);
});
afterAll(async () => {
  await browser.close();
  await shop.close();
});
beforeEach(async () => {
  windows = await visit(browser, shop.url);
  return async () => {
    await windows.close();
    await shop.mendAll();
    expect(windows.complaints).toEqual([]);
    expect(shop.bugs).toEqual([]);
  };
});

/** What the panel itself says. */
function serversNamed(name: string) {
  return shop.sandbox.panel.state.servers.where((server) => server.name === name);
}

/** Where the order has its server: it is installing, or runs. */
const onItsWay = /^(?:The purchase is on its way|Nothing is wrong)$/;

describe('support finds and repairs', () => {
  test('nodes that were disabled: enabled again, and retried', async () => {
    const page = await windows.open('support');
    await setTrouble(page, 'Nodes disabled', true);
    await buy(page, 'nora@example.org');
    await page.getByRole('button', { name: 'Ask about it' }).click();
    await recheckUntil(page, hasFailed(page));
    await recheckUntil(page, titled(page, /^CAP-001 /));
    await setTrouble(page, 'Nodes disabled', false);
    await recheckUntil(page, button(page, 'Retry provisioning'));
    await press(page, 'Retry provisioning');
    await outcome(page, 'Retry provisioning', /Applied/);
    expect(await title(page).textContent()).toMatch(onItsWay);
    expect(serversNamed("Nora's server")).toHaveLength(1);
  });

  test('an endpoint that was disabled: an operator switches it on, and delivers what was lost', async () => {
    const [sam, olga] = [await windows.open('support'), await windows.open('operator')];
    await setTrouble(sam, 'Webhook endpoint disabled', true);
    await buy(sam, 'hugo@example.org');
    await ask(sam, 'hugo@example.org');
    await happen(sam, 'Two hours pass', 'hugo@example.org');
    await press(sam, 'Re-check');
    await latest(sam).getByText('HOOK-007').waitFor();
    expect(await title(sam).textContent()).toMatch(/^HOOK-002 /);
    await press(sam, 'Enable endpoint');
    await sam.getByRole('heading', { name: 'You may not press this' }).waitFor();
    await press(olga, 'Enable endpoint');
    await outcome(olga, 'Enable endpoint', /Applied/);
    await sam.getByRole('switch', { name: 'Webhook endpoint disabled', checked: false }).waitFor();
    await press(olga, 'Redeliver webhook');
    await outcome(olga, 'Redeliver webhook', /Applied/);
    expect(serversNamed("Hugo's server")).toHaveLength(1);
  });

  test('a server whose making was cut off: an operator writes it into its order', async () => {
    const [sam, olga] = [await windows.open('support'), await windows.open('operator')];
    await setTrouble(sam, 'Connection lost after the server was made', true);
    await buy(sam, 'lara@example.org');
    await ask(sam, 'lara@example.org');
    await recheckUntil(sam, latest(sam).getByText('SRV-002'));
    await setTrouble(sam, 'Connection lost after the server was made', false);
    // A button speaks of what was seen: while the server installs, that changes.
    const statuses = () => serversNamed("Lara's server").map(({ status }) => status);
    await expect.poll(statuses, { timeout: 10_000 }).toEqual([null]);
    await happen(sam, 'Two hours pass', 'lara@example.org');
    await press(olga, 'Re-check');
    await recheckUntil(olga, button(olga, 'Link server'));
    await press(olga, 'Link server');
    await outcome(olga, 'Link server', /Applied/);
    await recheckUntil(sam, titled(sam, onItsWay));
    expect(serversNamed("Lara's server")).toHaveLength(1);
  });
});

test.each(['stranger', 'customer'])('a %s is refused, and learns nothing', async (persona) => {
  const [sam, page] = [await windows.open('support'), await windows.open(persona)];
  await ask(sam, 'finn@example.com');
  await title(sam).getByText('CAP-002').waitFor();
  for (const who of ['finn@example.com', 'nobody@example.com']) {
    await ask(page, who);
    await page.locator('article', { hasText: who }).getByRole('heading', { name: 'You may not use' }).waitFor();
  }
  const words = (await page.locator('.reply').allTextContents()).join(' ');
  expect(words).not.toMatch(/CAP-|Finn|asia|order/i);
  expect(await page.locator('#shop').textContent()).not.toContain('finn@example.com');
});

test('of two windows that press at once one acts, the other is told, and both see the same', async () => {
  const [sam, olga] = [await windows.open('support'), await windows.open('operator')];
  await setTrouble(sam, 'Nodes full', true);
  await buy(sam, 'twin@example.org', 'Twin peaks');
  await ask(sam, 'twin@example.org');
  await recheckUntil(sam, hasFailed(sam));
  await recheckUntil(sam, titled(sam, /^CAP-002 /));
  await setTrouble(sam, 'Nodes full', false);
  await recheckUntil(sam, button(sam, 'Retry provisioning'));
  const id = (await latest(sam).getAttribute('id')) ?? '';
  await Promise.all([press(sam, 'Retry provisioning'), press(olga, 'Retry provisioning')]);
  for (const page of [sam, olga]) {
    await page.locator(`#${id}`).getByRole('heading', { name: onItsWay }).waitFor();
  }
  const told = [sam, olga].map((page) => page.locator('#log').getByText(/nothing was done/));
  await expect
    .poll(async () => (await Promise.all(told.map((one) => one.count()))).some((count) => count > 0), {
      timeout: 10_000,
    })
    .toBe(true);
  // Each window counts the seconds since then by itself.
  const seen = (page: Page) => page.locator(`#${id} .card :is(h2, h3, .summary, bdi, .button)`).allTextContents();
  expect(await seen(sam)).toEqual(await seen(olga));
  expect(serversNamed('Twin peaks')).toHaveLength(1);
});

test('a purchase is broken and mended with the switches, and a reinstallation asks twice', async () => {
  const page = await windows.open('operator');
  await setTrouble(page, 'Install script fails', true);
  await buy(page, 'ines@example.org');
  await ask(page, 'ines@example.org');
  await recheckUntil(page, titled(page, /^INS-001 /));
  await setTrouble(page, 'Install script fails', false);
  await press(page, 'Reinstall server');
  const dialog = page.getByRole('dialog', { name: 'Reinstall server' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await title(page).textContent()).toMatch(/^INS-001 /);
  await press(page, 'Reinstall server');
  await dialog.getByRole('button', { name: 'Reinstall server' }).click();
  await outcome(page, 'Reinstall server', /Applied|Under way/);
  await recheckUntil(page, titled(page, /^Nothing is wrong$/));
  await happen(page, 'Suspend the server', 'ines@example.org');
  await press(page, 'Re-check');
  await recheckUntil(page, titled(page, /^SRV-004 /));
});

test('an admin vouches for an order with a reason', async () => {
  const page = await windows.open('admin');
  await happen(page, 'Sign up and buy nothing', 'gift@example.org');
  await happen(page, 'Customer writes a paid order', 'gift@example.org');
  await ask(page, 'gift@example.org');
  await title(page).getByText('PAY-005').waitFor();
  await press(page, 'Vouch');
  const dialog = page.getByRole('dialog', { name: 'Vouch' });
  await dialog.getByRole('button', { name: 'Vouch' }).click();
  expect(await dialog.isVisible()).toBe(true);
  await dialog.getByLabel('Why?').fill('A prize of the summer party');
  await dialog.getByRole('button', { name: 'Vouch' }).click();
  await outcome(page, 'Vouch', /Applied/);
});

test('what cannot be bought or cannot happen is told in words', async () => {
  const page = await windows.open('support');
  const form = page.locator('#purchase');
  await form.getByLabel('Server name').fill('N'.repeat(200));
  expect(await form.getByLabel('Server name').inputValue()).toHaveLength(191);
  await form.getByLabel('Server name').fill('left\u202eright');
  await form.getByRole('button', { name: 'Buy' }).click();
  await form.getByText('The name of the server holds invisible characters.').waitFor();
  await page.getByText('Let something happen').click();
  await page.locator('#acts').getByLabel('To the customer').fill('nobody@example.org');
  await page.locator('#acts').getByRole('button', { name: 'Delete the server' }).click();
  await page.locator('#acts').getByText('Nobody has signed up as nobody@example.org.').waitFor();
});

test.each([
  ['markup', '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">'],
  ['letters from right to left', 'اسم الخادم מבחן'],
  ['emoji', '🦖🎮 server 🍕'],
  ['nothing but one long word', 'W'.repeat(191)],
])('a server name of %s is shown, and does nothing', async (kind, name) => {
  const page = await windows.open('support');
  const email = `${kind.replaceAll(' ', '.')}@example.org`;
  await setTrouble(page, 'Egg deleted', true);
  await buy(page, email, name);
  await ask(page, email);
  await recheckUntil(page, hasFailed(page));
  await recheckUntil(page, titled(page, /^PRV-004 /));
  await setTrouble(page, 'Egg deleted', false);
  expect(await latest(page).textContent()).toContain(name.slice(0, 20));
  expect(await page.evaluate('window.pwned')).toBeUndefined();
  expect(await page.locator('article :is(script, img)').count()).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
});

test('a reload in the middle of a retry shows it going on, and how it ends', async () => {
  const page = await windows.open('support');
  await setTrouble(page, 'Nodes in maintenance', true);
  await buy(page, 'reva@example.org');
  await ask(page, 'reva@example.org');
  await recheckUntil(page, hasFailed(page));
  await recheckUntil(page, titled(page, /^CAP-004 /));
  await setTrouble(page, 'Nodes in maintenance', false);
  await recheckUntil(page, button(page, 'Retry provisioning'));
  await setTrouble(page, 'Supabase is slow', true);
  await press(page, 'Retry provisioning');
  await title(page).getByText('Retry provisioning is under way').waitFor();
  await page.reload();
  await title(page).getByText('Retry provisioning is under way').waitFor();
  await setTrouble(page, 'Supabase is slow', false);
  await outcome(page, 'Retry provisioning', /Applied/);
  expect(serversNamed("Reva's server")).toHaveLength(1);
});

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([360, 768, 1280])('every real screen is accessible and fits, %i px wide', async (width) => {
    await windows.close();
    windows = await visit(browser, shop.url, { width, height: 800, theme });
    const page = await windows.open('admin');
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    await ask(page, 'finn@example.com');
    await titled(page, /^CAP-002 /).waitFor();
    await press(page, 'Details');
    await latest(page).getByRole('table').last().waitFor();
    await type(page, '/pterodoc orders');
    await latest(page).getByText('/pterodoc orders').waitFor();
    await latest(page).locator('.card').waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
    if (width < 1240) await page.getByRole('button', { name: 'The shop' }).click();
    await page.getByText('Let something happen').click();
    expect(await overflow()).toBeLessThanOrEqual(0);
    expect(await violationsOf(page)).toEqual([]);
  });
});
