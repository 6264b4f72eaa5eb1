import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSupabaseReaders, createSupabaseWriters } from '../../src/adapters/supabase/index.ts';
import type { AccountWriter } from '../../src/core/action-ports.ts';
import { merchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { startSupabase, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';
import { cacheDir } from '../support/clinic.ts';
import { failureOf, never, valueOf, watchRequests, writeTroubles } from '../support/supabase.ts';

const NOW = new Date('2026-11-24T12:00:00.000Z');
let world: SupabaseWorld;

function writerOf(over: Partial<Parameters<typeof createSupabaseWriters>[0]> = {}): AccountWriter {
  const access = { url: world.url, secretKey: world.secretKey, schema: referenceSchema };
  return createSupabaseWriters({ ...access, clock: { now: () => NOW }, ...over }).accounts;
}

async function aPerson(): Promise<string> {
  return (await world.addUser({ email: `${randomUUID()}@example.com` })).id;
}

async function rowsOf(userId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const columns = 'pterodactyl_user_id, panel_username, last_synced_at';
  return world.sql(`select ${columns} from external_accounts where user_id = $1`, [userId]);
}

beforeAll(async () => {
  world = await startSupabase({ clock: createWorldClock(), cacheDir });
});
afterEach(() => world.faults.clear());
afterAll(() => world.stop());

describe('the link to a panel user', () => {
  test('is written where there was none, and read back by the reader', async () => {
    const userId = await aPerson();
    const link = { userId, panelUserId: 7, username: 'ada' };
    expect(await valueOf(writerOf().linkIf(link, null, never()))).toBe(true);
    expect(await rowsOf(userId)).toMatchObject([{ pterodactyl_user_id: 7, panel_username: 'ada' }]);
    const readers = createSupabaseReaders({ url: world.url, secretKey: world.secretKey, schema: referenceSchema });
    expect(await valueOf(readers.people.externalAccountOf(userId, never()))).toEqual({
      panelUserId: 7,
      lastSyncedAt: NOW,
    });
  });

  test('is not written where one appeared meanwhile', async () => {
    const userId = await aPerson();
    await world.sql('insert into external_accounts (user_id, pterodactyl_user_id) values ($1, 3)', [userId]);
    expect(await valueOf(writerOf().linkIf({ userId, panelUserId: 7, username: 'ada' }, null, never()))).toBe(false);
    expect(await rowsOf(userId)).toMatchObject([{ pterodactyl_user_id: 3, panel_username: null }]);
  });

  test('is written over the one that was seen, and over no other', async () => {
    const userId = await aPerson();
    const other = await aPerson();
    const insert = 'insert into external_accounts (user_id, pterodactyl_user_id) values ($1, 3), ($2, 3)';
    await world.sql(insert, [userId, other]);
    const link = { userId, panelUserId: 7, username: 'ada' };
    expect(await valueOf(writerOf().linkIf(link, 4, never()))).toBe(false);
    expect(await rowsOf(userId)).toMatchObject([{ pterodactyl_user_id: 3 }]);
    expect(await valueOf(writerOf().linkIf(link, 3, never()))).toBe(true);
    expect(await rowsOf(userId)).toMatchObject([{ pterodactyl_user_id: 7, panel_username: 'ada' }]);
    expect(await rowsOf(other)).toMatchObject([{ pterodactyl_user_id: 3, panel_username: null }]);
  });

  test('is not written where the one that was seen is gone', async () => {
    const userId = await aPerson();
    expect(await valueOf(writerOf().linkIf({ userId, panelUserId: 7, username: 'ada' }, 3, never()))).toBe(false);
    expect(await rowsOf(userId)).toEqual([]);
  });

  test.each([null, 3])('is written by exactly one of twenty at once, seen as %s', async (seen) => {
    const userId = await aPerson();
    if (seen !== null) {
      await world.sql('insert into external_accounts (user_id, pterodactyl_user_id) values ($1, $2)', [userId, seen]);
    }
    const hits = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        valueOf(writerOf().linkIf({ userId, panelUserId: 100 + at, username: `ada${at}` }, seen, never())),
      ),
    );
    expect(hits.filter(Boolean)).toHaveLength(1);
    expect(await rowsOf(userId)).toMatchObject([{ pterodactyl_user_id: 100 + hits.indexOf(true) }]);
  });

  test('of somebody who has no account is refused by its code, and of no id at all not even asked', async () => {
    const link = { userId: randomUUID(), panelUserId: 7, username: 'ada' };
    expect(await failureOf(writerOf().linkIf(link, null, never()))).toMatchObject({
      kind: 'request-refused',
      code: '23503',
    });
    const requests = watchRequests(world.faults);
    expect(await valueOf(writerOf().linkIf({ ...link, userId: 'x,or' }, null, never()))).toBe(false);
    expect(requests).toEqual([]);
  });
});

describe('trouble', () => {
  /** Long enough for a second try, which there must not be. */
  const TIMEOUT_MS = 600;

  test.each(writeTroubles)('is named in time and met once: %s', async (_, fault, kind) => {
    const quick = writerOf({ timeoutMs: TIMEOUT_MS });
    world.faults.inject(/^(?:POST|PATCH)/, fault);
    const requests = watchRequests(world.faults);
    const link = { userId: await aPerson(), panelUserId: 7, username: 'ada' };
    const startedAt = performance.now();
    const failures = await Promise.all([
      failureOf(quick.linkIf(link, null, never())),
      failureOf(quick.linkIf(link, 3, never())),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + 1000);
    expect(failures.map((failure) => failure.kind)).toEqual([kind, kind]);
    expect(JSON.stringify(failures)).not.toMatch(/secret words|ann@example/);
    expect(requests.filter((line) => !line.startsWith('GET'))).toHaveLength(2);
  });
});

describe('a merchant', () => {
  test('without the optional columns gets the link alone, and under the own names', async () => {
    await world.sql('alter table external_accounts drop column panel_username');
    const first = await aPerson();
    expect(await valueOf(writerOf().linkIf({ userId: first, panelUserId: 7, username: 'ada' }, null, never()))).toBe(
      true,
    );
    await world.sql('alter table external_accounts rename column pterodactyl_user_id to panel_no');
    await world.sql('alter table external_accounts rename column user_id to person');
    await world.sql('alter table external_accounts rename to panel_links');
    const schema = merchantSchema.parse({
      tables: { external_accounts: 'panel_links' },
      columns: {
        external_accounts: {
          user_id: 'person',
          pterodactyl_user_id: 'panel_no',
          panel_username: null,
          last_synced_at: null,
        },
      },
    });
    const second = await aPerson();
    const renamed = writerOf({ schema });
    expect(await valueOf(renamed.linkIf({ userId: second, panelUserId: 8, username: 'bob' }, null, never()))).toBe(
      true,
    );
    expect(await valueOf(renamed.linkIf({ userId: first, panelUserId: 9, username: 'ada' }, 7, never()))).toBe(true);
    expect(
      await world.sql(
        `select panel_no, last_synced_at is null as bare from panel_links
      where person in ($1, $2) order by 1`,
        [first, second],
      ),
    ).toEqual([
      { panel_no: 8, bare: true },
      { panel_no: 9, bare: false },
    ]);
  });

  test('without the table is told that it is not provided', async () => {
    const schema = merchantSchema.parse({ tables: { external_accounts: null } });
    const link = { userId: randomUUID(), panelUserId: 7, username: 'ada' };
    expect(await failureOf(writerOf({ schema }).linkIf(link, null, never()))).toMatchObject({
      kind: 'not-provided',
      what: 'external_accounts',
    });
  });
});
