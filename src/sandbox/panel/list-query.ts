import { badRequest, crashed } from './errors.ts';

/** How one filter selects rows; `null` from `text` never matches. */
export type Filter<T> =
  | { readonly kind: 'contains'; readonly text: (row: T) => string | null }
  | { readonly kind: 'equals'; readonly text: (row: T) => string }
  | { readonly kind: 'custom'; readonly matches: (row: T, value: string) => boolean };

/** What a list endpoint allows. */
export interface ListOptions<T> {
  /** Absent: filters and sorts are ignored instead of refused. */
  readonly filters?: Readonly<Record<string, Filter<T>>>;
  readonly sorts?: Readonly<Record<string, (row: T) => string | number>>;
  /** The Application API has no maximum. */
  readonly perPageMax?: number;
}

/** One page of rows and where it lies. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly total: number;
  readonly perPage: number;
  readonly currentPage: number;
  readonly totalPages: number;
}

/** Filters, sorts and cuts rows by the query of a list call. */
export function pageOf<T>(rows: readonly T[], query: URLSearchParams, options: ListOptions<T>): Page<T> {
  const selected = sortRows(filterRows(rows, query, options), query, options);
  const perPage = readPerPage(query, options.perPageMax);
  const asked = Number(query.get('page') ?? '1');
  const currentPage = Number.isInteger(asked) && asked >= 1 ? asked : 1;
  return {
    rows: selected.slice((currentPage - 1) * perPage, currentPage * perPage),
    total: selected.length,
    perPage,
    currentPage,
    totalPages: Math.max(Math.ceil(selected.length / perPage), 1),
  };
}

function readPerPage(query: URLSearchParams, most: number | undefined): number {
  const text = query.get('per_page');
  if (text === null || text === '') return 50;
  const asked = Number(text);
  if (Number.isNaN(asked)) throw crashed('TypeError');
  const perPage = asked < 1 ? 15 : Math.floor(asked);
  return most === undefined ? perPage : Math.min(perPage, most);
}

function filterRows<T>(rows: readonly T[], query: URLSearchParams, { filters }: ListOptions<T>): readonly T[] {
  if (filters === undefined) return rows;
  let left = rows;
  for (const [name, value] of queryMap(query, 'filter')) {
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (filter === undefined) throw notAllowed('Filter', 'filter(s)', name, Object.keys(filters));
    const pieces = value.split(',').filter((piece) => piece.trim() !== '');
    if (pieces.length === 0) continue;
    left = left.filter((row) => pieces.some((piece) => matches(filter, row, piece.trim())));
  }
  return left;
}

function matches<T>(filter: Filter<T>, row: T, piece: string): boolean {
  switch (filter.kind) {
    case 'contains': {
      const text = filter.text(row);
      return text !== null && likePattern(piece).test(text);
    }
    case 'equals':
      return filter.text(row).toLowerCase() === piece.toLowerCase();
    case 'custom':
      return filter.matches(row, piece);
  }
}

/** SQL `LIKE '%piece%'`: case-blind; the wildcards and backslashes of the piece itself are not escaped. */
function likePattern(piece: string): RegExp {
  const pattern = piece.replace(/\\(.)|./gsu, (text, escaped?: string) => {
    if (text === '%') return '.*';
    return text === '_' ? '.' : (escaped ?? text).replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(pattern, 'isu');
}

function sortRows<T>(
  rows: readonly T[],
  query: URLSearchParams,
  { filters, sorts = {} }: ListOptions<T>,
): readonly T[] {
  const text = query.get('sort');
  if (filters === undefined || text === null || text === '') return rows;
  const keys = text.split(',').map((part) => {
    const name = part.replace(/^-/, '');
    const read = Object.hasOwn(sorts, name) ? sorts[name] : undefined;
    if (read === undefined) throw notAllowed('Sort', 'sort(s)', name, Object.keys(sorts));
    return { read, sign: part.startsWith('-') ? -1 : 1 };
  });
  return rows.toSorted((a, b) => {
    for (const { read, sign } of keys) {
      const [left, right] = [read(a), read(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}

const notAllowed = (what: 'Filter' | 'Sort', words: string, name: string, allowed: readonly string[]) =>
  badRequest(
    `Invalid${what}Query`,
    `Requested ${words} \`${name}\` are not allowed. Allowed ${words} are \`${allowed.join(', ')}\`.`,
  );

/** The entries of `name[key]=value` parameters. */
function queryMap(query: URLSearchParams, name: string): [string, string][] {
  return [...query].flatMap(([parameter, value]): [string, string][] => {
    const key = new RegExp(`^${name}\\[([^\\]]+)\\]`).exec(parameter)?.[1];
    return key === undefined ? [] : [[key, value]];
  });
}
