import type { UploadedFile } from './messages.ts';
import type { World } from './state.ts';

/** A request that passed the door. */
export interface Call {
  readonly world: World;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** Below `/api/v10`; `:name` stands for one part of the path. */
  readonly path: string;
  /** Interaction tokens speak for themselves: such routes need no bot token and have no part in the global limit. */
  readonly isByToken?: boolean;
  /** Callbacks follow no bucket at all. */
  readonly isUnlimited?: boolean;
  handle(call: Call): Reply;
}

/** A parameter that the route's pattern names. */
export function param({ params }: Call, name: string): string {
  const value = params[name];
  if (value === undefined) throw new Error(`The route has no part :${name}.`);
  return value;
}

export function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

export const noContent: Reply = { status: 204 };

/** The parts a path fills in, or `null` when the pattern is another one. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}
