import type { StoreAnswer, StoreFailure } from '../../core/store-ports.ts';
import { fail, succeed } from '../../core/result.ts';

/** What an adapter of a database throws where the database itself gave no code. */
export class StoreTrouble extends Error {
  readonly kind: StoreFailure['kind'];

  constructor(kind: StoreFailure['kind']) {
    super(`The store is ${kind}.`);
    this.kind = kind;
  }
}

/** Runs one question to the database; whatever it ends with is a value. */
export async function answer<T>(work: () => Promise<T>): StoreAnswer<T> {
  try {
    return succeed(await work());
  } catch (error) {
    return fail(storeFailureOf(error));
  }
}

/** Names the trouble by its code; text of the database could hold anything, an address with its password included. */
export function storeFailureOf(error: unknown): StoreFailure {
  if (error instanceof StoreTrouble) return { kind: error.kind };
  return { kind: kindOf(codeOf(error)) };
}

/** The SQLSTATE, or the operating system's code, of an error; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
function kindOf(code: string): StoreFailure['kind'] {
  switch (code) {
    case '25006':
    case '42501':
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'read-only';
    case '53100':
    case 'ENOSPC':
    case 'EDQUOT':
      return 'full';
    case '57014':
    case '55P03':
    case '25P03':
    case '25P04':
      return 'lost';
    case '53300':
    case '57P01':
    case '57P02':
    case '57P03':
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'unreachable';
    default:
      return code.startsWith('08') ? 'unreachable' : 'broken';
  }
}
