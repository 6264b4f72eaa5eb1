import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import type { Performed, Refusal } from '../src/core/act.ts';
import { unclaimedWrites } from '../test/support/claimed-writes.ts';
import { openOperatingRoom, type OperatingRoom, press } from '../test/support/operating-room.ts';
import { startPostgres } from '../test/support/postgres.ts';
import type { PressJob } from '../test/support/pressing-process.ts';
import { type PressingProcess, startPressingProcess } from '../test/support/processes.ts';
import { type Case, cases, type Patient } from './cases.ts';
import { moments, waitFor } from './moments.ts';
import { createRandom } from './random.ts';

/**
 * Kills processes in the middle of an action, at every boundary of every step and at random moments, lets others press
 * and watch afterwards, and counts the servers. Ends with 1 when a purchase got two, or one was left in a state that
 * nobody can explain.
 */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

const holdMs = 300;
const patience = { holdMs, followMs: 100, callTimeoutMs: 5000 };
/** A press by a fresh process lasts about this long. */
const pressLastsMs = 700;
const together = 5;
/** Boundaries of every case are many. */
const allBoundariesFrom = 150;

interface Ward {
  readonly room: OperatingRoom;
  readonly database: Client;
  readonly job: (patients: readonly Patient[]) => PressJob;
  /** Another process, which lives on. */
  readonly other: PressingProcess;
  /** A fresh process to be killed. */
  readonly victim: () => Promise<PressingProcess>;
  readonly close: () => Promise<void>;
}

type Ends = readonly (Performed | Refusal)[] | null;

const violations: string[] = [];
const tally = { kills: 0, untouched: 0, held: 0, madeAfter: 0 };

async function main(): Promise<void> {
  const startedMs = Date.now();
  const postgres = await startPostgres();
  try {
    const databaseUrl = await postgres.createDatabase();
    const room = await openOperatingRoom({ databaseUrl });
    const database = new Client({ connectionString: databaseUrl });
    await database.connect();
    const other = await startPressingProcess();
    const ward = openWard(room, database, databaseUrl, other);
    await killAtBoundaries(ward);
    await killWithFiveAtWork(ward);
    await killAtRandom(ward);
    for (const write of await unclaimedWrites(room.writes, database)) {
      violations.push(`a write without its claim: ${write.line} at ${new Date(write.atMs).toISOString()}`);
    }
    await ward.close();
    await other.close();
    await database.end();
    await room.close();
  } finally {
    await postgres.stop();
  }
  for (const violation of violations) print(`VIOLATION ${violation}`);
  print(
    `${tally.kills} kills in ${Math.round((Date.now() - startedMs) / 1000)} s with seed ${seed}: ` +
      `${violations.length} violations; ${tally.untouched} ended before they were met, ` +
      `${tally.held} held the order afterwards, ${tally.madeAfter} were cured by pressing again.`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}

function openWard(room: OperatingRoom, database: Client, databaseUrl: string, other: PressingProcess): Ward {
  const job = (patients: readonly Patient[]): PressJob => ({
    environment: room.sandbox.environment,
    databaseUrl,
    skips: room.time.skips,
    requests: patients.map(({ action, subject }) => ({ action, subject })),
    patience,
  });
  const start = async (): Promise<PressingProcess> => {
    const victim = await startPressingProcess();
    // Opens the store, which is not what is examined here.
    await victim.press(job([]));
    return victim;
  };
  let next = start();
  return {
    room,
    database,
    other,
    job,
    async victim() {
      const ready = await next;
      next = start();
      return ready;
    },
    close: async () => (await next).close(),
  };
}

async function killAtBoundaries(ward: Ward): Promise<void> {
  for (const one of cases) {
    for (const moment of moments) {
      // All of them where there is time, else each once.
      if (kills < allBoundariesFrom && one.name !== (moment.in ?? 'retry')) continue;
      await killDuring(ward, one, moment.name, async (patient, isOver) => {
        moment.widen?.(ward.room);
        return waitFor(moment, patient, ward.room, ward.database, isOver);
      });
    }
  }
}

async function killAtRandom(ward: Ward): Promise<void> {
  const random = createRandom(seed);
  while (tally.kills < kills) {
    const one = cases[Math.floor(random() * cases.length)] ?? cases[0];
    const afterMs = Math.round(random() * pressLastsMs);
    if (one === undefined) return;
    await killDuring(ward, one, `${afterMs} ms`, async (_patient, isOver) => {
      await sleep(afterMs);
      return !isOver();
    });
  }
}

async function killDuring(
  ward: Ward,
  one: Case,
  when: string,
  wait: (patient: Patient, isOver: () => boolean) => Promise<boolean>,
): Promise<void> {
  const patient = await one.admit(ward.room);
  const victim = await ward.victim();
  const heal = patient.trouble(ward.room);
  let isOver = false;
  const pressed = victim.press(ward.job([patient])).finally(() => (isOver = true));
  const isMet = await wait(patient, () => isOver);
  await victim.kill();
  await pressed;
  tally.kills += 1;
  if (!isMet) tally.untouched += 1;
  const { supabase, panel } = ward.room.sandbox;
  for (const { faults } of [supabase, panel]) faults.clear();
  await expectHealthy(ward, [patient], `${one.name}, killed at: ${when}`, heal);
}

async function killWithFiveAtWork(ward: Ward): Promise<void> {
  const random = createRandom(seed + 1);
  const [retry] = cases;
  if (retry === undefined) return;
  for (let round = 0; round < Math.max(2, Math.round(kills / 25)); round += 1) {
    const patients: Patient[] = [];
    for (let count = 0; count < together; count += 1) patients.push(await retry.admit(ward.room));
    const afterMs = Math.round(random() * 2 * pressLastsMs);
    const victim = await ward.victim();
    const pressed = victim.press(ward.job(patients));
    await sleep(afterMs);
    await victim.kill();
    await pressed;
    tally.kills += 1;
    await expectHealthy(ward, patients, `${together} retries at once, killed after ${afterMs} ms`, () => undefined);
  }
}

/** Presses at once, when the hold has run out, and when everything has settled; then looks at what there is. */
async function expectHealthy(
  ward: Ward,
  patients: readonly Patient[],
  what: string,
  heal: () => unknown,
): Promise<void> {
  const { room, other } = ward;
  const watcher = room.engine({ holdMs, followMs: 100 });
  note(await other.press(ward.job(patients)));
  await sleep(holdMs + 50);
  heal();
  note(await other.press(ward.job(patients)));
  await room.settle(watcher);
  for (const patient of patients) await expectSane(ward, patient, `${what}, once settled`);
  // What is still without a server gets it now, and what has one keeps to it.
  for (const patient of patients) await cure(room, patient);
  await room.settle(watcher);
  for (const patient of patients) {
    await expectSane(ward, patient, `${what}, in the end`);
    const [serverId] = room.serversNamed(patient.serverName);
    const named = (await room.rowsOf(patient.subscriptionId)).map((row) => row.serverId);
    if (serverId === undefined || named.length !== 1 || named[0] !== serverId) {
      violations.push(`${what}: the purchase ends with server ${serverId} and its orders name [${named.join(', ')}]`);
    }
  }
}

function note(ends: Ends): void {
  for (const end of ends ?? []) {
    if (end.kind === 'refused' && end.by === 'claim') tally.held += 1;
  }
}

async function cure(room: OperatingRoom, patient: Patient): Promise<void> {
  const engine = room.engine({ holdMs, followMs: 1000 });
  const [row] = await room.rowsOf(patient.subscriptionId);
  if (row === undefined) {
    await press(engine, 'redeliver-webhook', patient.subject);
  } else if (row.serverId === null) {
    const retried = await press(engine, 'retry-provisioning', row.id);
    if (retried.kind === 'refused') await press(engine, 'link-server', row.id);
  } else return;
  tally.madeAfter += 1;
}

async function expectSane({ room, database }: Ward, patient: Patient, what: string): Promise<void> {
  const servers = room.serversNamed(patient.serverName);
  const rows = await room.rowsOf(patient.subscriptionId);
  const say = (words: string): void => {
    violations.push(`${what}: ${words} (servers [${servers.join(', ')}], orders ${JSON.stringify(rows)})`);
  };
  if (servers.length > 1) say('two servers');
  if (rows.length > 1) say('two orders');
  const live = await database.query('select 1 from pterodoc.claims where closed_at is null');
  if (live.rows.length > 0) say('a claim is live for ever');
  const [row] = rows;
  if (row === undefined) {
    if (servers.length > 0) say('a server without an order');
    return;
  }
  if (row.serverId !== null) {
    if (servers[0] !== row.serverId) say('the order names a server that is not there');
    if (row.status !== 'provisioned') say('the order has its server and another status');
    return;
  }
  if (servers.length === 0) {
    if (!['error', 'paid', 'provisioning'].includes(row.status)) say('a status that promises a server');
    return;
  }
  const told = await database.query<{ words: string }>(
    `select words from pterodoc.audit where subject = $1 and event in ('outcome', 'refused') order by number desc limit 1`,
    [`order:${row.id}`],
  );
  if (!/SRV-002/.test(told.rows[0]?.words ?? '')) say(`an orphan that nobody told of: ${told.rows[0]?.words}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
