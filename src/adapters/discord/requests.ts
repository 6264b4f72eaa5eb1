import { setTimeout as sleep } from 'node:timers/promises';
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { fail, type Result, succeed } from '../../core/result.ts';

/** Why Discord did not do what was asked. */
export type Trouble =
  /** By the number of Discord's own list of errors. */
  | { readonly kind: 'refused'; readonly code: number; readonly status: number }
  | { readonly kind: 'rate-limited' }
  /** No answer, or one of a broken server: it may have been done. */
  | { readonly kind: 'unclear' };

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes */
export const errorCode = {
  unknownInteraction: 10_062,
  alreadyAcknowledged: 40_060,
  expiredToken: 50_027,
  missingAccess: 50_001,
} as const;

/** What went wrong with a request; throws what is a mistake of this program. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof DiscordAPIError) return { kind: 'refused', code: Number(error.code), status: error.status };
  if (error instanceof RateLimitError) return { kind: 'rate-limited' };
  if (error instanceof HTTPError || isFromNetwork(error)) return { kind: 'unclear' };
  throw error;
}

/** Time-outs, and what Node and its HTTP client say of connections that broke. */
function isFromNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'AbortError' || ('code' in error && typeof error.code === 'string') || error.cause !== undefined
  );
}

/** In words for the log: neither addresses, which hold tokens, nor what was sent. */
export function troubleWords(trouble: Trouble): string {
  return trouble.kind === 'refused' ? `error ${trouble.code}` : trouble.kind;
}

const pausesMs = [200, 600, 1200];

/** For requests that can be made twice: what is unclear is asked again a few times. */
export async function persist<T>(send: () => Promise<T>): Promise<Result<T, Trouble>> {
  for (let attempt = 0; ; attempt += 1) {
    const tried = await once(send);
    const pauseMs = pausesMs[attempt];
    if (tried.ok || tried.failure.kind !== 'unclear' || pauseMs === undefined) return tried;
    await sleep(pauseMs, undefined, { ref: false });
  }
}

/** One attempt. */
export async function once<T>(send: () => Promise<T>): Promise<Result<T, Trouble>> {
  try {
    return succeed(await send());
  } catch (error) {
    return fail(troubleOf(error));
  }
}
