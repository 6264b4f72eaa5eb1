import { type ExpressionBuilder, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { ClaimRecord, ClaimSubject, Outcome, StepEnd } from '../../core/claim.ts';
import type { ClaimRequest, ClaimStore } from '../../core/store-ports.ts';
import { appendAudit } from './audit.ts';
import { answer, StoreTrouble } from './failures.ts';
import { claimHead, readClaim } from './shapes.ts';
import type { Database, DatabaseTransaction, Tables } from './tables.ts';
import { keptActor, keptWords, opaqueId } from './words.ts';

/** Moves on while a statement waits for another one's row, which the start of a transaction does not. */
const databaseNow = sql<Date>`clock_timestamp()`;

/** How often a claim may be found live and closed again before it could be read. */
const takeAttempts = 5;

/** The claims. Every change asks in the database itself whether its process still holds the live claim. */
export function createClaimStore(database: Database): ClaimStore {
  const change = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) =>
    answer(() => database.transaction().execute(work));
  return {
    take: (request) =>
      answer(async () => {
        for (let attempt = 1; attempt <= takeAttempts; attempt += 1) {
          const taken = await database.transaction().execute((transaction) => insertClaim(transaction, request));
          if (taken !== null) return { kind: 'taken', claim: taken };
          const live = await readLive(database, request.subject);
          if (live !== null) return { kind: 'live', claim: live };
        }
        throw new StoreTrouble('broken');
      }),
    beginStep: (claimId, holder, name, holdMs) =>
      change(async (transaction) => {
        if ((await lockHeld(transaction, claimId, holder)) === null) return false;
        const begun = await transaction
          .insertInto('pterodoc.claim_steps')
          .values({ claim_id: claimId, name })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst();
        if (begun === undefined) return false;
        await updateClaim(transaction, claimId)
          .set({ held_until: heldFor(holdMs) })
          .execute();
        return true;
      }),
    endStep: (claimId, holder, name, end) =>
      change(async (transaction) => {
        const claim = await lockHeld(transaction, claimId, holder);
        if (claim === null || !(await writeEnd(transaction, claimId, name, end))) return false;
        await appendAudit(transaction, {
          ...claim,
          event: 'step',
          claimId,
          words: `${name}: ${end.kind}: ${end.words}`,
        });
        return true;
      }),
    renew: (claimId, holder, holdMs, seen) =>
      change(async (transaction) => {
        if ((await lockHeld(transaction, claimId, holder)) === null) return false;
        const outcome = seen === null ? {} : outcomeColumns(seen);
        await updateClaim(transaction, claimId)
          .set({ held_until: heldFor(holdMs), ...outcome })
          .execute();
        return true;
      }),
    takeOver: (claimId, holder, holdMs) =>
      change(async (transaction) => {
        const taken = await updateClaim(transaction, claimId)
          .set({ holder, held_until: heldFor(holdMs) })
          .where('closed_at', 'is', null)
          .where('held_until', '<=', databaseNow)
          .returning('id')
          .executeTakeFirst();
        return taken === undefined ? null : readById(transaction, claimId);
      }),
    release: (claimId, holder, seen) =>
      change(async (transaction) => {
        if ((await lockHeld(transaction, claimId, holder)) === null) return false;
        await updateClaim(transaction, claimId)
          .set({ held_until: databaseNow, ...outcomeColumns(seen) })
          .execute();
        return true;
      }),
    close: (claimId, holder, outcome) =>
      change(async (transaction) => {
        const claim = await lockHeld(transaction, claimId, holder);
        if (claim === null) return false;
        await updateClaim(transaction, claimId)
          .set({ closed_at: databaseNow, ...outcomeColumns(outcome) })
          .execute();
        const words = `${outcome.kind}: ${outcome.words}`;
        await appendAudit(transaction, { ...claim, event: 'outcome', claimId, words });
        return true;
      }),
    byId: (claimId) => answer(() => readById(database, claimId)),
    liveOf: (subject) => answer(() => readLive(database, subject)),
    abandoned: () =>
      answer(async () => {
        const rows = await selectClaims(database)
          .where('closed_at', 'is', null)
          .where('held_until', '<=', databaseNow)
          .orderBy('taken_at')
          .execute();
        return rows.map(readClaim);
      }),
    recentOf: (subject, since) =>
      answer(async () => {
        const rows = await selectClaims(database)
          .where('subject', '=', subject)
          .where('taken_at', '>=', since)
          .orderBy('taken_at', 'desc')
          .execute();
        return rows.map(readClaim);
      }),
  };
}

/** Lets go of every live claim: for a database that no other process can have open. */
export async function releaseAll(database: Database): Promise<void> {
  await database
    .updateTable('pterodoc.claims')
    .set({ held_until: databaseNow })
    .where('closed_at', 'is', null)
    .where('held_until', '>', databaseNow)
    .execute();
}

/** `null`: the unique index has let somebody else's claim in before. */
async function insertClaim(transaction: DatabaseTransaction, request: ClaimRequest): Promise<ClaimRecord | null> {
  const { subject, action, actor, reason, target, holder, holdMs, watchedUntil, words } = request;
  const earlier = sql<number>`(
    select count(*)::int + 1 from pterodoc.claims where subject = ${subject} and action = ${action}
  )`;
  const inserted = await transaction
    .insertInto('pterodoc.claims')
    .values({
      id: opaqueId(),
      subject,
      action,
      attempt: earlier,
      actor: keptActor(actor),
      reason: reason === null ? null : keptWords(reason),
      target: JSON.stringify(target ?? null),
      holder,
      held_until: heldFor(holdMs),
      watched_until: watchedUntil,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return null;
  await appendAudit(transaction, { event: 'begun', actor, action, subject, claimId: inserted.id, words });
  return readById(transaction, inserted.id);
}

/** Keeps everybody else from the claim until the transaction ends; `null`: `holder` does not hold the live claim. */
async function lockHeld(transaction: DatabaseTransaction, claimId: string, holder: string) {
  const row = await transaction
    .selectFrom('pterodoc.claims')
    .select(['action', 'subject', 'actor'])
    .where('id', '=', claimId)
    .where('holder', '=', holder)
    .where('closed_at', 'is', null)
    .where('held_until', '>', databaseNow)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : claimHead.parse(row);
}

/** `false`: it was not begun, or has ended already. */
async function writeEnd(
  transaction: DatabaseTransaction,
  claimId: string,
  name: string,
  { kind, words, data }: StepEnd,
): Promise<boolean> {
  const ended = await transaction
    .updateTable('pterodoc.claim_steps')
    .set({
      ended_at: databaseNow,
      end_kind: kind,
      end_words: keptWords(words),
      end_data: data === undefined ? null : JSON.stringify(data),
    })
    .where('claim_id', '=', claimId)
    .where('name', '=', name)
    .where('ended_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return ended !== undefined;
}

function updateClaim(transaction: DatabaseTransaction, claimId: string) {
  return transaction.updateTable('pterodoc.claims').where('id', '=', claimId);
}

function outcomeColumns({ kind, words }: Outcome) {
  return { outcome_kind: kind, outcome_words: keptWords(words) };
}

function heldFor(holdMs: number) {
  return sql<Date>`clock_timestamp() + ${holdMs}::float8 * interval '1 millisecond'`;
}

async function readById(database: Database, claimId: string): Promise<ClaimRecord | null> {
  const row = await selectClaims(database).where('id', '=', claimId).executeTakeFirst();
  return row === undefined ? null : readClaim(row);
}

async function readLive(database: Database, subject: ClaimSubject): Promise<ClaimRecord | null> {
  const row = await selectClaims(database)
    .where('subject', '=', subject)
    .where('closed_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? null : readClaim(row);
}

/** A claim and its steps in one statement, so that both are of the same moment. */
function selectClaims(database: Database) {
  return database
    .selectFrom('pterodoc.claims')
    .selectAll()
    .select((claim) => [
      sql<boolean>`closed_at is null and held_until > clock_timestamp()`.as('is_held'),
      stepsOf(claim).as('steps'),
    ]);
}

function stepsOf(claim: ExpressionBuilder<Tables, 'pterodoc.claims'>) {
  return jsonArrayFrom(
    claim
      .selectFrom('pterodoc.claim_steps')
      .select(['name', 'begun_at', 'ended_at', 'end_kind', 'end_words', 'end_data'])
      .whereRef('pterodoc.claim_steps.claim_id', '=', 'pterodoc.claims.id')
      .orderBy('number'),
  );
}
