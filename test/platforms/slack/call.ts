import type { Events } from './events.ts';
import type { Tier } from './rate-limits.ts';
import { isJson, type Json } from './shape.ts';
import type { Sockets } from './sockets.ts';
import type { State } from './state.ts';
import type { Triggers } from './views.ts';

/** Ends a call of the Web API with Slack's `ok: false`. */
export class Refusal extends Error {
  readonly details: Json;

  constructor(error: string, details: Json = {}) {
    super(error);
    this.details = details;
  }
}

/** What the methods work on. */
export interface Methods {
  readonly state: State;
  readonly triggers: Triggers;
  readonly events: Events;
  readonly sockets: Sockets;
}

/** A method of the Web API: https://docs.slack.dev/reference/methods */
export interface Method {
  readonly token: 'bot' | 'app' | 'any';
  readonly tier: Tier;
  /** Scopes every call needs; what depends on the channel is asked for by the method itself. */
  readonly scopes?: readonly string[];
  run(args: CallArguments, world: Methods): Json;
}

/** The arguments of one call, as form fields or JSON. */
export interface CallArguments {
  readonly all: Json;
  has(name: string): boolean;
  /** Absent and empty are the same. */
  text(name: string): string;
  /** Refuses the call when it is absent. */
  required(name: string): string;
  flag(name: string): boolean;
  /** A JSON value, encoded once; `onBroken` is the error for what is none. */
  json(name: string, onBroken: string): unknown;
}

export function readArguments(all: Json): CallArguments {
  const text = (name: string): string => {
    const value = all[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    all,
    text,
    has: (name) => all[name] !== undefined && all[name] !== null,
    required(name) {
      const value = text(name);
      if (value === '') {
        throw new Refusal('invalid_arguments', {
          response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
        });
      }
      return value;
    },
    flag: (name) => all[name] === true || all[name] === 'true' || all[name] === '1',
    json(name, onBroken) {
      const value = all[name];
      if (value === undefined || value === '') return undefined;
      const decoded = typeof value === 'string' ? parsed(value, onBroken) : value;
      if (typeof decoded === 'string') throw new Refusal(onBroken);
      return decoded;
    },
  };
}

function parsed(text: string, onBroken: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(onBroken);
  }
}

/** The body of a call, or null when it is neither a form nor a JSON object. */
export async function bodyOf(request: Request): Promise<Json | null> {
  const type = request.headers.get('content-type') ?? '';
  const body = await request.text();
  if (type.startsWith('application/json')) {
    try {
      const value: unknown = JSON.parse(body);
      return isJson(value) ? value : null;
    } catch {
      return null;
    }
  }
  if (body === '') return {};
  return type.startsWith('application/x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(body)) : null;
}

/** Refuses the call without this scope, and remembers that it was used. */
export function needScope(state: State, needed: string): void {
  if (!state.grantedScopes.has(needed)) {
    throw new Refusal('missing_scope', { needed, provided: [...state.grantedScopes].join(',') });
  }
  state.usedScopes.add(needed);
}
