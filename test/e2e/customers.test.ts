import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clinic, openClinic } from '../support/clinic.ts';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

test('the sandbox has at least thirty named customers, healthy ones among them', () => {
  expect(clinic.sandbox.customers.length).toBeGreaterThanOrEqual(30);
  expect(clinic.sandbox.customers.filter(({ state }) => state === 'healthy').length).toBeGreaterThanOrEqual(2);
});

describe('each customer is told what is wrong with them', () => {
  test('by the verdict their story names', async () => {
    const answers = [];
    for (const customer of clinic.sandbox.customers) {
      const diagnosis = await clinic.ask(customer.email);
      answers.push({
        name: customer.name,
        state: diagnosis.state,
        code: diagnosis.top?.verdict?.code ?? null,
      });
    }
    expect(answers).toEqual(clinic.sandbox.customers.map(({ name, state, code }) => ({ name, state, code })));
  });
});

test("a full region is shown with the shop's reckoning and the panel's", async () => {
  const customer = clinic.sandbox.customers.find(({ code }) => code === 'CAP-002');
  const evidence = (await clinic.ask(customer?.email ?? '')).top?.verdict?.evidence ?? [];
  expect(evidence.map(({ source }) => source)).toEqual(expect.arrayContaining(['supabase', 'pterodactyl']));
});
