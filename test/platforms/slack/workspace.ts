import type { Person } from './person.ts';
import { BOT_USER_ID, type Channel, type State, type UserGroup, type UserKind } from './state.ts';

/** Somebody to be; a member with an address of the merchant unless told otherwise. */
export interface UserPlan {
  readonly email?: string;
  readonly kind?: UserKind;
}

export interface ChannelPlan<Name extends string> {
  readonly kind?: 'public' | 'private';
  readonly members?: readonly Name[];
  /** Shared with another workspace. */
  readonly isShared?: boolean;
  /** False: nobody invited the app. */
  readonly withApp?: boolean;
}

/** Who and what there is in a workspace, by name. */
export interface WorkspacePlan<Name extends string, Place extends string, Handle extends string> {
  readonly users: Readonly<Record<Name, UserPlan>>;
  readonly channels?: Readonly<Record<Place, ChannelPlan<NoInfer<Name>>>>;
  readonly groups?: Readonly<Record<Handle, readonly NoInfer<Name>[]>>;
}

export interface Workspace<Name extends string, Place extends string, Handle extends string> {
  readonly people: Readonly<Record<Name, Person>>;
  readonly channels: Readonly<Record<Place, Channel>>;
  readonly groups: Readonly<Record<Handle, UserGroup>>;
}

/** Makes everybody and everything of a plan. */
export function buildWorkspace<Name extends string, Place extends string, Handle extends string>(
  state: State,
  plan: WorkspacePlan<Name, Place, Handle>,
  addPerson: (name: string, user: UserPlan) => Person,
): Workspace<Name, Place, Handle> {
  const people = mapRecord(plan.users, (user: UserPlan, name): Person => addPerson(name, user));
  const idsOf = (names: readonly Name[]): string[] => names.map((name) => people[name].id);
  const channels = mapRecord(plan.channels, (channel: ChannelPlan<Name>, name): Channel => {
    const { kind = 'public', members = [], isShared = false, withApp = true } = channel;
    const ids = [...idsOf(members), ...(withApp ? [BOT_USER_ID] : [])];
    const made: Channel = { id: state.nextId('C'), name, kind, isShared, members: new Set(ids), isArchived: false };
    state.channels.set(made.id, made);
    return made;
  });
  const groups = mapRecord(plan.groups, (members: readonly Name[], handle): UserGroup => {
    const made = { id: state.nextId('S'), handle, members: new Set(idsOf(members)), isDisabled: false };
    state.groups.set(made.id, made);
    return made;
  });
  return { people, channels, groups };
}

function mapRecord<Key extends string, From, To>(
  record: Readonly<Record<Key, From>> | undefined,
  to: (value: From, key: Key) => To,
): Readonly<Record<Key, To>> {
  const entries = Object.entries<From>(record ?? {}).map(([key, value]) => [key, to(value, key as Key)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
