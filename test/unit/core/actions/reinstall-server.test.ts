import { describe, expect, test } from 'vitest';
import { reinstallServer } from '../../../../src/core/actions/reinstall-server.ts';
import type { StepRecord } from '../../../../src/core/claim.ts';
import type { Order } from '../../../../src/core/evidence.ts';
import { panelSettlesMs } from '../../../../src/core/execution.ts';
import {
  aHandle,
  aSituation,
  aStep,
  answers,
  aWatch,
  forbids,
  isSilent,
  NEVER,
  ports,
  reasonOf,
} from '../../../builders/actions.ts';
import { anOrderEntry, aSessionEntry } from '../../../builders/diagnosis.ts';
import { aFailedOrder, anOrder, ORDER_ID } from '../../../builders/merchant.ts';
import { aPanelServer, aWings } from '../../../builders/panel.ts';
import { outage, type Overrides } from '../../../builders/readings.ts';
import { aSession } from '../../../builders/stripe.ts';
import { ago, MINUTE, NOW } from '../../../builders/time.ts';

const broken = aPanelServer({ status: 'install_failed' });
const target = { orderId: ORDER_ID, serverId: 501, seenStatus: 'install_failed' };

function guard(over: Overrides = {}, order: Order = anOrder()) {
  return reinstallServer.guard(aSituation(anOrderEntry(order, { namedServer: broken, ...over })));
}

describe('the guard', () => {
  test('allows a server whose installation failed', () => {
    expect(guard()).toEqual({ kind: 'allowed', target, warnings: [] });
  });

  test('warns of files where an earlier installation had gone well', () => {
    expect(guard({ namedServer: aPanelServer({ status: 'reinstall_failed' }) })).toMatchObject({
      kind: 'allowed',
      warnings: ['It was reinstalled before: files of an earlier installation may be overwritten.'],
    });
  });

  test.each<[string, Overrides, Order, string]>([
    ['the order names no server', {}, aFailedOrder(), 'This order names no server.'],
    ['the panel does not have it', { namedServer: null }, anOrder(), 'The panel does not have server 501.'],
    [
      'it cannot be looked at',
      { namedServer: outage('pterodactyl') },
      anOrder(),
      'Server 501 could not be checked: The panel did not answer within 4.0 s.',
    ],
    [
      "it is somebody else's (SRV-006)",
      { namedServer: { ...broken, ownerId: 99 } },
      anOrder(),
      "Server 501 is not provably this customer's (SRV-006).",
    ],
    [
      'nobody can tell the owner',
      { namedServer: { ...broken, ownerId: 99 }, linkedPanelUser: outage('pterodactyl') },
      anOrder(),
      'Whose server 501 is could not be checked: The panel did not answer within 4.0 s.',
    ],
    ...[null, 'installing', 'suspended', 'restoring_backup'].map((status): [string, Overrides, Order, string] => [
      `its state is ${status}`,
      { namedServer: aPanelServer({ status }) },
      anOrder(),
      'The installation of server 501 has not failed: a reinstallation could overwrite its files.',
    ]),
  ])('refuses where %s', (_name, over, order, reason) => {
    expect(reasonOf(guard(over, order))).toBe(reason);
  });

  const silent = ['unreachable', 'token-mismatch', 'failing'] as const;

  test.each(silent)("refuses while the panel finds the node's Wings %s (INS-003)", (state) => {
    expect(reasonOf(guard({ wings: aWings({ state, power: null }) }))).toBe(
      'Wings on node eu-1 does not answer the panel as it should (INS-003). Restart it before anything is installed there.',
    );
  });

  test.each(silent)("only warns where the bot finds the node's Wings %s: the panel may reach it", (state) => {
    expect(guard({ wings: aWings({ state, askedThrough: 'bot' }) })).toMatchObject({
      kind: 'allowed',
      warnings: [
        'Wings on node eu-1 does not answer the bot as it should (INS-003). The panel may reach it all the same.',
      ],
    });
  });

  test.each<[string, Overrides]>([
    ['does not know the server', { wings: aWings({ state: 'server-unknown' }) }],
    ['could not be asked', { wings: outage('pterodactyl') }],
    ['is on no node', { wings: null }],
  ])('is not stopped where Wings %s', (_name, over) => {
    expect(guard(over)).toEqual({ kind: 'allowed', target, warnings: [] });
  });

  test('refuses what is no order', () => {
    expect(reasonOf(reinstallServer.guard(aSituation(aSessionEntry(aSession()))))).toContain('This acts on an order');
  });
});

test('is asked twice: it cannot be undone', () => {
  expect(reinstallServer).toMatchObject({ asksTwice: true, style: 'danger', permission: 'act.reinstall' });
});

test.each([
  ['is as it was seen', answers(broken), null],
  ['has changed', answers(aPanelServer({ status: 'installing' })), 'Server 501 has changed meanwhile.'],
  ['is gone', answers(null), 'Server 501 has changed meanwhile.'],
  [
    'cannot be read',
    isSilent('pterodactyl'),
    'Server 501 could not be checked: The panel did not answer within 4.0 s.',
  ],
] as const)('looks again at a server that %s', async (_name, server, reason) => {
  const decision = await reinstallServer.look(ports({ panel: { server } }), target, aSituation(anOrderEntry()), NEVER);
  expect(decision.kind === 'refused' ? decision.reason : null).toBe(reason);
});

test('the plan says what is lost', () => {
  expect(reinstallServer.plan(target)).toEqual({
    what: 'Reinstall server 501.',
    changes: [
      { thing: 'State of the server', before: 'install_failed', after: 'installing' },
      {
        thing: 'Files of the server',
        before: 'as the failed installation left them',
        after: 'overwritten by the install script',
      },
    ],
    steps: [{ name: 'reinstall', label: "Run the egg's install script again" }],
    note: 'This cannot be undone.',
  });
});

test.each([
  ['accepts it', answers(undefined), 'done', 'The panel accepted the reinstallation.'],
  ['forbids it', forbids('pterodactyl'), 'refused', "The panel does not allow this with the bot's key."],
  [
    'does not answer',
    isSilent('pterodactyl'),
    'unclear',
    'The panel did not answer within 4.0 s. It may have been written all the same.',
  ],
] as const)('asks once, and tells where the panel %s', async (_name, answer, kind, words) => {
  const asked: number[] = [];
  const handle = aHandle();
  const panelWriter = {
    reinstall(id: number) {
      asked.push(id);
      return answer();
    },
  };
  await reinstallServer.effect(ports({ panelWriter }), target, handle, NEVER);
  expect(asked).toEqual([501]);
  expect(handle.steps).toEqual([{ name: 'reinstall', end: { kind, words } }]);
});

describe('verification', () => {
  const begunAt = ago(MINUTE);
  const verify = (
    server: ReturnType<typeof aPanelServer> | null,
    steps: readonly StepRecord[] = [aStep('reinstall')],
    now: Date = NOW,
  ) => reinstallServer.verify(ports({ panel: { server: answers(server) } }), target, aWatch(steps, { now }), NEVER);

  test.each([
    ['installing', 'The panel is installing server 501 again; the install stage of the order shows how it goes.'],
    [null, 'Server 501 is installed.'],
  ])('is applied once the state is %s', async (status, words) => {
    expect(await verify(aPanelServer({ status }))).toEqual({ kind: 'applied', words });
  });

  test.each([
    ['still the failed one', broken, 'It ended: done. Server 501 is "install_failed".'],
    ['gone', null, 'It ended: done. Server 501 is "gone".'],
  ])('is not applied where the server is %s', async (_name, server, words) => {
    expect(await verify(server)).toEqual({ kind: 'not-applied', words });
  });

  test('says so where the panel was never asked', async () => {
    expect((await verify(broken, [])).words).toBe('The panel was not asked. Server 501 is "install_failed".');
  });

  test.each([
    ['no answer came', aStep('reinstall', { kind: 'unclear', words: 'No answer.' }, { begunAt }), 'No answer.'],
    ['the process died', aStep('reinstall', null, { begunAt }), 'The request was cut off.'],
  ])('waits for the panel where %s', async (_name, step, words) => {
    const until = begunAt.getTime() + 2 * panelSettlesMs;
    expect(await verify(broken, [step], new Date(until - 1))).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: `${words} Watching until 12:00:20 UTC.`,
    });
    expect((await verify(broken, [step], new Date(until))).kind).toBe('not-applied');
  });

  test('is unknown where the panel does not answer', async () => {
    const sight = await reinstallServer.verify(
      ports({ panel: { server: isSilent('pterodactyl') } }),
      target,
      aWatch(),
      NEVER,
    );
    expect(sight).toEqual({
      kind: 'undecided',
      as: 'unknown',
      words: 'Server 501 could not be looked at: The panel did not answer within 4.0 s.',
    });
  });
});
