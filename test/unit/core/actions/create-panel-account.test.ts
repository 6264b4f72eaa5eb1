import { describe, expect, test } from 'vitest';
import type { ActionPorts, MadeUser } from '../../../../src/core/action-ports.ts';
import { createPanelAccount } from '../../../../src/core/actions/create-panel-account.ts';
import type { PanelUser, Person, Profile } from '../../../../src/core/evidence.ts';
import type { UpstreamFailure } from '../../../../src/core/failure.ts';
import { fail, type Result, succeed } from '../../../../src/core/result.ts';
import {
  aHandle,
  aSituation,
  aStep,
  answers,
  aWatch,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { aFailedOrder, anAccount, aPerson, aProfile, EMAIL, USER_ID } from '../../../builders/merchant.ts';
import { aPanelServer, aPanelUser } from '../../../builders/panel.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';
import { ago, DAY } from '../../../builders/time.ts';

const nobody = { externalAccount: null, linkedPanelUser: null, emailPanelUser: null } as const;
const timedOut: UpstreamFailure = { source: 'pterodactyl', kind: 'timed-out', afterMs: 4000 };

function guard(over: Overrides) {
  return createPanelAccount.guard(aSituation(anOrderEntry(aFailedOrder(), over)));
}

describe('the guard', () => {
  test('allows to make an account where there is none', () => {
    expect(guard(nobody)).toEqual({
      kind: 'allowed',
      target: { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null },
      warnings: [],
    });
  });

  test('allows to link the account of the address, where it is younger than the sign-in account', () => {
    expect(guard({ ...nobody, emailPanelUser: aPanelUser() })).toMatchObject({
      kind: 'allowed',
      target: { existingPanelUserId: 11 },
      warnings: [],
    });
  });

  test('asks an operator for an account that is older than the sign-in account', () => {
    const older = aPanelUser({ createdAt: ago(31 * DAY) });
    expect(guard({ ...nobody, emailPanelUser: older })).toMatchObject({
      kind: 'allowed',
      requires: 'act.repair',
      warnings: [
        'Panel account 11 is older than the sign-in account: an address alone does not prove that both are one person.',
      ],
    });
  });

  test.each<[string, Overrides, number]>([
    [
      'leads to a panel user who is gone',
      { externalAccount: anAccount({ panelUserId: 7 }), linkedPanelUser: null, emailPanelUser: null },
      7,
    ],
    [
      'leads to an account of another address',
      {
        externalAccount: anAccount({ panelUserId: 12 }),
        linkedPanelUser: aPanelUser({ id: 12, email: 'eve@example.com' }),
        emailPanelUser: aPanelUser(),
      },
      12,
    ],
  ])('allows to correct an entry that %s', (_name, over, seenPanelUserId) => {
    expect(guard(over)).toMatchObject({ kind: 'allowed', target: { seenPanelUserId } });
  });

  test.each<[string, Overrides, string]>([
    ['nobody can sign in', { ...nobody, person: null }, 'Nobody can sign in as the owner of this order.'],
    [
      'the address is not confirmed',
      { ...nobody, person: aPerson({ emailConfirmed: false }) },
      'The sign-in address is not confirmed, so it does not prove whose account that would be.',
    ],
    ['the right account is linked', {}, 'Panel account 11 is linked already.'],
    [
      'the right account is linked under capitals',
      { linkedPanelUser: aPanelUser({ email: 'Ann@Example.com' }) },
      'Panel account 11 is linked already.',
    ],
    [
      'the account of the address administers the panel',
      { ...nobody, emailPanelUser: aPanelUser({ rootAdmin: true }) },
      'Panel account 11 has this address and administers the panel: nobody is linked to it here.',
    ],
    [
      'the person cannot be read',
      { person: outage('supabase') },
      'The person could not be checked: Supabase did not answer within 4.0 s.',
    ],
    [
      'external_accounts cannot be read',
      { externalAccount: outage('supabase') },
      'external_accounts could not be checked: Supabase did not answer within 4.0 s.',
    ],
    [
      'the linked account cannot be looked at',
      { linkedPanelUser: outage('pterodactyl') },
      'The linked panel account could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      'the address cannot be looked for',
      { ...nobody, emailPanelUser: outage('pterodactyl') },
      'The panel account of this address could not be checked: The panel did not answer within 4.0 s.',
    ],
  ])('refuses where %s', (_name, over, reason) => {
    expect(reasonOf(guard(over))).toBe(reason);
  });

  test('refuses what is no order', () => {
    expect(reasonOf(createPanelAccount.guard(aSituation(aSessionEntry(aSession()))))).toContain(
      'This acts on an order',
    );
  });

  test('keeps neither name nor address in what the claim stores', () => {
    expect(JSON.stringify(guard(nobody))).not.toMatch(/@|Ann/);
  });
});

describe('the last look', () => {
  const target = { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null };

  /** `owned`: how many servers each panel account owns; `null`: the panel does not tell. */
  function look(given: object, owned: Readonly<Record<number, number | null>> = {}) {
    const known = ports({
      panel: {
        async serversOf(id) {
          const count = owned[id] ?? 0;
          if (owned[id] === null) return fail(timedOut);
          return succeed(Array.from({ length: count }, (_, index) => aPanelServer({ id: index + 1 })));
        },
      },
    });
    return createPanelAccount.look(known, { ...target, ...given }, aSituation(anOrderEntry()), NEVER);
  }

  test('asks nothing where there is nothing to look at', async () => {
    expect(await look({})).toEqual({ kind: 'allowed', target, warnings: [] });
  });

  test('never overwrites an entry whose account has servers', async () => {
    expect(reasonOf(await look({ seenPanelUserId: 12 }, { 12: 1 }))).toBe(
      'The linked panel account 12 has servers, so its entry is not overwritten. Put it right by hand.',
    );
  });

  test.each([
    [1, 'Panel account 11 owns a server already.'],
    [3, 'Panel account 11 owns 3 servers already.'],
  ])('asks an operator for an account that owns %d', async (count, warning) => {
    expect(await look({ existingPanelUserId: 11 }, { 11: count })).toMatchObject({
      kind: 'allowed',
      requires: 'act.repair',
      warnings: [warning],
    });
  });

  test('lets an entry without servers be corrected, and an account without servers be linked', async () => {
    expect(await look({ seenPanelUserId: 12, existingPanelUserId: 11 })).toMatchObject({
      kind: 'allowed',
      warnings: [],
    });
  });

  test.each([
    [
      'linked',
      { seenPanelUserId: 12 },
      { 12: null },
      'Whether the linked panel account has servers could not be checked',
    ],
    [
      'own',
      { existingPanelUserId: 11 },
      { 11: null },
      'Whether the panel account of this address has servers could not be checked',
    ],
  ])('refuses where the servers of the %s account cannot be read', async (_name, given, owned, reason) => {
    expect(reasonOf(await look(given, owned))).toContain(reason);
  });
});

describe('the plan', () => {
  const target = { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null };

  test('of a new account', () => {
    expect(createPanelAccount.plan(target)).toEqual({
      what: 'Make a panel account for the customer and link it.',
      changes: [
        { thing: 'Panel account', before: 'none with this address', after: 'a new one, without a password' },
        { thing: 'Entry of external_accounts', before: 'none', after: 'the new panel account' },
      ],
      steps: [
        { name: 'create', label: 'Make the panel account' },
        { name: 'link', label: 'Write the entry of external_accounts' },
      ],
      note: 'The panel mails the customer a link to set a password. Afterwards the order can be retried.',
    });
  });

  test('of an account that is there', () => {
    expect(createPanelAccount.plan({ ...target, seenPanelUserId: 12, existingPanelUserId: 11 })).toEqual({
      what: "Link panel account 11, which has the customer's sign-in address.",
      changes: [{ thing: 'Entry of external_accounts', before: 'panel account 12', after: 'panel account 11' }],
      steps: [{ name: 'link', label: 'Write the entry of external_accounts' }],
      note: 'Afterwards the order can be retried.',
    });
  });
});

describe('the effect', () => {
  async function doIt(input: {
    readonly given?: object;
    readonly person?: Person | null;
    readonly profile?: Profile | null;
    readonly made?: Result<MadeUser, UpstreamFailure>;
    /** Who has the address once the account was asked for. */
    readonly found?: PanelUser | null;
    readonly linked?: Result<boolean, UpstreamFailure>;
  }) {
    const created: unknown[] = [];
    const links: unknown[] = [];
    const handle = aHandle();
    const { person = aPerson(), profile = aProfile(), found = aPanelUser() } = input;
    const known = ports({
      people: { byId: answers(person), profileOf: answers(profile) },
      panel: { userByEmail: answers(found) },
      panelWriter: {
        async createUser(user) {
          created.push(user);
          return input.made ?? succeed({ kind: 'made', user: aPanelUser() });
        },
      },
      accounts: {
        async linkIf(link, seen) {
          links.push([link, seen]);
          return input.linked ?? succeed(true);
        },
      },
    });
    const target = { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null, ...input.given };
    await createPanelAccount.effect(known, target, handle, NEVER);
    return { created, links, steps: handle.steps.map(({ name, end }) => [name, end.kind]), ends: handle.steps };
  }

  const link = [{ userId: USER_ID, panelUserId: 11, username: 'ann' }, null];

  test('makes the account with the sign-in address, then links it', async () => {
    const done = await doIt({});
    expect(done.created).toEqual([{ email: EMAIL, firstName: 'Ann', lastName: 'Example', username: 'ann-b1a7c0de' }]);
    expect(done.links).toEqual([link]);
    expect(done.ends.map(({ end }) => end.words)).toEqual([
      'The panel made account 11.',
      'Panel account 11 is linked.',
    ]);
  });

  test('only links an account that is there, over exactly the entry that was seen', async () => {
    const done = await doIt({ given: { existingPanelUserId: 11, seenPanelUserId: 12 } });
    expect(done.created).toEqual([]);
    expect(done.links).toEqual([[{ userId: USER_ID, panelUserId: 11, username: 'ann' }, 12]]);
  });

  test.each<[string, Profile | null, string, string]>([
    ['no profile', null, 'Customer', 'customer-b1a7c0de'],
    ['a name in another script', aProfile({ firstName: '安' }), '安', 'customer-b1a7c0de'],
    ['a name with accents and blanks', aProfile({ firstName: ' Zoë  Ann ' }), 'Zoë Ann', 'zoeann-b1a7c0de'],
    ['a name of control characters', aProfile({ firstName: '\u0000\u202e' }), 'Customer', 'customer-b1a7c0de'],
    ['a name without end', aProfile({ firstName: 'x'.repeat(500) }), 'x'.repeat(60), `${'x'.repeat(20)}-b1a7c0de`],
  ])('gives the panel names it accepts for %s', async (_name, profile, firstName, username) => {
    expect((await doIt({ profile })).created).toMatchObject([{ firstName, username }]);
  });

  test.each<[string, MadeUser, string]>([
    ['this address', { kind: 'taken', field: 'email' }, 'The panel has an account with this email already.'],
    ['this name', { kind: 'taken', field: 'username' }, 'The panel has an account with this username already.'],
    ['one of them', { kind: 'taken', field: null }, 'The panel has an account with this address or name already.'],
  ])('links nothing where the panel has an account with %s', async (_name, made, words) => {
    const done = await doIt({ made: succeed(made) });
    expect(done.steps).toEqual([['create', 'refused']]);
    expect(done.ends[0]?.end.words).toBe(words);
  });

  test('links what was made though the answer was lost', async () => {
    const done = await doIt({ made: fail(timedOut) });
    expect(done.steps).toEqual([
      ['create', 'unclear'],
      ['link', 'done'],
    ]);
    expect(done.created).toHaveLength(1);
  });

  test.each<[string, Parameters<typeof doIt>[0]]>([
    ['the account was not made', { made: fail(timedOut), found: null }],
    ['the address has another account by now', { given: { existingPanelUserId: 13 } }],
  ])('links nothing where %s', async (_name, input) => {
    expect((await doIt(input)).links).toEqual([]);
  });

  test('does nothing for somebody who is gone', async () => {
    expect((await doIt({ person: null })).steps).toEqual([]);
  });

  test('gives way to an entry that was written meanwhile', async () => {
    const done = await doIt({ linked: succeed(false) });
    expect(done.ends.at(-1)?.end).toEqual({
      kind: 'refused',
      words: 'The entry of external_accounts has changed meanwhile, so nothing was written.',
    });
  });
});

describe('verification', () => {
  const target = { userId: USER_ID, seenPanelUserId: null, existingPanelUserId: null };
  const verify = (
    people: Partial<ActionPorts['people']>,
    panel: Partial<NonNullable<ActionPorts['panel']>>,
    steps = [aStep('create'), aStep('link')],
  ) =>
    createPanelAccount.verify(
      ports({ people: { byId: answers(aPerson()), ...people }, panel }),
      target,
      aWatch(steps),
      NEVER,
    );

  test('is applied once the entry leads to the account with the address', async () => {
    expect(await verify({ externalAccountOf: answers(anAccount()) }, { userByEmail: answers(aPanelUser()) })).toEqual({
      kind: 'applied',
      words: "Panel account 11 has the customer's address and is linked.",
    });
  });

  test('is not applied, and says what is there, where the account is not linked', async () => {
    const sight = await verify({ externalAccountOf: answers(null) }, { userByEmail: answers(aPanelUser()) }, [
      aStep('create', { kind: 'unclear', words: 'No answer.' }),
    ]);
    expect(sight).toEqual({
      kind: 'not-applied',
      words: 'No answer. Panel account 11 exists, but is not linked; trying again links it.',
    });
  });

  test.each<[string, Partial<ActionPorts['people']>]>([
    ['the panel has none', {}],
    ['the person is gone', { byId: answers(null) }],
  ])('is not applied where %s', async (_name, people) => {
    const sight = await verify({ externalAccountOf: answers(null), ...people }, { userByEmail: answers(null) }, []);
    expect(sight).toEqual({
      kind: 'not-applied',
      words: 'The work was cut off. The panel has no account with this address.',
    });
  });

  test.each<[string, Partial<ActionPorts['people']>, Partial<NonNullable<ActionPorts['panel']>>, string]>([
    [
      'the entry',
      { externalAccountOf: isSilent('supabase') },
      { userByEmail: answers(null) },
      'external_accounts could not be read: Supabase did not answer within 4.0 s.',
    ],
    [
      'the person',
      { externalAccountOf: answers(null), byId: isSilent('supabase') },
      {},
      'The panel account could not be looked for: Supabase did not answer within 4.0 s.',
    ],
    [
      'the panel',
      { externalAccountOf: answers(null) },
      { userByEmail: isSilent('pterodactyl') },
      'The panel account could not be looked for: The panel did not answer within 4.0 s.',
    ],
  ])('is unknown where %s cannot be read', async (_name, people, panel, words) => {
    expect(await verify(people, panel)).toEqual({ kind: 'undecided', as: 'unknown', words });
  });

  test('tells no address', async () => {
    const sights = await Promise.all([
      verify({ externalAccountOf: answers(anAccount()) }, { userByEmail: answers(aPanelUser()) }),
      verify({ externalAccountOf: answers(null) }, { userByEmail: answers(aPanelUser()) }),
    ]);
    expect(JSON.stringify(sights)).not.toContain('@');
  });
});
