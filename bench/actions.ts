import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/adapters/store/index.ts';
import { type Config, readConfig } from '../src/config.ts';
import { performAction } from '../src/core/act.ts';
import type { Actor } from '../src/core/actor.ts';
import { assembleDesk } from '../src/main.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type Bench, openBench } from './bot.ts';
import { median, print, time } from './measure.ts';

const latencyMs = 150;
const runs = 5;
const warmUps = 2;
/**
 * Requests that have to wait for each other beside the function's call: six of the diagnosis by an order's id, one of the
 * search for a server that nobody knows of, the write, and three of the verification.
 */
const roundsInRow = 11;
const actor: Actor = { surface: 'terminal', id: 'ada', name: 'ada', role: 'operator' };

/** One retry, in milliseconds; its parts follow each other. */
interface Retry {
  readonly examineMs: number;
  readonly resetMs: number;
  readonly invokeMs: number;
  readonly verifyMs: number;
}

/**
 * A retry while every upstream answers 150 ms late, beside the requests it cannot do without, one after the other: read
 * the order, set it back, call the function, read the order and its server. The function itself asks the panel and the
 * database, which are as slow to it; its call costs both sides the same. A second baseline is as many bare requests as
 * pterodoc's own sequence has rounds: what is above that is its store and its thinking.
 */
export async function benchActions(): Promise<void> {
  const postgres = await startPostgres();
  const dataDir = await mkdtemp(join(tmpdir(), 'pterodoc-bench-'));
  const count = 3 * (runs + warmUps);
  const bench = await openBench({ latencyMs, failures: count, databaseUrl: await postgres.createDatabase() });
  const config = readConfig({ ...bench.environment, PTERODOC_MODE: 'live' });
  if (!config.ok) throw new Error(config.failure.join('\n'));
  const opened = await openStore({ databaseUrl: null, dataDir });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  const store = opened.value;
  const { desk, engine } = assembleDesk(config.value, store, (error) => {
    print(String(error));
    return 'bug';
  });

  const act = async (orderId: string): Promise<Retry> => {
    const startedAt = performance.now();
    let [examinedAt, resetAt, invokedAt] = [Number.NaN, Number.NaN, Number.NaN];
    const done = await performAction(
      { action: 'retry-provisioning', subject: { kind: 'order', id: orderId }, actor, reason: null },
      engine,
      ({ phase, step, ended }) => {
        const now = performance.now();
        if (phase !== 'acting') return;
        if (step === 'reset') examinedAt = now;
        else if (step === null && ended.length === 1) resetAt = now;
        else if (step === null && ended.length === 2) invokedAt = now;
      },
    );
    const endedAt = performance.now();
    if (done.kind !== 'performed' || done.outcome.kind !== 'applied') throw new Error(JSON.stringify(done));
    return {
      examineMs: examinedAt - startedAt,
      resetMs: resetAt - examinedAt,
      invokeMs: invokedAt - resetAt,
      verifyMs: endedAt - invokedAt,
    };
  };
  const press = async (email: string): Promise<number> => {
    const { card } = await desk.run({ command: 'server-status', input: { who: email }, actor, place: 'staff' });
    const button = card.buttons?.find(({ label }) => label === 'Retry provisioning');
    if (button?.kind !== 'press') throw new Error(`a retry is not offered: ${card.title}`);
    const [tookMs = Number.NaN] = await time(1, async () => {
      const answer = await desk.press({ offerId: button.id, actor, place: 'staff', form: null }, () => undefined);
      if (answer.kind !== 'card') throw new Error('the press was refused');
    });
    return tookMs;
  };

  const retries: (Retry & {
    readonly bareMs: number;
    readonly bareInvokeMs: number;
    readonly pressMs: number;
    readonly rowMs: number;
  })[] = [];
  const emails = [...bench.failed];
  for (let run = 0; run < warmUps + runs; run += 1) {
    const [first = '', second = '', third = ''] = emails.splice(0, 3);
    const bare = await retryBare(config.value, await orderIdOf(bench, first));
    const retry = await act(await orderIdOf(bench, second));
    const pressMs = await press(third);
    const row = await time(roundsInRow, () => readOrder(config.value, '00000000-0000-4000-8000-000000000000'));
    const rowMs = row.reduce((sum, ms) => sum + ms, 0) + bare.bareInvokeMs;
    if (run >= warmUps) retries.push({ ...retry, ...bare, pressMs, rowMs });
  }
  const medianOf = (value: (retry: (typeof retries)[number]) => number): number => median(retries.map(value));
  const ms = (value: (retry: (typeof retries)[number]) => number): string => medianOf(value).toFixed(0);
  const whole = ({ examineMs, resetMs, invokeMs, verifyMs }: Retry): number =>
    examineMs + resetMs + invokeMs + verifyMs;
  print(
    `actions: a retry ${ms(whole)} ms (diagnosis, guard and claim ${ms(({ examineMs }) => examineMs)}, ` +
      `set back ${ms(({ resetMs }) => resetMs)}, the function ${ms(({ invokeMs }) => invokeMs)}, ` +
      `verification ${ms(({ verifyMs }) => verifyMs)}); with the card drawn anew ${ms(({ pressMs }) => pressMs)} ms; ` +
      `bare requests ${ms(({ bareMs }) => bareMs)} ms (the function ${ms(({ bareInvokeMs }) => bareInvokeMs)}), ` +
      `${roundsInRow} and the function ${ms(({ rowMs }) => rowMs)} ms`,
  );
  const ratio = (value: (retry: (typeof retries)[number]) => number): string => medianOf(value).toFixed(2);
  print(
    `actions: ratio to as many requests in a row ${ratio((retry) => whole(retry) / retry.rowMs)}, ` +
      `to the fewest there can be ${ratio((retry) => whole(retry) / retry.bareMs)}, ` +
      `with the card ${ratio(({ pressMs, bareMs }) => pressMs / bareMs)}; ` +
      `load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  );
  await desk.idle();
  await store.close();
  bench.close();
  await rm(dataDir, { recursive: true, force: true });
  await postgres.stop();
}

async function orderIdOf(bench: Bench, email: string): Promise<string> {
  const { entries } = await bench.openBot().ask(email);
  const subject = entries[0]?.subject;
  if (subject?.kind !== 'order') throw new Error(`${email} has no order`);
  return subject.order.id;
}

async function retryBare(
  config: Config,
  orderId: string,
): Promise<{ readonly bareMs: number; readonly bareInvokeMs: number }> {
  const startedAt = performance.now();
  const { status } = await readOrder(config, orderId);
  await askSupabase(config, `/rest/v1/orders?id=eq.${orderId}&status=eq.${status}`, 'PATCH', { status: 'paid' });
  const resetAt = performance.now();
  await askSupabase(config, '/functions/v1/servers-provision', 'POST', { order_id: orderId });
  const invokedAt = performance.now();
  const { pterodactyl_server_id: serverId } = await readOrder(config, orderId);
  if (serverId === null) throw new Error('the function made no server');
  await askPanel(config, `/api/application/servers/${serverId}`);
  return { bareMs: performance.now() - startedAt, bareInvokeMs: invokedAt - resetAt };
}

interface OrderRow {
  readonly status: string;
  readonly pterodactyl_server_id: number | null;
}

async function readOrder(config: Config, orderId: string): Promise<OrderRow> {
  const text = await askSupabase(config, `/rest/v1/orders?id=eq.${orderId}&select=status,pterodactyl_server_id`, 'GET');
  const [row = { status: '', pterodactyl_server_id: null }] = JSON.parse(text) as readonly OrderRow[];
  return row;
}

async function askSupabase(
  { supabase }: Config,
  path: string,
  method: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const key = supabase?.secretKey ?? '';
  const response = await fetch(`${supabase?.url}${path}`, {
    method,
    headers: {
      apikey: key,
      ...(key.startsWith('ey') ? { authorization: `Bearer ${key}` } : {}),
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text;
}

async function askPanel({ pterodactyl }: Config, path: string): Promise<void> {
  const response = await fetch(`${pterodactyl?.url}${path}`, {
    headers: { accept: 'application/json', authorization: `Bearer ${pterodactyl?.applicationKey}` },
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the panel answered ${response.status}`);
}
