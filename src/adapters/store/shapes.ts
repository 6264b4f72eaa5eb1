import { z } from 'zod';
import type { Actor } from '../../core/actor.ts';
import type { ActionId } from '../../core/check.ts';
import type { ClaimRecord, OutcomeKind, StepEndKind, StepRecord } from '../../core/claim.ts';
import type { Permission } from '../../core/permission.ts';
import { roles } from '../../core/permission.ts';
import type { AuditEntry, AuditRecord, Offer, ViewId, Vouch } from '../../core/store-ports.ts';

/** Every word of a type, so that one more in core is a compile error here. */
type EveryWord<T extends string> = { readonly [K in T]: K };

/** Another version may have written of an action that this one does not know: it is still read. */
const actionId = z.custom<ActionId>((value) => typeof value === 'string');
const offeredId = z.custom<ActionId | ViewId>((value) => typeof value === 'string');

const permission = z.enum({
  'diagnose.own': 'diagnose.own',
  'diagnose.any': 'diagnose.any',
  'overview.read': 'overview.read',
  'act.retry': 'act.retry',
  'act.account': 'act.account',
  'incident.handle': 'incident.handle',
  'act.webhook': 'act.webhook',
  'act.repair': 'act.repair',
  'act.reinstall': 'act.reinstall',
  'act.bulk': 'act.bulk',
  'act.vouch': 'act.vouch',
  'audit.read': 'audit.read',
  'configuration.change': 'configuration.change',
} as const satisfies EveryWord<Permission>);

const outcomeKind = z.enum({
  applied: 'applied',
  'not-applied': 'not-applied',
  pending: 'pending',
  unknown: 'unknown',
} as const satisfies EveryWord<OutcomeKind>);

const stepEndKind = z.enum({
  done: 'done',
  refused: 'refused',
  failed: 'failed',
  unclear: 'unclear',
} as const satisfies EveryWord<StepEndKind>);

const auditEvent = z.enum({
  asked: 'asked',
  refused: 'refused',
  begun: 'begun',
  step: 'step',
  outcome: 'outcome',
} as const satisfies EveryWord<AuditEntry['event']>);

const surface = z.enum({
  terminal: 'terminal',
  web: 'web',
  discord: 'discord',
  slack: 'slack',
} as const satisfies EveryWord<Actor['surface']>);

const subject = z.templateLiteral([z.enum(['order', 'session', 'endpoint', 'person']), ':', z.string()]);
const actor = z.object({ surface, id: z.string(), name: z.string(), role: z.enum(roles).nullable() });
/** Within JSON a time is a text. */
const time = z.coerce.date();

const stepRow = z.object({
  name: z.string(),
  begun_at: time,
  ended_at: time.nullable(),
  end_kind: stepEndKind.nullable(),
  end_words: z.string().nullable(),
  end_data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
});

const claimRow = z.object({
  id: z.string(),
  subject,
  action: actionId,
  attempt: z.int(),
  actor,
  reason: z.string().nullable(),
  target: z.unknown(),
  steps: z.array(stepRow),
  holder: z.string(),
  is_held: z.boolean(),
  taken_at: time,
  watched_until: time,
  outcome_kind: outcomeKind.nullable(),
  outcome_words: z.string().nullable(),
  closed_at: time.nullable(),
});

/** A claim with its steps, read from a row; throws where the row has another shape. */
export function readClaim(row: unknown): ClaimRecord {
  const { taken_at, watched_until, outcome_kind, outcome_words, closed_at, is_held, steps, ...same } =
    claimRow.parse(row);
  return {
    ...same,
    steps: steps.map(readStep),
    isHeld: is_held,
    takenAt: taken_at,
    watchedUntil: watched_until,
    outcome: outcome_kind === null || outcome_words === null ? null : { kind: outcome_kind, words: outcome_words },
    closedAt: closed_at,
  };
}

function readStep({ name, begun_at, ended_at, end_kind, end_words, end_data }: z.infer<typeof stepRow>): StepRecord {
  const isEnded = end_kind !== null && end_words !== null;
  return {
    name,
    begunAt: begun_at,
    endedAt: ended_at,
    end: isEnded ? { kind: end_kind, words: end_words, ...(end_data === null ? {} : { data: end_data }) } : null,
  };
}

/** What an audit row of a claim repeats of it. */
export const claimHead = z.object({ action: actionId, subject, actor });

const auditRow = z.object({
  number: z.int(),
  at: time,
  event: auditEvent,
  actor,
  action: actionId,
  subject,
  claim_id: z.string().nullable(),
  words: z.string(),
});

/** A row of the audit log. */
export function readAudit(row: unknown): AuditRecord {
  const { claim_id, ...same } = auditRow.parse(row);
  return { ...same, claimId: claim_id };
}

const offerRow = z.object({
  id: z.string(),
  action: offeredId,
  subject,
  digest: z.string(),
  permission,
  expires_at: time,
  used_at: time.nullable(),
});

/** An offer. */
export function readOffer(row: unknown): Offer {
  const { expires_at, used_at, ...same } = offerRow.parse(row);
  return { ...same, expiresAt: expires_at, usedAt: used_at };
}

const vouchRow = z.object({ order_id: z.string(), reason: z.string(), actor, at: time });

/** An admin's word. */
export function readVouch(row: unknown): Vouch {
  const { order_id, ...same } = vouchRow.parse(row);
  return { ...same, orderId: order_id };
}
