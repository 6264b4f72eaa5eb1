import { keptActor, keptWords, opaqueId } from '../../src/adapters/store/words.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { ClaimRecord, ClaimSubject, Outcome, StepRecord } from '../../src/core/claim.ts';
import { succeed } from '../../src/core/result.ts';
import type { AuditEntry, AuditRecord, ClaimStore, Offer, Store, Vouch } from '../../src/core/store-ports.ts';

const offersKeptMs = 30 * 24 * 60 * 60_000;

interface Held {
  readonly record: Omit<ClaimRecord, 'isHeld' | 'steps'>;
  readonly steps: StepRecord[];
  heldUntilMs: number;
}

/** A store that forgets everything with the process and does no I/O. `now` is the clock that leases are judged by. */
export function createMemoryStore(now: () => number = Date.now): Store {
  const held: Held[] = [];
  const audited: AuditRecord[] = [];
  const offers = new Map<string, Offer>();
  const vouches = new Map<string, Vouch>();
  const at = (): Date => new Date(now());

  const isLive = ({ record }: Held): boolean => record.closedAt === null;
  const isHeld = (one: Held): boolean => isLive(one) && one.heldUntilMs > now();
  const recordOf = (one: Held): ClaimRecord =>
    structuredClone({ ...one.record, steps: one.steps, isHeld: isHeld(one) });
  const liveOn = (subject: ClaimSubject): Held | undefined =>
    held.find((one) => isLive(one) && one.record.subject === subject);
  const ofHolder = (claimId: string, holder: string): Held | undefined =>
    held.find((one) => one.record.id === claimId && one.record.holder === holder && isHeld(one));
  const change = (one: Held, over: Partial<Held['record']>): void => {
    held[held.indexOf(one)] = { ...one, record: { ...one.record, ...over } };
  };
  const append = (entry: AuditEntry): void => {
    const { event, action, subject, claimId } = entry;
    const kept = { event, action, subject, claimId, actor: nameCleaned(entry.actor), words: keptWords(entry.words) };
    audited.push({ ...kept, number: audited.length + 1, at: at() });
  };

  const claims: ClaimStore = {
    async take({ subject, action, actor, reason, target, holder, holdMs, watchedUntil, words }) {
      const live = liveOn(subject);
      if (live !== undefined) return succeed({ kind: 'live', claim: recordOf(live) });
      const earlier = held.filter(({ record }) => record.subject === subject && record.action === action);
      const one: Held = {
        record: {
          id: opaqueId(),
          subject,
          action,
          attempt: earlier.length + 1,
          actor: nameCleaned(actor),
          reason: reason === null ? null : keptWords(reason),
          target: asJson(target),
          holder,
          takenAt: at(),
          watchedUntil: new Date(watchedUntil),
          outcome: null,
          closedAt: null,
        },
        steps: [],
        heldUntilMs: now() + holdMs,
      };
      held.push(one);
      append({ event: 'begun', actor, action, subject, claimId: one.record.id, words });
      return succeed({ kind: 'taken', claim: recordOf(one) });
    },
    async beginStep(claimId, holder, name, holdMs) {
      const one = ofHolder(claimId, holder);
      if (one === undefined || one.steps.some((step) => step.name === name)) return succeed(false);
      one.steps.push({ name, begunAt: at(), endedAt: null, end: null });
      one.heldUntilMs = now() + holdMs;
      return succeed(true);
    },
    async endStep(claimId, holder, name, end) {
      const one = ofHolder(claimId, holder);
      const index = one?.steps.findIndex((step) => step.name === name && step.endedAt === null) ?? -1;
      const step = one?.steps[index];
      if (one === undefined || step === undefined) return succeed(false);
      const words = keptWords(end.words);
      one.steps[index] = { ...step, endedAt: at(), end: structuredClone({ ...end, words }) };
      append({ ...one.record, event: 'step', claimId, words: `${name}: ${end.kind}: ${end.words}` });
      return succeed(true);
    },
    async renew(claimId, holder, holdMs, seen) {
      const one = ofHolder(claimId, holder);
      if (one === undefined) return succeed(false);
      one.heldUntilMs = now() + holdMs;
      if (seen !== null) change(one, { outcome: kept(seen) });
      return succeed(true);
    },
    async takeOver(claimId, holder, holdMs) {
      const one = held.find(({ record }) => record.id === claimId);
      if (one === undefined || !isLive(one) || isHeld(one)) return succeed(null);
      one.heldUntilMs = now() + holdMs;
      change(one, { holder });
      return claims.byId(claimId);
    },
    async release(claimId, holder, seen) {
      const one = ofHolder(claimId, holder);
      if (one === undefined) return succeed(false);
      one.heldUntilMs = now();
      change(one, { outcome: kept(seen) });
      return succeed(true);
    },
    async close(claimId, holder, outcome) {
      const one = ofHolder(claimId, holder);
      if (one === undefined) return succeed(false);
      change(one, { outcome: kept(outcome), closedAt: at() });
      append({ ...one.record, event: 'outcome', claimId, words: `${outcome.kind}: ${outcome.words}` });
      return succeed(true);
    },
    async byId(claimId) {
      const one = held.find(({ record }) => record.id === claimId);
      return succeed(one === undefined ? null : recordOf(one));
    },
    async liveOf(subject) {
      const live = liveOn(subject);
      return succeed(live === undefined ? null : recordOf(live));
    },
    async abandoned() {
      return succeed(held.filter((one) => isLive(one) && !isHeld(one)).map(recordOf));
    },
    async recentOf(subject, since) {
      const recent = held.filter(({ record }) => record.subject === subject && record.takenAt >= since);
      return succeed(recent.map(recordOf).toReversed());
    },
  };

  return {
    claims,
    offers: {
      async issue({ action, subject, digest, permission, expiresAt }) {
        for (const [id, old] of offers) if (old.expiresAt.getTime() < now() - offersKeptMs) offers.delete(id);
        const offer = { id: opaqueId(), action, subject, digest, permission, expiresAt, usedAt: null };
        offers.set(offer.id, offer);
        return succeed(offer);
      },
      byId: async (offerId) => succeed(offers.get(offerId) ?? null),
      async use(offerId) {
        const offer = offers.get(offerId);
        if (offer === undefined || offer.usedAt !== null || offer.expiresAt.getTime() <= now()) return succeed(false);
        offers.set(offerId, { ...offer, usedAt: at() });
        return succeed(true);
      },
    },
    audit: {
      async append(entry) {
        append(entry);
        return succeed(undefined);
      },
      async list({ subject, limit }) {
        const rows = audited.filter((row) => subject === undefined || row.subject === subject);
        return succeed(rows.toReversed().slice(0, limit));
      },
    },
    vouches: {
      async add({ orderId, reason, actor }) {
        if (vouches.has(orderId)) return succeed(false);
        vouches.set(orderId, { orderId, reason: keptWords(reason), actor: nameCleaned(actor), at: at() });
        return succeed(true);
      },
      of: async (orderId) => succeed(vouches.get(orderId) ?? null),
    },
  };
}

function kept({ kind, words }: Outcome): Outcome {
  return { kind, words: keptWords(words) };
}

function nameCleaned(actor: Actor): Actor {
  return JSON.parse(keptActor(actor)) as Actor;
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
