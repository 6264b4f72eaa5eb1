import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { OperatingRoom } from '../test/support/operating-room.ts';
import type { CaseName, Patient } from './cases.ts';

/** A moment within an action that something can be killed at. */
export interface Moment {
  readonly name: string;
  /** The case it comes in, where that is not the plain retry. */
  readonly in?: CaseName;
  /** Holds answers back where the moment would be too short to be met. */
  readonly widen?: (room: OperatingRoom) => void;
  readonly hasCome: (look: Look) => boolean;
}

/** What can be seen of an action from outside of its process. */
export interface Look {
  readonly audit: readonly string[];
  readonly hasClaim: boolean;
  readonly begun: readonly string[];
  readonly ended: readonly string[];
  /** Requests of pterodoc since the action was pressed. */
  readonly asked: readonly string[];
  readonly servers: number;
  readonly named: boolean;
}

const ownPatch = /^PATCH \/rest\/v1\/orders\?.*updated_at=/;
const ownCall = /^POST \/functions\/v1\//;
const createServer = /^POST \/api\/application\/servers$/;
const holdBackMs = 250;
const back = { kind: 'delay-after', ms: holdBackMs } as const;

/** Every boundary of every step, from the first word of the audit log to just before the end. */
export const moments: readonly Moment[] = [
  { name: 'asked', hasCome: ({ audit }) => audit.includes('asked') },
  { name: 'claimed', hasCome: ({ hasClaim }) => hasClaim },
  { name: 'first step begun', hasCome: ({ begun }) => begun.length >= 1 },
  {
    name: 'the row is written, and the answer is not there yet',
    widen: ({ sandbox }) => sandbox.supabase.faults.inject(ownPatch, back),
    hasCome: ({ asked }) => asked.some((line) => ownPatch.test(line)),
  },
  { name: 'first step ended', hasCome: ({ ended }) => ended.length >= 1 },
  { name: 'second step begun', hasCome: ({ begun }) => begun.length >= 2 },
  { name: 'the function is called', hasCome: ({ asked }) => asked.some((line) => ownCall.test(line)) },
  {
    name: 'the server is made, and the function does not know it yet',
    widen: ({ sandbox }) => sandbox.panel.faults.inject(createServer, back),
    hasCome: ({ servers }) => servers > 0,
  },
  {
    name: 'the order names its server, and the function has not answered',
    widen: ({ sandbox }) => sandbox.supabase.faults.inject(/^POST \/functions\/v1\/servers-provision$/, back),
    hasCome: ({ named }) => named,
  },
  { name: 'second step ended', hasCome: ({ ended }) => ended.length >= 2 },
  { name: 'third step begun', in: 'retry that the panel refuses', hasCome: ({ begun }) => begun.length >= 3 },
  { name: 'third step ended', in: 'retry that the panel refuses', hasCome: ({ ended }) => ended.length >= 3 },
  {
    name: 'everything is done, and nobody has looked yet',
    widen: ({ sandbox }) => sandbox.panel.faults.inject(/^GET \/api\/application\/servers\/\d+/, back),
    hasCome: ({ named, begun, ended }) => named && begun.length > 0 && begun.length === ended.length,
  },
];

/** Resolves once the moment has come, or the action is over without it. */
export async function waitFor(
  moment: Moment,
  patient: Patient,
  room: OperatingRoom,
  database: Client,
  isOver: () => boolean,
): Promise<boolean> {
  const sinceWrite = room.writes.length;
  const { rows } = await database.query<{ number: number }>(
    'select coalesce(max(number), 0)::int as number from pterodoc.audit',
  );
  const sinceAudit = rows[0]?.number ?? 0;
  for (;;) {
    if (moment.hasCome(await lookAt(patient, room, database, { sinceWrite, sinceAudit }))) return true;
    if (isOver()) return false;
    await sleep(4);
  }
}

async function lookAt(
  patient: Patient,
  room: OperatingRoom,
  database: Client,
  { sinceWrite, sinceAudit }: { readonly sinceWrite: number; readonly sinceAudit: number },
): Promise<Look> {
  const subject = `${patient.subject.kind}:${patient.subject.id}`;
  const { rows } = await database.query<{ kind: string; name: string; ended: boolean }>(
    `select 'claim' as kind, id as name, false as ended from pterodoc.claims where subject = $1 and closed_at is null
     union all select 'audit', event, false from pterodoc.audit where subject = $1 and number > $2
     union all select 'step', s.name, s.ended_at is not null
       from pterodoc.claim_steps s join pterodoc.claims c on c.id = s.claim_id
       where c.subject = $1 and c.closed_at is null`,
    [subject, sinceAudit],
  );
  const steps = rows.filter(({ kind }) => kind === 'step');
  const orders = await room.rowsOf(patient.subscriptionId);
  return {
    audit: rows.filter(({ kind }) => kind === 'audit').map(({ name }) => name),
    hasClaim: rows.some(({ kind }) => kind === 'claim'),
    begun: steps.map(({ name }) => name),
    ended: steps.filter(({ ended }) => ended).map(({ name }) => name),
    asked: room.writes.slice(sinceWrite).flatMap(({ line, isOurs }) => (isOurs ? [line] : [])),
    servers: room.serversNamed(patient.serverName).length,
    named: orders.some(({ serverId }) => serverId !== null),
  };
}
