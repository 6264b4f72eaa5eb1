import { systemClock } from '../../core/clock.ts';
import type { CredentialProber, Probe, ProbeFinding } from '../../core/doctor.ts';
import type { FailureOf } from '../../core/failure.ts';
import { fail, type Result, succeed } from '../../core/result.ts';
import { createSlackApi, type SlackApi, type Trouble, tryAppToken } from './api.ts';
import { boltLog } from './bolt-log.ts';
import { refusesToken } from './connection.ts';
import { botScopes } from './manifest.ts';
import { createPeople, type People } from './people.ts';
import { whyPrivate } from './places.ts';
import { isGroup, type SlackRoleIds } from './roles.ts';

export interface SlackProberConfig {
  readonly botToken: string;
  readonly connection:
    | { readonly kind: 'socket'; readonly appToken: string }
    | { readonly kind: 'http'; readonly signingSecret: string };
  readonly alertChannelId: string | null;
  readonly supportChannelIds: readonly string[];
  readonly roleIds: SlackRoleIds;
  readonly apiUrl: string;
}

type Answer<T> = Promise<Result<T, FailureOf<'slack'>>>;
type Identity = Extract<Awaited<ReturnType<SlackApi['identity']>>, { ok: true }>['value'];

const apps = 'https://api.slack.com/apps';
const reinstall = `Paste what \`pterodoc manifest slack\` prints into the app's manifest (${apps} → App Manifest) and install it to the workspace again.`;

/** Tries what the bot needs of Slack, by reading alone. */
export function createSlackProber(config: SlackProberConfig): CredentialProber {
  const logger = boltLog({ info: ignore, warn: ignore, bug: () => '' });
  const api = createSlackApi({ ...config, logger });
  let asked: ReturnType<SlackApi['identity']> | null = null;
  const identity = (): ReturnType<SlackApi['identity']> => (asked ??= api.identity());
  let teamId: string | null = null;
  const people = createPeople(api, () => teamId, systemClock);
  /** Who is a colleague can be told only once it is known where the bot is at home. */
  const athome = async <T>(work: () => Answer<T>): Answer<T> => {
    const found = await identity();
    if (!found.ok) return fail(failureOf(found.failure));
    teamId = found.value.team_id;
    return work();
  };

  return {
    source: 'slack',
    keyRemedy: `Copy the Bot User OAuth Token (${apps} → your app → OAuth & Permissions) of the installed app into SLACK_BOT_TOKEN.`,
    addressRemedy: 'Let the bot reach slack.com over HTTPS; where SLACK_API_URL is set, check it.',
    probes: [
      {
        name: 'Token',
        needed: 'required',
        remedy: 'Put the Bot User OAuth Token (xoxb-…) into SLACK_BOT_TOKEN.',
        run: () => read(identity(), ({ team }) => fine(`The app is installed in ${team ?? 'the workspace'}.`)),
      },
      {
        name: 'Scopes',
        needed: 'required',
        remedy: reinstall,
        run: () => read(identity(), judgeScopes),
      },
      connectionProbe(config, logger),
      ...roleProbes(config, api, people, athome),
      ...supportProbes(config, api, people, athome),
      alertProbe(config, api, people, athome),
    ],
  };
}

function ignore(): void {}

type AtHome = <T>(work: () => Answer<T>) => Answer<T>;

function fine(note: string): ProbeFinding {
  return { kind: 'fine', note };
}

/** In the words of all systems; what only one probe can explain is left to it. */
function failureOf(trouble: Trouble): FailureOf<'slack'> {
  const source = 'slack';
  switch (trouble.kind) {
    case 'unclear':
      return { source, kind: 'unreachable' };
    case 'rate-limited':
      return { source, ...trouble };
    case 'refused':
      if (trouble.code === 'missing_scope') return { source, kind: 'not-permitted', scope: null };
      if (refusesToken(trouble)) return { source, kind: 'credentials-rejected' };
      return trouble.code === 'unexpected_answer' || trouble.code === 'unreadable_answer'
        ? { source, kind: 'unexpected-shape', path: '' }
        : { source, kind: 'request-refused', status: 200, code: trouble.code };
  }
}

async function read<T>(
  answer: Promise<Result<T, Trouble>>,
  judge: (value: T) => ProbeFinding,
  explain: Readonly<Record<string, ProbeFinding>> = {},
): Answer<ProbeFinding> {
  const found = await answer;
  if (found.ok) return succeed(judge(found.value));
  const { failure } = found;
  const explained = failure.kind === 'refused' ? explain[failure.code] : undefined;
  return explained === undefined ? fail(failureOf(failure)) : succeed(explained);
}

function judgeScopes({ response_metadata: metadata }: Identity): ProbeFinding {
  const granted = metadata?.scopes;
  if (granted === undefined) return { kind: 'warning', note: 'Slack did not say what the app may do.' };
  const missing = botScopes.filter((scope) => !granted.includes(scope));
  return missing.length === 0
    ? fine('The app may do what it needs.')
    : { kind: 'fault', note: `The app lacks ${missing.join(', ')}.` };
}

function connectionProbe({ connection, apiUrl }: SlackProberConfig, logger: ReturnType<typeof boltLog>): Probe {
  if (connection.kind === 'http') {
    return {
      name: 'Signing secret',
      needed: 'required',
      remedy: `Copy the signing secret (${apps} → your app → Basic Information) into SLACK_SIGNING_SECRET.`,
      run: async () =>
        succeed(
          fine('Given; that it is the right one shows when Slack first calls. Slack needs an https address for it.'),
        ),
    };
  }
  const remedy = `Make an app-level token with the scope connections:write (${apps} → your app → Basic Information) and put it into SLACK_APP_TOKEN.`;
  const refused: ProbeFinding = { kind: 'fault', note: 'Slack refuses the app-level token.' };
  return {
    name: 'Socket Mode',
    needed: 'required',
    remedy,
    run: () =>
      read(tryAppToken({ appToken: connection.appToken, apiUrl, logger }), () => fine('Slack opens connections.'), {
        invalid_auth: refused,
        not_allowed_token_type: refused,
        token_revoked: refused,
        account_inactive: refused,
        missing_scope: { kind: 'fault', note: 'The app-level token lacks connections:write.' },
        access_denied: {
          kind: 'fault',
          note: 'Socket Mode is switched off.',
          remedy: `Switch it on (${apps} → your app → Socket Mode), or set SLACK_SIGNING_SECRET instead of SLACK_APP_TOKEN.`,
        },
      }),
  };
}

const variables = { support: 'SLACK_SUPPORT_IDS', operator: 'SLACK_OPERATOR_IDS', admin: 'SLACK_ADMIN_IDS' } as const;

function roleProbes({ roleIds }: SlackProberConfig, api: SlackApi, people: People, athome: AtHome): readonly Probe[] {
  return (['support', 'operator', 'admin'] as const).flatMap((role): Probe[] => {
    const variable = variables[role];
    const remedy = `Put ids of user groups (S…; a group's ⋯ → Copy group ID) or of users (U…; a profile's ⋮ → Copy member ID) into ${variable}.`;
    if (roleIds[role].length === 0) {
      const note = `${variable} is not given: nobody in Slack is ${role}.`;
      return [
        {
          name: `Roles of ${role}`,
          needed: 'required',
          remedy,
          run: async () => succeed({ kind: 'not-configured', note }),
        },
      ];
    }
    return roleIds[role].map((id) => ({
      name: `Role of ${role}: ${id}`,
      needed: 'required',
      remedy,
      run: () => (isGroup(id) ? readGroup(id, api) : athome(() => readUser(id, people))),
    }));
  });
}

function readGroup(id: string, api: SlackApi): Answer<ProbeFinding> {
  return read(
    api.groupMembers(id),
    (members) =>
      members.length === 0
        ? { kind: 'warning', note: `The user group ${id} is empty.`, remedy: 'Add its people in Slack.' }
        : fine(`A user group of ${members.length}.`),
    {
      no_such_subteam: { kind: 'fault', note: `There is no user group ${id}, or it is disabled.` },
      plan_upgrade_required: {
        kind: 'fault',
        note: "The workspace's plan has no user groups.",
        remedy: 'Name people instead, by their member ids (U…).',
      },
      missing_scope: { kind: 'fault', note: 'The app lacks usergroups:read.', remedy: reinstall },
    },
  );
}

function readUser(id: string, people: People): Answer<ProbeFinding> {
  return read(
    people.get(id),
    ({ name, isColleague }) =>
      isColleague
        ? fine(`${name ?? id}.`)
        : {
            kind: 'warning',
            note: `${name ?? id} is a guest, a bot, from elsewhere or has left: no role comes of it.`,
            remedy: 'Remove the id.',
          },
    { user_not_found: { kind: 'fault', note: `There is nobody ${id} in the workspace.` } },
  );
}

const cannotSee = (id: string): Readonly<Record<string, ProbeFinding>> => ({
  channel_not_found: { kind: 'fault', note: `There is no channel ${id}, or it is private and the bot is not in it.` },
  missing_scope: { kind: 'fault', note: 'The app lacks channels:read or groups:read.', remedy: reinstall },
});

function supportProbes(
  { supportChannelIds }: SlackProberConfig,
  api: SlackApi,
  people: People,
  athome: AtHome,
): readonly Probe[] {
  const remedy =
    "Copy the id of the channel (the channel's name → About) into SLACK_SUPPORT_CHANNEL_IDS, and type /invite @pterodoc in it.";
  if (supportChannelIds.length === 0) {
    const note = 'SLACK_SUPPORT_CHANNEL_IDS is not given: only the person who asks sees an answer.';
    return [
      {
        name: 'Support channels',
        needed: 'optional',
        remedy,
        run: async () => succeed({ kind: 'not-configured', note }),
      },
    ];
  }
  return supportChannelIds.map((id) => ({
    name: `Support channel ${id}`,
    needed: 'required',
    remedy,
    run: () =>
      athome(() =>
        readChannel(id, api, people, (name, why) => ({
          kind: 'warning',
          note: `Only the person who asks sees an answer in ${name}: ${why}.`,
          remedy: 'Use a private channel that only staff of this workspace are in.',
        })),
      ),
  }));
}

function alertProbe({ alertChannelId: id }: SlackProberConfig, api: SlackApi, people: People, athome: AtHome): Probe {
  return {
    name: 'Alert channel',
    needed: 'required',
    remedy:
      "Copy the id of the channel (the channel's name → About) into SLACK_ALERT_CHANNEL_ID, and type /invite @pterodoc in it.",
    async run() {
      if (id === null) return succeed({ kind: 'not-configured', note: 'SLACK_ALERT_CHANNEL_ID is not given.' });
      return athome(() =>
        readChannel(id, api, people, (name, why) => ({
          kind: 'warning',
          note: `Not only staff can read in ${name} what goes wrong in the shop: ${why}.`,
          remedy: 'Use a private channel that only staff of this workspace are in.',
        })),
      );
    },
  };
}

/** Whether the bot is in a channel, and who else reads it. */
async function readChannel(
  id: string,
  api: SlackApi,
  people: People,
  warn: (name: string, why: string) => ProbeFinding,
): Answer<ProbeFinding> {
  const found = await api.channel(id);
  if (!found.ok) return read(Promise.resolve(found), () => fine(''), cannotSee(id));
  const { name, is_member, is_private } = found.value;
  const shown = name === undefined ? id : `#${name}`;
  if (is_member !== true) return succeed({ kind: 'fault', note: `The bot is not in ${shown}.` });
  return read(
    whyPrivate(id, api, people),
    (why) => {
      if (why !== null) return warn(shown, why);
      if (is_private === true) return fine(`Only staff read ${shown}, and the bot may write there.`);
      return {
        kind: 'warning',
        note: `Everybody in the workspace can read ${shown}, though only staff are in it.`,
        remedy: 'Make it a private channel where that is too many.',
      };
    },
    cannotSee(id),
  );
}
