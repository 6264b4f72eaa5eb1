import { invalidValue } from './errors.ts';
import { catalog, type CollectionName, findRecord, type RequestScope } from './scope.ts';
import { wholeList } from './shapes.ts';
import type { StripeState } from './state.ts';

/** Every step counts, `data` too: https://docs.stripe.com/api/expanding_objects */
const MAX_DEPTH = 4;

/** The fields that hold an id, by type of object and path inside it, and where that id leads. */
const references: Readonly<Record<string, Readonly<Record<string, CollectionName>>>> = {
  'checkout.session': {
    customer: 'customers',
    subscription: 'subscriptions',
    invoice: 'invoices',
    payment_intent: 'paymentIntents',
  },
  subscription: { customer: 'customers', latest_invoice: 'invoices' },
  invoice: { customer: 'customers', 'parent.subscription_details.subscription': 'subscriptions' },
  invoice_payment: { invoice: 'invoices', 'payment.payment_intent': 'paymentIntents' },
  payment_intent: { customer: 'customers', latest_charge: 'charges' },
  charge: { customer: 'customers', payment_intent: 'paymentIntents' },
  refund: { charge: 'charges', payment_intent: 'paymentIntents' },
  dispute: { charge: 'charges', payment_intent: 'paymentIntents' },
  price: { product: 'products' },
};

/** The fields that an answer leaves out until they are asked for. */
const includable: Readonly<Record<string, Readonly<Record<string, (id: string, state: StripeState) => object>>>> = {
  'checkout.session': {
    line_items: (id, state) => wholeList(`/v1/checkout/sessions/${id}/line_items`, state.lineItems.get(id) ?? []),
  },
  invoice: {
    payments: (id, state) =>
      wholeList(
        `/v1/invoice_payments?invoice=${id}`,
        [...state.invoicePayments.values()].filter((payment) => payment.invoice === id),
      ),
  },
  charge: {
    refunds: (id, state) =>
      wholeList(
        `/v1/charges/${id}/refunds`,
        [...state.refunds.values()].filter((refund) => refund.charge === id),
      ),
  },
};

type Fields = Record<string, unknown>;

/** A copy of the answer with the asked-for references in full; refuses paths that lead nowhere. */
export function expand<Answer extends object>(answer: Answer, paths: readonly string[], scope: RequestScope): Answer {
  const copy = structuredClone(answer);
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > MAX_DEPTH) {
      throw invalidValue(
        `You cannot expand more than ${MAX_DEPTH} levels of a property. Property: ${path}`,
        'expand',
        'property_expansion_max_depth',
      );
    }
    follow(copy as Fields, steps, { path, scope, owner: copy as Fields, inside: '' });
  }
  return copy;
}

interface Trail {
  readonly path: string;
  readonly scope: RequestScope;
  /** The object with an `object` field that encloses the current one, and the way from there. */
  readonly owner: Fields;
  readonly inside: string;
}

function follow(node: Fields, steps: readonly string[], trail: Trail): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  const type = String(trail.owner['object']);
  const field = trail.inside === '' ? step : `${trail.inside}.${step}`;
  const include = includable[type]?.[field];
  if (include !== undefined && node[step] === undefined) {
    node[step] = structuredClone(include(String(trail.owner['id']), trail.scope.state));
  }
  const collection = references[type]?.[field];
  if (collection !== undefined && typeof node[step] === 'string') {
    node[step] = load(collection, node[step], trail.scope);
  }
  const value = node[step];
  if (value === null && collection !== undefined) return;
  if (typeof value !== 'object' || value === null) throw cannotExpand(step, trail);
  if (Array.isArray(value)) {
    if (rest.length === 0) throw cannotExpand(step, trail);
    for (const item of value as Fields[]) follow(item, rest, { ...trail, owner: item, inside: '' });
    return;
  }
  const child = value as Fields;
  const isObject = typeof child['object'] === 'string';
  if (rest.length === 0 && collection === undefined && include === undefined) {
    throw cannotExpand(step, trail);
  }
  follow(child, rest, isObject ? { ...trail, owner: child, inside: '' } : { ...trail, inside: field });
}

function load(collection: CollectionName, id: string, scope: RequestScope): unknown {
  scope.key.require(`${catalog[collection].permission}_read`);
  return structuredClone(findRecord(scope, collection, id, { param: 'expand', status: 400 }));
}

function cannotExpand(step: string, trail: Trail): Error {
  const isListItself = trail.owner['object'] === 'list' && !trail.path.includes('data');
  const hint = isListItself ? ` You may want to try expanding 'data.${trail.path}' instead.` : '';
  return invalidValue(`This property cannot be expanded (${step}).${hint}`, 'expand');
}
