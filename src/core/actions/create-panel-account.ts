import { z } from 'zod';
import { type Decision, defineAction, refuse, type Sight } from '../action.ts';
import type { StepEnd } from '../claim.ts';
import { endOfCompareAndSet, endOfFailure } from '../effect-step.ts';
import type { PanelUser, Person, Profile } from '../evidence.ts';
import { describeFailure } from '../failure.ts';
import type { Answer, PanelReader, PeopleReader } from '../ports.ts';
import { succeed } from '../result.ts';
import { panelSettlesMs } from '../execution.ts';
import { couldNotLook, stillLanding } from './refusals.ts';

const target = z.object({
  /** No name and no address: those are read again when they are needed. */
  userId: z.string(),
  /** What `external_accounts` named when it was seen; `null`: there was no entry. */
  seenPanelUserId: z.number().nullable(),
  /** The panel user with the person's address, when it was seen. */
  existingPanelUserId: z.number().nullable(),
});

type Target = z.output<typeof target>;

const longestName = 60;

/** Gives a customer the panel account that provisioning needs: the one with this address, or a new one. */
export const createPanelAccount = defineAction({
  id: 'create-panel-account',
  label: 'Create panel account',
  permission: 'act.account',
  style: 'primary',
  on: ['order'],
  needs: ['people', 'accounts', 'panel', 'panelWriter'],
  target,
  guard({ entry }): Decision<Target> {
    const { person, externalAccount, linkedPanelUser, emailPanelUser } = entry.readings;
    if (person.kind === 'unknown') return refuse(couldNotLook('The person', person.failure));
    if (person.value === null) return refuse('Nobody can sign in as the owner of this order.');
    if (!person.value.emailConfirmed) {
      return refuse('The sign-in address is not confirmed, so it does not prove whose account that would be.');
    }
    if (externalAccount.kind === 'unknown') return refuse(couldNotLook('external_accounts', externalAccount.failure));
    if (linkedPanelUser.kind === 'unknown')
      return refuse(couldNotLook('The linked panel account', linkedPanelUser.failure));
    if (emailPanelUser.kind === 'unknown')
      return refuse(couldNotLook('The panel account of this address', emailPanelUser.failure));
    const linked = linkedPanelUser.value;
    const existing = emailPanelUser.value;
    if (linked !== null && isOf(linked, person.value)) return refuse(`Panel account ${linked.id} is linked already.`);
    if (existing?.rootAdmin === true) {
      return refuse(
        `Panel account ${existing.id} has this address and administers the panel: nobody is linked to it here.`,
      );
    }
    const takesOver = existing !== null && existing.createdAt < person.value.createdAt;
    return {
      kind: 'allowed',
      target: {
        userId: person.value.userId,
        seenPanelUserId: externalAccount.value?.panelUserId ?? null,
        existingPanelUserId: existing?.id ?? null,
      },
      warnings: takesOver
        ? [
            `Panel account ${existing.id} is older than the sign-in account: an address alone does not prove that both are one person.`,
          ]
        : [],
      ...(takesOver ? { requires: 'act.repair' as const } : {}),
    };
  },
  async look({ panel }, given, _situation, signal) {
    if (given.seenPanelUserId !== null) {
      const held = await panel.serversOf(given.seenPanelUserId, signal);
      if (!held.ok) return refuse(couldNotLook('Whether the linked panel account has servers', held.failure));
      if (held.value.length > 0) {
        return refuse(
          `The linked panel account ${given.seenPanelUserId} has servers, so its entry is not overwritten. Put it right by hand.`,
        );
      }
    }
    if (given.existingPanelUserId === null) return { kind: 'allowed', target: given, warnings: [] };
    const owned = await panel.serversOf(given.existingPanelUserId, signal);
    if (!owned.ok) return refuse(couldNotLook('Whether the panel account of this address has servers', owned.failure));
    if (owned.value.length === 0) return { kind: 'allowed', target: given, warnings: [] };
    return {
      kind: 'allowed',
      target: given,
      warnings: [
        `Panel account ${given.existingPanelUserId} owns ${owned.value.length === 1 ? 'a server' : `${owned.value.length} servers`} already.`,
      ],
      requires: 'act.repair',
    };
  },
  plan: ({ existingPanelUserId, seenPanelUserId }) => ({
    what:
      existingPanelUserId === null
        ? 'Make a panel account for the customer and link it.'
        : `Link panel account ${existingPanelUserId}, which has the customer's sign-in address.`,
    changes: [
      ...(existingPanelUserId === null
        ? [{ thing: 'Panel account', before: 'none with this address', after: 'a new one, without a password' }]
        : []),
      {
        thing: 'Entry of external_accounts',
        before: seenPanelUserId === null ? 'none' : `panel account ${seenPanelUserId}`,
        after: existingPanelUserId === null ? 'the new panel account' : `panel account ${existingPanelUserId}`,
      },
    ],
    steps: [
      ...(existingPanelUserId === null ? [{ name: 'create', label: 'Make the panel account' }] : []),
      { name: 'link', label: 'Write the entry of external_accounts' },
    ],
    ...(existingPanelUserId === null
      ? { note: 'The panel mails the customer a link to set a password. Afterwards the order can be retried.' }
      : { note: 'Afterwards the order can be retried.' }),
  }),
  async effect({ people, accounts, panel, panelWriter }, given, claim, signal) {
    const [person, profile] = await Promise.all([
      people.byId(given.userId, signal),
      people.profileOf(given.userId, signal),
    ]);
    if (!person.ok || person.value === null) return;
    const { email } = person.value;
    if (given.existingPanelUserId === null) {
      const names = namesFor(person.value, profile.ok ? profile.value : null);
      const made = await claim.step('create', async (): Promise<StepEnd> => {
        const answer = await panelWriter.createUser({ email, ...names }, signal);
        if (!answer.ok) return endOfFailure(answer.failure);
        return answer.value.kind === 'made'
          ? { kind: 'done', words: `The panel made account ${answer.value.user.id}.` }
          : {
              kind: 'refused',
              words: `The panel has an account with this ${answer.value.field ?? 'address or name'} already.`,
            };
      });
      if (made.kind === 'refused') return;
    }
    // Also after an unclear answer: the account is committed before the mail that may have failed.
    const found = await panel.userByEmail(email, signal);
    if (!found.ok || found.value === null) return;
    const user = found.value;
    if (given.existingPanelUserId !== null && user.id !== given.existingPanelUserId) return;
    await claim.step('link', async () =>
      endOfCompareAndSet(
        await accounts.linkIf(
          { userId: given.userId, panelUserId: user.id, username: user.username },
          given.seenPanelUserId,
          signal,
        ),
        {
          done: `Panel account ${user.id} is linked.`,
          changed: 'The entry of external_accounts has changed meanwhile, so nothing was written.',
        },
      ),
    );
  },
  async verify(ports, given, watch, signal) {
    const [account, user] = await Promise.all([
      ports.people.externalAccountOf(given.userId, signal),
      userOf(ports, given.userId, signal),
    ]);
    if (!account.ok) return unknownBut(`external_accounts could not be read: ${describeFailure(account.failure)}`);
    if (!user.ok) return unknownBut(`The panel account could not be looked for: ${describeFailure(user.failure)}`);
    if (user.value !== null && account.value?.panelUserId === user.value.id) {
      return { kind: 'applied', words: `Panel account ${user.value.id} has the customer's address and is linked.` };
    }
    const landing = stillLanding(watch, panelSettlesMs);
    if (landing !== null) return landing;
    const last = watch.claim.steps.at(-1);
    const told = last?.end?.words ?? 'The work was cut off.';
    return {
      kind: 'not-applied',
      words:
        user.value === null
          ? `${told} The panel has no account with this address.`
          : `${told} Panel account ${user.value.id} exists, but is not linked; trying again links it.`,
    };
  },
});

/** The panel user with the person's sign-in address. */
async function userOf(
  { people, panel }: { readonly people: PeopleReader; readonly panel: PanelReader },
  userId: string,
  signal: AbortSignal,
): Answer<PanelUser | null> {
  const person = await people.byId(userId, signal);
  if (!person.ok) return person;
  return person.value === null ? succeed(null) : panel.userByEmail(person.value.email, signal);
}

function isOf(user: PanelUser, person: Person): boolean {
  return user.email.toLowerCase() === person.email.toLowerCase();
}

/** Names the panel accepts. The user name ends in a part of the person's id: first names alone are soon taken. */
function namesFor(
  person: Person,
  profile: Profile | null,
): { readonly firstName: string; readonly lastName: string; readonly username: string } {
  const firstName = named(profile?.firstName) ?? 'Customer';
  const plain = firstName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 20);
  return {
    firstName,
    lastName: named(profile?.lastName) ?? 'Customer',
    username: `${plain === '' ? 'customer' : plain}-${person.userId.replaceAll('-', '').slice(0, 8)}`,
  };
}

function named(value: string | null | undefined): string | null {
  const name = (value ?? '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, longestName);
  return name === '' ? null : name;
}

function unknownBut(words: string): Sight {
  return { kind: 'undecided', as: 'unknown', words };
}
