import type { App } from '@slack/bolt';
import { afterEach, describe, expect, it } from 'vitest';
import { type BareBolt, startBareBolt, type BareBoltOptions } from '../platforms/slack/bare-bolt.ts';
import { aManifest, type SlackOptions, type SlackPlatform, startSlack } from '../platforms/slack/index.ts';

const button = {
  type: 'actions',
  block_id: 'buttons',
  elements: [
    { type: 'button', action_id: 'retry', value: 'offer-1', text: { type: 'plain_text', text: 'Retry provisioning' } },
  ],
};
const card = [{ type: 'section', text: { type: 'mrkdwn', text: 'No node has room' } }, button];
const modal = {
  type: 'modal' as const,
  callback_id: 'vouch',
  title: { type: 'plain_text' as const, text: 'Vouch' },
  submit: { type: 'plain_text' as const, text: 'Vouch' },
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', action_id: 'words', min_length: 3 },
    },
  ],
};

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop();
});

async function openSlack(options: SlackOptions = {}) {
  const slack = await startSlack({ rateLimits: 'off', ...options });
  running.push(slack);
  const workspace = slack.workspace({
    users: { ann: { email: 'ann@example.com' }, ben: {} },
    channels: { support: { members: ['ann', 'ben'] } },
  });
  return { slack, ...workspace };
}

async function runBolt(slack: SlackPlatform, register: (app: App) => void, options?: BareBoltOptions) {
  const bolt: BareBolt = await startBareBolt(slack, register, options);
  running.push(bolt);
  return bolt;
}

const modes = [
  ['Socket Mode', aManifest()],
  ['HTTP', aManifest({ url: 'https://bot.example/slack/events' })],
] as const;

describe.each(modes)('real Bolt over %s', (_, manifest) => {
  it('acknowledges a command and answers only the person who asked', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    await runBolt(slack, (app) => {
      app.command('/server-status', async ({ ack, respond, command }) => {
        await ack();
        await respond({ text: `Looking for ${command.text}`, response_type: 'ephemeral' });
      });
    });
    const outcome = await people.ann.slash('/server-status', 'ann@example.com', channels.support);
    expect(outcome.failure).toBeNull();
    const seen = await people.ann.sees('Looking for ann@example.com', channels.support);
    expect(seen.isEphemeral).toBe(true);
    expect(people.ben.visibleMessages(channels.support)).toEqual([]);
    people.ann.reloads();
    expect(people.ann.visibleMessages(channels.support)).toEqual([]);
  });

  it('answers within the acknowledgement; for all, the typed command shows above it', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    await runBolt(slack, (app) => {
      app.command('/server-status', ({ ack }) => ack({ text: 'for all', response_type: 'in_channel' }));
    });
    await people.ann.slash('/server-status', 'ann@example.com', channels.support);
    const seen = people.ben.visibleMessages(channels.support).map(({ reads, isCommand }) => [reads, isCommand]);
    expect(seen).toEqual([
      ['/server-status ann@example.com', true],
      ['for all', false],
    ]);
  });

  it('carries a click to the bot, whose update everybody sees', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    const { app } = await runBolt(slack, (bolt) => {
      bolt.action('retry', async ({ ack, action, body, client }) => {
        await ack();
        const { message, channel } = 'message' in body ? body : {};
        if (message === undefined || channel === undefined || !('value' in action)) return;
        const text = `${body.user.id} took ${action.value}`;
        await client.chat.update({ channel: channel.id, ts: message.ts, text, blocks: [] });
      });
    });
    await app.client.apiCall('chat.postMessage', { channel: channels.support.id, text: 'No room', blocks: card });
    const seen = await people.ben.sees('No node has room', channels.support);
    expect(await people.ben.press(seen, 'Retry provisioning')).toMatchObject({ failure: null });
    const updated = await people.ann.sees(`${people.ben.id} took offer-1`, channels.support);
    expect(updated.ts).toBe(seen.ts);
    expect(updated.revisions).toHaveLength(2);
  });

  it('replaces the message of a click through its response_url', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    await runBolt(slack, (app) => {
      app.command('/server-status', ({ ack }) => ack({ text: 'card', blocks: card }));
      app.action('retry', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'Running' });
      });
    });
    await people.ann.slash('/server-status', '', channels.support);
    await people.ann.press(await people.ann.sees('No node has room', channels.support), 'retry');
    await people.ann.sees('Running', channels.support);
    expect(people.ann.visibleMessages(channels.support)).toHaveLength(1);
  });

  it('opens a modal, shows its errors, and closes it', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    const reasons: unknown[] = [];
    await runBolt(slack, (app) => {
      app.command('/pterodoc', async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: modal });
      });
      app.view('vouch', async ({ ack, view }) => {
        const reason = view.state.values['reason']?.['words']?.value;
        reasons.push(reason);
        await (reason === 'none' ? ack({ response_action: 'errors', errors: { reason: 'Say more' } }) : ack());
      });
    });
    await people.ann.slash('/pterodoc', 'vouch', channels.support);
    await people.ann.seesModal('Vouch');
    await expect(people.ann.submitView({ words: 'no' })).rejects.toThrow('3 to 3000 characters');
    await people.ann.submitView({ words: 'none' });
    expect(people.ann.modal()?.errors).toEqual({ reason: 'Say more' });
    await people.ann.submitView({ words: 'a gift' });
    expect(people.ann.modal()).toBeNull();
    expect(reasons).toEqual(['none', 'a gift']);
  });

  it('shows a Home tab, and answers a direct message as it was typed', async () => {
    const { slack, people } = await openSlack({ manifest });
    const heard: string[] = [];
    await runBolt(slack, (app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'My servers' } }];
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
      });
      app.message(async ({ message, say }) => {
        if (message.subtype !== undefined) return;
        heard.push(message.text ?? '');
        await say('All is well');
      });
    });
    await people.ann.opensHome();
    await people.ann.seesHome('My servers');
    await people.ann.dm('where is <my> server? ann@example.com');
    await people.ann.sees('All is well', people.ann.direct());
    expect(heard).toEqual(['where is &lt;my&gt; server? <mailto:ann@example.com|ann@example.com>']);
  });

  it('hears its name in a channel, and nothing else that is said there', async () => {
    const { slack, people, channels } = await openSlack({ manifest });
    await runBolt(slack, (app) => {
      app.event('app_mention', async ({ event, say }) => {
        await say({ text: 'Yes?', thread_ts: event.ts });
      });
    });
    expect(await people.ann.says('a secret', channels.support)).toBeNull();
    const sent = await people.ann.says('@pterodoc hello', channels.support);
    const seen = await people.ben.sees('Yes?', channels.support);
    expect(seen.threadTs).toBe(sent?.event['ts']);
    expect(slack.liveByApp()).toEqual({ mentions: [], links: [], unescaped: [] });
  });

  it('shows the person a failure when the acknowledgement comes late', async () => {
    const { slack, people, channels } = await openSlack({ manifest, ackWithinMs: 100 });
    await runBolt(slack, (app) => {
      app.command('/server-status', async ({ ack }) => {
        await new Promise((resolve) => setTimeout(resolve, 250));
        await ack('too late');
      });
    });
    const outcome = await people.ann.slash('/server-status', '', channels.support);
    expect(outcome).toMatchObject({ ackMs: null, failure: 'operation_timeout' });
    expect(people.ann.visibleMessages(channels.support)).toEqual([]);
  });

  it('sends an event again when it may have been lost; Bolt runs its listener twice', async () => {
    const { slack, people } = await openSlack({ manifest });
    const retries: unknown[] = [];
    await runBolt(slack, (app) => {
      app.message(async ({ context }) => {
        retries.push(context.retryNum);
      });
    });
    const sent = await people.ann.dm('hello');
    if (sent === null) throw new Error('the app does not listen');
    await slack.events.repeat(sent);
    await expect.poll(() => retries.length).toBe(2);
    expect(retries.at(1)).toBe(1);
  });
});
