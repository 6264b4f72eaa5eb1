import type { Clock } from '../../core/clock.ts';
import { type Result, succeed } from '../../core/result.ts';
import type { SlackApi, Trouble } from './api.ts';
import { createCachedReads } from './cached-reads.ts';
import { peopleLastMs, rolesLastMs } from './limits.ts';

/** What matters about an account. */
export interface Person {
  readonly name: string | null;
  /** A full member of this workspace: no guest, no bot, nobody from elsewhere, nobody who has left. */
  readonly isColleague: boolean;
  /** Whether staff's talk may be read by this account: bots and former members read along unheard. */
  readonly mayReadAlong: boolean;
}

export interface People {
  get(userId: string): Promise<Result<Person, Trouble>>;
  /** From a longer memory, for whole channels. */
  getRoughly(userId: string): Promise<Result<Person, Trouble>>;
}

export function createPeople(api: SlackApi, teamId: () => string | null, clock: Clock): People {
  const read = async (userId: string): Promise<Result<Person, Trouble>> => {
    const found = await api.person(userId);
    if (!found.ok) return found;
    const { team_id, name, real_name, profile, deleted, is_bot, is_restricted, is_ultra_restricted, is_stranger } =
      found.value;
    const isHere = team_id === teamId() && is_stranger !== true;
    // A flag that is missing is no flag that says no.
    const isFullMember = is_restricted === false && is_ultra_restricted === false;
    const isPerson = is_bot !== true && deleted !== true;
    return succeed({
      name: [profile?.display_name, profile?.real_name, real_name, name].find((one) => (one ?? '') !== '') ?? null,
      isColleague: isHere && isFullMember && isPerson,
      mayReadAlong: isHere && (isFullMember || !isPerson),
    });
  };
  const fresh = createCachedReads(read, { lastsMs: rolesLastMs, clock });
  const rough = createCachedReads((userId) => fresh.get(userId), { lastsMs: peopleLastMs, clock });
  return { get: (userId) => fresh.get(userId), getRoughly: (userId) => rough.get(userId) };
}
