import { describe, expect, test } from 'vitest';
import { leadsToWebhook, splitEndpoints } from '../../../src/core/webhook-address.ts';
import { anEndpoint } from '../../builders/stripe.ts';

const addresses = {
  supabaseUrl: 'https://abcdefghijkl.supabase.co',
  functionsUrl: 'https://abcdefghijkl.supabase.co/functions/v1',
  projectRef: null,
  webhookFunction: 'stripe-webhook',
};

describe('leads to the webhook function', () => {
  test.each([
    'https://abcdefghijkl.supabase.co/functions/v1/stripe-webhook',
    'https://abcdefghijkl.supabase.co/functions/v1/stripe-webhook/',
    'https://abcdefghijkl.functions.supabase.co/stripe-webhook',
    'https://api.shop.example/functions/v1/stripe-webhook',
    'https://abcdefghijkl.supabase.co/functions/v1/stripe-webhook?source=stripe',
  ])('%s', (url) => {
    expect(leadsToWebhook(url, addresses)).toBe(true);
  });
});

describe('does not lead to it', () => {
  test.each([
    'https://another.supabase.co/functions/v1/stripe-webhook',
    'https://another.functions.supabase.co/stripe-webhook',
    'https://abcdefghijkl.supabase.co/functions/v1/stripe-webhook-old',
    'https://abcdefghijkl.functions.supabase.co/functions/v1/stripe-webhook',
    'https://shop.example/?wc-api=wc_stripe',
    'not an address',
  ])('%s', (url) => {
    expect(leadsToWebhook(url, addresses)).toBe(false);
  });
});

test('knows the own project behind a custom domain by its reference, and others from it', () => {
  const shop = 'https://api.shop.example';
  const custom = { ...addresses, supabaseUrl: shop, functionsUrl: `${shop}/functions/v1`, projectRef: 'abcdefghijkl' };
  expect(leadsToWebhook('https://abcdefghijkl.functions.supabase.co/stripe-webhook', custom)).toBe(true);
  expect(leadsToWebhook('https://another.functions.supabase.co/stripe-webhook', custom)).toBe(false);
  expect(leadsToWebhook('https://another.supabase.co/functions/v1/stripe-webhook', custom)).toBe(false);
});

test("follows the merchant's own name and address of the functions", () => {
  const own = { ...addresses, functionsUrl: 'https://fn.shop.example/run', webhookFunction: 'payments' };
  expect(leadsToWebhook('https://fn.shop.example/run/payments', own)).toBe(true);
  expect(leadsToWebhook('https://fn.shop.example/run/stripe-webhook', own)).toBe(false);
});

test("splits the account's endpoints", () => {
  const ours = anEndpoint({ url: addresses.functionsUrl + '/stripe-webhook' });
  const other = anEndpoint({ id: 'we_books', url: 'https://books.example/stripe' });
  expect(splitEndpoints([ours, other], 'live', addresses)).toEqual({ mode: 'live', ours: [ours], others: [other] });
});
