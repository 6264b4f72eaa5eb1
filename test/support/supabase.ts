import type { UpstreamFailure } from '../../src/core/failure.ts';
import type { Result } from '../../src/core/result.ts';
import type { Fault, FaultBoard } from '../../src/sandbox/faults.ts';
import type { SupabaseWorld } from '../../src/sandbox/supabase/index.ts';

/** A signal that nobody gives. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** What was answered; throws when it failed. */
export async function valueOf<T>(answer: Promise<Result<T, UpstreamFailure>>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.failure)}`);
  return result.value;
}

/** How it failed; throws when it did not. */
export async function failureOf(answer: Promise<Result<unknown, UpstreamFailure>>): Promise<UpstreamFailure> {
  const result = await answer;
  if (result.ok) throw new Error(`did not fail: ${JSON.stringify(result.value)}`);
  return result.failure;
}

/** Lines `METHOD /path` of the requests that arrive from now on. */
export function watchRequests(faults: FaultBoard): readonly string[] {
  const seen: string[] = [];
  const notice = Object.assign(/./, {
    test(line: string) {
      seen.push(line);
      return false;
    },
  });
  faults.inject(notice, { kind: 'hang' });
  return seen;
}

/** An order of a new person, in the shop's own words; `null` leaves a column empty, `undefined` leaves it out. */
export async function insertOrder(world: SupabaseWorld, row: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { id } = await world.addUser({ email: `${crypto.randomUUID()}@example.com` });
  const columns = {
    user_id: id,
    item_type: 'game',
    plan_id: 'mc-4',
    term: 'monthly',
    region: 'eu',
    server_name: 'Creeper Camp',
    status: 'error',
    ...row,
  };
  const wanted = Object.entries(columns).filter(([, value]) => value !== undefined);
  const places = wanted.map((_, at) => `$${at + 1}`).join(', ');
  const rows = await world.sql<{ id: string }>(
    `insert into orders (${wanted.map(([name]) => name).join(', ')}) values (${places}) returning id`,
    wanted.map(([, value]) => value),
  );
  return rows[0]?.id ?? '';
}

/** What a write can meet on its way, and how the failure is called then. */
export const writeTroubles: readonly (readonly [string, Fault, UpstreamFailure['kind']])[] = [
  ['hang', { kind: 'hang' }, 'timed-out'],
  ['slow-drip', { kind: 'slow-drip' }, 'timed-out'],
  ['reset', { kind: 'reset' }, 'unreachable'],
  ['html-200', { kind: 'html-200' }, 'unexpected-shape'],
  ['truncated-json', { kind: 'truncated-json' }, 'unexpected-shape'],
  ['redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'unexpected-shape'],
  ['an empty 204', { kind: 'status', status: 204 }, 'unexpected-shape'],
  ['401', { kind: 'status', status: 401, body: { message: 'secret words' } }, 'credentials-rejected'],
  ['401 from the future', { kind: 'status', status: 401, body: { code: 'PGRST303' } }, 'credentials-rejected'],
  ['403', { kind: 'status', status: 403, body: { message: 'secret words' } }, 'not-permitted'],
  ['409', { kind: 'status', status: 409, body: { code: '23503', details: 'ann@example.com' } }, 'request-refused'],
  ['429', { kind: 'status', status: 429, headers: { 'retry-after': '7' } }, 'rate-limited'],
  ['500', { kind: 'status', status: 500, body: 'secret words' }, 'upstream-broken'],
  ['503', { kind: 'status', status: 503, body: { code: 'PGRST002' } }, 'upstream-broken'],
];
