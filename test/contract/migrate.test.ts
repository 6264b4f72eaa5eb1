import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  applyMigrations,
  type Migration,
  type MigrationResult,
  shippedMigrations,
} from '../../src/adapters/supabase/index.ts';
import type { Result } from '../../src/core/result.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';

const schema = readFileSync(new URL('../../src/sandbox/supabase/schema.sql', import.meta.url), 'utf8');
/** What a project has around the merchant's own tables. */
const project = `
  do $$ begin
    create role anon nologin; create role authenticated nologin; create role service_role nologin bypassrls;
  exception when duplicate_object then null; end $$;
  create schema auth;
  create table auth.users (id uuid primary key, email text, deleted_at timestamptz);
  create function auth.uid() returns uuid language sql stable as 'select null::uuid';
  create schema sandbox;
  create function sandbox.now() returns timestamptz language sql stable as 'select now()';
`;

let postgres: PrivatePostgres;
let url: string;

async function query<T>(text: string, of = url): Promise<readonly T[]> {
  const client = new Client({ connectionString: of });
  await client.connect();
  try {
    return (await client.query<T & object>(text)).rows;
  } finally {
    await client.end();
  }
}

function outcomesOf(result: Result<readonly MigrationResult[], string>): readonly MigrationResult[] {
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

function kindsOf(result: Result<readonly MigrationResult[], string>): readonly string[] {
  return outcomesOf(result).map(({ outcome }) => outcome.kind);
}

function refusalOf(result: Result<unknown, string>): string {
  if (result.ok) throw new Error('It was not refused');
  return result.failure;
}

beforeAll(async () => {
  postgres = await startPostgres();
});
beforeEach(async () => {
  url = await postgres.createDatabase();
  await query(project);
  await query(schema);
});
afterAll(() => postgres.stop());

describe('migrating', () => {
  it('applies every shipped file in order, and then all indexes and functions are there', async () => {
    const files = await shippedMigrations();
    const results = outcomesOf(await applyMigrations(url, files));
    expect(results.map(({ file }) => file)).toEqual(files.map(({ file }) => file).toSorted());
    expect(results.every(({ outcome }) => outcome.kind === 'applied')).toBe(true);
    expect(await query('select public.pterodoc_missing_indexes() as missing')).toEqual([{ missing: [] }]);
  });

  it('may be run again', async () => {
    const files = await shippedMigrations();
    await applyMigrations(url, files);
    const again = outcomesOf(await applyMigrations(url, files));
    expect(again.map(({ outcome }) => outcome)).toEqual(files.map(() => ({ kind: 'applied', notes: [] })));
  });

  it('may be run twice at the same time', async () => {
    const files = await shippedMigrations();
    const both = await Promise.all([applyMigrations(url, files), applyMigrations(url, files)]);
    expect(both.flatMap(kindsOf)).toEqual([...files, ...files].map(() => 'applied'));
  });

  it('passes on what a file left out', async () => {
    await query('alter table public.orders drop column node_id');
    const notes = outcomesOf(await applyMigrations(url, await shippedMigrations())).flatMap(({ outcome }) =>
      outcome.kind === 'applied' ? outcome.notes : [],
    );
    expect(notes).toEqual([expect.stringContaining('pterodoc_orders_occupying_idx')]);
  });

  it('leaves nothing of a file that fails, and does not go on after it', async () => {
    const files: readonly Migration[] = [
      { file: '1.sql', sql: 'create table public.first ()' },
      { file: '2.sql', sql: 'create table public.second (); select * from public.nowhere' },
      { file: '3.sql', sql: 'create table public.third ()' },
    ];
    const results = outcomesOf(await applyMigrations(url, files));
    expect(results).toMatchObject([
      { file: '1.sql', outcome: { kind: 'applied' } },
      { file: '2.sql', outcome: { kind: 'failed', reason: expect.stringContaining('42P01') } },
      { file: '3.sql', outcome: { kind: 'skipped' } },
    ]);
    const made = await query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' and tablename in ('first', 'second', 'third')",
    );
    expect(made).toEqual([{ name: 'first' }]);
  });
});

describe('the wrong database', () => {
  it('is refused with what it lacks, and left as it is', async () => {
    const own = await postgres.createDatabase();
    const refusal = refusalOf(await applyMigrations(own, await shippedMigrations()));
    expect(refusal).toContain('no public.orders and no auth.users');
    expect(await query("select proname from pg_proc where proname like 'pterodoc%'", own)).toEqual([]);
  });

  it('is refused when it only has orders', async () => {
    await query('drop schema auth cascade');
    expect(refusalOf(await applyMigrations(url, await shippedMigrations()))).toContain('it has no auth.users');
  });

  it.each([
    ['a wrong password', (address: URL) => (address.password = 'wrong-test-only'), 'refuses the user name or password'],
    ['an unknown database', (address: URL) => (address.pathname = '/nowhere'), 'no database of that name'],
    ['a port where nobody listens', (address: URL) => (address.port = '1'), 'cannot be reached'],
  ])('is named without its address: %s', async (_, spoil, said) => {
    const address = new URL(url);
    spoil(address);
    const refusal = refusalOf(await applyMigrations(address.href, []));
    expect(refusal).toContain(said);
    expect(refusal).not.toContain(address.password);
  });

  it('is named without its address when that is none', async () => {
    const refusal = refusalOf(await applyMigrations('postgres://user:secret-test-only@[nowhere/db', []));
    expect(refusal).toContain('cannot be reached');
    expect(refusal).not.toContain('secret-test-only');
  });
});
