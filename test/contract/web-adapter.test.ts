import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { MessageView } from '../../src/adapters/web/wire.ts';
import { type FrontOffice, openFrontOffice } from '../support/front-office.ts';
import { ask, openStream, post, type Stream, type StreamEvent } from '../support/web-client.ts';

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function open(options: Parameters<typeof openFrontOffice>[0] = {}): Promise<FrontOffice> {
  const office = await openFrontOffice({ stepMs: 5, ...options });
  opened.push({ close: () => office.stop() });
  return office;
}

interface Tab {
  readonly as: string;
  readonly window: string;
  readonly stream: Stream;
  type(line: string): Promise<number>;
  press(messageId: string, offerId: string, form?: { readonly reason: string | null } | null): Promise<number>;
  /** The newest form of the message that shows this. */
  message(text: string): Promise<MessageView>;
  /** Everything it was told after the snapshot. */
  heard(): string;
}

async function openTab(office: FrontOffice, as: string): Promise<Tab> {
  const window = randomUUID();
  const stream = await openStream(`${office.url}/api/events?as=${as}&window=${window}`);
  opened.push({ close: () => stream.close() });
  await stream.until(isSnapshot);
  const from = { as, window };
  return {
    as,
    window,
    stream,
    type: async (line) => (await post(office.url, '/api/lines', { ...from, line })).status,
    press: async (messageId, offerId, form = null) =>
      (await post(office.url, '/api/presses', { ...from, messageId, offerId, form })).status,
    message: async (text) =>
      (await stream.until((event): event is MessageEvent => event.name === 'message' && event.data.html.includes(text)))
        .data,
    heard: () => JSON.stringify(stream.events.filter(({ name }) => name !== 'snapshot')),
  };
}

type MessageEvent = Extract<StreamEvent, { name: 'message' }>;

function isSnapshot(event: StreamEvent): event is Extract<StreamEvent, { name: 'snapshot' }> {
  return event.name === 'snapshot';
}

function isQuestion(event: StreamEvent): event is Extract<StreamEvent, { name: 'question' }> {
  return event.name === 'question';
}

function isPressed(event: StreamEvent): event is Extract<StreamEvent, { name: 'pressed' }> {
  return event.name === 'pressed';
}

const posts = ['/api/lines', '/api/presses', '/api/purchases', '/api/troubles', '/api/troubles/mend-all', '/api/acts'];
const verdict = 'No node has room for this order';

describe('the door', () => {
  test('answers to its own names only, so that no name of somebody else can be pointed at it', async () => {
    const { url } = await open();
    const { port } = new URL(url);
    const as = async (host: string) => (await ask(`${url}/`, { headers: { host } })).status;
    expect(await as(`127.0.0.1:${port}`)).toBe(200);
    expect(await as(`localhost:${port}`)).toBe(200);
    expect(await as(`evil.example:${port}`)).toBe(421);
    expect(await as('127.0.0.1')).toBe(421);
    for (const noName of [`127.0.0.1:${port}@evil.example`, `127.0.0.1:${port}/`]) {
      expect([400, 421]).toContain(await as(noName));
    }
  });

  test('answers to its public address, too', async () => {
    const office = await open({ publicUrl: 'https://console.example' });
    expect(office.url).toBe('https://console.example');
  });

  test.each(posts)('%s takes nothing from another page', async (path) => {
    const { url, desk } = await open();
    const headers = { 'content-type': 'application/json' };
    const send = async (more: Readonly<Record<string, string>>) =>
      (await ask(`${url}${path}`, { method: 'POST', headers: { ...headers, ...more }, body: '{}' })).status;
    expect(await send({})).toBe(403);
    expect(await send({ origin: 'null' })).toBe(403);
    expect(await send({ origin: 'https://evil.example' })).toBe(403);
    expect(await send({ origin: url.replace('http:', 'https:') })).toBe(403);
    expect(desk.calls).toEqual([]);
  });

  test.each(posts)('%s reads JSON of a sensible size only', async (path) => {
    const { url } = await open();
    const send = async (type: string, body: string) =>
      (await ask(`${url}${path}`, { method: 'POST', headers: { origin: url, 'content-type': type }, body })).status;
    expect(await send('text/plain', '{}')).toBe(415);
    expect(await send('application/json', '{')).toBe(400);
    expect(await send('application/json', '[]')).toBe(400);
    expect(await send('application/json', JSON.stringify({ line: 'x'.repeat(9_000) }))).toBe(413);
  });

  test('whatever it answers carries the strict policy', async () => {
    const { url } = await open();
    const answers = [
      await ask(`${url}/`),
      await ask(`${url}/?as=support`),
      await ask(`${url}/page/style.css`),
      await ask(`${url}/page/console.js`),
      await ask(`${url}/nowhere`),
      await ask(`${url}/`, { headers: { host: 'evil.example' } }),
      await post(url, '/api/lines', {}),
      await openStream(`${url}/api/events?as=support&window=${randomUUID()}`),
    ];
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['set-cookie']).toBeUndefined();
    }
  });

  test('no page has a script or a style of its own within it', async () => {
    const { url } = await open();
    for (const path of ['/', '/?as=support', '/?as=stranger']) {
      const { text } = await ask(`${url}${path}`);
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
    }
  });

  test('serves every file of the page, and no other', async () => {
    const { url } = await open();
    const files = readdirSync(new URL('../../src/adapters/web/page/', import.meta.url));
    for (const file of files) {
      const { status } = await ask(`${url}/page/${file}`);
      expect([file, status]).toEqual([file, file === 'tsconfig.json' ? 404 : 200]);
    }
    expect((await ask(`${url}/page/..%2fserver.ts`)).status).toBe(404);
  });

  test('says that it lives under any name, and that it is ready once it is', async () => {
    let isReady = false;
    const { url } = await open({ isReady: () => isReady });
    const probe = async (path: string) => (await ask(`${url}${path}`, { headers: { host: '10.0.0.7' } })).status;
    expect([await probe('/healthz'), await probe('/readyz')]).toEqual([200, 503]);
    isReady = true;
    expect(await probe('/readyz')).toBe(200);
  });
});

describe('in live mode', () => {
  test('nobody can choose who they are, and nothing else is there', async () => {
    const { url } = await open({ sandbox: null });
    for (const path of ['/', '/?as=admin']) {
      const { text, status } = await ask(`${url}${path}`);
      expect(status).toBe(200);
      expect(text).toContain('needs a login');
      expect(text).not.toContain('Sam from support');
    }
    expect((await ask(`${url}/api/events?as=admin&window=${randomUUID()}`)).status).toBe(404);
    for (const path of posts) expect((await post(url, path, {})).status).toBe(404);
    expect((await ask(`${url}/healthz`)).status).toBe(200);
  });
});

describe('the conversation', () => {
  test('staff see the same answer; what was typed is seen by its writer alone', async () => {
    const office = await open();
    const [sam, olga] = [await openTab(office, 'support'), await openTab(office, 'operator')];
    expect(await sam.type('/server-status finn@example.com')).toBe(202);
    const own = await sam.message(verdict);
    const others = await olga.message(verdict);
    expect(own.html).toContain('finn@example.com');
    expect(others.html).toContain('/server-status');
    expect(olga.heard()).not.toContain('finn@example.com');
    expect(own.announce).toContain('Problem: CAP-002');
  });

  test('the writer sees at once that something is being looked for', async () => {
    const office = await open({ stepMs: 150 });
    const sam = await openTab(office, 'support');
    const askedAt = performance.now();
    await sam.type('/server-status finn@example.com');
    await sam.message('Looking at');
    expect(performance.now() - askedAt).toBeLessThan(100);
    expect(sam.heard()).not.toContain(verdict);
  });

  test('what a customer or a stranger asks, nobody else hears', async () => {
    const office = await open();
    const [sam, twin, casey, stan] = [
      await openTab(office, 'support'),
      await openTab(office, 'stranger'),
      await openTab(office, 'customer'),
      await openTab(office, 'stranger'),
    ];
    await stan.type('/server-status finn@example.com');
    await casey.type('where is my server?');
    await stan.message('You may not use /server-status');
    await casey.message('Link your account first');
    await sam.type('/server-status pia@example.com');
    await sam.message('HOOK-002');
    expect(twin.heard()).not.toContain('message');
    expect(stan.heard()).not.toContain('HOOK-002');
    expect(casey.heard()).not.toContain('HOOK-002');
    expect(sam.heard()).not.toContain('Link your account');
    expect(sam.heard()).not.toContain('You may not');
  });

  test('a private answer in the channel reaches only the window that asked', async () => {
    const office = await open();
    const [sam, same, olga] = [
      await openTab(office, 'support'),
      await openTab(office, 'support'),
      await openTab(office, 'operator'),
    ];
    await sam.type('/server-status hush@example.com');
    expect((await sam.message('A private word')).html).toContain('Only you can see this');
    await sam.type('/server-status finn@example.com');
    await same.message(verdict);
    await olga.message(verdict);
    expect(same.heard() + olga.heard()).not.toContain('A private word');
    const late = await openTab(office, 'support');
    expect(JSON.stringify(late.stream.events)).not.toContain('A private word');
  });

  test('the desk learns who asks and where, from nothing but the persona', async () => {
    const office = await open();
    const [sam, stan] = [await openTab(office, 'support'), await openTab(office, 'stranger')];
    await sam.type('/server-status finn@example.com');
    await stan.type('/server-status finn@example.com');
    await stan.message('You may not');
    expect(office.desk.calls.map(({ actor, place, input }) => ({ ...actor, place, input }))).toEqual([
      {
        surface: 'web',
        id: 'support',
        name: 'Sam from support',
        role: 'support',
        place: 'staff',
        input: { who: 'finn@example.com' },
      },
      {
        surface: 'web',
        id: 'stranger',
        name: 'Stan, a stranger',
        role: null,
        place: 'private',
        input: { who: 'finn@example.com' },
      },
    ]);
    expect((await post(office.url, '/api/lines', { as: 'root', window: sam.window, line: '/x' })).status).toBe(400);
  });

  test('plain words among staff are answered privately with what would be read', async () => {
    const office = await open();
    const sam = await openTab(office, 'support');
    await sam.type('hello there');
    expect((await sam.message('begin with a slash')).html).toContain('Only you can see this');
    expect(office.desk.calls).toEqual([]);
  });

  test('a bug ends in its reference and nothing else', async () => {
    const office = await open();
    const sam = await openTab(office, 'support');
    await sam.type('/server-status bug@example.com');
    const { html } = await sam.message('Something went wrong');
    expect(office.logged).toHaveLength(1);
    expect(html).toContain(office.logged[0]?.reference);
    expect(html).not.toContain('secret');
  });

  test('a window cannot have the desk look for everything at once', async () => {
    const office = await open({ stepMs: 200 });
    const sam = await openTab(office, 'support');
    const statuses: number[] = [];
    for (let count = 0; count < 8; count += 1) statuses.push(await sam.type('/server-status finn@example.com'));
    expect(statuses).toEqual([202, 202, 202, 202, 202, 202, 429, 429]);
  });
});

describe('a press', () => {
  async function withMessage() {
    const office = await open();
    const [sam, olga, stan] = [
      await openTab(office, 'support'),
      await openTab(office, 'operator'),
      await openTab(office, 'stranger'),
    ];
    await sam.type('/server-status finn@example.com');
    const { id } = await sam.message(verdict);
    await olga.message(verdict);
    return { office, sam, olga, stan, id };
  }

  test('changes the message for everybody while it goes on, and at its end', async () => {
    const { sam, olga, stan, id } = await withMessage();
    expect(await sam.press(id, 'offer-retry')).toBe(202);
    for (const tab of [sam, olga]) {
      expect((await tab.message('Retry provisioning is under way')).id).toBe(id);
      expect((await tab.message('Nothing is wrong')).id).toBe(id);
    }
    expect(stan.heard()).not.toContain('message');
  });

  test('with a note is answered to the presser alone, and the message stays', async () => {
    const { sam, olga, id } = await withMessage();
    await olga.press(id, 'offer-note');
    const note = await olga.message('Link server: nothing was done');
    expect(note.id).not.toBe(id);
    await olga.press(id, 'offer-recheck');
    await sam.message('Nothing is wrong');
    expect(sam.heard()).not.toContain('nothing was done');
  });

  test('that must be confirmed asks the presser alone, and goes on with what was filled in', async () => {
    const { office, sam, olga, id } = await withMessage();
    await olga.press(id, 'offer-vouch');
    const { data } = await olga.stream.until(isQuestion);
    expect(data).toMatchObject({ messageId: id, offerId: 'offer-vouch', form: { title: 'Vouch for this order' } });
    await olga.stream.until(isPressed);
    await olga.press(id, 'offer-vouch', { reason: 'a gift' });
    await sam.message('a gift');
    expect(sam.stream.events.some(isQuestion)).toBe(false);
    expect(office.desk.presses.map(({ form }) => form)).toEqual([null, { reason: 'a gift' }]);
  });

  test('on a message that the window does not see, or with what it never offered, reaches nobody', async () => {
    const { office, sam, stan, id } = await withMessage();
    expect(await stan.press(id, 'offer-retry')).toBe(404);
    expect(await sam.press(id, 'offer-of-another-message')).toBe(404);
    expect(await sam.press('m999', 'offer-retry')).toBe(404);
    expect(office.desk.presses).toEqual([]);
  });

  test('of a chosen option carries the option’s offer', async () => {
    const { office, sam, id } = await withMessage();
    expect(await sam.press(id, 'offer-other')).toBe(202);
    await sam.message('Nothing is wrong');
    expect(office.desk.presses[0]).toMatchObject({ offerId: 'offer-other', place: 'staff', form: null });
  });
});

describe('the stream', () => {
  test('goes on where it stopped, without telling anything twice', async () => {
    const office = await open();
    const [sam, olga] = [await openTab(office, 'support'), await openTab(office, 'operator')];
    await sam.type('/server-status ann@example.com');
    await olga.message('Nothing is wrong');
    const last = olga.stream.lastEventId() ?? '';
    olga.stream.close();
    await olga.stream.closed;
    await sam.type('/server-status finn@example.com');
    await sam.message(verdict);
    const again = await openStream(`${office.url}/api/events?as=operator&window=${olga.window}`, {
      'last-event-id': last,
    });
    opened.push(again);
    await again.untilText(verdict);
    expect(again.events.filter(isSnapshot)).toEqual([]);
    expect(JSON.stringify(again.events)).not.toContain('Nothing is wrong');
  });

  test('starts anew where it cannot go on, with everything as it is now', async () => {
    const office = await open();
    const sam = await openTab(office, 'support');
    await sam.type('/server-status finn@example.com');
    await sam.message(verdict);
    for (const last of ['another-boot.3', `${sam.stream.lastEventId() ?? ''}999`, 'nonsense', '']) {
      const stream = await openStream(`${office.url}/api/events?as=support&window=${sam.window}&after=${last}`);
      opened.push(stream);
      const { data } = await stream.until(isSnapshot);
      expect(data.messages.map(({ html }) => html).join('')).toContain(verdict);
    }
  });

  test('starts anew for a window that has missed too much', async () => {
    const office = await open();
    const sam = await openTab(office, 'support');
    await post(office.url, '/api/troubles', { id: 'key-revoked', isBroken: true });
    await sam.stream.untilText('key-revoked');
    const last = sam.stream.lastEventId() ?? '';
    for (let count = 0; count < 510; count += 1) await post(office.url, '/api/troubles/mend-all', {});
    const again = await openStream(`${office.url}/api/events?as=support&window=${sam.window}&after=${last}`);
    opened.push(again);
    await again.until(isSnapshot);
  });

  test('tells by its boot that the server was started anew', async () => {
    const office = await open();
    const sam = await openTab(office, 'support');
    const before = (await sam.stream.until(isSnapshot)).data.boot;
    await office.restart();
    await sam.stream.closed;
    const again = await openStream(`${office.url}/api/events?as=support&window=${sam.window}`, {
      'last-event-id': `${before}.1`,
    });
    opened.push(again);
    const { data } = await again.until(isSnapshot);
    expect(data.boot).not.toBe(before);
    expect(data.messages).toEqual([]);
  });

  test('offers commands and customers to staff, and to others what they may try', async () => {
    const office = await open();
    const snapshotOf = async (as: string) => (await (await openTab(office, as)).stream.until(isSnapshot)).data;
    const [support, customer, stranger] = [
      await snapshotOf('support'),
      await snapshotOf('customer'),
      await snapshotOf('stranger'),
    ];
    expect(support.commands.map(({ name }) => name)).toContain('server-status');
    expect(support.suggestions[0]).toMatchObject({ line: '/server-status finn@example.com' });
    expect([customer.commands, stranger.commands]).toEqual([[], []]);
    expect(customer.suggestions[0]).toMatchObject({ line: '/my-server' });
  });

  test('wants to know who listens', async () => {
    const { url } = await open();
    for (const query of ['', '?as=support', `?as=root&window=${randomUUID()}`, '?as=support&window=1']) {
      expect((await ask(`${url}/api/events${query}`)).status).toBe(400);
    }
  });
});

describe('the shop', () => {
  test('is broken and mended for every window', async () => {
    const office = await open();
    const [sam, stan] = [await openTab(office, 'support'), await openTab(office, 'stranger')];
    expect((await post(office.url, '/api/troubles', { id: 'key-revoked', isBroken: true })).status).toBe(200);
    await sam.stream.untilText('"broken":["key-revoked"]');
    await stan.stream.untilText('"broken":["key-revoked"]');
    expect((await ask(`${office.url}/?as=support`)).text).toMatch(/aria-checked="true"\s+data-trouble="key-revoked"/);
    await post(office.url, '/api/troubles/mend-all', {});
    await stan.stream.until(
      (event): event is Extract<StreamEvent, { name: 'broken' }> =>
        event.name === 'broken' && event.data.broken.length === 0,
    );
    expect((await post(office.url, '/api/troubles', { id: 'unheard-of', isBroken: true })).status).toBe(404);
  });

  test('sells, and keeps to itself why it could not', async () => {
    const office = await open();
    const wish = { email: 'new@example.com', planId: 'mc-4', region: 'eu', serverName: '' };
    const sold = await post(office.url, '/api/purchases', wish);
    expect(JSON.parse(sold.text)).toMatchObject({ orderId: expect.any(String) });
    const failed = await post(office.url, '/api/purchases', { ...wish, email: 'unlucky@example.com' });
    expect(failed.status).toBe(500);
    expect(failed.text).toContain(office.logged[0]?.reference);
    expect(failed.text).not.toContain('fire');
    const refused = await post(office.url, '/api/purchases', { ...wish, email: 'banned@example.com' });
    expect(JSON.parse(refused.text)).toEqual({ trouble: 'The shop sells nothing to this address.' });
    expect((await post(office.url, '/api/purchases', { ...wish, email: 'nobody' })).status).toBe(400);
  });

  test('lets things happen, to a customer only where one is named', async () => {
    const { url } = await open();
    const refund = await post(url, '/api/acts', { id: 'refund', email: 'ann@example.com' });
    expect(JSON.parse(refund.text)).toEqual({ words: 'refund happened to ann@example.com.' });
    const refused = await post(url, '/api/acts', { id: 'refund', email: 'nobody@example.com' });
    expect(JSON.parse(refused.text)).toEqual({ trouble: 'Nobody has signed up with this address.' });
    expect((await post(url, '/api/acts', { id: 'refund', email: null })).status).toBe(400);
    expect((await post(url, '/api/acts', { id: 'unheard-of', email: null })).status).toBe(404);
  });
});

test('stopping ends every stream and frees the port', async () => {
  const office = await openFrontOffice();
  const stream = await openStream(`${office.url}/api/events?as=support&window=${randomUUID()}`);
  await office.restart();
  await stream.closed;
  await office.stop();
  await expect(ask(`${office.url}/healthz`)).rejects.toThrow('ECONNREFUSED');
});

test('a port that is taken is told to whoever starts it', async () => {
  const office = await open();
  await expect(openFrontOffice({ port: Number(new URL(office.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('the scripts of the page are free of type errors', async () => {
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const project = new URL('../../src/adapters/web/page/tsconfig.json', import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [tsc, '--project', project]);
});
