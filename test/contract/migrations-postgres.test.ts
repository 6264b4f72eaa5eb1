import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { availableOrigins, type PrivatePostgres, startPostgres } from '../support/postgres.ts';

const MIGRATIONS = new URL('../../supabase/migrations/', import.meta.url);
const migrations = readdirSync(MIGRATIONS)
  .filter((file) => file.endsWith('.sql'))
  .toSorted()
  .map((file) => readFileSync(new URL(file, MIGRATIONS), 'utf8'));
const shopSchema = readFileSync(new URL('../../src/sandbox/supabase/schema.sql', import.meta.url), 'utf8');

/**
 * What a Supabase project has before the shop's own tables. Its default privileges hand every new function to
 * everybody, which is what the migrations must take back: https://supabase.com/docs/guides/database/functions
 */
const PROJECT = `
  do $$ begin
    create role anon nologin; create role authenticated nologin; create role service_role nologin bypassrls;
    create role stranger nologin;
  exception when duplicate_object then null; end $$;
  alter default privileges in schema public grant execute on functions to anon, authenticated, service_role;
  grant usage on schema public to anon, authenticated, service_role, stranger;
  create schema auth;
  create table auth.users (id uuid primary key, email text, deleted_at timestamptz);
  create function auth.uid() returns uuid language sql stable as 'select null::uuid';
  create schema sandbox;
  create function sandbox.now() returns timestamptz language sql stable as 'select now()';
`;

const shippedFunctions = [
  'pterodoc_user_id_by_email(text)',
  'pterodoc_node_usage()',
  'pterodoc_missing_indexes()',
  'pterodoc_subscription_is_unique()',
] as const;

const ADA = '00000000-0000-4000-8000-00000000000a';
const FIRST_NODE = '00000000-0000-4000-8000-000000000001';
const SECOND_NODE = '00000000-0000-4000-8000-000000000002';

describe.each(availableOrigins())('on the Postgres of the %s', (origin) => {
  let postgres: PrivatePostgres;
  let client: Client;

  beforeAll(async () => {
    postgres = await startPostgres(origin);
  });
  afterAll(() => postgres?.stop());

  const openProject = async (): Promise<void> => {
    client = new Client({ connectionString: await postgres.createDatabase() });
    await client.connect();
    await client.query(PROJECT);
  };

  const apply = async (): Promise<void> => {
    for (const migration of migrations) await client.query(migration);
  };

  const rows = async <T extends object>(statement: string, parameters: readonly unknown[] = []): Promise<T[]> =>
    (await client.query<T>(statement, [...parameters])).rows;

  describe('of a shop', () => {
    beforeAll(async () => {
      await openProject();
      await client.query(shopSchema);
      await apply();
    });
    afterAll(() => client.end());

    // Each test leaves the shop as it found it.
    beforeEach(() => client.query('begin'));
    afterEach(() => client.query('rollback'));

    test.each(shippedFunctions)('%s may be called with the secret key and by nobody else', async (name) => {
      const may = await rows(
        `select role, has_function_privilege(role, $1, 'execute') as may
         from unnest(array['anon', 'authenticated', 'service_role', 'stranger']) as role`,
        [`public.${name}`],
      );
      expect(may).toEqual([
        { role: 'anon', may: false },
        { role: 'authenticated', may: false },
        { role: 'service_role', may: true },
        { role: 'stranger', may: false },
      ]);
    });

    test.each(shippedFunctions)('%s looks names up nowhere but where it says', async (name) => {
      expect(await rows('select proconfig from pg_proc where oid = $1::regprocedure', [`public.${name}`])).toEqual([
        { proconfig: ['search_path=""'] },
      ]);
    });

    test('the look-up finds a person by the exact address, whatever its case, and nobody who was deleted', async () => {
      await client.query("insert into auth.users values ($1, 'ada@example.com', null)", [ADA]);
      await client.query("insert into auth.users values (gen_random_uuid(), 'gone@example.com', now())");
      await client.query('set role service_role');
      const found = await rows(
        `select address, public.pterodoc_user_id_by_email(address) as id
         from unnest(array['Ada@Example.com', 'da@example.com', 'ada%', 'gone@example.com']) as address`,
      );
      expect(found).toEqual([
        { address: 'Ada@Example.com', id: ADA },
        { address: 'da@example.com', id: null },
        { address: 'ada%', id: null },
        { address: 'gone@example.com', id: null },
      ]);
    });

    test('the memory sold is added up for each node over the statuses that take it', async () => {
      await client.query("insert into auth.users values ($1, 'ada@example.com', null)", [ADA]);
      await client.query("insert into plans (id, ram_gb) values ('small', 4), ('large', 16)");
      await client.query(
        `insert into ptero_nodes (id, pterodactyl_node_id, region, max_ram_gb)
         values ($1, 1, 'eu', 64), ($2, 2, 'eu', 64)`,
        [FIRST_NODE, SECOND_NODE],
      );
      const sold = [
        ['small', 'paid', FIRST_NODE],
        ['small', 'provisioning', FIRST_NODE],
        ['large', 'provisioned', FIRST_NODE],
        ['large', 'error', FIRST_NODE],
        ['large', 'canceled', FIRST_NODE],
        ['large', 'pending', FIRST_NODE],
        ['small', 'provisioned', SECOND_NODE],
        ['large', 'paid', null],
      ];
      for (const [plan, status, node] of sold) {
        await client.query(
          `insert into orders (user_id, item_type, plan_id, term, region, server_name, status, node_id)
           values ($1, 'game', $2, 'monthly', 'eu', 'camp', $3, $4)`,
          [ADA, plan, status, node],
        );
      }
      await client.query('set role service_role');
      expect(
        await rows('select node_id, used_gb::int as used_gb from public.pterodoc_node_usage() order by node_id'),
      ).toEqual([
        { node_id: FIRST_NODE, used_gb: 24 },
        { node_id: SECOND_NODE, used_gb: 4 },
      ]);
    });

    test('applying everything once more changes nothing and harms nothing', async () => {
      const shape = (): Promise<object[]> =>
        rows(`select 'index' as kind, indexname as name, indexdef as shape from pg_indexes where schemaname = 'public'
              union all
              select 'function', proname, pg_get_functiondef(oid) || proacl::text
              from pg_proc where proname like 'pterodoc%' order by kind, name`);
      const before = await shape();
      await apply();
      expect(await shape()).toEqual(before);
      expect(before.length).toBeGreaterThan(shippedFunctions.length);
    });

    test('no index is missing, and one that was dropped is named', async () => {
      const missing = async (): Promise<unknown> =>
        (await rows<{ missing: string[] }>('select public.pterodoc_missing_indexes() as missing'))[0]?.missing;
      expect(await missing()).toEqual([]);
      await client.query('drop index public.pterodoc_orders_user_idx');
      expect(await missing()).toEqual(['pterodoc_orders_user_idx']);
    });
  });

  test('a shop with other tables takes the migrations too, and every index is named as missing', async () => {
    await openProject();
    onTestFinished(() => client.end());
    await apply();
    const [answer] = await rows<{ count: number }>(
      'select cardinality(public.pterodoc_missing_indexes())::int as count',
    );
    expect(answer?.count).toBe(7);
    await expect(client.query('select * from public.pterodoc_node_usage()')).rejects.toMatchObject({ code: '42P01' });
  });
});

test('there is a Postgres to prove this on', () => {
  expect(availableOrigins()).toContain('package');
});
