import type { ChatLog } from '../../core/chat.ts';
import type { Clock } from '../../core/clock.ts';
import type { Role } from '../../core/permission.ts';
import type { SlackApi } from './api.ts';
import { createCachedReads } from './cached-reads.ts';
import { rolesLastMs } from './limits.ts';
import type { People } from './people.ts';

/** Who holds which staff role: ids of user groups (S…) or of users (U…, W…). */
export interface SlackRoleIds {
  readonly support: readonly string[];
  readonly operator: readonly string[];
  readonly admin: readonly string[];
}

/** Users have ids of other letters. */
export function isGroup(id: string): boolean {
  return id.startsWith('S');
}

/** What somebody may be here. */
export type Standing =
  | { readonly kind: 'known'; readonly role: Role | null; readonly name: string | null }
  /** Slack does not say now: nothing is allowed, and the person should know why. */
  | { readonly kind: 'unreadable' };

/** Finds out what somebody may do, anew at every command and press. */
export interface Roles {
  standingOf(userId: string): Promise<Standing>;
  /** Reads the groups ahead of the first command. */
  warm(): Promise<void>;
}

const fromMost = ['admin', 'operator', 'support'] as const;

export interface RolesDeps {
  readonly api: SlackApi;
  readonly people: People;
  readonly clock: Clock;
  readonly log: ChatLog;
}

export function createRoles(ids: SlackRoleIds, { api, people, clock, log }: RolesDeps): Roles {
  const groups = createCachedReads((groupId) => api.groupMembers(groupId), { lastsMs: rolesLastMs, clock });
  const groupIds = [...new Set(fromMost.flatMap((role) => ids[role].filter(isGroup)))];

  const membersOf = async (groupId: string): Promise<readonly string[] | null> => {
    const found = await groups.get(groupId);
    if (found.ok) return found.value;
    const why = found.failure.kind === 'refused' ? found.failure.code : found.failure.kind;
    log.warn(`The user group ${groupId} cannot be read (${why}): nobody gets a role from it.`);
    return null;
  };

  /** `null`: of no list that could be read. */
  const listedRole = async (userId: string): Promise<{ readonly role: Role | null; readonly isCertain: boolean }> => {
    const read = new Map(await Promise.all(groupIds.map(async (id) => [id, await membersOf(id)] as const)));
    const role = fromMost.find((name) =>
      ids[name].some((id) => (isGroup(id) ? (read.get(id)?.includes(userId) ?? false) : id === userId)),
    );
    return { role: role ?? null, isCertain: [...read.values()].every((members) => members !== null) };
  };

  return {
    async standingOf(userId) {
      const { role, isCertain } = await listedRole(userId);
      if (role === null) return isCertain ? { kind: 'known', role: null, name: null } : { kind: 'unreadable' };
      // Lists may name accounts that were made guests, or left, since.
      const person = await people.get(userId);
      if (!person.ok) return { kind: 'unreadable' };
      return { kind: 'known', role: person.value.isColleague ? role : null, name: person.value.name };
    },
    async warm() {
      await Promise.all(groupIds.map(membersOf));
    },
  };
}
