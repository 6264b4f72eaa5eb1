import { openClinic } from '../test/support/clinic.ts';

/** What a bench asks its merchant for. */
export interface MerchantWish {
  readonly databaseUrl: string | null;
  readonly customers: boolean;
  /** Every upstream answers this much later. */
  readonly latencyMs: number;
  /** Rows of other people in `orders`. */
  readonly orders: number;
  /** So many more customers whose order failed an hour ago, and can be retried. */
  readonly failures: number;
}

/** What the merchant process tells once it is ready. */
export interface MerchantReady {
  readonly environment: Readonly<Record<string, string>>;
  readonly emails: readonly string[];
  /** Those of the failures that were asked for. */
  readonly failed: readonly string[];
}

/**
 * The merchant's systems in a process of their own, so that what is measured is the bot and not the sandbox beside
 * it. Started by bench/bot.ts; ends when its parent does.
 */
async function serve(wish: MerchantWish): Promise<MerchantReady> {
  const clinic = await openClinic({
    customers: wish.customers,
    ...(wish.databaseUrl === null ? {} : { databaseUrl: wish.databaseUrl }),
  });
  const { sandbox } = clinic;
  const hourAgo = new Date(Date.now() - 60 * 60_000);
  await clinic.buyAt('healthy@example.com', hourAgo);
  sandbox.supabase.functions.setFault('servers-provision', { kind: 'resource-limit' });
  await clinic.buyAt('failed@example.com', hourAgo);
  const failed = Array.from({ length: wish.failures }, (_, index) => `failed-${index}@example.com`);
  for (const [index, email] of failed.entries()) await clinic.buyAt(email, hourAgo, { serverName: `Camp ${index}` });
  sandbox.supabase.functions.setFault('servers-provision', null);
  if (wish.failures > 0) await makeRoom(sandbox);
  if (wish.orders > 0) await fill(sandbox.supabase, wish.orders);
  if (wish.latencyMs > 0) {
    for (const { faults } of [sandbox.supabase, sandbox.supabase.management, sandbox.stripe, sandbox.panel]) {
      faults.inject(/.*/, { kind: 'delay', ms: wish.latencyMs });
    }
  }
  return {
    environment: sandbox.environment,
    emails: ['healthy@example.com', 'failed@example.com', ...sandbox.customers.map(({ email }) => email)],
    failed,
  };
}

/** For all the servers that retries will make. */
async function makeRoom({ supabase, panel }: Awaited<ReturnType<typeof openClinic>>['sandbox']): Promise<void> {
  await supabase.sql('update public.ptero_nodes set max_ram_gb = 1000000');
  for (const node of panel.state.nodes.all()) node.memoryMib = 1_000_000 * 1024;
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
     select u.id, 'game', (select min(id) from public.plans), 'monthly', 'us', 'world', 'sub_other_' || u.n || '_' || c,
            case when u.n % 500 = 0 and c = 1 then 'provisioned' else 'canceled' end,
            case when u.n % 500 = 0 and c = 1 then (select id from public.ptero_nodes where region = 'us' limit 1) end,
            case when u.n % 500 = 0 and c = 1 then 1000000 + u.n end,
            now() - make_interval(days => (u.n % 1000)::int + 1), now() - make_interval(days => (u.n % 1000)::int + 1)
     from (select id, row_number() over () as n from auth.users where email like 'other%') u, generate_series(1, 4) c`,
  );
  await database.sql('analyze public.orders');
}

process.once('message', (wish: MerchantWish) => {
  void serve(wish).then((ready) => process.send?.(ready));
});
process.once('disconnect', () => process.exit(0));
