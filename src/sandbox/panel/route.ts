import type { PanelCore } from './core.ts';
import type { JsonObject } from './json.ts';
import { type ListOptions, type Page, pageOf } from './list-query.ts';
import { type Resource, type Shape, toItem, type View } from './shapes.ts';
import type { AclResource, ApiKey, PanelUser, Row } from './state.ts';

/** One call that has passed every check before the body rules. */
export interface Call extends View {
  readonly core: PanelCore;
  readonly url: URL;
  readonly query: URLSearchParams;
  /** Trimmed, empty strings made null; empty when no JSON was sent. */
  readonly body: JsonObject;
  readonly key: ApiKey;
  readonly caller: PanelUser;
}

/** The answer of a route, once the ids in its path are known to exist. */
export type Answer = (call: Call) => Response | Promise<Response>;

/** One endpoint. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/application` or `/api/client`. */
  readonly path: string;
  /** What an application key must be allowed; `null` for the Client API. */
  readonly needs: { readonly resource: AclResource; readonly level: 'read' | 'write' } | null;
  /** Looks up the ids of the path, or throws the 404 that comes before the permission check. */
  open(core: PanelCore, parameter: (name: string) => string, caller: PanelUser): Answer;
}

/** The number in a path; anything else is an id that does not exist. */
export const idIn = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);

/** 200 with one item. */
export const answerItem = <T>(shape: Shape<T>, row: T, call: Call): Response => Response.json(toItem(shape, row, call));

/** 201 with the new item and its address. */
export const answerCreated = <T extends Row>(shape: Shape<T>, row: T, call: Call, meta: JsonObject | null): Response =>
  Response.json({ ...toItem(shape, row, call), ...(meta === null ? {} : { meta }) }, { status: 201 });

/** 200 with one page of items. */
export function answerPage<T>(shape: Shape<T>, rows: readonly T[], call: Call, options: ListOptions<T>): Response {
  const page = pageOf(rows, call.query, options);
  return Response.json(toList(page, call.url, (row) => toItem(shape, row, call)));
}

/** 204, the panel's answer to every action. */
export const answerNothing = (): Response => new Response(null, { status: 204 });

/** Page links carry the page number and nothing else, unless `keepsQuery`. */
export function toList<T>(page: Page<T>, url: URL, toResource: (row: T) => Resource, keepsQuery = false): JsonObject {
  const link = (to: number): string => {
    const query = new URLSearchParams(keepsQuery ? url.searchParams : []);
    query.set('page', String(to));
    return `${url.origin}${url.pathname}?${query}`;
  };
  return {
    object: 'list',
    data: page.rows.map(toResource),
    meta: {
      pagination: {
        total: page.total,
        count: page.rows.length,
        per_page: page.perPage,
        current_page: page.currentPage,
        total_pages: page.totalPages,
        links: {
          ...(page.currentPage > 1 ? { previous: link(page.currentPage - 1) } : {}),
          ...(page.currentPage < page.totalPages ? { next: link(page.currentPage + 1) } : {}),
        },
      },
    },
  };
}
