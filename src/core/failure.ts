import { unreachable } from './result.ts';

/** Where evidence comes from. `logs` is Supabase's Management API: function logs, functions, secret digests. */
export type SourceId = 'supabase' | 'stripe' | 'pterodactyl' | 'logs';

export const sourceIds: readonly SourceId[] = ['supabase', 'stripe', 'pterodactyl', 'logs'];

/** Every outside system that a credential is for. Chats are spoken to, and no evidence comes from them. */
export type SystemId = SourceId | 'discord' | 'slack';

export const systemIds: readonly SystemId[] = [...sourceIds, 'discord', 'slack'];

/** What can go wrong with a source of evidence. */
export type UpstreamFailure = FailureOf<SourceId>;

/** Everything that can go wrong with an outside system, named once, in the adapter, from status and error codes. */
export type FailureOf<S extends SystemId> = { readonly source: S } & (
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timed-out'; readonly afterMs: number }
  | { readonly kind: 'credentials-rejected' }
  | { readonly kind: 'not-permitted'; readonly scope: string | null }
  | { readonly kind: 'endpoint-missing'; readonly path: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number | null }
  | { readonly kind: 'request-refused'; readonly status: number; readonly code: string | null }
  | { readonly kind: 'upstream-broken'; readonly status: number }
  | { readonly kind: 'unexpected-shape'; readonly path: string }
  /** The administrator gave no credential for it. */
  | { readonly kind: 'not-configured' }
  /** The merchant's system lacks an optional part (a table, a column), or it lies outside what is read. */
  | { readonly kind: 'not-provided'; readonly what: string }
);

/** The failure without its source, for adapters that know their own name. */
export type FailureKind = UpstreamFailure['kind'];

/** Whether the same read may simply be asked again. Writes are never repeated on this ground. */
export function isRetryable(failure: FailureOf<SystemId>): boolean {
  switch (failure.kind) {
    case 'unreachable':
    case 'timed-out':
    case 'upstream-broken':
    case 'rate-limited':
      return true;
    case 'credentials-rejected':
    case 'not-permitted':
    case 'endpoint-missing':
    case 'request-refused':
    case 'unexpected-shape':
    case 'not-configured':
    case 'not-provided':
      return false;
    default:
      return unreachable(failure);
  }
}

const systemNames: Readonly<Record<SystemId, string>> = {
  supabase: 'Supabase',
  stripe: 'Stripe',
  pterodactyl: 'The panel',
  logs: 'Supabase Management API (function logs)',
  discord: 'Discord',
  slack: 'Slack',
};

/** The name people know an outside system by. */
export function nameOfSource(source: SystemId): string {
  return systemNames[source];
}

/** One sentence for staff: what the source did. Holds no text of the source itself. */
export function describeFailure(failure: FailureOf<SystemId>): string {
  const name = nameOfSource(failure.source);
  switch (failure.kind) {
    case 'unreachable':
      return `${name} cannot be reached.`;
    case 'timed-out':
      return `${name} did not answer within ${(failure.afterMs / 1000).toFixed(1)} s.`;
    case 'credentials-rejected':
      return `${name} refuses the bot's key.`;
    case 'not-permitted':
      return failure.scope === null
        ? `${name} does not allow this with the bot's key.`
        : `${name} does not allow this with the bot's key; it lacks ${failure.scope}.`;
    case 'endpoint-missing':
      return `${name} does not know ${failure.path}.`;
    case 'rate-limited':
      return failure.retryAfterMs === null
        ? `${name} limits the rate of requests.`
        : `${name} limits the rate of requests; try again in ${Math.ceil(failure.retryAfterMs / 1000)} s.`;
    case 'request-refused':
      return `${name} refused the request (${[failure.status, failure.code].filter(Boolean).join(' ')}).`;
    case 'upstream-broken':
      return `${name} is in trouble itself (HTTP ${failure.status}).`;
    case 'unexpected-shape':
      return `${name} answered with something that is not its API.`;
    case 'not-configured':
      return `${name} is not configured.`;
    case 'not-provided':
      return `${name} does not provide ${failure.what}.`;
    default:
      return unreachable(failure);
  }
}

/** Whether a source refuses the key itself, and not only one question that the key has no right to. */
export function refusesKey(failure: UpstreamFailure): boolean {
  return failure.kind === 'credentials-rejected' || (failure.kind === 'not-permitted' && failure.scope === null);
}
