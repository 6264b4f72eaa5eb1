import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeOpenFailure, openStore, type OpenStore } from '../../src/adapters/store/index.ts';
import type { ClaimSubject } from '../../src/core/claim.ts';
import { type PrivatePostgres, startPostgres } from '../support/postgres.ts';
import { ADA, anOffer, aRequest, describeStore, taken, valueOf } from './store.suite.ts';

let postgres: PrivatePostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const open = (databaseUrl: string, timeoutMs = 5000) => openStore({ databaseUrl, dataDir: 'never-made', timeoutMs });

async function opened(databaseUrl: string, timeoutMs?: number): Promise<OpenStore> {
  const store = valueOf(await open(databaseUrl, timeoutMs));
  onTestFinished(() => store.close());
  return store;
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe('a store on Postgres', () => {
  let store: OpenStore;
  beforeAll(async () => {
    store = valueOf(await open(await postgres.createDatabase()));
  });
  afterAll(() => store?.close());
  describeStore(() => store);
});

test('of fifty clicks over two processes one takes the claim, in every round', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = [await opened(url), await opened(url)];
  const subject: ClaimSubject = `order:${randomUUID()}`;
  for (const attempt of [1, 2, 3]) {
    const ends = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other).claims.take(aRequest({ subject }))),
    );
    expect(ends.map(valueOf).filter(({ kind }) => kind === 'taken')).toHaveLength(1);
    const [first] = ends.map(valueOf);
    expect(ends.map(valueOf).every(({ claim }) => claim.id === first?.claim.id && claim.attempt === attempt)).toBe(
      true,
    );
    valueOf(await one.claims.close(first?.claim.id ?? '', 'one', { kind: 'not-applied', words: 'Nothing happened.' }));
  }
});

test('what another version wrote of an action that this one does not know is read, watched and closed', async () => {
  const url = await postgres.createDatabase();
  const store = await opened(url);
  const { id, subject } = await taken(store);
  const offer = valueOf(await store.offers.issue(anOffer()));
  const client = await connected(url);
  await client.query("update pterodoc.claims set action = 'of-tomorrow', held_until = now()");
  await client.query("update pterodoc.offers set action = 'of-tomorrow'");
  await client.query(
    `insert into pterodoc.audit (event, actor, action, subject, words) select 'asked', actor, 'of-tomorrow', subject, '-' from pterodoc.audit`,
  );
  expect(valueOf(await store.claims.abandoned())).toMatchObject([{ id, action: 'of-tomorrow' }]);
  expect(valueOf(await store.claims.liveOf(subject))).toMatchObject({ id });
  expect(valueOf(await store.offers.byId(offer.id))).toMatchObject({ action: 'of-tomorrow' });
  expect(valueOf(await store.audit.list({ limit: 1 }))).toMatchObject([{ action: 'of-tomorrow' }]);
  valueOf(await store.claims.takeOver(id, 'two', 1000));
  expect(valueOf(await store.claims.close(id, 'two', { kind: 'unknown', words: 'Given up.' }))).toBe(true);
});

test('attempts stay without gap or double while claims are taken and closed from two processes at once', async () => {
  const url = await postgres.createDatabase();
  const subject: ClaimSubject = `order:${randomUUID()}`;
  const processes = [await opened(url), await opened(url)];
  await Promise.all(
    processes.flatMap((store, index) =>
      Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 5; round += 1) {
          const { kind, claim } = valueOf(await store.claims.take(aRequest({ subject, holder: `${index}` })));
          if (kind === 'taken') valueOf(await store.claims.close(claim.id, `${index}`, { kind: 'applied', words: '' }));
        }
      }),
    ),
  );
  const claims = valueOf(await (processes[0] as OpenStore).claims.recentOf(subject, new Date(0)));
  expect(claims.map(({ attempt }) => attempt)).toEqual(claims.map((_, index) => claims.length - index));
});

/** Waits until a question of the store waits for the session that asks. */
async function heldUp(blocker: Client): Promise<void> {
  while ((await blocker.query(waiting)).rowCount === 0) await blocker.query('select pg_sleep(0.01)');
}

const waiting = `select pid from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and application_name = 'pterodoc'`;

test('who loses the claim while it begins a step has not begun it', async () => {
  const url = await postgres.createDatabase();
  const store = await opened(url);
  const { id } = await taken(store);
  const other = await connected(url);
  await other.query('begin');
  await other.query("update pterodoc.claims set holder = 'two' where id = $1", [id]);
  const begun = store.claims.beginStep(id, 'one', 'invoke', 60_000);
  await heldUp(other);
  await other.query('commit');
  expect(valueOf(await begun)).toBe(false);
  expect(valueOf(await store.claims.byId(id))).toMatchObject({ holder: 'two', steps: [] });
});

test('a claim that was taken and closed meanwhile counts as an attempt', async () => {
  const url = await postgres.createDatabase();
  const store = await opened(url);
  const { subject } = aRequest();
  const other = await connected(url);
  await other.query('begin');
  await other.query(
    `insert into pterodoc.claims (id, subject, action, attempt, actor, target, holder, held_until, watched_until)
     values ('c', $1, 'retry-provisioning', 1, $2, 'null', 'two', now() + interval '1 hour', now())`,
    [subject, JSON.stringify(ADA)],
  );
  const asked = taken(store, aRequest({ subject }));
  await heldUp(other);
  await other.query("update pterodoc.claims set closed_at = now(), outcome_kind = 'applied', outcome_words = ''");
  await other.query('commit');
  expect(await asked).toMatchObject({ attempt: 2 });
});

test('an offer that is pressed in two processes at once is used once', async () => {
  const url = await postgres.createDatabase();
  const [one, other] = [await opened(url), await opened(url)];
  const { id } = valueOf(await one.offers.issue(anOffer()));
  const uses = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : other).offers.use(id)));
  expect(uses.map(valueOf).filter(Boolean)).toHaveLength(1);
});

test.each([
  ['update', 'update pterodoc.audit set words = $$nothing$$'],
  ['delete', 'delete from pterodoc.audit'],
  ['truncate', 'truncate pterodoc.audit'],
])('no %s gets at the audit log, not even of its owner', async (_name, statement) => {
  const url = await postgres.createDatabase();
  const store = await opened(url);
  await taken(store);
  await expect((await connected(url)).query(statement)).rejects.toMatchObject({ code: '23001' });
  expect(valueOf(await store.audit.list({ limit: 10 }))).toHaveLength(1);
});

test('processes that start at once on an empty database all find it ready', async () => {
  const url = await postgres.createDatabase();
  const stores = await Promise.all(Array.from({ length: 5 }, () => opened(url)));
  expect(await Promise.all(stores.map((store) => store.audit.list({ limit: 1 })))).toEqual(
    stores.map(() => ({ ok: true, value: [] })),
  );
  const { rows } = await (await connected(url)).query('select version from pterodoc.migrations');
  expect(rows).toEqual([{ version: 1 }]);
});

test('a process that starts beside another one leaves its claims alone', async () => {
  const url = await postgres.createDatabase();
  const { id } = await taken(await opened(url));
  expect(valueOf(await (await opened(url)).claims.byId(id))?.isHeld).toBe(true);
});

test('a database of a newer version is refused', async () => {
  const url = await postgres.createDatabase();
  await opened(url);
  await (await connected(url)).query(`insert into pterodoc.migrations (version, file) values (9999, '9999-later.sql')`);
  const refused = await open(url);
  expect(refused).toEqual({ ok: false, failure: { kind: 'newer', version: 9999 } });
  if (!refused.ok) expect(describeOpenFailure(refused.failure)).toContain('newer version of pterodoc');
});

test('the roles that strangers come with reach nothing, even where a project hands them everything new', async () => {
  const url = await postgres.createDatabase();
  const client = await connected(url);
  await client.query(`create role anon nologin; create role authenticated nologin; create role stranger nologin;
    alter default privileges grant all on schemas to anon, authenticated;
    alter default privileges grant all on tables to anon, authenticated;
    alter default privileges grant all on functions to anon, authenticated`);
  await opened(url);
  const { rows } = await client.query(
    `select role, has_schema_privilege(role, 'pterodoc', 'usage') as enters,
       bool_or(has_table_privilege(role, c.oid, 'select, insert, update, delete')) as touches
     from unnest(array['anon', 'authenticated', 'stranger']) as role, pg_class c
     where c.relnamespace = 'pterodoc'::regnamespace and c.relkind = 'r' group by role order by role`,
  );
  expect(rows).toEqual(['anon', 'authenticated', 'stranger'].map((role) => ({ role, enters: false, touches: false })));
});

describe('in trouble', () => {
  const refusals = (store: OpenStore) =>
    Promise.all([
      store.claims.take(aRequest()),
      store.claims.beginStep('c', 'one', 'reset', 1000),
      store.claims.close('c', 'one', { kind: 'applied', words: '' }),
      store.offers.issue(anOffer()),
      store.audit.append({ event: 'asked', actor: ADA, action: 'vouch', subject: 'order:o', claimId: null, words: '' }),
      store.vouches.add({ orderId: 'o', reason: 'A gift.', actor: ADA }),
    ]);

  test('a database that takes no writes is opened and read, and every write says so', async () => {
    const name = `frozen_${randomUUID().replaceAll('-', '')}`;
    const url = await postgres.createDatabase(name);
    const { id } = await taken(await opened(url));
    await (await connected(url)).query(`alter database ${name} set default_transaction_read_only = on`);
    const store = await opened(url);
    expect(valueOf(await store.claims.byId(id))).toMatchObject({ id });
    expect(await refusals(store)).toEqual(
      Array.from({ length: 6 }, () => ({ ok: false, failure: { kind: 'read-only' } })),
    );
  });

  test('an empty database that takes no writes cannot be opened', async () => {
    const name = `frozen_${randomUUID().replaceAll('-', '')}`;
    const url = await postgres.createDatabase(name);
    await (await connected(url)).query(`alter database ${name} set default_transaction_read_only = on`);
    expect(await open(url)).toMatchObject({ ok: false, failure: { kind: 'store', failure: { kind: 'read-only' } } });
  });

  test('a role that may only read is told so', async () => {
    const url = await postgres.createDatabase();
    await opened(url);
    await (
      await connected(url)
    ).query(
      `create role reader login password 'only-reads'; grant usage on schema pterodoc to reader;
       grant select on all tables in schema pterodoc to reader`,
    );
    const asReader = new URL(url);
    asReader.username = 'reader';
    asReader.password = 'only-reads';
    const store = await opened(asReader.href);
    expect(await store.claims.take(aRequest())).toEqual({ ok: false, failure: { kind: 'read-only' } });
  });

  test('a question that another session holds up is lost after its time, and the next one is answered', async () => {
    const url = await postgres.createDatabase();
    const store = await opened(url, 400);
    const blocker = await connected(url);
    await blocker.query('begin; lock table pterodoc.claims');
    const asked = await Promise.all([store.claims.take(aRequest()), store.claims.byId('c')]);
    expect(asked).toEqual(asked.map(() => ({ ok: false, failure: { kind: 'lost' } })));
    // What is held up still runs at the server: no other question may get its connection.
    const others = await Promise.all(Array.from({ length: 5 }, () => store.vouches.of('o')));
    expect(others.map(valueOf)).toEqual([null, null, null, null, null]);
    await blocker.query('rollback');
    await taken(store);
    expect(valueOf(await store.audit.list({ limit: 10 }))).toHaveLength(1);
  });

  test('a connection that is cut is unreachable once, and made again', async () => {
    const url = await postgres.createDatabase();
    const store = await opened(url);
    const blocker = await connected(url);
    await blocker.query('begin; lock table pterodoc.claims');
    const asked = store.claims.take(aRequest());
    await heldUp(blocker);
    await blocker.query(`select pg_terminate_backend(pid) from (${waiting}) as waiting`);
    expect(await asked).toEqual({ ok: false, failure: { kind: 'unreachable' } });
    await blocker.query('rollback');
    await taken(store);
  });

  test('a server that is gone is unreachable for every question', async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const url = await server.createDatabase();
    const store = await opened(url);
    await server.stop();
    const unreachable = { ok: false, failure: { kind: 'unreachable' } };
    expect(await refusals(store)).toEqual(Array.from({ length: 6 }, () => unreachable));
    expect(await store.claims.abandoned()).toEqual(unreachable);
    expect(await open(url)).toMatchObject({ ok: false, failure: { kind: 'store', failure: { kind: 'unreachable' } } });
  });

  test.each([
    ['login-refused', { password: 'open-sesame' }],
    ['no-such-database', { pathname: '/nowhere' }],
  ] as const)('%s is told without the address or its password', async (kind, change) => {
    const url = Object.assign(new URL(await postgres.createDatabase()), change);
    const refused = await open(url.href);
    expect(refused).toEqual({ ok: false, failure: { kind } });
    const told = refused.ok ? '' : describeOpenFailure(refused.failure);
    expect(told).toContain('DATABASE_URL');
    for (const secret of [url.password, url.host]) expect(told).not.toContain(secret);
  });
});
