import type { CommandListing } from '../../core/desk.ts';
import { slashNames } from './commands.ts';
import { requestPath } from './connection.ts';

export interface ManifestOptions {
  readonly commands: readonly CommandListing[];
  /** `url`: where this program is reached from outside; the path is added. */
  readonly connection: { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };
}

/** What the installation has to grant. */
export const botScopes: readonly string[] = [
  // Who reads a support channel, and whether it is shared.
  'channels:read',
  'groups:read',
  'chat:write',
  'commands',
  // Messages to the app, which are answered with where to turn.
  'im:history',
  // Roles, and whether somebody is a guest.
  'usergroups:read',
  'users:read',
];

/**
 * What Slack needs to know to install the app: https://docs.slack.dev/reference/app-manifest. Nothing is asked for that
 * is not used.
 */
export function slackManifest({ commands, connection }: ManifestOptions): object {
  const url = connection.mode === 'http' ? new URL(requestPath, connection.url).href : null;
  const address = url === null ? {} : { request_url: url };
  return {
    _metadata: { major_version: 2 },
    display_information: {
      name: 'pterodoc',
      description: 'Says where the purchase of a game server broke, and why, and mends it.',
      background_color: '#1f2937',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'pterodoc', always_online: true },
      slash_commands: slashNames(commands).map((name) => ({
        command: name,
        description: descriptionOf(name, commands),
        ...usageOf(name, commands),
        should_escape: false,
        ...(url === null ? {} : { url }),
      })),
    },
    oauth_config: {
      scopes: { bot: botScopes },
    },
    settings: {
      event_subscriptions: { ...address, bot_events: ['app_home_opened', 'message.im'] },
      interactivity: { ...address, is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: url === null,
      token_rotation_enabled: false,
    },
  };
}

function partsOf(slash: string, commands: readonly CommandListing[]): readonly CommandListing[] {
  return commands.filter(({ name }) => name.startsWith(`${slash.slice(1)} `));
}

function descriptionOf(slash: string, commands: readonly CommandListing[]): string {
  const alone = commands.find(({ name }) => `/${name}` === slash);
  return alone?.summary ?? 'Everything else pterodoc can tell and do';
}

function usageOf(slash: string, commands: readonly CommandListing[]): { readonly usage_hint?: string } {
  const parts = partsOf(slash, commands).map(({ name }) => name.slice(slash.length));
  const inputs = commands.find(({ name }) => `/${name}` === slash)?.inputs ?? [];
  const hint = [
    ...(parts.length === 0 ? [] : [parts.join(' | ')]),
    ...inputs.map(({ summary, isRequired }) => (isRequired ? `<${summary}>` : `[${summary}]`)),
  ].join(' ');
  return hint === '' ? {} : { usage_hint: hint };
}
