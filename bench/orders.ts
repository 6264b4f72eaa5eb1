import { openClinic } from '../test/support/clinic.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { median, print, time } from './measure.ts';

const runs = 15;

/** The same diagnosis with a thousand and with a million orders in a real Postgres, the optional indexes installed. */
export async function benchOrders(): Promise<void> {
  const postgres = await startPostgres();
  try {
    const [small, large] = [await medianWith(postgres, 1_000), await medianWith(postgres, 1_000_000)];
    print(
      `orders: median ${small.toFixed(1)} ms with a thousand orders, ${large.toFixed(1)} ms with a million; ` +
        `ratio ${(large / small).toFixed(3)}`,
    );
  } finally {
    await postgres.stop();
  }
}

async function medianWith(postgres: Awaited<ReturnType<typeof startPostgres>>, orders: number): Promise<number> {
  const clinic = await openClinic({ customers: false, databaseUrl: await postgres.createDatabase() });
  const { sandbox } = clinic;
  const hourAgo = new Date(Date.now() - 60 * 60_000);
  sandbox.supabase.functions.setFault('servers-provision', { kind: 'resource-limit' });
  await clinic.buyAt('failed@example.com', hourAgo);
  await fill(sandbox.supabase, orders);
  await time(3, () => clinic.ask('failed@example.com'));
  const figures = await time(runs, () => clinic.ask('failed@example.com'));
  await clinic.close();
  return median(figures);
}

type Database = Awaited<ReturnType<typeof openClinic>>['sandbox']['supabase'];

/** Orders of other people over three years, as a shop has them: most are over, some run. */
async function fill(database: Database, orders: number): Promise<void> {
  await database.sql(
    `insert into auth.users (id, email, created_at, updated_at)
     select gen_random_uuid(), 'other' || n || '@example.org', now(), now() from generate_series(1, $1::int) n`,
    [Math.max(1, Math.floor(orders / 4))],
  );
  await database.sql(
    `insert into public.orders (user_id, item_type, plan_id, term, region, server_name, stripe_sub_id, status, node_id,
                                pterodactyl_server_id, created_at, updated_at)
     select u.id, 'game', (select id from public.plans limit 1), 'monthly', 'eu', 'world', 'sub_other_' || u.n || '_' || c,
            case when u.n % 500 = 0 and c = 1 then 'provisioned' else 'canceled' end,
            case when u.n % 500 = 0 and c = 1 then (select id from public.ptero_nodes where region = 'us' limit 1) end,
            case when u.n % 500 = 0 and c = 1 then 1000000 + u.n end,
            now() - make_interval(days => (u.n % 1000)::int + 1), now() - make_interval(days => (u.n % 1000)::int + 1)
     from (select id, row_number() over () as n from auth.users where email like 'other%') u, generate_series(1, 4) c`,
  );
  await database.sql('analyze public.orders');
}
