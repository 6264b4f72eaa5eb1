import { type Method, Refusal } from './call.ts';
import { userGroupObject, userObject } from './objects.ts';
import { APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID } from './state.ts';

const authTest: Method = {
  token: 'any',
  tier: 'none',
  run: () => ({
    url: 'https://merchant.slack.com/',
    team: 'Merchant',
    user: 'pterodoc',
    team_id: TEAM_ID,
    user_id: BOT_USER_ID,
    bot_id: BOT_ID,
    is_enterprise_install: false,
  }),
};

const openConnection: Method = {
  token: 'app',
  tier: 'tier3',
  run(_, { sockets }) {
    const url = sockets.issueUrl();
    if (url === null) throw new Refusal('access_denied');
    return { url };
  },
};

const userInfo: Method = {
  token: 'bot',
  tier: 'tier4',
  scopes: ['users:read'],
  run(args, { state }) {
    const user = state.users.get(args.required('user'));
    if (user === undefined) throw new Refusal('user_not_found');
    return { user: userObject(state, user) };
  },
};

const userByEmail: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['users:read', 'users:read.email'],
  run(args, { state }) {
    const email = args.required('email').toLowerCase();
    const user = [...state.users.values()].find((one) => one.email?.toLowerCase() === email && one.kind !== 'stranger');
    if (user === undefined || user.isDeactivated) throw new Refusal('users_not_found');
    return { user: userObject(state, user) };
  },
};

const listGroups: Method = {
  token: 'bot',
  tier: 'tier2',
  scopes: ['usergroups:read'],
  run(args, { state }) {
    if (!state.planHasUserGroups) throw new Refusal('plan_upgrade_required');
    const groups = [...state.groups.values()].filter((one) => !one.isDisabled || args.flag('include_disabled'));
    return { usergroups: groups.map((group) => userGroupObject(group, args.flag('include_users'))) };
  },
};

const listGroupUsers: Method = {
  token: 'bot',
  tier: 'tier2',
  scopes: ['usergroups:read'],
  run(args, { state }) {
    if (!state.planHasUserGroups) throw new Refusal('plan_upgrade_required');
    const group = state.groups.get(args.required('usergroup'));
    if (group === undefined || (group.isDisabled && !args.flag('include_disabled'))) {
      throw new Refusal('no_such_subteam');
    }
    return { users: [...group.members] };
  },
};

const botInfo: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['users:read'],
  run(args, { state }) {
    if (args.has('bot') && args.text('bot') !== BOT_ID) throw new Refusal('bot_not_found');
    const bot = { id: BOT_ID, deleted: false, name: state.app.name, app_id: APP_ID, user_id: BOT_USER_ID, icons: {} };
    return { bot };
  },
};

const teamInfo: Method = {
  token: 'bot',
  tier: 'tier3',
  scopes: ['team:read'],
  run: () => ({ team: { id: TEAM_ID, name: 'Merchant', domain: 'merchant' } }),
};

export const peopleMethods: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  'apps.connections.open': openConnection,
  'users.info': userInfo,
  'users.lookupByEmail': userByEmail,
  'usergroups.list': listGroups,
  'usergroups.users.list': listGroupUsers,
  'bots.info': botInfo,
  'team.info': teamInfo,
};
