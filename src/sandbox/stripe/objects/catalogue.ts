import type { LineItem, Plan, Price, Product } from '../shapes.ts';

/** What a plan of the shop costs a month. */
export interface Money {
  readonly amountCents: number;
  readonly currency: string;
}

/** What is sold. */
export function newProduct(id: string, name: string, at: number, livemode: boolean): Product {
  return {
    id,
    object: 'product',
    active: true,
    created: at,
    default_price: null,
    description: null,
    images: [],
    livemode,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: at,
    url: null,
  };
}

/** What it costs, once or a month. */
export function newPrice(input: {
  readonly id: string;
  readonly product: string;
  readonly money: Money;
  readonly isRecurring: boolean;
  readonly at: number;
  readonly livemode: boolean;
}): Price {
  return {
    id: input.id,
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: input.at,
    currency: input.money.currency,
    custom_unit_amount: null,
    livemode: input.livemode,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: input.product,
    recurring: input.isRecurring
      ? { interval: 'month', interval_count: 1, meter: null, trial_period_days: null, usage_type: 'licensed' }
      : null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: input.isRecurring ? 'recurring' : 'one_time',
    unit_amount: input.money.amountCents,
    unit_amount_decimal: String(input.money.amountCents),
  };
}

/** The older twin of a price, which subscription items still carry. */
export function planOf(price: Price): Plan {
  return {
    id: price.id,
    object: 'plan',
    active: true,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: 'month',
    interval_count: 1,
    livemode: price.livemode,
    metadata: {},
    meter: null,
    nickname: null,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

/** The one line of a checkout. */
export function newLineItem(id: string, price: Price, description: string, amountCents: number): LineItem {
  return {
    id,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: (price.unit_amount ?? amountCents) - amountCents,
    amount_subtotal: price.unit_amount ?? amountCents,
    amount_tax: 0,
    amount_total: amountCents,
    currency: price.currency,
    description,
    metadata: {},
    price,
    quantity: 1,
  };
}
