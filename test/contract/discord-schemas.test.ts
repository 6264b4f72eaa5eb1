import * as spec from 'discord-api-spec/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ZodMiniType } from 'zod/mini';
import {
  type Discord,
  type GuildDirector,
  type Member,
  permissionText,
  type Place,
  startDiscord,
} from '../platforms/discord/index.ts';

const IS_V2 = 1 << 15;
const EPHEMERAL = 1 << 6;

let discord: Discord;
let guild: GuildDirector;
let channel: Place;
let ada: Member;

beforeAll(async () => {
  discord = await startDiscord();
  discord.rateLimits.set('global', { limit: 10_000, windowMs: 1000 });
  discord.rateLimits.set('POST /channels/:channel/messages', { limit: 10_000, windowMs: 1000 });
  discord.rateLimits.set('PATCH /channels/:channel/messages/:message', { limit: 10_000, windowMs: 1000 });
  guild = discord.guild();
  channel = guild.channel('support');
  ada = guild.member('ada');
  await call('PUT', `/applications/${discord.applicationId}/commands`, [command({})]);
});

afterAll(() => discord.stop());

interface Answered {
  readonly status: number;
  readonly body: unknown;
  /** `path CODE` of every field that was refused. */
  readonly faults: readonly string[];
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(`${discord.apiUrl}/v10${path}`, {
    method,
    headers: {
      authorization: `Bot ${discord.token}`,
      'user-agent': 'DiscordBot (https://example.com, 1)',
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body: answer, faults: faultsOf((answer as { errors?: unknown } | null)?.errors) };
}

function faultsOf(errors: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).flatMap(([key, inner]: [string, unknown]) =>
    key === '_errors'
      ? (inner as readonly { code: string }[]).map(({ code }) => `${path.join('.')} ${code}`)
      : faultsOf(inner, [...path, key]),
  );
}

const post = (body: unknown): Promise<Answered> => call('POST', `/channels/${channel.id}/messages`, body);

const text = (content: string): object => ({ type: 10, content });
const button = (custom_id: string, more: object = {}): object => ({
  type: 2,
  style: 1,
  label: 'Retry',
  custom_id,
  ...more,
});
const row = (...components: object[]): object => ({ type: 1, components });
const container = (...components: object[]): object => ({ type: 17, components });
const option = (value: string): object => ({ label: value, value });
const select = (...options: object[]): object => ({ type: 3, custom_id: 's', options });
const v2 = (...components: object[]): object => ({ flags: IS_V2, components });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const command = (more: object): object => ({ name: 'my-server', description: 'Where is my server?', ...more });

describe('messages that Discord takes', () => {
  const good: Readonly<Record<string, unknown>> = {
    'plain text': { content: 'hello' },
    'text of 2000 characters outside the basic plane': { content: '🚑'.repeat(2000) },
    'a card': v2(container(text('# Broken'), { type: 14 }, row(button('a'), button('b', { style: 4 })))),
    'a section with a button': v2({ type: 9, components: [text('Order 7')], accessory: button('a') }),
    'forty components': v2(...times(40, () => text('x'))),
    'four thousand characters of text': v2(text('x'.repeat(2000)), text('y'.repeat(2000))),
    'a link': v2(row({ type: 2, style: 5, label: 'Docs', url: 'https://example.com' })),
    'a select of 25 options': {
      content: 'Which?',
      components: [row(select(...times(25, (index) => option(`${index}`))))],
    },
    'an embed': { embeds: [{ title: 'Broken', fields: [{ name: 'Plan', value: '4 GB' }] }] },
    'pings of one role': { content: '<@&1>', allowed_mentions: { parse: [], roles: ['1'] } },
  };

  it.each(Object.entries(good))('%s', async (_, body) => {
    const { status, body: answer } = await post(body);
    expect(answer).toMatchObject({ channel_id: channel.id });
    expect(status).toBe(200);
    expect(unlike(spec.MessageResponseSchema, answer)).toEqual([]);
  });
});

describe('messages that Discord refuses', () => {
  const bad: Readonly<Record<string, readonly [body: unknown, fault: string]>> = {
    'too long a text': [{ content: 'x'.repeat(2001) }, 'content BASE_TYPE_MAX_LENGTH'],
    'content beside Components V2': [
      { ...v2(text('x')), content: 'y' },
      'content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    'embeds beside Components V2': [
      { ...v2(text('x')), embeds: [{ title: 'y' }] },
      'embeds MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    'Components V2 without their flag': [{ content: 'x', components: [text('y')] }, 'components.0 UNION_TYPE_CHOICES'],
    'an unknown component': [v2({ type: 99 }), 'components.0 UNION_TYPE_CHOICES'],
    'a container in a container': [v2(container(container(text('x')))), 'components.0.components.0 UNION_TYPE_CHOICES'],
    'a button outside of a row': [v2(button('a')), 'components.0 UNION_TYPE_CHOICES'],
    'an empty container': [v2(container()), 'components.0.components BASE_TYPE_MIN_LENGTH'],
    'an empty text': [v2(text(' ')), 'components.0.content BASE_TYPE_REQUIRED'],
    'forty-one components': [
      v2(container(...times(40, () => text('x')))),
      'components COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
    ],
    'more than 4000 characters over all texts': [
      v2(text('x'.repeat(2001)), text('y'.repeat(2000))),
      'components COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
    ],
    'four texts in a section': [
      v2({ type: 9, components: times(4, () => text('x')), accessory: button('a') }),
      'components.0.components BASE_TYPE_MAX_LENGTH',
    ],
    'a section without its accessory': [
      v2({ type: 9, components: [text('x')] }),
      'components.0.accessory BASE_TYPE_REQUIRED',
    ],
    'the same custom id twice': [
      v2(row(button('a')), container(row(button('a')))),
      'components.1.components.0.components.0.custom_id COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    'too long a custom id': [
      v2(row(button('x'.repeat(101)))),
      'components.0.components.0.custom_id BASE_TYPE_MAX_LENGTH',
    ],
    'too long a label': [
      v2(row(button('a', { label: 'x'.repeat(81) }))),
      'components.0.components.0.label BASE_TYPE_MAX_LENGTH',
    ],
    'a button without a custom id': [
      v2(row({ type: 2, style: 1, label: 'x' })),
      'components.0.components.0.custom_id BUTTON_COMPONENT_CUSTOM_ID_REQUIRED',
    ],
    'a button with nothing to read': [
      v2(row({ type: 2, style: 1, custom_id: 'a' })),
      'components.0.components.0 BUTTON_COMPONENT_LABEL_REQUIRED',
    ],
    'a link with a custom id': [
      v2(row({ type: 2, style: 5, label: 'x', url: 'https://example.com', custom_id: 'a' })),
      'components.0.components.0 BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
    ],
    'a link to a script': [
      v2(row({ type: 2, style: 5, label: 'x', url: 'javascript:alert(1)' })),
      'components.0.components.0.url URL_TYPE_INVALID_SCHEME',
    ],
    'six buttons in a row': [
      v2(row(...times(6, (index) => button(`${index}`)))),
      'components.0.components BASE_TYPE_MAX_LENGTH',
    ],
    'a select beside a button': [
      v2(row(select(option('1')), button('a'))),
      'components.0.components COMPONENT_LAYOUT_WIDTH_EXCEEDED',
    ],
    'six rows': [
      { content: 'x', components: times(6, (index) => row(button(`${index}`))) },
      'components BASE_TYPE_BAD_LENGTH',
    ],
    'twenty-six options': [
      v2(row(select(...times(26, (index) => option(`${index}`))))),
      'components.0.components.0.options BASE_TYPE_MAX_LENGTH',
    ],
    'the same option twice': [
      v2(row(select(option('1'), option('1')))),
      'components.0.components.0.options.1.value SELECT_COMPONENT_OPTION_VALUE_DUPLICATED',
    ],
    'an option without a label': [
      v2(row(select({ value: '1' }))),
      'components.0.components.0.options.0.label BASE_TYPE_REQUIRED',
    ],
    'a file nobody uploaded': [
      v2({ type: 13, file: { url: 'attachment://report.txt' } }),
      'components.0.file.url UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
    ],
    'an embed of more than 6000 characters': [
      { embeds: times(2, () => ({ description: 'x'.repeat(3001) })) },
      'embeds MAX_EMBED_SIZE_EXCEEDED',
    ],
    'an empty field of an embed': [
      { embeds: [{ title: 'x', fields: [{ name: ' ', value: 'y' }] }] },
      'embeds.0.fields.0.name BASE_TYPE_REQUIRED',
    ],
    'roles both parsed and listed': [
      { content: 'x', allowed_mentions: { parse: ['roles'], roles: ['1'] } },
      'allowed_mentions MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
    'too long a nonce': [{ content: 'x', nonce: 'n'.repeat(26) }, 'nonce BASE_TYPE_MAX_LENGTH'],
    'a reply to nothing': [
      { content: 'x', message_reference: { message_id: '1' } },
      'message_reference REPLIES_UNKNOWN_MESSAGE',
    ],
  };

  it.each(Object.entries(bad))('%s', async (_, [body, fault]) => {
    const before = channel.messages().length;
    const answered = await post(body);
    expect(answered.body).toMatchObject({ code: 50035, message: 'Invalid Form Body' });
    expect(answered.faults).toEqual([fault]);
    expect(channel.messages()).toHaveLength(before);
  });

  it.each([
    ['nothing at all', {}, 400, 50006],
    ['buttons without a text', { components: [row(button('a'))] }, 400, 50006],
    ['half a character', { content: '🚑'.slice(0, 1) }, 400, 50109],
    ['broken JSON', '{"content":', 400, 50109],
    ['more bytes of text than it can store', v2(text('漢'.repeat(3400))), 500, 0],
  ])('%s', async (_, body, status, code) => {
    const answered = await post(body);
    expect([answered.status, (answered.body as { code: number }).code]).toEqual([status, code]);
  });

  it('an edit that takes the V2 flag or all components away', async () => {
    const posted = channel.postAsBot({ flags: IS_V2, components: [{ type: 10, content: 'x' }] });
    const edit = (body: unknown): Promise<Answered> =>
      call('PATCH', `/channels/${channel.id}/messages/${posted.id}`, body);
    expect((await edit({ flags: 0 })).faults).toEqual(['flags MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG']);
    expect((await edit({ content: 'error' })).faults).toEqual([
      'content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ]);
    expect((await edit({ components: [] })).body).toMatchObject({ code: 50006 });
    expect((await edit(v2(text('y')))).status).toBe(200);
  });

  it("an edit of somebody else's message, or of none", async () => {
    const said = ada.say('hello', channel);
    const edit = (id: string): Promise<Answered> =>
      call('PATCH', `/channels/${channel.id}/messages/${id}`, { content: 'x' });
    expect((await edit(said.id)).body).toMatchObject({ code: 50005 });
    expect((await edit('1')).body).toMatchObject({ code: 10008 });
  });

  it('whoever has no token, or no name', async () => {
    expect((await call('GET', '/users/@me', undefined, { authorization: 'Bot wrong' })).status).toBe(401);
    expect((await call('GET', '/users/@me', undefined, { 'user-agent': 'curl' })).body).toMatchObject({ code: 40333 });
    expect((await call('GET', '/nowhere')).status).toBe(404);
    expect((await call('DELETE', '/users/@me')).status).toBe(405);
  });
});

describe('commands', () => {
  const put = (...commands: object[]): Promise<Answered> =>
    call('PUT', `/applications/${discord.applicationId}/guilds/${guild.id}/commands`, commands);
  const string = (name: string, more: object = {}): object => ({ type: 3, name, description: 'x', ...more });

  it('are taken, and answered as published', async () => {
    const manage = permissionText('manageGuild');
    const parts = [{ type: 1, name: 'orders', description: 'x', options: [string('filter', { autocomplete: true })] }];
    const { status, body } = await put(command({ default_member_permissions: manage, options: parts }));
    expect(status).toBe(200);
    for (const registered of body as readonly unknown[]) {
      expect(unlike(spec.ApplicationCommandResponseSchema, registered)).toEqual([]);
    }
  });

  const bad: Readonly<Record<string, readonly [commands: readonly object[], fault: string]>> = {
    'a name in upper case': [[command({ name: 'My-Server' })], '0.name APPLICATION_COMMAND_INVALID_NAME'],
    'a name with a space': [[command({ name: 'my server' })], '0.name APPLICATION_COMMAND_INVALID_NAME'],
    'too long a name': [[command({ name: 'x'.repeat(33) })], '0.name BASE_TYPE_MAX_LENGTH'],
    'no description': [[{ name: 'x' }], '0.description BASE_TYPE_REQUIRED'],
    'too long a description': [[command({ description: 'x'.repeat(101) })], '0.description BASE_TYPE_MAX_LENGTH'],
    'the same name twice': [[command({}), command({})], '1.name APPLICATION_COMMANDS_DUPLICATE_NAME'],
    'a required option after an optional one': [
      [command({ options: [string('a'), string('b', { required: true })] })],
      '0.options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    'the same option twice': [
      [command({ options: [string('a'), string('a')] })],
      '0.options.1.name APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
    ],
    'twenty-six options': [
      [command({ options: times(26, (index) => string(`o${index}`)) })],
      '0.options BASE_TYPE_MAX_LENGTH',
    ],
    'twenty-six choices': [
      [command({ options: [string('a', { choices: times(26, (index) => ({ name: `${index}`, value: 'x' })) })] })],
      '0.options.0.choices BASE_TYPE_MAX_LENGTH',
    ],
    'an unknown type of option': [
      [command({ options: [{ type: 99, name: 'a', description: 'x' }] })],
      '0.options.0 UNION_TYPE_CHOICES',
    ],
    'parts beside options': [
      [command({ options: [{ type: 1, name: 'a', description: 'x' }, string('b')] })],
      '0.options APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
    ],
    'contexts in one server': [[command({ contexts: [0] })], '0.contexts APPLICATION_COMMAND_GLOBAL_ONLY'],
    'more than 8000 characters': [
      [
        command({
          options: times(20, (index) =>
            string(`o${index}`, {
              choices: times(10, (choice) => ({ name: `${choice}`.repeat(20), value: `${choice}`.repeat(30) })),
            }),
          ),
        }),
      ],
      '0 APPLICATION_COMMAND_TOO_LARGE',
    ],
  };

  it.each(Object.entries(bad))('are refused with %s', async (_, [commands, fault]) => {
    const answered = await put(...commands);
    expect(answered.body).toMatchObject({ code: 50035 });
    expect(answered.faults).toEqual([fault]);
  });

  it('are refused beyond a hundred, and beyond two hundred creates a day', async () => {
    const many = (from: number, count: number): object[] =>
      times(count, (index) => command({ name: `c${from + index}` }));
    expect((await put(...many(0, 101))).body).toMatchObject({ code: 30032 });
    expect((await put(...many(0, 100))).status).toBe(200);
    expect((await put(...many(100, 90))).status).toBe(200);
    expect((await put(...many(200, 20))).body).toMatchObject({ code: 30034 });
    await put();
  });

  it('can be listed, changed and removed one by one', async () => {
    const path = `/applications/${discord.applicationId}/commands`;
    const { body } = await call('POST', path, command({ name: 'one' }));
    const { id } = body as { id: string };
    expect((await call('PATCH', `${path}/${id}`, { description: 'Another' })).body).toMatchObject({
      description: 'Another',
    });
    expect((await call('GET', `${path}/${id}`)).status).toBe(200);
    expect((await call('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await call('GET', `${path}/${id}`)).body).toMatchObject({ code: 10063 });
  });
});

describe('first answers to an interaction', () => {
  const answer = async (body: unknown, query = ''): Promise<Answered> => {
    const asked = await ada.slash('my-server', {}, channel, { until: 'sent' });
    return call('POST', `/interactions/${asked.id}/${asked.token}/callback${query}`, body);
  };
  const label = (component: object, more: object = {}): object => ({ type: 18, label: 'Why?', component, ...more });
  const input = (more: object = {}): object => ({ type: 4, custom_id: 'reason', style: 1, ...more });
  const modal = (...components: object[]): object => ({
    type: 9,
    data: { custom_id: 'm', title: 'Vouch', components },
  });

  it('are taken, and answered as published', async () => {
    expect((await answer({ type: 5, data: { flags: EPHEMERAL } })).status).toBe(204);
    expect((await answer(modal(text('Read this'), label(input())))).status).toBe(204);
    expect((await answer({ type: 4, data: v2(text('x')) })).status).toBe(204);
    const { status, body } = await answer({ type: 4, data: { content: 'x' } }, '?with_response=true');
    expect(status).toBe(200);
    expect(unlike(spec.InteractionCallbackResponseSchema, body)).toEqual([]);
  });

  const bad: Readonly<Record<string, readonly [body: unknown, fault: string]>> = {
    'an update where there is nothing to update': [{ type: 7, data: { content: 'x' } }, 'type BASE_TYPE_CHOICES'],
    'choices where nothing is completed': [{ type: 8, data: { choices: [] } }, 'type BASE_TYPE_CHOICES'],
    'no type': [{ data: {} }, 'type BASE_TYPE_CHOICES'],
    'too long a text': [{ type: 4, data: { content: 'x'.repeat(2001) } }, 'data.content BASE_TYPE_MAX_LENGTH'],
    'V2 with content': [
      { type: 4, data: { ...v2(text('x')), content: 'y' } },
      'data.content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    'a modal without fields': [modal(), 'data.components BASE_TYPE_MIN_LENGTH'],
    'a modal of six fields': [
      modal(...times(6, (index) => label(input({ custom_id: `${index}` })))),
      'data.components BASE_TYPE_BAD_LENGTH',
    ],
    'a modal with too long a label': [
      modal(label(input(), { label: 'x'.repeat(46) })),
      'data.components.0.label BASE_TYPE_MAX_LENGTH',
    ],
    'a modal with a button': [modal(row(button('a'))), 'data.components.0.components.0.type BASE_TYPE_CHOICES'],
    'a modal with one id for two fields': [
      modal(label(input()), label(input())),
      'data.components.1.component.custom_id COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    'a modal with too long a title': [
      { type: 9, data: { custom_id: 'm', title: 'x'.repeat(46), components: [label(input())] } },
      'data.title BASE_TYPE_MAX_LENGTH',
    ],
  };

  it.each(Object.entries(bad))('are refused with %s, and can still be given', async (_, [body, fault]) => {
    const asked = await ada.slash('my-server', {}, channel, { until: 'sent' });
    const path = `/interactions/${asked.id}/${asked.token}/callback`;
    const answered = await call('POST', path, body);
    expect(answered.body).toMatchObject({ code: 50035 });
    expect(answered.faults).toEqual([fault]);
    expect((await call('POST', path, { type: 5 })).status).toBe(204);
  });

  it('are refused to a stranger, once too old, and before them there is nothing to follow up', async () => {
    const asked = await ada.slash('my-server', {}, channel, { until: 'sent' });
    const late = await ada.slash('my-server', {}, channel, { until: 'sent', ageMs: 3001 });
    const webhook = `/webhooks/${discord.applicationId}`;
    const refused = await Promise.all([
      call('POST', `/interactions/${asked.id}/wrong/callback`, { type: 5 }),
      call('POST', `/interactions/${late.id}/${late.token}/callback`, { type: 5 }),
      call('POST', `${webhook}/${asked.token}`, { content: 'x' }),
      call('PATCH', `${webhook}/wrong/messages/@original`, { content: 'x' }),
    ]);
    expect(refused.map(({ body }) => (body as { code: number }).code)).toEqual([10062, 10062, 10015, 50027]);
  });

  it('complete with at most 25 choices', async () => {
    const who = { type: 3, name: 'who', description: 'x', autocomplete: true };
    const path = `/applications/${discord.applicationId}/guilds/${guild.id}/commands`;
    await call('PUT', path, [command({ name: 'server-status', options: [who] })]);
    const typed = await ada.complete('server-status', { who: 'e' }, 'who', channel, { until: 'sent' });
    const respond = (count: number): Promise<Answered> =>
      call('POST', `/interactions/${typed.id}/${typed.token}/callback`, {
        type: 8,
        data: { choices: times(count, (index) => ({ name: `${index}`, value: `${index}` })) },
      });
    expect((await respond(26)).faults).toEqual(['data.choices BASE_TYPE_MAX_LENGTH']);
    expect((await respond(25)).status).toBe(204);
    expect(typed.choices).toHaveLength(25);
  });
});

it('tells where the gateway is, as published', async () => {
  const { body } = await call('GET', '/gateway/bot');
  expect(unlike(spec.GatewayBotResponseSchema, body)).toEqual([]);
});

/** Where an answer of the platform differs from what Discord publishes about its own. */
function unlike(schema: ZodMiniType, answer: unknown): readonly string[] {
  const parsed = schema.safeParse(answer);
  return parsed.success ? [] : parsed.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`);
}
