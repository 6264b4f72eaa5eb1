import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks } from '../../src/core/checks/index.ts';
import { type Clinic, openClinic } from '../support/clinic.ts';

const HOUR = 60 * 60_000;

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

function endpointId(): string {
  const id = [...clinic.sandbox.stripe.state.endpoints.keys()][0];
  if (id === undefined) throw new Error('the shop has no endpoint');
  return id;
}

const troubles: readonly {
  readonly code: string;
  readonly what: string;
  /** Breaks something and says how to mend it. */
  readonly breakIt: () => Promise<() => unknown>;
}[] = [
  {
    code: 'HOOK-002',
    what: 'the endpoint is disabled',
    breakIt: async () => {
      const { stripe } = clinic.sandbox;
      await stripe.updateEndpoint(endpointId(), { disabled: true });
      return () => stripe.updateEndpoint(endpointId(), { disabled: false });
    },
  },
  {
    code: 'HOOK-003',
    what: 'the endpoint does not listen to completed checkouts',
    breakIt: async () => {
      const { stripe } = clinic.sandbox;
      await stripe.updateEndpoint(endpointId(), { enabledEvents: ['invoice.paid'] });
      return () => stripe.updateEndpoint(endpointId(), { enabledEvents: ['*'] });
    },
  },
  {
    code: 'HOOK-001',
    what: 'the endpoint leads somewhere else',
    breakIt: async () => {
      const { stripe, supabase } = clinic.sandbox;
      await stripe.updateEndpoint(endpointId(), { url: `${supabase.url}/functions/v1/another-function` });
      return () => stripe.updateEndpoint(endpointId(), { url: `${supabase.url}/functions/v1/stripe-webhook` });
    },
  },
  {
    code: 'HOOK-005',
    what: "the function's webhook secret is not the endpoint's",
    breakIt: async () => {
      const { functions } = clinic.sandbox.supabase;
      functions.setSecret('STRIPE_WEBHOOK_SECRET', 'whsec_of_another_endpoint');
      return () =>
        functions.setSecret('STRIPE_WEBHOOK_SECRET', clinic.sandbox.environment['STRIPE_WEBHOOK_SECRET'] ?? '');
    },
  },
  {
    code: 'HOOK-006',
    what: "the function's Stripe key is of the other mode",
    breakIt: async () => {
      const { functions } = clinic.sandbox.supabase;
      functions.deploy('stripe-webhook', {
        verifyJwt: false,
        code: async (_request, context) => {
          context.console.error(
            "No such subscription: 'sub_1'; a similar object exists in test mode, but a live mode key was used to make this request.",
          );
          return new Response('{"error":"no such subscription"}', { status: 500 });
        },
      });
      return () => functions.deploy('stripe-webhook');
    },
  },
  {
    code: 'PRV-001',
    what: 'servers-provision is not deployed',
    breakIt: async () => {
      const { functions } = clinic.sandbox.supabase;
      functions.undeploy('servers-provision');
      return () => functions.deploy('servers-provision');
    },
  },
  {
    code: 'PRV-002',
    what: 'the function has no panel address',
    breakIt: async () => {
      const { supabase, panel } = clinic.sandbox;
      supabase.functions.setSecret('PANEL_URL', null);
      return () => supabase.functions.setSecret('PANEL_URL', panel.url);
    },
  },
  {
    code: 'PRV-006',
    what: 'servers-provision crashes',
    breakIt: async () => {
      const { functions } = clinic.sandbox.supabase;
      functions.setFault('servers-provision', { kind: 'resource-limit' });
      return () => functions.setFault('servers-provision', null);
    },
  },
];

test.each(troubles.map((trouble, index) => ({ ...trouble, index })))(
  '$code: $what',
  async ({ code, breakIt, index }) => {
    const email = `${code.toLowerCase()}@example.com`;
    const mend = await breakIt();
    // Far enough apart that no trouble's log lines fall into the time of another.
    await clinic.buyAt(email, new Date(Date.now() - (1 + 5 * index) * HOUR));
    const diagnosis = await clinic.ask(email);
    await mend();
    expect(diagnosis.top?.verdict).toMatchObject({ code });
    expect(diagnosis.state).toBe('broken');
  },
);

test('every code but those provoked above is found at one of the named customers', async () => {
  const found = new Set(troubles.map(({ code }) => code));
  for (const customer of clinic.sandbox.customers) {
    const { entries } = await clinic.ask(customer.email);
    for (const entry of entries) for (const finding of entry.findings) found.add(finding.code);
  }
  expect(checks.map(({ code }) => code).filter((code) => !found.has(code))).toEqual([]);
});
