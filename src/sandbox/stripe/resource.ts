import type { Hono } from 'hono';
import { expand } from './expand.ts';
import { noSuch } from './errors.ts';
import type { Filter } from './filters.ts';
import { newestFirst, pageOf, pagingParams } from './paging.ts';
import { asList, type ParamTable, parseParams, rejectUnknown } from './params.ts';
import {
  catalog,
  type CollectionName,
  findRecord,
  isInMode,
  recordsOf,
  type RecordOf,
  type RequestScope,
  type StoredRecord,
} from './scope.ts';
import type { StripeList } from './shapes.ts';

/** What the middleware has put in place before a route runs. */
export interface StripeRoutes {
  Variables: { scope: RequestScope };
}

/** One kind of object that can be listed and retrieved. */
export interface Resource<Name extends CollectionName> {
  readonly collection: Name;
  readonly path: string;
  readonly filters: Readonly<Record<string, Filter<RecordOf<Name>>>>;
  /** Refuses combinations of parameters. */
  readonly checkParams?: (params: ParamTable) => void;
  /** Tests that apply while the parameter of that name is absent. */
  readonly unlessFiltered?: Readonly<Record<string, (record: RecordOf<Name>) => boolean>>;
  /** Objects that are no longer served are as if they had never been. */
  readonly isServed?: (record: RecordOf<Name>, scope: RequestScope) => boolean;
}

/** Serves `GET path` and `GET path/:id`. */
export function serveResource<Name extends CollectionName>(app: Hono<StripeRoutes>, resource: Resource<Name>): void {
  const { noun, permission, idParam } = catalog[resource.collection];

  app.get(resource.path, (c) => {
    const scope = c.get('scope');
    scope.key.require(`${permission}_read`);
    return c.json(listRecords(resource, queryOf(c.req.url), scope));
  });

  app.get(`${resource.path}/:id`, (c) => {
    const scope = c.get('scope');
    scope.key.require(`${permission}_read`);
    const params = queryOf(c.req.url);
    rejectUnknown(params, ['expand']);
    const id = c.req.param('id');
    const record = findRecord(scope, resource.collection, id, { param: idParam, status: 404 });
    if (!isServed(resource, record, scope)) throw noSuch(noun, id, idParam, 404, null);
    return c.json(expand(record, expandPaths(params), scope));
  });
}

/** The parameters in the address. */
export function queryOf(url: string): ParamTable {
  return parseParams(new URL(url).searchParams);
}

/** The paths of `expand[]`. */
export function expandPaths(params: ParamTable): string[] {
  const given = params.get('expand');
  return given === undefined ? [] : asList(given, 'expand');
}

function listRecords<Name extends CollectionName>(
  resource: Resource<Name>,
  params: ParamTable,
  scope: RequestScope,
): StripeList<StoredRecord> {
  rejectUnknown(params, [...pagingParams, 'expand', ...Object.keys(resource.filters)]);
  resource.checkParams?.(params);
  const records = recordsOf(scope.state, resource.collection);
  const isListed = (record: RecordOf<Name>): boolean => isInMode(record, scope) && isServed(resource, record, scope);
  const tests = [...filterTests(resource, params, scope), ...defaultTests(resource, params)];
  const matching = newestFirst(records.values()).filter(
    (record) => isListed(record) && tests.every((test) => test(record)),
  );
  const page = pageOf<RecordOf<Name>>(matching, params, {
    url: resource.path,
    noun: catalog[resource.collection].noun,
    cursorExists(id) {
      const record = records.get(id);
      return record !== undefined && isListed(record) ? record : null;
    },
  });
  return expand(page, expandPaths(params), scope);
}

function filterTests<Name extends CollectionName>(
  resource: Resource<Name>,
  params: ParamTable,
  scope: RequestScope,
): ((record: RecordOf<Name>) => boolean)[] {
  return Object.entries(resource.filters).flatMap(([name, filter]) => {
    const value = params.get(name);
    return value === undefined ? [] : [filter(value, name, scope)];
  });
}

function defaultTests<Name extends CollectionName>(
  resource: Resource<Name>,
  params: ParamTable,
): ((record: RecordOf<Name>) => boolean)[] {
  return Object.entries(resource.unlessFiltered ?? {}).flatMap(([name, test]) => (params.has(name) ? [] : [test]));
}

function isServed<Name extends CollectionName>(
  resource: Resource<Name>,
  record: RecordOf<Name>,
  scope: RequestScope,
): boolean {
  return resource.isServed?.(record, scope) ?? true;
}
