import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { type BareBoltOptions, startBareBolt } from '../platforms/slack/bare-bolt.ts';
import { aManifest, type SlackOptions, type SlackPlatform, startSlack } from '../platforms/slack/index.ts';

const overHttp = aManifest({ url: 'https://bot.example/slack/events' });
const card = [
  {
    type: 'actions',
    elements: [{ type: 'button', action_id: 'retry', value: 'o', text: { type: 'plain_text', text: 'Retry' } }],
  },
];

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
});

async function openSlack(options: SlackOptions = {}) {
  const slack = await startSlack({ rateLimits: 'off', eventRetriesMs: [20, 40], ...options });
  running.push(slack);
  const { people, channels } = slack.workspace({
    users: { ann: {}, ben: {} },
    channels: { support: { members: ['ann', 'ben'] }, lobby: { members: ['ann'], withApp: false } },
  });
  return { slack, ann: people.ann, ben: people.ben, support: channels.support, lobby: channels.lobby };
}

async function runBolt(slack: SlackPlatform, register: (app: App) => void = answerAll, options?: BareBoltOptions) {
  const bolt = await startBareBolt(slack, register, options);
  running.push(bolt);
  return bolt;
}

function answerAll(app: App): void {
  app.command('/server-status', ({ ack }) => ack());
}

/** A program that only listens: everything it was sent, and no acknowledgement. */
async function openRawSocket(slack: SlackPlatform) {
  const socket = new WebSocket(slack.sockets.issueUrl() ?? '');
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', () => resolve());
  });
  running.push({ stop: async () => socket.terminate() });
  return { socket, messages, ofType: (type: string) => messages.filter((one) => one['type'] === type) };
}

/** An address that answers everything but the challenge with one status. */
async function openAddress(slack: SlackPlatform, status: number, headers: Record<string, string> = {}) {
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (body.includes('url_verification')) response.end(body);
      else {
        received.push(request);
        response.writeHead(status, headers).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  running.push({ stop: async () => server.close() });
  await slack.requestUrl.verify(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return received;
}

describe('Socket Mode', () => {
  // Long enough for a busy machine to notice the gap.
  const quick = { clientPingTimeoutMs: 400 };

  it.each(['warn', 'refresh', 'drop'] as const)('is connected again after %s', async (trouble) => {
    const { slack, ann, support } = await openSlack({ warningMs: 50 });
    await runBolt(slack, answerAll, quick);
    slack.sockets[trouble]();
    await expect.poll(() => slack.sockets.count()).toBe(0);
    const outcome = await ann.slash('/server-status', '', support);
    expect(outcome.failure).toBe('dispatch_failed');
    await slack.sockets.connected();
    expect(await ann.slash('/server-status', '', support)).toMatchObject({ failure: null });
  });

  it('gives everything to one of several connections, each in turn, and loses nothing while one is refreshed', async () => {
    const { slack, ann, support } = await openSlack();
    await runBolt(slack, answerAll, quick);
    await runBolt(slack, answerAll, quick);
    slack.sockets.refresh();
    await expect.poll(() => slack.sockets.count()).toBe(1);
    expect((await ann.slash('/server-status', '', support)).failure).toBeNull();
    await slack.sockets.connected(2);
    for (let count = 0; count < 4; count += 1) await ann.slash('/server-status', '', support);
    expect(slack.sockets.deliveriesPerConnection().slice(1)).toEqual([3, 2]);
  });

  it('is connected again when no ping is answered', async () => {
    const { slack, ann, support } = await openSlack();
    const { troubles } = await runBolt(slack, answerAll, { clientPingTimeoutMs: 200 });
    await expect.poll(() => slack.sockets.pingsAnswered(), { timeout: 2000 }).toBeGreaterThan(0);
    slack.sockets.freeze();
    await expect.poll(() => troubles.join('\n'), { timeout: 2000 }).toContain("A pong wasn't received");
    slack.sockets.thaw();
    await slack.sockets.connected();
    await expect.poll(async () => (await ann.slash('/server-status', '', support)).failure).toBeNull();
  });

  it('turns the eleventh connection away', async () => {
    const { slack } = await openSlack();
    const sockets = await Promise.all(Array.from({ length: 10 }, () => openRawSocket(slack)));
    expect(sockets.flatMap(({ ofType }) => ofType('hello'))).toHaveLength(10);
    const refused = await openRawSocket(slack);
    expect(refused.messages).toMatchObject([{ type: 'disconnect', reason: 'too_many_websockets' }]);
  });

  it('opens each address once, and none when it is switched off', async () => {
    const { slack } = await openSlack();
    const url = slack.sockets.issueUrl() ?? '';
    const open = () =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.once('open', () => resolve('open'));
        socket.once('error', () => resolve('refused'));
        running.push({ stop: async () => socket.terminate() });
      });
    expect([await open(), await open()]).toEqual(['open', 'refused']);
    const { messages } = await openRawSocket(slack);
    slack.sockets.disable();
    await expect.poll(() => messages.at(-1)).toMatchObject({ type: 'disconnect', reason: 'link_disabled' });
    expect(slack.sockets.issueUrl()).toBeNull();
  });

  it('sends an event again until it is acknowledged, and says how often it tried', async () => {
    const { slack, ann } = await openSlack({ ackWithinMs: 200 });
    const { socket, ofType } = await openRawSocket(slack);
    socket.on('message', (data) => {
      const { envelope_id, retry_attempt } = JSON.parse(String(data));
      if (retry_attempt === 1) socket.send(JSON.stringify({ envelope_id }));
    });
    await ann.dm('hello');
    await expect.poll(() => slack.events.sent.at(0)?.attempts).toHaveLength(2);
    expect(ofType('events_api')).toMatchObject([{ retry_attempt: 0 }, { retry_attempt: 1, retry_reason: 'timeout' }]);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(ofType('events_api')).toHaveLength(2);
    socket.send(JSON.stringify({ envelope_id: 'unknown' }));
    await expect.poll(() => slack.sockets.strayAcks).toContain('unknown');
  });

  it('fails a click that nothing listens to', async () => {
    const { slack, ann, support } = await openSlack({ ackWithinMs: 60 });
    const { app } = await runBolt(slack);
    await app.client.apiCall('chat.postMessage', { channel: support.id, text: 'card', blocks: card });
    const outcome = await ann.press(await ann.sees('Retry', support), 'Retry');
    expect(outcome.failure).toBe('operation_timeout');
  });
});

describe('HTTP', () => {
  const body = JSON.stringify({ type: 'event_callback', event: { type: 'message' } });
  const forgeries = [
    ['the right signature', {}, 200],
    ['another secret', { secret: 'f'.repeat(32) }, 401],
    ['a timestamp of ten minutes ago', { agedS: 600 }, 401],
    ['no signature', { withoutSignature: true }, 401],
    ['the signature of another body', { signedBody: '{}' }, 401],
  ] as const;
  it.each(forgeries)('a request with %s', async (_, forgery, status) => {
    const { slack } = await openSlack({ manifest: overHttp });
    await runBolt(slack, (app) => app.event('message', async () => undefined));
    expect(await slack.requestUrl.sendForged(body, forgery)).toBe(status);
  });

  it('takes no address that does not know the challenge', async () => {
    const { slack } = await openSlack({ manifest: overHttp });
    await expect(slack.requestUrl.verify(`${slack.apiUrl}auth.test`)).rejects.toThrow('the request URL answered');
  });

  it('sends an event again after an error, twice, and numbers the attempts', async () => {
    const { slack, ann } = await openSlack({ manifest: overHttp });
    const received = await openAddress(slack, 500);
    await ann.dm('hello');
    await expect.poll(() => received.length).toBe(3);
    expect(received.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2']);
    expect(received.at(1)?.headers['x-slack-retry-reason']).toBe('http_error');
  });

  it('does not send it again when it is asked not to', async () => {
    const { slack, ann } = await openSlack({ manifest: overHttp });
    const received = await openAddress(slack, 500, { 'x-slack-no-retry': '1' });
    await ann.dm('hello');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(received).toHaveLength(1);
  });

  it('fails a command at once when the answer is an error', async () => {
    const { slack, ann, support } = await openSlack({ manifest: overHttp });
    await openAddress(slack, 500);
    expect((await ann.slash('/server-status', '', support)).failure).toBe('dispatch_failed');
  });
});

describe('a response_url', () => {
  const post = (url: string | null, message: object): Promise<number> =>
    fetch(url ?? '', { method: 'POST', body: JSON.stringify(message) }).then(({ status }) => status);

  it('works five times, for half an hour', async () => {
    const clock = createWorldClock();
    const { slack, ann, support } = await openSlack({ clock });
    await runBolt(slack);
    const { responseUrl } = await ann.slash('/server-status', '', support);
    const statuses = [];
    for (let count = 0; count < 6; count += 1) statuses.push(await post(responseUrl, { text: `${count}` }));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
    expect(slack.calls.at(-1)?.error).toBe('used_url');
    const late = await ann.slash('/server-status', '', support);
    clock.travelTo(Date.now() + 31 * 60_000);
    expect(await post(late.responseUrl, { text: 'late' })).toBe(404);
    expect(slack.calls.at(-1)?.error).toBe('expired_url');
  });

  it('of a command replaces nothing, and reaches channels without the app', async () => {
    const { slack, ann, lobby } = await openSlack();
    await runBolt(slack);
    const { responseUrl } = await ann.slash('/server-status', '', lobby);
    await post(responseUrl, { text: 'one' });
    await post(responseUrl, { text: 'two', replace_original: true });
    expect(ann.visibleMessages(lobby).map(({ reads }) => reads)).toEqual(['one', 'two']);
  });

  it('of a click replaces or removes the message, and refuses what a message may not be', async () => {
    const { slack, ann, support } = await openSlack();
    await runBolt(slack, (app) => {
      app.command('/server-status', ({ ack }) => ack({ text: 'card', blocks: card }));
      app.action('retry', ({ ack }) => ack());
    });
    await ann.slash('/server-status', '', support);
    const seen = await ann.sees('Retry', support);
    const { responseUrl } = await ann.press(seen, 'Retry');
    expect(await post(responseUrl, { replace_original: true })).toBe(400);
    expect(await post(responseUrl, { replace_original: true, blocks: [{ type: 'banner' }] })).toBe(400);
    expect(await post(responseUrl, { text: 'beside it' })).toBe(200);
    expect(slack.complaints).toEqual([
      'a response_url of an action was used without replace_original and response_type',
    ]);
    expect(await post(responseUrl, { replace_original: true, text: 'instead' })).toBe(200);
    expect(ann.visibleMessages(support).map(({ reads }) => reads)).toEqual(['instead', 'beside it']);
    expect(await post(responseUrl, { delete_original: true })).toBe(200);
    expect(ann.visibleMessages(support).map(({ reads }) => reads)).toEqual(['beside it']);
    expect((await ann.press(seen, 'Retry')).failure).toBeNull();
  });

  it('is not needed to answer a command badly: the person is told', async () => {
    const { slack, ann, support } = await openSlack();
    await runBolt(slack, (app) => {
      app.command('/server-status', ({ ack }) => ack({ text: '', blocks: [...card, ...card, { type: 'banner' }] }));
    });
    expect((await ann.slash('/server-status', '', support)).failure).toBe('invalid_command_response');
  });
});

describe('a trigger_id', () => {
  it('opens one modal within three seconds', async () => {
    const clock = createWorldClock();
    const { slack, ann, support } = await openSlack({ clock });
    const { app } = await runBolt(slack);
    const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Sure?' }, blocks: [] };
    const open = (trigger_id: string) => app.client.views.open({ trigger_id, view }).then(String, String);
    const { triggerId } = await ann.slash('/server-status', '', support);
    await open(triggerId);
    expect(ann.modal()?.title).toBe('Sure?');
    expect(await open(triggerId)).toContain('exchanged_trigger_id');
    const late = await ann.slash('/server-status', '', support);
    clock.travelTo(Date.now() + 3100);
    expect(await open(late.triggerId)).toContain('expired_trigger_id');
  });
});

describe('modals', () => {
  const view = (title: string, more: object = {}) => ({
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: title },
    submit: { type: 'plain_text' as const, text: 'Go' },
    callback_id: 'step',
    notify_on_close: true,
    blocks: [
      {
        type: 'input',
        block_id: 'order',
        label: { type: 'plain_text', text: 'Order' },
        optional: true,
        element: select,
      },
    ],
    ...more,
  });
  const select = {
    type: 'static_select',
    action_id: 'pick',
    options: [{ text: { type: 'plain_text', text: 'The newest' }, value: 'o-1' }],
  };

  it('are updated only by who knows how they look now', async () => {
    const { slack, ann, support } = await openSlack();
    const { app } = await runBolt(slack);
    const { triggerId } = await ann.slash('/server-status', '', support);
    const opened = await app.client.views.open({ trigger_id: triggerId, view: view('Loading') });
    const { id = '', hash = '' } = opened.view ?? {};
    await app.client.views.update({ view_id: id, hash, view: view('Loaded') });
    expect(ann.modal()?.title).toBe('Loaded');
    const stale = app.client.views.update({ view_id: id, hash, view: view('Stale') });
    await expect(stale).rejects.toThrow('hash_conflict');
    await expect(app.client.views.update({ view_id: 'V404', view: view('x') })).rejects.toThrow('not_found');
  });

  it('lie on each other, answer with what was chosen, and tell when they are closed', async () => {
    const { slack, ann, support } = await openSlack();
    const chosen: unknown[] = [];
    await runBolt(slack, (app) => {
      app.command('/server-status', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: view('First') });
      });
      app.view('step', async ({ ack, view: submitted }) => {
        chosen.push(submitted.state.values['order']?.['pick']?.selected_option?.value);
        await ack({ response_action: 'push', view: view('Second', { callback_id: 'last' }) });
      });
      app.view('last', ({ ack }) => ack({ response_action: 'clear' }));
      app.view({ type: 'view_closed', callback_id: 'last' }, async ({ ack }) => {
        chosen.push('closed');
        await ack();
      });
    });
    await ann.slash('/server-status', '', support);
    await ann.seesModal('First');
    await ann.submitView({ order: 'The newest' });
    expect(ann.modal()?.title).toBe('Second');
    await ann.closeView();
    expect(ann.modal()?.title).toBe('First');
    await ann.submitView();
    await ann.submitView();
    expect(ann.modal()).toBeNull();
    expect(chosen).toEqual(['o-1', 'closed', undefined]);
    expect(slack.complaints).toEqual([]);
  });
});

describe('faults of the Web API', () => {
  const limited = { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: { ok: false } } as const;

  it('429 once: Bolt waits as long as it was told and tries again', async () => {
    const { slack, support } = await openSlack();
    const { app } = await runBolt(slack, answerAll, { retries: 1 });
    slack.failMethod('chat.postMessage', limited, 1);
    const startedAt = Date.now();
    await app.client.apiCall('chat.postMessage', { channel: support.id, text: 'x' });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(slack.messagesIn(support)).toHaveLength(1);
  });

  it('an answer lost after the message was posted: a second try posts it twice', async () => {
    const { slack, support } = await openSlack();
    const { app } = await runBolt(slack, answerAll, { retries: 1 });
    slack.failMethod('chat.postMessage', { kind: 'reset-after' }, 1);
    await app.client.apiCall('chat.postMessage', { channel: support.id, text: 'x' });
    expect(slack.messagesIn(support)).toHaveLength(2);
  });

  const faults = [
    ['500', { kind: 'status', status: 500, body: 'oops' }, 'statusCode'],
    ['a page in HTML', { kind: 'html-200' }, 'Please sign in'],
    ['a cut connection', { kind: 'reset' }, 'A request error occurred'],
    ['silence', { kind: 'hang' }, 'A request error occurred'],
  ] as const;
  it.each(faults)('%s is an error of the call', async (_, fault, words) => {
    const { slack, support } = await openSlack();
    const { app } = await runBolt(slack, answerAll, { timeoutMs: 300 });
    slack.failMethod('chat.postMessage', fault);
    const failure: unknown = await app.client.apiCall('chat.postMessage', { channel: support.id, text: 'x' }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(slack.calls.at(-1)?.error).toBe(`fault: ${fault.kind}`);
    expect(failure instanceof Error ? `${failure.message} ${Object.keys(failure).join(' ')}` : '').toContain(words);
  });
});

describe('people', () => {
  it('see only what is theirs to see', async () => {
    const { slack } = await openSlack();
    const { people, channels } = slack.workspace({
      users: { cleo: {}, guest: { kind: 'guest' }, far: { kind: 'stranger' } },
      channels: { open: {}, closed: { kind: 'private' }, shared: { members: ['far'], isShared: true } },
    });
    expect(people.cleo.visibleMessages(channels.open)).toEqual([]);
    expect(() => people.cleo.visibleMessages(channels.closed)).toThrow('cannot open');
    expect(() => people.guest.visibleMessages(channels.open)).toThrow('cannot open');
    expect(people.far.visibleMessages(channels.shared)).toEqual([]);
  });

  it('from another workspace send commands under its id', async () => {
    const { slack } = await openSlack();
    const { people, channels } = slack.workspace({
      users: { far: { kind: 'stranger' } },
      channels: { shared: { members: ['far'], isShared: true } },
    });
    const teams: string[] = [];
    await runBolt(slack, (app) => {
      app.command('/server-status', async ({ ack, command }) => {
        teams.push(command.team_id);
        await ack();
      });
    });
    await people.far.slash('/server-status', '', channels.shared);
    expect(teams).not.toContain(slack.teamId);
  });

  it('leave a trace of the scopes that were needed', async () => {
    const { slack, ann, support } = await openSlack();
    const { app } = await runBolt(slack);
    await ann.slash('/server-status', '', support);
    await app.client.users.info({ user: ann.id });
    expect(slack.scopesUsed()).toEqual(['commands', 'users:read', 'users:read.email']);
  });

  it('hear of changes of direct messages as the app itself does', async () => {
    const { slack, ann } = await openSlack();
    const subtypes: unknown[] = [];
    const { app } = await runBolt(slack, (bolt) => {
      bolt.message(async ({ message }) => {
        subtypes.push(message.subtype);
      });
    });
    await app.client.apiCall('chat.postMessage', { channel: ann.id, text: 'x' });
    const { ts, channelId } = await ann.sees('x', ann.direct());
    await app.client.chat.update({ channel: channelId, ts, text: 'y' });
    await expect.poll(() => subtypes).toEqual(['message_changed']);
  });
});
