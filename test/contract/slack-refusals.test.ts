import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { aManifest, type SlackPlatform, startSlack } from '../platforms/slack/index.ts';
import { validateManifest } from '../platforms/slack/manifest.ts';
import { isJson, type Json } from '../platforms/slack/shape.ts';

const LONG = (length: number): string => 'x'.repeat(length);
const plain = (text: string): Json => ({ type: 'plain_text', text });
const mrkdwn = (text: string): Json => ({ type: 'mrkdwn', text });
const section = (text: string): Json => ({ type: 'section', text: mrkdwn(text) });
const button = (more: Json = {}): Json => ({ type: 'button', action_id: 'go', text: plain('Go'), ...more });
const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', elements });
const option = (value: string, text = value): Json => ({ text: plain(text), value });
const select = (more: Json): Json => ({ type: 'static_select', action_id: 'pick', ...more });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const confirm = { title: plain('Sure?'), text: mrkdwn('Really'), confirm: plain('Yes'), deny: plain('No') };

const clock = createWorldClock();
let slack: SlackPlatform;
let world: ReturnType<typeof furnish>;

function furnish(platform: SlackPlatform) {
  return platform.workspace({
    users: {
      ann: { email: 'ann@example.com' },
      gone: {},
      guest: { kind: 'single-channel-guest' },
      far: { kind: 'stranger' },
    },
    channels: {
      support: { members: ['ann'] },
      lobby: { members: ['ann'], withApp: false },
      secret: { kind: 'private', members: ['ann'], withApp: false },
      staff: { kind: 'private', members: ['ann'] },
      attic: { members: ['ann'] },
      shared: { members: ['ann', 'far'], isShared: true },
    },
    groups: { operators: ['ann'], disabled: ['ann'] },
  });
}

beforeAll(async () => {
  slack = await startSlack({ rateLimits: 'off', clock });
  world = furnish(slack);
  world.channels.attic.isArchived = true;
  world.groups.disabled.isDisabled = true;
  const gone = slack.state.users.get(world.people.gone.id);
  if (gone !== undefined) gone.isDeactivated = true;
});
afterAll(() => slack.stop());

async function call(method: string, args: Json, token = slack.botToken): Promise<Json> {
  const response = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: JSON.stringify(args),
  });
  const answer: unknown = await response.json();
  if (!isJson(answer)) throw new Error('not a JSON object');
  return answer;
}

/** The error, and the first explanation, of a message with these blocks. */
async function refusalOf(blocks: unknown): Promise<string> {
  const answer = await call('chat.postMessage', { channel: world.channels.support.id, text: 'x', blocks });
  const [first = ''] = Array.isArray(answer['errors']) ? answer['errors'].map(String) : [];
  return `${String(answer['error'] ?? 'ok')} ${first}`.trim();
}

describe('blocks', () => {
  const accepted: readonly (readonly [string, readonly Json[]])[] = [
    ['every kind of text at its limit', [section(LONG(3000)), { type: 'header', text: plain(LONG(150)) }]],
    ['fifty blocks', many(50, () => ({ type: 'divider' }))],
    [
      'a button at its limits',
      [actions(button({ value: LONG(2000), text: plain(LONG(75)), style: 'danger', confirm }))],
    ],
    ['25 buttons', [actions(...many(25, (at) => button({ action_id: `go-${at}` })))]],
    ['the same action in two blocks', [actions(button()), actions(button())]],
    ['ten fields', [{ type: 'section', fields: many(10, () => mrkdwn(LONG(1000))) }]],
    ['a select', [{ ...section('x'), accessory: select({ options: many(100, (at) => option(String(at))) }) }]],
    ['an overflow', [{ ...section('x'), accessory: { type: 'overflow', options: [option('a')] } }]],
    ['a context', [{ type: 'context', elements: [mrkdwn('x'), plain('y')] }]],
    [
      'rich text',
      [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x' }] }] }],
    ],
    ['a table', [{ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }]],
    ['an image', [{ type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a' }]],
  ];
  it.each(accepted)('takes %s', async (_, blocks) => {
    expect(await refusalOf(blocks)).toBe('ok');
  });

  const refused: readonly (readonly [string, unknown, string])[] = [
    ['51 blocks', many(51, () => ({ type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['an unknown block', [{ type: 'banner' }], 'unsupported type: banner [json-pointer:/blocks/0/type]'],
    [
      'a property too many',
      [{ type: 'divider', colour: 'red' }],
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    [
      'a disabled button',
      [actions(button({ disabled: true }))],
      'invalid additional property: disabled [json-pointer:/blocks/0/elements/0]',
    ],
    ['a section of nothing', [{ type: 'section' }], 'must define either `text` or `fields` [json-pointer:/blocks/0]'],
    ['an empty text', [section('')], 'failed to match all allowed schemas [json-pointer:/blocks/0/text]'],
    ['a long text', [section(LONG(3001))], 'failed to match all allowed schemas [json-pointer:/blocks/0/text]'],
    [
      '11 fields',
      [{ type: 'section', fields: many(11, () => mrkdwn('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long field',
      [{ type: 'section', fields: [mrkdwn(LONG(2001))] }],
      'failed to match all allowed schemas [json-pointer:/blocks/0/fields/0]',
    ],
    [
      'mrkdwn in a header',
      [{ type: 'header', text: mrkdwn('x') }],
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
    ],
    [
      'a long header',
      [{ type: 'header', text: plain(LONG(151)) }],
      'failed to match all allowed schemas [json-pointer:/blocks/0/text]',
    ],
    ['no element', [actions()], 'no less than 1 items allowed [json-pointer:/blocks/0/elements]'],
    [
      '26 buttons',
      [actions(...many(26, (at) => button({ action_id: `go-${at}` })))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a long label',
      [actions(button({ text: plain(LONG(76)) }))],
      'failed to match all allowed schemas [json-pointer:/blocks/0/elements/0/text]',
    ],
    [
      'a long value',
      [actions(button({ value: LONG(2001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a style of its own',
      [actions(button({ style: 'success' }))],
      'must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]',
    ],
    [
      'a long action_id',
      [actions(button({ action_id: LONG(256) }))],
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a long block_id',
      [{ type: 'divider', block_id: LONG(256) }],
      'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
    ],
    [
      'one action_id twice in a block',
      [actions(button(), button())],
      '`action_id` must be unique in a block [json-pointer:/blocks/0/elements]',
    ],
    [
      'one block_id twice',
      many(2, () => ({ type: 'divider', block_id: 'a' })),
      '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'a button beside a section',
      [{ ...section('x'), elements: [button()] }],
      'invalid additional property: elements [json-pointer:/blocks/0]',
    ],
    [
      'a confirmation without its buttons',
      [actions(button({ confirm: { title: plain('x'), text: mrkdwn('y') } }))],
      'missing required field: confirm [json-pointer:/blocks/0/elements/0/confirm]',
    ],
    [
      '101 options',
      [actions(select({ options: many(101, (at) => option(String(at))) }))],
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'a long option value',
      [actions(select({ options: [option(LONG(151), 'x')] }))],
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
    ],
    [
      'a long option text',
      [actions(select({ options: [option('x', LONG(76))] }))],
      'failed to match all allowed schemas [json-pointer:/blocks/0/elements/0/options/0/text]',
    ],
    [
      'a select of nothing',
      [actions(select({}))],
      'must define either `options` or `option_groups`, and not both [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'six overflow options',
      [actions({ type: 'overflow', options: many(6, (at) => option(String(at))) })],
      'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'a button in a context',
      [{ type: 'context', elements: [button()] }],
      'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      '11 pieces of context',
      [{ type: 'context', elements: many(11, () => plain('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'two tables',
      many(2, () => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] })),
      'only one table is allowed [json-pointer:/blocks]',
    ],
    ['an object for a list', { type: 'divider' }, 'must provide an array [json-pointer:/blocks]'],
  ];
  it.each(refused)('refuses %s', async (_, blocks, explanation) => {
    expect(await refusalOf(blocks)).toBe(`invalid_blocks ${explanation}`);
  });

  it('says why a nested text does not fit', async () => {
    const answer = await call('chat.postMessage', { channel: world.channels.support.id, blocks: [section('')] });
    expect(answer['response_metadata']).toEqual({
      messages: [
        '[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]',
        '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]',
      ],
    });
  });

  it('refuses blocks whose texts are too long together, and blocks that are no JSON', async () => {
    expect(await refusalOf(many(5, () => section(LONG(2700))))).toBe('msg_blocks_too_long');
    expect(await refusalOf('[{')).toBe('invalid_blocks_format');
    expect(await refusalOf(JSON.stringify(JSON.stringify([section('x')])))).toBe('invalid_blocks_format');
  });
});

const ids = {
  support: () => world.channels.support.id,
  lobby: () => world.channels.lobby.id,
  secret: () => world.channels.secret.id,
  attic: () => world.channels.attic.id,
  ann: () => world.people.ann.id,
  gone: () => world.people.gone.id,
  guest: () => world.people.guest.id,
};

describe('calls', () => {
  const refused: readonly (readonly [string, string, () => Json, string])[] = [
    ['a message of nothing', 'chat.postMessage', () => ({ channel: ids.support() }), 'no_text'],
    ['a channel by name', 'chat.postMessage', () => ({ channel: '#support', text: 'x' }), 'channel_not_found'],
    ['a channel without the app', 'chat.postMessage', () => ({ channel: ids.lobby(), text: 'x' }), 'not_in_channel'],
    [
      'a private channel without the app',
      'chat.postMessage',
      () => ({ channel: ids.secret(), text: 'x' }),
      'channel_not_found',
    ],
    ['an archived channel', 'chat.postMessage', () => ({ channel: ids.attic(), text: 'x' }), 'is_archived'],
    ['a deactivated person', 'chat.postMessage', () => ({ channel: ids.gone(), text: 'x' }), 'user_disabled'],
    ['a bot', 'chat.postMessage', () => ({ channel: slack.botUserId, text: 'x' }), 'cannot_dm_bot'],
    [
      'a thread of nothing',
      'chat.postMessage',
      () => ({ channel: ids.support(), text: 'x', thread_ts: '1.2' }),
      'thread_not_found',
    ],
    [
      'metadata without a type',
      'chat.postMessage',
      () => ({ channel: ids.support(), text: 'x', metadata: { event_payload: {} } }),
      'invalid_metadata_schema',
    ],
    [
      'metadata that is no JSON',
      'chat.postMessage',
      () => ({ channel: ids.support(), text: 'x', metadata: '{' }),
      'invalid_metadata_format',
    ],
    [
      'somebody who is not there',
      'chat.postEphemeral',
      () => ({ channel: ids.support(), user: ids.guest(), text: 'x' }),
      'user_not_in_channel',
    ],
    [
      'an update of nothing',
      'chat.update',
      () => ({ channel: ids.support(), ts: '1.2', text: 'x' }),
      'message_not_found',
    ],
    ['an update by user id', 'chat.update', () => ({ channel: ids.ann(), ts: '1.2', text: 'x' }), 'channel_not_found'],
    ['a missing argument', 'chat.update', () => ({ channel: ids.support(), text: 'x' }), 'invalid_arguments'],
    [
      'a view of nobody',
      'views.publish',
      () => ({ user_id: 'U404', view: { type: 'home', blocks: [] } }),
      'user_not_found',
    ],
    [
      'a trigger that never was',
      'views.open',
      () => ({ trigger_id: '1', view: { type: 'modal', title: plain('x'), blocks: [] } }),
      'invalid_trigger_id',
    ],
    [
      'a long title',
      'views.open',
      () => ({ trigger_id: '1', view: { type: 'modal', title: plain(LONG(25)), blocks: [] } }),
      'invalid_arguments',
    ],
    [
      'an input without a button to submit',
      'views.open',
      () => ({
        trigger_id: '1',
        view: {
          type: 'modal',
          title: plain('x'),
          blocks: [{ type: 'input', label: plain('x'), element: { type: 'plain_text_input' } }],
        },
      }),
      'invalid_arguments',
    ],
    [
      'markdown in a modal',
      'views.open',
      () => ({
        trigger_id: '1',
        view: { type: 'modal', title: plain('x'), blocks: [{ type: 'markdown', text: 'x' }] },
      }),
      'invalid_arguments',
    ],
    [
      'a Home tab as a modal',
      'views.open',
      () => ({ trigger_id: '1', view: { type: 'home', blocks: [] } }),
      'invalid_arguments',
    ],
    [
      '101 blocks of a Home tab',
      'views.publish',
      () => ({ user_id: ids.ann(), view: { type: 'home', blocks: many(101, () => ({ type: 'divider' })) } }),
      'invalid_arguments',
    ],
    ['an unknown person', 'users.info', () => ({ user: 'U404' }), 'user_not_found'],
    ['an unknown group', 'usergroups.users.list', () => ({ usergroup: 'S404' }), 'no_such_subteam'],
    ['a disabled group', 'usergroups.users.list', () => ({ usergroup: world.groups.disabled.id }), 'no_such_subteam'],
    ['history without its scope', 'conversations.history', () => ({ channel: ids.support() }), 'missing_scope'],
    ['a private channel it is not in', 'conversations.info', () => ({ channel: ids.secret() }), 'channel_not_found'],
    ['a method that is none', 'chat.shout', () => ({}), 'unknown_method'],
  ];
  it.each(refused)('refuses %s', async (_, method, args, error) => {
    expect(await call(method, args())).toMatchObject({ ok: false, error });
  });

  it('tells tokens apart', async () => {
    const post = { channel: ids.support(), text: 'x' };
    expect(await call('chat.postMessage', post, slack.appToken)).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await call('apps.connections.open', {})).toMatchObject({ error: 'not_allowed_token_type' });
    expect(await call('auth.test', {}, 'xoxb-wrong')).toMatchObject({ error: 'invalid_auth' });
    expect(await call('auth.test', {}, '')).toMatchObject({ error: 'not_authed' });
  });

  it('names the scope that is missing', async () => {
    const before = [...slack.state.grantedScopes];
    slack.grantScopes(['commands']);
    expect(await call('chat.postMessage', { channel: ids.support(), text: 'x' })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'commands',
    });
    slack.grantScopes(before);
  });

  it('changes only messages of the app, and no ephemeral ones', async () => {
    const channel = ids.support();
    await world.people.ann.says('hello', world.channels.support);
    const typed = world.people.ann.visibleMessages(world.channels.support).at(-1);
    expect(await call('chat.update', { channel, ts: typed?.ts, text: 'x' })).toMatchObject({
      error: 'cant_update_message',
    });
    expect(await call('chat.delete', { channel, ts: typed?.ts })).toMatchObject({ error: 'cant_delete_message' });
    const { message_ts } = await call('chat.postEphemeral', { channel, user: ids.ann(), text: 'only you' });
    expect(await call('chat.update', { channel, ts: message_ts, text: 'x' })).toMatchObject({
      error: 'message_not_found',
    });
  });

  it('keeps, drops and clears blocks of an updated message as Slack does', async () => {
    const channel = ids.support();
    const { ts } = await call('chat.postMessage', { channel, text: 'a', blocks: [section('card')] });
    const now = () => slack.messagesIn(world.channels.support).find((one) => one.ts === ts);
    expect(await call('chat.update', { channel, ts, text: LONG(4001) })).toMatchObject({ error: 'msg_too_long' });
    await call('chat.update', { channel, ts, metadata: { event_type: 'card', event_payload: {} } });
    expect(now()?.blocks).toHaveLength(1);
    await call('chat.update', { channel, ts, text: 'only text' });
    expect(now()?.blocks).toEqual([]);
    expect(now()?.reads).toBe('only text');
  });

  it('shows e-mails only with their scope, and never those of another workspace', async () => {
    const emailOf = async (user: string): Promise<unknown> => {
      const { user: found } = await call('users.info', { user });
      return isJson(found) && isJson(found['profile']) ? found['profile']['email'] : null;
    };
    expect(await emailOf(ids.ann())).toBe('ann@example.com');
    expect(await emailOf(world.people.far.id)).toBeUndefined();
    slack.state.grantedScopes.delete('users:read.email');
    expect(await emailOf(ids.ann())).toBeUndefined();
    slack.state.grantedScopes.add('users:read.email');
  });

  it('tells guests, strangers and shared channels as such', async () => {
    expect(await call('users.info', { user: ids.guest() })).toMatchObject({ user: { is_ultra_restricted: true } });
    expect(await call('users.info', { user: world.people.far.id })).toMatchObject({ user: { is_stranger: true } });
    const { channel } = await call('conversations.info', { channel: world.channels.shared.id });
    expect(channel).toMatchObject({ is_ext_shared: true, is_member: true });
  });

  it('limits calls by tier and messages by channel, and says when to come again', async () => {
    const strict = await startSlack({ clock });
    const { channels } = strict.workspace({ users: { ann: {} }, channels: { one: {}, two: {} } });
    const post = (channel: string): Promise<Response> =>
      fetch(`${strict.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${strict.botToken}` },
        body: new URLSearchParams({ channel, text: 'x' }),
      });
    for (let count = 0; count < 5; count += 1) expect((await post(channels.one.id)).status).toBe(200);
    const limited = await post(channels.one.id);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await limited.json()).toEqual({ ok: false, error: 'ratelimited' });
    expect((await post(channels.two.id)).status).toBe(200);
    await strict.stop();
  });
});

describe('what a text brings to life', () => {
  const texts: readonly (readonly [string, Json])[] = [
    ['hello <!channel>', { mentions: [{ kind: 'broadcast', id: 'channel' }], links: [], unescaped: [] }],
    ['<@U123|ann>', { mentions: [{ kind: 'user', id: 'U123' }], links: [], unescaped: [] }],
    ['<!subteam^S123>', { mentions: [{ kind: 'group', id: 'S123' }], links: [], unescaped: [] }],
    ['<https://evil.example|Stripe>', { mentions: [], links: ['https://evil.example'], unescaped: [] }],
    ['see https://evil.example/x now', { mentions: [], links: ['https://evil.example/x'], unescaped: [] }],
    ['`https://evil.example`', { mentions: [], links: [], unescaped: [] }],
    ['&lt;!channel&gt; &amp; <!date^1^{date}|then>', { mentions: [], links: [], unescaped: [] }],
    ['R&D', { mentions: [], links: [], unescaped: ['&D'] }],
    ['a < b', { mentions: [], links: [], unescaped: ['< b'] }],
    ['> quoted', { mentions: [], links: [], unescaped: [] }],
  ];
  it.each(texts)('%s', async (text, live) => {
    const { ts } = await call('chat.postMessage', {
      channel: world.channels.staff.id,
      text: 'x',
      blocks: [section(text)],
    });
    expect(slack.messagesIn(world.channels.staff).find((one) => one.ts === ts)?.live).toEqual(live);
  });

  it('is not forgotten when the message is changed', async () => {
    const channel = world.channels.staff.id;
    const { ts } = await call('chat.postMessage', { channel, text: '<@U0CALLED>' });
    await call('chat.update', { channel, ts, text: 'nobody' });
    const home = { type: 'home', blocks: [section('<!here>')] };
    await call('views.publish', { user_id: ids.ann(), view: home });
    expect(slack.liveByApp().mentions).toContainEqual({ kind: 'user', id: 'U0CALLED' });
    expect(slack.liveByApp().mentions.at(-1)).toEqual({ kind: 'broadcast', id: 'here' });
  });

  it('is nothing in plain text, and everything with link_names', async () => {
    const channel = world.channels.staff.id;
    await call('chat.postMessage', { channel, text: 'x', blocks: [{ type: 'header', text: plain('<!here>') }] });
    expect(slack.messagesIn(world.channels.staff).at(-1)?.live.mentions).toEqual([]);
    await call('chat.postMessage', { channel, text: 'hey @here', link_names: true });
    expect(slack.messagesIn(world.channels.staff).at(-1)?.live.mentions).toEqual([{ kind: 'broadcast', id: 'here' }]);
    expect(slack.complaints).toContain('a message turns bare names into mentions');
  });
});

describe('manifests', () => {
  it('takes one for Socket Mode and one for an address', () => {
    expect(validateManifest(aManifest())).toEqual([]);
    expect(validateManifest(aManifest({ url: 'https://bot.example/slack/events' }))).toEqual([]);
  });

  const base = { display_information: { name: 'pterodoc' } };
  const command = (name: string, more: Json = {}): Json => ({
    ...base,
    features: { bot_user: { display_name: 'x' }, slash_commands: [{ command: name, description: 'x', ...more }] },
    oauth_config: { scopes: { bot: ['commands'] } },
    settings: { socket_mode_enabled: true },
  });
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['no name', {}, '/: missing required field: display_information'],
    [
      'a long name',
      { display_information: { name: LONG(36) } },
      '/display_information/name: must be less than 36 characters',
    ],
    [
      'a short long description',
      { display_information: { name: 'x', long_description: 'short' } },
      '/display_information/long_description: must be more than 174 characters',
    ],
    ['an unknown property', { ...base, colour: 'red' }, '/: invalid additional property: colour'],
    [
      'a command without a slash',
      command('server-status'),
      '/features/slash_commands/0/command: does not match pattern /^\\//',
    ],
    ['a long command', command(`/${LONG(32)}`), '/features/slash_commands/0/command: must be less than 33 characters'],
    ["a command of Slack's own", command('/status'), '/status belongs to Slack itself'],
    [
      'a command without an address',
      { ...command('/server-status'), settings: {} },
      '/server-status needs a url without Socket Mode',
    ],
    [
      'a command without its scope',
      { ...command('/server-status'), oauth_config: {} },
      'commands need the scope commands',
    ],
    [
      'an event without its scope',
      { ...base, settings: { socket_mode_enabled: true, event_subscriptions: { bot_events: ['message.im'] } } },
      'message.im needs the scope im:history',
    ],
    [
      'clicks without an address',
      { ...base, settings: { interactivity: { is_enabled: true } } },
      'settings.interactivity needs a request_url without Socket Mode',
    ],
    [
      'a scope that is none',
      { ...base, features: { bot_user: { display_name: 'x' } }, oauth_config: { scopes: { bot: ['chat:shout'] } } },
      'chat:shout is not a bot scope',
    ],
  ];
  it.each(refused)('refuses %s', (_, manifest, problem) => {
    expect(validateManifest(manifest)).toContain(problem);
  });
});
