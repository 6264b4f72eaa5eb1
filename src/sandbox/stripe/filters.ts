import { asInteger, asTable, asText, rejectUnknown, type ParamValue } from './params.ts';
import { type CollectionName, findRecord, type RequestScope } from './scope.ts';

/** Turns the value of a query parameter into a test of one object. */
export type Filter<Item> = (value: ParamValue, name: string, scope: RequestScope) => (record: Item) => boolean;

/** `created=…` or `created[gt|gte|lt|lte]=…`, in Unix seconds. */
export function createdFilter(value: ParamValue, name: string): (record: { readonly created: number }) => boolean {
  if (typeof value === 'string') {
    const exact = asInteger(value, name);
    return ({ created }) => created === exact;
  }
  const range = asTable(value, name);
  rejectUnknown(range, ['gt', 'gte', 'lt', 'lte'], name);
  const bound = (key: string, unbounded: number): number => {
    const given = range.get(key);
    return given === undefined ? unbounded : asInteger(given, `${name}[${key}]`);
  };
  const gt = bound('gt', -Infinity);
  const gte = bound('gte', -Infinity);
  const lt = bound('lt', Infinity);
  const lte = bound('lte', Infinity);
  return ({ created }) => created > gt && created >= gte && created < lt && created <= lte;
}

/** The id of another object that must exist in this mode. */
export function refersTo<Item>(collection: CollectionName, read: (record: Item) => string | null): Filter<Item> {
  return (value, name, scope) => {
    const id = asText(value, name);
    findRecord(scope, collection, id, { param: name, status: 400 });
    return (record) => read(record) === id;
  };
}
