import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { actions } from '../../src/core/actions/index.ts';
import type { ActionId } from '../../src/core/check.ts';
import { can, roles } from '../../src/core/permission.ts';
import type { AuditRecord } from '../../src/core/store-ports.ts';
import { openPolicyDesk, type PolicyDesk } from '../support/policy-desk.ts';
import { openPolicyDiscord } from '../support/policy-discord.ts';
import { openPolicySlack } from '../support/policy-slack.ts';
import type { Account, PolicyStage, StageOptions } from '../support/policy-stage.ts';
import {
  type CountsAs,
  countsAs,
  type Ending,
  endingFor,
  leastRoleFor,
  type Standing,
  type Thing,
  things,
} from './policy.ts';

const isCommand = (thing: Thing): boolean => thing.startsWith('/');
const actionOf = (thing: Thing): ActionId | null => actions.find(({ label }) => label === thing)?.id ?? null;

describe('the policy', () => {
  const offered = [...commands.map(({ name }) => `/${name}`), ...actions.map(({ label }) => label)];

  test('names every command and every action, and beside them only what merely looks', () => {
    const views: readonly string[] = ['Re-check', 'Details', 'Another purchase'];
    expect(things.filter((thing) => !views.includes(thing)).toSorted()).toEqual(offered.toSorted());
  });

  test.each([
    ...commands.map(({ name, permission }) => [`/${name}`, permission] as const),
    ...actions.map(({ label, permission }) => [label, permission] as const),
  ])('%s asks for what core asks for', (thing, permission) => {
    const held = [null, ...roles].filter((role) => can(role, permission));
    const told = [null, ...roles].filter((role) => endingFor(role, thing as Thing) === 'done');
    expect(told).toEqual(held);
    expect(told[0]).toBe(leastRoleFor[thing as Thing]);
  });
});

/** One cell of the table: somebody tries something. */
interface Attempt {
  readonly standing: Standing;
  readonly thing: Thing;
  readonly account: Account;
  readonly orderId: string;
}

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

const platforms: readonly (readonly [
  name: 'discord' | 'slack',
  open: (options: StageOptions) => Promise<PolicyStage>,
])[] = [
  ['discord', openPolicyDiscord],
  ['slack', openPolicySlack],
];

describe.each(platforms)('on %s', (name, open) => {
  const log: string[] = [];
  let office: PolicyDesk;
  let stage: PolicyStage;
  const everybody = Object.entries(countsAs[name]) as readonly (readonly [Standing, CountsAs])[];

  beforeAll(async () => {
    office = openPolicyDesk();
    stage = await open({ desk: office.desk, note: (line) => log.push(line) });
  });
  afterAll(async () => {
    await stage.close();
    expect(office.bugs).toEqual([]);
    expect(log.filter((line) => !/commands were registered|Everybody can read/.test(line))).toEqual([]);
  });

  /** An account and an order for every cell, with the card of each order in the support channel. */
  async function prepare(standings: readonly Standing[], tried: readonly Thing[]): Promise<readonly Attempt[]> {
    const attempts = standings.flatMap((standing) =>
      tried.map((thing): Attempt => {
        const { orderId } = office.buy(actionOf(thing) ?? 'retry-provisioning');
        return { standing, thing, account: stage.account(standing), orderId };
      }),
    );
    await stage.post(attempts.filter(({ thing }) => !isCommand(thing)).map(({ orderId }) => orderId));
    return attempts;
  }

  test('everybody can do what the policy says, and nothing else', async () => {
    const attempts = await prepare(
      everybody.map(([standing]) => standing),
      things,
    );
    expect(await tableOf(attempts, office)).toEqual(expectedTable(everybody, things));
  });

  test('whoever has lost the role since the card was posted can do nothing with it', async () => {
    const staff: readonly Standing[] = ['support', 'operator', 'admin'];
    const attempts = await prepare(staff, things);
    for (const { account } of attempts) account.dismiss();
    const nobodies = staff.map((standing): readonly [Standing, CountsAs] => [standing, null]);
    expect(await tableOf(attempts, office)).toEqual(expectedTable(nobodies, things));
  });

  test('whoever loses the role between the question and the yes changes nothing', async () => {
    const [reinstall, vouch] = await Promise.all([
      prepare(['operator'], ['Reinstall server']),
      prepare(['admin'], ['Vouch']),
    ]);
    for (const attempt of [...reinstall, ...vouch]) {
      expect(await endOfPress(attempt, office, () => attempt.account.dismiss())).toBe('refused');
    }
  });
});

function expectedTable(standings: readonly (readonly [Standing, CountsAs])[], tried: readonly Thing[]): Table {
  return Object.fromEntries(
    standings.map(([standing, who]) => [
      standing,
      Object.fromEntries(tried.map((thing) => [thing, endingFor(who, thing)])),
    ]),
  );
}

async function tableOf(attempts: readonly Attempt[], office: PolicyDesk): Promise<Table> {
  const waiting = [...attempts];
  const table: Record<string, Record<string, string>> = {};
  const tryOneAfterTheOther = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const end = isCommand(next.thing) ? await endOfCommand(next) : await endOfPress(next, office);
      (table[next.standing] ??= {})[next.thing] = end;
      next.account.leave();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, tryOneAfterTheOther));
  return table;
}

/** Most of the time an outcome waits for the platform's pace of changes; more than these, and first answers are late. */
const atOnce = 20;

const turnedAway = 'You may not use this here';

async function endOfCommand({ thing, account, orderId }: Attempt): Promise<Ending | string> {
  const told = await account.ask(thing, orderId);
  const isSilent = !told.includes(orderId) && !told.includes('@example.com');
  if (told.includes(turnedAway) && isSilent) return 'turned away';
  if (told.includes(`You may not use ${thing}`) && told.includes('This is for staff') && isSilent) return 'refused';
  if (told.includes(`You may not use ${thing}`) && told.includes('Your role') && isSilent) return 'refused';
  return answerWords[thing]?.test(told) === true ? 'done' : told.slice(0, 300);
}

/** What the answers of the commands are known by. */
const answerWords: Readonly<Partial<Record<Thing, RegExp>>> = {
  '/server-status': /Not everything could be read/,
  '/pterodoc orders': /orders are not healthy/,
  '/pterodoc webhooks': /Stripe is not configured/,
  '/pterodoc help': /What pterodoc can do/,
  '/pterodoc audit': /Audit/,
};

async function endOfPress(
  { thing, account, orderId }: Attempt,
  office: PolicyDesk,
  beforeYes?: () => void,
): Promise<Ending | string> {
  const { told, isCardChanged } = await account.press(orderId, thing, beforeYes);
  const doers = office.doersOn(orderId);
  const isUntouched = !isCardChanged && doers.length === 0;
  if (told?.includes(turnedAway) === true && isUntouched) return 'turned away';
  const audited = (await auditOf(orderId, office)).filter(({ actor }) => actor.id === account.id);
  if (told?.includes('You may not press this') === true && isUntouched) {
    const isAudited = actionOf(thing) === null || audited.some(({ event }) => event === 'refused');
    return isAudited ? 'refused' : 'refused without a trace';
  }
  const expected = actionOf(thing) === null ? [] : [account.id];
  const isDone = told === null && isCardChanged && JSON.stringify(doers) === JSON.stringify(expected);
  return isDone ? 'done' : JSON.stringify({ told, isCardChanged, doers });
}

async function auditOf(orderId: string, { store }: PolicyDesk): Promise<readonly AuditRecord[]> {
  const listed = await store.audit.list({ subject: `order:${orderId}`, limit: 20 });
  if (!listed.ok) throw new Error('the audit log could not be read');
  return listed.value;
}
