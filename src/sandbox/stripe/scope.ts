import { noSuch } from './errors.ts';
import type { RequestKey } from './keys.ts';
import type { Records, StripeState } from './state.ts';

/** What one request may see. */
export interface RequestScope {
  readonly state: StripeState;
  readonly key: RequestKey;
  /** Unix seconds. */
  readonly nowS: number;
}

/** The parts of the account that the API serves, and how its messages call them. */
export const catalog = {
  sessions: { noun: 'checkout.session', permission: 'rak_checkout_session', idParam: 'session' },
  events: { noun: 'event', permission: 'rak_event', idParam: 'id' },
  endpoints: { noun: 'webhook endpoint', permission: 'rak_webhook', idParam: 'webhook_endpoint' },
  customers: { noun: 'customer', permission: 'rak_customer', idParam: 'id' },
  subscriptions: { noun: 'subscription', permission: 'rak_subscription', idParam: 'id' },
  invoices: { noun: 'invoice', permission: 'rak_invoice', idParam: 'invoice' },
  invoicePayments: { noun: 'invoice_payment', permission: 'rak_invoice', idParam: 'invoice_payment' },
  paymentIntents: { noun: 'payment_intent', permission: 'rak_payment_intent', idParam: 'intent' },
  charges: { noun: 'charge', permission: 'rak_charge', idParam: 'charge' },
  refunds: { noun: 'refund', permission: 'rak_charge', idParam: 'refund' },
  disputes: { noun: 'dispute', permission: 'rak_dispute', idParam: 'dispute' },
  products: { noun: 'product', permission: 'rak_product', idParam: 'id' },
} as const satisfies Partial<Record<keyof Records, object>>;

export type CollectionName = keyof typeof catalog;

/** The stored object of a collection. */
export type RecordOf<Name extends CollectionName> = Records[Name];

/** What every stored object has; refunds alone do not name their mode. */
export interface StoredRecord {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly livemode?: boolean;
}

/** The objects of one collection, of both modes. */
export function recordsOf<Name extends CollectionName>(
  state: { readonly [Each in CollectionName]: Map<string, RecordOf<Each>> },
  collection: Name,
): Map<string, RecordOf<Name>> {
  return state[collection];
}

/** Whether the request's key works in the mode the object lives in. */
export function isInMode(record: StoredRecord, scope: RequestScope): boolean {
  return modeOf(record, scope.state) === scope.key.livemode;
}

/** The object with this id, or Stripe's refusal: 404 for the address, 400 for a parameter. */
export function findRecord<Name extends CollectionName>(
  scope: RequestScope,
  collection: Name,
  id: string,
  blame: { readonly param: string; readonly status: 400 | 404 },
): RecordOf<Name> {
  const record = recordsOf(scope.state, collection).get(id);
  const { noun } = catalog[collection];
  if (record === undefined) throw noSuch(noun, id, blame.param, blame.status, null);
  if (!isInMode(record, scope)) {
    throw noSuch(noun, id, blame.param, blame.status, scope.key.livemode ? 'test' : 'live');
  }
  return record;
}

function modeOf(record: StoredRecord, state: StripeState): boolean {
  if (record.livemode !== undefined) return record.livemode;
  const refund = state.refunds.get(record.id);
  return state.charges.get(refund?.charge ?? '')?.livemode ?? false;
}
