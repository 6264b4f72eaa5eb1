import { afterEach, describe, expect, test } from 'vitest';
import { slackManifest } from '../../src/adapters/slack/index.ts';
import { ChatRefused } from '../../src/core/chat.ts';
import { commands } from '../../src/commands/index.ts';
import type { SlackOptions } from '../platforms/slack/index.ts';
import { validateManifest } from '../platforms/slack/manifest.ts';
import { createChatDesk, customer } from '../support/chat-desk.ts';
import { openWorkspace, prepareSlack, runSlack, type SlackMode } from '../support/slack-surface.ts';

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
});

async function open(mode: SlackMode = 'socket', options: SlackOptions = {}) {
  const desk = createChatDesk();
  const workspace = await openWorkspace(mode, desk, options);
  running.push(workspace.slack);
  const lines: string[] = [];
  const start = async (more: { readonly botToken?: string } = {}) => {
    const run = await runSlack(workspace, { desk, note: (line) => lines.push(line), ...more });
    running.push(run);
    return run;
  };
  return { ...workspace, desk, lines, start };
}

async function started(mode: SlackMode = 'socket', options: SlackOptions = {}) {
  const opened = await open(mode, options);
  return { ...opened, run: await opened.start() };
}

describe('who may', () => {
  test.each(['guest', 'stranger'] as const)('a %s is nobody, although a group lists them', async (who) => {
    const { people, channels, desk } = await started();
    const room = who === 'guest' ? channels.visited : channels.shared;
    await people[who].slash('/server-status', customer, room);
    await people[who].sees(/You may not use/, room);
    expect(desk.calls.map(({ actor }) => actor.role)).toEqual(who === 'guest' ? [null] : []);
  });

  test('a button is refused to somebody of another workspace before the desk hears of it', async () => {
    const { people, channels, desk, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.sam.sees('CAP-002', channels.support);
    channels.support.members.add(people.stranger.id);
    await people.stranger.press(card, 'Retry provisioning');
    await people.stranger.sees('You may not use this here', channels.support);
    expect(desk.presses).toEqual([]);
    expect(slack.complaints).toEqual([]);
  });

  test('a listed account that has left or become a guest loses its role', async () => {
    const { people, channels, desk, slack, clock } = await started();
    const sam = slack.state.users.get(people.sam.id);
    if (sam === undefined) throw new Error('sam is gone');
    sam.kind = 'guest';
    clock.travelTo(clock.now() + 61_000);
    await people.sam.slash('/server-status', customer, channels.lounge);
    await people.sam.sees('You may not use', channels.lounge);
    expect(desk.calls.map(({ actor }) => actor.role)).toEqual([null]);
  });

  test('the highest of several roles counts, and those by user id need no group', async () => {
    const { people, channels, desk, slack, groups } = await started();
    groups.support.members.add(people.ada.id);
    slack.failMethod('usergroups.users.list', { kind: 'status', status: 503 });
    await people.ada.slash('/server-status', customer, channels.lounge);
    await people.ada.sees('CAP-002', channels.lounge, 8000);
    expect(desk.calls.map(({ actor }) => actor)).toMatchObject([{ role: 'admin', name: 'ada', surface: 'slack' }]);
  });

  test('a group that is gone gives nobody a role and takes none from others', async () => {
    const { people, channels, lines, groups, clock } = await started();
    groups.operators.isDisabled = true;
    clock.travelTo(clock.now() + 61_000);
    await people.sam.slash('/server-status', customer, channels.lounge);
    await people.sam.sees('CAP-002', channels.lounge);
    await people.olga.slash('/server-status', customer, channels.lounge);
    await people.olga.sees('Roles cannot be read now', channels.lounge);
    expect(lines.join('\n')).toContain('no_such_subteam');
  });
});

describe('where', () => {
  test.each(['shared', 'visited', 'closed'] as const)(
    'a configured channel that is %s gets a private answer, and the log says so',
    async (room) => {
      const { people, channels, desk, lines } = await started();
      await people.sam.slash('/server-status', customer, channels[room]);
      const seen = await people.sam.sees('CAP-002', channels[room]);
      expect(seen.isEphemeral).toBe(true);
      expect(desk.calls.map(({ place }) => place)).toEqual(['private']);
      await expect.poll(() => lines.join('\n')).toContain(`${channels[room].id} are private`);
    },
  );

  test('a private channel of staff is a place for all of them', async () => {
    const { people, channels } = await started();
    await people.sam.slash('/server-status', customer, channels.secluded);
    expect((await people.olga.sees('CAP-002', channels.secluded)).isEphemeral).toBe(false);
  });

  test('a channel of which Slack tells nothing gets a private answer', async () => {
    const { people, channels, slack, clock } = await started();
    slack.failMethod('conversations.info', { kind: 'status', status: 500 });
    clock.travelTo(clock.now() + 61_000);
    await people.sam.slash('/server-status', customer, channels.support);
    expect((await people.sam.sees('CAP-002', channels.support, 6000)).isEphemeral).toBe(true);
  });

  test('a message in a channel that guests have joined since stays as it is; the outcome goes to the presser', async () => {
    const { people, channels, clock } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.sam.sees('CAP-002', channels.support);
    channels.support.members.add(people.guest.id);
    clock.travelTo(clock.now() + 61_000);
    await people.sam.press(card, 'Retry provisioning');
    expect((await people.sam.sees('Applied by', channels.support)).isEphemeral).toBe(true);
    const forAll = people.guest.visibleMessages(channels.support).map(({ reads }) => reads);
    expect(forAll).toEqual([card.reads]);
  });

  test('what a private answer of a part of a command says stays private in the support channel', async () => {
    const { people, channels, desk } = await started();
    await people.ada.slash('/pterodoc', 'audit', channels.support);
    expect((await people.ada.sees('Audit', channels.support)).isEphemeral).toBe(true);
    await people.ada.slash('/pterodoc', '', channels.support);
    await people.ada.sees('pterodoc help', channels.support);
    await people.ada.slash('/pterodoc', 'orders status:error', channels.support);
    await people.ada.sees('pterodoc orders', channels.support);
    expect(desk.calls.at(-1)?.input).toEqual({ status: 'error' });
  });

  test.each([`<mailto:${customer}|${customer}>`, ` ${customer} `, `who:${customer}`])(
    'reads the address out of "%s"',
    async (typed) => {
      const { people, channels, desk } = await started();
      await people.sam.slash('/server-status', typed, channels.lounge);
      await people.sam.sees('CAP-002', channels.lounge);
      expect(desk.calls.map(({ input }) => input['who'])).toEqual([customer]);
    },
  );
});

describe('the home tab and messages to the bot', () => {
  test('tell staff their commands and others where to turn, and nobody twice', async () => {
    const { people, slack } = await started('http');
    await people.sam.opensHome();
    await people.sam.seesHome('/server-status <who>');
    await people.casey.opensHome();
    await people.casey.seesHome('answers the support team only');
    const sent = await people.casey.dm('where is my server?');
    await people.casey.sees('Only commands are read', people.casey.direct());
    if (sent === null) throw new Error('the bot does not listen');
    await slack.events.repeat(sent);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(people.casey.visibleMessages(people.casey.direct())).toHaveLength(2);
  });
});

describe('trouble with Slack', () => {
  test('a channel that takes no more messages gets them in its time, each once', async () => {
    const { people, channels } = await started('socket', {
      rateLimits: { tier2: 1000, tier3: 1000, tier4: 1000, postBurst: 2 },
    });
    await Promise.all([1, 2, 3].map(() => people.sam.slash('/server-status', customer, channels.support)));
    await expect.poll(() => people.olga.visibleMessages(channels.support).length, { timeout: 6000 }).toBe(3);
  });

  test('steps are left out, and the outcome waits, while changes are limited', async () => {
    const { people, channels, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.sam.sees('CAP-002', channels.support);
    slack.failMethod('chat.update', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, 2);
    await people.sam.press(card, 'Retry provisioning');
    await people.olga.sees('Applied by', channels.support, 6000);
  });

  test('a message that was deleted meanwhile does not take the outcome with it', async () => {
    const { people, channels, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.sam.sees('CAP-002', channels.support);
    const pressed = people.sam.press(card, 'Re-check');
    for (const message of slack.messagesIn(channels.support)) message.isDeleted = true;
    await pressed;
    expect((await people.sam.sees('Looked again', channels.support)).isEphemeral).toBe(true);
  });

  test('a private answer whose address for answers has expired comes another way', async () => {
    const { people, channels, clock } = await started();
    await people.sam.slash('/server-status', customer, channels.lounge);
    const card = await people.sam.sees('CAP-002', channels.lounge);
    await people.sam.press(card, 'Reinstall server');
    await people.sam.seesModal('You may not press this');
    await people.olga.slash('/server-status', customer, channels.lounge);
    await people.olga.press(await people.olga.sees('CAP-002', channels.lounge), 'Reinstall server');
    await people.olga.seesModal('This cannot be undone.');
    clock.travelTo(clock.now() + 31 * 60_000);
    await people.olga.submitView();
    await people.olga.sees('Applied by', channels.lounge);
  });

  test('an answer that cannot be shown where it was asked for is not lost without a word', async () => {
    const { people, channels, slack } = await started();
    slack.failMethod('response_url', { kind: 'status', status: 404 });
    await people.sam.slash('/server-status', customer, channels.closed);
    const told = await people.sam.sees('could not be shown', people.sam.direct());
    expect(told.reads).not.toContain(customer);
  });

  test('a dialogue that comes too late is asked for once more', async () => {
    const { people, channels, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.olga.sees('CAP-002', channels.support);
    slack.failMethod('views.open', { kind: 'status', status: 503 }, 2);
    await people.olga.press(card, 'Reinstall server');
    const again = await people.olga.sees('one more question', channels.support, 6000);
    await people.olga.press(again, 'Reinstall server');
    await people.olga.seesModal('This cannot be undone.');
  });

  test('controls of another release are answered', async () => {
    const { people, channels, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    const card = await people.sam.sees('CAP-002', channels.support);
    const [message] = slack.messagesIn(channels.support);
    if (message === undefined) throw new Error('nothing was posted');
    message.blocks = [
      {
        type: 'actions',
        block_id: 'old',
        elements: [
          { type: 'button', action_id: 'retry', value: '{"order":1}', text: { type: 'plain_text', text: 'R' } },
        ],
      },
    ];
    const old = { ...card, blocks: message.blocks };
    expect((await people.sam.press(old, 'R')).failure).toBeNull();
    await people.sam.sees('This button is too old', channels.support);
  });

  test('two connections take turns: while one is renewed nothing is lost', async () => {
    const { people, channels, slack } = await started();
    await slack.sockets.connected(2);
    slack.sockets.refresh();
    await expect.poll(() => slack.sockets.count()).toBe(1);
    expect((await people.sam.slash('/server-status', customer, channels.lounge)).failure).toBeNull();
    await slack.sockets.connected(2);
  });

  test('connects again by itself after Slack could not be reached for a while', async () => {
    const { slack, run } = await started();
    await slack.sockets.connected(2);
    slack.failMethod('apps.connections.open', { kind: 'reset' }, 4);
    slack.sockets.drop();
    await expect.poll(() => run.adapter.isConnected()).toBe(false);
    await expect.poll(() => run.adapter.isConnected(), { timeout: 12_000 }).toBe(true);
  });
});

describe('starting', () => {
  test('waits for a Slack that cannot be reached yet', async () => {
    const { slack, start, people, channels } = await open('http');
    slack.failMethod('auth.test', { kind: 'reset' }, 2);
    await start();
    await people.sam.slash('/server-status', customer, channels.lounge);
    await people.sam.sees('CAP-002', channels.lounge);
  });

  test.each(['socket', 'http'] as const)('says which token Slack refuses (%s)', async (mode) => {
    const { start } = await open(mode);
    const refused = start({ botToken: 'xoxb-wrong' });
    await expect(refused).rejects.toThrow(ChatRefused);
    await expect(refused).rejects.toThrow(/SLACK_BOT_TOKEN \(invalid_auth\)/);
  });

  test('gives up at once when it is stopped while it waits', async () => {
    const workspace = await open('socket');
    workspace.slack.failMethod('auth.test', { kind: 'reset' });
    const adapter = prepareSlack(workspace, { desk: workspace.desk, note: () => undefined });
    const starting = adapter.start();
    await adapter.stop();
    await starting;
    expect(adapter.isConnected()).toBe(false);
  });

  test('takes nothing over HTTP that is not signed, not for it, or too early', async () => {
    const { slack, run } = await started('http');
    expect(await slack.requestUrl.sendForged('{}', { withoutSignature: true })).toBe(401);
    expect(await slack.requestUrl.sendForged('{}', { secret: 'wrong' })).toBe(401);
    await run.adapter.stop();
    expect(await slack.requestUrl.sendForged('{"type":"event_callback"}', {})).toBe(503);
  });
});

describe('the manifest', () => {
  test.each([{ mode: 'socket' }, { mode: 'http', url: 'https://bot.example' }] as const)(
    'for $mode is one that Slack takes',
    (connection) => {
      expect(validateManifest(slackManifest({ commands, connection }))).toEqual([]);
    },
  );

  test('asks for exactly the scopes that are used', async () => {
    const { people, channels, slack } = await started();
    await people.sam.slash('/server-status', customer, channels.support);
    await people.sam.slash('/server-status', customer, channels.secluded);
    await people.casey.dm('hello');
    await people.olga.sees('CAP-002', channels.secluded);
    await people.casey.sees('Only commands', people.casey.direct());
    expect(slack.scopesUsed()).toEqual([...slack.state.grantedScopes].sort());
  });
});
