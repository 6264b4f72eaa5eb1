import { array, boolean, integer, isJson, type Json, object, oneOf, optional, type Shape, string } from './shape.ts';

/** What the platform reads from an app's manifest. */
export interface AppSettings {
  readonly name: string;
  readonly commands: readonly string[];
  readonly botScopes: readonly string[];
  readonly botEvents: readonly string[];
  readonly isInteractive: boolean;
  readonly isSocketMode: boolean;
  readonly hasHomeTab: boolean;
  /** Whether people may write to the app in its messages tab. */
  readonly takesMessages: boolean;
}

/*
 * The shape is Slack's own: https://docs.slack.dev/reference/app-manifest and its JSON schema, version 2.
 */
const address = (max: number): Shape => string({ max, pattern: /^https?:\/\// });
const names = array(string({ max: 50 }), { max: 255 });
const events = array(string({ max: 50 }), { max: 100 });
const prompts = array(object({ title: string(), message: string() }), { max: 4 });

const manifestShape = object({
  _metadata: optional(
    object({
      schema_version: optional(integer(1, 2)),
      min_version: optional(integer(1, 2)),
      major_version: optional(integer(1, 2)),
      minor_version: optional(integer(0, 99)),
    }),
  ),
  display_information: object({
    name: string({ min: 1, max: 35 }),
    description: optional(string({ min: 1, max: 140 })),
    background_color: optional(string({ pattern: /^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$/ })),
    long_description: optional(string({ min: 175, max: 4000 })),
  }),
  features: optional(
    object({
      app_home: optional(
        object({
          home_tab_enabled: optional(boolean),
          messages_tab_enabled: optional(boolean),
          messages_tab_read_only_enabled: optional(boolean),
        }),
      ),
      bot_user: optional(object({ display_name: string({ min: 1, max: 80 }), always_online: optional(boolean) })),
      shortcuts: optional(
        array(
          object({
            name: string({ min: 1, max: 24 }),
            type: oneOf('message', 'global'),
            callback_id: string({ min: 1, max: 255 }),
            description: string({ min: 1, max: 150 }),
          }),
          { min: 1, max: 10 },
        ),
      ),
      slash_commands: optional(
        array(
          object({
            command: string({ min: 2, max: 32, pattern: /^\// }),
            url: optional(address(3000)),
            description: string({ min: 1, max: 2000 }),
            usage_hint: optional(string({ min: 1, max: 1000 })),
            should_escape: optional(boolean),
          }),
          { min: 1, max: 50 },
        ),
      ),
      unfurl_domains: optional(array(string({ max: 255 }), { min: 1, max: 5 })),
      assistant_view: optional(object({ assistant_description: string(), suggested_prompts: optional(prompts) })),
    }),
  ),
  oauth_config: optional(
    object({
      redirect_urls: optional(array(string({ max: 2500 }), { max: 1000 })),
      scopes: optional(
        object({
          user: optional(names),
          bot: optional(names),
          user_optional: optional(names),
          bot_optional: optional(names),
        }),
      ),
      token_management_enabled: optional(boolean),
      pkce_enabled: optional(boolean),
    }),
  ),
  settings: optional(
    object({
      allowed_ip_address_ranges: optional(array(string(), { min: 1, max: 50 })),
      event_subscriptions: optional(
        object({ request_url: optional(address(3500)), user_events: optional(events), bot_events: optional(events) }),
      ),
      interactivity: optional(
        object({
          is_enabled: boolean,
          request_url: optional(address(3500)),
          message_menu_options_url: optional(address(3500)),
        }),
      ),
      incoming_webhooks: optional(object({ incoming_webhooks_enabled: optional(boolean) })),
      org_deploy_enabled: optional(boolean),
      socket_mode_enabled: optional(boolean),
      is_hosted: optional(boolean),
      token_rotation_enabled: optional(boolean),
    }),
  ),
});

/** Commands that belong to Slack itself: https://slack.com/help/articles/201259356 */
const BUILT_IN_COMMANDS = [
  'active archive away call collapse dm dnd expand feed feedback invite join kick leave me msg mute open part prefs',
  'remind remove rename search shortcuts shrug star status topic unarchive who',
].flatMap((line) => line.split(' ').map((name) => `/${name}`));

/** The scope without which an event is not sent: https://docs.slack.dev/reference/events */
const EVENT_SCOPES: Readonly<Record<string, string | null>> = {
  app_home_opened: null,
  app_uninstalled: null,
  tokens_revoked: null,
  app_mention: 'app_mentions:read',
  'message.im': 'im:history',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  member_joined_channel: 'channels:read',
  team_join: 'users:read',
  user_change: 'users:read',
  subteam_members_changed: 'usergroups:read',
  subteam_updated: 'usergroups:read',
};

const BOT_SCOPES = [
  'app_mentions:read assistant:write channels:history channels:join channels:manage channels:read chat:write',
  'chat:write.customize chat:write.public commands conversations.connect:read conversations.connect:write emoji:read',
  'files:read files:write groups:history groups:read groups:write im:history im:read im:write incoming-webhook',
  'links:read links:write metadata.message:read mpim:history mpim:read mpim:write pins:read pins:write reactions:read',
  'reactions:write reminders:read reminders:write team:read usergroups:read usergroups:write users.profile:read',
  'users:read users:read.email users:write workflow.steps:execute',
].flatMap((line) => line.split(' '));

/** Everything Slack would refuse in a manifest, or take without the app ever working, in words. */
export function validateManifest(manifest: unknown): readonly string[] {
  const problems = manifestShape(manifest, '').map(({ message, at }) => `${at === '' ? '/' : at}: ${message}`);
  return problems.length > 0 || !isJson(manifest) ? problems : contradictionsIn(manifest);
}

function contradictionsIn(manifest: Json): readonly string[] {
  const problems: string[] = [];
  const app = settingsOf(manifest);
  for (const list of [app.commands, app.botScopes, app.botEvents]) {
    for (const name of repeated(list)) problems.push(`${name} is listed twice`);
  }
  for (const command of app.commands) {
    if (BUILT_IN_COMMANDS.includes(command)) problems.push(`${command} belongs to Slack itself`);
    if (!/^\/[a-z0-9_-]+$/.test(command))
      problems.push(`${command} has characters that people cannot type as a command`);
  }
  if (app.commands.length > 0 && !app.botScopes.includes('commands')) problems.push('commands need the scope commands');
  if (app.botScopes.length > 0 && at(manifest, 'features', 'bot_user') === undefined) {
    problems.push('bot scopes need features.bot_user');
  }
  for (const scope of app.botScopes) if (!BOT_SCOPES.includes(scope)) problems.push(`${scope} is not a bot scope`);
  if (app.botScopes.includes('users:read.email') && !app.botScopes.includes('users:read')) {
    problems.push('users:read.email needs users:read');
  }
  for (const event of app.botEvents) {
    const scope = EVENT_SCOPES[event];
    if (scope === undefined) problems.push(`${event} is not an event this platform knows`);
    else if (scope !== null && !app.botScopes.includes(scope)) problems.push(`${event} needs the scope ${scope}`);
  }
  if (app.botEvents.includes('app_home_opened') && !app.hasHomeTab && !app.takesMessages) {
    problems.push('app_home_opened needs a tab in features.app_home');
  }
  return [...problems, ...missingAddresses(manifest, app)];
}

/** Over HTTP, Slack must know where to send what. */
function missingAddresses(manifest: Json, app: AppSettings): readonly string[] {
  if (app.isSocketMode) return [];
  const problems: string[] = [];
  const commands = at(manifest, 'features', 'slash_commands');
  for (const one of Array.isArray(commands) ? commands.filter(isJson) : []) {
    if (one['url'] === undefined) problems.push(`${String(one['command'])} needs a url without Socket Mode`);
  }
  if (app.botEvents.length > 0 && at(manifest, 'settings', 'event_subscriptions', 'request_url') === undefined) {
    problems.push('settings.event_subscriptions needs a request_url without Socket Mode');
  }
  if (app.isInteractive && at(manifest, 'settings', 'interactivity', 'request_url') === undefined) {
    problems.push('settings.interactivity needs a request_url without Socket Mode');
  }
  return problems;
}

/** What a valid manifest asks for. */
export function settingsOf(manifest: Json): AppSettings {
  const commands = at(manifest, 'features', 'slash_commands');
  const home = at(manifest, 'features', 'app_home');
  const isOn = (value: unknown, key: string): boolean => isJson(value) && value[key] === true;
  return {
    name: String(at(manifest, 'display_information', 'name')),
    commands: Array.isArray(commands) ? commands.filter(isJson).map((one) => String(one['command'])) : [],
    botScopes: strings(at(manifest, 'oauth_config', 'scopes', 'bot')),
    botEvents: strings(at(manifest, 'settings', 'event_subscriptions', 'bot_events')),
    isInteractive: isOn(at(manifest, 'settings', 'interactivity'), 'is_enabled'),
    isSocketMode: isOn(manifest['settings'], 'socket_mode_enabled'),
    hasHomeTab: isOn(home, 'home_tab_enabled'),
    takesMessages: isOn(home, 'messages_tab_enabled') && !isOn(home, 'messages_tab_read_only_enabled'),
  };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, key) => (isJson(inner) ? inner[key] : undefined), value);
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function repeated(list: readonly string[]): readonly string[] {
  return list.filter((one, index) => list.indexOf(one) !== index);
}
