import { z } from 'zod';
import type { UpstreamFailure } from '../../core/failure.ts';
import { fail, type Result, succeed } from '../../core/result.ts';

const timestampForm = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?$/;

/** A moment as Postgres, PostgREST or the logs write it; without a zone it is UTC. `null`: it is none. */
export function readTimestamp(text: string): Date | null {
  const match = timestampForm.exec(text.trim());
  if (match === null) return null;
  const [, day, time, , hours, minutes] = match;
  const at = new Date(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`}`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Postgres knows moments that no clock shows: endless ones, and years before 1 or after 9999. */
const beyondClocks = /^(-?)infinity$|^\d{5,6}-[-\d:.T+ ]+$|^\d{4,6}-[-\d:.T+ ]+( BC)$/;

/** Anybody may write such a moment into a row of theirs, and must not make the rows beside it unreadable. */
function readAnyTimestamp(text: string): Date | null {
  const match = beyondClocks.exec(text);
  if (match === null) return readTimestamp(text);
  const [, sign, era] = match;
  return new Date(sign === '-' || era !== undefined ? '0001-01-01T00:00:00Z' : '9999-12-31T00:00:00Z');
}

const timestamp = z.string().transform((text, context) => {
  const at = readAnyTimestamp(text);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: 'not a timestamp' });
  return z.NEVER;
});
const id = z.union([z.string(), z.number()]).transform(String);
const text = z.string().nullish().default(null);

/** What a lacking column leaves open is read as `null`. */
export const orderRow = z.object({
  id,
  user_id: id,
  status: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
  pterodactyl_server_id: z.number().nullable(),
  pterodactyl_server_identifier: text,
  item_type: text,
  plan_id: id.nullish().default(null),
  term: text,
  region: text,
  server_name: text,
  stripe_sub_id: text,
  node_id: id.nullish().default(null),
});

export const planRow = z.object({
  id,
  game: text,
  /** `null` on what is sold without memory of its own. */
  ram_gb: z.number().nullable(),
});

export const embeddedPlan = z.object({ plan: planRow.nullish().default(null) });

/** The part of an order that says how much of a node it takes. */
export const occupationRow = z.object({ node_id: id, plan_id: id.nullish().default(null) });

export const nodeUsageRow = z.object({ node_id: id, used_gb: z.coerce.number() });

export const nodeRow = z.object({
  id,
  pterodactyl_node_id: z.number(),
  region: text,
  max_ram_gb: z.number(),
  reserved_headroom_gb: z.number().nullish().default(0),
  enabled: z.boolean(),
  last_seen_at: timestamp.nullish().default(null),
});

export const serverIdRow = z.object({ pterodactyl_server_id: z.number() });

export const profileRow = z.object({ email: text, first_name: text, last_name: text });

export const externalAccountRow = z.object({
  pterodactyl_user_id: z.number(),
  last_synced_at: timestamp.nullish().default(null),
});

/** A sign-in account, as far as it is read. https://supabase.com/docs/reference/javascript/auth-admin-getuserbyid */
export const authUser = z.object({
  id: z.string(),
  email: z.string().nullish().default(null),
  email_confirmed_at: z.string().nullish().default(null),
  created_at: timestamp,
  deleted_at: z.string().nullish().default(null),
});

/** Of a list only what it takes to find somebody in it. */
export const authUserList = z.object({ users: z.array(authUser.pick({ id: true, email: true, deleted_at: true })) });

export const authRefusal = z.object({ code: z.unknown(), error_code: z.unknown() }).partial();

export const edgeFunctionList = z.array(
  z.object({
    id: z.string(),
    slug: z.string(),
    status: z.string(),
    verify_jwt: z.boolean().nullish().default(true),
    updated_at: z.number(),
  }),
);

export const secretList = z.array(
  z.object({ name: z.string(), value: z.string(), updated_at: timestamp.nullish().catch(null).default(null) }),
);

const cell = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null ? '' : String(value)));

/** A log query either has `result`, or it failed whatever its HTTP status says. */
export const logAnswer = z.object({
  result: z.array(
    z.object({
      id: cell,
      timestamp: z.string(),
      event_message: cell,
      source: z.string(),
      level: cell,
      event_type: cell,
      execution_id: cell,
      function_id: cell,
      pathname: cell,
      status: cell,
      ms: cell,
      user_agent: cell,
    }),
  ),
});

export type LogRow = z.output<typeof logAnswer>['result'][number];
export const logRefusal = z.object({ error: z.unknown().refine((error) => error != null) });

const atMostOneRow = z.array(z.looseObject({})).max(1);

/** Whether a write that asks for the rows it changed met the one it was meant for. */
export function readHit(data: unknown, path: string): Result<boolean, UpstreamFailure> {
  const rows = fit(atMostOneRow, data, 'supabase', path);
  return rows.ok ? succeed(rows.value.length === 1) : rows;
}

/** Reads foreign data; what does not fit is named by its place, never by its content. */
export function fit<S extends z.ZodType>(
  shape: S,
  data: unknown,
  source: 'supabase' | 'logs',
  path: string,
): Result<z.output<S>, UpstreamFailure> {
  const parsed = shape.safeParse(data);
  if (parsed.success) return succeed(parsed.data);
  const place = parsed.error.issues[0]?.path.map(String) ?? [];
  return fail({ source, kind: 'unexpected-shape', path: [path, ...place].join('.') });
}
