import type { ChatLog } from '../../core/chat.ts';
import type { Clock } from '../../core/clock.ts';
import type { Place } from '../../core/desk.ts';
import { type Result, succeed } from '../../core/result.ts';
import type { SlackApi, Trouble } from './api.ts';
import { createCachedReads } from './cached-reads.ts';
import { mostMembers, placesLastMs } from './limits.ts';
import type { People } from './people.ts';

/** Tells the channels in which staff are among themselves. */
export interface Places {
  placeOf(channelId: string): Promise<Place>;
  /** Looks at the support channels ahead of the first command, and says which are none. */
  warm(): Promise<void>;
}

export interface PlacesDeps {
  readonly api: SlackApi;
  readonly people: People;
  readonly clock: Clock;
  readonly log: ChatLog;
}

/** A conversation of two: whoever holds a role may not use it there. */
export function isDirect(channelId: string): boolean {
  return channelId.startsWith('D');
}

/** Where it cannot be told, nobody else is to see the answer. */
export function createPlaces(supportChannelIds: readonly string[], { api, people, clock, log }: PlacesDeps): Places {
  const reasons = createCachedReads((channelId) => whyPrivate(channelId, api, people), {
    lastsMs: placesLastMs,
    clock,
  });
  const look = async (channelId: string): Promise<Place> => {
    const reason = await reasons.get(channelId);
    return reason.ok && reason.value === null ? 'staff' : 'private';
  };
  return {
    placeOf: async (channelId) => (supportChannelIds.includes(channelId) ? look(channelId) : 'private'),
    async warm() {
      await Promise.all(
        supportChannelIds.map(async (channelId) => {
          const reason = await reasons.get(channelId);
          const why = reason.ok ? reason.value : 'Slack did not tell who reads it';
          if (why !== null) log.warn(`Answers in the channel ${channelId} are private: ${why}.`);
        }),
      );
    },
  };
}

/** Why answers in a channel are for who asks alone; `null`: only staff read it. */
export async function whyPrivate(
  channelId: string,
  api: SlackApi,
  people: People,
): Promise<Result<string | null, Trouble>> {
  const found = await api.channel(channelId);
  if (!found.ok) return found;
  const { is_im, is_mpim, is_archived, is_member, is_shared, is_ext_shared, is_org_shared, is_pending_ext_shared } =
    found.value;
  if (is_shared || is_ext_shared || is_org_shared === true || is_pending_ext_shared === true) {
    return succeed('it is shared with another workspace');
  }
  if (is_im === true || is_mpim === true || is_archived === true) return succeed('it is no open channel');
  if (is_member !== true) return succeed('the bot is no member of it; invite it');
  const members = await api.channelMembers(channelId, mostMembers);
  if (!members.ok) return members;
  if (!members.value.isAll) return succeed(`it has more than ${mostMembers} members`);
  const readers = await Promise.all(members.value.members.map((userId) => people.getRoughly(userId)));
  for (const reader of readers) {
    if (!reader.ok) return reader;
    if (!reader.value.mayReadAlong) return succeed('it has guests');
  }
  return succeed(null);
}
