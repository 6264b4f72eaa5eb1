import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { OpenStore } from '../../src/adapters/store/index.ts';
import type { Actor } from '../../src/core/actor.ts';
import type { ClaimRecord, ClaimSubject } from '../../src/core/claim.ts';
import type { Result } from '../../src/core/result.ts';
import type { ClaimRequest, Offer } from '../../src/core/store-ports.ts';

export const ADA: Actor = { surface: 'discord', id: '1001', name: 'Ada', role: 'support' };
const A_MINUTE_MS = 60_000;
/** Over before the next question is asked. */
const SHORT_MS = 1;

/** The value of a question that must have been answered. */
export function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`No answer: ${JSON.stringify(result.failure)}`);
  return result.value;
}

/** A claim on a subject of its own that `one` holds for a minute; a test names only what it is about. */
export function aRequest(given: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    subject: `order:${randomUUID()}`,
    action: 'retry-provisioning',
    actor: ADA,
    reason: null,
    target: { orderId: 'o-1' },
    holder: 'one',
    holdMs: A_MINUTE_MS,
    watchedUntil: new Date('2026-01-01T00:20:00.000Z'),
    words: 'Retry provisioning was pressed.',
    ...given,
  };
}

/** An offer for a minute. */
export function anOffer(given: Partial<Offer> = {}): Omit<Offer, 'id' | 'usedAt'> {
  return {
    action: 'retry-provisioning',
    subject: 'order:o-1',
    digest: 'd1',
    permission: 'act.retry',
    expiresAt: new Date(Date.now() + A_MINUTE_MS),
    ...given,
  };
}

export async function taken(store: OpenStore, request = aRequest()): Promise<ClaimRecord> {
  const end = valueOf(await store.claims.take(request));
  expect(end.kind).toBe('taken');
  return end.claim;
}

/** A claim of `one`, who was not heard of in time. */
async function lapsed(store: OpenStore, subject?: ClaimSubject): Promise<ClaimRecord> {
  const claim = await taken(store, aRequest({ holdMs: SHORT_MS, ...(subject === undefined ? {} : { subject }) }));
  await sleep(SHORT_MS + 5);
  return claim;
}

/** What every store keeps, whatever it is on. */
export function describeStore(storeOf: () => OpenStore): void {
  test('a claim is read back as it was taken', async () => {
    const request = aRequest({ reason: 'The customer waits.', target: { list: [1, 'two', null], nul: '\0' } });
    const claim = await taken(storeOf(), request);
    expect(claim).toMatchObject({
      subject: request.subject,
      action: 'retry-provisioning',
      attempt: 1,
      actor: ADA,
      reason: 'The customer waits.',
      target: request.target,
      steps: [],
      holder: 'one',
      isHeld: true,
      watchedUntil: request.watchedUntil,
      outcome: null,
      closedAt: null,
    });
    expect(Math.abs(claim.takenAt.getTime() - Date.now())).toBeLessThan(A_MINUTE_MS);
    expect(valueOf(await storeOf().claims.byId(claim.id))).toEqual(claim);
    expect(valueOf(await storeOf().claims.liveOf(request.subject))).toEqual(claim);
    expect(valueOf(await storeOf().claims.recentOf(request.subject, new Date(0)))).toEqual([claim]);
  });

  test('a subject has one live claim over all actions, and the others are told which', async () => {
    const first = await taken(storeOf());
    const second = await storeOf().claims.take(
      aRequest({ subject: first.subject, action: 'link-server', holder: 'two' }),
    );
    expect(valueOf(second)).toEqual({ kind: 'live', claim: first });
  });

  test('of many who take the same claim at once, one gets it and the others are told of it', async () => {
    const subject: ClaimSubject = `order:${randomUUID()}`;
    const ends = await Promise.all(
      Array.from({ length: 10 }, (_, index) => storeOf().claims.take(aRequest({ subject, holder: `${index}` }))),
    );
    expect(ends.map(valueOf).filter(({ kind }) => kind === 'taken')).toHaveLength(1);
    expect(new Set(ends.map((end) => valueOf(end).claim.id)).size).toBe(1);
  });

  test('a lapsed claim still keeps its subject', async () => {
    const claim = await lapsed(storeOf());
    expect(valueOf(await storeOf().claims.take(aRequest({ subject: claim.subject })))).toMatchObject({
      kind: 'live',
      claim: { id: claim.id, isHeld: false },
    });
  });

  test('attempts are counted for each action of a subject by itself', async () => {
    const subject: ClaimSubject = `order:${randomUUID()}`;
    const attempts = [];
    for (const action of ['retry-provisioning', 'retry-provisioning', 'link-server', 'retry-provisioning'] as const) {
      const claim = await taken(storeOf(), aRequest({ subject, action }));
      attempts.push(claim.attempt);
      valueOf(await storeOf().claims.close(claim.id, 'one', { kind: 'not-applied', words: 'Nothing happened.' }));
    }
    expect(attempts).toEqual([1, 2, 1, 3]);
    const recent = valueOf(await storeOf().claims.recentOf(subject, new Date(0)));
    expect(recent.map(({ attempt }) => attempt)).toEqual([3, 1, 2, 1]);
    expect(valueOf(await storeOf().claims.recentOf(subject, new Date(Date.now() + A_MINUTE_MS)))).toEqual([]);
  });

  test('a step is recorded before its write and again with its end', async () => {
    const { claims } = storeOf();
    const { id } = await taken(storeOf());
    expect(valueOf(await claims.beginStep(id, 'one', 'reset', A_MINUTE_MS))).toBe(true);
    expect(valueOf(await claims.byId(id))?.steps).toMatchObject([{ name: 'reset', endedAt: null, end: null }]);
    const done = { kind: 'done', words: 'Set to paid.', data: { rows: 1, seen: null } } as const;
    expect(valueOf(await claims.endStep(id, 'one', 'reset', done))).toBe(true);
    expect(valueOf(await claims.beginStep(id, 'one', 'invoke', A_MINUTE_MS))).toBe(true);
    expect(valueOf(await claims.endStep(id, 'one', 'invoke', { kind: 'unclear', words: 'No answer.' }))).toBe(true);
    const steps = valueOf(await claims.byId(id))?.steps;
    expect(steps?.map(({ name, end }) => ({ name, end }))).toEqual([
      { name: 'reset', end: done },
      { name: 'invoke', end: { kind: 'unclear', words: 'No answer.' } },
    ]);
    expect(steps?.every(({ begunAt, endedAt }) => endedAt !== null && endedAt >= begunAt)).toBe(true);
  });

  test('a step begins once, however many begin it at the same moment', async () => {
    const { claims } = storeOf();
    const { id } = await taken(storeOf());
    const begun = await Promise.all([1, 2, 3].map(() => claims.beginStep(id, 'one', 'reset', A_MINUTE_MS)));
    expect(begun.map(valueOf).toSorted()).toEqual([false, false, true]);
  });

  test('a step ends once, and only when it was begun', async () => {
    const { claims } = storeOf();
    const { id } = await taken(storeOf());
    const end = { kind: 'done', words: 'Done.' } as const;
    expect(valueOf(await claims.endStep(id, 'one', 'reset', end))).toBe(false);
    valueOf(await claims.beginStep(id, 'one', 'reset', A_MINUTE_MS));
    expect(valueOf(await claims.endStep(id, 'one', 'reset', end))).toBe(true);
    expect(valueOf(await claims.endStep(id, 'one', 'reset', { ...end, kind: 'failed' }))).toBe(false);
    expect(valueOf(await claims.byId(id))?.steps[0]?.end?.kind).toBe('done');
  });

  test('beginning a step and renewing hold the claim longer', async () => {
    const { claims } = storeOf();
    const first = await taken(storeOf(), aRequest({ holdMs: 500 }));
    valueOf(await claims.beginStep(first.id, 'one', 'reset', A_MINUTE_MS));
    const second = await taken(storeOf(), aRequest({ holdMs: 500 }));
    const seen = { kind: 'pending', words: 'Still installing.' } as const;
    expect(valueOf(await claims.renew(second.id, 'one', A_MINUTE_MS, seen))).toBe(true);
    expect(valueOf(await claims.renew(second.id, 'one', A_MINUTE_MS, null))).toBe(true);
    await sleep(550);
    expect(valueOf(await claims.byId(first.id))).toMatchObject({ isHeld: true });
    expect(valueOf(await claims.byId(second.id))).toMatchObject({ isHeld: true, outcome: seen });
  });

  const lost = async (claim: ClaimRecord, holder: string): Promise<void> => {
    const { claims } = storeOf();
    const before = valueOf(await claims.byId(claim.id));
    const outcome = { kind: 'applied', words: 'A server was seen.' } as const;
    expect(
      (
        await Promise.all([
          claims.beginStep(claim.id, holder, 'invoke', A_MINUTE_MS),
          claims.endStep(claim.id, holder, 'reset', { kind: 'done', words: 'Done.' }),
          claims.renew(claim.id, holder, A_MINUTE_MS, outcome),
          claims.release(claim.id, holder, outcome),
          claims.close(claim.id, holder, outcome),
        ])
      ).map(valueOf),
    ).toEqual([false, false, false, false, false]);
    expect(valueOf(await claims.byId(claim.id))).toEqual(before);
  };

  test('who was silent for too long can change nothing any more', async () => {
    await lost(await lapsed(storeOf()), 'one');
  });

  test('who lost the claim to another process can change nothing any more', async () => {
    const { claims } = storeOf();
    const claim = await taken(storeOf());
    valueOf(await claims.beginStep(claim.id, 'one', 'reset', SHORT_MS));
    await sleep(SHORT_MS + 5);
    const over = valueOf(await claims.takeOver(claim.id, 'two', A_MINUTE_MS));
    expect(over).toMatchObject({ id: claim.id, holder: 'two', isHeld: true, steps: [{ name: 'reset', end: null }] });
    await lost(claim, 'one');
    expect(valueOf(await claims.endStep(claim.id, 'two', 'reset', { kind: 'done', words: 'Done.' }))).toBe(true);
  });

  test('a stranger, and whoever closed the claim, can change nothing', async () => {
    const claim = await taken(storeOf());
    await lost(claim, 'two');
    valueOf(await storeOf().claims.close(claim.id, 'one', { kind: 'applied', words: 'A server was seen.' }));
    await lost(claim, 'one');
  });

  test('a claim is taken over only when it is live and nobody holds it, and by one', async () => {
    const { claims } = storeOf();
    const held = await taken(storeOf());
    expect(valueOf(await claims.takeOver(held.id, 'two', A_MINUTE_MS))).toBeNull();
    expect(valueOf(await claims.takeOver('nothing', 'two', A_MINUTE_MS))).toBeNull();
    valueOf(await claims.close(held.id, 'one', { kind: 'applied', words: 'A server was seen.' }));
    expect(valueOf(await claims.takeOver(held.id, 'two', A_MINUTE_MS))).toBeNull();
    const free = await lapsed(storeOf());
    const ends = await Promise.all(['two', 'three'].map((holder) => claims.takeOver(free.id, holder, A_MINUTE_MS)));
    expect(ends.map(valueOf).filter((claim) => claim !== null)).toHaveLength(1);
  });

  test('a released claim is live, abandoned, and may be taken over at once', async () => {
    const { claims } = storeOf();
    const first = await lapsed(storeOf());
    const second = await taken(storeOf());
    const seen = { kind: 'pending', words: 'Still installing.' } as const;
    expect(valueOf(await claims.release(second.id, 'one', seen))).toBe(true);
    const held = await taken(storeOf());
    const known = new Set([first.id, second.id, held.id]);
    const abandoned = valueOf(await claims.abandoned()).filter(({ id }) => known.has(id));
    expect(abandoned.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(abandoned[1]).toMatchObject({ isHeld: false, outcome: seen, closedAt: null });
    expect(valueOf(await claims.takeOver(second.id, 'two', A_MINUTE_MS))).toMatchObject({ holder: 'two' });
  });

  test('closing a claim keeps the outcome and frees its subject', async () => {
    const { claims } = storeOf();
    const claim = await taken(storeOf());
    const outcome = { kind: 'applied', words: 'A server was seen.' } as const;
    expect(valueOf(await claims.close(claim.id, 'one', outcome))).toBe(true);
    expect(valueOf(await claims.liveOf(claim.subject))).toBeNull();
    expect(valueOf(await claims.byId(claim.id))).toMatchObject({ outcome, isHeld: false, closedAt: expect.any(Date) });
  });

  test('beginning, each step and the outcome of a claim are in the audit log, newest first', async () => {
    const { claims, audit } = storeOf();
    const { id, subject } = await taken(storeOf());
    valueOf(await claims.beginStep(id, 'one', 'invoke', A_MINUTE_MS));
    valueOf(await claims.endStep(id, 'one', 'invoke', { kind: 'done', words: 'It answered 200.' }));
    valueOf(await claims.close(id, 'one', { kind: 'applied', words: 'A server was seen.' }));
    const rows = valueOf(await audit.list({ subject, limit: 10 }));
    expect(rows.map(({ event, words }) => [event, words])).toEqual([
      ['outcome', 'applied: A server was seen.'],
      ['step', 'invoke: done: It answered 200.'],
      ['begun', 'Retry provisioning was pressed.'],
    ]);
    expect(rows.every((row) => row.claimId === id && row.subject === subject && row.actor.id === ADA.id)).toBe(true);
    const numbers = rows.map((row) => row.number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
  });

  test('who was refused a claim leaves no row that says it was begun', async () => {
    const { subject } = await taken(storeOf());
    valueOf(await storeOf().claims.take(aRequest({ subject })));
    expect(valueOf(await storeOf().audit.list({ subject, limit: 10 }))).toHaveLength(1);
  });

  test('the audit log lists what was asked and refused, over all subjects and up to a limit', async () => {
    const { audit } = storeOf();
    const entry = { actor: ADA, action: 'vouch', claimId: null, words: 'No payment is known.' } as const;
    for (const subject of ['order:a', 'session:b', 'endpoint:c'] as const) {
      valueOf(await audit.append({ ...entry, event: 'refused', subject }));
    }
    expect(valueOf(await audit.list({ limit: 2 })).map(({ subject }) => subject)).toEqual(['endpoint:c', 'session:b']);
    expect(valueOf(await audit.list({ subject: 'order:a', limit: 2 }))).toMatchObject([{ ...entry, event: 'refused' }]);
  });

  test('no e-mail address is kept in words, reasons or names', async () => {
    const { claims, audit, vouches } = storeOf();
    const address = 'eve@example.com';
    const actor: Actor = { ...ADA, id: address, name: `Eve ${address}` };
    const orderId = randomUUID();
    const { id, subject } = await taken(
      storeOf(),
      aRequest({ actor, reason: address, words: `For ev\u200be@example.com` }),
    );
    valueOf(await claims.beginStep(id, 'one', 'invoke', A_MINUTE_MS));
    valueOf(await claims.endStep(id, 'one', 'invoke', { kind: 'failed', words: address }));
    valueOf(await claims.close(id, 'one', { kind: 'unknown', words: address }));
    valueOf(await vouches.add({ orderId, reason: address, actor }));
    const kept = JSON.stringify([
      valueOf(await audit.list({ subject, limit: 10 })),
      valueOf(await claims.byId(id)),
      valueOf(await vouches.of(orderId)),
    ]);
    expect(kept).not.toContain(address);
    expect(kept).toContain('e•••@example.com');
  });

  test('an offer is read back, and its id cannot be guessed', async () => {
    const { offers } = storeOf();
    const given = anOffer();
    const issued = await Promise.all(Array.from({ length: 20 }, () => offers.issue(given)));
    const ids = issued.map((offer) => valueOf(offer).id);
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) {
      expect(id).toMatch(/^[\w-]+$/);
      expect(Buffer.from(id, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
    }
    expect(valueOf(await offers.byId(ids[0] ?? ''))).toEqual({ ...given, id: ids[0], usedAt: null });
    expect(valueOf(await offers.byId('guessed'))).toBeNull();
  });

  test('an offer is used once, however many press it at the same moment', async () => {
    const { offers } = storeOf();
    const { id } = valueOf(await offers.issue(anOffer()));
    const uses = await Promise.all(Array.from({ length: 10 }, () => offers.use(id)));
    expect(uses.map(valueOf).filter(Boolean)).toHaveLength(1);
    expect(valueOf(await offers.byId(id))?.usedAt).toBeInstanceOf(Date);
  });

  test('an expired offer cannot be used, and is cleared away after a month', async () => {
    const { offers } = storeOf();
    const expired = valueOf(await offers.issue(anOffer({ expiresAt: new Date(Date.now() - A_MINUTE_MS) })));
    const old = valueOf(await offers.issue(anOffer({ expiresAt: new Date('2020-01-01T00:00:00.000Z') })));
    expect(valueOf(await offers.use(expired.id))).toBe(false);
    expect(valueOf(await offers.use('guessed'))).toBe(false);
    valueOf(await offers.issue(anOffer()));
    expect(valueOf(await offers.byId(expired.id))).toEqual(expired);
    expect(valueOf(await offers.byId(old.id))).toBeNull();
  });

  test('the first vouch for an order stays', async () => {
    const { vouches } = storeOf();
    const orderId = randomUUID();
    expect(valueOf(await vouches.of(orderId))).toBeNull();
    expect(valueOf(await vouches.add({ orderId, reason: 'A gift.', actor: ADA }))).toBe(true);
    expect(valueOf(await vouches.add({ orderId, reason: 'Again.', actor: ADA }))).toBe(false);
    expect(valueOf(await vouches.of(orderId))).toEqual({
      orderId,
      reason: 'A gift.',
      actor: ADA,
      at: expect.any(Date),
    });
  });
}
