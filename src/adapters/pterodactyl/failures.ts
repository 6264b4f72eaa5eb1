import type { UpstreamFailure } from '../../core/failure.ts';
import type { HttpAnswer } from '../http.ts';
import { refusalShape } from './shapes.ts';

/** The first entry of the panel's error envelope; `null` when the answer is not the panel's. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
}

export function refusalOf(json: unknown): Refusal | null {
  const parsed = refusalShape.safeParse(json);
  return parsed.success ? (parsed.data.errors[0] ?? null) : null;
}

export function codeOf(json: unknown): string | null {
  return refusalOf(json)?.code ?? null;
}

/**
 * What a refusal of the panel means, where it is more than its status: `scope` is what the key needs for the call.
 * A missing thing is an answer.
 */
export function readPanelRefusal(scope: string, path: string, answer: HttpAnswer): UpstreamFailure | 'answer' | null {
  const source = 'pterodactyl';
  const { status } = answer;
  const refusal = refusalOf(answer.json);
  if (status === 404) return readMissing(refusal, path);
  // A firewall's or sign-in page in front of the panel says nothing about the key.
  if (status === 403 && /text\/html/i.test(answer.headers['content-type'] ?? '')) {
    return { source, kind: 'unexpected-shape', path };
  }
  if (refusal?.code === 'DaemonConnectionException') return ofDaemon(status);
  if (status === 403 && refusal !== null) {
    // Up to 1.7 a key that is wrong or revoked gets this instead of 401.
    if (refusal.detail === '') return { source, kind: 'credentials-rejected' };
    return { source, kind: 'not-permitted', scope: isAboutKeyOwner(refusal) ? null : scope };
  }
  return null;
}

/** Both "no such row" and "no such route" are 404 with the same code; only the words tell them apart. */
function readMissing(refusal: Refusal | null, path: string): UpstreamFailure | 'answer' {
  const source = 'pterodactyl';
  if (refusal === null) return { source, kind: 'unexpected-shape', path };
  return refusal.detail.startsWith('The route ') ? { source, kind: 'endpoint-missing', path } : 'answer';
}

/** The status is what Wings answered: it never speaks of the bot's key. */
function ofDaemon(status: number): UpstreamFailure {
  const source = 'pterodactyl';
  return status >= 500
    ? { source, kind: 'upstream-broken', status }
    : { source, kind: 'request-refused', status, code: 'DaemonConnectionException' };
}

/** Refused for every resource: the owner is no longer root admin, the address is not allowed, or the key's kind is wrong. */
function isAboutKeyOwner({ detail }: Refusal): boolean {
  return /^(?:This account does not|This IP address|You are attempting to use an application API key)/.test(detail);
}
