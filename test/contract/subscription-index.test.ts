import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSupabaseWriters } from '../../src/adapters/supabase/index.ts';
import type { SubscriptionIndexReader } from '../../src/core/action-ports.ts';
import { referenceSchema } from '../../src/core/merchant-schema.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { startSupabase, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';
import { cacheDir } from '../support/clinic.ts';
import { failureOf, never, valueOf } from '../support/supabase.ts';

let world: SupabaseWorld;
let reader: SubscriptionIndexReader;

function readerOf(secretKey: string): SubscriptionIndexReader {
  return createSupabaseWriters({ url: world.url, secretKey, schema: referenceSchema }).subscriptionIndex;
}

beforeAll(async () => {
  world = await startSupabase({ clock: createWorldClock(), cacheDir });
});
beforeEach(() => {
  reader = readerOf(world.secretKey);
});
afterEach(async () => {
  world.faults.clear();
  await world.sql('alter table orders drop constraint if exists candidate');
  await world.sql('drop index if exists candidate');
});
afterAll(() => world.stop());

test('the shop as it comes does not keep a subscription from having two orders', async () => {
  expect(await valueOf(reader.isUnique(never()))).toBe(false);
});

test.each([
  ['create unique index candidate on orders (stripe_sub_id)', true],
  ['alter table orders add constraint candidate unique (stripe_sub_id)', true],
  ['create unique index candidate on orders (stripe_sub_id) where stripe_sub_id is not null', true],
  ['create unique index candidate on orders (stripe_sub_id desc) include (status)', true],
  ['create index candidate on orders (stripe_sub_id)', false],
  ['create unique index candidate on orders (stripe_sub_id, server_name)', false],
  ['create unique index candidate on orders (server_name, stripe_sub_id)', false],
  ['create unique index candidate on orders (lower(stripe_sub_id))', false],
  ["create unique index candidate on orders (stripe_sub_id) where status = 'paid'", false],
  [
    "create unique index candidate on orders (stripe_sub_id) where stripe_sub_id is not null and status = 'paid'",
    false,
  ],
  ['create unique index candidate on orders (id)', false],
  ['create unique index candidate on plans (stripe_price_id)', false],
])('%s: %s', async (statement, isUnique) => {
  await world.sql(statement);
  expect(await valueOf(reader.isUnique(never()))).toBe(isUnique);
});

test('an index that did not come to its end does not count', async () => {
  await world.sql('create unique index candidate on orders (stripe_sub_id)');
  await world.sql("update pg_index set indisvalid = false where indexrelid = 'candidate'::regclass");
  expect(await valueOf(reader.isUnique(never()))).toBe(false);
});

test('only the secret key is told', async () => {
  expect(await valueOf(readerOf(world.publishableKey).isUnique(never()))).toBeNull();
  expect(await valueOf(readerOf(world.serviceRoleKey).isUnique(never()))).toBe(false);
});

test('an answer that is none is named', async () => {
  world.faults.inject(/rpc/, { kind: 'status', status: 200, body: { is: true } });
  expect((await failureOf(reader.isUnique(never()))).kind).toBe('unexpected-shape');
});

test('nobody can tell without the function, and everybody at once when it is back', async () => {
  const [made] = await world.sql<{ sql: string }>(
    "select pg_get_functiondef('public.pterodoc_subscription_is_unique()'::regprocedure) as sql",
  );
  await world.sql('drop function public.pterodoc_subscription_is_unique()');
  expect(await valueOf(reader.isUnique(never()))).toBeNull();
  await world.sql(made?.sql ?? '');
  await world.sql('grant execute on function public.pterodoc_subscription_is_unique() to service_role');
  expect(await valueOf(reader.isUnique(never()))).toBe(false);
});
