import type { Json } from './shape.ts';
import {
  APP_ID,
  BOT_ID,
  BOT_USER_ID,
  type Channel,
  isGuest,
  type Message,
  type State,
  TEAM_ID,
  type User,
  type UserGroup,
} from './state.ts';

/** A message as the Web API, events and payloads show it. */
export function messageObject(message: Message, withMetadata = true): Json {
  const isOfApp = message.userId === BOT_USER_ID;
  return {
    type: 'message',
    user: message.userId,
    ts: message.ts,
    ...(isOfApp ? { bot_id: BOT_ID, app_id: APP_ID } : {}),
    text: message.text,
    team: TEAM_ID,
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === null || !withMetadata ? {} : { metadata: message.metadata }),
  };
}

export function channelObject(channel: Channel): Json {
  const isDirect = channel.kind === 'im';
  const [other] = [...channel.members].filter((id) => id !== BOT_USER_ID);
  return {
    id: channel.id,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: isDirect,
    is_mpim: false,
    is_private: channel.kind !== 'public',
    is_archived: channel.isArchived,
    is_shared: channel.isShared,
    is_ext_shared: channel.isShared,
    is_org_shared: false,
    context_team_id: TEAM_ID,
    ...(isDirect
      ? { user: other }
      : { name: channel.name, name_normalized: channel.name, is_member: channel.members.has(BOT_USER_ID) }),
  };
}

/** A person; the e-mail only with its scope, and never of another workspace. */
export function userObject(state: State, user: User): Json {
  const isStranger = user.kind === 'stranger';
  const maySeeEmail = state.grantedScopes.has('users:read.email') && !isStranger && user.email !== null;
  if (maySeeEmail) state.usedScopes.add('users:read.email');
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.isDeactivated,
    real_name: user.name,
    is_bot: user.kind === 'bot',
    is_app_user: false,
    ...(isStranger ? { is_stranger: true } : {}),
    ...(user.isDeactivated
      ? {}
      : {
          is_admin: user.kind === 'admin',
          is_owner: false,
          is_primary_owner: false,
          is_restricted: isGuest(user),
          is_ultra_restricted: user.kind === 'single-channel-guest',
        }),
    profile: {
      real_name: user.name,
      display_name: user.name,
      team: user.teamId,
      ...(maySeeEmail ? { email: user.email } : {}),
    },
  };
}

export function userGroupObject(group: UserGroup, withUsers: boolean): Json {
  return {
    id: group.id,
    team_id: TEAM_ID,
    is_usergroup: true,
    name: group.handle,
    handle: group.handle,
    is_external: false,
    date_delete: group.isDisabled ? 1 : 0,
    user_count: group.members.size,
    ...(withUsers ? { users: [...group.members] } : {}),
  };
}
