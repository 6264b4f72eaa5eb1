import type { Client } from 'pg';
import type { OutsideWrite } from './operating-room.ts';

/** Two clocks are read one after the other. */
const toleranceMs = 5;

const stepsOf: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^PATCH \/rest\/v1\/orders\?/, ['reset', 'record-failure', 'link', 'restore']],
  [/^POST \/functions\/v1\/servers-provision/, ['invoke']],
  [/^POST \/functions\/v1\/stripe-webhook/, ['deliver']],
];

/**
 * The writes of pterodoc that no step of a live claim covers, or whose claim the audit log did not tell of before.
 * `database` is the store's.
 */
export async function unclaimedWrites(
  writes: readonly OutsideWrite[],
  database: Pick<Client, 'query'>,
): Promise<readonly OutsideWrite[]> {
  const { rows } = await database.query<{
    name: string;
    subject: string;
    begun: number;
    ended: number | null;
    closed: number | null;
    told: number | null;
  }>(
    `select s.name, c.subject, ${msOf('s.begun_at')} as begun, ${msOf('s.ended_at')} as ended,
       ${msOf('c.closed_at')} as closed,
       (select ${msOf('min(a.at)')} from pterodoc.audit a where a.claim_id = c.id and a.event = 'begun') as told
     from pterodoc.claim_steps s join pterodoc.claims c on c.id = s.claim_id`,
  );
  return writes.filter(({ isOurs, line, atMs }) => {
    if (!isOurs) return false;
    const names = stepsOf.find(([match]) => match.test(line))?.[1] ?? [];
    const orderId = /[?&]id=eq\.([\w-]+)/.exec(line)?.[1];
    return !rows.some(
      ({ name, subject, begun, ended, closed, told }) =>
        names.includes(name) &&
        (orderId === undefined || subject === `order:${orderId}`) &&
        begun <= atMs + toleranceMs &&
        (ended ?? Infinity) >= atMs - toleranceMs &&
        (closed ?? Infinity) >= atMs - toleranceMs &&
        (told ?? Infinity) <= atMs + toleranceMs,
    );
  });
}

function msOf(column: string): string {
  return `extract(epoch from ${column})::float8 * 1000`;
}
