import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPanelProber } from '../../src/adapters/pterodactyl/index.ts';
import { createStripeProber } from '../../src/adapters/stripe/index.ts';
import { createManagementProber, createSupabaseProber } from '../../src/adapters/supabase/index.ts';
import { type CredentialProber, type DoctorLine, type DoctorReport, examine } from '../../src/core/doctor.ts';
import { merchantSchema, referenceSchema } from '../../src/core/merchant-schema.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { type PanelWorld, startPanel } from '../../src/sandbox/panel/index.ts';
import { startStripe, type StripeWorld } from '../../src/sandbox/stripe/index.ts';
import { startSupabase, type SupabaseOptions, type SupabaseWorld } from '../../src/sandbox/supabase/index.ts';

const clock = createWorldClock();
const DEADLINE_MS = 10_000;
const cacheDir = 'node_modules/.cache/pterodoc';

async function reportOf(...probers: CredentialProber[]): Promise<DoctorReport> {
  return examine(probers, DEADLINE_MS);
}

function lineNamed({ lines }: DoctorReport, name: string): DoctorLine {
  const line = lines.find((each) => each.name === name);
  if (line === undefined) throw new Error(`No line ${name} among ${lines.map((each) => each.name).join(', ')}`);
  return line;
}

/** Everything that is not fine, as `name: status`. */
function troubles({ lines }: DoctorReport): readonly string[] {
  return lines.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name}: ${status}`);
}

describe('Stripe', () => {
  const KEY = 'rk_test_doctor01';
  const permissions = [
    'checkout_session',
    'event',
    'webhook',
    'customer',
    'subscription',
    'invoice',
    'payment_intent',
    'charge',
  ];
  let world: StripeWorld;
  let endpointId: string;

  const permit = (without?: string): void =>
    world.setKey(
      KEY,
      permissions.filter((name) => name !== without).map((name) => `rak_${name}_read`),
    );
  const prober = (over: Partial<Parameters<typeof createStripeProber>[0]> = {}): CredentialProber =>
    createStripeProber({
      secretKey: KEY,
      apiUrl: world.url,
      timeoutMs: 3000,
      addresses: {
        supabaseUrl: 'https://abcdefghijklmnopqrst.supabase.co',
        functionsUrl: 'https://abcdefghijklmnopqrst.supabase.co/functions/v1',
        projectRef: null,
        webhookFunction: 'stripe-webhook',
      },
      webhookSecret: 'whsec_doctor_test_only',
      ...over,
    });

  beforeEach(async () => {
    world = await startStripe({ clock, idSeed: 'doctor' });
    permit();
    endpointId = (
      await world.createEndpoint({
        url: 'https://abcdefghijklmnopqrst.supabase.co/functions/v1/stripe-webhook',
        enabledEvents: ['checkout.session.completed'],
      })
    ).id;
  });
  afterEach(() => world.stop());

  it('is fine with a restricted key that may read everything', async () => {
    const report = await reportOf(prober());
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(lineNamed(report, 'Kind of key').text).toContain('test mode');
  });

  it('is as fine with one that may also enable endpoints', async () => {
    const onlyReads = await reportOf(prober());
    world.setKey(
      KEY,
      permissions.map((name) => `rak_${name}_${name === 'webhook' ? 'write' : 'read'}`),
    );
    const seen = ({ lines }: DoctorReport) => lines.map(({ name, status, text }) => ({ name, status, text }));
    expect(seen(await reportOf(prober()))).toEqual(seen(onlyReads));
  });

  it.each([
    ['checkout_session', 'Checkout Sessions', 'failed'],
    ['event', 'Events', 'failed'],
    ['webhook', 'Webhook Endpoints', 'failed'],
    ['customer', 'Customers', 'warning'],
    ['subscription', 'Subscriptions', 'warning'],
    ['invoice', 'Invoices', 'warning'],
    ['payment_intent', 'PaymentIntents', 'warning'],
    ['charge', 'Charges', 'warning'],
  ])('names the missing row of the key: %s', async (permission, row, status) => {
    permit(permission);
    const line = lineNamed(await reportOf(prober()), `${row}: Read`);
    expect(line).toMatchObject({ status, text: expect.stringContaining(`rak_${permission}_read`) });
    expect(line.remedy).toContain(`set the row ${row} to Read`);
  });

  it('warns loudly of a full secret key, without repeating it', async () => {
    const report = await reportOf(prober({ secretKey: world.secretKey }));
    expect(lineNamed(report, 'Kind of key')).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('SECRET KEY'),
      remedy: expect.stringContaining('restricted key'),
    });
    expect(JSON.stringify(report)).not.toContain(world.secretKey);
    expect(report.exitCode).toBe(0);
  });

  it('points to the key when it is unknown to Stripe', async () => {
    const report = await reportOf(prober({ secretKey: 'rk_test_unknown01' }));
    expect(lineNamed(report, 'Events: Read')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('STRIPE_SECRET_KEY'),
    });
    expect(report.exitCode).toBe(1);
  });

  it.each<[string, () => Promise<void>]>([
    ['HOOK-001', () => world.removeEndpoint(endpointId)],
    ['HOOK-002', () => world.updateEndpoint(endpointId, { disabled: true })],
    ['HOOK-003', () => world.updateEndpoint(endpointId, { enabledEvents: ['invoice.paid'] })],
  ])('finds %s in the set-up of the endpoint', async (code, spoil) => {
    await spoil();
    const report = await reportOf(prober());
    const line = lineNamed(report, 'Endpoint of the webhook function');
    expect(line).toMatchObject({ status: 'failed', text: expect.stringContaining(code) });
    expect(line.remedy).not.toBeNull();
    expect(report.exitCode).toBe(1);
  });

  it('says when the signing secret was not given', async () => {
    const line = lineNamed(await reportOf(prober({ webhookSecret: null })), "The endpoint's signing secret");
    expect(line).toMatchObject({ status: 'not-configured', remedy: expect.stringContaining('STRIPE_WEBHOOK_SECRET') });
  });

  it('ends in time when Stripe hangs', async () => {
    world.faults.inject(/./, { kind: 'hang' });
    const startedAt = performance.now();
    const report = await examine([prober({ timeoutMs: 60_000 })], 400);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(lineNamed(report, 'Events: Read')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('api.stripe.com'),
    });
  });
});

describe('the panel', () => {
  let panel: PanelWorld;

  const prober = (over: Partial<Parameters<typeof createPanelProber>[0]> = {}): CredentialProber =>
    createPanelProber({
      url: panel.url,
      applicationKey: panel.applicationKey,
      clientKey: panel.clientKey,
      timeoutMs: 3000,
      ...over,
    });

  beforeEach(async () => {
    panel = await startPanel({ clock });
    const nodeId = panel.addNode({ locationId: panel.addLocation({}).id }).id;
    panel.addAllocations(nodeId, { ports: [25_565] });
    const eggId = panel.addEgg({ nestId: panel.addNest({}).id }).id;
    panel.addServer({ ownerId: panel.admin.id, nodeId, eggId });
  });
  afterEach(() => panel.stop());

  it('is fine but for what a key that reads nodes can reach, and names the rate limit', async () => {
    const report = await reportOf(prober());
    expect(troubles(report)).toEqual(['Nodes: Read: warning']);
    expect(lineNamed(report, 'Application key').text).toContain('240 requests a minute');
    expect(report.exitCode).toBe(0);
  });

  it.each([
    ['users', 'Users', 'failed'],
    ['servers', 'Servers', 'failed'],
    ['nodes', 'Nodes', 'failed'],
    ['allocations', 'Allocations', 'failed'],
    ['nests', 'Nests', 'warning'],
    ['eggs', 'Eggs', 'failed'],
  ] as const)('names the missing permission: %s', async (resource, row, status) => {
    panel.setKeyPermissions(panel.applicationKey, { [resource]: 0 });
    const report = await reportOf(prober());
    const line = lineNamed(report, `${row}: Read`);
    expect(line).toMatchObject({ status, text: expect.stringContaining(`${resource}: read`) });
    expect(line.remedy).toContain(row);
    expect(lineNamed(report, 'Application key').status).toBe('ok');
  });

  it('tries the eggs by a server when the nests may not be read', async () => {
    panel.setKeyPermissions(panel.applicationKey, { nests: 0, eggs: 0 });
    expect(lineNamed(await reportOf(prober()), 'Eggs: Read').text).toContain('eggs: read');
  });

  it('does not say that allocations may be read when there was no node to try it on', async () => {
    const empty = await startPanel({ clock });
    try {
      const { url, applicationKey, clientKey } = empty;
      const report = await reportOf(prober({ url, applicationKey, clientKey }));
      expect(lineNamed(report, 'Allocations: Read')).toMatchObject({ status: 'warning' });
      expect(lineNamed(report, 'Eggs: Read')).toMatchObject({ status: 'warning' });
    } finally {
      await empty.stop();
    }
  });

  it('points to the key when the panel does not know it', async () => {
    const report = await reportOf(prober({ applicationKey: 'ptla_unknown' }));
    expect(lineNamed(report, 'Application key')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('PTERODACTYL_API_KEY'),
    });
    expect(report.exitCode).toBe(1);
  });

  it('points to the other key when the client key is unknown, and goes on without it', async () => {
    const report = await reportOf(prober({ clientKey: 'ptlc_unknown' }));
    expect(lineNamed(report, 'Client key')).toMatchObject({
      status: 'warning',
      remedy: expect.stringContaining('PTERODACTYL_CLIENT_KEY'),
    });
    expect(report.exitCode).toBe(0);
  });

  it('warns when the client key is not of a root admin', async () => {
    const ann = panel.addUser({ email: 'ann@example.com' });
    const clientKey = panel.addKey(ann.id, 'account').token;
    expect(lineNamed(await reportOf(prober({ clientKey })), 'Client key')).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('no root admin'),
    });
  });

  it('says when there is no client key', async () => {
    expect(lineNamed(await reportOf(prober({ clientKey: null })), 'Client key').status).toBe('not-configured');
  });

  it('never asks for a node’s configuration, and only reads', async () => {
    const seen: string[] = [];
    panel.faults.inject(Object.assign(/./, { test: (line: string) => (seen.push(line), false) }), { kind: 'hang' });
    await reportOf(prober());
    expect(seen.filter((line) => !line.startsWith('GET ') || line.includes('configuration'))).toEqual([]);
  });
});

describe('Supabase', () => {
  const worlds: SupabaseWorld[] = [];
  let world: SupabaseWorld;

  async function start(options: Partial<SupabaseOptions> = {}): Promise<SupabaseWorld> {
    const started = await startSupabase({ clock, cacheDir, ...options });
    worlds.push(started);
    return started;
  }
  const prober = (over: Partial<Parameters<typeof createSupabaseProber>[0]> = {}): CredentialProber =>
    createSupabaseProber({ url: world.url, secretKey: world.secretKey, schema: referenceSchema, ...over });

  beforeAll(async () => {
    world = await start();
  });
  afterEach(() => world.faults.clear());
  afterAll(() => Promise.all(worlds.map((started) => started.stop())));

  it('is fine with the secret key, everything granted and installed', async () => {
    const report = await reportOf(prober());
    expect(troubles(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
  });

  it('takes the older service_role key', async () => {
    expect(troubles(await reportOf(prober({ secretKey: world.serviceRoleKey })))).toEqual([]);
  });

  it.each(['publishableKey', 'anonKey'] as const)('fails on the %s, from which rows are hidden', async (key) => {
    const report = await reportOf(prober({ secretKey: world[key] }));
    expect(lineNamed(report, 'Kind of key')).toMatchObject({ status: 'failed' });
    expect(lineNamed(report, 'Auth: read accounts').status).toBe('failed');
    expect(JSON.stringify(report)).not.toContain(world[key]);
  });

  it('points to the key when the project does not know it', async () => {
    const report = await reportOf(prober({ secretKey: 'sb_secret_unknown' }));
    expect(lineNamed(report, 'Table orders: read')).toMatchObject({
      status: 'failed',
      remedy: expect.stringContaining('SUPABASE_SECRET_KEY'),
    });
    expect(report.exitCode).toBe(1);
  });

  it.each(['orders', 'external_accounts', 'profiles', 'plans', 'ptero_nodes'])(
    'names the table that may not be read: %s',
    async (table) => {
      await world.sql(`revoke select on public.${table} from service_role`);
      try {
        const line = lineNamed(await reportOf(prober()), `Table ${table}: read`);
        expect(line.status).toBe('failed');
        expect(line.remedy).toContain(`grant select on public.${table} to service_role`);
      } finally {
        await world.sql(`grant select on public.${table} to service_role`);
      }
    },
  );

  it('names what a merchant lacks, and does without', async () => {
    const lean = await start({ without: ['orders.region', 'orders.term', 'plans'], migrations: false });
    const of = { url: lean.url, secretKey: lean.secretKey };
    const report = await reportOf(prober(of));
    expect(lineNamed(report, 'Table orders: read')).toMatchObject({
      status: 'warning',
      text: expect.stringMatching(/region.*term|term.*region/),
    });
    expect(lineNamed(report, 'Table plans: read')).toMatchObject({ status: 'warning' });
    expect(lineNamed(report, 'Accounts by e-mail, quickly')).toMatchObject({
      status: 'warning',
      remedy: expect.stringContaining('20261124000001_pterodoc_user_lookup.sql'),
    });
    expect(lineNamed(report, 'Memory sold per node, quickly').remedy).toContain('pterodoc migrate');
    expect(lineNamed(report, 'Indexes').remedy).toContain('20261124000003_pterodoc_indexes.sql');
    expect(report.exitCode).toBe(0);

    const schema = merchantSchema.parse({
      tables: { plans: null },
      columns: { orders: { region: null, term: null } },
    });
    const declared = await reportOf(prober({ ...of, schema }));
    expect(lineNamed(declared, 'Table orders: read').status).toBe('ok');
    expect(lineNamed(declared, 'Table plans: read').status).toBe('not-configured');
  });

  it('names the indexes that are missing', async () => {
    await world.sql('drop index public.pterodoc_orders_updated_idx');
    expect(lineNamed(await reportOf(prober()), 'Indexes')).toMatchObject({
      status: 'warning',
      text: expect.stringContaining('pterodoc_orders_updated_idx'),
      remedy: expect.stringContaining('pterodoc migrate'),
    });
    await world.sql('create index pterodoc_orders_updated_idx on public.orders (updated_at)');
  });

  it('ends in time when the project hangs', async () => {
    world.faults.inject(/./, { kind: 'hang' });
    const startedAt = performance.now();
    const report = await examine([prober({ timeoutMs: 60_000 })], 400);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(report.exitCode).toBe(1);
    expect(lineNamed(report, 'Kind of key').status).toBe('ok');
  });

  describe('functions and logs', () => {
    const webhookSecret = 'whsec_doctor_test_only';
    const management = (over: Partial<Parameters<typeof createManagementProber>[0]> = {}): CredentialProber =>
      createManagementProber({
        managementUrl: world.management.url,
        accessToken: world.accessToken,
        projectRef: world.projectRef,
        webhookSecret,
        panelKey: null,
        schema: referenceSchema,
        ...over,
      });

    beforeEach(() => {
      world.functions.deploy('servers-provision', { verifyJwt: true });
      world.functions.deploy('stripe-webhook', { verifyJwt: false });
      world.functions.setSecret('PANEL_URL', 'http://panel.test');
      world.functions.setSecret('PTERO_APP_KEY', 'ptla_test_only');
      world.functions.setSecret('STRIPE_WEBHOOK_SECRET', webhookSecret);
    });
    afterEach(() => world.management.faults.clear());

    it('is fine when everything is deployed, set and readable', async () => {
      const report = await reportOf(management());
      expect(troubles(report)).toEqual([]);
      expect(report.exitCode).toBe(0);
    });

    it('warns of a provisioning function that anyone can call', async () => {
      world.functions.deploy('servers-provision', { verifyJwt: false });
      const report = await reportOf(management());
      expect(lineNamed(report, 'Function servers-provision')).toMatchObject({
        status: 'warning',
        text: expect.stringContaining('PRV-008'),
      });
      expect(report.exitCode).toBe(0);
    });

    it('fails on a webhook function that asks Stripe for a token', async () => {
      world.functions.deploy('stripe-webhook', { verifyJwt: true });
      expect(lineNamed(await reportOf(management()), 'Function stripe-webhook')).toMatchObject({
        status: 'failed',
        remedy: expect.stringContaining('--no-verify-jwt'),
      });
    });

    it.each(['servers-provision', 'stripe-webhook'])('fails when %s is not deployed', async (slug) => {
      world.functions.undeploy(slug);
      const report = await reportOf(management());
      expect(lineNamed(report, `Function ${slug}`)).toMatchObject({
        status: 'failed',
        remedy: expect.stringContaining(`functions deploy ${slug}`),
      });
      expect(report.exitCode).toBe(1);
    });

    it.each(['PANEL_URL', 'PTERO_APP_KEY', 'STRIPE_WEBHOOK_SECRET'])(
      'names a secret that is not set: %s',
      async (name) => {
        world.functions.setSecret(name, null);
        expect(lineNamed(await reportOf(management()), `Secret ${name} of the functions`)).toMatchObject({
          status: 'failed',
          remedy: expect.stringContaining(`Set ${name}`),
        });
      },
    );

    it('fails when the webhook secrets differ, and shows neither', async () => {
      world.functions.setSecret('STRIPE_WEBHOOK_SECRET', 'whsec_another_test_only');
      const report = await reportOf(management());
      expect(lineNamed(report, 'Webhook secret: same here and there')).toMatchObject({
        status: 'failed',
        text: expect.stringContaining('HOOK-005'),
      });
      expect(JSON.stringify(report)).not.toMatch(/test_only|[0-9a-f]{64}/);
    });

    it.each([
      ['functions', 'Edge functions: Read'],
      ['secrets', 'Secrets: Read'],
      ['analytics', 'Logs: Read'],
    ])('names the missing permission of the token: %s', async (path, name) => {
      world.management.faults.inject(new RegExp(`/${path}`), { kind: 'status', status: 403, body: { message: 'no' } });
      expect(lineNamed(await reportOf(management()), name)).toMatchObject({
        status: 'failed',
        remedy: expect.stringContaining('Let the access token read'),
      });
    });

    it('points to the token when it is refused', async () => {
      const report = await reportOf(management({ accessToken: 'sbp_unknown' }));
      expect(lineNamed(report, 'Logs: Read')).toMatchObject({
        status: 'failed',
        remedy: expect.stringContaining('SUPABASE_ACCESS_TOKEN'),
      });
    });

    it('does not keep the other sources from their answers when it hangs', async () => {
      world.management.faults.inject(/./, { kind: 'hang' });
      const startedAt = performance.now();
      const report = await examine([management({ timeoutMs: 60_000 }), prober()], 2500);
      expect(performance.now() - startedAt).toBeLessThan(4000);
      expect(lineNamed(report, 'Table orders: read').status).toBe('ok');
      expect(lineNamed(report, 'Logs: Read').status).toBe('failed');
    });
  });
});
