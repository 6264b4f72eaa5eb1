import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ActionEnd, type Conversation, renderCard, runAction } from '../../src/adapters/terminal/index.ts';
import type { ActionEngine } from '../../src/core/act.ts';
import type { ActionId } from '../../src/core/check.ts';
import { operator } from '../support/engine.ts';
import { openOperatingRoom, type OperatingRoom } from '../support/operating-room.ts';

let room: OperatingRoom;

beforeAll(async () => {
  room = await openOperatingRoom();
});
afterEach(async () => {
  room.sandbox.supabase.faults.clear();
  await room.sandbox.supabase.functions.idle();
});
afterAll(() => room.close());

interface Talk {
  readonly end: ActionEnd;
  readonly questions: readonly string[];
  /** Cards and notes, in the order in which they were shown. */
  readonly shown: string;
  readonly progress: readonly string[];
}

/** Runs an action before somebody who gives these answers; `null`: Ctrl-C. */
async function talk(
  orderId: string,
  answers: readonly (string | null | (() => Promise<string>))[],
  { action = 'retry-provisioning', engine = room.engine() }: { action?: ActionId; engine?: ActionEngine } = {},
): Promise<Talk> {
  const shown: string[] = [];
  const questions: string[] = [];
  const progress: string[] = [];
  const conversation: Conversation = {
    show: (card) => shown.push(renderCard(card, { width: 80, colours: false })),
    note: (line) => shown.push(line),
    async ask(question) {
      questions.push(question);
      const answer = answers[questions.length - 1] ?? null;
      return typeof answer === 'function' ? answer() : answer;
    },
    progress: () => ({ show: (words) => progress.push(words), end() {} }),
    hasProgressLine: true,
  };
  const end = await runAction({
    request: { action, subject: { kind: 'order', id: orderId }, actor: operator, reason: null },
    engine,
    links: () => null,
    conversation,
    isAgreed: false,
  });
  return { end, questions, shown: shown.join('\n\n').replaceAll(/\s+/g, ' '), progress };
}

describe('the question', () => {
  test.each([['n'], [''], ['yeah'], ['yes please'], [null]])('%j does nothing', async (answer) => {
    const order = await room.failedOrder();
    const before = await room.rowOf(order.orderId);
    const { end, shown } = await talk(order.orderId, [answer]);
    expect([end, await room.rowOf(order.orderId)]).toEqual(['not-applied', before]);
    expect(shown).toContain('Nothing was done.');
  });

  test('a yes does it, with every step on the progress line', async () => {
    const order = await room.failedOrder();
    const { end, questions, progress } = await talk(order.orderId, [' Y ']);
    expect([end, questions]).toEqual(['applied', ['Do it? [y/N] ']]);
    expect(progress.some((words) => words.startsWith('Step 1 of 2: Set the status'))).toBe(true);
    expect(progress.some((words) => words.startsWith('Step 2 of 2: Call the provisioning function'))).toBe(true);
    expect(progress.at(-1)).toContain('Watching: ');
    expect(room.serversNamed(order.serverName)).toHaveLength(1);
  });

  test('what cannot be undone is asked a second time, for the beginning of the id', async () => {
    const order = await room.failedOrder();
    expect((await talk(order.orderId, ['y'])).end).toBe('applied');
    const { serverId } = await room.rowOf(order.orderId);
    const { panel } = room.sandbox;
    const server = panel.state.servers.get(serverId ?? 0);
    if (server === undefined) throw new Error('the order has no server');
    panel.installs.cancel(server);
    panel.setServerStatus(server.id, 'install_failed');
    const action = 'reinstall-server';
    const word = order.orderId.slice(0, 8);
    for (const wrong of ['', 'y', word.slice(0, 7), null]) {
      const { end, questions } = await talk(order.orderId, ['y', wrong], { action });
      expect([end, questions.length]).toEqual(['not-applied', 2]);
      expect(panel.state.servers.get(server.id)?.status).toBe('install_failed');
    }
    expect((await talk(order.orderId, ['y', word], { action })).end).toBe('applied');
  });
});

test('what changes between the card and the answer stops it', async () => {
  const order = await room.failedOrder();
  const meanwhile = async (): Promise<string> => {
    await room.sandbox.supabase.sql("update public.orders set region = 'us' where id = $1", [order.orderId]);
    return 'y';
  };
  const { end, shown } = await talk(order.orderId, [meanwhile]);
  expect(end).toBe('not-applied');
  expect(shown).toContain('The facts have changed since this was offered');
  expect(room.serversNamed(order.serverName)).toEqual([]);
});

test('an answer that is lost is watched, and asking again watches on and never calls twice', async () => {
  const order = await room.failedOrder();
  const { functions, faults } = room.sandbox.supabase;
  const calls = () =>
    room.writes.filter(({ line, isOurs }) => isOurs && line.endsWith('/functions/v1/servers-provision')).length;
  const before = calls();
  faults.inject(/\/functions\/v1\/servers-provision/, { kind: 'hang' });
  const impatient = { callTimeoutMs: 300 };
  const first = await talk(order.orderId, ['y'], { engine: room.engine(impatient) });
  expect(first.end).toBe('undecided');
  expect(first.shown).toContain('did not answer in time');
  expect(first.shown).toContain('Watched until at most');
  expect(first.shown).toContain(`pterodoc retry ${order.orderId} goes on watching and never acts twice`);

  const second = await talk(order.orderId, ['y'], { engine: room.engine(impatient) });
  expect([second.end, second.questions]).toEqual(['undecided', []]);
  expect(second.shown).toContain('nothing new is begun');
  expect(calls() - before).toBe(1);

  faults.clear();
  await functions.idle();
  await room.settle(room.engine());
  const third = await talk(order.orderId, ['y']);
  expect([third.end, third.questions.length, calls() - before]).toEqual(['applied', 1, 2]);
  expect(room.serversNamed(order.serverName)).toHaveLength(1);
});

test('meanwhile it looks after what a process left behind that is no more', async () => {
  const left = await room.failedOrder();
  const abandoned = room.engine({ holdMs: 1 });
  const taken = await abandoned.store.claims.take({
    subject: `order:${left.orderId}`,
    action: 'retry-provisioning',
    actor: operator,
    reason: null,
    target: { orderId: left.orderId, userId: 'nobody', seen: { status: 'error', updatedAt: new Date() }, ownerIds: [] },
    holder: abandoned.holder,
    holdMs: 1,
    watchedUntil: new Date(room.time.now().getTime() + 60_000),
    words: 'It was begun.',
  });
  expect(taken).toMatchObject({ ok: true, value: { kind: 'taken' } });
  const order = await room.failedOrder();
  expect((await talk(order.orderId, ['y'])).end).toBe('applied');
  expect(await room.store.claims.liveOf(`order:${left.orderId}`)).toEqual({ ok: true, value: null });
});
