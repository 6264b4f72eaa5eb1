import type { UpstreamFailure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { plainErrorCode } from '../error-code.ts';

/** A failure of the Data API, with the error code that tells why, for those who can still do without. */
export interface Refusal {
  readonly failure: UpstreamFailure;
  /** SQLSTATE or PostgREST code; `null` when none was given. https://docs.postgrest.org/en/stable/references/errors.html */
  readonly code: string | null;
}

export type Answered<T> = Result<T, Refusal>;

/** What is left of an answer that refuses: never its words, which may hold rows of the merchant's customers. */
export interface RefusedAnswer {
  readonly status: number;
  readonly code: string | null;
  readonly retryAfterMs: number | null;
}

/** Names the failure by status and code. `path` is what was asked for: a table or a function of the database. */
export function nameRefusal({ status, code, retryAfterMs }: RefusedAnswer, path: string): Refusal {
  const source = 'supabase';
  const refused = (failure: UpstreamFailure): Refusal => ({ failure, code });
  if (code !== null && missingCodes.has(code)) return refused({ source, kind: 'endpoint-missing', path });
  if (code === '42501' || status === 403) return refused({ source, kind: 'not-permitted', scope: path });
  if (status === 401) return refused({ source, kind: 'credentials-rejected' });
  if (status === 404 || status === 410) return refused({ source, kind: 'endpoint-missing', path });
  if (status === 429) return refused({ source, kind: 'rate-limited', retryAfterMs });
  if (status >= 500) return refused({ source, kind: 'upstream-broken', status });
  // The Data API neither redirects nor answers a read with nothing: something else stands in its place.
  if (status < 400) return refused({ source, kind: 'unexpected-shape', path });
  return refused({ source, kind: 'request-refused', status, code: plainErrorCode(code) });
}

const missingColumnCodes: ReadonlySet<string> = new Set(['42703', 'PGRST204']);
const missingTableCodes: ReadonlySet<string> = new Set(['42P01', 'PGRST205']);
const missingFunctionCodes: ReadonlySet<string> = new Set(['PGRST202', '42883']);
const missingRelationshipCodes: ReadonlySet<string> = new Set(['PGRST200', 'PGRST201']);
const missingCodes: ReadonlySet<string> = new Set([
  ...missingColumnCodes,
  ...missingTableCodes,
  ...missingFunctionCodes,
  ...missingRelationshipCodes,
  'PGRST106',
]);

export function lacksColumn(refusal: Refusal): boolean {
  return refusal.code !== null && missingColumnCodes.has(refusal.code);
}

export function lacksTable(refusal: Refusal): boolean {
  return refusal.code !== null && missingTableCodes.has(refusal.code);
}

export function lacksRelationship(refusal: Refusal): boolean {
  return refusal.code !== null && missingRelationshipCodes.has(refusal.code);
}

/** Not installed, installed without its grants, or made for tables that are called otherwise here. */
export function lacksFunction(refusal: Refusal): boolean {
  return refusal.code !== null && (missingFunctionCodes.has(refusal.code) || refusal.code === '42501');
}

/** The id is none of the column's type, so that no row can have it. */
export function isUnreadableId(refusal: Refusal): boolean {
  return refusal.code === '22P02' || refusal.code === '22003';
}

/** The row is there already. */
export function isDuplicate(refusal: Refusal): boolean {
  return refusal.code === '23505';
}
